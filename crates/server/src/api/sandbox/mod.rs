//! The payment sandbox's own side: what a customer does at the provider, and how the provider
//! behaves. A tester plays both. There only while the sandbox is the provider in use.

pub(crate) mod behaviour;
pub(crate) mod payments;

use axum::http::StatusCode;
use engine::payment::sandbox::{Sandbox, SandboxError};

use crate::{app::App, auth::Right, call::Call, problem::Problem, refused};

/// Staff of all stores, and the sandbox: its customers are those of every store. Without one these
/// addresses do not exist.
fn enter<'a>(app: &'a App, call: &Call) -> Result<&'a Sandbox, Problem> {
    call.caller.require_everywhere(Right::Administer)?;
    app.sandbox.as_deref().ok_or_else(Problem::internal)
}

fn problem(error: SandboxError) -> Problem {
    match error {
        SandboxError::Unknown => {
            refused::not_found("intent_not_found", "The payment sandbox has no such intent")
        }
        SandboxError::Impossible(why) => {
            Problem::new(StatusCode::CONFLICT, "intent_already_processed", why)
        }
        SandboxError::Unavailable(why) => {
            tracing::warn!(why, "the payment sandbox did not answer");
            refused::provider_unavailable("The payment sandbox can't be reached; come again soon")
        }
    }
}
