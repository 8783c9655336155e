//! Put an effect off: it came to nothing this time, and shall be tried again.

use super::{EffectChange, EffectId};
use crate::{
    command::{Decision, Outcome},
    moment::Moment,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryEffect {
    pub effect: EffectId,
    pub due_at: Moment,
    pub error: String,
}

impl RetryEffect {
    /// What has ended stays so, and what another process has taken over is that one's.
    pub(crate) fn decide(&self, world: &World) -> Decision {
        let process = world.policy.process;
        let ours = world
            .effects
            .get(&self.effect)
            .filter(|it| it.is_open() && it.lease.is_none_or(|lease| lease.process == process));
        let change = EffectChange::PutOff { due_at: self.due_at, error: self.error.clone() };
        let changes = ours.map(|it| (it.id.clone(), change));
        Decision::on_effects(Vec::from_iter(changes), Outcome::Recorded)
    }
}
