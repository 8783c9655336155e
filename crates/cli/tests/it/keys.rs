//! `orderd key`, beside processes that serve.

use std::path::Path;

use reqwest::Method;

use crate::{
    database::Database,
    process::{Serving, assert_verified, run},
    shop::Caller,
};

#[track_caller]
fn key(folder: &Path, database: &str, arguments: &[&str]) -> String {
    let output = run(folder, &[&["key"], arguments, &["--database", database]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Names and states, the oldest first.
fn listed(folder: &Path, database: &str) -> Vec<(String, String)> {
    let listed = key(folder, database, &["list"]);
    let lines = listed.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[0].to_owned(), words[2].trim_end_matches(':').to_owned())
    });
    lines.collect()
}

async fn status(caller: &Caller) -> u16 {
    let sent = caller.send(Method::GET, "/api/orders", None, None).await;
    sent.unwrap().status().as_u16()
}

async fn check(database: &Database, servers: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (folder, url) = (folder.path(), database.url.as_str());
    let serving: Vec<Serving> = (0..servers).map(|_| Serving::start(folder, url)).collect();
    let [(first, state)] = &listed(folder, url)[..] else { panic!("one key at first") };
    assert_eq!(state, "signs");
    let old = Caller::new(&serving[0], "user789", "");
    assert_eq!(status(&old).await, 200);

    let said = key(folder, url, &["rotate"]);
    let second = said.split_whitespace().next().unwrap().to_owned();
    let expected = [(first.clone(), "retired".into()), (second.clone(), "signs".into())];
    assert_eq!(listed(folder, url), expected);
    let new = Caller::new(&serving[0], "user789", "");
    for it in &serving {
        assert_eq!(status(&old.at(&it.address)).await, 200, "old tokens live on");
        assert_eq!(status(&new.at(&it.address)).await, 200, "new ones are known everywhere");
    }
    let keys = old.get("/.well-known/jwks.json").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "{keys}");

    key(folder, url, &["withdraw", first]);
    for it in &serving {
        assert_eq!(status(&old.at(&it.address)).await, 401, "withdrawn means at once");
        assert_eq!(status(&new.at(&it.address)).await, 200);
    }
    // The one that signs is replaced.
    key(folder, url, &["withdraw", &second]);
    let states: Vec<String> = listed(folder, url).into_iter().map(|it| it.1).collect();
    assert_eq!(states, ["withdrawn", "withdrawn", "signs"]);
    assert_eq!(status(&new).await, 401);
    assert_eq!(status(&Caller::new(&serving[0], "user789", "")).await, 200);
    serving.into_iter().for_each(Serving::end);
    assert_verified(folder, url);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_beside_a_server_on_sqlite() {
    check(&Database::sqlite(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_beside_two_servers_on_postgres() {
    let database = Database::postgres().await;
    check(&database, 2).await;
    database.drop().await;
}

#[test]
fn a_key_that_is_not_there_can_not_be_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["key", "withdraw", "nobody"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("there is no key nobody"), "{said}");
}
