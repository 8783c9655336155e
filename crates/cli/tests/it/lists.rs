//! Lists of real processes: what they found before they were killed they find afterwards, and a
//! stream that can't be finished does not look finished.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    database::Database,
    process::{Serving, assert_verified, run},
    shop::{Caller, order},
};

#[tokio::test(flavor = "multi_thread")]
async fn lists_find_what_they_found_before_a_kill_on_sqlite() {
    find_again(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_find_what_they_found_before_a_kill_on_postgres() {
    find_again(Database::postgres().await).await;
}

async fn find_again(of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), database);
    Caller::staff(&serving).fill().await;
    for round in 0..4 {
        let staff = Caller::staff(&serving);
        for number in 0..20 {
            let key = format!("{round}-{number}");
            let mut body = order(number, &format!("jane{number}"));
            body["deliveryAddress"]["name"] = json!(format!("Jane Number{number}"));
            staff.place(&key, &body).await.unwrap();
        }
        // In the middle of it: some are fed, some are not.
        tokio::time::sleep(Duration::from_millis(60 * round)).await;
        serving.kill();
        serving = Serving::start(folder.path(), database);
    }
    let staff = Caller::staff(&serving);
    let placed = 80;
    found(&staff, "q=number7", 4).await;
    found(&staff, "q=jane+number", placed).await;
    // Of each twenty, the orders 2, 3, 10, 11, 18 and 19 have it.
    found(&staff, "product_id=p3", 4 * 6).await;
    found(&staff, "sort=-total", placed).await;
    assert_verified(folder.path(), database);

    let rebuilt = run(folder.path(), &["migrate", "--rebuild", "--database", database]);
    assert!(rebuilt.status.success(), "{rebuilt:?}");
    found(&staff, "q=jane+number", placed).await;
    serving.end();
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}

/// The list comes up to what was written, soon.
async fn found(staff: &Caller, query: &str, expected: u64) {
    let mut seen = None;
    for _ in 0..1000 {
        let page = staff.get(&format!("/api/orders?{query}&limit=200")).await;
        seen = page["orders"].as_array().map(|it| it.len() as u64);
        if seen == Some(expected) && page["next_cursor"] == Value::Null {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{query}: {seen:?} of {expected}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_stream_ends_by_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), "sqlite:orderd.db");
    let staff = Caller::staff(&serving);
    staff.fill().await;
    for number in 0..450 {
        let customer = if number < 10 { "joe" } else { "jane" };
        staff.place(&format!("key-{number}"), &order(number, customer)).await.unwrap();
    }
    let whole = staff.accepting("text/csv", "/api/orders?user_id=jane").await;
    assert_eq!(whole.status(), StatusCode::OK);
    assert_eq!(whole.text().await.unwrap().lines().count(), 441);

    // One of joe's, which nobody has read yet.
    let file = rusqlite::Connection::open(folder.path().join("orderd.db")).unwrap();
    file.execute("UPDATE orders SET document = '{' WHERE no = 10", []).unwrap();
    for kind in ["text/csv", "application/x-ndjson"] {
        let broken = staff.accepting(kind, "/api/orders").await;
        assert_eq!(broken.status(), StatusCode::OK, "it began well");
        assert!(broken.text().await.is_err(), "a short file looks like a whole one");
    }
    // What can't even begin is told in words.
    let refused = staff.accepting("text/csv", "/api/orders?sort=created_at").await;
    assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let alive = staff.send(Method::GET, "/api/orders?limit=1", None, None).await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
}
