//! The description as a page on which each call can be tried, with a token.
//!
//! It is Swagger UI, from files in the binary. Its script may talk to this server alone: the policy
//! forbids every other address, and scripts that do not come as a file of ours.

use axum::{http::HeaderValue, response::Response};
use maud::{DOCTYPE, html};

use super::guarded;

/// Swagger UI draws with pictures of its own (`data:`).
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

pub(crate) async fn show() -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "The API – orderd" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/docs/assets/swagger-ui.css";
                script defer src="/docs/assets/swagger-ui-bundle.js" {}
                script defer src="/docs/assets/start.js" {}
            }
            body {
                nav { a href="/docs/retrieval" { "Try the calls of shops' own systems" } }
                div #description {}
                noscript {
                    "This page needs scripts. The same without any: "
                    a href="/openapi.json" { "openapi.json" }
                }
            }
        }
    };
    guarded(markup, POLICY)
}
