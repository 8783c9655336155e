//! What a client says to a serving process, and what it gets back.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Method, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::process::Serving;

pub(crate) const PRODUCTS: u64 = 8;
pub(crate) const ON_HAND: u64 = 1_000_000;

/// A caller with its connections.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    address: String,
    token: String,
}

impl Caller {
    pub(crate) fn staff(serving: &Serving) -> Caller {
        Caller::new(serving, "boss", "staff")
    }

    pub(crate) fn new(serving: &Serving, subject: &str, scope: &str) -> Caller {
        engine::http::use_ring();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30));
        let client = client.build().unwrap();
        Caller { client, address: serving.address.clone(), token: serving.token(subject, scope) }
    }

    /// Another caller at the same place.
    pub(crate) fn with(&self, token: String) -> Caller {
        Caller { token, ..self.clone() }
    }

    /// The same caller at another process on the same database.
    pub(crate) fn at(&self, address: &str) -> Caller {
        Caller { address: address.to_owned(), ..self.clone() }
    }

    /// Follows the feed live, after an event if there is one.
    pub(crate) async fn follow(
        &self,
        query: &str,
        last_event: Option<u64>,
    ) -> reqwest::Result<Response> {
        let url = format!("{}/api/events?{query}", self.address);
        let mut request = self.client.get(url).bearer_auth(&self.token);
        if let Some(seq) = last_event {
            request = request.header("last-event-id", seq);
        }
        let request = request.header("accept", "text/event-stream");
        request.timeout(Duration::from_secs(600)).send().await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.address);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await
    }

    /// Asks for a document of this kind.
    pub(crate) async fn accepting(&self, kind: &str, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.address)).bearer_auth(&self.token);
        request.header("accept", kind).send().await.unwrap()
    }

    /// Places an order; what the server has acknowledged, or why not.
    pub(crate) async fn place(&self, key: &str, body: &Value) -> Result<String, Unplaced> {
        let sent = self.send(Method::POST, "/api/orders", Some(key), Some(body)).await;
        let response = sent.map_err(Unplaced::NoAnswer)?;
        match response.status() {
            StatusCode::NO_CONTENT => {
                Ok(location(response.headers()).expect("an order that was placed is somewhere"))
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Err(Unplaced::ComeAgain(response.headers().contains_key("retry-after")))
            }
            other => panic!("{key}: {other}"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.send(Method::GET, path, None, None).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn has_product(&self, number: u64) -> bool {
        let path = format!("/api/products/p{number}");
        let response = self.send(Method::GET, &path, None, None).await.unwrap();
        response.status() == StatusCode::OK
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) {
        let response = self.send(Method::PUT, path, None, Some(body)).await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
    }

    /// Products, their stock, and one way to deliver.
    pub(crate) async fn fill(&self) {
        let method = json!({"name": "Standard", "price": 5});
        self.put("/api/delivery-methods/standard", &method).await;
        for number in 0..PRODUCTS {
            let product = json!({"name": format!("Product {number}"), "price": number + 1});
            self.put(&format!("/api/products/p{number}"), &product).await;
            self.put(&format!("/api/stock/p{number}"), &json!({"on_hand": ON_HAND})).await;
        }
    }

    /// Every event, by pages; the feed has no gap.
    pub(crate) async fn feed(&self) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        let mut after = 0;
        loop {
            let page = self.get(&format!("/api/events?after={after}&limit=200")).await;
            let found = page["events"].as_array().unwrap();
            if found.is_empty() {
                return events;
            }
            for it in found {
                assert_eq!(it["seq"].as_u64(), Some(events.len() as u64 + 1), "the feed has a gap");
                events.push(it.clone());
            }
            after = page["last_seq"].as_u64().unwrap();
        }
    }
}

#[derive(Debug)]
pub(crate) enum Unplaced {
    /// Nobody knows whether it was done.
    NoAnswer(reqwest::Error),
    /// 503, and whether it says when.
    ComeAgain(bool),
}

pub(crate) fn location(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("location")?.to_str().ok()?.to_owned())
}

/// An order for two products; the number chooses which.
pub(crate) fn order(number: u64, customer: &str) -> Value {
    json!({
        "customerId": customer,
        "deliveryMethodId": "standard",
        "deliveryAddress": {"street": "123 Main St", "city": "New York", "state": "NY",
            "zipCode": "10001", "country": "USA"},
        "items": [
            {"productId": format!("p{}", number % PRODUCTS), "quantity": 1 + number % 3},
            {"productId": format!("p{}", (number + 1) % PRODUCTS), "quantity": 1},
        ],
        "metadata": {"number": number.to_string()},
    })
}

/// Exactly these orders are there, each once, with the stock that they hold.
pub(crate) async fn assert_exactly(staff: &Caller, placed: &BTreeMap<u64, String>) {
    let mut created: BTreeMap<String, u64> = BTreeMap::new();
    for event in staff.feed().await {
        if event["type"] == "order.created" {
            *created.entry(event["order_id"].as_str().unwrap().into()).or_default() += 1;
        }
    }
    let mut reserved = vec![0; usize::try_from(PRODUCTS).unwrap()];
    let mut expected = BTreeMap::new();
    for (number, location) in placed {
        let id = location.strip_prefix("/api/orders/").unwrap();
        assert_eq!(expected.insert(id.to_owned(), 1), None, "{id} was acknowledged twice");
        let found = staff.get(location).await;
        assert_eq!(found["metadata"]["number"], number.to_string(), "{location}");
        reserved[usize::try_from(number % PRODUCTS).unwrap()] += 1 + number % 3;
        reserved[usize::try_from((number + 1) % PRODUCTS).unwrap()] += 1;
    }
    assert_eq!(created, expected, "the log and what was acknowledged");
    for (number, reserved) in reserved.into_iter().enumerate() {
        let stock = staff.get(&format!("/api/stock/p{number}")).await;
        assert_eq!(stock["on_hand"], ON_HAND, "p{number}");
        assert_eq!(stock["reserved"], reserved, "p{number}");
    }
}
