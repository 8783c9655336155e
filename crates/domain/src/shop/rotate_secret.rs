//! Give a store another secret. The one before it is good for nothing from then on.

use crate::{
    client::SecretHash,
    command::{Decision, Outcome},
    event::{AdminEvent, StoreSecretRotated},
    id::StoreId,
    refusal::{Refusal, Refusals},
    world::{Keys, World},
};

/// The secret was made and is told where the command comes from; here there is only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotateSecret {
    pub id: StoreId,
    pub secret_hash: SecretHash,
}

impl RotateSecret {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.stores.insert(self.id);
    }

    /// No log has the hash: it stands in the store's row alone.
    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        if world.stores.get(&self.id).is_none() {
            return Err(Refusal::StoreNotFound(self.id).into());
        }
        let event = AdminEvent::StoreSecretRotated(StoreSecretRotated { id: self.id });
        let outcome = Outcome::Store { id: self.id, created: false };
        let secret = Some((self.id, self.secret_hash.clone()));
        Ok(Decision { secret, ..Decision::on_catalogue(event, outcome) })
    }
}
