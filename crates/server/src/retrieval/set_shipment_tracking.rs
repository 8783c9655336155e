//! `POST /v2/setShipmentTracking`: the shop tells by which numbers its parcels are found.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, shipment::set_tracking::SetTracking};

use super::{
    changes::{Answer, change},
    door::{Knock, Refused},
    parameters::{NotOneWord, Parameters, word},
};
use crate::{app::Shared, json::Json, openapi::bodies};

const CALL: &str = "setShipmentTracking";
const NUMBERS_MAX: usize = 100;
const LENGTH_MAX: usize = 100;

/// Tell by which numbers an order's parcels are found
///
/// What is not shipped yet is, by one shipment with these numbers. Of an order that is shipped, new
/// numbers join its last shipment; those that are known already are the same success. What is wrong
/// is told with status 200, in `error`.
#[utoipa::path(
    post, path = "/v1/setShipmentTracking", operation_id = "set_shipment_tracking",
    tag = "order retrieval",
    request_body = bodies::retrieval::ShipmentTrackingBody,
    responses((status = 200, description = "Done, or what is wrong", body = Answer)),
)]
pub(crate) async fn set_shipment_tracking(
    State(app): Shared,
    knock: Knock,
    body: Body,
) -> Response {
    change((&app, &knock, body), CALL, read, |target, numbers| {
        let success = format!("Updated Order: {} with new tracking info.", target.id.no);
        (Command::SetTracking(SetTracking { order: target.no, numbers }), success)
    })
    .await
}

fn read(asked: &Parameters<'_>) -> Result<(String, Vec<String>), Refused> {
    let missing = |name: &str| Refused::because(format!("Parameter {name} is required to {CALL}"));
    let order = asked.text("orderId").ok_or_else(|| missing("orderId"))?;
    let list = asked.value("trackingList").or_else(|| asked.value("numbers"));
    let mut numbers = Vec::new();
    let list = list.ok_or_else(|| missing("trackingList"))?;
    gather(list, &mut numbers).map_err(|NotOneWord| {
        Refused::because("Parameter trackingList must be a list of tracking numbers")
    })?;
    if numbers.is_empty() {
        return Err(missing("trackingList"));
    }
    if numbers.len() > NUMBERS_MAX {
        let sentence = format!("Parameter trackingList has more than {NUMBERS_MAX} numbers");
        return Err(Refused::because(sentence));
    }
    if numbers.iter().any(|it| it.chars().count() > LENGTH_MAX) {
        let sentence = format!("A tracking number has more than {LENGTH_MAX} characters");
        return Err(Refused::because(sentence));
    }
    Ok((order.into(), numbers))
}

/// Each number once, in whatever form shops list them: `[{"number": "1"}]`, `{"numbers": ["1"]}`,
/// `["1"]`, `"1"`.
fn gather(value: &Json<'_>, numbers: &mut Vec<String>) -> Result<(), NotOneWord> {
    match value {
        Json::Array(elements) => elements.iter().try_for_each(|it| gather(it, numbers)),
        Json::Object(_) => {
            let named = Parameters::of(value).ok_or(NotOneWord)?;
            let found = named.value("number").or_else(|| named.value("numbers"));
            gather(found.ok_or(NotOneWord)?, numbers)
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            let new = word(value)?.filter(|it| numbers.iter().all(|known| known != it));
            numbers.extend(new.map(Into::into));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn numbers_are_listed_in_many_ways() {
        let check = |list: &str, expected: Option<&[&str]>| {
            let tree = parse(list.as_bytes()).expect("a document");
            let mut numbers = Vec::new();
            let gathered = gather(&tree, &mut numbers).ok().map(|()| numbers);
            let expected = expected.map(|it| it.iter().map(|it| String::from(*it)).collect());
            assert_eq!(gathered, expected, "{list}");
        };
        check(r#"[{"number": "1Z"}, {"number": 7}, {"number": "1Z"}]"#, Some(&["1Z", "7"]));
        check(r#"[{"numbers": ["1Z", "7"]}]"#, Some(&["1Z", "7"]));
        check(r#"{"numbers": ["1Z"]}"#, Some(&["1Z"]));
        check(r#"[" 1Z ", null, ""]"#, Some(&["1Z"]));
        check("7", Some(&["7"]));
        check("[]", Some(&[]));
        check(r#"[{"carrier": "UPS"}]"#, None);
    }
}
