//! `kill -9` between any two steps of paying: the repeat with the same key gives the same order.
//!
//! The server is built with the feature `crash-points`: at the named point the request stands
//! still, and then its process is killed.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    database::Database,
    process::{Serving, assert_verified, orderd},
    shop::{Caller, ON_HAND, order},
};

/// The steps of with-payment, in their order.
const POINTS: [&str; 5] =
    ["before-commit", "after-commit", "before-ask", "after-ask", "before-reply"];

/// Long enough for a request to come to its point, however busy the machine is.
const STANDS_STILL: Duration = Duration::from_secs(3);
/// The contract: no key answers 409 for longer.
const KEY_IN_USE_MAX: Duration = Duration::from_secs(15);

macro_rules! killed_at {
    ($($name:ident: $point:expr, $database:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            survive(Some($point), $database).await;
        }
    )*};
}

killed_at! {
    slow_killed_before_the_commit_on_sqlite: POINTS[0], Database::sqlite();
    slow_killed_after_the_commit_on_sqlite: POINTS[1], Database::sqlite();
    slow_killed_before_the_provider_is_asked_on_sqlite: POINTS[2], Database::sqlite();
    slow_killed_after_the_provider_has_answered_on_sqlite: POINTS[3], Database::sqlite();
    slow_killed_before_the_reply_on_sqlite: POINTS[4], Database::sqlite();
    slow_killed_before_the_commit_on_postgres: POINTS[0], Database::postgres().await;
    slow_killed_after_the_commit_on_postgres: POINTS[1], Database::postgres().await;
    slow_killed_before_the_provider_is_asked_on_postgres: POINTS[2], Database::postgres().await;
    slow_killed_after_the_provider_has_answered_on_postgres: POINTS[3], Database::postgres().await;
    slow_killed_before_the_reply_on_postgres: POINTS[4], Database::postgres().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_after_the_reply_on_sqlite() {
    survive(None, Database::sqlite()).await;
}

/// `point`: where the first request stands still; `None`: it gets its answer.
async fn survive(point: Option<&str>, of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", database];
    let serving = Serving::start(folder.path(), database);
    Caller::staff(&serving).fill().await;
    serving.end();

    let mut command = orderd(folder.path(), &arguments);
    if let Some(point) = point {
        command.env("FAILPOINTS", format!("with-payment/{point}=sleep(60000)"));
    }
    let serving = Serving::of(command, folder.path(), database);
    let jane = Caller::new(&serving, "jane", "customer");
    let first = tokio::time::timeout(STANDS_STILL, pay(&jane, "key-1")).await;
    assert_eq!(first.is_err(), point.is_some(), "{first:?}");
    serving.kill();

    let serving = Serving::start(folder.path(), database);
    let jane = Caller::new(&serving, "jane", "customer");
    let placed = repeat(&jane, "key-1").await;
    if let Ok(first) = first {
        assert_eq!(placed, first.1, "the same answer");
    }
    assert_eq!(repeat(&jane, "key-1").await, placed, "and again");
    assert_one_order(&serving, &placed).await;
    complete(&serving, &jane, &placed).await;

    let staff = Caller::staff(&serving);
    let found = staff.get("/api/reconciliation").await;
    for (name, list) in found.as_object().unwrap() {
        assert_eq!(list.as_array().map_or(0, Vec::len), 0, "{name} in {found}");
    }
    serving.end();
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}

async fn pay(jane: &Caller, key: &str) -> (StatusCode, Value) {
    let path = "/api/orders/with-payment";
    let body = order(1, "jane");
    let response = jane.send(Method::POST, path, Some(key), Some(&body)).await.unwrap();
    (response.status(), response.json().await.unwrap())
}

/// Repeats a request until it is placed: a 500 says that nothing is left of it, and only a 409 or
/// a 503 says to come again, the 409 not for long.
async fn repeat(jane: &Caller, key: &str) -> Value {
    let mut in_use_since = None;
    loop {
        let (status, body) = pay(jane, key).await;
        match status {
            StatusCode::OK => return body,
            StatusCode::INTERNAL_SERVER_ERROR => {
                assert_eq!(body["code"], "payment_initialization_failed", "{body}");
            }
            StatusCode::CONFLICT => {
                assert_eq!(body["code"], "idempotency_key_in_use", "{body}");
                let since: Instant = *in_use_since.get_or_insert_with(now);
                assert!(since.elapsed() < KEY_IN_USE_MAX, "the key is stuck");
            }
            StatusCode::SERVICE_UNAVAILABLE => {}
            other => panic!("{other}: {body}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the test measures how long a real process takes")]
fn now() -> Instant {
    Instant::now()
}

/// Every other order of the customer is cancelled, and the stock is held once.
async fn assert_one_order(serving: &Serving, placed: &Value) {
    let staff = Caller::staff(serving);
    let found = staff.get("/api/orders?user_id=jane").await;
    let orders = found["orders"].as_array().unwrap();
    let open: Vec<_> = orders.iter().filter(|it| it["status"] != "cancelled").collect();
    assert_eq!(open.len(), 1, "{found}");
    assert_eq!(open[0]["order_id"], placed["orderId"]);
    let held = order(1, "jane");
    for item in held["items"].as_array().unwrap() {
        let product = item["productId"].as_str().unwrap();
        let stock = staff.get(&format!("/api/stock/{product}")).await;
        assert_eq!(stock["on_hand"], ON_HAND, "{product}");
        assert_eq!(stock["reserved"], item["quantity"], "{product}");
    }
}

/// The customer pays, and says so.
async fn complete(serving: &Serving, jane: &Caller, placed: &Value) {
    let secret = placed["clientSecret"].as_str().unwrap();
    let intent = secret.split("_secret_").next().unwrap();
    let staff = Caller::staff(serving);
    let silent = json!({"delay_ms": 0, "fail_next": 0, "lose_answer_next": 0, "callback": "off"});
    staff.put("/sandbox/behaviour", &silent).await;
    let path = format!("/sandbox/payments/{intent}/confirm");
    let confirmed = staff.send(Method::POST, &path, None, None).await.unwrap();
    assert_eq!(confirmed.status(), StatusCode::OK);
    let order = format!("/api/orders/{}", placed["orderId"].as_str().unwrap());
    let paid = jane.send(Method::PATCH, &format!("{order}/paid"), None, None).await.unwrap();
    assert_eq!(paid.status(), StatusCode::NO_CONTENT, "{}", paid.text().await.unwrap());
    let found = jane.get(&order).await;
    assert_eq!(found["status"], "confirmed");
    assert_eq!(found["payment_status"], "paid");
    assert_eq!(found["paid_total"], placed["totalAmount"]);
}
