//! What a server makes of clients that do not finish, of certificates, and of being told to read
//! its settings again.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{
    process::{Serving, assert_verified, orderd},
    shop::{Caller, assert_exactly, order},
};

const DATABASE: &str = "sqlite:orderd.db";
const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--database", DATABASE];

/// Seconds that a head and a body have.
const LIMIT: u64 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_half_sent_requests_change_nothing_and_are_gone_within_their_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = orderd(folder.path(), &SERVE);
    command.env("ORDERD_CONNECTIONS_HEAD_SECONDS", LIMIT.to_string());
    command.env("ORDERD_CONNECTIONS_BODY_SECONDS", LIMIT.to_string());
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    let token = serving.token("boss", "staff");
    let address = serving.address.strip_prefix("http://").unwrap().to_owned();

    let begun = Instant::now();
    let half_sent: Vec<_> = (0..100)
        .map(|number| {
            let body = order(number, "mallory").to_string();
            let head = format!(
                "POST /api/orders HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let whole = format!("{head}{body}");
            // Cut anywhere: within the head for some, within the body for others.
            let sent = &whole[..whole.len() * (number as usize % 99 + 1) / 100];
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            (stream, sent.len() >= head.len())
        })
        .collect();
    let gone = tokio::task::spawn_blocking(move || {
        for (mut stream, has_head) in half_sent {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            let mut said = Vec::new();
            // Cut may also mean reset.
            let read = stream.read_to_end(&mut said);
            let timed_out = read.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock);
            assert!(!timed_out, "one is still open");
            let said = String::from_utf8(said).unwrap();
            assert_eq!(said.starts_with("HTTP/1.1 408 "), has_head, "{said}");
        }
    });
    // Others notice nothing.
    let mut placed = BTreeMap::new();
    for number in 1000..1100 {
        let location = staff.place(&format!("key-{number}"), &order(number, "jane")).await;
        placed.insert(number, location.unwrap());
    }
    gone.await.unwrap();
    // A limit is noticed a quarter late at most; the rest is for a busy machine.
    let limit = Duration::from_secs(LIMIT) * 5 / 4 + Duration::from_secs(4);
    assert!(begun.elapsed() < limit, "{:?}", begun.elapsed());
    assert_exactly(&staff, &placed).await;
    serving.end();
    assert_verified(folder.path(), DATABASE);
}

fn certify(folder: &Path) {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    std::fs::write(folder.join("cert.pem"), certified.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), certified.signing_key.serialize_pem()).unwrap();
}

/// What curl says to a call: `2 200`, or its failure.
fn curl(folder: &Path, serving: &Serving, protocol: &str, certificate: &str) -> String {
    let url = format!("{}/healthz", serving.address);
    let output = Command::new("curl")
        .args([protocol, "--cacert", certificate, "--silent", "--show-error", "--max-time", "20"])
        .args(["--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"])
        .args(["--noproxy", "*", &url])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { said } else { format!("{:?}", output.status.code()) }
}

/// curl's code for a certificate that it does not believe.
const NOT_BELIEVED: &str = "Some(60)";

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_shown_and_can_be_renewed_while_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certify(folder);
    let mut command = orderd(folder, &SERVE);
    command.env("ORDERD_TLS_CERTIFICATE", "cert.pem").env("ORDERD_TLS_KEY", "key.pem");
    command.env("ORDERD_CONNECTIONS_HEAD_SECONDS", "2");
    let serving = Serving::of(command, folder, DATABASE);
    assert!(serving.address.starts_with("https://127.0.0.1:"), "{}", serving.address);
    assert_eq!(curl(folder, &serving, "--http2", "cert.pem"), "2 200");
    assert_eq!(curl(folder, &serving, "--http1.1", "cert.pem"), "1.1 200");

    // Whoever says nothing, or does not speak TLS, is cut off.
    let address = serving.address.strip_prefix("https://").unwrap();
    for sent in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut said = Vec::new();
        let read = stream.read_to_end(&mut said);
        assert!(!read.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock), "{sent:?}");
        assert!(!said.starts_with(b"HTTP"), "{sent:?}");
    }

    std::fs::rename(folder.join("cert.pem"), folder.join("old.pem")).unwrap();
    certify(folder);
    assert_eq!(curl(folder, &serving, "--http2", "cert.pem"), NOT_BELIEVED, "not told yet");
    serving.signal("HUP");
    let mut renewed = String::new();
    for _ in 0..50 {
        renewed = curl(folder, &serving, "--http2", "cert.pem");
        if renewed == "2 200" {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(renewed, "2 200");
    assert_eq!(curl(folder, &serving, "--http2", "old.pem"), NOT_BELIEVED);

    // A file that is no certificate changes nothing.
    std::fs::copy(folder.join("cert.pem"), folder.join("good.pem")).unwrap();
    std::fs::write(folder.join("cert.pem"), "nonsense").unwrap();
    serving.signal("HUP");
    sleep(Duration::from_millis(300)).await;
    assert_eq!(curl(folder, &serving, "--http2", "good.pem"), "2 200");
    serving.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limits_are_those_of_the_contract_and_can_change_while_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orderd.toml");
    let mut command = orderd(folder.path(), &SERVE);
    command.env_remove("ORDERD_RATE_LIMIT");
    let serving = Serving::of(command, folder.path(), DATABASE);
    let jane = Caller::new(&serving, "jane", "");
    let staff = Caller::staff(&serving);
    let ask = async |caller: &Caller| {
        let answer = caller.send(reqwest::Method::GET, "/api/orders", None, None).await.unwrap();
        let policy = answer.headers().get("ratelimit-policy");
        let policy = policy.map(|it| it.to_str().unwrap().to_owned());
        (answer.status().as_u16(), policy.unwrap_or_default())
    };
    assert_eq!(ask(&jane).await, (200, "\"customers\";q=600;w=60".into()));
    assert_eq!(ask(&staff).await, (200, "\"others\";q=6000;w=60".into()));

    let read_again = async |settings: &str, expected: (u16, &str)| {
        std::fs::write(&file, settings).unwrap();
        serving.signal("HUP");
        for _ in 0..50 {
            let (status, policy) = ask(&jane).await;
            if (status, policy.as_str()) == expected {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{settings:?} was not read");
    };
    read_again("rate_limit = 2", (200, "\"customers\";q=2;w=60")).await;
    assert_eq!((ask(&jane).await.0, ask(&jane).await.0), (200, 429));
    read_again("[rate_limit]\nper_minute = 9", (200, "\"customers\";q=9;w=60")).await;
    read_again("rate_limit = \"off\"", (200, "")).await;
    std::fs::write(&file, "rate_limit = \"fast\"").unwrap();
    serving.signal("HUP");
    sleep(Duration::from_millis(300)).await;
    assert_eq!(ask(&jane).await, (200, String::new()), "what is wrong changes nothing");
    serving.end();
}
