//! `POST /api/stores/{number}/rotate-secret`: another secret, of which only the hash is kept.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header::CACHE_CONTROL},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Command, client::SecretHash, shop::rotate_secret::RotateSecret};
use engine::{Answer, Render, Said, ids::Ids};
use sha2::{Digest, Sha256};

use super::{named, not_found};
use crate::{
    app::{Shared, submission},
    call::{Call, Manner, Named},
    json::Style,
    outcome,
    problem::Problem,
    refused,
    reply::{json, response},
    view::store::StoreSecretView,
};

const SECRET_BYTES: usize = 32;

/// Give a store another secret
///
/// By it the shop's own system proves itself where it fetches its orders. The secret is shown in
/// this answer and never again: where the answer is given again under its key, `secret` is null.
/// The one before it is wrong from then on: here at once, on other processes of the same database
/// within a second.
#[utoipa::path(
    post, path = "/api/stores/{number}/rotate-secret", operation_id = "rotate_store_secret",
    tag = "stores",
    responses((status = 200, description = "The new one", body = StoreSecretView)),
)]
pub(crate) async fn rotate_secret(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let manner = call.empty_change(body).await?;
    let id = named(&call, &name)?;
    // A store never goes, so it may be looked for ahead.
    app.reads().shop(id).await.map_err(refused::store)?.ok_or_else(not_found)?;
    let secret = make(app.engine.ids());
    let secret_hash = SecretHash::new(Sha256::digest(&secret).into());
    let command = Command::RotateSecret(RotateSecret { id, secret_hash });
    let idempotency = match manner {
        Manner::Real(idempotency) => idempotency,
        Manner::Dry => return app.submit(&call, command, manner, Style::Strict, answer()).await,
    };
    let submission = submission(&call, command, idempotency, answer())?;
    let reply = app.hand_in(submission, Style::Strict).await?;
    let Said::Answer(mut answer) = reply.said else { return Err(Problem::internal()) };
    if !reply.replayed {
        answer.body = json(&StoreSecretView { store_id: id.0, secret: Some(secret) });
        if let Err(error) = app.shops.look_again(app.reads()).await {
            // The one before it is good here until the next look that succeeds.
            tracing::warn!(%error, "stores can't be read");
        }
    }
    let mut response = response(answer, reply.replayed);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Random enough that there is nothing to slow down a guess for.
fn make(ids: &dyn Ids) -> String {
    let mut random = [0; SECRET_BYTES];
    ids.fill(&mut random);
    format!("secret_{}", URL_SAFE_NO_PAD.encode(random))
}

/// What is remembered: everything but the secret.
fn answer() -> Render {
    Box::new(|world, result| {
        let (shop, _) = outcome::shop(world, result);
        let body = json(&StoreSecretView { store_id: shop.id.0, secret: None });
        Answer { status: 200, body, ..Answer::default() }
    })
}
