//! Back to pending: no order ever goes there, and whoever asks is told where it stands.

use super::{Status, find::find, moves};
use crate::{
    actor::Actor, command::Decision, id::OrderNo, refusal::Refusals, version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReopenOrder {
    pub order: OrderNo,
    pub expected: Expected,
}

impl ReopenOrder {
    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        Err(moves::illegal(order, Status::Pending).into())
    }
}
