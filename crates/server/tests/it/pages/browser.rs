//! The checkout, and the page of order retrieval, in a real browser, on a phone's and on a desk's
//! width. They want Chromium, so they are run by name: `scripts/test` has a step for them.
//!
//! The policy of the checkout forbids every script, so what works there works without any.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, Stdio},
};

use testkit::server::{TestServer, temp_line};

use crate::retrieval::rotate;

const WIDTHS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desk", 1280, 900)];
const METHODS: [&str; 2] = ["credit_card", "cash_on_delivery"];

#[test]
#[ignore = "it wants chromium and chromedriver"]
fn slow_buyers_come_to_the_shops_page_in_a_browser() {
    let shop = shop_page();
    let server = TestServer::start();
    server.open_shop();
    server.delivery_method(
        "post",
        r#""name": "Post", "price": 6.5, "free_from": 500, "estimated_days": [3, 6]"#,
    );
    let store = format!(
        r#""name": "Doe & Daughters", "currency": "USD",
           "success_url": "{shop}/thanks?from=orderd", "success_hosts": ["127.0.0.1"]"#
    );
    server.must_put("/api/stores/1", &store);
    let mut walks = Vec::new();
    for (width, wide, high) in WIDTHS {
        for method in METHODS {
            let lines = vec![
                temp_line(Some("p001"), "x", 2, "10"),
                temp_line(None, "A card with a long greeting inside", 1, "4.50"),
                temp_line(None, "Summer", 1, "-2.5"),
            ];
            let cart = server.temp_cart(lines, None);
            let order = walks.len() + 1;
            let from = server.address();
            walks.push(format!(
                r#"{{"name": "{width}-{method}", "width": {wide}, "height": {high},
                    "method": "{method}", "order": "1-{order}",
                    "checkout": "http://{from}/checkout?store=1&tempCartUUID={cart}&country=NO",
                    "thanks": "{shop}/thanks"}}"#,
            ));
        }
    }
    walk("checkout_browser.py", &format!("[{}]", walks.join(",")));
    let confirmed = "/api/orders?status=confirmed&count=true";
    let confirmed = server.get(confirmed).by(&server.staff()).send();
    assert_eq!(confirmed.at("/count"), walks.len().to_string());
}

#[test]
#[ignore = "it wants chromium and chromedriver"]
fn slow_shops_try_their_calls_in_a_browser() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    let (from, secret) = (server.address(), rotate(&server, 1));
    let told = format!(r#"{{"page": "http://{from}/docs/retrieval", "secret": "{secret}"}}"#);
    walk("retrieval_browser.py", &told);
}

fn walk(script: &str, told: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts").join(script);
    let mut running = Command::new("python3")
        .arg("-B")
        .arg(script)
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let mut input = running.stdin.take().expect("it reads");
    input.write_all(told.as_bytes()).expect("it reads all");
    drop(input);
    assert!(running.wait().expect("it ends").success());
}

/// Answers every request with a page, for as long as the test runs.
fn shop_page() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            _ = stream.read(&mut [0; 4096]);
            let page = "<!DOCTYPE html><html lang=en><title>Thanks</title><h1>Thanks</h1></html>";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
            let length = page.len();
            _ = write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{page}");
        }
    });
    format!("http://{address}")
}
