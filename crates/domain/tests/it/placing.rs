//! What an accepted order looks like: its lines, its person, its customer.

use domain::{
    AdminEvent, Event, Moment, Money, OrderNo, StoreId,
    address::Contact,
    counter::Counter,
    customer::{Customer, usual_channels},
    order::{PaymentStatus, Status},
    shop::Shop,
};

use crate::house::{
    House, NOON, address, cancel, command, customer, decimal, id, place, staff, variant,
};

#[test]
fn a_line_has_the_names_and_prices_of_its_moment() {
    let mut house = House::new();
    house.product("shirt", |it| {
        it.sku = Some("SH".into());
        it.variants = vec![variant("red", None), variant("silk", Some(2500))];
        it.variants[1].sku = Some("SH-S".into());
        it.track_stock = false;
    });
    let mut order = place(&[("shirt", 2), ("shirt", 3), ("desk", 1)]);
    order.items[0].variant = Some(id("red"));
    order.items[1].variant = Some(id("silk"));
    order.items[1].price = Some(decimal("25"));
    house.must(&command(order));
    house.product("shirt", |it| (it.price, it.name) = (Money(1), "Rag".into()));
    let order = house.order(OrderNo(1));
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|it| (it.no, it.name.as_str(), it.sku.as_deref(), it.price.0, it.total.0))
        .collect();
    let expected = [
        (1, "The shirt, red", Some("SH"), 1000, 2000),
        (2, "The shirt, silk", Some("SH-S"), 2500, 7500),
        (3, "The desk", None, 1000, 1000),
    ];
    assert_eq!(lines, expected);
    assert_eq!(order.total, Money(2000 + 7500 + 1000 + 500));
    assert_eq!(order.totals().unwrap().subtotal, Money(10_500));
}

#[test]
fn lines_of_one_product_are_summed_against_its_stock() {
    let mut house = House::new();
    house.stock("desk", 5, 0);
    let refused = house.run(&staff(), &command(place(&[("desk", 3), ("desk", 3)]))).unwrap_err();
    assert_eq!(refused.iter().count(), 1, "told once: {refused:?}");
    house.must(&command(place(&[("desk", 3), ("desk", 2)])));
    assert_eq!(house.shelf("desk"), (5, 5));
}

#[test]
fn an_order_that_costs_nothing_is_paid() {
    let mut house = House::new();
    house.product("gift", |it| {
        it.price = Money::ZERO;
        it.requires_shipping = false;
        it.track_stock = false;
    });
    house.must(&command(place(&[("gift", 1)])));
    let order = house.order(OrderNo(1));
    assert_eq!((order.status, order.payment_status()), (Status::Confirmed, PaymentStatus::Paid));
    let kinds: Vec<_> = house.world.events.iter().map(|it| it.event.kind()).collect();
    assert_eq!(kinds, ["order.created", "order.confirmed", "order.paid"]);
}

#[test]
fn a_guest_is_nobodys_customer() {
    let mut house = House::new();
    let mut order = place(&[("desk", 1)]);
    order.customer = None;
    house.world.policy.auto_register = false;
    house.must(&command(order));
    assert_eq!(house.order(OrderNo(1)).customer, None);
    assert!(house.world.admin_events.is_empty(), "nobody was registered");
    let hidden = house.run(&customer("ann"), &cancel(OrderNo(1))).unwrap_err();
    assert_eq!(*hidden.first(), domain::Refusal::OrderNotFound(OrderNo(1)));
}

#[test]
fn a_customer_exists_from_the_first_accepted_order() {
    let mut house = House::new();
    house.run(&staff(), &command(place(&[("desk", 99)]))).unwrap_err();
    assert!(house.world.admin_events.is_empty(), "a refused order registers nobody");
    for _ in 0..2 {
        house.must(&command(place(&[("desk", 1)])));
    }
    let registered: Vec<_> = house.world.admin_events.iter().map(|it| &it.event).collect();
    let [AdminEvent::CustomerRegistered(it)] = registered[..] else { panic!("{registered:?}") };
    assert_eq!((&it.id, it.registered_at), (&id("ann"), NOON));
    assert!(house.world.customers.get(&id("ann")).is_some());
}

#[test]
fn a_known_customer_fills_what_the_request_left_out() {
    let mut house = House::new();
    house.world.policy.auto_register = false;
    let ann = Customer {
        id: id("ann"),
        name: Some("Ann Doe".into()),
        email: Some("ann@example.com".into()),
        phone: Some("1".into()),
        locale: None,
        notify: usual_channels(),
        registered_at: NOON,
        version: 1,
    };
    house.world.customers.load(id("ann"), Some(ann));
    let mut order = place(&[("desk", 1)]);
    order.person.billing_address = Some(address("DE"));
    order.person.billing_address.as_mut().unwrap().name = Some("Uncle Bob".into());
    order.person.contact = Contact { email: Some("other@example.com".into()), phone: None };
    house.must(&command(order));
    assert!(house.world.admin_events.is_empty(), "she is known");
    let person = house.order(OrderNo(1)).person.as_ref().unwrap();
    let name = |it: &Option<domain::address::Address>| it.as_ref().unwrap().name.clone();
    assert_eq!(name(&person.shipping_address), Some("Ann Doe".into()));
    assert_eq!(name(&person.billing_address), Some("Uncle Bob".into()));
    assert_eq!(person.contact.email.as_deref(), Some("other@example.com"));
    assert_eq!(person.contact.phone.as_deref(), Some("1"));
}

#[test]
fn no_event_holds_what_may_be_erased() {
    let mut house = House::new();
    let mut order = place(&[("desk", 1)]);
    let secrets = ["Jane Secret", "1 Hidden Lane", "jane@secret.example", "+15550100", "psst"];
    let shipping = order.person.shipping_address.as_mut().unwrap();
    (shipping.name, shipping.address) = (Some(secrets[0].into()), secrets[1].into());
    order.person.contact =
        Contact { email: Some(secrets[2].into()), phone: Some(secrets[3].into()) };
    order.person.notes = Some(secrets[4].into());
    house.must(&command(order));
    let log = format!("{:?} {:?}", house.world.events, house.world.admin_events);
    let document = serde_json::to_string(house.order(OrderNo(1))).unwrap();
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} in the log");
        assert!(!document.contains(secret), "{secret} in the order's document");
    }
    assert!(house.order(OrderNo(1)).person.is_some());
}

#[test]
fn invoices_are_numbered_by_the_stores_own_calendar() {
    let mut house = House::new();
    let shop = Shop { time_zone: "America/New_York".into(), ..Shop::first() };
    house.world.stores.load(StoreId::FIRST, Some(shop));
    let invoice = |house: &mut House, at: &str| {
        house.clock = Moment::parse(at).unwrap();
        house.must(&command(place(&[("desk", 1)])));
        let no = OrderNo(house.counter(Counter::Order));
        house.order(no).invoice.as_ref().unwrap().to_string()
    };
    assert_eq!(invoice(&mut house, "2025-12-31T12:00:00Z"), "INV-2025-000001");
    assert_eq!(invoice(&mut house, "2026-01-01T04:59:59Z"), "INV-2025-000002");
    assert_eq!(invoice(&mut house, "2026-01-01T05:00:00Z"), "INV-2026-000001");
    assert_eq!(house.counter(Counter::Retrieval(StoreId::FIRST)), 3, "these go on");
}

#[test]
fn low_stock_is_told_once() {
    let mut house = House::new();
    house.product("desk", |it| it.low_stock_at = Some(5));
    let mut told = |count| {
        let before = house.world.events.len();
        house.must(&command(place(&[("desk", count)])));
        let new = &house.world.events[before..];
        new.iter().find_map(|it| {
            let Event::StockLow(low) = &it.event else { return None };
            Some((it.order, low.available, low.low_stock_at))
        })
    };
    assert_eq!(told(4), None, "six are left");
    assert_eq!(told(1), Some((None, 5, 5)), "it has no order");
    assert_eq!(told(1), None, "it was told");
    assert_eq!(house.order(OrderNo(2)).version, 2, "it is not the order's event");
}
