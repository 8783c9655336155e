//! `POST /api/clients`: a client and its secret, of which only the hash is kept.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header::CACHE_CONTROL},
    response::Response,
};
use domain::Command;
use engine::{Answer, Render, Said};

use crate::{
    app::{Shared, submission},
    auth::{NewClient, Right, client_scope},
    call::{Call, Manner},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    reply::{json, response},
    view::client::NewClientView,
};

struct Wanted {
    name: String,
    scope: String,
}

/// Create a client
///
/// A program that gets its tokens at `/oauth/token` for its id and its secret. The secret is shown
/// in this answer and never again: where the answer is given again under its key, `client_secret`
/// is null. Whoever has lost it removes the client and creates another.
#[utoipa::path(
    post, path = "/api/clients", operation_id = "create_client", tag = "tokens",
    request_body = bodies::CreateClientBody,
    responses((status = 201, description = "Made", body = NewClientView)),
)]
pub(crate) async fn create(
    State(app): Shared,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (wanted, manner) = call.change(body, read).await?;
    call.caller.require_everywhere(Right::Administer)?;
    let (ids, now) = (app.engine.ids(), app.engine.clock().now());
    let NewClient { command, secret } =
        NewClient::new(ids, now, wanted.name, wanted.scope).ok_or_else(Problem::internal)?;
    let command = Command::CreateClient(command);
    let idempotency = match manner {
        Manner::Real(idempotency) => idempotency,
        Manner::Dry => {
            return app.submit(&call, command, manner, Style::Strict, answer(false)).await;
        }
    };
    let submission = submission(&call, command, idempotency, answer(true))?;
    let reply = app.hand_in(submission, Style::Strict).await?;
    let Said::Answer(mut answer) = reply.said else { return Err(Problem::internal()) };
    if !reply.replayed {
        answer.body = with_secret(&answer.body, secret)?;
    }
    let mut response = response(answer, reply.replayed);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Wanted> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let name = body.required("name").string(1..=200);
    let field = body.required("scope");
    let scope = field.parse(field.string(1..=500), "unknown_scope", client_scope);
    body.deny_unknown();
    Some(Wanted { name: name?.into(), scope: scope? })
}

/// What is remembered: everything but the secret. In a dry run there is no id either.
fn answer(has_id: bool) -> Render {
    Box::new(move |world, result| {
        let client = outcome::client(world, result);
        let id = has_id.then(|| client.id.to_string());
        Answer {
            status: 201,
            location: id.as_ref().map(|id| format!("/api/clients/{id}")),
            etag: None,
            body: json(&NewClientView {
                client_id: id,
                name: client.name.clone(),
                scope: client.scope.clone(),
                client_secret: None,
                created_at: client.created_at.to_string(),
            }),
        }
    })
}

fn with_secret(body: &str, secret: String) -> Result<String, Problem> {
    let mut view: NewClientView = serde_json::from_str(body).map_err(|_| Problem::internal())?;
    view.client_secret = Some(secret);
    Ok(json(&view))
}
