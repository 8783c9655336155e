//! A row for an arrow, and the check that runs it: what it writes and begins, what it leaves, and
//! that the same once more changes nothing.

use domain::{
    Actor, Command, Decision, Outcome, Refusal, Refusals,
    effect::{Effect, EffectState},
};

use super::{
    sound::check_books,
    states::{NO, State, system},
};
use crate::house::{House, customer};

pub(super) struct Arrow {
    /// As ARCHITECTURE.md names it.
    pub(super) name: &'static str,
    pub(super) from: State,
    pub(super) who: Actor,
    pub(super) what: Command,
    pub(super) does: Does,
    pub(super) says: Says,
    /// What is said to the same once more.
    pub(super) again: Says,
}

#[derive(Clone, Copy)]
pub(super) struct Does {
    /// Before it, to the house.
    pub(super) first: fn(&mut House),
    /// The events, by kind.
    pub(super) writes: &'static str,
    /// What becomes of effects: `void_1_1 begun`, `pay_1_1 done`.
    pub(super) effects: &'static str,
    /// `pending: open`: how the order stands, and its payments.
    pub(super) leaves: &'static str,
}

pub(super) const NOTHING: Does = Does { first: |_| {}, writes: "", effects: "", leaves: "" };

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Says {
    Order,
    Recorded,
    Awaits(&'static str),
    Refused(Refusal),
}

impl Arrow {
    /// News, as the provider's callback and as the customer's own question bring them: what is
    /// done is the same, and only a person is told how it stands.
    pub(super) fn news(
        name: &'static str,
        from: State,
        what: Command,
        does: Does,
        [says, again]: [Says; 2],
    ) -> [Arrow; 2] {
        let is_news = !does.writes.is_empty() || !does.effects.is_empty();
        let by_callback = Arrow {
            name,
            from,
            who: system(),
            what: what.clone(),
            does,
            says: if is_news { Says::Order } else { Says::Recorded },
            again: Says::Recorded,
        };
        [by_callback, Arrow { name, from, who: customer("ann"), what, does, says, again }]
    }

    pub(super) fn check(&self) {
        let Arrow { name, from, who, what, does, .. } = self;
        let row = format!("{name} from {from:?} by {who}: {what:?}");
        let mut house = from.house();
        (does.first)(&mut house);
        let (events, before) = (house.world.events.len(), effects(&house));
        assert_eq!(self.run(&mut house), self.says, "{row}");
        let kinds: Vec<_> = house.world.events[events..].iter().map(|it| it.event.kind()).collect();
        assert_eq!(kinds.join(" "), does.writes, "{row}");
        assert_eq!(changes(&before, &effects(&house)), does.effects, "{row}");
        assert_eq!(standing(&house), does.leaves, "{row}");

        let (events, before) = (house.world.events.len(), effects(&house));
        assert_eq!(self.run(&mut house), self.again, "{row}, again");
        assert_eq!(house.world.events.len(), events, "{row}, again");
        assert_eq!(effects(&house), before, "{row}, again");
    }

    fn run(&self, house: &mut House) -> Says {
        let decided = house.decide(&self.who, &self.what);
        let says = says(&decided);
        if let Ok(decision) = decided {
            house.apply(decision);
        }
        check_books(house);
        says
    }
}

fn says(decided: &Result<Decision, Refusals>) -> Says {
    let decision = match decided {
        Err(refusals) => return Says::Refused(refusals.first().clone()),
        Ok(decision) => decision,
    };
    match (&decision.refusal, &decision.outcome) {
        (Some(refusal), _) => Says::Refused(refusal.clone()),
        (None, Outcome::Order(NO)) => Says::Order,
        (None, Outcome::Recorded) => Says::Recorded,
        (None, Outcome::Awaits(id)) => {
            let known = ["pay_1_1", "pay_1_2"].into_iter().find(|it| *it == id.as_str());
            Says::Awaits(known.unwrap())
        }
        (None, outcome) => panic!("{outcome:?}"),
    }
}

pub(super) fn effects(house: &House) -> Vec<Effect> {
    let mut effects: Vec<_> = house.world.effects.iter().cloned().collect();
    effects.sort_by_key(|it| it.id.clone());
    effects
}

fn changes(before: &[Effect], after: &[Effect]) -> String {
    let mut told = Vec::new();
    for effect in after {
        let old = before.iter().find(|it| it.id == effect.id);
        let how = match (old, &effect.state) {
            (None, _) => "begun",
            (Some(old), _) if old == effect => continue,
            (Some(_), EffectState::Done(_)) => "done",
            (Some(_), EffectState::Failed(_)) => "failed",
            (Some(old), EffectState::Open) if old.keys != effect.keys => "awaited",
            (Some(_), EffectState::Open) => "put off",
        };
        told.push(format!("{} {how}", effect.id));
    }
    told.join(", ")
}

/// How the order stands, and its payments in their order.
pub(super) fn standing(house: &House) -> String {
    let order = house.order(NO);
    let payments: Vec<_> = order.payments.iter().map(|it| it.status.name()).collect();
    let held = if order.on_hold { " on hold" } else { "" };
    format!("{}{held}: {}", order.status.name(), payments.join(", ")).trim_end().into()
}
