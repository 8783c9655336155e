//! What every handler has at hand.

use std::sync::Arc;

use domain::{Command, OrderNo, RetrievalId};
use engine::{Engine, Idempotency, Rejected, Render, Submission};
use store::Reads;

use crate::{
    auth::{SigningKey, Verifier},
    call::Call,
    json::Style,
    problem::Problem,
    refused,
};

/// Orders are counted from 1.
const NO_ORDER: OrderNo = OrderNo(0);

/// What the operator has set, as far as the HTTP API minds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// A change without an Idempotency-Key is refused.
    pub idempotency_required: bool,
}

pub struct App {
    pub(crate) engine: Engine,
    pub(crate) verifier: Verifier,
    pub(crate) settings: Settings,
}

impl App {
    pub fn new(engine: Engine, key: &SigningKey, settings: Settings) -> Result<App, String> {
        let verifier = Verifier::new([key]).map_err(|error| error.to_string())?;
        Ok(App { engine, verifier, settings })
    }

    pub fn into_engine(self) -> Engine {
        self.engine
    }

    pub(crate) fn reads(&self) -> &dyn Reads {
        self.engine.reads()
    }

    /// Hands a command to the engine and turns what comes back into a response.
    pub(crate) async fn submit(
        &self,
        call: &Call,
        command: Command,
        idempotency: Option<Idempotency>,
        style: Style,
        render: Render,
    ) -> Result<axum::response::Response, Problem> {
        let submission = Submission {
            command,
            actor: call.actor()?,
            request_id: call.request_id().into(),
            idempotency,
            render,
        };
        match self.engine.submit(submission).await {
            Ok(reply) => Ok(crate::reply::response(reply)),
            Err(Rejected::Refused(refusals)) => Err(refused::problem(&refusals, style)),
            Err(Rejected::KeyReused) => Err(refused::key_reused()),
            Err(Rejected::Overloaded) => Err(refused::overloaded()),
            Err(Rejected::Unavailable) => Err(refused::unavailable()),
            Err(Rejected::Failed) => Err(Problem::internal()),
        }
    }

    /// The order that an id in a URL names; either of an order's ids will do. The id in `/v1` never
    /// changes once an order has it, so it may be looked up ahead of the command. An id that names
    /// nothing goes on as the number that no order has: it is refused where its turn comes.
    pub(crate) async fn order_no(&self, id: &str) -> Result<OrderNo, Problem> {
        if let Ok(no) = id.parse() {
            return Ok(no);
        }
        let Ok(retrieval_id) = id.parse::<RetrievalId>() else { return Ok(NO_ORDER) };
        let found = self.reads().order_by_retrieval(retrieval_id).await;
        Ok(found.map_err(refused::store)?.unwrap_or(NO_ORDER))
    }
}

pub(crate) type Shared = axum::extract::State<Arc<App>>;
