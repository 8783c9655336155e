//! What a problem means and what to do about it: the page behind the `type` of each document.

use axum::{extract::Path, response::Response};
use maud::html;

use super::{page, sentence};
use crate::{
    problem::{
        Problem,
        codes::{CODES, Code},
    },
    routes::no_such_route,
};

/// All of them.
pub(crate) async fn list() -> Response {
    let content = html! {
        h1 { "Problems" }
        p {
            "Every refusal is a document with one of these codes (" code { "code" } "), the "
            "sentence for this case (" code { "detail" } ") and, where fields are faulty, all of "
            "them (" code { "errors" } "). Codes never change, sentences may."
        }
        table {
            thead { tr { th { "Code" } th { "Status" } th { "It means" } } }
            tbody {
                @for code in CODES {
                    tr {
                        td { a href={ "/problems/" (code.name) } { code { (code.name) } } }
                        td { (code.status) }
                        td { (sentence(code.meaning)) }
                    }
                }
            }
        }
    };
    page("Problems", &content)
}

pub(crate) async fn one(Path(name): Path<String>) -> Result<Response, Problem> {
    let Some(code) = Code::named(&name) else { return Err(no_such_route().await) };
    let title = code.title();
    let content = html! {
        h1 { (title) }
        p { code { (code.name) } " · status " (code.status) }
        h2 { "What it means" }
        p { (sentence(code.meaning)) "." }
        h2 { "What to do" }
        p { (sentence(code.remedy)) }
        p {
            "The document's " code { "detail" } " says it for the case at hand, and "
            code { "instance" } " is the request's id, by which the server's log knows it."
        }
    };
    Ok(page(&title, &content))
}
