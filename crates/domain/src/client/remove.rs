//! Remove a machine client: it gets no more tokens, and those that it has are refused.

use crate::{
    command::{Decision, Outcome},
    event::{AdminEvent, ClientRemoved},
    id::ClientId,
    moment::Moment,
    refusal::{Refusal, Refusals},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveClient {
    pub id: ClientId,
}

impl RemoveClient {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.clients.insert(self.id.clone());
    }

    pub(crate) fn decide(&self, world: &World, now: Moment) -> Result<Decision, Refusals> {
        let client = world.clients.get(&self.id).filter(|it| !it.is_removed());
        let client = client.ok_or_else(|| Refusal::ClientNotFound(self.id.clone()))?;
        let event = ClientRemoved { id: client.id.clone(), removed_at: now };
        let outcome = Outcome::Client(client.id.clone());
        Ok(Decision::on_catalogue(AdminEvent::ClientRemoved(event), outcome))
    }
}
