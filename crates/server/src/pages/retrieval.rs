//! The calls of shops' own systems as a page on which a shop's developer tries them.
//!
//! What it says of each call comes from the description, so a new call or parameter is here as
//! soon as it is there. Without scripts the page still tells all of it. The secret that is typed
//! in stays in the page: it goes to this server in the body of a call, and nowhere else.

use std::sync::LazyLock;

use axum::{http::HeaderValue, response::Response};
use maud::{Markup, html};
use serde_json::Value;

use super::{framed, guarded, sentence};
use crate::openapi::{document, example_of_request};

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const TAG: &str = "order retrieval";
/// The description has each call under `/v2` as well.
const FIRST: &str = "/v1/";

const LANGUAGES: [(&str, &str); 5] = [
    ("http", "HTTP, as it is sent"),
    ("curl", "curl"),
    ("python", "Python"),
    ("php", "PHP"),
    ("javascript", "JavaScript"),
];

struct Call {
    name: String,
    summary: String,
    meaning: String,
    /// What stands in the body beside store and secret.
    example: String,
    parameters: Vec<Parameter>,
}

struct Parameter {
    /// One of an item of a list is `items[].sku`.
    name: String,
    kind: &'static str,
    is_required: bool,
    meaning: String,
}

pub(crate) async fn show() -> Response {
    static PAGE: LazyLock<Markup> = LazyLock::new(|| {
        let more = html! {
            link rel="stylesheet" href="/docs/assets/retrieval.css";
            script type="module" src="/docs/assets/retrieval.js" {}
        };
        framed("Order retrieval", &more, &content(&calls()))
    });
    guarded(PAGE.clone(), POLICY)
}

fn content(calls: &[Call]) -> Markup {
    html! {
        h1 { "Order retrieval" }
        p {
            "The calls with which a shop's own system fetches its finished orders, to try out. "
            "Each is there under " code { "/v1" } " and " code { "/v2" } " alike. They are run "
            "for real, on this server. " a href="/docs" { "All other calls" }
        }
        noscript {
            p {
                "To run calls here needs scripts. What each of them takes stands below, and in "
                a href="/openapi.json" { "openapi.json" } "."
            }
        }
        div.desk {
            div {
                (request(calls))
                (answer())
                (same())
            }
            div { @for call in calls { (described(call)) } }
        }
    }
}

/// It is of use only with the script, which shows it.
fn request(calls: &[Call]) -> Markup {
    html! {
        form #request hidden autocomplete="off" {
            div.pair {
                div.field {
                    label for="store" { "Store" }
                    input #store inputmode="numeric" value="1" spellcheck="false";
                }
                div.field {
                    label for="secret" { "Secret" }
                    input #secret aria-describedby="kept" autocapitalize="off" spellcheck="false";
                }
            }
            p.hint #kept {
                "Staff get a store's secret from "
                code { "POST /api/stores/{number}/rotate-secret" }
                ". Here it stays in this page; it is in no address, and nothing keeps it. The "
                "request below shows it."
            }
            div.pair {
                div.field {
                    label for="call" { "Call" }
                    select #call {
                        @for call in calls { option value=(call.name) { (call.name) } }
                    }
                }
                fieldset {
                    legend { "Version" }
                    label { input type="radio" name="version" value="v1" checked; " /v1" }
                    label { input type="radio" name="version" value="v2"; " /v2" }
                }
            }
            div.field {
                label for="body" { "Body, beside store and secret" }
                textarea #body rows="12" aria-describedby="fault" autocapitalize="off"
                    spellcheck="false" {}
                p.fault #fault role="alert" {}
            }
            button type="submit" { "Send" }
        }
    }
}

fn described(call: &Call) -> Markup {
    html! {
        section data-call=(call.name) {
            h2 { (call.name) }
            p { strong { (call.summary) "." } }
            p { (sentence(&call.meaning)) }
            div.example {
                h3 { "Example, beside store and secret" }
                pre { (call.example) }
            }
            table {
                thead { tr { th scope="col" { "Parameter" } th scope="col" { "Meaning" } } }
                tbody {
                    @for Parameter { name, kind, is_required, meaning } in &call.parameters {
                        tr {
                            td {
                                code { (name) } br;
                                span.kind { (kind) @if *is_required { ", required" } }
                            }
                            td { (sentence(meaning)) }
                        }
                    }
                }
            }
        }
    }
}

fn answer() -> Markup {
    html! {
        section #answer hidden aria-labelledby="answer-title" {
            h2 #answer-title { "Answer" }
            p #status role="status" {}
            pre #headers tabindex="0" aria-label="Headers of the answer" {}
            pre #answered tabindex="0" aria-label="Body of the answer" {}
        }
    }
}

fn same() -> Markup {
    html! {
        section #same hidden aria-labelledby="same-title" {
            h2 #same-title { "Request" }
            div.same-head {
                div {
                    label for="language" { "Show it as" }
                    select #language {
                        @for (value, name) in LANGUAGES { option value=(value) { (name) } }
                    }
                }
                button #copy type="button" { "Copy" }
                span #copied role="status" {}
            }
            pre #snippet tabindex="0" aria-label="Request" {}
        }
    }
}

fn calls() -> Vec<Call> {
    let description: Value =
        serde_json::from_str(document()).expect("the description is written as JSON");
    let Some(paths) = description["paths"].as_object() else { return Vec::new() };
    let found = paths.iter().filter_map(|(path, item)| {
        let name = path.strip_prefix(FIRST)?;
        let operation = &item["post"];
        let is_tagged = operation["tags"].as_array()?.iter().any(|it| it == TAG);
        is_tagged.then(|| Call::read(&description, name, operation))
    });
    found.collect()
}

impl Call {
    fn read(description: &Value, name: &str, operation: &Value) -> Call {
        let example = example_of_request(&text(&operation["operationId"])).unwrap_or_default();
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut parameters = Vec::new();
        Parameter::collect(description, body, "", &mut parameters);
        Call {
            name: name.to_owned(),
            summary: text(&operation["summary"]),
            meaning: text(&operation["description"]),
            example: without_credentials(example),
            parameters,
        }
    }
}

impl Parameter {
    /// Those that are required first, and those of a list's items after the list.
    fn collect(description: &Value, schema: &Value, before: &str, to: &mut Vec<Parameter>) {
        let schema = resolved(description, schema);
        let Some(properties) = schema["properties"].as_object() else { return };
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let optional = properties.keys().map(String::as_str).filter(|it| !required.contains(it));
        for name in required.iter().copied().chain(optional) {
            let property = &properties[name];
            let stated = resolved(description, property);
            let mut meaning = text(&property["description"]);
            if let Some(words) = stated["enum"].as_array() {
                let words: Vec<_> = words.iter().map(|it| format!("`{}`", text(it))).collect();
                meaning = format!("{meaning} One of {}.", words.join(", ")).trim_start().to_owned();
            }
            let is_required = required.contains(&name);
            let name = format!("{before}{name}");
            to.push(Parameter { name: name.clone(), kind: kind(stated), is_required, meaning });
            if stated["items"].is_object() {
                Parameter::collect(description, &stated["items"], &format!("{name}[]."), to);
            }
        }
    }
}

fn resolved<'d>(description: &'d Value, schema: &'d Value) -> &'d Value {
    let pointer = schema["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    pointer.and_then(|it| description.pointer(it)).unwrap_or(schema)
}

fn kind(schema: &Value) -> &'static str {
    let stated = &schema["type"];
    let is = |name: &str| {
        stated == name || stated.as_array().is_some_and(|it| it.iter().any(|it| it == name))
    };
    if is("array") {
        "list"
    } else if is("boolean") {
        "true or false"
    } else if is("integer") {
        "whole number"
    } else if is("number") {
        "number"
    } else {
        "text"
    }
}

/// The examples of these calls have a member a line, and it is not the last.
fn without_credentials(example: &str) -> String {
    let kept = example.lines().filter(|it| {
        let member = it.trim_start();
        !member.starts_with("\"store\":") && !member.starts_with("\"secret\":")
    });
    kept.collect::<Vec<_>>().join("\n")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
