//! `If-Match`: a command that has seen another version is refused, before its state is judged.

use domain::{
    Command, OrderNo, Refusal,
    catalog::{delete::DeleteProduct, put::PutProduct},
    delivery::{delete::DeleteDeliveryMethod, put::PutDeliveryMethod},
    order::{
        Status, cancel::CancelOrder, collect::CollectPayment, confirm::ConfirmOrder,
        deliver::DeliverOrder, hold::HoldOrder, ship::ShipOrder,
    },
    shipment::{create::CreateShipment, update::UpdateShipment},
    stock::{adjust::AdjustStock, set::SetStock},
    version::Expected,
};

use crate::house::{House, decimal, id, shelf, staff};

type Build = fn(Expected) -> Command;

fn put_product(name: &str, expected: Expected) -> Command {
    Command::PutProduct(Box::new(PutProduct {
        id: id(name),
        name: "Desk".into(),
        sku: None,
        price: decimal("12.00"),
        currency: None,
        active: true,
        requires_shipping: true,
        track_stock: true,
        weight_grams: 0,
        tax_class: None,
        delivery_methods: Vec::new(),
        variants: Vec::new(),
        low_stock_at: None,
        metadata: [].into(),
        expected,
    }))
}

fn put_method(name: &str, expected: Expected) -> Command {
    Command::PutDeliveryMethod(Box::new(PutDeliveryMethod {
        id: id(name),
        name: "Mule".into(),
        price: decimal("12.00"),
        currency: None,
        free_from: None,
        countries: Vec::new(),
        max_weight_grams: None,
        active: true,
        estimated_days: None,
        expected,
    }))
}

/// Runs a command against a thing of this version with every expectation.
fn check(what: &str, status: Option<Status>, version: u64, build: Build) {
    let run = |expected: Expected| {
        let mut house = House::new();
        if let Some(status) = status {
            house.order_in(status);
        }
        house.run(&staff(), &build(expected))
    };
    let mismatch = Refusal::VersionMismatch { current: Some(version) };
    assert!(run(Expected::Any).is_ok(), "{what}");
    assert!(run(Expected::Existing).is_ok(), "{what}");
    assert!(run(Expected::OneOf(vec![version + 4, version])).is_ok(), "{what}");
    for wrong in [vec![version + 1], vec![version - 1], vec![]] {
        assert_eq!(run(Expected::OneOf(wrong)), Err(mismatch.clone().into()), "{what}");
    }
}

#[test]
fn a_version_that_was_seen_must_still_be_the_one() {
    const NO: OrderNo = OrderNo(1);
    let (pending, confirmed) = (Some(Status::Pending), Some(Status::Confirmed));
    check("confirm", pending, 1, |expected| {
        Command::ConfirmOrder(ConfirmOrder { order: NO, expected })
    });
    check("cancel", confirmed, 2, |expected| {
        Command::CancelOrder(CancelOrder { order: NO, reason: None, expected })
    });
    check("ship", confirmed, 2, |expected| {
        let (reason, carrier, tracking_number) = (None, None, None);
        Command::ShipOrder(ShipOrder { order: NO, reason, carrier, tracking_number, expected })
    });
    check("ship some", confirmed, 2, |expected| {
        let (items, carrier, tracking_number) = (None, None, None);
        let it = CreateShipment { order: NO, items, carrier, tracking_number, expected };
        Command::CreateShipment(it)
    });
    check("arrive", Some(Status::Shipped), 4, |expected| {
        let (shipment, carrier, tracking_number) = ("shp_1_1".into(), None, None);
        Command::UpdateShipment(UpdateShipment {
            order: NO,
            shipment,
            carrier,
            tracking_number,
            delivered: true,
            expected,
        })
    });
    check("deliver", Some(Status::Shipped), 4, |expected| {
        Command::DeliverOrder(DeliverOrder { order: NO, reason: None, expected })
    });
    check("collect", confirmed, 2, |expected| {
        Command::CollectPayment(CollectPayment { order: NO, expected })
    });
    check("hold", confirmed, 2, |expected| {
        Command::HoldOrder(HoldOrder { order: NO, reason: None, expected })
    });
    check("put product", None, 1, |expected| put_product("desk", expected));
    check("delete product", None, 1, |expected| {
        Command::DeleteProduct(DeleteProduct { id: id("desk"), expected })
    });
    check("put method", None, 1, |expected| put_method("standard", expected));
    check("delete method", None, 1, |expected| {
        Command::DeleteDeliveryMethod(DeleteDeliveryMethod { id: id("standard"), expected })
    });
    check("set stock", None, 1, |expected| {
        Command::SetStock(SetStock { stock: shelf("desk"), on_hand: 9, reason: None, expected })
    });
    check("adjust stock", None, 1, |expected| {
        Command::AdjustStock(AdjustStock { stock: shelf("desk"), delta: 9, reason: None, expected })
    });
}

#[test]
fn what_is_not_there_has_no_version() {
    let put: [fn(&str, Expected) -> Command; 2] = [put_product, put_method];
    for put in put {
        for expected in [Expected::Existing, Expected::OneOf(vec![1])] {
            let refused = House::new().run(&staff(), &put("new", expected));
            assert_eq!(refused, Err(Refusal::VersionMismatch { current: None }.into()));
        }
        assert!(House::new().run(&staff(), &put("new", Expected::Any)).is_ok());
    }
}

#[test]
fn a_version_is_compared_before_the_state_is_judged() {
    let mut house = House::new();
    let order = house.order_in(Status::Delivered);
    let expected = Expected::OneOf(vec![1]);
    let refused = house.run(&staff(), &Command::ConfirmOrder(ConfirmOrder { order, expected }));
    let current = Some(house.order(order).version);
    assert_eq!(refused, Err(Refusal::VersionMismatch { current }.into()));
}

/// Whoever has seen a thing does not change another one of the same name.
#[test]
fn what_is_put_again_has_a_version_of_its_own() {
    let mut house = House::new();
    let mut seen = Vec::new();
    for _ in 0..3 {
        for _ in 0..3 {
            house.must(&put_product("lamp", Expected::Any));
            house.must(&put_method("boat", Expected::Any));
            let product = house.world.products.get(&id("lamp")).unwrap().version;
            seen.push((product, house.world.delivery_methods.get(&id("boat")).unwrap().version));
        }
        let expected = Expected::Any;
        house.must(&Command::DeleteProduct(DeleteProduct { id: id("lamp"), expected }));
        let (id, expected) = (id("boat"), Expected::Any);
        house.must(&Command::DeleteDeliveryMethod(DeleteDeliveryMethod { id, expected }));
    }
    let rises = |of: fn(&(u64, u64)) -> u64| seen.windows(2).all(|it| of(&it[0]) < of(&it[1]));
    assert!(rises(|it| it.0) && rises(|it| it.1), "{seen:?}");
}
