//! Places where a test ends the process, to see what is left. They are there only with the feature
//! `crash-points`; without it nothing of this is compiled.
//!
//! `FAILPOINTS="with-payment/after-commit=return"` ends a server at that place, as a power cut
//! does; `1*off->return` lets one pass first, `sleep(500)` only waits there.

#[cfg(feature = "crash-points")]
pub use armed::{Armed, arm};
#[cfg(feature = "crash-points")]
pub(crate) use armed::{
    after_ask, before_ask, before_commit, before_reply, between_pieces, committed,
};

#[cfg(feature = "crash-points")]
mod armed {
    use domain::effect::{Action, Effect};

    /// Crash points stay armed as long as this is kept.
    #[must_use]
    pub struct Armed(#[expect(dead_code, reason = "it is kept to be dropped")] Scenario);

    type Scenario = fail::FailScenario<'static>;

    /// Takes what shall happen where from the environment's `FAILPOINTS`.
    pub fn arm() -> Armed {
        Armed(fail::FailScenario::setup())
    }

    /// The first payments of a batch are about to be written.
    pub(crate) fn before_commit(effects: &[Effect]) {
        if effects.iter().any(|it| is_start(it) && it.is_open()) {
            fail::fail_point!("with-payment/before-commit", |_| std::process::abort());
        }
    }

    /// They are written, and nobody was told.
    pub(crate) fn committed(effects: &[Effect]) {
        if effects.iter().any(|it| is_start(it) && it.is_open()) {
            fail::fail_point!("with-payment/after-commit", |_| std::process::abort());
        }
    }

    pub(crate) fn before_ask(effect: &Effect) {
        if is_start(effect) {
            fail::fail_point!("with-payment/before-ask", |_| std::process::abort());
        }
    }

    /// The provider has answered, and nothing of it is written.
    pub(crate) fn after_ask(effect: &Effect) {
        if is_start(effect) {
            fail::fail_point!("with-payment/after-ask", |_| std::process::abort());
        }
    }

    /// The outcome is written, and whoever waits for it is about to be told.
    pub(crate) fn before_reply(effect: &Effect) {
        if is_start(effect) {
            fail::fail_point!("with-payment/before-reply", |_| std::process::abort());
        }
    }

    /// Some of an erasure's orders have forgotten their person, and others not yet.
    pub(crate) fn between_pieces() {
        fail::fail_point!("erasure/between-pieces", |_| std::process::abort());
    }

    fn is_start(effect: &Effect) -> bool {
        match effect.action {
            Action::InitializePayment(_) => true,
            Action::CancelPayment { .. }
            | Action::CapturePayment { .. }
            | Action::RefundPayment { .. } => false,
        }
    }
}

#[cfg(not(feature = "crash-points"))]
mod unarmed {
    use domain::effect::Effect;

    pub(crate) fn before_commit(_: &[Effect]) {}
    pub(crate) fn committed(_: &[Effect]) {}
    pub(crate) fn before_ask(_: &Effect) {}
    pub(crate) fn after_ask(_: &Effect) {}
    pub(crate) fn before_reply(_: &Effect) {}
    pub(crate) fn between_pieces() {}
}
#[cfg(not(feature = "crash-points"))]
pub(crate) use unarmed::{
    after_ask, before_ask, before_commit, before_reply, between_pieces, committed,
};
