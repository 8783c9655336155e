//! `PUT /sandbox/behaviour`: what the sandbox does from now on.

use axum::{
    body::Body, extract::State, http::StatusCode, response::IntoResponse, response::Response,
};
use engine::payment::sandbox::{Behaviour, Callback};

use super::{enter, problem};
use crate::{
    app::Shared,
    call::Call,
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    problem::Problem,
};

const DELAY_MS_MAX: i64 = 600_000;
const CALLS_MAX: i64 = 1_000_000_000;

/// Set how the payment sandbox behaves
///
/// It answers after `delay_ms`; refuses the next `fail_next` calls that would change something,
/// with a message for people; does what the next `lose_answer_next` ask for, and the answer never
/// arrives; and tells the shop of what customers do at once, not at all, twice or some seconds
/// late. What is left out goes back to normal.
#[utoipa::path(
    put, path = "/sandbox/behaviour", operation_id = "set_sandbox_behaviour", tag = "sandbox",
    request_body = bodies::SandboxBehaviourBody,
    responses((status = 204, description = "So it behaves from now on")),
)]
pub(crate) async fn behave(
    State(app): Shared,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let behaviour = call.instruction(body, read).await?;
    enter(&app, &call)?.set_behaviour(behaviour).map_err(problem)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Behaviour> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let count = |name: &'static str, max: i64| {
        let count = body.optional(name).integer(0..=max).unwrap_or(0);
        u32::try_from(count).unwrap_or(0)
    };
    let callbacks = Callback::ALL.map(|it| (it.name(), it));
    let callback = body.optional("callback").one_of(&callbacks);
    let behaviour = Behaviour {
        delay_ms: count("delay_ms", DELAY_MS_MAX),
        fail_next: count("fail_next", CALLS_MAX),
        lose_answer_next: count("lose_answer_next", CALLS_MAX),
        callback: callback.unwrap_or_default(),
    };
    body.deny_unknown();
    Some(behaviour)
}
