//! What delivery costs, and which method carries an order.

use domain::{
    Currency, Money, OrderNo, Refusal,
    delivery::{DeliveryMethod, Unsuitable},
};

use crate::house::{House, command, country, id, place, staff};

type Change = fn(&mut DeliveryMethod);

/// The method and its price, for so many desks.
fn check(what: &str, prepare: fn(&mut House), desks: u32, expected: (&str, i64)) {
    let mut house = House::new();
    prepare(&mut house);
    house.stock("desk", 1000, 0);
    let decision = house.decide(&staff(), &command(place(&[("desk", desks)]))).expect(what);
    house.apply(decision);
    let order = house.order(OrderNo(1));
    let carried = order.shipping.method.as_ref().map_or("nobody", |it| it.as_str());
    assert_eq!((carried, order.shipping.amount), (expected.0, Money(expected.1)), "{what}");
    assert_eq!(order.total, Money(i64::from(desks) * 1000 + expected.1), "{what}");
}

#[test]
fn the_cheapest_that_suits_carries_the_order() {
    check("the only one", |_| {}, 1, ("standard", 500));
    check("a cheaper one", |it| it.method("slow", |it| it.price = Money(100)), 1, ("slow", 100));
    check("of two equals the first by name", |it| it.method("a", |_| {}), 1, ("a", 500));
    let unsuitable: [(&str, Change); 4] = [
        ("not active", |it| it.active = false),
        ("in another currency", |it| it.currency = Currency::parse("EUR").unwrap()),
        ("not to this country", |it| it.countries = vec![country("DE"), country("JP")]),
        ("too weak", |it| it.max_weight_grams = Some(199)),
    ];
    for (what, change) in unsuitable {
        let mut house = House::new();
        house.method("cheap", |it| {
            it.price = Money(1);
            change(it);
        });
        house.must(&command(place(&[("desk", 2)])));
        assert_eq!(house.order(OrderNo(1)).shipping.method, Some(id("standard")), "{what}");
    }
    check(
        "just strong enough",
        |it| {
            it.method("cheap", |it| {
                (it.price, it.max_weight_grams) = (Money(1), Some(200));
            });
        },
        2,
        ("cheap", 1),
    );
    check(
        "goods that only one may carry",
        |it| {
            it.method("cheap", |it| it.price = Money(1));
            it.product("desk", |it| it.delivery_methods = vec![id("standard")]);
        },
        1,
        ("standard", 500),
    );
}

#[test]
fn delivery_is_free_from_a_subtotal_on() {
    let free: fn(&mut House) = |it| it.method("standard", |it| it.free_from = Some(Money(3000)));
    check("below", free, 2, ("standard", 500));
    check("exactly there", free, 3, ("standard", 0));
    let both: fn(&mut House) = |it| {
        it.method("slow", |it| it.price = Money(400));
        it.method("standard", |it| it.free_from = Some(Money(3000)));
    };
    check("the cheaper one below", both, 2, ("slow", 400));
    check("what is free is cheapest", both, 3, ("standard", 0));
}

#[test]
fn what_needs_no_shipping_needs_no_method() {
    let immaterial: fn(&mut House) = |it| {
        it.product("desk", |it| it.requires_shipping = false);
        it.method("standard", |it| it.active = false);
    };
    check("nothing to ship", immaterial, 2, ("nobody", 0));

    let mut house = House::new();
    house.product("voucher", |it| {
        (it.requires_shipping, it.weight_grams) = (false, 1_000_000);
        it.delivery_methods = vec![id("mail")];
    });
    house.method("standard", |it| it.max_weight_grams = Some(100));
    house.run(&staff(), &command(place(&[("desk", 1), ("voucher", 5)]))).unwrap_err();
    house.stock("voucher", 5, 0);
    house.run(&staff(), &command(place(&[("desk", 1), ("voucher", 5)]))).unwrap();

    let mut order = place(&[("desk", 1)]);
    order.person.shipping_address = None;
    house.product("desk", |it| it.requires_shipping = false);
    house.run(&staff(), &command(order)).expect("nothing to ship needs no address");
}

#[test]
fn a_method_that_was_chosen_must_suit() {
    let refusal = |change: fn(&mut House)| {
        let mut house = House::new();
        change(&mut house);
        let mut order = place(&[("desk", 2)]);
        order.delivery_method = Some(id("standard"));
        let refused = house.run(&staff(), &command(order)).unwrap_err();
        let Refusal::DeliveryMethodIncompatible { id: _, why } = refused.first() else {
            panic!("{refused:?}");
        };
        why.clone()
    };
    assert_eq!(refusal(|it| it.method("standard", |it| it.active = false)), Unsuitable::Inactive);
    assert_eq!(
        refusal(|it| it.method("standard", |it| it.currency = Currency::parse("JPY").unwrap())),
        Unsuitable::OtherCurrency
    );
    assert_eq!(
        refusal(|it| it.method("standard", |it| it.countries = vec![country("DE")])),
        Unsuitable::Country(country("US"))
    );
    assert_eq!(
        refusal(|it| it.method("standard", |it| it.max_weight_grams = Some(150))),
        Unsuitable::TooHeavy { grams: 200, max_grams: 150 }
    );
    assert_eq!(
        refusal(|it| it.product("desk", |it| it.delivery_methods = vec![id("mule")])),
        Unsuitable::Goods { product: "The desk".into() }
    );
}
