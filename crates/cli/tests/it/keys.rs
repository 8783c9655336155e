//! `orderd key`, beside processes that serve.

use std::{path::Path, time::Duration};

use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    database::Database,
    process::{Serving, assert_verified, orderd, run},
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

/// A key of an outside issuer: what it publishes, and a token by it.
fn of_issuer(byte: u8) -> (Value, String) {
    const HEAD: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    let key = EncodingKey::from_ed_der(&[&HEAD[..], &[byte; 32]].concat());
    let kid = format!("key-{byte}");
    let mut public = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
    public.common.key_id = Some(kid.clone());
    let header = Header { kid: Some(kid), ..Header::new(Algorithm::EdDSA) };
    let claims = json!({
        "iss": "https://id.example.com", "sub": "jane", "aud": "shop", "exp": 9_999_999_999_u64,
    });
    let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    (json!({"keys": [public]}), token)
}

/// By itself the file would be read minutes later, and for a key that is not known not so soon.
#[tokio::test(flavor = "multi_thread")]
async fn an_issuers_file_is_read_again_when_the_server_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let publish = |keys: &Value| {
        std::fs::write(folder.path().join("jwks.json"), keys.to_string()).unwrap();
    };
    let (first_keys, first) = of_issuer(1);
    let (second_keys, second) = of_issuer(2);
    publish(&first_keys);
    let settings = "[[auth.issuers]]\nissuer = \"https://id.example.com\"\n\
                    jwks = \"jwks.json\"\naudience = \"shop\"\n";
    std::fs::write(folder.path().join("orderd.toml"), settings).unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0"];
    let command = orderd(folder.path(), &arguments);
    let serving = Serving::of(command, folder.path(), "sqlite:orderd.db");
    engine::http::use_ring();
    let client = reqwest::Client::new();
    let status = async |token: &str| {
        let sent = client.get(format!("{}/api/orders", serving.address)).bearer_auth(token).send();
        sent.await.unwrap().status().as_u16()
    };
    let becomes = async |token: &str, expected: u16| {
        for _ in 0..40 {
            if status(token).await == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not {expected} within two seconds");
    };
    becomes(&first, 200).await;
    assert_eq!(status(&second).await, 401);
    publish(&second_keys);
    assert_eq!(status(&second).await, 401);
    serving.signal("HUP");
    becomes(&second, 200).await;
    assert_eq!(status(&first).await, 401, "what is not published any more counts no more");

    // What is no document of keys changes nothing.
    std::fs::write(folder.path().join("jwks.json"), "nonsense").unwrap();
    serving.signal("HUP");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(status(&second).await, 200);
    serving.end();
}
