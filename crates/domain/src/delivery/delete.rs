//! Delete a delivery method. Orders that it carries are not touched.

use crate::{
    command::{Decision, Outcome},
    event::{AdminEvent, DeliveryMethodDeleted},
    id::DeliveryMethodId,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteDeliveryMethod {
    pub id: DeliveryMethodId,
    pub expected: Expected,
}

impl DeleteDeliveryMethod {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.delivery_methods.insert(self.id.clone());
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let id = || self.id.clone();
        let method = world.delivery_methods.get(&self.id);
        let method = method.ok_or_else(|| Refusal::DeliveryMethodNotFound(id()))?;
        self.expected.check(Some(method.version))?;
        let event = AdminEvent::DeliveryMethodDeleted(DeliveryMethodDeleted { id: id() });
        Ok(Decision::on_catalogue(event, Outcome::DeliveryMethodDeleted(id())))
    }
}
