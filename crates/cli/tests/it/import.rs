//! An import whose server is killed in the midst of it, and is sent again: every product is there
//! once, with what its line says.

use std::{fmt::Write, time::Duration};

use reqwest::{Client, Response};

use crate::{
    database::Database,
    process::{Serving, assert_verified},
    shop::Caller,
};

const LINES: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_killed_import_is_sent_again_on_sqlite() {
    survive(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_killed_import_is_sent_again_on_postgres() {
    survive(Database::postgres().await).await;
}

/// How often a product was put, by the admin log.
async fn put(staff: &Caller) -> u64 {
    let (mut count, mut after) = (0, 0);
    loop {
        let page = staff.get(&format!("/api/admin/log?after={after}&limit=200")).await;
        let entries = page["entries"].as_array().unwrap();
        if entries.is_empty() {
            return count;
        }
        count += entries.iter().filter(|it| it["type"] == "product.put").count() as u64;
        after = page["last_seq"].as_u64().unwrap();
    }
}

async fn survive(of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let file = file();
    let mut was_in_its_midst = false;
    for round in 1..=3_u64 {
        let serving = Serving::start(folder.path(), database);
        let staff = Caller::staff(&serving);
        let importing = tokio::spawn(import(&serving, file.clone()));
        // Until some are there that were not.
        while !staff.has_product(round * 1_000).await && !importing.is_finished() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        serving.kill();
        was_in_its_midst |= importing.await.unwrap().is_err();
    }
    assert!(was_in_its_midst, "every import was over before its server was killed");

    let serving = Serving::start(folder.path(), database);
    let staff = Caller::staff(&serving);
    for _ in 0..2 {
        let reply = import(&serving, file.clone()).await.unwrap();
        let told: serde_json::Value = reply.json().await.unwrap();
        assert_eq!((&told["imported"], &told["failed"]), (&LINES.into(), &0.into()), "{told}");
    }
    let mut found = 0;
    let mut page = staff.get("/api/products?limit=200").await;
    loop {
        found += page["products"].as_array().unwrap().len() as u64;
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = staff.get(&format!("/api/products?limit=200&cursor={cursor}")).await;
    }
    assert_eq!(found, LINES);
    assert_eq!(put(&staff).await, LINES, "each was put once");
    for number in (0..LINES).step_by(777) {
        let stock = staff.get(&format!("/api/stock/p{number}")).await;
        assert_eq!(stock["on_hand"], 1 + number % 50, "p{number}");
    }
    serving.end();
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}

fn file() -> String {
    let mut file = String::from("product_id,name,price,on_hand\n");
    for number in 0..LINES {
        let on_hand = 1 + number % 50;
        writeln!(file, "p{number},Product {number},{}.99,{on_hand}", number % 100).unwrap();
    }
    file
}

fn import(
    serving: &Serving,
    file: String,
) -> impl Future<Output = reqwest::Result<Response>> + use<> {
    let url = format!("{}/api/products/import", serving.address);
    let token = serving.token("boss", "staff");
    engine::http::use_ring();
    let client = Client::builder().no_proxy().build().unwrap();
    client.post(url).bearer_auth(token).header("content-type", "text/csv").body(file).send()
}
