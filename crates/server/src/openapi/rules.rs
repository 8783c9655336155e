//! What holds for every call of a kind: its headers, its refusals, who may call it.

use serde_json::{Map, Value, json};

use super::{
    components::{headers, of_every_answer, parameters, path_parameters, reference},
    examples,
    refusals::{
        self, ASKING, BODY, CHANGING, COUNTED, STORED, STREAMED, VERSIONED, WITH_TOKEN,
        WITHOUT_TOKEN,
    },
};
use crate::problem::codes::Code;

/// Schemas of requests. All but those of placing refuse fields that they do not know.
const LENIENT: [&str; 22] = [
    "AddressBody",
    "CartItemBody",
    "ContactBody",
    "CreateCartBody",
    "ItemBody",
    "MerchantOrderIdBody",
    "OrderCart",
    "OrderDetailBody",
    "OrderNumbersBody",
    "PlaceOrder",
    "PlaceOrderBody",
    "PlaceOrderStorefront",
    "PutCartBody",
    "PutCartItemsBody",
    "ShipmentTrackingBody",
    "StorefrontAddress",
    "StorefrontItem",
    "TempCartBody",
    "TempCartItemBody",
    "TokenForm",
    "TrackingBody",
    "VendorOrderStatusBody",
];
const STRICT: [&str; 22] = [
    "AdjustStockBody",
    "CreateClientBody",
    "CreateShipmentBody",
    "OrderStatusChange",
    "PutCustomerBody",
    "PutDeliveryMethodBody",
    "PutProductBody",
    "PutReviewRulesBody",
    "PutStoreBody",
    "ReasonBody",
    "RefundAmountBody",
    "RefundItemBody",
    "RefundPartsBody",
    "ReviewBody",
    "ReviewRuleBody",
    "SandboxBehaviourBody",
    "SandboxPaymentBody",
    "SetStockBody",
    "ShipmentItemBody",
    "TryReviewRulesBody",
    "UpdateShipmentBody",
    "VariantBody",
];

/// Schemas of answers that have parts only where they are asked for.
const EXPANDED: [&str; 3] = ["OrderEntryAddresses", "OrderEntryItems", "OrderEntryPayments"];

/// Schemas whose forms do not exclude one another.
const OVERLAPPING: [&str; 4] = ["AdminLogData", "EventData", "PlaceOrderBody", "PlacedOrder"];

/// Members of answers that are not always there.
const SOMETIMES: [&str; 7] = [
    "as_of_seq",
    "count",
    "current_status",
    "errors",
    "orderStatus",
    "orderStatusDate",
    "provider_status",
];

/// Schemas of answers that show a person, and so may be gone when they would be given again.
const PERSONAL: [&str; 3] = ["Cart", "Customer", "Order"];

/// Calls that may be made without a body.
const BODY_OPTIONAL: [&str; 7] = [
    "import_products",
    "create_shipment",
    "hold_order",
    "release_order",
    "confirm_sandbox_payment",
    "create_cart",
    "set_sandbox_behaviour",
];

/// Calls that place an order.
const PLACING: [&str; 2] = ["place_order", "place_order_with_payment"];

/// What is known of an operation by its id and method.
struct Kind<'a> {
    id: &'a str,
    /// It changes something of the shop's, by a command.
    changes: bool,
    /// It is about the payment sandbox, which is no part of the shop.
    of_sandbox: bool,
    /// It is made by a shop's own system, and answered as its published contract says.
    of_retrieval: bool,
}

impl Kind<'_> {
    /// About the process, not about the shop.
    fn is_of_server(&self) -> bool {
        let own = ["get_health", "get_readiness", "get_description", "get_metrics"];
        let of_tokens = ["create_token", "get_public_keys", "get_token_server"];
        own.contains(&self.id) || of_tokens.contains(&self.id) || self.of_retrieval
    }

    fn needs_store(&self) -> bool {
        let own = ["get_health", "get_description", "get_metrics"];
        let of_tokens = ["get_public_keys", "get_token_server"];
        !own.contains(&self.id) && !of_tokens.contains(&self.id) && !self.of_retrieval
    }

    /// Needs no token, and shows more with one.
    fn is_public(&self) -> bool {
        let public =
            ["list_products", "get_product", "list_delivery_methods", "get_delivery_method"];
        public.contains(&self.id)
    }

    /// Shows one thing that has a version.
    fn is_conditional(&self) -> bool {
        let one = [
            "get_order",
            "get_product",
            "get_stock",
            "get_delivery_method",
            "get_cart",
            "get_store",
            "get_review_rules",
            "get_customer",
            "get_own_customer",
        ];
        let of_order = ["list_shipments", "get_shipment"];
        one.contains(&self.id) || of_order.contains(&self.id)
    }

    /// Takes a file of any length, a line for each change.
    fn is_streamed(&self) -> bool {
        self.id == "import_products"
    }

    fn changes_a_version(&self) -> bool {
        self.changes
            && !self.is_streamed()
            && !PLACING.contains(&self.id)
            && self.id != "create_cart"
            && !self.is_of_secret()
    }

    fn gives_etag(&self) -> bool {
        self.is_conditional()
            || self.changes
                && !self.id.starts_with("delete_")
                && self.id != "erase_customer"
                && !self.is_of_payable()
                && !self.is_streamed()
                && !self.is_of_secret()
    }

    /// About a machine client or a secret, which have no version.
    fn is_of_secret(&self) -> bool {
        ["create_client", "remove_client", "rotate_store_secret"].contains(&self.id)
    }

    fn gives_location(&self, status: &str) -> bool {
        status == "201" || PLACING.contains(&self.id) || self.is_of_payable()
    }

    /// Waits for the payment provider, and answers with an order that can be paid.
    fn is_of_payable(&self) -> bool {
        ["place_order_with_payment", "start_payment"].contains(&self.id)
    }

    fn reads_body(&self) -> bool {
        self.changes
            || self.of_sandbox && !self.id.starts_with("get_")
            || self.id == "try_review_rules"
    }

    fn is_paged(&self) -> bool {
        ["list_orders", "list_products", "list_stores", "list_customers"].contains(&self.id)
    }

    /// Gives all of a list where that is asked for.
    fn streams(&self) -> bool {
        self.id == "list_orders"
    }
}

pub(super) fn complete(description: &mut Value) {
    let info = object(&mut description["info"]);
    info.remove("license");
    let Value::Object(paths) = &mut description["paths"] else { return };
    for (path, item) in paths {
        let Value::Object(methods) = item else { continue };
        for (method, operation) in methods {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            let of_sandbox = path.starts_with("/sandbox/");
            let of_retrieval = path.starts_with(FIRST_VERSION);
            let asks = ["create_token", "try_review_rules"].contains(&id.as_str());
            let changes = method != "get" && !of_sandbox && !of_retrieval && !asks;
            let kind = Kind { id: &id, changes, of_sandbox, of_retrieval };
            complete_operation(&kind, path, object(operation));
        }
    }
    serve_both_versions(object(&mut description["paths"]));
    // Tools take addresses as they stand: those of whoever serves the description.
    object(description).insert("servers".into(), json!([{"url": "/"}]));
    let components = object(&mut description["components"]);
    components.insert("parameters".into(), parameters());
    components.insert("headers".into(), headers());
    for (name, schema) in object(&mut components["schemas"]) {
        widen(schema);
        if EXPANDED.contains(&name.as_str()) {
            object(schema).remove("required");
        }
        if name == "OrderEntry" {
            join_parts(schema);
        }
        if OVERLAPPING.contains(&name.as_str()) {
            let forms = object(schema).remove("oneOf").unwrap_or_default();
            schema["anyOf"] = forms;
        }
        if STRICT.contains(&name.as_str()) {
            schema["additionalProperties"] = false.into();
        } else if !LENIENT.contains(&name.as_str()) && !EXPANDED.contains(&name.as_str()) {
            require_all(schema);
        }
        if name == "Problem" {
            leave_out(schema, "order_id");
        }
    }
}

fn complete_operation(kind: &Kind<'_>, path: &str, operation: &mut Map<String, Value>) {
    let own = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(list) = own {
        list.iter_mut().for_each(|it| make_plain(&mut it["schema"]));
        let mut added = path_parameters(path);
        added.push("RequestId");
        added.extend(kind.changes.then_some("IdempotencyKey"));
        added.extend(kind.changes.then_some("DryRun"));
        added.extend(kind.changes_a_version().then_some("IfMatch"));
        added.extend(kind.is_conditional().then_some("IfNoneMatch"));
        list.splice(0..0, added.into_iter().map(|it| reference("parameters", it)));
    }
    if kind.is_public() {
        operation.insert("security".into(), json!([{}, {"bearer": []}]));
    } else if kind.is_of_server() {
        operation.insert("security".into(), json!([]));
    } else {
        operation.insert("security".into(), json!([{"bearer": []}]));
    }
    let body = operation.get_mut("requestBody").map(|it| &mut it["content"]);
    if let Some(content) = body.and_then(|it| it.get_mut("application/json")) {
        content["examples"] = examples::of_request(kind.id);
    }
    if BODY_OPTIONAL.contains(&kind.id) {
        operation["requestBody"]["required"] = false.into();
    }
    let Value::Object(responses) = &mut operation["responses"] else { return };
    for (status, response) in responses.iter_mut() {
        complete_answer(kind, status, response);
    }
    if kind.changes {
        forget(responses);
        rehearse(responses);
    }
    if kind.is_conditional() {
        let unchanged = json!({
            "description": "What the client has is current",
            "headers": of_every_answer(&["ETag"]),
        });
        responses.insert("304".into(), unchanged);
    }
    if kind.of_retrieval {
        responses.extend(refusals_of_shops());
    }
    for (status, codes) in codes_by_status(kind) {
        responses.insert(status.to_string(), refusal(kind, status, &codes));
    }
}

/// Where the calls of shops' own systems are described first.
const FIRST_VERSION: &str = "/v1/";

/// A call of the one version is a call of the other.
fn serve_both_versions(paths: &mut Map<String, Value>) {
    let of_first = paths.iter().filter_map(|(path, item)| {
        let call = path.strip_prefix(FIRST_VERSION)?;
        let mut item = item.clone();
        for operation in object(&mut item).values_mut() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            operation["operationId"] = format!("{id}_v2").into();
        }
        Some((format!("/v2/{call}"), item))
    });
    let of_second: Vec<_> = of_first.collect();
    paths.extend(of_second);
}

/// What keeps its status whichever call it is.
fn refusals_of_shops() -> impl Iterator<Item = (String, Value)> {
    let page = "text/html";
    let json = "application/json";
    let told = [
        ("406", "The client takes no JSON", page),
        ("408", "The body came too slowly", json),
        ("413", "The body has more than 256 KiB", json),
        ("415", "The body is of another type than JSON", page),
        ("429", "Too many requests of this store, or too many wrong secrets", json),
        ("500", "The server failed", json),
        ("503", "The database is away, or too much waits; come again", json),
    ];
    told.into_iter().map(move |(status, description, kind)| {
        let schema = match kind == json {
            true => reference("schemas", "ShopCallRefused"),
            false => json!({"type": "string"}),
        };
        let mut headers = of_every_answer(&[]);
        if ["429", "503"].contains(&status) {
            headers["Retry-After"] = reference("headers", "Retry-After");
        }
        let content = json!({kind: {"schema": schema}});
        let response = json!({"description": description, "headers": headers, "content": content});
        (status.to_owned(), response)
    })
}

/// What would show a person again who has been erased since is answered without a body.
fn forget(responses: &mut Map<String, Value>) {
    let shows_person = |response: &&Value| {
        let schema = response["content"]["application/json"]["schema"]["$ref"].as_str();
        schema.is_some_and(|it| PERSONAL.iter().any(|name| it.ends_with(&format!("/{name}"))))
    };
    if let Some(shown) = responses.values().rfind(shows_person) {
        let forgotten = json!({
            "description": "Answered before; whom that answer showed has been erased since",
            "headers": shown["headers"],
        });
        responses.entry("204").or_insert(forgotten);
    }
}

/// A dry run is always answered with 200.
fn rehearse(responses: &mut Map<String, Value>) {
    let told = reference("schemas", "DryRun");
    let answer = responses.entry("200").or_insert_with(|| {
        json!({
            "description": "With `dry_run=true`: what would be",
            "headers": of_every_answer(&[]),
            "content": {"application/json": {}},
        })
    });
    let schema = &mut answer["content"]["application/json"]["schema"];
    let usual = schema.take();
    *schema = if usual.is_null() { told } else { json!({"anyOf": [usual, told]}) };
}

fn complete_answer(kind: &Kind<'_>, status: &str, response: &mut Value) {
    let mut names = Vec::new();
    names.extend(kind.gives_etag().then_some("ETag"));
    names.extend(kind.gives_location(status).then_some("Location"));
    names.extend((kind.changes && !kind.is_streamed()).then_some("Idempotent-Replayed"));
    names.extend(kind.is_paged().then_some("Link"));
    names.extend(kind.streams().then_some("X-As-Of-Seq"));
    response["headers"] = of_every_answer(&names);
    if let Some(example) = examples::of_answer(kind.id, status) {
        response["content"]["application/json"]["example"] = example;
    }
}

/// In the order in which a request meets them.
fn codes_by_status(kind: &Kind<'_>) -> Vec<(u16, Vec<&'static str>)> {
    let mut found: Vec<(u16, Vec<&'static str>)> = Vec::new();
    let mut add = |table: &[(u16, &'static [&'static str])]| {
        for (status, codes) in table {
            match found.iter_mut().find(|(known, _)| known == status) {
                Some((_, known)) => known.extend(*codes),
                None => found.push((*status, codes.to_vec())),
            }
        }
    };
    if !kind.is_of_server() {
        add(if kind.is_public() { WITHOUT_TOKEN } else { WITH_TOKEN });
        add(COUNTED);
        add(ASKING);
    }
    if kind.is_streamed() {
        add(STREAMED);
    } else if kind.reads_body() {
        add(BODY);
    }
    if kind.changes && !kind.is_streamed() {
        add(CHANGING);
    }
    if kind.changes_a_version() {
        add(VERSIONED);
    }
    add(refusals::own(kind.id));
    if kind.needs_store() {
        add(STORED);
    }
    found
}

fn refusal(kind: &Kind<'_>, status: u16, codes: &[&str]) -> Value {
    let lines = codes.iter().map(|code| format!("- `{code}`: {}", meaning(code)));
    let mut response = json!({
        "description": lines.collect::<Vec<_>>().join("\n"),
        "headers": of_every_answer(&[]),
        "content": {
            "application/problem+json": {"schema": reference("schemas", "Problem")},
            "text/plain": {"schema": {"type": "string"}},
        },
    });
    if let Some(example) = examples::of_answer(kind.id, &status.to_string()) {
        response["content"]["application/problem+json"]["example"] = example;
    }
    let further = match status {
        401 => Some("WWW-Authenticate"),
        409 if kind.is_of_payable() => Some("Retry-After"),
        429 | 503 => Some("Retry-After"),
        _ => None,
    };
    if let Some(name) = further {
        response["headers"][name] = reference("headers", name);
    }
    response
}

/// Every code that the description names is a row of the table; a test describes every call.
fn meaning(code: &str) -> &'static str {
    Code::named(code).expect("the description names no code of its own").meaning
}

/// A parameter is left out, never null.
fn make_plain(schema: &mut Value) {
    let Some(Value::Array(types)) = schema.get_mut("type") else { return };
    types.retain(|it| it != "null");
    if let [one] = &types[..] {
        schema["type"] = one.clone();
    }
}

/// Answers have all their members, null where there is nothing.
fn require_all(schema: &mut Value) {
    for part in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(parts)) = schema.get_mut(part) {
            parts.iter_mut().for_each(require_all);
        }
    }
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    let names = properties.keys().filter(|it| !SOMETIMES.contains(&it.as_str()));
    schema["required"] = names.map(|it| Value::from(it.as_str())).collect();
}

/// A part that was not asked for has left out its members: it is neither null nor an object.
fn join_parts(schema: &mut Value) {
    let Some(Value::Array(parts)) = schema.get_mut("allOf") else { return };
    for part in parts {
        if let Some(Value::Array(forms)) = part.get_mut("oneOf") {
            forms.retain(|it| it.get("$ref").is_some());
            if let Some(form) = forms.pop() {
                *part = form;
            }
        }
    }
}

/// `int32` has a sign, and our numbers of 32 bits have none.
fn widen(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("format").is_some_and(|it| it == "int32") {
                members.insert("format".into(), "int64".into());
                members.entry("maximum").or_insert(u32::MAX.into());
            }
            members.values_mut().for_each(widen);
        }
        Value::Array(elements) => elements.iter_mut().for_each(widen),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A member that other documents always have.
fn leave_out(schema: &mut Value, name: &str) {
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|it| it != name);
    }
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("a description is made of objects")
}
