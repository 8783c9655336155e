//! Pages for people, rendered here: the checkout, what a problem means, and the description to try
//! out, as a whole and for shops that fetch their orders.
//!
//! Everything that a page needs is in the binary and comes from this server. The policy that goes
//! with each page tells the browser to load nothing else and to run no script that stands in it.

pub(crate) mod assets;
pub(crate) mod checkout;
pub(crate) mod docs;
pub(crate) mod problems;
pub(crate) mod retrieval;

use axum::{
    http::{
        HeaderValue,
        header::{
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

/// For pages that have no script.
const STILL: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// A page without scripts.
fn page(title: &str, content: &Markup) -> Response {
    guarded(framed(title, &html! {}, content), STILL)
}

/// The frame that all of them share, with more for the head.
fn framed(title: &str, more: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – orderd" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/docs/assets/page.css";
                (more)
            }
            body {
                header {
                    a href="/docs" { "The API" } " "
                    a href="/docs/retrieval" { "Order retrieval" } " "
                    a href="/problems" { "Problems" }
                }
                main { (content) }
            }
        }
    }
}

fn guarded(markup: Markup, policy: HeaderValue) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, markup.into_string()).into_response()
}

/// A sentence of which the words in back-quotes are code.
fn sentence(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
