//! Random commands about temp carts, under the names that other carts have too.

use domain::{
    Command, Quantity, StoreId,
    address::Person,
    cart::temp::{
        create::{CreateTempCart, WantedLine},
        put_buyer::PutBuyer,
    },
    order::LineDetails,
};
use proptest::{bool::weighted, collection::vec, option, prelude::*, sample::select};

use crate::{
    differential::{CARTS, PRODUCTS},
    driver,
    samples::id,
};

pub(crate) fn some() -> impl Strategy<Value = Command> {
    prop_oneof![2 => temp_cart(), 1 => buyer()]
}

fn temp_cart() -> impl Strategy<Value = Command> {
    let line = (option::of(select(&PRODUCTS[..])), 1..4_u32, -30..100_i64);
    let line = line.prop_map(|(product, quantity, price)| WantedLine {
        product: product.map(id),
        variant: None,
        name: "A thing".into(),
        sku: None,
        quantity: Quantity::new(quantity).unwrap(),
        price: driver::decimal(&price.to_string()),
        requires_shipping: true,
        weight_grams: 10,
        details: LineDetails::default(),
    });
    let parts = (select(&CARTS[..]), weighted(0.9), vec(line, 1..4));
    parts.prop_map(|(cart, is_shop, lines)| {
        Command::CreateTempCart(Box::new(CreateTempCart {
            cart: id(cart),
            store: StoreId::FIRST,
            is_shop,
            lines,
            domestic_shipping: None,
            merchant: None,
            confirmation_url: None,
            continue_url: None,
        }))
    })
}

fn buyer() -> impl Strategy<Value = Command> {
    select(&CARTS[..]).prop_map(|cart| {
        let shipping_address = Some(driver::address("US"));
        let person = Box::new(Person { shipping_address, ..Person::default() });
        let (cart, store) = (id(cart), StoreId::FIRST);
        Command::PutBuyer(Box::new(PutBuyer { cart, store, person, delivery_method: None }))
    })
}
