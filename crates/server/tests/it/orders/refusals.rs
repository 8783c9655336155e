//! The table of refusals of placing, with payment and without: status, code and sentence of each
//! row, and which one decides when several hold.

use domain::world::Policy;
use testkit::server::{TestServer, Wish, order_of};

struct Shop(TestServer);

impl Shop {
    fn open() -> Shop {
        let server = TestServer::start();
        server.open_shop();
        server.product("old", r#""name": "Old Phone", "price": 5, "active": false"#);
        server.product("tea", r#""name": "Tea", "price": 2500, "currency": "JPY""#);
        server.product("safe", r#""name": "Safe", "price": 900, "weight_grams": 90000"#);
        server.stock("safe", 9);
        let only = r#""name": "Piano", "price": 1, "delivery_methods": ["cart"]"#;
        server.product("piano", only);
        server.stock("piano", 9);
        let cart = r#""name": "Cart", "price": 5, "max_weight_grams": 80000, "active": false"#;
        server.delivery_method("cart", cart);
        let bike = r#""name": "Bike", "price": 5, "max_weight_grams": 80000"#;
        server.delivery_method("bike", bike);
        let pin = r#""name": "Pin", "price": 0.49, "requires_shipping": false"#;
        server.product("pin", pin);
        server.stock("pin", 9);
        Shop(server)
    }

    /// Refuses an order of these items with these further members, and stores nothing.
    #[track_caller]
    fn check(&self, items: &str, members: &str, expected: &str) {
        for path in ["/api/orders", WITH_PAYMENT] {
            self.check_at(path, items, members, expected);
        }
    }

    #[track_caller]
    fn check_at(&self, path: &str, items: &str, members: &str, expected: &str) {
        let body = order_of(items).replacen('{', &format!("{{{members}"), 1);
        let before = self.0.last_admin_seq();
        let reply = self.0.post(path).by(&self.0.token("jane", "")).json(body).send();
        assert_eq!(reply.refusal(), expected, "{path}");
        assert_eq!((self.0.last_seq(), self.0.last_admin_seq()), (0, before));
    }
}

const WITH_PAYMENT: &str = "/api/orders/with-payment";

const CABLE: &str = r#"{"product_id": "p001", "quantity": 1}"#;
const UNKNOWN: &str = r#"{"product_id": "none", "quantity": 1}"#;
const OLD: &str = r#"{"product_id": "old", "quantity": 1}"#;
const NO_VARIANT: &str = r#"{"product_id": "p002", "variant_id": "pink", "quantity": 1}"#;
const WHICH_VARIANT: &str = r#"{"product_id": "p002", "quantity": 1}"#;
const TEA: &str = r#"{"product_id": "tea", "quantity": 1}"#;
const CHEAPER: &str = r#"{"product_id": "p001", "quantity": 1, "price": 9.99}"#;
const TOO_MANY: &str = r#"{"product_id": "p003", "quantity": 2}"#;
const SAFE: &str = r#"{"product_id": "safe", "quantity": 1}"#;
const PIN: &str = r#"{"product_id": "pin", "quantity": 1}"#;
const PIANO: &str = r#"{"product_id": "piano", "quantity": 1}"#;

#[test]
fn each_row_has_its_status_code_and_sentence() {
    let shop = Shop::open();
    shop.check(
        CABLE,
        r#""delivery_method_id": "none", "#,
        "404 delivery_method_not_found: Delivery method not found \
         [/delivery_method_id delivery_method_not_found]",
    );
    shop.check(
        UNKNOWN,
        "",
        "404 product_not_found: Product not found [/items/0/product_id product_not_found]",
    );
    shop.check(
        OLD,
        "",
        "400 product_unavailable: Product 'Old Phone' (old) is not for sale \
         [/items/0/product_id product_unavailable]",
    );
    shop.check(
        NO_VARIANT,
        "",
        "404 variant_not_found: Product 'p002' has no variant 'pink' \
         [/items/0/variant_id variant_not_found]",
    );
    shop.check(
        &CABLE.replacen('{', r#"{"variant_id": "long", "#, 1),
        "",
        "404 variant_not_found: Product 'p001' has no variant 'long' \
         [/items/0/variant_id variant_not_found]",
    );
    shop.check(
        WHICH_VARIANT,
        "",
        "400 variant_required: Product 'p002' has variants; one must be chosen \
         [/items/0/variant_id variant_required]",
    );
    shop.check(
        TEA,
        "",
        "400 currency_mismatch: Product 'tea' is priced in JPY, the store sells in USD \
         [/items/0/product_id currency_mismatch]",
    );
    shop.check(
        CHEAPER,
        "",
        "400 price_changed: Product 'p001' costs 10.00 USD, not 9.99 \
         [/items/0/price price_changed]",
    );
    shop.check(
        TOO_MANY,
        "",
        "400 insufficient_stock: Product 'Premium Headphones' has insufficient stock. \
         Available: 1, Requested: 2 [/items/0/quantity insufficient_stock]",
    );
    shop.check_at(
        "/api/orders",
        CABLE,
        r#""payment_method": "credit_card", "#,
        "400 payment_required: This payment method is prepaid: place the order by \
         POST /api/orders/with-payment [/payment_method payment_required]",
    );
    for method in ["cash_on_delivery", "invoice", "bank_transfer"] {
        shop.check_at(
            WITH_PAYMENT,
            CABLE,
            &format!(r#""payment_method": "{method}", "#),
            "400 validation_failed: payment_method must be a method that is prepaid, such as \
             credit_card [/payment_method not_prepaid]",
        );
    }
    shop.check_at(
        WITH_PAYMENT,
        PIN,
        "",
        "400 amount_too_small: The total of 0.49 USD is below the 0.50 USD that the payment \
         provider takes at least",
    );
}

#[test]
fn customers_must_be_known_where_they_must_register() {
    let policy = Policy { auto_register: false, ..Policy::default() };
    let server = TestServer::with(Wish { policy, ..Wish::default() });
    server.open_shop();
    for path in ["/api/orders", WITH_PAYMENT] {
        let body = order_of(&[UNKNOWN, TOO_MANY].join(", "));
        let reply = server.post(path).by(&server.token("jane", "")).json(body).send();
        assert_eq!(
            reply.refusal(),
            "404 customer_not_found: Customer not found [/user_id customer_not_found, \
             /items/0/product_id product_not_found, /items/1/quantity insufficient_stock]"
        );
    }
}

#[test]
fn a_delivery_method_says_why_it_does_not_suit() {
    let shop = Shop::open();
    let check = |items: &str, members: &str, expected: &str| {
        let expected = format!(
            "400 delivery_method_incompatible: {expected} \
             [/delivery_method_id delivery_method_incompatible]"
        );
        shop.check(items, members, &expected);
    };
    let bike = r#""delivery_method_id": "bike", "#;
    check(SAFE, bike, "Delivery method 'bike' carries 80000 g at most, these goods weigh 90000 g");
    check(PIANO, bike, "Delivery method 'bike' does not carry product 'Piano'");
    let cart = r#""delivery_method_id": "cart", "#;
    check(PIANO, cart, "Delivery method 'cart' is not active");
    check(PIANO, "", "No delivery method serves this address in US with these goods");
    let to_norway = r#"{"items": [{"product_id": "p001", "quantity": 1}],
        "delivery_method_id": "express",
        "shipping_address": {"address": "A", "city": "Oslo", "zip": "0153", "country": "NO"}}"#;
    let call = shop.0.post("/api/orders").by(&shop.0.token("jane", "")).json(to_norway);
    assert_eq!(
        call.send().refusal(),
        "400 delivery_method_incompatible: Delivery method 'express' does not serve NO \
         [/delivery_method_id delivery_method_incompatible]"
    );
    let nowhere = r#"{"items": [{"product_id": "p001", "quantity": 1}]}"#;
    let call = shop.0.post("/api/orders").by(&shop.0.token("jane", "")).json(nowhere);
    assert_eq!(
        call.send().refusal(),
        "400 validation_failed: A delivery address is required for these goods \
         [/shipping_address validation_failed]"
    );
}

/// Taking away the deciding fault, one by one, shows the next.
#[test]
fn the_first_by_the_table_decides_and_all_are_told() {
    let shop = Shop::open();
    let rows = [
        (UNKNOWN, "404 product_not_found", "product_id product_not_found"),
        (OLD, "400 product_unavailable", "product_id product_unavailable"),
        (NO_VARIANT, "404 variant_not_found", "variant_id variant_not_found"),
        (WHICH_VARIANT, "400 variant_required", "variant_id variant_required"),
        (TEA, "400 currency_mismatch", "product_id currency_mismatch"),
        (CHEAPER, "400 price_changed", "price price_changed"),
        (TOO_MANY, "400 insufficient_stock", "quantity insufficient_stock"),
    ];
    for first in 0..rows.len() {
        // The deciding row comes last in the request: its place there does not matter.
        let items: Vec<&str> = rows[first..].iter().rev().map(|row| row.0).collect();
        let body = order_of(&items.join(", ")).replacen(
            '{',
            r#"{"delivery_method_id": "express", "payment_method": "credit_card", "#,
            1,
        );
        let reply = shop.0.post("/api/orders").by(&shop.0.token("jane", "")).json(body).send();
        assert_eq!(reply.code(), rows[first].1);
        let last = items.len() - 1;
        let told = rows[first..].iter().enumerate();
        let mut told: Vec<String> =
            told.map(|(nth, row)| format!("/items/{}/{}", last - nth, row.2)).collect();
        told.push("/payment_method payment_required".into());
        let refusal = reply.refusal();
        assert!(refusal.ends_with(&format!("[{}]", told.join(", "))), "{refusal}");
    }
    let reply = {
        let body = order_of(&[UNKNOWN, TOO_MANY].join(", "));
        let body = body.replacen('{', r#"{"deliveryMethodId": "none", "#, 1);
        shop.0.post("/api/orders").by(&shop.0.token("jane", "")).json(body).send()
    };
    assert_eq!(
        reply.refusal(),
        "404 delivery_method_not_found: Delivery method not found \
         [/deliveryMethodId delivery_method_not_found, /items/0/productId product_not_found, \
         /items/1/quantity insufficient_stock]"
    );
}

#[test]
fn lines_of_one_product_are_summed() {
    let shop = Shop::open();
    let three = r#"{"product_id": "p003", "quantity": 1}"#;
    shop.check(
        &[three, CABLE, three, three].join(", "),
        "",
        "400 insufficient_stock: Product 'Premium Headphones' has insufficient stock. \
         Available: 1, Requested: 3 [/items/0/quantity insufficient_stock]",
    );
    let black = r#"{"product_id": "p002", "variant_id": "black", "quantity": 7}"#;
    let gold = black.replace("black", "gold");
    let body = order_of(&[black, &gold].join(", "));
    let call = shop.0.post("/api/orders").by(&shop.0.token("jane", "")).json(body);
    assert_eq!(call.send().status, 204, "variants have shelves of their own");
}

/// The price that was shown is compared by its value, whatever its spelling, and never taken.
#[test]
fn a_shown_price_is_compared_exactly() {
    let shop = Shop::open();
    let check = |price: &str, expected: &str| {
        let items = CABLE.replacen('{', &format!("{{\"price\": {price}, "), 1);
        let call = shop.0.post("/api/orders").by(&shop.0.token("jane", ""));
        let reply = call.json(order_of(&items)).send();
        let found = if reply.status == 204 { "204".into() } else { reply.code() };
        assert_eq!(found, expected, "{price}");
    };
    for same in ["10", "10.0", "10.00", "1e1", "0.1e2", "10.000", "1000e-2", "null"] {
        check(same, "204");
    }
    for other in ["10.01", "9.99", "0", "-10", "10.001", "9.999999999999999", "90000000000000"] {
        check(other, "400 price_changed");
    }
    for wrong in [r#""10.00""#, "true", "[10]", "1e400", "99999999999999999999", "1e-400"] {
        check(wrong, "400 validation_failed");
    }
    check("10,00", "400 invalid_json");
    check("NaN", "400 invalid_json");
}

#[test]
fn sums_beyond_counting_are_refused() {
    let shop = Shop::open();
    let dear = r#""name": "Moon", "price": 89999999999999.99, "track_stock": false"#;
    shop.0.product("moon", dear);
    let moon = r#"{"product_id": "moon", "quantity": 1}"#;
    let too_large = "400 amount_too_large: The amount is larger than can be counted";
    shop.check(
        &moon.replace(": 1", ": 1000000"),
        "",
        &format!("{too_large} [/items/0/product_id amount_too_large]"),
    );
    shop.check(&[moon, moon].join(", "), "", too_large);
    let shipped = r#""delivery_method_id": "standard", "#;
    shop.check(moon, shipped, too_large);
}
