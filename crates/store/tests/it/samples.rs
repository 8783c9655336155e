//! Facts with everything set, so that nothing can be lost unseen.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    AdminEvent, Currency, EffectId, Event, IntentId, Keys, Moment, Money, Order, OrderNo,
    PaymentId, Quantity, Recorded, StoreId,
    address::{Address, Contact, Person},
    catalog::{Product, Variant},
    client::{Client, SecretHash},
    country::Country,
    customer::{Channel, Customer},
    delivery::DeliveryMethod,
    effect::{Action, Effect, EffectState, Lease, ProcessId},
    event::{
        ClientRemoved, CustomerErased, CustomerPut, CustomerRegistered, DeliveryMethodDeleted,
        Logged, OrderCancelled, OrderConfirmed, OrderCreated, OrderDelivered, OrderHeld,
        OrderMerchantUpdated, OrderPaid, OrderPersonErased, OrderReinstated, OrderReleased,
        OrderReviewDecided, OrderReviewStarted, OrderShipped, OrderVendorStatusChanged,
        PaymentChanged, ProductDeleted, RefundChanged, ReviewRulesPut, RuleHit, ShipmentCreated,
        ShipmentUpdated, StockChanged, StockLow, StoreSecretRotated,
    },
    idempotency::{Fingerprint, KeyHash, Remembered},
    order::{
        Adjustment, AdjustmentScope, CancelCause, Counts, DocumentNumber, Line, LineDetails,
        LineKind, Merchant, MerchantReference, OrderKind, PaymentMethod, ReviewStatus, Shipping,
        ShippingStatus, Status, TaxLine, VendorStatus,
    },
    payment::{Capture, IntentRequest, Payment, PaymentState},
    refund::{Refund, RefundItem, RefundState},
    review::{Check, ReviewRules, Rule, velocity::By},
    shipment::{Shipment, ShipmentItem},
    shop::Shop,
    stock::{Stock, StockKey},
};

/// 2025-06-27T12:00:00Z.
pub(crate) const NOON: i64 = 1_751_025_600_000;

/// Quotes, escapes, line ends, a zero, letters of four bytes: whatever a person types.
pub(crate) const AWKWARD: &str =
    "'; DROP TABLE \"orders\" -- \\ \t\r\n\u{0}\u{7f}\u{e9}\u{1f4e6}%_";

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn shelf(product: &str, variant: Option<&str>) -> StockKey {
    StockKey::main(id(product), variant.map(id))
}

pub(crate) fn keys(fill: impl FnOnce(&mut Keys)) -> Keys {
    let mut keys = Keys::default();
    fill(&mut keys);
    keys
}

pub(crate) fn product(name: &str) -> Product {
    Product {
        id: id(name),
        name: format!("The {name}"),
        sku: Some("SKU-1".into()),
        price: Money(12_345),
        currency: Currency::USD,
        active: true,
        requires_shipping: true,
        track_stock: true,
        weight_grams: 250,
        tax_class: Some("books".into()),
        delivery_methods: vec![id("express"), id("standard")],
        variants: vec![
            Variant { id: id("red"), name: "red".into(), sku: Some("R".into()), price: None },
            Variant { id: id("blue"), name: "blue".into(), sku: None, price: Some(Money(1)) },
        ],
        low_stock_at: Some(3),
        metadata: metadata(),
        version: 7,
    }
}

pub(crate) fn method(name: &str) -> DeliveryMethod {
    DeliveryMethod {
        id: id(name),
        name: format!("By {name}"),
        price: Money(1000),
        currency: Currency::parse("JPY").unwrap(),
        free_from: Some(Money(5000)),
        countries: vec![country("US"), country("DE")],
        max_weight_grams: Some(30_000),
        active: false,
        estimated_days: Some((2, 5)),
        version: 3,
    }
}

pub(crate) fn customer(name: &str) -> Customer {
    Customer {
        id: id(name),
        name: Some("Jane Doe".into()),
        email: Some("jane@example.com".into()),
        phone: Some("+1 555 0100".into()),
        locale: Some("en-US".into()),
        notify: vec![Channel::Sms],
        registered_at: Moment(NOON),
        version: 4,
    }
}

pub(crate) fn remembered() -> Remembered {
    Remembered {
        fingerprint: Fingerprint([0xf0; 16]),
        at: Moment(NOON),
        answer: vec![0, 1, b'{', b'}', 255],
        shows: Some(id("user789")),
    }
}

pub(crate) fn key_hash(byte: u8) -> KeyHash {
    KeyHash([byte; 16])
}

pub(crate) fn person() -> Person {
    let address = Address {
        name: Some("Jane Doe".into()),
        company: Some("Doe Ltd".into()),
        address: "123 Main St".into(),
        address2: Some("Floor 2".into()),
        city: "New York".into(),
        state: Some("NY".into()),
        zip: Some("10001".into()),
        country: country("US"),
        phone: Some("+1 555 0100".into()),
    };
    Person {
        shipping_address: Some(address.clone()),
        billing_address: Some(Address { address: "1 Side St".into(), ..address }),
        contact: Contact { email: Some("j@example.com".into()), phone: Some("1".into()) },
        notes: Some("ring twice".into()),
    }
}

/// An order in which no field is empty.
pub(crate) fn full_order(no: u64) -> Order {
    Order {
        no: OrderNo(no),
        kind: OrderKind::Sale,
        store: StoreId::FIRST,
        customer: Some(id("user789")),
        status: Status::Cancelled,
        shipping_status: ShippingStatus::PartiallyShipped,
        review_status: ReviewStatus::Passed,
        on_hold: true,
        hold_reason: Some("payment_mismatch".into()),
        currency: Currency::USD,
        lines: vec![line(1), line(2)],
        shipping: shipping(),
        adjustments: vec![Adjustment {
            id: "adj_1".into(),
            scope: AdjustmentScope::Line,
            kind: "discount".into(),
            name: Some("Summer".into()),
            amount: Money(-100),
            source: "SUMMER".into(),
            allocations: vec![(1, Money(-60)), (2, Money(-40))],
        }],
        total: Money(9_000_000_000_000_000),
        payment_method: PaymentMethod::BankTransfer,
        with_payment: true,
        on_account: true,
        payments: vec![payment()],
        refunds: vec![refund()],
        shipments: vec![shipment()],
        retrieval_no: Some(10_042),
        invoice: Some(number("INV")),
        credit_note: Some(number("INV-CN")),
        metadata: metadata(),
        merchant: Some(Box::new(Merchant {
            reference: Some(reference()),
            merchant_order_id: Some("12-34567".into()),
            vendor_status: Some(VendorStatus::LabelsPrintedDate),
        })),
        status_since: Some(Moment(NOON + 4)),
        version: 12,
        created_at: Moment(NOON),
        updated_at: Moment(NOON + 5),
        confirmed_at: Some(Moment(NOON + 1)),
        shipped_at: Some(Moment(NOON + 2)),
        delivered_at: Some(Moment(NOON + 3)),
        cancelled_at: Some(Moment(NOON + 4)),
        cancelled_by: Some(CancelCause::ReviewFailed),
        cancel_reason: Some("changed my mind".into()),
        person_erased: false,
        expires_at: Some(Moment(NOON + 6)),
        person: Some(Box::new(person())),
    }
}

/// An order as it is born, and what a list searches.
pub(crate) fn young_order(no: u64, store: u32, customer: Option<&str>, at: i64) -> Order {
    let mut created = created();
    created.customer = customer.map(id);
    Order::created(OrderNo(no), StoreId(store), Moment(at), &created)
}

pub(crate) fn recorded(seq: u64, store: u32, order: Option<u64>, event: Event) -> Recorded {
    Recorded {
        seq,
        at: Moment(NOON + i64::try_from(seq).unwrap()),
        store: StoreId(store),
        order: order.map(OrderNo),
        actor: "staff:boss".into(),
        request_id: format!("req-{seq}"),
        event,
    }
}

pub(crate) fn logged(seq: u64, event: AdminEvent) -> Logged {
    Logged {
        seq,
        at: Moment(NOON + i64::try_from(seq).unwrap()),
        actor: "staff:boss".into(),
        request_id: format!("req-{seq}"),
        event,
    }
}

pub(crate) fn every_event() -> Vec<Event> {
    let reason = Some("because".to_owned());
    vec![
        Event::OrderCreated(Box::new(created())),
        Event::OrderConfirmed(confirmed()),
        Event::OrderPaid(OrderPaid { amount: Money(5), currency: Currency::USD }),
        Event::OrderShipped(OrderShipped { reason: reason.clone() }),
        Event::OrderDelivered(OrderDelivered { reason: None }),
        Event::OrderCancelled(OrderCancelled {
            cause: CancelCause::Staff,
            reason,
            credit_note: Some(number("INV-CN")),
        }),
        Event::OrderReinstated(OrderReinstated {}),
        Event::OrderHeld(OrderHeld { reason: Some("payment_mismatch".into()) }),
        Event::OrderReleased(OrderReleased { reason: None }),
        Event::OrderReviewStarted(OrderReviewStarted {
            score: 110,
            threshold: 100,
            hits: vec![RuleHit {
                rule: id("large"),
                kind: "total_over".into(),
                score: 110,
                reason: AWKWARD.into(),
            }],
        }),
        Event::OrderReviewPassed(OrderReviewDecided { note: None }),
        Event::OrderReviewFailed(OrderReviewDecided { note: Some("stolen".into()) }),
        Event::RefundCreated(refund_changed(RefundState::Pending)),
        Event::OrderRefunded(refund_changed(RefundState::Succeeded)),
        Event::OrderRefundFailed(refund_changed(RefundState::Failed)),
        Event::PaymentCreated(payment_changed(PaymentState::Open)),
        Event::PaymentProcessing(payment_changed(PaymentState::Processing)),
        Event::PaymentAuthorized(payment_changed(PaymentState::Authorized)),
        Event::PaymentCaptured(payment_changed(PaymentState::Captured)),
        Event::PaymentFailed(payment_changed(PaymentState::Failed)),
        Event::PaymentCancelled(payment_changed(PaymentState::Cancelled)),
        Event::ShipmentCreated(ShipmentCreated { shipment: shipment() }),
        Event::ShipmentUpdated(ShipmentUpdated { shipment: shipment() }),
        stock_low(),
        Event::OrderPersonErased(OrderPersonErased {}),
        Event::OrderMerchantUpdated(OrderMerchantUpdated { merchant_order_id: "12-3".into() }),
        Event::OrderVendorStatusChanged(OrderVendorStatusChanged {
            vendor_status: VendorStatus::PreparingOrder,
        }),
    ]
}

pub(crate) fn every_admin_event() -> Vec<AdminEvent> {
    vec![
        AdminEvent::ProductPut(Box::new(product("p1"))),
        AdminEvent::ProductDeleted(ProductDeleted { id: id("p1") }),
        AdminEvent::StockChanged(StockChanged {
            stock: shelf("p1", Some("red")),
            delta: -3,
            on_hand: 4,
            reason: Some("broken".into()),
        }),
        AdminEvent::DeliveryMethodPut(Box::new(method("express"))),
        AdminEvent::DeliveryMethodDeleted(DeliveryMethodDeleted { id: id("express") }),
        AdminEvent::CustomerRegistered(CustomerRegistered {
            id: id("user789"),
            registered_at: Moment(NOON),
        }),
        AdminEvent::ClientCreated(Box::new(client("client_1"))),
        AdminEvent::ClientRemoved(ClientRemoved { id: id("client_1"), removed_at: Moment(NOON) }),
        AdminEvent::StorePut(Box::new(full_shop(2))),
        AdminEvent::ReviewRulesPut(ReviewRulesPut { store: StoreId(2), rules: review_rules() }),
        AdminEvent::CustomerPut(CustomerPut { id: id("user789"), changed: vec!["name".into()] }),
        AdminEvent::CustomerErased(CustomerErased { id: id("user789") }),
        AdminEvent::StoreSecretRotated(StoreSecretRotated { id: StoreId(2) }),
    ]
}

pub(crate) fn client(name: &str) -> Client {
    Client {
        id: id(name),
        name: "ERP".into(),
        scope: "orders:read events:read".into(),
        secret_hash: SecretHash::new([0xa5; 32]),
        created_at: Moment(NOON),
        removed_at: None,
    }
}

/// A store in which no field is empty.
pub(crate) fn full_shop(number: u32) -> Shop {
    Shop {
        id: StoreId(number),
        name: "Oslo".into(),
        currency: Currency::USD,
        time_zone: "Europe/Oslo".into(),
        invoice_prefix: "OSL".into(),
        past_prefixes: vec!["INV2".into()],
        success_url: Some("https://shop.example/".into()),
        success_hosts: vec!["shop.example".into()],
        test: true,
        secret_hash: None,
        version: 7,
        review: Some(review_rules()),
    }
}

/// A rule of each kind.
pub(crate) fn review_rules() -> Arc<ReviewRules> {
    let rule = |name: &str, check| Rule { id: id(name), score: 60, reason: AWKWARD.into(), check };
    let rules = vec![
        rule("large", Check::TotalOver { amount: Money(5), currency: Currency::USD }),
        rule("abroad", Check::CountriesDiffer),
        rule("often", Check::Velocity { by: By::Address, orders: 3, within_minutes: 10 }),
        rule(
            "known",
            Check::Blocked {
                countries: vec![country("DE")],
                email_domains: vec!["bad.example".into()],
                customers: vec![id("user789")],
            },
        ),
    ];
    Arc::new(ReviewRules { enabled: true, threshold: 100, rules, version: 3 })
}

pub(crate) fn stock_low() -> Event {
    Event::StockLow(StockLow { stock: shelf("p1", None), available: 2, low_stock_at: 3 })
}

pub(crate) fn confirmed() -> OrderConfirmed {
    OrderConfirmed { retrieval_no: 10_042, invoice: number("INV"), on_account: true }
}

pub(crate) fn stock(on_hand: i64, reserved: i64) -> Stock {
    Stock { on_hand, reserved, version: 4 }
}

pub(crate) fn created() -> OrderCreated {
    OrderCreated {
        kind: OrderKind::Sale,
        customer: Some(id("user789")),
        currency: Currency::USD,
        lines: vec![line(1), line(2)],
        shipping: shipping(),
        adjustments: Vec::new(),
        total: Money(66_345),
        payment_method: PaymentMethod::CashOnDelivery,
        with_payment: true,
        expires_at: Some(Moment(NOON)),
        merchant: Some(merchant()),
        metadata: metadata(),
    }
}

fn reference() -> MerchantReference {
    MerchantReference {
        reference_id: Some("cart-77".into()),
        box_count: Some(2),
        misc: vec![Some("gift".into()), None],
    }
}

fn line(no: u32) -> Line {
    Line {
        no,
        kind: LineKind::Goods,
        product: Some(id("p1")),
        variant: Some(id("red")),
        sku: Some("R".into()),
        name: "The p1, red".into(),
        quantity: Quantity::new(5).unwrap(),
        price: Money(5000),
        total: Money(25_000),
        tax_lines: vec![tax_line()],
        location: Some(id("main")),
        counts: Counts { cancelled: 1, shipped: 2, returned: 1, refunded: 1 },
        details: Some(Box::new(details())),
    }
}

fn details() -> LineDetails {
    LineDetails {
        product_reference: Some("7".into()),
        customization: Some("engraved".into()),
        weight: Some("1.5".into()),
        weight_units: Some("KG".into()),
        length: Some("1".into()),
        width: Some("2".into()),
        height: Some("3".into()),
        country_of_origin: Some("NO".into()),
        brand: Some("Doe".into()),
        category: Some("toys".into()),
        hs_code: Some("9503.00".into()),
        image_url: Some("https://shop.example/1.png".into()),
        item_url: Some("https://shop.example/1".into()),
    }
}

pub(crate) fn merchant() -> MerchantReference {
    MerchantReference {
        reference_id: Some("R-7".into()),
        box_count: Some(2),
        misc: vec![Some("a".into()), None, Some("c".into())],
    }
}

fn shipping() -> Shipping {
    Shipping { method: Some(id("express")), amount: Money(1000), tax_lines: vec![tax_line()] }
}

fn tax_line() -> TaxLine {
    TaxLine { code: "VAT".into(), rate_ppm: 190_000, amount: Money(190), included: true }
}

fn payment() -> Payment {
    Payment {
        id: PaymentId::new("pay_1_1"),
        method: PaymentMethod::CreditCard,
        intent: Some(IntentId::new("pi_1")),
        status: PaymentState::Captured,
        amount: Money(66_345),
        failure: Some("Your card was declined.".into()),
        at: Moment(NOON),
    }
}

fn refund() -> Refund {
    Refund {
        id: "re_1_1".into(),
        payment: Some(PaymentId::new("pay_1_1")),
        status: RefundState::Failed,
        amount: Money(100),
        method: "credit_card".into(),
        reason: Some("late".into()),
        items: vec![RefundItem {
            line: 1,
            quantity: Quantity::new(2).unwrap(),
            amount: Money(90),
            cancelled: 1,
            returned: 1,
            already_back: 1,
        }],
        shipping: Money(10),
        failure: Some("The account is closed.".into()),
        at: Moment(NOON),
    }
}

fn payment_changed(status: PaymentState) -> PaymentChanged {
    let payment = Payment { status, ..payment() };
    PaymentChanged { payment, currency: Currency::USD, expires_at: Some(Moment(NOON + 6)) }
}

fn refund_changed(status: RefundState) -> RefundChanged {
    RefundChanged { refund: Refund { status, ..refund() }, currency: Currency::USD }
}

/// An open effect in which no field is empty.
pub(crate) fn effect(name: &str, due_at: i64) -> Effect {
    Effect {
        id: EffectId::new(name),
        store: StoreId::FIRST,
        order: OrderNo(1),
        action: Action::InitializePayment(IntentRequest {
            order: OrderNo(1),
            payment: PaymentId::new("pay_1_1"),
            amount: Money(66_345),
            currency: Currency::USD,
            capture: Capture::AtShipment,
        }),
        keys: vec![key_hash(0xfe)],
        state: EffectState::Open,
        attempts: 3,
        created_at: Moment(NOON),
        due_at: Moment(due_at),
        lease: Some(Lease { process: ProcessId(u64::MAX), until: Moment(due_at + 1) }),
        last_error: Some("no answer".into()),
    }
}

fn shipment() -> Shipment {
    Shipment {
        id: "shp_1_1".into(),
        items: vec![ShipmentItem { line: 1, quantity: Quantity::new(2).unwrap() }],
        carrier: Some("DHL".into()),
        tracking_number: Some("00340434161094000000".into()),
        further_tracking_numbers: vec!["00340434161094000009".into()],
        at: Moment(NOON),
        delivered_at: Some(Moment(NOON + 1)),
    }
}

fn number(prefix: &str) -> DocumentNumber {
    DocumentNumber { prefix: prefix.into(), year: 2025, no: 17 }
}

fn metadata() -> BTreeMap<String, String> {
    BTreeMap::from([("channel".into(), "web".into()), ("empty".into(), String::new())])
}

pub(crate) fn country(text: &str) -> Country {
    Country::parse(text).unwrap()
}
