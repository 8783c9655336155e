//! What the server measures of itself.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use prometheus::{TEXT_FORMAT, TextEncoder};

use crate::{app::Shared, problem::Problem};

/// Tell what the server measures
///
/// In the text format of Prometheus: requests and how long they took, batches, queues, what waits
/// outside and how old it is. While the store is away, `orderd_store_up` is 0 and what it would be
/// asked for is as it was.
#[utoipa::path(
    get, path = "/metrics", operation_id = "get_metrics", tag = "server",
    responses((
        status = 200, description = "All meters", body = String, content_type = "text/plain",
    )),
)]
pub(crate) async fn show(State(app): Shared) -> Result<Response, Problem> {
    let open = i64::try_from(app.streams.count()).unwrap_or(i64::MAX);
    app.meters.streams.set(open);
    let families = app.engine.look_at_meters().await.registry().gather();
    let text = TextEncoder::new().encode_to_string(&families).map_err(|error| {
        tracing::error!(%error, "the meters can't be told");
        Problem::internal()
    })?;
    Ok(([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response())
}
