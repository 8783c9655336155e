//! Lets a shop in by its number and its secret, which stand in the body, and says how it is
//! refused: by a sentence, with the status that clients of these calls look for.

use std::{convert::Infallible, fmt, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::FromRequestParts,
    http::{
        Extensions, HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
        request::Parts,
    },
    response::Response,
};
use domain::{RetrievalId, StoreId};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::{parameters::Parameters, shops::Known};
use crate::{
    accept,
    app::App,
    body::{parse_json, read_lenient_json},
    json::{Faults, Json},
    problem::Problem,
    refused,
    reply::json,
    request_id::RequestId,
};

/// What a refusal tells of what it was given, in characters.
const ECHOED_MAX: usize = 100;

/// How calls of a kind are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With 400.
    Reads,
    /// With 200: their clients look for `error` in the answer.
    Changes,
}

/// Why a call is not answered.
#[derive(Debug)]
pub(super) enum Refused {
    /// The call's own sentence.
    Because(String),
    NotAcceptable,
    UnsupportedMediaType,
    /// What is wrong has a status of its own, which it keeps: too often, too much, too late, away.
    Problem(Problem),
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShopCallRefused)]
pub(crate) struct RefusedView<'a> {
    /// What is wrong, as a sentence.
    error: &'a str,
}

impl Refused {
    pub(super) fn because(sentence: impl Into<String>) -> Refused {
        Refused::Because(sentence.into())
    }

    pub(super) fn store(error: StoreError) -> Refused {
        Refused::Problem(refused::store(error))
    }

    pub(super) fn response(&self, kind: Kind) -> Response {
        let usual = match kind {
            Kind::Reads => StatusCode::BAD_REQUEST,
            Kind::Changes => StatusCode::OK,
        };
        match self {
            Refused::Because(sentence) => told(usual, &RefusedView { error: sentence }),
            Refused::NotAcceptable => page(StatusCode::NOT_ACCEPTABLE),
            Refused::UnsupportedMediaType => page(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Refused::Problem(problem) => {
                let is_usual = problem.status() == StatusCode::BAD_REQUEST;
                let status = if is_usual { usual } else { problem.status() };
                let mut response = told(status, &RefusedView { error: problem.detail() });
                for (name, value) in problem.headers() {
                    response.headers_mut().append(name, value.clone());
                }
                response
            }
        }
    }
}

pub(super) fn told(status: StatusCode, document: &impl Serialize) -> Response {
    told_written(status, json(document))
}

pub(super) fn told_written(status: StatusCode, document: impl Into<Body>) -> Response {
    let mut response = Response::new(document.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// These two are told in HTML, as clients of these calls are used to.
fn page(status: StatusCode) -> Response {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{status}</title></head>\
         <body><h1>{status}</h1></body></html>\n"
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// A request of which nothing is known yet but how it came.
pub(crate) struct Knock {
    headers: HeaderMap,
    extensions: Extensions,
}

impl FromRequestParts<Arc<App>> for Knock {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Knock, Infallible> {
        let headers = std::mem::take(&mut parts.headers);
        Ok(Knock { headers, extensions: parts.extensions.clone() })
    }
}

/// A shop that has proved itself.
pub(super) struct Shop {
    pub(super) store: StoreId,
    pub(super) test: bool,
    pub(super) known: Arc<Known>,
    pub(super) request_id: String,
}

impl Knock {
    /// The bytes of a body of JSON.
    pub(super) async fn read(&self, body: Body) -> Result<Bytes, Refused> {
        if !accepts_json(&self.headers) {
            return Err(Refused::NotAcceptable);
        }
        read_lenient_json(&self.headers, body).await.map_err(|problem| match problem.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Refused::UnsupportedMediaType,
            _ => Refused::Problem(problem),
        })
    }

    /// The document, and who sends it. `unreadable` is the call's sentence for what is none.
    pub(super) async fn shop(&self, app: &App, asked: &Parameters<'_>) -> Result<Shop, Refused> {
        let Some(store) = asked.text("store").or_else(|| asked.text("storeId")) else {
            return Err(self.stranger(app, "Parameter store is required"));
        };
        let Some(secret) = asked.text("secret") else {
            return Err(self.stranger(app, "Parameter secret is required"));
        };
        let known = app.shops.known(app.reads()).await.map_err(Refused::store)?;
        // What is no number is the number of no store.
        let store = store.parse().unwrap_or(StoreId(0));
        let Some(shop) = known.proved(store, secret) else {
            let counted = app.limiter.admit_guess(store.0, &self.extensions);
            counted.map_err(Refused::Problem)?;
            return Err(Refused::because("Invalid security credentials"));
        };
        app.limiter.admit_store(store.0, &self.extensions).map_err(Refused::Problem)?;
        let test = shop.test;
        let request_id = self.extensions.get::<RequestId>();
        let request_id = request_id.ok_or_else(|| Refused::Problem(Problem::internal()))?;
        Ok(Shop { store, test, known: known.clone(), request_id: request_id.as_str().into() })
    }

    /// Somebody who does not claim to be the shop, and which shop it is about. Such are counted by
    /// their addresses.
    pub(super) fn visitor(
        &self,
        app: &App,
        asked: &Parameters<'_>,
    ) -> Result<(StoreId, String), Refused> {
        app.limiter.admit(None, &self.extensions).map_err(Refused::Problem)?;
        let store = asked.text("store").or_else(|| asked.text("storeId"));
        let store = store.ok_or_else(|| Refused::because("Parameter store is required"))?;
        let request_id = self.extensions.get::<RequestId>();
        let request_id = request_id.ok_or_else(|| Refused::Problem(Problem::internal()))?;
        Ok((store.parse().unwrap_or(StoreId(0)), request_id.as_str().into()))
    }

    /// Whoever does not even say who it is, is counted by its address.
    fn stranger(&self, app: &App, sentence: &str) -> Refused {
        match app.limiter.admit(None, &self.extensions) {
            Ok(()) => Refused::because(sentence),
            Err(problem) => Refused::Problem(problem),
        }
    }
}

/// The document in a body; `unreadable` is the call's sentence for what is none.
pub(super) fn parse<'b>(bytes: &'b [u8], unreadable: &'static str) -> Result<Json<'b>, Refused> {
    let faults = Faults::default();
    let tree = parse_json(bytes, &faults).map_err(|_| Refused::because(unreadable))?;
    // What is told of card data is its place, and nothing of what stands there.
    faults.finish(Some(())).map_err(Refused::Problem)?;
    Ok(tree)
}

/// JSON is only ruled out by a client that names what it wants, and does not name it.
fn accepts_json(headers: &HeaderMap) -> bool {
    let says_nothing =
        headers.get_all(ACCEPT).iter().all(|it| it.as_bytes().trim_ascii().is_empty());
    says_nothing || accept::choose(headers, &["application/json"]).is_some()
}

/// An order's id as shops spell it: with the store, or the number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedOrder {
    Own(RetrievalId),
    /// Of whatever store, it is none of this shop's.
    Others,
    Malformed,
}

impl Shop {
    pub(super) fn named(&self, text: &str) -> NamedOrder {
        let store = self.store;
        let whole =
            if text.contains('-') { text.parse() } else { format!("{store}-{text}").parse() };
        match whole {
            Ok(id @ RetrievalId { store: of, .. }) if of == store => NamedOrder::Own(id),
            Ok(_) => NamedOrder::Others,
            Err(_) => NamedOrder::Malformed,
        }
    }
}

/// What a client has sent, as a refusal tells it: no more of it than says which it was.
pub(super) struct Echoed<'a>(pub(super) &'a str);

impl fmt::Display for Echoed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(ECHOED_MAX) {
            None => f.write_str(self.0),
            Some((end, _)) => write!(f, "{}…", &self.0[..end]),
        }
    }
}
