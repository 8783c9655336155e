//! The order that a command is about, and its shop.

use super::Order;
use crate::{
    actor::Actor,
    id::OrderNo,
    refusal::{Refusal, Refusals},
    shop::Shop,
    version::Expected,
    world::World,
};

/// The order that a command names, if this actor may know of it and it is still the version that
/// the actor has seen.
pub(crate) fn find<'w>(
    world: &'w World,
    actor: &Actor,
    no: OrderNo,
    expected: &Expected,
) -> Result<&'w Order, Refusals> {
    let visible = |order: &&Order| actor.may_see(order.customer.as_ref(), order.store);
    let order = world.orders.get(&no).filter(visible).ok_or(Refusal::OrderNotFound(no))?;
    expected.check(Some(order.version))?;
    Ok(order)
}

pub(crate) fn shop_of<'w>(world: &'w World, order: &Order) -> Result<&'w Shop, Refusals> {
    Ok(world.stores.get(&order.store).ok_or(Refusal::StoreNotFound(order.store))?)
}
