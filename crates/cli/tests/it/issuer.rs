//! Tokens of a certified issuer, npm's oidc-provider, at a serving process, while its keys rotate.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, Method};
use serde_json::Value;

use crate::{
    process::{Serving, orderd},
    shop::Caller,
};

/// Longer than the time within which an issuer is not asked again.
const BETWEEN_ROTATIONS: Duration = Duration::from_secs(11);
const AUDIENCE: &str = "urn:shop";

struct Issuer {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Issuer {
    fn start() -> Issuer {
        let folder = std::env::var("ORDERD_TEST_ISSUER");
        let folder = folder.expect("scripts/test runs this with ORDERD_TEST_ISSUER");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/issuer/provider.mjs");
        let mut child = Command::new("node")
            .args([script.as_os_str(), folder.as_ref(), AUDIENCE.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut issuer = Issuer { child, stdout, url: String::new() };
        issuer.url = issuer.said("http://127.0.0.1:");
        issuer
    }

    /// The next line that begins so; it has notices of its own in between.
    fn said(&mut self, beginning: &str) -> String {
        let mut lines = self.stdout.by_ref().lines().map_while(Result::ok);
        lines.find(|it| it.starts_with(beginning)).expect("the issuer has ended")
    }

    /// Publishes these keys and signs with the first of them.
    fn publish(&mut self, keys: &str) {
        writeln!(self.child.stdin.as_ref().unwrap(), "keys {keys}").unwrap();
        self.said("published");
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

async fn token(client: &Client, issuer: &str) -> String {
    let form = "grant_type=client_credentials&scope=orders%3Aread";
    let request = client.post(format!("{issuer}/token")).basic_auth("erp", Some("secret"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/test fetches the issuer and runs it"]
async fn slow_a_certified_issuers_tokens_count_while_its_keys_rotate() {
    let mut issuer = Issuer::start();
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "[[auth.issuers]]\nissuer = \"{0}\"\njwks = \"{0}/jwks\"\naudience = \"{AUDIENCE}\"\n\
        may_grant = [\"orders:read\"]\n",
        issuer.url
    );
    std::fs::write(folder.path().join("orderd.toml"), settings).unwrap();
    let database = "sqlite:orderd.db";
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", database];
    let serving = Serving::of(orderd(folder.path(), &arguments), folder.path(), database);
    let staff = Caller::staff(&serving);
    let done = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (staff, url, done) = (staff.clone(), issuer.url.clone(), done.clone());
            tokio::spawn(async move {
                let client = Client::builder().no_proxy().build().unwrap();
                let mut calls = 0;
                while !done.load(Ordering::SeqCst) {
                    let caller = staff.with(token(&client, &url).await);
                    let read = caller.send(Method::GET, "/api/orders", None, None).await.unwrap();
                    assert_eq!(read.status(), 200, "call {calls}");
                    let write = caller.send(Method::GET, "/api/events", None, None).await.unwrap();
                    assert_eq!(write.status(), 403, "it grants what it may");
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for keys in ["k2 k1", "k3 k2"] {
        tokio::time::sleep(BETWEEN_ROTATIONS).await;
        issuer.publish(keys);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    done.store(true, Ordering::SeqCst);
    let mut calls = 0;
    for it in callers {
        calls += it.await.unwrap();
    }
    println!("{calls} calls with tokens of three keys, none refused");
    assert!(calls > 100, "{calls} calls were made meanwhile");
    serving.end();
}
