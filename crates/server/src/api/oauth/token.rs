//! `POST /oauth/token`: a token for a client's id and secret (RFC 6749, 4.4).

use axum::{
    body::Body,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::client::Client;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, Shared},
    auth::{Grant, Scopes, proves},
    body::{form_decoded, read_form},
    openapi::bodies,
    problem::Problem,
    refused,
    reply::json,
};

/// A token can't outlive its client, but it is also written down in places that nobody knows of.
const TOKEN_TTL_S: u64 = 3600;

#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenView<'a> {
    access_token: &'a str,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// What the token may; space-separated.
    scope: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TokenRefused)]
struct RefusedView {
    error: &'static str,
    error_description: &'static str,
}

/// Why there is no token, in the words of RFC 6749, 5.2.
#[derive(Clone, Copy, Debug)]
enum Refused {
    Request(&'static str),
    Client,
    GrantType,
    Scope,
}

/// Get a token
///
/// Client credentials: the client's id and secret by HTTP Basic or in the form, never both. `scope`
/// asks for less than the client may.
#[utoipa::path(
    post, path = "/oauth/token", operation_id = "create_token", tag = "tokens",
    request_body(
        content = bodies::TokenForm, content_type = "application/x-www-form-urlencoded",
    ),
    responses(
        (status = 200, description = "A token", body = TokenView),
        (
            status = 400, body = RefusedView,
            description = "`invalid_request`, `unsupported_grant_type`, `invalid_scope`",
        ),
        (status = 401, description = "`invalid_client`", body = RefusedView),
    ),
)]
pub(crate) async fn token(
    State(app): Shared,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let Some(form) = read_form(&headers, body).await? else {
        let why = "the body must be a form, application/x-www-form-urlencoded";
        return Ok(Refused::Request(why).into_response());
    };
    match grant(&app, &headers, &form).await? {
        Ok(response) => Ok(response),
        Err(refused) => Ok(refused.into_response()),
    }
}

async fn grant(
    app: &App,
    headers: &HeaderMap,
    form: &[(String, String)],
) -> Result<Result<Response, Refused>, Problem> {
    let (client, scope) = match asked(headers, form) {
        Ok((credentials, scope)) => match authenticated(app, &credentials).await? {
            Some(client) => (client, scope),
            None => return Ok(Err(Refused::Client)),
        },
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(scope) = narrowed(&client, scope) else { return Ok(Err(Refused::Scope)) };
    let id = client.id.as_str();
    let issuer = app.verifier.public_url();
    let grant = Grant { issuer, subject: id, scope: &scope, client: Some(id), ..Grant::default() };
    let now = app.engine.clock().now();
    let token = app.verifier.own().signing().mint(&grant, TOKEN_TTL_S, now.0);
    let token = token.map_err(|error| {
        tracing::error!(%error, "a token can't be signed");
        Problem::internal()
    })?;
    let view = TokenView {
        access_token: &token,
        token_type: "Bearer",
        expires_in: TOKEN_TTL_S,
        scope: &scope,
    };
    Ok(Ok(told(StatusCode::OK, json(&view))))
}

struct Credentials {
    id: String,
    secret: String,
}

/// What the request says, before anybody is asked about it.
fn asked<'f>(
    headers: &HeaderMap,
    form: &'f [(String, String)],
) -> Result<(Credentials, Option<&'f str>), Refused> {
    let one = |name: &str| {
        let mut values = form.iter().filter(|(it, _)| it == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refused::Request("a parameter stands there twice")),
            // One without a value is as good as none (RFC 6749, 3.2).
            (value, None) => Ok(value.filter(|it| !it.is_empty())),
        }
    };
    let (grant_type, scope) = (one("grant_type")?, one("scope")?);
    let (id, secret) = (one("client_id")?, one("client_secret")?);
    let credentials = match (basic(headers)?, id, secret) {
        (Some(_), _, Some(_)) => {
            return Err(Refused::Request("the client is named by header and by form"));
        }
        (Some(basic), Some(id), None) if id != basic.id => {
            return Err(Refused::Request("header and form name two clients"));
        }
        (Some(basic), _, None) => basic,
        (None, Some(id), Some(secret)) => Credentials { id: id.into(), secret: secret.into() },
        (None, _, _) => return Err(Refused::Client),
    };
    match grant_type {
        Some("client_credentials") => Ok((credentials, scope)),
        Some(_) => Err(Refused::GrantType),
        None => Err(Refused::Request("grant_type is missing")),
    }
}

/// HTTP Basic, whose two parts are encoded as in a form (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<Credentials>, Refused> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let (id, secret) = text.split_once(':')?;
        let credentials = Credentials { id: form_decoded(id)?, secret: form_decoded(secret)? };
        scheme.eq_ignore_ascii_case("basic").then_some(credentials)
    };
    read().map(Some).ok_or(Refused::Client)
}

async fn authenticated(app: &App, credentials: &Credentials) -> Result<Option<Client>, Problem> {
    let Ok(id) = credentials.id.parse() else { return Ok(None) };
    let client = app.reads().client(id).await.map_err(refused::store)?;
    Ok(client.filter(|it| !it.is_removed() && proves(it, &credentials.secret)))
}

/// All that the client may, or the part that it asks for.
fn narrowed(client: &Client, scope: Option<&str>) -> Option<String> {
    let all = Scopes::known(&client.scope);
    let Some(scope) = scope else { return Some(client.scope.clone()) };
    let is_its = |word: &str| Scopes::has_word(word) && !Scopes::known(word).among(all).is_empty();
    let asked = || scope.split(' ').filter(|it| !it.is_empty());
    if asked().next().is_none() || !asked().all(is_its) {
        return None;
    }
    Some(Scopes::known(scope).words().collect::<Vec<_>>().join(" "))
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error, error_description) = match self {
            Refused::Request(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Refused::Client => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "there is no such client, or its secret is another",
            ),
            Refused::GrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "the only grant_type is client_credentials",
            ),
            Refused::Scope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "the client may not have all of this scope",
            ),
        };
        let mut response = told(status, json(&RefusedView { error, error_description }));
        if let Refused::Client = self {
            let challenge = HeaderValue::from_static("Basic realm=\"orderd\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Nobody may keep such an answer (RFC 6749, 5.1).
fn told(status: StatusCode, body: String) -> Response {
    let headers =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    (status, headers, body).into_response()
}
