//! What is wrong with a form, in the buyer's language, with the field it is about.

use domain::{Refusal, Refusals};
use engine::Rejected;
use maud::{Markup, html};

use super::language::Language;
use crate::{json::FieldError, problem::Problem, refused};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The id of the field on the page; absent: it is about the whole.
    pub(super) field: Option<String>,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn about(field: &str, text: &str) -> Fault {
        Fault { field: Some(field.into()), text: text.into() }
    }
}

/// Above the form, with links to the fields.
pub(super) fn faults_box(language: &Language, faults: &[Fault]) -> Markup {
    html! {
        @if !faults.is_empty() {
            div.faults role="alert" tabindex="-1" aria-labelledby="faults" {
                h2 #faults { (language.say("error.title")) }
                ul {
                    @for fault in faults {
                        li {
                            @match &fault.field {
                                Some(field) => a href={ "#" (field) } { (fault.text) },
                                None => (fault.text),
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Of a field, by the reader of the API's own documents. One field is told once.
pub(super) fn of_field(language: &Language, error: &FieldError) -> Fault {
    let field = error.pointer.trim_start_matches('/').replace('/', ".");
    let name = field.rsplit('.').next().unwrap_or_default();
    let label = format!("field.{name}");
    let label = if language.has(&label) { language.say(&label) } else { name };
    let key = format!("error.{}", error.code);
    let key = if language.has(&key) { key.as_str() } else { "error.invalid" };
    let text = language.say_of(key, &[("field", label)]);
    Fault { field: Some(field), text }
}

/// Why a command was not accepted; what is not the buyer's fault is a problem of another kind.
pub(super) fn of_rejected(language: &Language, rejected: &Rejected) -> Result<Vec<Fault>, Problem> {
    match rejected {
        Rejected::Refused(refusals) => Ok(of_refusals(language, refusals)),
        Rejected::KeyReused | Rejected::Overloaded | Rejected::Unavailable | Rejected::Failed => {
            Err(refused::rejected(rejected, crate::json::Style::Snake))
        }
    }
}

fn of_refusals(language: &Language, refusals: &Refusals) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for (_, refusal) in refusals.iter() {
        let key = format!("refusal.{}", refused::code(refusal));
        let key = if language.has(&key) { key.as_str() } else { "refusal.other" };
        let (name, available) = named(refusal);
        let text = language.say_of(key, &[("name", &name), ("available", &available)]);
        if faults.iter().all(|it| it.text != text) {
            faults.push(Fault { field: None, text });
        }
    }
    faults
}

fn named(refusal: &Refusal) -> (String, String) {
    if let Refusal::InsufficientStock { name, available, .. } = refusal {
        return (name.clone(), available.max(&0).to_string());
    }
    if let Refusal::ProductUnavailable { name, .. } = refusal {
        return (name.clone(), String::new());
    }
    (String::new(), String::new())
}
