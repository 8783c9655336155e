//! The log: a line of JSON for each entry, by which a request is found again.

use serde_json::{Value, json};

use crate::process::{Serving, orderd};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_is_found_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let database = "sqlite:orderd.db";
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--database", database];
    let mut command = orderd(folder.path(), &arguments);
    command.env("ORDERD_LOG_FILTER", "info");
    let serving = Serving::of(command, folder.path(), database);
    engine::http::use_ring();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let staff = serving.token("boss", "staff");
    let behaviour = client.put(format!("{}/sandbox/behaviour", serving.address));
    let behaved = behaviour.bearer_auth(&staff).json(&json!({"fail_next": 1})).send().await;
    assert_eq!(behaved.unwrap().status(), 204);
    let body = json!({
        "deliveryAddress": {"name": "Jane Secretive", "street": "1 Main St", "city": "New York",
            "state": "NY", "zipCode": "10001", "country": "US"},
        "items": [{"productId": "p001", "quantity": 1}],
    });
    let placing = client.post(format!("{}/api/orders/with-payment", serving.address));
    let placing = placing.bearer_auth(serving.token("jane", "")).json(&body);
    let reply = placing.header("x-request-id", "my-request").send().await.unwrap();
    assert_eq!(reply.status(), 500);
    serving.terminate();
    let (status, log) = serving.wait();
    assert!(status.success(), "{log}");
    let lines: Vec<Value> =
        log.lines().map(|it| serde_json::from_str(it).expect("a line is JSON")).collect();
    let found = lines.iter().find(|it| it["fields"]["request_id"] == "my-request");
    let found = found.unwrap_or_else(|| panic!("nothing is about the request: {log}"));
    assert_eq!(found["fields"]["status"], 500);
    assert!(found["timestamp"].is_string() && found["level"] == "WARN", "{found}");
    assert!(!log.contains("Secretive") && !log.contains(&staff), "{log}");
}
