//! Carts come back as they were written, whoever's they are, and go when their time has run out.

use domain::{
    Currency, CustomerId, Keys, Moment, Money, OrderNo, Quantity, StoreId, World,
    cart::{
        Cart, CartItem, CartKey, CartStatus, Contents,
        temp::{CatalogueLine, Discount, OwnLine, Temp, TempLine},
    },
    order::LineDetails,
    shop::Shop,
    stock::StockKey,
};

use crate::{
    fixture::Fixture,
    samples::{NOON, id, keys, merchant, method, person, product, shelf, stock},
};

fn key(owner: Option<&str>, name: &str) -> CartKey {
    CartKey { owner: owner.map(id), id: id(name) }
}

/// What a shop has put into a cart, in which no field is empty.
fn temp() -> Temp {
    let quantity = Quantity::new(2).unwrap();
    let item = CartItem { product: id("p1"), variant: Some(id("red")), quantity };
    let details = LineDetails { customization: Some("engraved".into()), ..LineDetails::default() };
    let own = OwnLine {
        name: "A card".into(),
        sku: Some("CARD".into()),
        quantity,
        price: Money(150),
        requires_shipping: true,
        weight_grams: 20,
        details: None,
    };
    let discount = Discount { name: "Summer".into(), quantity, amount: Money(100) };
    Temp {
        currency: Currency::USD,
        lines: vec![
            TempLine::Catalogue(CatalogueLine { item, details: Some(Box::new(details)) }),
            TempLine::Own(Box::new(own)),
        ],
        discounts: vec![discount],
        domestic_shipping: Money(300),
        merchant: Some(merchant()),
        confirmation_url: Some("https://shop.example/thanks".into()),
        continue_url: Some("https://shop.example/".into()),
    }
}

/// A cart in which no field is empty.
fn full(key: &CartKey, until: i64) -> Cart {
    let quantity = Quantity::new(3).unwrap();
    let item = CartItem { product: id("p1"), variant: Some(id("red")), quantity };
    Cart {
        key: key.clone(),
        store: StoreId(2),
        status: CartStatus::Ordered,
        contents: Contents {
            items: vec![item],
            delivery_method: Some(id("express")),
            person: person(),
        },
        version: 7,
        expires_at: Some(Moment(until)),
        order: Some(OrderNo(12)),
        temp: Some(Box::new(temp())),
    }
}

fn of(carts: &[CartKey]) -> Keys {
    keys(|keys| keys.carts.extend(carts.iter().cloned()))
}

fn put(it: &Fixture, now: i64, carts: &[Cart]) {
    let named: Vec<CartKey> = carts.iter().map(|it| it.key.clone()).collect();
    it.write(&of(&named), |world: &mut World| {
        world.counters.advance(Moment(now));
        carts.iter().for_each(|cart| world.carts.put(cart.key.clone(), cart.clone()));
    });
}

fn known(it: &Fixture, carts: &[CartKey]) -> Vec<Option<Cart>> {
    let world = it.load(&of(carts));
    let read = it.wait(it.reads().cart_facts(of(carts))).unwrap();
    let found = |world: &World| carts.iter().map(|key| world.carts.get(key).cloned()).collect();
    let (loaded, read): (Vec<_>, Vec<_>) = (found(&world), found(&read));
    assert_eq!(loaded, read, "a batch and a read find the same");
    loaded
}

pub(crate) fn carts_are_their_owners(it: &Fixture) {
    let names = [key(Some("ann"), "c"), key(Some("bob"), "c"), key(None, "c"), key(None, "d")];
    assert_eq!(known(it, &names), [None, None, None, None]);
    let (anns, guests) = (full(&names[0], NOON), full(&names[2], NOON + 1));
    put(it, 0, &[anns.clone(), guests.clone()]);
    assert_eq!(known(it, &names), [Some(anns.clone()), None, Some(guests.clone()), None]);
    let bobs = Cart { contents: Contents::default(), order: None, ..full(&names[1], NOON) };
    let changed = Cart { version: 8, status: CartStatus::Open, ..anns };
    put(it, 0, &[bobs.clone(), changed.clone()]);
    it.write(&of(&names), |world| world.carts.remove(names[2].clone()));
    assert_eq!(known(it, &names), [Some(changed), Some(bobs), None, None]);
}

pub(crate) fn a_customers_carts_are_found(it: &Fixture) {
    let names =
        [key(Some("ann"), "b"), key(Some("ann"), "a"), key(None, "a"), key(Some("bo"), "a")];
    put(it, 0, &names.each_ref().map(|key| full(key, NOON)));
    let carts_of = |name: &str| it.wait(it.reads().carts_of(id::<CustomerId>(name))).unwrap();
    assert_eq!(carts_of("ann"), [names[1].clone(), names[0].clone()]);
    assert_eq!(carts_of("bo"), [names[3].clone()]);
    assert_eq!(carts_of("b"), []);
}

pub(crate) fn carts_that_have_run_out_go(it: &Fixture) {
    let names = [key(None, "old"), key(None, "new"), key(Some("ann"), "kept"), key(None, "next")];
    let kept = Cart { expires_at: None, ..full(&names[2], 0) };
    put(it, NOON, &[full(&names[0], NOON + 10), full(&names[1], NOON + 11), kept.clone()]);
    it.write(&Keys::default(), |world| world.counters.advance(Moment(NOON + 10)));
    assert!(known(it, &names)[0].is_some(), "they go with a batch that changes some");
    put(it, NOON + 10, &[full(&names[3], NOON + 50)]);
    let found = known(it, &names);
    assert_eq!(found[0], None);
    assert_eq!(found[1], Some(full(&names[1], NOON + 11)), "its time comes yet");
    assert_eq!((&found[2], found[3].is_some()), (&Some(kept), true));
    // One that comes back in time stays.
    put(it, NOON + 20, &[full(&names[1], NOON + 60)]);
    assert!(known(it, &names)[1].is_some());
}

pub(crate) fn what_a_cart_is_priced_by(it: &Fixture) {
    let written = keys(|keys| {
        keys.products.insert(id("p1"));
        keys.stock.extend([shelf("p1", None), shelf("p1", Some("red"))]);
        keys.delivery_methods.extend([id("express"), id("slow")]);
    });
    it.write(&written, |world| {
        world.products.put(id("p1"), product("p1"));
        world.stock.put(shelf("p1", Some("red")), stock(10, 2));
        world.delivery_methods.put(id("express"), method("express"));
        world.delivery_methods.put(id("slow"), method("slow"));
    });
    let asked = keys(|keys| {
        keys.products.extend([id("p1"), id("never")]);
        keys.stock.extend([shelf("p1", None), shelf("p1", Some("red")), shelf("never", None)]);
        keys.delivery_methods.extend([id("express"), id("never")]);
        keys.stores.extend([StoreId::FIRST, StoreId(9)]);
    });
    let world = it.wait(it.reads().cart_facts(asked)).unwrap();
    assert_eq!(world.products.get(&id("p1")), Some(&product("p1")));
    assert_eq!(world.products.get(&id("never")), None);
    assert_eq!(world.stock.get(&shelf("p1", Some("red"))), Some(&stock(10, 2)));
    assert_eq!(world.stock.get(&shelf("p1", None)), None);
    assert_eq!(world.delivery_methods.get(&id("express")), Some(&method("express")));
    assert_eq!(world.delivery_methods.get(&id("never")), None);
    assert!(!world.delivery_methods.is_loaded(&id("slow")), "it was not asked for");
    assert_eq!(world.stores.get(&StoreId::FIRST), Some(&Shop::first()));
    assert_eq!(world.stores.get(&StoreId(9)), None);
    let main = keys(|keys| _ = keys.stock.insert(shelf("p1", Some("red"))));
    let places = ["attic", "zoo"].map(|it| StockKey { location: id(it), ..shelf("p1", None) });
    let there = keys(|keys| keys.stock.extend(places.clone()));
    it.write(&there, |world| {
        places.iter().for_each(|key| world.stock.put(key.clone(), stock(3, 1)));
    });
    let named = it.wait(it.reads().cart_facts(there)).unwrap();
    assert_eq!(places.each_ref().map(|key| named.stock.get(key)), [Some(&stock(3, 1)); 2]);
    assert!(named.elsewhere.is_empty(), "no main shelf was asked for");
    let bare = it.wait(it.reads().cart_facts(main)).unwrap();
    assert!(bare.elsewhere.is_empty(), "they are of no variant");
    let main = keys(|keys| _ = keys.stock.insert(shelf("p1", None)));
    let brought = it.wait(it.reads().cart_facts(main)).unwrap();
    assert_eq!(brought.stock.get(&shelf("p1", None)), None);
    assert_eq!(*brought.elsewhere[&shelf("p1", None)], [id("attic"), id("zoo")]);
    assert_eq!(places.each_ref().map(|key| brought.stock.get(key)), [Some(&stock(3, 1)); 2]);
    let every = keys(|keys| keys.every_delivery_method = true);
    let world = it.wait(it.reads().cart_facts(every)).unwrap();
    assert_eq!(world.delivery_methods.iter().count(), 2);
}
