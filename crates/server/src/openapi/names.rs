//! Names for what stands in several schemas, or in one of several variants: a client that is made
//! of the description has a type of that name then, and not one for each place.

use serde_json::{Map, Value, json};

/// Words that are one of a kind wherever they stand.
const WORDS: &[(&str, &[&str])] = &[
    ("CartStatus", &["open", "ordered"]),
    ("IntentState", &["open", "declined", "processing", "authorized", "succeeded", "cancelled"]),
    (
        "MerchantOrderStatus",
        &[
            "IGLOBAL_ORDER_CANCELLED",
            "IGLOBAL_FRAUD_REVIEW",
            "IGLOBAL_ORDER_ON_HOLD",
            "IGLOBAL_ORDER_IN_PROCESS",
            "VENDOR_PREPARING_ORDER",
            "VENDOR_SHIPMENT_READY",
            "VENDOR_LABELS_PRINTED_DATE",
            "VENDOR_CANCELLATION_REQUEST",
            "VENDOR_END_OF_DAY_COMPLETE",
        ],
    ),
    ("NotificationChannel", &["email", "sms"]),
    ("OrderPaymentStatus", &["unpaid", "authorized", "paid", "partially_refunded", "refunded"]),
    ("OrderStatus", &["pending", "confirmed", "shipped", "delivered", "cancelled"]),
    ("PaymentMethod", &["credit_card", "cash_on_delivery", "invoice", "bank_transfer"]),
    ("PaymentStatus", &["open", "processing", "authorized", "captured", "failed", "cancelled"]),
    ("RefundStatus", &["pending", "succeeded", "failed"]),
    ("ReviewDecision", &["pass", "fail"]),
    ("ReviewRuleCounts", &["customer", "address", "email"]),
    ("ReviewRuleKind", &["total_over", "countries_differ", "velocity", "blocked"]),
    ("ReviewStatus", &["none", "under_review", "passed", "failed"]),
    ("SandboxCallback", &["on", "off", "double", "late"]),
    ("ShipmentStatus", &["shipped", "delivered"]),
    ("ShipmentStatusChange", &["delivered"]),
    (
        "ShippingStatus",
        &["pending", "processing", "partially_shipped", "shipped", "delivered", "cancelled"],
    ),
    (
        "VendorOrderStatus",
        &[
            "VENDOR_PREPARING_ORDER",
            "VENDOR_SHIPMENT_READY",
            "VENDOR_LABELS_PRINTED_DATE",
            "VENDOR_CANCELLATION_REQUEST",
            "VENDOR_END_OF_DAY_COMPLETE",
        ],
    ),
];

const METADATA: &str = "Metadata";

pub(super) fn give(description: &mut Value) {
    let mut named = Map::new();
    visit(description, &mut named);
    if let Some(schemas) = description["components"]["schemas"].as_object_mut() {
        schemas.extend(named);
    }
}

fn visit(value: &mut Value, named: &mut Map<String, Value>) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|it| visit(it, named));
            if let Some((name, schema, is_nullable)) = taken_out(members) {
                let reference = format!("#/components/schemas/{name}");
                named.insert(name, schema);
                let (key, place) = match is_nullable {
                    true => ("oneOf", json!([{"$ref": reference}, {"type": "null"}])),
                    false => ("$ref", reference.into()),
                };
                members.insert(key.to_owned(), place);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|it| visit(it, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What of a schema has a name of its own, and whether null may stand there too. What is said of
/// the place stays.
fn taken_out(members: &mut Map<String, Value>) -> Option<(String, Value, bool)> {
    let kinds = members.get("type")?;
    let is_nullable = kinds.as_array().is_some_and(|it| it.contains(&json!("null")));
    if let Some(words) = members.get("enum").and_then(Value::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let (name, words) = WORDS.iter().find(|(_, known)| *known == words)?;
        let schema = json!({"type": "string", "enum": words});
        members.retain(|key, _| !["type", "enum"].contains(&key.as_str()));
        return Some(((*name).to_owned(), schema, is_nullable));
    }
    let of_text = members.get("additionalProperties") == Some(&json!({"type": "string"}));
    if of_text {
        let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
        let of_map = ["type", "additionalProperties", "propertyNames"];
        members.retain(|key, _| !of_map.contains(&key.as_str()));
        return Some((METADATA.to_owned(), schema, is_nullable));
    }
    // A variant says its name as its title.
    members.get("properties")?;
    let Some(Value::String(name)) = members.remove("title") else { return None };
    Some((name, Value::Object(std::mem::take(members)), false))
}
