//! Create a machine client.

use super::{Client, SecretHash};
use crate::{
    command::{Decision, Outcome},
    event::AdminEvent,
    id::ClientId,
    moment::Moment,
    refusal::Refusals,
    world::Keys,
};

/// The secret was made and is told where the command comes from; here there is only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateClient {
    pub id: ClientId,
    pub name: String,
    pub scope: String,
    pub secret_hash: SecretHash,
}

impl CreateClient {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.clients.insert(self.id.clone());
    }

    pub(crate) fn decide(&self, now: Moment) -> Result<Decision, Refusals> {
        let client = Client {
            id: self.id.clone(),
            name: self.name.clone(),
            scope: self.scope.clone(),
            secret_hash: self.secret_hash.clone(),
            created_at: now,
            removed_at: None,
        };
        let event = AdminEvent::ClientCreated(Box::new(client));
        Ok(Decision::on_catalogue(event, Outcome::Client(self.id.clone())))
    }
}
