//! `?dry_run=true`: what a change would be answered with, and what it would leave behind.
//!
//! The engine decides the command as any other and forgets it. No number is taken and no provider
//! is asked, so every id that would be given stands as null.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use domain::{Event, Order, Recorded};
use engine::{Answer, Rehearsal};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{
    json::{Json, parse},
    payable::unpayable,
    problem::Problem,
    reply::json,
    view::{
        event::EventView,
        order::{OrderView, Viewer},
    },
};

/// Members that name a thing of ours, which may be one that is not there yet.
const IDS: [&str; 8] = [
    "order_id",
    "orderId",
    "retrieval_id",
    "invoice_number",
    "credit_note_number",
    "payment_id",
    "refund_id",
    "shipment_id",
];

/// Members that only the request that is made for good would have.
const OF_THE_REQUEST: [&str; 3] = ["seq", "request_id", "instance"];

#[derive(Serialize)]
struct Told {
    status: u16,
    /// Null: an address that would have a new id in it.
    headers: BTreeMap<String, Option<String>>,
    body: Box<RawValue>,
    order: Box<RawValue>,
    events: Vec<Box<RawValue>>,
}

/// What an accepted change would bring about. `before` is the order as it stands, if it does.
pub(crate) fn accepted(rehearsal: &Rehearsal, before: Option<&Order>, viewer: Viewer) -> Response {
    let after = rehearsal.order.as_ref();
    // Without an answer a provider would have to be asked first: for the customer's secret.
    let answer = match (&rehearsal.answer, after) {
        (Some(answer), _) => answer.clone(),
        (None, Some(order)) => unpayable(order),
        (None, None) => Answer::default(),
    };
    let hidden = Hidden { ids: given(before, after), viewer };
    let mut headers = BTreeMap::new();
    if !answer.body.is_empty() {
        headers.insert("content-type".into(), Some("application/json".into()));
    }
    if let Some(location) = &answer.location {
        let is_given = location.split('/').any(|it| hidden.ids.contains(it));
        headers.insert("location".into(), (!is_given).then(|| location.clone()));
    }
    if let Some(etag) = &answer.etag {
        headers.insert("etag".into(), Some(etag.clone()));
    }
    let shown = rehearsal.events.iter().filter(|it| is_shown(&it.event, viewer));
    let events = shown.map(|it| hidden.of(&json(&EventView::new(it, viewer))));
    told(&Told {
        status: answer.status,
        headers,
        body: hidden.of(&answer.body),
        order: hidden.of(&after.map(|it| json(&OrderView::new(it, viewer))).unwrap_or_default()),
        events: events.collect(),
    })
}

/// A customer does not learn that an order would be looked at, nor why.
fn is_shown(event: &Event, viewer: Viewer) -> bool {
    viewer == Viewer::Shop || !matches!(event, Event::OrderReviewStarted(_))
}

/// What is accepted without anything being known of what it would change.
pub(crate) fn unchanged(answer: &Answer, order: &Order, viewer: Viewer) -> Response {
    let rehearsal =
        Rehearsal { answer: Some(answer.clone()), order: Some(order.clone()), events: Vec::new() };
    accepted(&rehearsal, Some(order), viewer)
}

/// What the command would be refused with: nothing would change.
pub(crate) fn refused(problem: &Problem, viewer: Viewer) -> Response {
    let hidden = Hidden { ids: BTreeSet::new(), viewer };
    let document = problem.document("");
    let text = |value: &HeaderValue| value.to_str().map(Into::into).ok();
    let headers = problem.headers().map(|(name, value)| (name.to_string(), text(value)));
    let mut headers: BTreeMap<String, Option<String>> = headers.collect();
    headers.insert("content-type".into(), Some("application/problem+json".into()));
    told(&Told {
        status: problem.status().as_u16(),
        headers,
        body: hidden.of(&String::from_utf8_lossy(&document)),
        order: RawValue::NULL.to_owned(),
        events: Vec::new(),
    })
}

pub(crate) fn creates_order(events: &[Recorded]) -> bool {
    events.iter().any(|it| matches!(it.event, Event::OrderCreated(_)))
}

fn told(told: &Told) -> Response {
    let mut response = Response::new(Body::from(json(told)));
    let json = HeaderValue::from_static("application/json");
    *response.headers_mut() = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
    response
}

/// The ids that an order has afterwards and has not before.
fn given(before: Option<&Order>, after: Option<&Order>) -> BTreeSet<String> {
    let (had, has) = (ids(before), ids(after));
    has.difference(&had).cloned().collect()
}

fn ids(order: Option<&Order>) -> BTreeSet<String> {
    let Some(order) = order else { return BTreeSet::new() };
    let mut ids = BTreeSet::from([order.no.to_string()]);
    ids.extend(order.retrieval_id().map(|it| it.to_string()));
    let documents = [&order.invoice, &order.credit_note];
    ids.extend(documents.into_iter().flatten().map(ToString::to_string));
    ids.extend(order.payments.iter().map(|it| it.id.to_string()));
    ids.extend(order.refunds.iter().map(|it| it.id.clone()));
    ids.extend(order.shipments.iter().map(|it| it.id.clone()));
    ids
}

/// What does not stand in the answer of a dry run.
struct Hidden {
    ids: BTreeSet<String>,
    viewer: Viewer,
}

impl Hidden {
    /// A document of ours without what is hidden; nothing is null.
    fn of(&self, document: &str) -> Box<RawValue> {
        let tree = parse(document.as_bytes()).unwrap_or(Json::Null);
        let shown = json(&Shown { tree: &tree, hidden: Some(self) });
        RawValue::from_string(shown).expect("a tree is written as JSON")
    }

    fn hides(&self, name: &str, value: &Json<'_>) -> bool {
        let is_given = match value {
            Json::String(text) => IDS.contains(&name) && self.ids.contains(text.as_ref()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                false
            }
        };
        is_given
            || OF_THE_REQUEST.contains(&name)
            || (name == "actor" && self.viewer == Viewer::Customer)
    }
}

struct Shown<'a> {
    tree: &'a Json<'a>,
    /// Absent: all of it is shown.
    hidden: Option<&'a Hidden>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.tree {
            Json::Null => to.serialize_unit(),
            Json::Bool(it) => to.serialize_bool(*it),
            Json::Number(text) => {
                let number = RawValue::from_string((*text).to_owned());
                number.map_err(serde::ser::Error::custom)?.serialize(to)
            }
            Json::String(text) => to.serialize_str(text),
            Json::Array(elements) => {
                to.collect_seq(elements.iter().map(|tree| Shown { tree, hidden: self.hidden }))
            }
            Json::Object(members) => {
                let mut map = to.serialize_map(Some(members.len()))?;
                for (name, tree) in members {
                    if self.hidden.is_some_and(|it| it.hides(name, tree)) {
                        map.serialize_entry(name, &())?;
                        continue;
                    }
                    // Metadata is the shop's own, whatever its names are.
                    let hidden = self.hidden.filter(|_| name != "metadata");
                    map.serialize_entry(name, &Shown { tree, hidden })?;
                }
                map.end()
            }
        }
    }
}
