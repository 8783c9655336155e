//! The example of a shop's scheduled job, run as it stands: killed at any moment and run again, it
//! has every finished order once.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    database::Database,
    process::{Serving, assert_verified},
    shop::{Caller, order},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/reconcile.py");

/// What the shop's own books have, by the number there.
const DUMP: &str = "import json, sqlite3; \
    rows = sqlite3.connect('books.db').execute('SELECT number, order_id, told FROM orders'); \
    print(json.dumps(sorted(rows.fetchall())))";

const KILLS: u64 = 8;
const ORDERS: u64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn the_job_imports_every_order_once_on_sqlite() {
    reconcile(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_imports_every_order_once_on_postgres() {
    reconcile(Database::postgres().await).await;
}

async fn reconcile(of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), database);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    let path = "/api/stores/1/rotate-secret";
    let rotated = staff.send(Method::POST, path, None, None).await.unwrap();
    let secret: Value = rotated.json().await.unwrap();
    let secret = secret["secret"].as_str().unwrap();
    let job = || {
        let mut command = Command::new("python3");
        command.args([SCRIPT, "books.db"]).current_dir(folder.path()).env("NO_PROXY", "*");
        command.env("H", &serving.address).env("STORE", "1").env("SECRET", secret);
        command
    };
    assert_eq!(said(&job().output().unwrap()), "imported 0, told 0\n");

    for placed in 1..=ORDERS {
        staff.place(&format!("order-{placed}"), &order(placed, "jane")).await.unwrap();
        // A little later each time, so that it dies here and there.
        if placed % (ORDERS / KILLS) == 0 {
            let mut child = job().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            tokio::time::sleep(Duration::from_millis(60 + 7 * placed)).await;
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
    assert!(said(&job().output().unwrap()).starts_with("imported "));
    assert_eq!(said(&job().output().unwrap()), "imported 0, told 0\n", "there is nothing left");
    let books = dumped(folder.path());
    let expected: Vec<Value> = (1..=ORDERS).map(|it| json!([it, format!("1-{it}"), 1])).collect();
    assert_eq!(books, Value::Array(expected));
    let shown = staff.get("/api/orders/1-7").await;
    assert_eq!(shown["merchant"]["merchant_order_id"], "7");

    let mut wrong = job();
    let output = wrong.env("SECRET", "guess").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "reconcile: orderNumbers: Invalid security credentials\n");
    let secret = secret.to_owned();
    serving.terminate();
    let (status, log) = serving.wait();
    assert!(status.success(), "{status}: {log}");
    assert!(!log.contains(&secret[7..]), "no log has a secret: {log}");
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}

fn said(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    told
}

fn dumped(folder: &Path) -> Value {
    let mut command = Command::new("python3");
    let output = command.args(["-c", DUMP]).current_dir(folder).output().unwrap();
    serde_json::from_str(&said(&output)).unwrap()
}
