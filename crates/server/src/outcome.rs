//! The thing that a command was about, as the command has left it, for whoever renders the answer.
//!
//! A command with another outcome than one of its kind has is a fault of ours. It panics inside
//! the batch, where the command fails alone and nothing of it is written. So no reader here names
//! the outcomes that it does not expect: whatever else it is, is the same mistake.

use domain::{
    Order, Outcome, StoreId, World,
    cart::Cart,
    catalog::Product,
    client::Client,
    customer::Customer,
    delivery::DeliveryMethod,
    refund::Refund,
    review::ReviewRules,
    shipment::Shipment,
    shop::Shop,
    stock::{Stock, StockKey},
};

pub(crate) fn order<'w>(world: &'w World, outcome: &Outcome) -> &'w Order {
    let Outcome::Order(no) = outcome else { mistaken(outcome) };
    there(world.orders.get(no), outcome)
}

/// With its order.
pub(crate) fn refund<'w>(world: &'w World, outcome: &Outcome) -> (&'w Order, &'w Refund) {
    let Outcome::Refund { order, id } = outcome else { mistaken(outcome) };
    let order = there(world.orders.get(order), outcome);
    (order, there(order.refunds.iter().find(|it| it.id == *id), outcome))
}

/// With its order.
pub(crate) fn shipment<'w>(world: &'w World, outcome: &Outcome) -> (&'w Order, &'w Shipment) {
    let Outcome::Shipment { order, id } = outcome else { mistaken(outcome) };
    let order = there(world.orders.get(order), outcome);
    (order, there(order.shipments.iter().find(|it| it.id == *id), outcome))
}

/// With whether it is new.
pub(crate) fn product<'w>(world: &'w World, outcome: &Outcome) -> (&'w Product, bool) {
    let Outcome::Product { id, created } = outcome else { mistaken(outcome) };
    (there(world.products.get(id), outcome), *created)
}

/// With whether it is new.
pub(crate) fn delivery_method<'w>(
    world: &'w World,
    outcome: &Outcome,
) -> (&'w DeliveryMethod, bool) {
    let Outcome::DeliveryMethod { id, created } = outcome else { mistaken(outcome) };
    (there(world.delivery_methods.get(id), outcome), *created)
}

pub(crate) fn stock<'o>(world: &World, outcome: &'o Outcome) -> (&'o StockKey, Stock) {
    let Outcome::Stock(key) = outcome else { mistaken(outcome) };
    (key, *there(world.stock.get(key), outcome))
}

/// With whether it is new.
pub(crate) fn customer<'w>(world: &'w World, outcome: &Outcome) -> (&'w Customer, bool) {
    let Outcome::Customer { id, created } = outcome else { mistaken(outcome) };
    (there(world.customers.get(id), outcome), *created)
}

/// With whether it is new.
pub(crate) fn shop<'w>(world: &'w World, outcome: &Outcome) -> (&'w Shop, bool) {
    let Outcome::Store { id, created } = outcome else { mistaken(outcome) };
    (there(world.stores.get(id), outcome), *created)
}

/// With their store.
pub(crate) fn review_rules<'w>(world: &'w World, outcome: &Outcome) -> (StoreId, &'w ReviewRules) {
    let Outcome::ReviewRules(store) = outcome else { mistaken(outcome) };
    let rules = world.stores.get(store).and_then(|it| it.review.as_deref());
    (*store, there(rules, outcome))
}

/// With whether it is new.
pub(crate) fn cart<'w>(world: &'w World, outcome: &Outcome) -> (&'w Cart, bool) {
    let Outcome::Cart { key, created } = outcome else { mistaken(outcome) };
    (there(world.carts.get(key), outcome), *created)
}

pub(crate) fn client<'w>(world: &'w World, outcome: &Outcome) -> &'w Client {
    let Outcome::Client(id) = outcome else { mistaken(outcome) };
    there(world.clients.get(id), outcome)
}

fn there<'w, T>(found: Option<&'w T>, outcome: &Outcome) -> &'w T {
    found.unwrap_or_else(|| mistaken(outcome))
}

fn mistaken(outcome: &Outcome) -> ! {
    panic!("{outcome:?} is not what the command brings about")
}
