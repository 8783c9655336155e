//! What the calls that change an order share.

use axum::{body::Body, http::StatusCode, response::Response};
use domain::{Actor, Command, OrderNo, RetrievalId, Role};
use engine::{Rejected, Said, Submission};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    door::{Echoed, Kind, Knock, NamedOrder, Refused, RefusedView, Shop, parse, told},
    parameters::Parameters,
};
use crate::{
    app::App,
    json::{Json, Style},
    problem::Problem,
    refused,
};

const UNREADABLE: &str = "could not parse input";

#[derive(Serialize, ToSchema)]
#[schema(as = ShopCallDone)]
pub(crate) struct DoneView {
    /// What was done, as a sentence.
    success: String,
}

#[derive(ToSchema)]
#[schema(as = ShopCallAnswer)]
#[serde(untagged)]
#[expect(dead_code, reason = "described, never made")]
pub(crate) enum Answer<'a> {
    Done(DoneView),
    Refused(RefusedView<'a>),
}

/// An order of the shop's that a change is about.
pub(super) struct Target {
    pub(super) id: RetrievalId,
    pub(super) no: OrderNo,
}

/// One call: reads what is asked of which order, lets the shop in, and hands in the command that
/// `make` makes of it, with the sentence that tells its success.
pub(super) async fn change<T>(
    (app, knock, body): (&App, &Knock, Body),
    call: &str,
    read: impl FnOnce(&Parameters<'_>) -> Result<(String, T), Refused>,
    make: impl FnOnce(&Target, T) -> (Command, String),
) -> Response {
    let changing = async {
        let (shop, (order, wanted)) = asked(app, knock, body, read).await?;
        let target = target(app, &shop, call, &order).await?;
        let (command, success) = make(&target, wanted);
        submit(app, shop, command, success).await
    };
    changing.await.unwrap_or_else(|refused| refused.response(Kind::Changes))
}

/// Reads a change and lets its shop in; `read` says what is asked of whom.
async fn asked<T>(
    app: &App,
    knock: &Knock,
    body: Body,
    read: impl FnOnce(&Parameters<'_>) -> Result<T, Refused>,
) -> Result<(Shop, T), Refused> {
    let bytes = knock.read(body).await?;
    let tree: Json<'_> = parse(&bytes, UNREADABLE)?;
    let parameters = Parameters::of(&tree).ok_or_else(|| Refused::because(UNREADABLE))?;
    let shop = knock.shop(app, &parameters).await?;
    let asked = read(&parameters)?;
    Ok((shop, asked))
}

/// The order that a change names; its id never changes, so it may be looked up ahead.
async fn target(app: &App, shop: &Shop, call: &str, order: &str) -> Result<Target, Refused> {
    let missing = |name: &dyn std::fmt::Display| {
        Refused::because(format!("Could not retrieve order to {call} for orderId: {name}"))
    };
    let id = match shop.named(order) {
        NamedOrder::Own(id) => id,
        NamedOrder::Others | NamedOrder::Malformed => return Err(missing(&Echoed(order))),
    };
    let found = app.reads().order_by_retrieval(id).await.map_err(Refused::store)?;
    Ok(Target { id, no: found.ok_or_else(|| missing(&id.no))? })
}

/// Hands in the command of a shop; the answer is the sentence.
async fn submit(
    app: &App,
    shop: Shop,
    command: Command,
    success: String,
) -> Result<Response, Refused> {
    let Shop { store, request_id, .. } = shop;
    let subject = format!("store-{store}");
    let actor = Actor { role: Role::Integration, subject, stores: Some(vec![store]) };
    // No key remembers the answer, so it is made here alone.
    let render = Box::new(|_: &_, _: &_| engine::Answer::default());
    let submission = Submission { command, actor, request_id, idempotency: None, render };
    let reply = app.engine.submit(submission).await.map_err(|rejected| declined(&rejected))?;
    match reply.said {
        Said::Answer(_) => Ok(told(StatusCode::OK, &DoneView { success })),
        Said::Awaits { .. } => Err(Refused::Problem(Problem::internal())),
    }
}

/// What the order's state does not let happen is a sentence as all else that is wrong.
fn declined(rejected: &Rejected) -> Refused {
    let problem = refused::rejected(rejected, Style::Camel);
    match rejected {
        Rejected::Refused(_) => Refused::because(problem.detail()),
        Rejected::KeyReused | Rejected::Overloaded | Rejected::Unavailable | Rejected::Failed => {
            Refused::Problem(problem)
        }
    }
}
