//! What was ever written is read for ever: a file of each event, of each version it has had.
//!
//! The files are never changed. An event that gets a field gets a new version or a default, and a
//! new file if its documents look different from now on: `<kind>.v<version>[-<what>].json`.

use std::{fs, path::PathBuf};

use domain::{
    Event, Moment, Order, OrderNo, Recorded, StoreId,
    catalog::Product,
    client::Client,
    delivery::DeliveryMethod,
    event::{
        AdminEvent, ClientRemoved, CustomerErased, CustomerPut, CustomerRegistered,
        DeliveryMethodDeleted, OrderCancelled, OrderConfirmed, OrderCreated, OrderDelivered,
        OrderHeld, OrderMerchantUpdated, OrderPaid, OrderPersonErased, OrderReinstated,
        OrderReleased, OrderReviewDecided, OrderReviewStarted, OrderShipped,
        OrderVendorStatusChanged, PaymentChanged, ProductDeleted, RefundChanged, ReviewRulesPut,
        ShipmentCreated, ShipmentUpdated, StockChanged, StockLow, StoreSecretRotated,
    },
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
    shop::Shop,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

enum Read {
    Event(Event),
    Admin(AdminEvent),
}

/// Every kind there is; [`place`] keeps the lists whole.
const EVENTS: [&str; 27] = [
    "order.created",
    "order.confirmed",
    "order.paid",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.reinstated",
    "order.held",
    "order.released",
    "order.refunded",
    "order.refund_failed",
    "refund.created",
    "payment.created",
    "payment.processing",
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "payment.cancelled",
    "shipment.created",
    "stock.low",
    "shipment.updated",
    "order.person_erased",
    "order.review_started",
    "order.review_passed",
    "order.review_failed",
    "order.merchant_updated",
    "order.vendor_status_changed",
];
const ADMIN_EVENTS: [&str; 13] = [
    "product.put",
    "product.deleted",
    "stock.changed",
    "delivery_method.put",
    "delivery_method.deleted",
    "customer.registered",
    "client.created",
    "client.removed",
    "store.put",
    "customer.put",
    "customer.erased",
    "review_rules.put",
    "store.secret_rotated",
];

/// A new variant does not compile until it has a place in the lists above.
fn place(read: &Read) -> &'static str {
    match read {
        Read::Event(Event::OrderCreated(_)) => EVENTS[0],
        Read::Event(Event::OrderConfirmed(_)) => EVENTS[1],
        Read::Event(Event::OrderPaid(_)) => EVENTS[2],
        Read::Event(Event::OrderShipped(_)) => EVENTS[3],
        Read::Event(Event::OrderDelivered(_)) => EVENTS[4],
        Read::Event(Event::OrderCancelled(_)) => EVENTS[5],
        Read::Event(Event::OrderReinstated(_)) => EVENTS[6],
        Read::Event(Event::OrderHeld(_)) => EVENTS[7],
        Read::Event(Event::OrderReleased(_)) => EVENTS[8],
        Read::Event(Event::OrderRefunded(_)) => EVENTS[9],
        Read::Event(Event::OrderRefundFailed(_)) => EVENTS[10],
        Read::Event(Event::RefundCreated(_)) => EVENTS[11],
        Read::Event(Event::PaymentCreated(_)) => EVENTS[12],
        Read::Event(Event::PaymentProcessing(_)) => EVENTS[13],
        Read::Event(Event::PaymentAuthorized(_)) => EVENTS[14],
        Read::Event(Event::PaymentCaptured(_)) => EVENTS[15],
        Read::Event(Event::PaymentFailed(_)) => EVENTS[16],
        Read::Event(Event::PaymentCancelled(_)) => EVENTS[17],
        Read::Event(Event::ShipmentCreated(_)) => EVENTS[18],
        Read::Event(Event::StockLow(_)) => EVENTS[19],
        Read::Event(Event::ShipmentUpdated(_)) => EVENTS[20],
        Read::Event(Event::OrderPersonErased(_)) => EVENTS[21],
        Read::Event(Event::OrderReviewStarted(_)) => EVENTS[22],
        Read::Event(Event::OrderReviewPassed(_)) => EVENTS[23],
        Read::Event(Event::OrderReviewFailed(_)) => EVENTS[24],
        Read::Event(Event::OrderMerchantUpdated(_)) => EVENTS[25],
        Read::Event(Event::OrderVendorStatusChanged(_)) => EVENTS[26],
        Read::Admin(AdminEvent::ProductPut(_)) => ADMIN_EVENTS[0],
        Read::Admin(AdminEvent::ProductDeleted(_)) => ADMIN_EVENTS[1],
        Read::Admin(AdminEvent::StockChanged(_)) => ADMIN_EVENTS[2],
        Read::Admin(AdminEvent::DeliveryMethodPut(_)) => ADMIN_EVENTS[3],
        Read::Admin(AdminEvent::DeliveryMethodDeleted(_)) => ADMIN_EVENTS[4],
        Read::Admin(AdminEvent::CustomerRegistered(_)) => ADMIN_EVENTS[5],
        Read::Admin(AdminEvent::ClientCreated(_)) => ADMIN_EVENTS[6],
        Read::Admin(AdminEvent::ClientRemoved(_)) => ADMIN_EVENTS[7],
        Read::Admin(AdminEvent::StorePut(_)) => ADMIN_EVENTS[8],
        Read::Admin(AdminEvent::CustomerPut(_)) => ADMIN_EVENTS[9],
        Read::Admin(AdminEvent::CustomerErased(_)) => ADMIN_EVENTS[10],
        Read::Admin(AdminEvent::ReviewRulesPut(_)) => ADMIN_EVENTS[11],
        Read::Admin(AdminEvent::StoreSecretRotated(_)) => ADMIN_EVENTS[12],
    }
}

/// The event, and its document as it would be written today.
fn read(kind: &str, version: u16, text: &str) -> (Read, Value) {
    fn both<T: Clone + Serialize + DeserializeOwned>(
        text: &str,
        wrap: impl FnOnce(T) -> Read,
    ) -> (Read, Value) {
        let it: T = serde_json::from_str(text).unwrap();
        let document = serde_json::to_value(&it).unwrap();
        (wrap(it), document)
    }
    let event = |it| Read::Event(it);
    let admin = |it| Read::Admin(it);
    match (kind, version) {
        ("order.created", 1) => {
            both(text, |it: OrderCreated| event(Event::OrderCreated(Box::new(it))))
        }
        ("order.confirmed", 1) => both(text, |it: OrderConfirmed| event(Event::OrderConfirmed(it))),
        ("order.paid", 1) => both(text, |it: OrderPaid| event(Event::OrderPaid(it))),
        ("order.shipped", 1) => both(text, |it: OrderShipped| event(Event::OrderShipped(it))),
        ("order.delivered", 1) => both(text, |it: OrderDelivered| event(Event::OrderDelivered(it))),
        ("order.cancelled", 1) => both(text, |it: OrderCancelled| event(Event::OrderCancelled(it))),
        ("order.reinstated", 1) => {
            both(text, |it: OrderReinstated| event(Event::OrderReinstated(it)))
        }
        ("order.held", 1) => both(text, |it: OrderHeld| event(Event::OrderHeld(it))),
        ("order.released", 1) => both(text, |it: OrderReleased| event(Event::OrderReleased(it))),
        ("order.review_started", 1) => {
            both(text, |it: OrderReviewStarted| event(Event::OrderReviewStarted(it)))
        }
        ("order.review_passed", 1) => {
            both(text, |it: OrderReviewDecided| event(Event::OrderReviewPassed(it)))
        }
        ("order.review_failed", 1) => {
            both(text, |it: OrderReviewDecided| event(Event::OrderReviewFailed(it)))
        }
        ("review_rules.put", 1) => {
            both(text, |it: ReviewRulesPut| admin(AdminEvent::ReviewRulesPut(it)))
        }
        ("order.merchant_updated", 1) => {
            both(text, |it: OrderMerchantUpdated| event(Event::OrderMerchantUpdated(it)))
        }
        ("order.vendor_status_changed", 1) => {
            both(text, |it: OrderVendorStatusChanged| event(Event::OrderVendorStatusChanged(it)))
        }
        ("order.refunded", 1) => both(text, |it: RefundChanged| event(Event::OrderRefunded(it))),
        ("order.refund_failed", 1) => {
            both(text, |it: RefundChanged| event(Event::OrderRefundFailed(it)))
        }
        ("refund.created", 1) => both(text, |it: RefundChanged| event(Event::RefundCreated(it))),
        ("payment.created", 1) => both(text, |it: PaymentChanged| event(Event::PaymentCreated(it))),
        ("payment.processing", 1) => {
            both(text, |it: PaymentChanged| event(Event::PaymentProcessing(it)))
        }
        ("payment.authorized", 1) => {
            both(text, |it: PaymentChanged| event(Event::PaymentAuthorized(it)))
        }
        ("payment.captured", 1) => {
            both(text, |it: PaymentChanged| event(Event::PaymentCaptured(it)))
        }
        ("payment.failed", 1) => both(text, |it: PaymentChanged| event(Event::PaymentFailed(it))),
        ("payment.cancelled", 1) => {
            both(text, |it: PaymentChanged| event(Event::PaymentCancelled(it)))
        }
        ("shipment.created", 1) => {
            both(text, |it: ShipmentCreated| event(Event::ShipmentCreated(it)))
        }
        ("shipment.updated", 1) => {
            both(text, |it: ShipmentUpdated| event(Event::ShipmentUpdated(it)))
        }
        ("stock.low", 1) => both(text, |it: StockLow| event(Event::StockLow(it))),
        ("product.put", 1) => both(text, |it: Product| admin(AdminEvent::ProductPut(Box::new(it)))),
        ("product.deleted", 1) => {
            both(text, |it: ProductDeleted| admin(AdminEvent::ProductDeleted(it)))
        }
        ("stock.changed", 1) => both(text, |it: StockChanged| admin(AdminEvent::StockChanged(it))),
        ("delivery_method.put", 1) => {
            both(text, |it: DeliveryMethod| admin(AdminEvent::DeliveryMethodPut(Box::new(it))))
        }
        ("delivery_method.deleted", 1) => {
            both(text, |it: DeliveryMethodDeleted| admin(AdminEvent::DeliveryMethodDeleted(it)))
        }
        ("customer.registered", 1) => {
            both(text, |it: CustomerRegistered| admin(AdminEvent::CustomerRegistered(it)))
        }
        ("client.created", 1) => {
            both(text, |it: Client| admin(AdminEvent::ClientCreated(Box::new(it))))
        }
        ("client.removed", 1) => {
            both(text, |it: ClientRemoved| admin(AdminEvent::ClientRemoved(it)))
        }
        ("order.person_erased", 1) => {
            both(text, |it: OrderPersonErased| event(Event::OrderPersonErased(it)))
        }
        ("customer.put", 1) => both(text, |it: CustomerPut| admin(AdminEvent::CustomerPut(it))),
        ("customer.erased", 1) => {
            both(text, |it: CustomerErased| admin(AdminEvent::CustomerErased(it)))
        }
        ("store.secret_rotated", 1) => {
            both(text, |it: StoreSecretRotated| admin(AdminEvent::StoreSecretRotated(it)))
        }
        ("store.put", 1) => both(text, |it: Shop| admin(AdminEvent::StorePut(Box::new(it)))),
        _ => panic!("there is no {kind} of version {version}"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// A file by its name without the end, `order.created.v1-prepaid`: its event, the document as it
/// would be written today, and the one that is kept.
fn golden(name: &str) -> (Read, Value, Value) {
    let path = folder().join(format!("{name}.json"));
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{name} needs a golden file, {}: {error}", path.display()));
    let (kind, version) = name.rsplit_once(".v").unwrap();
    let version = version.split_once('-').map_or(version, |(version, _)| version);
    let (event, written) = read(kind, version.parse().unwrap(), &text);
    (event, written, serde_json::from_str(&text).unwrap())
}

#[test]
fn every_event_of_today_has_a_file() {
    for kind in EVENTS.into_iter().chain(ADMIN_EVENTS) {
        let (event, _, _) = golden(&format!("{kind}.v1"));
        assert_eq!(place(&event), kind);
        let (name, version) = match &event {
            Read::Event(it) => (it.kind(), it.version()),
            Read::Admin(it) => (it.kind(), it.version()),
        };
        assert_eq!((name, version), (kind, 1), "the newest version has a file");
    }
}

/// Every version there is, is the newest of its kind so far: a file of an older one would be read
/// only.
#[test]
fn every_file_is_read_and_written_again() {
    let mut files = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_, written, kept) = golden(name.strip_suffix(".json").unwrap());
        assert_eq!(written, kept, "{name}");
        files += 1;
    }
    assert!(files >= EVENTS.len() + ADMIN_EVENTS.len());
}

fn fold(names: &[&str]) -> Order {
    let log: Vec<Recorded> = (1..)
        .zip(names)
        .map(|(seq, name)| {
            let (Read::Event(event), _, _) = golden(name) else { panic!("{name}") };
            Recorded {
                seq,
                at: Moment(1_751_025_600_000 + i64::try_from(seq).unwrap()),
                store: StoreId::FIRST,
                order: Some(OrderNo(12_345)),
                actor: "staff:boss".into(),
                request_id: "req".into(),
                event,
            }
        })
        .collect();
    Order::fold(&log).unwrap()
}

/// An order's own document is read for ever too, and says what its events say.
fn check_fold(name: &str, events: &[&str]) -> Order {
    let order = fold(events);
    let kept = fs::read_to_string(folder().join("folds").join(name));
    let kept: Option<Order> = kept.ok().map(|text| serde_json::from_str(&text).unwrap());
    let document = serde_json::to_string_pretty(&order).unwrap();
    assert!(kept.as_ref() == Some(&order), "{name} is now\n{document}\n");
    order
}

#[test]
fn the_files_fold_to_the_orders_they_always_did() {
    let bought = ["order.created.v1", "order.confirmed.v1"];
    let sent = ["shipment.created.v1", "order.shipped.v1", "order.delivered.v1"];
    let paid = ["payment.captured.v1", "order.paid.v1"];
    let order = check_fold("delivered.json", &[&bought[..], &sent, &paid].concat());
    assert_eq!(order.status, Status::Delivered);
    assert_eq!(order.shipping_status, ShippingStatus::Delivered);
    assert_eq!(order.payment_status(), PaymentStatus::Paid);
    let arrived = ["shipment.created.v1", "order.shipped.v1", "shipment.updated.v1"];
    let order = check_fold("arrived.json", &[&bought[..], &arrived].concat());
    assert_eq!(order.status, Status::Shipped, "what it says of the order is an event of its own");
    assert_eq!(order.shipments[0].tracking_number.as_deref(), Some("00340434161094000001"));
    let forgotten = ["order.shipped.v1", "order.delivered.v1", "order.person_erased.v1"];
    let order = fold(&[&bought[..], &forgotten].concat());
    assert!(order.person_erased && !order.needs_person());
    assert_eq!(
        order.customer.as_ref().map(domain::CustomerId::as_str),
        Some("user789"),
        "the books stay"
    );
    let looked_at = ["order.review_started.v1", "order.review_passed.v1"];
    let order = fold(&[&bought[..], &looked_at].concat());
    assert_eq!(order.review_status, ReviewStatus::Passed);
    let refused = ["order.review_started.v1", "order.review_failed.v1"];
    assert_eq!(fold(&[&bought[..], &refused].concat()).review_status, ReviewStatus::Failed);
    let told = ["order.merchant_updated.v1", "order.vendor_status_changed.v1"];
    let parcels = ["shipment.created.v1", "order.shipped.v1", "shipment.updated.v1-parcels"];
    let referred = ["order.created.v1-reference", "order.confirmed.v1"];
    let order = check_fold("retrieved.json", &[&referred[..], &told, &parcels].concat());
    assert_eq!(order.merchant_order_id(), Some("12-34567"));
    assert_eq!(order.shipments[0].tracking_numbers().count(), 2);
    let undone = ["order.cancelled.v1", "order.refunded.v1"];
    let order = check_fold("cancelled.json", &[&bought[..], &paid, &undone].concat());
    assert_eq!(order.status, Status::Cancelled);
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
}

#[test]
fn the_files_of_a_prepaid_order_fold_to_what_it_became() {
    let declined = ["order.created.v1-prepaid", "payment.created.v1", "payment.failed.v1"];
    let order = check_fold("declined.json", &declined);
    assert_eq!(
        (order.status, order.expires_at),
        (Status::Pending, Some(Moment(1_751_027_400_000)))
    );
    assert_eq!(order.payment_status(), PaymentStatus::Unpaid);
    let slow = [&declined[..], &["payment.processing.v1", "order.held.v1"]].concat();
    let order = check_fold("processing.json", &slow);
    assert_eq!(order.expires_at, Some(Moment(1_751_630_400_000)), "the provider has days for it");
    assert_eq!(order.hold_reason.as_deref(), Some("payment_mismatch"));
    let late = ["order.cancelled.v1-expired", "order.reinstated.v1", "payment.cancelled.v1"];
    let won = ["order.released.v1", "payment.authorized.v1", "order.confirmed.v1"];
    let authorized = [&slow[..], &late, &won].concat();
    let order = check_fold("authorized.json", &authorized);
    assert_eq!((order.status, order.expires_at, order.on_hold), (Status::Confirmed, None, false));
    assert_eq!(order.payment_status(), PaymentStatus::Authorized);
    let taken = ["payment.captured.v1-provider", "order.paid.v1"];
    let back = ["refund.created.v1", "order.refund_failed.v1", "order.refunded.v1-provider"];
    let order = check_fold("refunded.json", &[&authorized[..], &taken, &back].concat());
    assert_eq!(order.payment_status(), PaymentStatus::PartiallyRefunded);
    let counts = order.lines[0].counts;
    assert_eq!((counts.cancelled, counts.returned, counts.refunded), (1, 0, 1));
}
