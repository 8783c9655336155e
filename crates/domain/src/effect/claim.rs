//! Claim effects that are due and that nobody works on.

use super::{Effect, EffectChange, EffectId};
use crate::{
    command::{Decision, Outcome},
    moment::Moment,
    world::{Policy, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimEffects {
    pub effects: Vec<EffectId>,
}

impl ClaimEffects {
    pub(crate) fn decide(&self, world: &World, now: Moment) -> Decision {
        let free = |id: &&EffectId| {
            let effect = world.effects.get(id);
            effect.is_some_and(|it| it.is_open() && it.due_at <= now && is_free(it, world, now))
        };
        let claimed: Vec<_> = self.effects.iter().filter(free).cloned().collect();
        let effects = claimed.iter().map(|it| (it.clone(), EffectChange::Claimed)).collect();
        Decision::on_effects(effects, Outcome::Claimed(claimed))
    }
}

fn is_free(effect: &Effect, world: &World, now: Moment) -> bool {
    let Policy { process, sole_process, .. } = world.policy;
    effect.lease.is_none_or(|it| it.until <= now || it.process == process || sole_process)
}
