//! The commands that customers and staff give, drawn with everything that may be strange in them.

use std::collections::BTreeMap;

use domain::{
    Actor, Command, CustomerId, Expected, Money, Order, OrderNo, Quantity, Role,
    address::{Address, Contact, Person},
    country::Country,
    order::{
        PaymentMethod, ReviewStatus, Status, VendorStatus,
        cancel::CancelOrder,
        collect::CollectPayment,
        confirm::ConfirmOrder,
        deliver::DeliverOrder,
        hold::HoldOrder,
        place::{Item, PlaceOrder},
        release::ReleaseOrder,
        review::{ReviewDecision, ReviewOrder},
        set_merchant_order_id::SetMerchantOrderId,
        set_vendor_status::SetVendorStatus,
        ship::ShipOrder,
    },
    payment::{PaymentState, start::StartPayment},
    refund::request::{RequestRefund, Wanted, WantedItem},
    shipment::{
        ShipmentItem, create::CreateShipment, set_tracking::SetTracking, update::UpdateShipment,
    },
    stock::{StockKey, adjust::AdjustStock},
};

use super::{
    act::Act,
    plan::{Good, Plan, STORE, set_stock},
    random::Random,
};

const CUSTOMERS: usize = 8;

pub(super) fn some_customer(random: &mut Random) -> CustomerId {
    let name = format!("customer{}", random.below(CUSTOMERS));
    name.parse().expect("a plain id")
}

pub(super) fn customer(id: &CustomerId) -> Actor {
    Actor { role: Role::Customer(id.clone()), subject: id.as_str().into(), stores: None }
}

pub(super) fn staff() -> Actor {
    Actor { role: Role::Staff, subject: "boss".into(), stores: None }
}

pub(super) fn system(part: &str) -> Actor {
    Actor { role: Role::System, subject: part.into(), stores: None }
}

pub(super) fn place(
    random: &mut Random,
    plan: &Plan,
    customer: &CustomerId,
    prepay: bool,
) -> Command {
    let count = if random.one_in(3) { 1 + random.below(3) } else { 1 };
    let items = (0..count).filter_map(|_| {
        let good = random.pick(&plan.goods)?.clone();
        let most = if random.one_in(4) { 7 } else { 2 };
        let quantity = u32::try_from(1 + random.below(most)).ok().and_then(Quantity::new)?;
        Some(Item { product: good.product, variant: good.variant, quantity, price: None })
    });
    let items = items.collect();
    let payment_method = match (prepay, random.below(3)) {
        (true, _) => PaymentMethod::CreditCard,
        (false, 0) => PaymentMethod::Invoice,
        (false, _) => PaymentMethod::CashOnDelivery,
    };
    Command::PlaceOrder(Box::new(PlaceOrder {
        store: STORE,
        customer: Some(customer.clone()),
        items,
        delivery_method: None,
        payment_method,
        prepay,
        person: Box::new(some_person(random)),
        metadata: BTreeMap::new(),
    }))
}

/// A few people at a few places, spelled as people spell.
fn some_person(random: &mut Random) -> Person {
    let streets = ["123 Main St", "123  MAIN ST.", "1 Side St", "7 Hill Rd"];
    let emails = [None, Some("jane@x.example"), Some("Jane@X.example"), Some("joe@bad.example")];
    let shipping_address = Some(address(streets[random.below(4)], "US"));
    let billing_address = random.one_in(6).then(|| address("1 Side St", "DE"));
    let email = emails[random.below(4)].map(Into::into);
    let contact = Contact { email, phone: None };
    Person { shipping_address, billing_address, contact, notes: None }
}

fn address(street: &str, country: &str) -> Address {
    Address {
        name: Some("Jane Doe".into()),
        company: None,
        address: street.into(),
        address2: None,
        city: "New York".into(),
        state: Some("NY".into()),
        zip: Some("10001".into()),
        country: Country::parse(country).expect("a country"),
        phone: None,
    }
}

/// What somebody wants of an order that is there; `None` for acts of another kind.
pub(super) fn about_order(
    random: &mut Random,
    plan: &Plan,
    act: Act,
    order: &Order,
) -> Option<(Actor, Command)> {
    let no = order.no;
    let expected = some_expected(random, order.version);
    let reason = random.one_in(4).then(|| "because".to_owned());
    let command = match act {
        Act::CancelOwn => {
            let whose = match &order.customer {
                Some(owner) if !random.one_in(20) => owner.clone(),
                Some(_) | None => some_customer(random),
            };
            let command = Command::CancelOrder(CancelOrder { order: no, reason, expected });
            return Some((customer(&whose), command));
        }
        Act::AskForPayment => {
            let actor = order.customer.as_ref().map_or_else(staff, customer);
            return Some((actor, Command::StartPayment(StartPayment { order: no, expected })));
        }
        Act::Confirm => Command::ConfirmOrder(ConfirmOrder { order: no, expected }),
        Act::Cancel => Command::CancelOrder(CancelOrder { order: no, reason, expected }),
        Act::Ship => Command::ShipOrder(ShipOrder {
            order: no,
            reason,
            carrier: None,
            tracking_number: None,
            expected,
        }),
        Act::ShipSome => ship_some(random, order, expected),
        Act::Arrive => arrive(random, order, expected),
        Act::Deliver => Command::DeliverOrder(DeliverOrder { order: no, reason, expected }),
        Act::Adopt => Command::SetMerchantOrderId(SetMerchantOrderId {
            order: no,
            merchant_order_id: format!("12-{}", random.below(2)),
        }),
        Act::Report => Command::SetVendorStatus(SetVendorStatus {
            order: no,
            vendor_status: random.pick(&VendorStatus::ALL).copied()?,
        }),
        Act::Track => Command::SetTracking(SetTracking {
            order: no,
            numbers: (0..=random.below(2)).map(|it| format!("003{it}")).collect(),
        }),
        Act::Collect => Command::CollectPayment(CollectPayment { order: no, expected }),
        Act::Hold => Command::HoldOrder(HoldOrder { order: no, reason, expected }),
        Act::Release => Command::ReleaseOrder(ReleaseOrder { order: no, reason, expected }),
        Act::PassReview => review(order, ReviewDecision::Pass, reason, expected),
        Act::FailReview => review(order, ReviewDecision::Fail, reason, expected),
        Act::RefundAmount => {
            let what = Wanted::Amount(plan.decimal(some_amount(random, order)));
            request_refund(no, what, reason, expected)
        }
        Act::RefundLines => request_refund(no, some_parts(random, plan, order), reason, expected),
        Act::PlaceWithPayment
        | Act::PlaceUnpaid
        | Act::Repeat
        | Act::SayPaid
        | Act::Listen
        | Act::Pay
        | Act::PayOther
        | Act::BeDeclined
        | Act::PayByTransfer
        | Act::GiveUp
        | Act::PayByHand
        | Act::ChangeRules
        | Act::CountStock
        | Act::MoveStock
        | Act::Work
        | Act::HearNotice
        | Act::ClaimDue
        | Act::ExpireDue
        | Act::Hurry
        | Act::Commit
        | Act::Wait
        | Act::Jump
        | Act::Crash
        | Act::ArriveLate => return None,
    };
    Some((staff(), command))
}

/// Whether somebody who looks would do this to the order.
pub(super) fn makes_sense(act: Act, order: &Order) -> bool {
    let status = order.status;
    let is_open = matches!(status, Status::Pending | Status::Confirmed);
    let is_complete = matches!(status, Status::Confirmed | Status::Shipped | Status::Delivered);
    let is_captured = order.payments.iter().any(|it| it.status == PaymentState::Captured);
    match act {
        Act::AskForPayment | Act::SayPaid | Act::CancelOwn | Act::Confirm => {
            status == Status::Pending
        }
        Act::Cancel => is_open,
        Act::Hold => is_open && !order.on_hold,
        Act::Release => order.on_hold,
        // Now and then somebody tries to ship what is looked at.
        Act::Ship => status == Status::Confirmed && !order.on_hold,
        Act::PassReview | Act::FailReview => order.review_status == ReviewStatus::UnderReview,
        Act::ShipSome => {
            status == Status::Confirmed
                && !order.on_hold
                && order.lines.iter().any(|it| it.open() > 0)
        }
        Act::Arrive => order.shipments.iter().any(|it| it.delivered_at.is_none()),
        Act::Deliver => status == Status::Shipped,
        Act::Adopt => is_complete,
        Act::Report | Act::Track => is_complete && !order.on_hold,
        Act::Collect => is_complete && !is_captured,
        Act::RefundAmount | Act::RefundLines => is_captured,
        Act::PlaceWithPayment
        | Act::PlaceUnpaid
        | Act::Repeat
        | Act::Listen
        | Act::Pay
        | Act::PayOther
        | Act::BeDeclined
        | Act::PayByTransfer
        | Act::GiveUp
        | Act::PayByHand
        | Act::ChangeRules
        | Act::CountStock
        | Act::MoveStock
        | Act::Work
        | Act::HearNotice
        | Act::ClaimDue
        | Act::ExpireDue
        | Act::Hurry
        | Act::Commit
        | Act::Wait
        | Act::Jump
        | Act::Crash
        | Act::ArriveLate => true,
    }
}

fn review(
    order: &Order,
    decision: ReviewDecision,
    note: Option<String>,
    expected: Expected,
) -> Command {
    Command::ReviewOrder(ReviewOrder { order: order.no, decision, note, expected })
}

pub(super) fn about_stock(random: &mut Random, plan: &Plan, act: Act) -> Option<Command> {
    let good = random.pick(&plan.goods)?;
    if act == Act::CountStock {
        return Some(set_stock(some_shelf(random, good), random.between(0, 12)));
    }
    let (stock, delta) = (some_shelf(random, good), random.between(-2, 5));
    Some(Command::AdjustStock(AdjustStock { stock, delta, reason: None, expected: Expected::Any }))
}

/// Mostly the main one.
fn some_shelf(random: &mut Random, good: &Good) -> StockKey {
    let main = good.stock_key();
    match random.below(6) {
        0 => StockKey { location: "attic".parse().expect("a plain id"), ..main },
        1 => StockKey { location: "zoo".parse().expect("a plain id"), ..main },
        _ => main,
    }
}

/// Few look before they act, and of those some have looked too early.
fn some_expected(random: &mut Random, version: u64) -> Expected {
    match random.below(24) {
        0 => Expected::OneOf(vec![version]),
        1 => Expected::OneOf(vec![version.saturating_sub(1)]),
        2 => Expected::Existing,
        _ => Expected::Any,
    }
}

/// A part, the whole, or more than there is.
fn some_amount(random: &mut Random, order: &Order) -> i64 {
    let total = order.total.0.max(1);
    match random.below(5) {
        0 => total,
        1 => total + random.between(0, 5),
        2 => random.between(0, 1),
        _ => random.between(1, total),
    }
}

fn some_parts(random: &mut Random, plan: &Plan, order: &Order) -> Wanted {
    let mut items: Vec<WantedItem> = Vec::new();
    for line in &order.lines {
        let most = i64::from(line.quantity.get()) + i64::from(random.one_in(12));
        let quantity = u32::try_from(random.between(0, most)).ok().and_then(Quantity::new);
        items.extend(quantity.map(|quantity| WantedItem { line: line.no, quantity }));
    }
    let Money(shipping) = order.shipping.amount;
    let shipping = match random.below(4) {
        0 => Some(plan.decimal(shipping)),
        1 => Some(plan.decimal(random.between(0, shipping))),
        _ => None,
    };
    Wanted::Parts { items, shipping, restock: random.one_in(2) }
}

/// A piece or more of some lines, now and then more than is open; or all that is.
fn ship_some(random: &mut Random, order: &Order, expected: Expected) -> Command {
    let mut items: Vec<ShipmentItem> = Vec::new();
    for line in &order.lines {
        let most = i64::from(line.open()) + i64::from(random.one_in(12));
        let quantity = u32::try_from(random.between(0, most)).ok().and_then(Quantity::new);
        items.extend(quantity.map(|quantity| ShipmentItem { line: line.no, quantity }));
    }
    let tracking_number = random.one_in(2).then(|| "0034".to_owned());
    Command::CreateShipment(CreateShipment {
        order: order.no,
        items: (!items.is_empty() && !random.one_in(6)).then_some(items),
        carrier: None,
        tracking_number,
        expected,
    })
}

fn arrive(random: &mut Random, order: &Order, expected: Expected) -> Command {
    let shipment = random.pick(&order.shipments).map(|it| it.id.clone());
    Command::UpdateShipment(UpdateShipment {
        order: order.no,
        shipment: shipment.unwrap_or_else(|| format!("shp_{}_1", order.no.0)),
        carrier: random.one_in(3).then(|| "DHL".to_owned()),
        tracking_number: None,
        delivered: !random.one_in(4),
        expected,
    })
}

fn request_refund(
    order: OrderNo,
    what: Wanted,
    reason: Option<String>,
    expected: Expected,
) -> Command {
    Command::RequestRefund(Box::new(RequestRefund { order, what, reason, expected }))
}
