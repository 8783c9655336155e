//! The shop that the bench sells from: its products, its customers with their tokens, and the
//! bytes of every request. Requests are made ready once for each customer; for an order only the
//! key and the two products are written in anew.

use super::failure::{Failure, Result};
use super::load::Fill;
use super::random::{Random, nth};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const DELIVERY_METHOD: &str = "bench-standard";
/// Never sold out: the bench measures orders, not refusals.
const ON_HAND: u64 = 1_000_000_000;
const KEY_DIGITS: usize = 32;
const PRODUCT_DIGITS: usize = 5;
const HOT_PRODUCT: usize = 0;
/// Of an order, unless it says otherwise.
const LINES: usize = 2;
const BODY_BYTES: usize = 600;
/// A customer's first page has this many orders in the smallest file and in the largest, so that
/// their rates can be compared.
const CUSTOMER_PAGE_ORDERS: usize = 10;

pub(super) struct Shop {
    staff_token: String,
    customers: Vec<Customer>,
    products: usize,
    seed: u64,
    orders_sent: AtomicU64,
}

pub(super) struct Customer {
    subject: String,
    token: String,
    order: OrderRequest,
}

/// A whole request for an order, with the places that differ from one to the next.
struct OrderRequest {
    bytes: Vec<u8>,
    key_at: usize,
    products_at: Vec<usize>,
}

impl Customer {
    pub(super) fn new(subject: String, token: String) -> Result<Self> {
        let order = OrderRequest::new(&subject, &token, Payment::OnDelivery, LINES)?;
        Ok(Self { subject, token, order })
    }
}

impl Shop {
    pub(super) fn new(
        staff_token: String,
        customers: Vec<Customer>,
        products: usize,
        seed: u64,
    ) -> Result<Self> {
        if customers.is_empty() || products < 2 {
            return Err(Failure::new("a bench needs a customer and two products"));
        }
        Ok(Self { staff_token, customers, products, seed, orders_sent: AtomicU64::new(0) })
    }

    pub(super) fn customers(&self) -> usize {
        self.customers.len()
    }

    /// The requests that fill the shop; the delivery method and products before their stock.
    pub(super) fn set_up(&self) -> [Vec<Vec<u8>>; 2] {
        let put = |path: String, body: serde_json::Value| {
            request("PUT", &path, &self.staff_token, Some(&body.to_string()))
        };
        let delivery_method = put(
            format!("/api/delivery-methods/{DELIVERY_METHOD}"),
            json!({"name": "Standard", "price": 5}),
        );
        let products = (0..self.products).map(|number| {
            let body = json!({"name": format!("USB cable {number}"), "price": 10});
            put(format!("/api/products/{}", product_id(number)), body)
        });
        let stock = (0..self.products).map(|number| {
            put(format!("/api/stock/{}", product_id(number)), json!({"on_hand": ON_HAND}))
        });
        [std::iter::once(delivery_method).chain(products).collect(), stock.collect()]
    }

    /// Two-line orders over all products, the customers in turn.
    pub(super) fn place_spread(self: &Arc<Self>) -> Fill {
        let shop = Arc::clone(self);
        Arc::new(move |turn, buffer| shop.write_order(turn, None, buffer))
    }

    /// Two-line orders whose first line is always the same product. The second is spread, so
    /// that as many rows change as in the spread run and only the contention differs.
    pub(super) fn place_hot(self: &Arc<Self>) -> Fill {
        let shop = Arc::clone(self);
        Arc::new(move |turn, buffer| shop.write_order(turn, Some(HOT_PRODUCT), buffer))
    }

    /// The same orders, paid by card at once, by so many of the customers in turn.
    pub(super) fn place_with_payment(self: &Arc<Self>, customers: usize) -> Result<Fill> {
        self.place_others(Payment::ByCard, LINES, customers)
    }

    /// Orders of so many lines over all products, the customers in turn.
    pub(super) fn place_large(self: &Arc<Self>, lines: usize) -> Result<Fill> {
        self.place_others(Payment::OnDelivery, lines, self.customers.len())
    }

    fn place_others(
        self: &Arc<Self>,
        payment: Payment,
        lines: usize,
        customers: usize,
    ) -> Result<Fill> {
        let few = self.customers.iter().take(customers);
        let orders: Vec<_> = few
            .map(|it| OrderRequest::new(&it.subject, &it.token, payment, lines))
            .collect::<Result<_>>()?;
        let shop = Arc::clone(self);
        Ok(Arc::new(move |turn, buffer| {
            shop.write(&orders[(turn % orders.len() as u64) as usize], None, buffer);
        }))
    }

    /// A file of so many new products, each with what lies on its shelf.
    pub(super) fn import(&self, products: usize) -> Vec<u8> {
        let line = |number: usize| {
            format!("bench-imported-{number},USB cable {number},{}.99,100\n", number % 100)
        };
        let lines: String = (0..products).map(line).collect();
        let file = format!("product_id,name,price,on_hand\n{lines}");
        let mut text = format!(
            "POST /api/products/import HTTP/1.1\r\nHost: 127.0.0.1\r\n\
             Authorization: Bearer {}\r\nContent-Type: text/csv\r\nContent-Length: {}\r\n\r\n",
            self.staff_token,
            file.len()
        );
        text.push_str(&file);
        text.into_bytes()
    }

    /// What the payment sandbox does from now on: it takes so long, and answers or never does.
    pub(super) fn sandbox_behaviour(&self, delay_ms: u64, answers_lost: u64) -> Vec<u8> {
        let body = json!({
            "delay_ms": delay_ms, "fail_next": 0, "lose_answer_next": answers_lost,
            "callback": "off",
        });
        request("PUT", "/sandbox/behaviour", &self.staff_token, Some(&body.to_string()))
    }

    fn write_order(&self, turn: u64, hot: Option<usize>, buffer: &mut Vec<u8>) {
        self.write(&self.customers[self.customer_of(turn)].order, hot, buffer);
    }

    fn write(&self, order: &OrderRequest, hot: Option<usize>, buffer: &mut Vec<u8>) {
        let number = self.orders_sent.fetch_add(1, Ordering::Relaxed);
        let mut random = Random::new(nth(self.seed, number));
        buffer.extend_from_slice(&order.bytes);
        let (high, low) = buffer[order.key_at..order.key_at + KEY_DIGITS].split_at_mut(16);
        write_hexadecimal(high, random.next());
        write_hexadecimal(low, random.next());
        let first = hot.unwrap_or_else(|| random.below(self.products));
        let mut product = first;
        for at in &order.products_at {
            write_decimal(&mut buffer[*at..at + PRODUCT_DIGITS], product);
            product = (first + 1 + random.below(self.products - 1)) % self.products;
        }
    }

    fn customer_of(&self, turn: u64) -> usize {
        (turn % self.customers.len() as u64) as usize
    }

    /// Reads of orders by their owners; `placed` are the turns of a placing run and what it got.
    pub(super) fn read_orders(&self, placed: &[(u64, String)]) -> Vec<Vec<u8>> {
        placed
            .iter()
            .map(|(turn, location)| {
                let customer = &self.customers[self.customer_of(*turn)];
                request("GET", location, &customer.token, None)
            })
            .collect()
    }

    pub(super) fn list_by_customer(&self) -> Vec<Vec<u8>> {
        self.customers
            .iter()
            .map(|Customer { subject, token, .. }| {
                let path = format!("/api/orders?user_id={subject}&limit={CUSTOMER_PAGE_ORDERS}");
                request("GET", &path, token, None)
            })
            .collect()
    }

    pub(super) fn list_by_staff(&self) -> Vec<Vec<u8>> {
        vec![self.list("")]
    }

    /// A list as staff asks for it.
    pub(super) fn list(&self, query: &str) -> Vec<u8> {
        request("GET", &format!("/api/orders?{query}"), &self.staff_token, None)
    }

    /// All orders as a table, with an answer that ends with its connection.
    pub(super) fn table(&self) -> Vec<u8> {
        let token = &self.staff_token;
        let request = format!(
            "GET /api/orders HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
             Accept: text/csv\r\n\r\n"
        );
        request.into_bytes()
    }

    /// A new secret for a store's own system.
    pub(super) fn rotate_secret(&self, store: u32) -> Vec<u8> {
        let path = format!("/api/stores/{store}/rotate-secret");
        request("POST", &path, &self.staff_token, Some("{}"))
    }

    /// Ships a few of these orders, spread over all of them.
    pub(super) fn ship(&self, placed: &[(u64, String)], few: usize) -> Vec<Vec<u8>> {
        let step = (placed.len() / few).max(1);
        let body = json!({"status": "shipped"}).to_string();
        let chosen = placed.iter().step_by(step).take(few);
        let put = |location: &String| {
            request("PUT", &format!("{location}/status"), &self.staff_token, Some(&body))
        };
        chosen.map(|(_, location)| put(location)).collect()
    }

    /// The requests in an order that no cache can foresee.
    pub(super) fn shuffled(&self, requests: Vec<Vec<u8>>) -> Fill {
        let seed = self.seed;
        Arc::new(move |turn, buffer| {
            let index = nth(seed, turn) % requests.len() as u64;
            buffer.extend_from_slice(&requests[index as usize]);
        })
    }
}

pub(super) fn in_turn(requests: Vec<Vec<u8>>) -> Fill {
    Arc::new(move |turn, buffer| {
        let index = turn % requests.len() as u64;
        buffer.extend_from_slice(&requests[index as usize]);
    })
}

pub(super) fn ready_request() -> &'static [u8] {
    b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
}

#[derive(Clone, Copy)]
enum Payment {
    OnDelivery,
    ByCard,
}

impl OrderRequest {
    fn new(subject: &str, token: &str, payment: Payment, lines: usize) -> Result<Self> {
        let (path, method) = match payment {
            Payment::OnDelivery => ("/api/orders", "cash_on_delivery"),
            Payment::ByCard => ("/api/orders/with-payment", "credit_card"),
        };
        let products = (0..lines).map(|line| product_id(90_000 + line));
        let item = |product| json!({"productId": product, "quantity": 1, "variantId": null});
        let mut items: Vec<_> = products.clone().map(item).collect();
        items[0]["quantity"] = 2.into();
        let mut body = json!({
            "customerId": subject,
            "deliveryMethodId": DELIVERY_METHOD,
            "paymentMethod": method,
            "deliveryAddress": {
                "name": format!("Jane {subject}"), "street": "123 Main St",
                "address2": "Second floor, left",
                "city": "New York", "state": "NY", "zipCode": "10001", "country": "USA",
            },
            "items": items,
            "notes": "Please ring the doorbell upon delivery.",
        });
        let missing = BODY_BYTES.saturating_sub(body.to_string().len());
        let filler = " Leave it with the neighbours if nobody answers.".chars().cycle();
        let notes: String = body["notes"].as_str().into_iter().flat_map(str::chars).collect();
        body["notes"] = notes.chars().chain(filler.take(missing)).collect::<String>().into();

        let key = "k".repeat(KEY_DIGITS);
        let text = body.to_string();
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{text}",
            text.len()
        );
        let place = |part: &str| {
            bytes.find(part).ok_or_else(|| Failure::new("a request lacks one of its parts"))
        };
        let digits_at = |product: String| Ok(place(&product)? + product.len() - PRODUCT_DIGITS);
        let products_at = products.map(digits_at).collect::<Result<_>>()?;
        Ok(Self { key_at: place(&key)?, products_at, bytes: bytes.into_bytes() })
    }
}

fn request(method: &str, path: &str, token: &str, body: Option<&str>) -> Vec<u8> {
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n");
    if let Some(body) = body {
        text.push_str("Content-Type: application/json\r\n");
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    } else {
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn product_id(number: usize) -> String {
    format!("bench-p{number:0PRODUCT_DIGITS$}")
}

fn write_hexadecimal(digits: &mut [u8], mut value: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 0xf) as usize];
        value >>= 4;
    }
}

fn write_decimal(digits: &mut [u8], mut value: usize) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn shop(customers: usize) -> Arc<Shop> {
        let customers = (0..customers)
            .map(|number| Customer::new(format!("c{number}"), format!("token-{number}")).unwrap())
            .collect();
        Arc::new(Shop::new("staff-token".to_owned(), customers, 100, 5).unwrap())
    }

    fn filled(fill: &Fill, turn: u64) -> String {
        let mut buffer = Vec::new();
        fill(turn, &mut buffer);
        String::from_utf8(buffer).unwrap()
    }

    fn body(request: &str) -> serde_json::Value {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn orders_go_over_customers_products_and_keys() {
        let place = shop(3).place_spread();
        let mut keys = HashSet::new();
        let mut products = HashSet::new();
        for turn in 0..600 {
            let request = filled(&place, turn);
            let customer = turn % 3;
            assert!(request.contains(&format!("Bearer token-{customer}\r\n")));
            let body = body(&request);
            assert_eq!(body["customerId"], format!("c{customer}"));
            let ids = [&body["items"][0]["productId"], &body["items"][1]["productId"]];
            assert_ne!(ids[0], ids[1]);
            products.extend(ids.map(|id| id.as_str().unwrap().to_owned()));
            let key = request.split("Idempotency-Key: ").nth(1).unwrap();
            keys.insert(key[..KEY_DIGITS].to_owned());
        }
        assert_eq!(keys.len(), 600);
        assert_eq!(products, (0..100).map(product_id).collect());
    }

    #[test]
    fn a_hot_order_names_the_hot_product_and_another() {
        let place = shop(2).place_hot();
        for turn in 0..200 {
            let body = body(&filled(&place, turn));
            assert_eq!(body["items"][0]["productId"], product_id(HOT_PRODUCT));
            assert_ne!(body["items"][1]["productId"], product_id(HOT_PRODUCT));
        }
    }

    #[test]
    fn a_large_order_has_its_lines() {
        let place = shop(2).place_large(20).unwrap();
        let [first, second] = [0, 1].map(|turn| body(&filled(&place, turn)));
        for order in [&first, &second] {
            let items = order["items"].as_array().unwrap();
            let ids = items.iter().map(|it| it["productId"].as_str().unwrap());
            assert_eq!(items.len(), 20);
            let known: HashSet<_> = (0..100).map(product_id).collect();
            assert!(ids.clone().all(|it| known.contains(it)), "{order}");
            assert!(ids.collect::<HashSet<_>>().len() > 10, "{order}");
        }
        assert_ne!(first["items"], second["items"]);
        assert_eq!(second["customerId"], "c1");
    }

    #[test]
    fn the_body_of_an_order_has_the_size_that_is_said() {
        let request = filled(&shop(1).place_spread(), 0);
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), BODY_BYTES);
    }

    #[test]
    fn an_order_is_read_by_the_customer_who_placed_it() {
        let placed = [(4, "/api/orders/ORD5".to_owned())];
        let reads = shop(3).read_orders(&placed);
        let text = String::from_utf8(reads[0].clone()).unwrap();
        assert!(text.starts_with("GET /api/orders/ORD5 HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("Bearer token-1\r\n"), "{text}");
    }

    #[test]
    fn the_set_up_makes_the_products_before_their_stock() {
        let [catalogue, stock] = shop(1).set_up();
        assert_eq!((catalogue.len(), stock.len()), (101, 100));
        let last = String::from_utf8(catalogue[100].clone()).unwrap();
        assert!(last.starts_with("PUT /api/products/bench-p00099 HTTP/1.1\r\n"), "{last}");
        assert_eq!(body(&last)["price"], 10);
        let last = String::from_utf8(stock[99].clone()).unwrap();
        assert!(last.starts_with("PUT /api/stock/bench-p00099 HTTP/1.1\r\n"), "{last}");
        assert_eq!(body(&last), json!({"on_hand": ON_HAND}));
    }
}
