//! The description tells what the server does: it is up to date, it names every route, and its
//! examples are what the server takes and gives.

use std::{cell::RefCell, collections::BTreeSet, path::Path};

use serde_json::Value;
use server::{json, openapi::document};
use testkit::server::{Reply, TestServer, order_of, value_at};

/// Every path and method of the route table, sorted, as its source names them.
pub(crate) fn routes() -> Vec<(String, String)> {
    let source = include_str!("../../src/routes.rs");
    let calls = source.split(".route(").skip(1).filter_map(|it| it.split(".fallback").next());
    let mut found = Vec::new();
    for call in calls {
        let path = call.split('"').nth(1).expect("a route has a path");
        for method in ["get", "post", "put", "patch", "delete"] {
            let is_named = call
                .match_indices(&format!("{method}("))
                .any(|(at, _)| !call[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_'));
            if is_named {
                found.push((path.to_owned(), method.to_uppercase()));
            }
        }
    }
    found.sort();
    found
}

/// For people with a browser.
fn is_page(path: &str) -> bool {
    ["/checkout", "/docs", "/order-complete", "/problems", "/sandbox/pay/"]
        .iter()
        .any(|it| path.starts_with(it))
}

fn is_of_retrieval(path: &str) -> bool {
    path.starts_with("/v1/") || path.starts_with("/v2/")
}

fn description() -> Value {
    serde_json::from_str(document()).expect("the description is JSON")
}

/// Path, method and description of every operation.
fn operations() -> Vec<(String, String, Value)> {
    let description = description();
    let paths = description["paths"].as_object().expect("paths").clone();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("methods") {
            found.push((path.clone(), method.to_uppercase(), operation.clone()));
        }
    }
    found
}

fn operation(id: &str) -> (String, String, Value) {
    let mut all = operations().into_iter();
    all.find(|(_, _, it)| it["operationId"] == id).expect("the operation is described")
}

#[test]
fn the_committed_copy_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed.trim_end() == document(),
        "openapi.json is stale; renew it: cargo run -- openapi > openapi.json"
    );
    assert_eq!(TestServer::start().get("/openapi.json").send().body, document());
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let mut described: Vec<(String, String)> =
        operations().into_iter().map(|(path, method, _)| (path, method)).collect();
    described.sort();
    let of_programs = routes().into_iter().filter(|(path, _)| !is_page(path));
    assert_eq!(described, of_programs.collect::<Vec<_>>());
}

#[test]
fn every_operation_is_told_in_full() {
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations() {
        let place = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(id.split_once('_').is_some(), "{place}: {id} is no verb and resource");
        assert!(ids.insert(id), "{place}: its id is not its own");
        assert!(operation["summary"].is_string(), "{place}");
        let names: Vec<&str> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it["$ref"].as_str().or(it["name"].as_str()))
            .collect();
        assert!(names.contains(&"#/components/parameters/RequestId"), "{place}");
        // What is done at the sandbox is no change of the shop's.
        let of_sandbox = path.starts_with("/sandbox/");
        // A token is no change, and is refused in the words of another RFC.
        let is_token = path == "/oauth/token";
        let is_trial = path == "/api/review-rules/try";
        // A shop's own system is answered as its published contract says.
        let of_retrieval = is_of_retrieval(&path);
        let asks = is_token || is_trial;
        let changes = method != "GET" && !of_sandbox && !asks && !of_retrieval;
        assert_eq!(names.contains(&"#/components/parameters/DryRun"), changes, "{place}");
        let has_key = names.contains(&"#/components/parameters/IdempotencyKey");
        assert_eq!(has_key, changes, "{place}");
        let statuses = operation["responses"].as_object().unwrap();
        for (status, response) in statuses {
            assert!(response["headers"]["X-Request-Id"].is_object(), "{place} {status}");
            assert!(!response["description"].as_str().unwrap().is_empty(), "{place} {status}");
            let is_problem = response["content"]["application/problem+json"].is_object();
            let by_rfc = is_token && ["400", "401"].contains(&status.as_str());
            let is_told_so = status.as_str() >= "400" && !by_rfc && !of_retrieval;
            assert_eq!(is_problem, is_told_so, "{place} {status}");
        }
        if changes {
            for status in ["200", "400", "401", "403", "413", "415", "422", "500", "503"] {
                // A file has no bound, and its key is not looked up.
                let of_no_file = ["413", "422"].contains(&status);
                let is_file = path == "/api/products/import" && of_no_file;
                assert_eq!(statuses.contains_key(status), !is_file, "{place} {status}");
            }
        }
        if of_sandbox {
            for status in ["401", "403", "404", "503"] {
                let is_behaviour = status == "404" && path == "/sandbox/behaviour";
                assert!(statuses.contains_key(status) || is_behaviour, "{place} {status}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(value: &Value, whole: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    let pointer = target.strip_prefix('#').expect("a reference within");
                    assert!(whole.pointer(pointer).is_some(), "{target}");
                }
                members.values().for_each(|it| check(it, whole));
            }
            Value::Array(elements) => elements.iter().for_each(|it| check(it, whole)),
            Value::String(text) => assert!(!text.starts_with("example of "), "{text}"),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let whole = description();
    assert!(whole["openapi"].as_str().unwrap().starts_with("3.1"), "{}", whole["openapi"]);
    check(&whole, &whole);
}

/// Walks a shop from its first product to its last, by the description alone: each operation is
/// called with each of its examples, and answers with the status and the body that stand there.
#[test]
fn examples_are_what_the_server_takes_and_gives() {
    let server = TestServer::start();
    let walk = Walk {
        server: &server,
        secret: RefCell::default(),
        done: RefCell::default(),
        wrong: RefCell::default(),
    };
    walk.step("get_health", "", 200);
    walk.step("get_readiness", "", 200);
    walk.step("get_metrics", "", 200);
    walk.step("get_description", "", 200);
    walk.step("put_delivery_method", "standard", 201);
    walk.step("get_delivery_method", "standard", 200);
    walk.step("list_delivery_methods", "", 200);
    walk.step("put_product", "p002", 201);
    walk.step("get_product", "p002", 200);
    walk.step("list_products", "", 200);
    walk.step("set_stock", "p002?variant_id=black", 200);
    walk.step("adjust_stock", "p002?variant_id=black", 200);
    walk.step("create_cart", "", 201);
    walk.step("put_cart", "abc123?user_id=user789", 200);
    walk.step("put_cart_items", "abc123?user_id=user789", 200);
    walk.step("get_cart", "abc123?user_id=user789", 200);
    walk.step("place_order", "", 201);
    walk.step("get_stock", "p002?variant_id=black", 200);
    walk.step("get_order", "ORD1", 200);
    walk.step("list_orders", "limit=1", 200);
    walk.step("update_order_status", "ORD1", 200);
    walk.step("mark_order_paid", "ORD1", 204);
    walk.step("list_order_events", "ORD1", 200);
    walk.step("list_events", "limit=1", 200);
    walk.step("list_admin_log", "types=stock.changed&limit=4", 200);
    walk.step("cancel_order", "1-2", 200);
    walk.tokens();
    server.put("/api/carts/again").by(&server.staff()).json("{}").send();
    walk.step("delete_cart", "again", 204);
    walk.pay();
    walk.ship();
    server.stock("p002?variant_id=black", 0);
    walk.step("place_order", "", 400);
    walk.import();
    walk.step("put_customer", "jane", 201);
    walk.step("get_customer", "jane", 200);
    walk.step("get_own_customer", "", 200);
    walk.step("put_own_customer", "", 201);
    walk.step("list_customers", "limit=2", 200);
    walk.step("erase_customer", "boss", 204);
    walk.step("get_store", "1", 200);
    walk.step("put_store", "2", 201);
    walk.step("list_stores", "", 200);
    walk.review();
    walk.retrieve();
    walk.step("delete_product", "p002", 204);
    walk.step("delete_delivery_method", "standard", 204);
    let all: BTreeSet<String> =
        operations().iter().map(|it| it.2["operationId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(walk.done.into_inner(), all, "every operation has its step");
    let wrong = walk.wrong.into_inner();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Walk<'_> {
    /// Each form of a file that is shown.
    fn import(&self) {
        let (path, _, operation) = operation("import_products");
        self.done.borrow_mut().insert("import_products".into());
        for kind in ["application/x-ndjson", "text/csv"] {
            let file = operation["requestBody"]["content"][kind]["example"].as_str().unwrap();
            let call = self.server.post(&path).by(&self.server.staff());
            let reply = call.bytes(kind, file.into()).send();
            let content = "/paths/~1api~1products~1import/post/responses/200/content";
            let shown = compare("import_products", content, &reply);
            self.wrong.borrow_mut().extend(shown.err());
        }
    }

    /// An order that a person looks at.
    fn review(&self) {
        self.step("put_review_rules", "", 200);
        self.step("get_review_rules", "", 200);
        self.server.stock("p002?variant_id=black", 20);
        let items = r#"{"product_id": "p002", "variant_id": "black", "quantity": 12}"#;
        let call = self.server.post("/api/orders").by(&self.server.token("user789", ""));
        let placed = call.json(order_of(items)).send();
        let order = placed.header("location").unwrap().rsplit('/').next().unwrap().to_owned();
        self.step("try_review_rules", "", 200);
        self.step("review_order", &order, 200);
        self.server.advance(&order, "shipped");
    }

    /// The payments of two orders, and their customers at the sandbox.
    fn pay(&self) {
        self.step("set_sandbox_behaviour", "", 204);
        self.step("place_order_with_payment", "", 200);
        let intent = |order: &str| {
            let shown = self.server.get(order).by(&self.server.staff()).send();
            shown.text("/payments/0/provider_reference")
        };
        let (first, second) = (intent("/api/orders/ORD3"), intent("/api/orders/ORD4"));
        self.step("get_sandbox_payment", &first, 200);
        self.step("process_sandbox_payment", &first, 200);
        self.step("decline_sandbox_payment", &first, 200);
        self.step("start_payment", "ORD3", 200);
        self.step("confirm_sandbox_payment", &first, 200);
        self.step("mark_order_paid", "ORD3", 204);
        self.step("create_refund", "ORD3", 201);
        self.server.eventually("ORD3", "/payment_status", "refunded");
        self.step("hold_order", "ORD4", 200);
        self.step("release_order", "ORD4", 200);
        self.step("cancel_sandbox_payment", &second, 200);
        self.step("get_reconciliation", "", 200);
        self.server.advance("ORD4", "cancelled");
    }
}

impl Walk<'_> {
    /// What a shop's own system does, in either version of its calls.
    fn retrieve(&self) {
        self.step("rotate_store_secret", "1", 200);
        let rotated = self.server.post("/api/stores/1/rotate-secret").by(&self.server.staff());
        self.secret.replace(rotated.send().text("/secret"));
        for version in ["", "_v2"] {
            for id in [
                "create_temp_cart",
                "update_merchant_order_id",
                "update_vendor_order_status",
                "set_shipment_tracking",
                "list_shop_order_numbers",
                "get_shop_order",
            ] {
                self.step(&format!("{id}{version}"), "", 200);
            }
        }
    }
}

impl Walk<'_> {
    /// A client from its first day to its last.
    fn tokens(&self) {
        self.step("create_client", "", 201);
        let list = self.server.get("/api/clients").by(&self.server.staff()).send();
        let id = list.text("/clients/0/client_id");
        self.step("list_clients", "", 200);
        self.step("get_client", &id, 200);
        let (other, secret) = crate::clients::create(self.server, "orders:read");
        let form = format!("client_id={other}&client_secret={secret}");
        let token = crate::clients::token(
            self.server,
            &format!("grant_type=client_credentials&{form}&scope=orders:read"),
        );
        self.show("create_token", &token);
        self.step("get_public_keys", "", 200);
        let call = self.server.get("/.well-known/oauth-authorization-server");
        self.show("get_token_server", &call.header("Host", "orders.example.com").send());
        self.step("remove_client", &id, 204);
    }

    /// An answer to what no example can ask for.
    fn show(&self, id: &str, reply: &Reply) {
        assert_eq!(reply.status, 200, "{id}: {reply}");
        self.done.borrow_mut().insert(id.into());
        let (path, method, _) = operation(id);
        let place = format!("/paths/{}/{}", path.replace('/', "~1"), method.to_lowercase());
        let shown = compare(id, &format!("{place}/responses/200/content"), reply);
        self.wrong.borrow_mut().extend(shown.err());
    }

    /// Two mice, one after the other.
    fn ship(&self) {
        let items = r#"{"product_id": "p002", "variant_id": "black", "quantity": 2}"#;
        let call = self.server.post("/api/orders").by(&self.server.token("user789", ""));
        assert_eq!(call.json(order_of(items)).send().status, 204);
        self.step("create_shipment", "ORD5", 201);
        self.step("list_shipments", "ORD5", 200);
        self.step("update_shipment", "ORD5 shp_5_1", 200);
        self.step("get_shipment", "ORD5 shp_5_1", 200);
        self.server.advance("ORD5", "shipped");
    }
}

struct Walk<'s> {
    server: &'s TestServer,
    /// Of store 1, once it has one.
    secret: RefCell<String>,
    done: RefCell<BTreeSet<String>>,
    wrong: RefCell<Vec<String>>,
}

impl Walk<'_> {
    /// Calls an operation with each of its examples. `target` fills the braces of the path, a word
    /// each, or is the query where there are none. The first answer is the one that the description
    /// shows.
    fn step(&self, id: &str, target: &str, status: u16) {
        self.done.borrow_mut().insert(id.to_owned());
        let (path, method, operation) = operation(id);
        let (names, query) = match path.contains('{') {
            true => target.split_once('?').unwrap_or((target, "")),
            false => ("", target),
        };
        let mut url = path.clone();
        for name in names.split_whitespace() {
            let (before, rest) = url.split_once('{').expect("a word has its braces");
            let after = rest.split_once('}').expect("braces close").1;
            url = format!("{before}{name}{after}");
        }
        let url = format!("{url}?{query}");
        let call = || {
            let call = self.server.call(&method, url.trim_end_matches('?'));
            call.by(&self.server.staff()).header("Prefer", "return=representation")
        };
        let place = format!("/paths/{}/{}", path.replace('/', "~1"), method.to_lowercase());
        let examples = &operation["requestBody"]["content"]["application/json"]["examples"];
        let names = examples.as_object().into_iter().flat_map(|it| it.keys());
        let bodies: Vec<&str> = names
            .map(|name| {
                let pointer =
                    format!("{place}/requestBody/content/application~1json/examples/{name}/value");
                value_at(document(), &pointer).expect("an example has a value")
            })
            .collect();
        assert_eq!(bodies.is_empty(), operation["requestBody"].is_null(), "{id} has no example");
        let replies: Vec<Reply> = match bodies.is_empty() {
            true => vec![call().send()],
            false => bodies.iter().map(|it| call().json(self.with_secret(it)).send()).collect(),
        };
        for reply in &replies {
            assert_eq!(reply.status, status, "{id}: {reply}");
        }
        // The first would show itself, the others are never the same twice.
        if !["get_description", "get_metrics", "rotate_store_secret"].contains(&id) {
            let shown = compare(id, &format!("{place}/responses/{status}/content"), &replies[0]);
            self.wrong.borrow_mut().extend(shown.err());
        }
    }
}

impl Walk<'_> {
    /// Secrets are never the same twice.
    fn with_secret(&self, example: &str) -> String {
        let shown = value_at(example, "/secret").unwrap_or_default();
        match shown {
            "" => example.to_owned(),
            shown => example.replace(shown, &format!("\"{}\"", self.secret.borrow())),
        }
    }
}

fn compare(id: &str, content: &str, reply: &Reply) -> Result<(), String> {
    let kind = reply.header("content-type").unwrap_or_default().replace('/', "~1");
    let shown = value_at(document(), &format!("{content}/{kind}/example")).unwrap_or_default();
    let (one, other) = (without_drawn(shown), without_drawn(&reply.body));
    match json::parse(one.as_bytes()) == json::parse(other.as_bytes()) {
        true => Ok(()),
        false => Err(format!("{id} shows\n{shown}\nand answers\n{}\n", reply.body)),
    }
}

/// Each cart has another id.
fn without_drawn(document: &str) -> String {
    let Some((before, after)) = document.split_once("\"tempCartUUID\":") else {
        return document.to_owned();
    };
    let rest = after.splitn(3, '"').nth(2).expect("an id stands in quotes");
    format!("{before}\"tempCartUUID\":\"\"{rest}")
}

/// A document that is taken at its word is shown with every field that it may have.
#[test]
fn strict_examples_have_every_field() {
    let schemas = description()["components"]["schemas"].clone();
    for (path, method, operation) in operations() {
        let content = &operation["requestBody"]["content"]["application/json"];
        let Some(target) = content["schema"]["$ref"].as_str() else { continue };
        let schema = &schemas[target.rsplit('/').next().unwrap()];
        if schema["additionalProperties"] != false {
            continue;
        }
        let shown = content["examples"]["request"]["value"].as_object().unwrap();
        let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let shown: Vec<&String> = shown.keys().collect();
        assert_eq!(shown, described, "{method} {path}");
    }
}

/// A client that is made of the description has one type for them then.
#[test]
fn words_of_a_kind_have_a_name() {
    fn check(place: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                assert!(!members.contains_key("enum"), "{place}: names.rs gives it no name");
                members.iter().for_each(|(name, it)| check(&format!("{place}/{name}"), it));
            }
            Value::Array(elements) => elements.iter().for_each(|it| check(place, it)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let schemas = description()["components"]["schemas"].clone();
    for (name, schema) in schemas.as_object().expect("schemas") {
        // What has a name may be words.
        if schema["enum"].is_null() {
            check(name, schema);
        }
        for variant in schema["anyOf"].as_array().into_iter().flatten() {
            assert!(variant["$ref"].is_string(), "{name}: a variant has no title");
        }
    }
}
