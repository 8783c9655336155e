//! Carts of an outside service: the setting reaches it, and what was ordered stays so over a kill.

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::Path,
};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::{
    database::Database,
    process::{Serving, assert_verified, orderd},
    shop::Caller,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_cart_is_ordered_once_over_a_kill_on_sqlite() {
    order_once(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_cart_is_ordered_once_over_a_kill_on_postgres() {
    order_once(Database::postgres().await).await;
}

async fn order_once(of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/all/carts", service.local_addr().unwrap());
    let asked = std::thread::spawn(move || answer_once(&service));

    let serving = block_in_place(|| start(folder.path(), database, &url));
    Caller::staff(&serving).fill().await;
    let (status, first) = order(&Caller::new(&serving, "jane", "customer"), Some("k")).await;
    assert_eq!((status, &first["order_id"]), (201, &json!("ORD1")), "{first}");
    assert_eq!(asked.join().unwrap(), "GET /all/carts/basket.1 HTTP/1.1");
    serving.kill();

    // The service is gone too.
    let serving = block_in_place(|| start(folder.path(), database, &url));
    let jane = Caller::new(&serving, "jane", "customer");
    assert_eq!(order(&jane, Some("k")).await, (201, first));
    let (status, again) = order(&jane, None).await;
    assert_eq!((status, &again["code"]), (409, &json!("cart_already_ordered")), "{again}");
    assert_eq!(again["order_id"], "ORD1");
    let joe = Caller::new(&serving, "joe", "customer");
    let (status, silent) = order(&joe, None).await;
    assert_eq!((status, &silent["code"]), (503, &json!("cart_service_unavailable")), "{silent}");
    block_in_place(|| serving.end());
    block_in_place(|| assert_verified(folder.path(), database));
    of_this_test.drop().await;
}

fn start(folder: &Path, database: &str, url: &str) -> Serving {
    let mut command = orderd(folder, &["serve", "--listen", "127.0.0.1:0", "--database", database]);
    command.env("ORDERD_CART_URL", url);
    Serving::of(command, folder, database)
}

async fn order(customer: &Caller, key: Option<&str>) -> (u16, Value) {
    let body = json!({"cart_id": "basket.1", "payment_method": "invoice"});
    let sent = customer.send(Method::POST, "/api/orders", key, Some(&body)).await.unwrap();
    (sent.status().as_u16(), sent.json().await.unwrap())
}

/// Answers with Jane's cart, and is gone; what it was asked for.
fn answer_once(service: &TcpListener) -> String {
    let (mut connection, _) = service.accept().unwrap();
    let mut request = vec![0; 4096];
    let read = connection.read(&mut request).unwrap();
    let cart = json!({
        "cart_id": "basket.1", "user_id": "jane", "items": [{"product_id": "p1", "quantity": 2}],
        "shipping_address": {"address": "Storgata 1", "city": "Oslo", "zip": "0155",
                             "country": "NO"},
    });
    let cart = cart.to_string();
    let length = cart.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    connection.write_all(format!("{head}{cart}").as_bytes()).unwrap();
    let request = String::from_utf8_lossy(&request[..read]).into_owned();
    request.lines().next().unwrap_or_default().to_owned()
}
