//! What a test's shop sells.

use super::TestServer;

impl TestServer {
    /// Cables in plenty, mice in two colours, one pair of headphones; delivery everywhere for
    /// 10.00, and within the US for 25.00.
    pub fn open_shop(&self) {
        self.delivery_method("express", r#""name": "Express", "price": 25, "countries": ["US"]"#);
        self.delivery_method("standard", r#""name": "Standard", "price": 10"#);
        self.product("p001", r#""name": "USB Cable", "price": 10, "sku": "USB-C-1M""#);
        self.stock("p001", 100);
        let variants = r#"[{"variant_id": "black", "name": "black", "sku": "MOUSE-B"},
                           {"variant_id": "gold", "name": "gold", "price": 60}]"#;
        let mouse = format!(r#""name": "Wireless Mouse", "price": 45, "variants": {variants}"#);
        self.product("p002", &mouse);
        self.stock("p002?variant_id=black", 10);
        self.stock("p002?variant_id=gold", 10);
        self.product("p003", r#""name": "Premium Headphones", "price": 199.99"#);
        self.stock("p003", 1);
    }

    /// Puts a product with these members.
    #[track_caller]
    pub fn product(&self, id: &str, members: &str) {
        self.must_put(&format!("/api/products/{id}"), members);
    }

    #[track_caller]
    pub fn delivery_method(&self, id: &str, members: &str) {
        self.must_put(&format!("/api/delivery-methods/{id}"), members);
    }

    /// Counts what is on the shelf of a product; a variant is named by its query.
    #[track_caller]
    pub fn stock(&self, product: &str, on_hand: i64) {
        self.must_put(&format!("/api/stock/{product}"), &format!(r#""on_hand": {on_hand}"#));
    }

    /// On hand and reserved.
    #[track_caller]
    pub fn shelf(&self, product: &str) -> (i64, i64) {
        let reply = self.get(&format!("/api/stock/{product}")).by(&self.staff()).send();
        let number = |pointer| reply.at(pointer).parse().expect("a whole number");
        (number("/on_hand"), number("/reserved"))
    }

    /// A customer's order of one product, to New York; its id.
    #[track_caller]
    pub fn order(&self, customer: &str, product: &str, quantity: u32) -> String {
        let items = format!(r#"{{"product_id": "{product}", "quantity": {quantity}}}"#);
        let call = self.post("/api/orders").by(&self.token(customer, ""));
        let reply = call.json(order_of(&items)).send();
        assert_eq!(reply.status, 204, "{reply}");
        let location = reply.header("location").expect("an order has an address");
        location.trim_start_matches("/api/orders/").to_owned()
    }

    /// Waits until a search finds so many orders: it may lag a moment.
    #[track_caller]
    pub fn eventually_found(&self, text: &str, count: usize) {
        let path = format!("/api/orders?count=true&q={text}");
        let found = || self.get(&path).by(&self.staff()).send();
        let is_found = (0..400).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            found().at("/count") == count.to_string()
        });
        assert!(is_found, "{}", found());
    }

    /// Moves an order on, as staff.
    #[track_caller]
    pub fn advance(&self, order: &str, status: &str) {
        let call = self.put(&format!("/api/orders/{order}/status")).by(&self.staff());
        let reply = call.json(format!(r#"{{"status": "{status}"}}"#)).send();
        assert_eq!(reply.status, 200, "{reply}");
    }

    #[track_caller]
    pub fn must_put(&self, path: &str, members: &str) {
        let reply = self.put(path).by(&self.staff()).json(format!("{{{members}}}")).send();
        assert!(matches!(reply.status, 200 | 201), "{path}: {reply}");
    }
}

/// A placing body with these items and an address in New York.
pub fn order_of(items: &str) -> String {
    format!(
        r#"{{"items": [{items}], "shipping_address": {{"name": "Jane Doe",
            "address": "123 Main St", "city": "New York", "state": "NY", "zip": "10001",
            "country": "US"}}}}"#
    )
}
