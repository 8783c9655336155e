//! `orderd client`, with and without a process that serves.

use std::path::Path;

use reqwest::{Client, Method, Url};
use serde_json::Value;

use crate::{
    database::Database,
    process::{Serving, assert_verified, run},
    shop::Caller,
};

/// What it prints, or complains.
fn client(folder: &Path, database: &str, arguments: &[&str]) -> Result<String, String> {
    let output = run(folder, &[&["client"], arguments, &["--database", database]].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn add(folder: &Path, database: &str, name: &str, more: &[&str]) -> (String, String) {
    let arguments = ["add", "--name", name, "--scope", "orders:read events:read"];
    let said = client(folder, database, &[&arguments, more].concat()).unwrap();
    let value = |name: &str| {
        let mut lines = said.lines();
        lines.find_map(|it| it.strip_prefix(name)?.strip_prefix(": ")).unwrap().to_owned()
    };
    (value("client_id"), value("client_secret"))
}

/// A token of a client, or the error's name.
async fn token(address: &str, (id, secret): &(String, String)) -> Result<String, String> {
    let mut form = Url::parse("http://form").unwrap();
    form.query_pairs_mut()
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", id)
        .append_pair("client_secret", secret);
    let request = Client::builder().no_proxy().build().unwrap();
    let request = request.post(format!("{address}/oauth/token"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let sent = request.body(form.query().unwrap().to_owned()).send().await;
    let answer: Value = sent.unwrap().json().await.unwrap();
    let text = |name: &str| answer[name].as_str().map(ToOwned::to_owned);
    text("access_token").ok_or_else(|| text("error").unwrap())
}

async fn check(database: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let (folder, url) = (folder.path(), database.url.as_str());
    let before = add(folder, url, "before", &[]);
    let gone = add(folder, url, "gone", &[]);
    client(folder, url, &["remove", &gone.0]).unwrap();
    assert!(client(folder, url, &["remove", &gone.0]).is_err(), "once is enough");

    let serving = Serving::start(folder, url);
    let at = ["--url", serving.address.as_str()];
    let staff = Caller::staff(&serving);
    let beside = add(folder, url, "beside", &at);
    for it in [&before, &beside] {
        assert!(token(&serving.address, it).await.is_ok());
    }
    assert_eq!(token(&serving.address, &gone).await, Err("invalid_client".into()));
    let listed = client(folder, url, &["list"]).unwrap();
    assert!(listed.contains(&before.0) && listed.contains(&beside.0), "{listed}");
    assert!(!listed.contains(&gone.0) && !listed.contains("secret"), "{listed}");

    client(folder, url, &[&["remove", beside.0.as_str()][..], &at].concat()).unwrap();
    assert_eq!(token(&serving.address, &beside).await, Err("invalid_client".into()));
    let again = client(folder, url, &[&["remove", beside.0.as_str()][..], &at].concat());
    assert!(again.unwrap_err().contains("no such client"));
    let log = staff.get("/api/admin/log").await;
    let told: Vec<(&str, &str)> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["type"].as_str().unwrap(), it["data"]["client_id"].as_str().unwrap()))
        .collect();
    let expected = [
        ("client.created", before.0.as_str()),
        ("client.created", &gone.0),
        ("client.removed", &gone.0),
        ("client.created", &beside.0),
        ("client.removed", &beside.0),
    ];
    assert_eq!(told, expected, "all of it went through the one door");
    serving.end();
    assert_verified(folder, url);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_come_and_go_on_sqlite() {
    check(&Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_come_and_go_on_postgres() {
    let database = Database::postgres().await;
    check(&database).await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tokens_are_for_its_scope_and_stop_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::sqlite().url;
    let serving = Serving::start(folder.path(), &database);
    let at = ["--url", serving.address.as_str()];
    let erp = add(folder.path(), &database, "erp", &at);
    let caller = Caller::staff(&serving).with(token(&serving.address, &erp).await.unwrap());
    let status = |path: &'static str| {
        let caller = caller.clone();
        async move { caller.send(Method::GET, path, None, None).await.unwrap().status().as_u16() }
    };
    assert_eq!(status("/api/events").await, 200);
    assert_eq!(status("/api/admin/log").await, 403);
    client(folder.path(), &database, &[&["remove", erp.0.as_str()][..], &at].concat()).unwrap();
    assert_eq!(status("/api/events").await, 401);
    serving.end();
}

#[test]
fn what_can_not_be_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), "sqlite:orderd.db");
    let check = |arguments: &[&str], why: &str| {
        let said = client(folder.path(), "sqlite:orderd.db", arguments).unwrap_err();
        assert!(said.contains(why) && !said.contains("panicked"), "{arguments:?}: {said}");
    };
    check(&["add", "--name", "erp", "--scope", "orders:reed"], "--scope");
    check(&["add", "--name", "erp", "--scope", "customer"], "--scope");
    check(&["add", "--name", "", "--scope", "staff"], "--name");
    check(&["remove", "a b"], "no client's id");
    let nowhere = ["--url", "http://127.0.0.1:1"];
    check(&[&["add", "--name", "erp", "--scope", "staff"][..], &nowhere].concat(), "--url");
    serving.end();
}
