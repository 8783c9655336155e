//! A product comes with what lies on its shelves, or not at all, and once is enough.

use domain::{
    AdminEvent, Command, Refusal,
    catalog::{
        import::{Counted, ImportProduct},
        put::{PutProduct, PutVariant},
    },
    refusal::Subject,
    stock::Stock,
    version::Expected,
};

use crate::house::{House, decimal, id, staff};

fn import(name: &str, change: impl FnOnce(&mut ImportProduct)) -> Command {
    let product = PutProduct {
        id: id(name),
        name: format!("The {name}"),
        sku: None,
        price: decimal("10.00"),
        currency: None,
        active: true,
        requires_shipping: true,
        track_stock: true,
        weight_grams: 100,
        tax_class: None,
        delivery_methods: Vec::new(),
        variants: Vec::new(),
        low_stock_at: None,
        metadata: [].into(),
        expected: Expected::Any,
    };
    let mut import = ImportProduct { product, counted: Vec::new() };
    change(&mut import);
    Command::ImportProduct(Box::new(import))
}

fn on_hand(count: i64) -> Vec<Counted> {
    vec![Counted { variant: None, on_hand: count }]
}

fn with_oak(import: &mut ImportProduct) {
    let oak = PutVariant { id: id("oak"), name: "oak".into(), sku: None, price: None };
    import.product.variants.push(oak);
}

/// What a line writes into the admin log, in a house where ten desks are there, three reserved.
fn check(command: &Command, expected: &[&str]) -> House {
    let mut house = House::new();
    house.stock("desk", 10, 3);
    house.must(command);
    assert_eq!(written(&mut house), expected, "{command:?}");
    house
}

fn written(house: &mut House) -> Vec<&'static str> {
    let names = house.world.admin_events.drain(..).map(|it| match it.event {
        AdminEvent::ProductPut(_) => "product",
        AdminEvent::StockChanged(_) => "stock",
        AdminEvent::ProductDeleted(_)
        | AdminEvent::DeliveryMethodPut(_)
        | AdminEvent::DeliveryMethodDeleted(_)
        | AdminEvent::CustomerRegistered(_)
        | AdminEvent::ClientCreated(_)
        | AdminEvent::ClientRemoved(_)
        | AdminEvent::StorePut(_)
        | AdminEvent::ReviewRulesPut(_)
        | AdminEvent::StoreSecretRotated(_)
        | AdminEvent::CustomerPut(_)
        | AdminEvent::CustomerErased(_) => "something else",
    });
    names.collect()
}

#[test]
fn only_what_differs_is_written() {
    check(&import("desk", |_| {}), &[]);
    check(&import("desk", |it| it.counted = on_hand(10)), &[]);
    check(&import("desk", |it| it.counted = on_hand(3)), &["stock"]);
    check(&import("desk", |it| it.product.price = decimal("11")), &["product"]);
    check(&import("chair", |_| {}), &["product"]);
    check(&import("chair", |it| it.counted = on_hand(0)), &["product"]);
    let command = import("chair", |it| {
        with_oak(it);
        it.counted = vec![Counted { variant: Some(id("oak")), on_hand: 4 }];
    });
    let mut house = check(&command, &["product", "stock"]);
    let version = |house: &House| house.world.products.get(&id("chair")).unwrap().version;
    assert_eq!(version(&house), 1);
    house.must(&command);
    assert_eq!(written(&mut house), [""; 0]);
    assert_eq!(version(&house), 1);
}

#[test]
fn a_line_that_is_refused_changes_nothing() {
    let check = |command: &Command, subject: Subject, expected: &Refusal| {
        let mut house = House::new();
        house.stock("desk", 10, 3);
        let refusals = house.run(&staff(), command).unwrap_err();
        let found: Vec<_> = refusals.iter().collect();
        assert_eq!(found, [&(subject, expected.clone())], "{command:?}");
        assert_eq!(house.shelf("desk"), (10, 3));
        assert_eq!(house.world.products.get(&id("desk")).unwrap().version, 1);
    };
    let below = Refusal::StockBelowReserved { on_hand: 2, reserved: 3 };
    let command = import("desk", |it| {
        it.product.price = decimal("11");
        it.counted = on_hand(2);
    });
    check(&command, Subject::OnHand, &below);
    let command = import("desk", |it| it.counted = on_hand(Stock::MAX + 1));
    check(&command, Subject::OnHand, &Refusal::StockOutOfRange);
    let command = import("desk", |it| {
        with_oak(it);
        it.counted = on_hand(5);
    });
    check(&command, Subject::OnHand, &Refusal::VariantRequired { product: id("desk") });
    let command = import("desk", |it| {
        it.product.track_stock = false;
        with_oak(it);
        it.counted = vec![Counted { variant: Some(id("oak")), on_hand: 5 }];
    });
    check(&command, Subject::VariantOnHand(0), &Refusal::StockNotTracked(id("desk")));
    let unknown = vec![Counted { variant: Some(id("oak")), on_hand: 5 }];
    let refused = Refusal::VariantNotFound { product: id("desk"), variant: id("oak") };
    check(&import("desk", |it| it.counted = unknown), Subject::OnHand, &refused);
}
