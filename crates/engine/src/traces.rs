//! Spans for a collector of traces: one around each batch, each effect that is worked on, and each
//! question to the world.
//!
//! All of them have one target, in which nobody is interested unless the server was started to
//! export it; a span that nobody wants costs a look at a number. The log never shows them.

use adapters::payment::ProviderError;
use domain::effect::Effect;
use tracing::{Span, field::Empty, info_span};

use crate::{
    effects::work::Worked,
    pipeline::{Told, Waiting},
    submission::Rejected,
};

/// The target of every span that is exported.
pub const TARGET: &str = "telemetry";

/// The field by which a span is shown to have failed.
pub const STATUS: &str = "otel.status_code";
pub const FAILED: &str = "ERROR";

/// One batch, from its first look at the store to its commit. It is a trace of its own, because it
/// is no part of any one request; it has a link to each.
pub(crate) fn batch(waiting: &[Waiting]) -> Span {
    let span = info_span!(
        target: TARGET,
        parent: None,
        "batch",
        orderd.commands = number(waiting.len()),
        orderd.waited_ms = longest_wait_ms(waiting),
        orderd.last_seq = Empty,
        otel.status_code = Empty,
    );
    if !span.is_disabled() {
        waiting.iter().for_each(|it| _ = span.follows_from(&it.asked_in));
    }
    span
}

/// A batch has come to its end.
pub(crate) fn committed(span: &Span, outcomes: &[Result<Told, Rejected>], last_seq: Option<u64>) {
    if span.is_disabled() {
        return;
    }
    if let Some(seq) = last_seq {
        span.record("orderd.last_seq", number(seq));
    }
    let is_fault =
        |it: &Result<Told, Rejected>| matches!(it, Err(Rejected::Failed | Rejected::Unavailable));
    if outcomes.iter().any(is_fault) {
        span.record(STATUS, FAILED);
    }
}

/// All commands of a batch are decided; before it they are loaded, after it they are written.
pub(crate) fn decide() -> Span {
    info_span!(target: TARGET, "decide")
}

/// An effect, from the question to the provider to its answer. Who wanted it may be gone for days,
/// so it is a trace of its own.
pub(crate) fn effect(effect: &Effect) -> Span {
    info_span!(
        target: TARGET,
        parent: None,
        "effect",
        otel.name = effect.action.name(),
        otel.kind = "client",
        orderd.effect_id = effect.id.as_str(),
        orderd.order_id = %effect.order,
        orderd.attempt = i64::from(effect.attempts) + 1,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// The provider has answered, or has not. Its words may be about a person: they are not told.
pub(crate) fn worked(span: &Span, worked: &Worked) {
    let Some(error) = worked.error().filter(|_| !span.is_disabled()) else { return };
    let kind = match error {
        ProviderError::Refused(_) => "refused",
        ProviderError::Unknown => "unknown",
        ProviderError::Unavailable(_) => "unavailable",
    };
    span.record("error.type", kind);
    span.record(STATUS, FAILED);
}

/// A question to somebody outside, which a request waits for.
pub(crate) fn question(to: &'static str) -> Span {
    info_span!(target: TARGET, "question", otel.name = to, otel.kind = "client")
}

fn longest_wait_ms(waiting: &[Waiting]) -> i64 {
    let longest = waiting.iter().map(|it| it.since.elapsed()).max().unwrap_or_default();
    number(longest.as_millis())
}

/// Collectors know signed numbers only.
fn number(it: impl TryInto<i64>) -> i64 {
    it.try_into().unwrap_or(i64::MAX)
}
