//! `kill -9` between two pieces of an erasure: whoever starts next finishes it.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    database::Database,
    process::{Serving, assert_verified, orderd},
    shop::{Caller, order},
};

/// More than one piece.
const ORDERS: u64 = 130;

#[tokio::test(flavor = "multi_thread")]
async fn slow_an_erasure_survives_its_process_on_sqlite() {
    survive(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_an_erasure_survives_its_process_on_postgres() {
    survive(Database::postgres().await).await;
}

async fn survive(of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", database];
    let mut command = orderd(folder.path(), &arguments);
    command.env("FAILPOINTS", "erasure/between-pieces=return");
    let serving = Serving::of(command, folder.path(), database);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    for number in 1..=ORDERS {
        staff.place(&format!("key-{number}"), &order(number, "jane")).await.unwrap();
        let path = format!("/api/orders/ORD{number}");
        let response = staff.send(Method::DELETE, &path, None, None).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    let erase = |staff: Caller| async move {
        staff.send(Method::DELETE, "/api/customers/jane", Some("forget"), None).await
    };
    let first = erase(staff).await;
    assert!(first.is_err(), "its process has died: {first:?}");
    drop(serving);

    let serving = Serving::start(folder.path(), database);
    let staff = Caller::staff(&serving);
    // The same request again says when it is over; nobody else has to ask for it to go on.
    let ended = erase(staff.clone()).await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    for number in [1, ORDERS / 2, ORDERS] {
        let found = staff.get(&format!("/api/orders/ORD{number}")).await;
        assert_eq!(found["shipping_address"], Value::Null, "{number}");
        assert_eq!(found["contact"], json!({"email": null, "phone": null}), "{number}");
    }
    serving.end();
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}
