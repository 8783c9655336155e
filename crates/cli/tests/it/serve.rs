//! A server starts with a word, ends in good order, and says in a sentence why it can't.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    process::{ORDERD, Serving, assert_verified, orderd, run},
    shop::{Caller, assert_exactly, order},
};

const DATABASE: &str = "sqlite:orderd.db";

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_suits_an_order_to_any_country_and_its_commands_work() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--database", DATABASE];
    let mut serving = Serving::of(orderd(folder.path(), &arguments), folder.path(), DATABASE);
    let printed = serving.lines(4);
    let commands = printed[1..].join("\n");
    let path = std::env::var("PATH").unwrap_or_default();
    let bin = Path::new(ORDERD).parent().unwrap().display();
    let shell = Command::new("sh")
        .args(["-e", "-c", &commands])
        .current_dir(folder.path())
        .env("PATH", format!("{bin}:{path}"))
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&shell.stdout);
    assert!(shell.status.success(), "{commands}\n{said}\n{shell:?}");
    assert!(said.contains("201 Created") && said.contains("/api/orders/ORD1"), "{said}");
    let description = run(folder.path(), &["openapi"]).stdout;
    let description = String::from_utf8(description).unwrap();
    assert!(said.trim_end().ends_with(description.trim_end()), "the third command: {said}");

    let customer = Caller::new(&serving, "user789", "");
    let products = customer.get("/api/products").await;
    let methods = customer.get("/api/delivery-methods").await;
    // The first that a client sees of each list.
    let product = products["products"][0]["product_id"].as_str().unwrap();
    let method = methods["delivery_methods"][0]["delivery_method_id"].as_str().unwrap();
    for (number, country) in (2..).zip(["US", "DE", "JP", "BRA", "New Zealand"]) {
        let mut body = order(number, "user789");
        body["deliveryAddress"]["country"] = country.into();
        body["deliveryMethodId"] = method.into();
        body["items"] = serde_json::json!([{"productId": product, "quantity": 1}]);
        let location = customer.place(&format!("key-{number}"), &body).await.unwrap();
        assert_eq!(location, format!("/api/orders/ORD{number}"), "{country}");
    }
    serving.end();

    // Once more on the same file: nothing is filled in twice.
    let serving = Serving::of(orderd(folder.path(), &arguments), folder.path(), DATABASE);
    assert_eq!(Caller::staff(&serving).get("/api/products").await, products);
    serving.end();
    assert_verified(folder.path(), DATABASE);
}

/// Orders that were sent before the word to end are answered; those that are half sent too.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_end_finishes_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    let last = Arc::new(AtomicU64::new(100));
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (staff, last) = (staff.clone(), last.clone());
            tokio::spawn(async move {
                let mut placed = BTreeMap::new();
                loop {
                    let number = last.fetch_add(1, Ordering::SeqCst);
                    match staff.place(&format!("key-{number}"), &order(number, "jane")).await {
                        Ok(location) => _ = placed.insert(number, location),
                        Err(_) => return placed,
                    }
                }
            })
        })
        .collect();
    let token = serving.token("boss", "staff");
    let mut half_sent: Vec<_> =
        (0..8).map(|number| HalfSent::send(&serving.address, &token, number)).collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    serving.terminate();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut placed = BTreeMap::new();
    for it in &mut half_sent {
        placed.insert(it.number, it.finish());
    }
    let (status, log) = serving.wait();
    assert!(status.success(), "{status}: {log}");
    for client in clients {
        placed.extend(client.await.unwrap());
    }
    assert!(placed.len() > 8, "the load has placed something");

    let serving = Serving::start(folder.path(), DATABASE);
    // A client whose connection was closed between two requests may have placed one more.
    let staff = Caller::staff(&serving);
    for number in 100..last.load(Ordering::SeqCst) {
        let location = staff.place(&format!("key-{number}"), &order(number, "jane")).await;
        let location = location.unwrap();
        assert_eq!(*placed.entry(number).or_insert(location.clone()), location);
    }
    assert_exactly(&staff, &placed).await;
    serving.end();
    assert_verified(folder.path(), DATABASE);
}

/// A request whose headers and half a body have gone out.
struct HalfSent {
    number: u64,
    stream: TcpStream,
    rest: String,
}

impl HalfSent {
    fn send(address: &str, token: &str, number: u64) -> HalfSent {
        let address = address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let body = order(number, "jane").to_string();
        let (half, rest) = body.split_at(body.len() / 2);
        let head = format!(
            "POST /api/orders HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
            Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{half}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        HalfSent { number, stream, rest: rest.into() }
    }

    /// Where the order is.
    fn finish(&mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        let mut lines = answer.lines();
        let location = lines.find_map(|it| it.strip_prefix("location: "));
        location.expect("a location").to_owned()
    }
}

/// A server that can't start says why and ends.
struct Stopped {
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    told: &'static [&'static str],
}

const STOPPED: &[Stopped] = &[
    Stopped { arguments: &[], environment: &[("ORDERD_LISTN", "x")], told: &["listn"] },
    Stopped { arguments: &[], environment: &[("ORDERD_LISTEN", "here")], told: &["listen"] },
    Stopped { arguments: &[], environment: &[("ORDERD_QUEUE_MAX", "0")], told: &["max", "1 to"] },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_RATE_LIMIT", "fast")],
        told: &["rate_limit"],
    },
    Stopped { arguments: &[], environment: &[("ORDERD_LOG_FILTER", "=,=")], told: &["log.filter"] },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_CART_KEPT_DAYS", "0")],
        told: &["kept_days", "1 to"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_CART_URL", "ftp://me:secret@carts.example.com")],
        told: &["cart.url", "http"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_PAYMENT_PROVIDER", "bank")],
        told: &["payment.provider", "sandbox"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_PAYMENT_SANDBOX_FILE", "no/such/folder")],
        told: &["no/such/folder"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_CONNECTIONS_MAX", "0")],
        told: &["connections.max", "1 to"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_CORS_ORIGINS", "*")],
        told: &["cors.origins", "https://shop.example"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_TLS_CERTIFICATE", "cert.pem")],
        told: &["tls.key"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_TLS_CERTIFICATE", "no.pem"), ("ORDERD_TLS_KEY", "key.pem")],
        told: &["no.pem"],
    },
    Stopped {
        arguments: &["--listen", "0.0.0.0:0"],
        environment: &[],
        told: &["0.0.0.0", "sandbox", "--allow-sandbox-on-public-address"],
    },
    Stopped {
        arguments: &["--listen", "[::]:0", "--demo"],
        environment: &[],
        told: &["--allow-sandbox-on-public-address"],
    },
    // Meant, and then refused by the system: no machine has this address.
    Stopped {
        arguments: &["--listen", "192.0.2.1:1", "--allow-sandbox-on-public-address"],
        environment: &[],
        told: &["can't listen on 192.0.2.1:1"],
    },
    Stopped {
        arguments: &[],
        environment: &[("ORDERD_AUTH_PUBLIC_URL", "orders.example.com")],
        told: &["public_url", "https://"],
    },
    Stopped { arguments: &["--config", "missing.toml"], environment: &[], told: &["missing.json"] },
    Stopped { arguments: &["--config", "plain.toml"], environment: &[], told: &["auth.issuers"] },
    Stopped { arguments: &["--config", "grant.toml"], environment: &[], told: &["may_grant"] },
    Stopped { arguments: &["--config", "two.toml"], environment: &[], told: &["user_prefix"] },
    Stopped { arguments: &["--config", "no.toml"], environment: &[], told: &["no.toml"] },
    Stopped { arguments: &["--config", "bad.toml"], environment: &[], told: &["que"] },
    Stopped { arguments: &["--listen", "256.0.0.1:1"], environment: &[], told: &["--listen"] },
    Stopped {
        arguments: &["--database", "mysql://root:secret@host/shop"],
        environment: &[],
        told: &["sqlite:", "postgres://", "mysql"],
    },
    Stopped {
        arguments: &["--database", "sqlite:missing/orderd.db"],
        environment: &[],
        told: &["missing/orderd.db"],
    },
    // A folder in which nobody may write, root neither.
    #[cfg(target_os = "linux")]
    Stopped {
        arguments: &["--database", "sqlite:/proc/orderd.db"],
        environment: &[],
        told: &["/proc/orderd.db"],
    },
];

#[test]
fn a_server_that_cannot_start_says_why() {
    for stopped in STOPPED {
        check(stopped);
    }
}

fn check(stopped: &Stopped) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.toml"), "[que]\nmax = 1\n").unwrap();
    let issuer = |name: &str, more: &str| {
        format!("[[auth.issuers]]\nissuer = \"{name}\"\naudience = \"shop\"\n{more}\n")
    };
    let file = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    file("missing.toml", issuer("a", "jwks = \"missing.json\""));
    file("plain.toml", issuer("a", "jwks = \"http://id.example.com/jwks\""));
    let jwks = "jwks = \"https://127.0.0.1:1/jwks\"";
    file("grant.toml", issuer("a", &format!("{jwks}\nmay_grant = [\"stuff\"]")));
    file("two.toml", issuer("a", jwks) + &issuer("b", jwks));
    let mut command = orderd(folder.path(), &["serve"]);
    command.args(stopped.arguments).envs(stopped.environment.iter().copied());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let what = format!("{:?} {:?}: {said}", stopped.arguments, stopped.environment);
    assert!(!output.status.success(), "{what}");
    assert!(!said.contains("panicked") && !said.contains("secret"), "{what}");
    for word in stopped.told {
        assert!(said.to_lowercase().contains(word), "{word}: {what}");
    }
}

#[test]
fn a_mistyped_path_is_not_verified() {
    let folder = tempfile::tempdir().unwrap();
    let verified = run(folder.path(), &["verify", "--database", "sqlite:mistyped.db"]);
    let said = String::from_utf8(verified.stderr).unwrap();
    assert!(said.contains("there is no database at mistyped.db"), "{said}");
    assert!(!verified.status.success());
    assert!(!folder.path().join("mistyped.db").exists(), "it was made by looking at it");
}

#[test]
fn slow_a_second_server_waits_and_then_says_who_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let first = Serving::start(folder.path(), DATABASE);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", DATABASE];
    let output = run(folder.path(), &arguments);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("another orderd serves orderd.db"), "{said}");

    // One that comes while the first is ending waits for its turn.
    let (ready, is_ready) = std::sync::mpsc::channel();
    let path = folder.path().to_owned();
    let second = std::thread::spawn(move || {
        let second = Serving::start(&path, DATABASE);
        ready.send(()).unwrap();
        second.end();
    });
    assert!(is_ready.recv_timeout(Duration::from_millis(1000)).is_err(), "both serve one file");
    first.end();
    is_ready.recv_timeout(Duration::from_secs(14)).unwrap();
    second.join().unwrap();
}
