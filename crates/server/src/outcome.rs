//! The thing that a command was about, as the command has left it, for whoever renders the answer.
//!
//! A command with another outcome than one of its kind has is a fault of ours. It panics inside
//! the batch, where the command fails alone and nothing of it is written.

use domain::{
    Order, Outcome, World,
    catalog::Product,
    delivery::DeliveryMethod,
    stock::{Stock, StockKey},
};

pub(crate) fn order<'w>(world: &'w World, outcome: &Outcome) -> &'w Order {
    match outcome {
        Outcome::Order(no) => there(world.orders.get(no), outcome),
        Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_) => mistaken(outcome),
    }
}

/// With whether it is new.
pub(crate) fn product<'w>(world: &'w World, outcome: &Outcome) -> (&'w Product, bool) {
    match outcome {
        Outcome::Product { id, created } => (there(world.products.get(id), outcome), *created),
        Outcome::Order(_)
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_) => mistaken(outcome),
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
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::Stock(_)
        | Outcome::DeliveryMethodDeleted(_) => mistaken(outcome),
    }
}

pub(crate) fn stock<'o>(world: &World, outcome: &'o Outcome) -> (&'o StockKey, Stock) {
    match outcome {
        Outcome::Stock(key) => (key, *there(world.stock.get(key), outcome)),
        Outcome::Order(_)
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_) => mistaken(outcome),
    }
}

fn there<'w, T>(found: Option<&'w T>, outcome: &Outcome) -> &'w T {
    found.unwrap_or_else(|| mistaken(outcome))
}

fn mistaken(outcome: &Outcome) -> ! {
    panic!("{outcome:?} is not what the command brings about")
}
