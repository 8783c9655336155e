//! The thing that a command was about, as the command has left it, for whoever renders the answer.
//!
//! A command with another outcome than one of its kind has is a fault of ours. It panics inside
//! the batch, where the command fails alone and nothing of it is written.

use domain::{
    Order, Outcome, World,
    cart::Cart,
    catalog::Product,
    customer::Customer,
    delivery::DeliveryMethod,
    refund::Refund,
    shipment::Shipment,
    shop::Shop,
    stock::{Stock, StockKey},
};

pub(crate) fn order<'w>(world: &'w World, outcome: &Outcome) -> &'w Order {
    match outcome {
        Outcome::Order(no) => there(world.orders.get(no), outcome),
        Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With its order.
pub(crate) fn refund<'w>(world: &'w World, outcome: &Outcome) -> (&'w Order, &'w Refund) {
    match outcome {
        Outcome::Refund { order, id } => {
            let order = there(world.orders.get(order), outcome);
            (order, there(order.refunds.iter().find(|it| it.id == *id), outcome))
        }
        Outcome::Order(_)
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With its order.
pub(crate) fn shipment<'w>(world: &'w World, outcome: &Outcome) -> (&'w Order, &'w Shipment) {
    match outcome {
        Outcome::Shipment { order, id } => {
            let order = there(world.orders.get(order), outcome);
            (order, there(order.shipments.iter().find(|it| it.id == *id), outcome))
        }
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With whether it is new.
pub(crate) fn product<'w>(world: &'w World, outcome: &Outcome) -> (&'w Product, bool) {
    match outcome {
        Outcome::Product { id, created } => (there(world.products.get(id), outcome), *created),
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With whether it is new.
pub(crate) fn delivery_method<'w>(
    world: &'w World,
    outcome: &Outcome,
) -> (&'w DeliveryMethod, bool) {
    match outcome {
        Outcome::DeliveryMethod { id, created } => {
            (there(world.delivery_methods.get(id), outcome), *created)
        }
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

pub(crate) fn stock<'o>(world: &World, outcome: &'o Outcome) -> (&'o StockKey, Stock) {
    match outcome {
        Outcome::Stock(key) => (key, *there(world.stock.get(key), outcome)),
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With whether it is new.
pub(crate) fn customer<'w>(world: &'w World, outcome: &Outcome) -> (&'w Customer, bool) {
    match outcome {
        Outcome::Customer { id, created } => (there(world.customers.get(id), outcome), *created),
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With whether it is new.
pub(crate) fn shop<'w>(world: &'w World, outcome: &Outcome) -> (&'w Shop, bool) {
    match outcome {
        Outcome::Store { id, created } => (there(world.stores.get(id), outcome), *created),
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

/// With whether it is new.
pub(crate) fn cart<'w>(world: &'w World, outcome: &Outcome) -> (&'w Cart, bool) {
    match outcome {
        Outcome::Cart { key, created } => (there(world.carts.get(key), outcome), *created),
        Outcome::Order(_)
        | Outcome::Refund { .. }
        | Outcome::Shipment { .. }
        | Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::CartDeleted(_)
        | Outcome::Recorded
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Store { .. }
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => mistaken(outcome),
    }
}

fn there<'w, T>(found: Option<&'w T>, outcome: &Outcome) -> &'w T {
    found.unwrap_or_else(|| mistaken(outcome))
}

fn mistaken(outcome: &Outcome) -> ! {
    panic!("{outcome:?} is not what the command brings about")
}
