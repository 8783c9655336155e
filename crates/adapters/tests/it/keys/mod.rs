//! Where keys are read: what is an answer, and what is none.

use std::time::Duration;

use adapters::keys::{ANSWER_TIMEOUT, DOCUMENT_BYTES_MAX, FileKeys, HttpKeys, KeySource};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::Instant,
};

const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// Answers every request with these bytes; its address.
async fn answering(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                _ = connection.read(&mut [0; 4096]).await;
                _ = connection.write_all(answer.as_bytes()).await;
                // The rest never comes.
                if answer.is_empty() {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    format!("http://{address}/jwks")
}

fn http(status: &str, more: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{more}\r\n{body}", body.len())
}

async fn read(answer: String) -> Result<usize, String> {
    let source = HttpKeys::new(&answering(answer).await).unwrap();
    source.keys().await.map(|it| it.len()).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_read_from_an_address() {
    assert_eq!(read(http("200 OK", "", KEYS)).await, Ok(1));
    let typed = http("200 OK", "content-type: text/html\r\n", KEYS);
    assert_eq!(read(typed).await, Ok(1), "issuers give it many types");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_told() {
    for answer in [
        http("404 Not Found", "", KEYS),
        http("200 OK", "", "<html>"),
        http("200 OK", "", &format!("{KEYS}{}", " ".repeat(DOCUMENT_BYTES_MAX))),
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{".into(),
        "no HTTP at all".into(),
    ] {
        let shown = answer.chars().take(60).collect::<String>();
        assert!(read(answer).await.is_err(), "{shown}");
    }
    let elsewhere = answering(http("200 OK", "", KEYS)).await;
    let moved = http("302 Found", &format!("location: {elsewhere}\r\n"), "");
    assert!(read(moved).await.unwrap_err().contains("302"), "nobody is followed elsewhere");
    assert!(HttpKeys::new("http://127.0.0.1:1/").unwrap().keys().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_its_time() {
    let begun = Instant::now();
    assert!(read(String::new()).await.is_err());
    assert!(begun.elapsed() < ANSWER_TIMEOUT + Duration::from_secs(2));
}

#[test]
fn others_must_not_answer_for_it() {
    for url in [
        "https://id.example.com/jwks",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://localhost/",
    ] {
        assert!(HttpKeys::new(url).is_ok(), "{url}");
    }
    for url in [
        "http://id.example.com/jwks",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "jwks",
        "",
    ] {
        assert!(HttpKeys::new(url).is_err(), "{url}");
    }
}

#[tokio::test]
async fn keys_are_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let source = FileKeys::new(path.clone());
    assert!(source.keys().await.unwrap_err().to_string().contains("jwks.json"));
    std::fs::write(&path, KEYS).unwrap();
    assert_eq!(source.keys().await.unwrap()[0].key_id, "a");
    std::fs::write(&path, "{").unwrap();
    assert!(source.keys().await.is_err());
}
