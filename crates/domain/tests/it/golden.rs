//! What was ever written is read for ever: a file of each event, of each version it has had.
//!
//! The files are never changed. An event that gets a field gets a new version or a default, and a
//! new file if its documents look different from now on.

use std::{fs, path::PathBuf};

use domain::{
    Event, Moment, Order, OrderNo, Recorded, StoreId,
    catalog::Product,
    delivery::DeliveryMethod,
    event::{
        AdminEvent, CustomerRegistered, DeliveryMethodDeleted, OrderCancelled, OrderConfirmed,
        OrderCreated, OrderDelivered, OrderPaid, OrderRefunded, OrderShipped, PaymentCaptured,
        ProductDeleted, ShipmentCreated, StockChanged, StockLow,
    },
    order::{PaymentStatus, ShippingStatus, Status},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

enum Read {
    Event(Event),
    Admin(AdminEvent),
}

/// Every kind there is; [`place`] keeps the lists whole.
const EVENTS: [&str; 10] = [
    "order.created",
    "order.confirmed",
    "order.paid",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.refunded",
    "payment.captured",
    "shipment.created",
    "stock.low",
];
const ADMIN_EVENTS: [&str; 6] = [
    "product.put",
    "product.deleted",
    "stock.changed",
    "delivery_method.put",
    "delivery_method.deleted",
    "customer.registered",
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
        Read::Event(Event::OrderRefunded(_)) => EVENTS[6],
        Read::Event(Event::PaymentCaptured(_)) => EVENTS[7],
        Read::Event(Event::ShipmentCreated(_)) => EVENTS[8],
        Read::Event(Event::StockLow(_)) => EVENTS[9],
        Read::Admin(AdminEvent::ProductPut(_)) => ADMIN_EVENTS[0],
        Read::Admin(AdminEvent::ProductDeleted(_)) => ADMIN_EVENTS[1],
        Read::Admin(AdminEvent::StockChanged(_)) => ADMIN_EVENTS[2],
        Read::Admin(AdminEvent::DeliveryMethodPut(_)) => ADMIN_EVENTS[3],
        Read::Admin(AdminEvent::DeliveryMethodDeleted(_)) => ADMIN_EVENTS[4],
        Read::Admin(AdminEvent::CustomerRegistered(_)) => ADMIN_EVENTS[5],
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
        ("order.refunded", 1) => both(text, |it: OrderRefunded| event(Event::OrderRefunded(it))),
        ("payment.captured", 1) => {
            both(text, |it: PaymentCaptured| event(Event::PaymentCaptured(it)))
        }
        ("shipment.created", 1) => {
            both(text, |it: ShipmentCreated| event(Event::ShipmentCreated(it)))
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
        _ => panic!("there is no {kind} of version {version}"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn golden(kind: &str, version: u16) -> (Read, Value, Value) {
    let path = folder().join(format!("{kind}.v{version}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{kind} of version {version} needs a golden file, {}: {error}", path.display())
    });
    let (event, written) = read(kind, version, &text);
    (event, written, serde_json::from_str(&text).unwrap())
}

#[test]
fn every_event_of_today_has_a_file_that_it_writes_again() {
    for kind in EVENTS.into_iter().chain(ADMIN_EVENTS) {
        let (event, written, kept) = golden(kind, 1);
        assert_eq!(place(&event), kind);
        let (name, version) = match &event {
            Read::Event(it) => (it.kind(), it.version()),
            Read::Admin(it) => (it.kind(), it.version()),
        };
        assert_eq!((name, version), (kind, 1), "the newest version has a file");
        assert_eq!(written, kept, "{kind}");
    }
}

#[test]
fn every_file_is_of_a_kind_that_can_be_read() {
    let mut files = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let (kind, version) = name.strip_suffix(".json").unwrap().rsplit_once(".v").unwrap();
        let _ = read(kind, version.parse().unwrap(), &fs::read_to_string(&path).unwrap());
        files += 1;
    }
    assert!(files >= EVENTS.len() + ADMIN_EVENTS.len());
}

fn fold(kinds: &[&str]) -> Order {
    let log: Vec<Recorded> = (1..)
        .zip(kinds)
        .map(|(seq, kind)| {
            let (Read::Event(event), _, _) = golden(kind, 1) else { panic!("{kind}") };
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
fn check_fold(name: &str, kinds: &[&str]) -> Order {
    let order = fold(kinds);
    let kept = fs::read_to_string(folder().join("folds").join(name));
    let kept: Option<Order> = kept.ok().map(|text| serde_json::from_str(&text).unwrap());
    let document = serde_json::to_string_pretty(&order).unwrap();
    assert!(kept.as_ref() == Some(&order), "{name} is now\n{document}\n");
    order
}

#[test]
fn the_files_fold_to_the_orders_they_always_did() {
    let bought = ["order.created", "order.confirmed"];
    let sent = ["shipment.created", "order.shipped", "order.delivered"];
    let paid = ["payment.captured", "order.paid"];
    let order = check_fold("delivered.json", &[&bought[..], &sent, &paid].concat());
    assert_eq!(order.status, Status::Delivered);
    assert_eq!(order.shipping_status, ShippingStatus::Delivered);
    assert_eq!(order.payment_status(), PaymentStatus::Paid);
    let undone = ["order.cancelled", "order.refunded"];
    let order = check_fold("cancelled.json", &[&bought[..], &paid, &undone].concat());
    assert_eq!(order.status, Status::Cancelled);
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
}
