//! Bodies that are no sound JSON, and what may not be stored: problem documents that name each
//! place, never a 500, and nothing stored.

use testkit::server::{Reply, TestServer, order_of};

struct Shop(TestServer);

/// Calls that change something and take a document: method, path, a sound document.
const DOCUMENTS: [(&str, &str, &str); 6] = [
    (
        "POST",
        "/api/orders",
        r#"{"user_id": "jane", "items": [{"product_id": "ebook", "quantity": 1}]}"#,
    ),
    ("PUT", "/api/orders/ORD1/status", r#"{"status": "shipped"}"#),
    ("PUT", "/api/products/p009", r#"{"name": "Lamp", "price": 5}"#),
    ("PUT", "/api/delivery-methods/boat", r#"{"name": "Boat", "price": 5}"#),
    ("PUT", "/api/stock/p001", r#"{"on_hand": 5}"#),
    ("POST", "/api/stock/p001/adjust", r#"{"delta": 5}"#),
];

impl Shop {
    fn open() -> Shop {
        let server = TestServer::start();
        server.open_shop();
        let ebook = r#""name": "E-book", "price": 9, "requires_shipping": false"#;
        server.product("ebook", ebook);
        server.stock("ebook", 5);
        server.order("jane", "p001", 1);
        Shop(server)
    }

    /// Sends bytes to a call and sees that nothing comes of it.
    fn refused(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let server = &self.0;
        let before = (server.last_seq(), server.last_admin_seq());
        let call = server.call(method, path).by(&server.staff());
        let reply = call.bytes("application/json", body.into()).send();
        assert!((400..500).contains(&reply.status), "{method} {path}: {reply}");
        assert_eq!((server.last_seq(), server.last_admin_seq()), before, "{method} {path}");
        reply
    }
}

#[test]
fn what_is_no_json_is_refused_everywhere() {
    let shop = Shop::open();
    for (method, path, sound) in DOCUMENTS {
        let check = |body: &[u8], expected: &str| {
            let reply = shop.refused(method, path, body);
            assert_eq!(reply.code(), expected, "{path} {}", String::from_utf8_lossy(body));
        };
        for text in
            [" ", "{", "{]", "nul", "{\"a\":}", "{'a': 1}", "{\"a\": 1,}", "// x\n{}", "\u{feff}{}"]
        {
            check(text.as_bytes(), "400 invalid_json");
        }
        check(&sound.as_bytes()[..sound.len() - 1], "400 invalid_json");
        check(format!("{sound}{sound}").as_bytes(), "400 invalid_json");
        check(sound.replace(": ", ": 0").as_bytes(), "400 invalid_json");
        check(b"{\"notes\": \"\xff\"}", "400 invalid_utf8");
        check(b"\xff\xfe{\x00}\x00", "400 invalid_utf8");
        check(br#"{"notes": "\ud800"}"#, "400 invalid_json");
        check(sound.replacen('{', r#"{"x": 1, "x": 1, "#, 1).as_bytes(), "400 duplicate_key");
        let deep = format!(r#"{{"metadata": {}1{}}}"#, "[".repeat(32), "]".repeat(32));
        check(deep.as_bytes(), "400 nesting_too_deep");
        let abyss = "{\"a\":".repeat(40_000) + "1" + &"}".repeat(40_000);
        check(abyss.as_bytes(), "400 nesting_too_deep");
        for wrong in ["[]", "7", "\"x\"", "null", "true"] {
            check(wrong.as_bytes(), "400 validation_failed");
        }
    }
}

#[test]
fn every_key_given_twice_is_named() {
    let shop = Shop::open();
    let body = r#"{"items": [{"product_id": "a", "quantity": 1, "quantity": 2}], "items": []}"#;
    assert_eq!(
        shop.refused("POST", "/api/orders", body).refusal(),
        "400 duplicate_key: items/0/quantity must not be given twice; items must not be given twice \
         [/items/0/quantity duplicate_key, /items duplicate_key]"
    );
}

/// Placing ignores what it does not know; every other document is taken at its word.
#[test]
fn unknown_fields_are_named() {
    let shop = Shop::open();
    for (method, path, sound) in &DOCUMENTS[1..] {
        let body = sound.replacen('{', r#"{"colour": 1, "a/b~c": null, "#, 1);
        let reply = shop.refused(method, path, body);
        assert!(
            reply.refusal().ends_with("[/colour unknown_field, /a~1b~0c unknown_field]"),
            "{reply}"
        );
    }
    let body =
        r#"{"name": "A", "price": 1, "variants": [{"variant_id": "v", "name": "V", "x": 1}]}"#;
    let reply = shop.refused("PUT", "/api/products/p009", body);
    assert!(reply.refusal().ends_with("[/variants/0/x unknown_field]"), "{reply}");
}

#[test]
fn values_of_another_type_are_named() {
    let shop = Shop::open();
    let check = |method: &str, path: &str, body: &str, expected: &[&str]| {
        let refusal = shop.refused(method, path, body).refusal();
        assert!(refusal.starts_with("400 validation_failed: "), "{refusal}");
        assert!(refusal.ends_with(&format!("[{}]", expected.join(", "))), "{refusal}");
    };
    check(
        "PUT",
        "/api/products/p009",
        r#"{"name": 1, "price": "5.00", "currency": "XXXX", "active": "yes", "weight_grams": -1,
            "variants": {}, "delivery_methods": ["a b"], "metadata": [], "low_stock_at": 1.5,
            "sku": "", "track_stock": 1, "requires_shipping": null, "tax_class": []}"#,
        &[
            "/name invalid_type",
            "/sku invalid_length",
            "/price invalid_type",
            "/currency invalid_length",
            "/active invalid_type",
            "/track_stock invalid_type",
            "/weight_grams out_of_range",
            "/tax_class invalid_type",
            "/delivery_methods/0 invalid_id",
            "/variants invalid_type",
            "/low_stock_at out_of_range",
            "/metadata invalid_type",
        ],
    );
    check(
        "PUT",
        "/api/delivery-methods/boat",
        r#"{"price": -1, "free_from": true, "countries": ["US", "Atlantis", 5],
            "max_weight_grams": 0, "estimated_days": [5, 2]}"#,
        &[
            "/name required",
            "/price out_of_range",
            "/free_from invalid_type",
            "/countries/1 unknown_country",
            "/countries/2 invalid_type",
            "/max_weight_grams out_of_range",
            "/estimated_days out_of_range",
        ],
    );
    let shelf = "/api/stock/p001";
    check("PUT", shelf, r#"{"on_hand": "5"}"#, &["/on_hand invalid_type"]);
    check("PUT", shelf, r#"{"on_hand": -1}"#, &["/on_hand out_of_range"]);
    check("PUT", shelf, r#"{"on_hand": 1000000000001}"#, &["/on_hand out_of_range"]);
    check("PUT", shelf, r#"{"on_hand": 1e999999999}"#, &["/on_hand out_of_range"]);
    check(
        "POST",
        "/api/stock/p001/adjust",
        r#"{"delta": 0.5, "reason": 4}"#,
        &["/delta out_of_range", "/reason invalid_type"],
    );
}

#[test]
fn text_is_bounded_and_holds_no_nul() {
    let shop = Shop::open();
    let place = |members: &str| {
        let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
        let refusal = {
            let body = body.replacen('{', &format!(r#"{{"user_id": "jane", {members}, "#), 1);
            shop.refused("POST", "/api/orders", body).refusal()
        };
        refusal.rsplit_once(" [").map(|(_, it)| it.trim_end_matches(']').to_owned())
    };
    let check = |members: &str, expected: &str| {
        assert_eq!(place(members).as_deref(), Some(expected), "{members}");
    };
    check(r#""notes": "a\u0000b""#, "/notes invalid_string");
    check(r#""metadata": {"a": "\u0000"}"#, "/metadata/a invalid_string");
    check(r#""metadata": {"\u0000": "a"}"#, "/metadata/\0 invalid_length");
    check(r#""metadata": {"": "a"}"#, "/metadata/ invalid_length");
    check(&format!(r#""notes": "{}""#, "å".repeat(2001)), "/notes invalid_length");
    check(&format!(r#""metadata": {{"a": "{}"}}"#, "å".repeat(501)), "/metadata/a invalid_length");
    let many: Vec<String> = (0..51).map(|it| format!(r#""k{it}": """#)).collect();
    check(&format!(r#""metadata": {{{}}}"#, many.join(", ")), "/metadata invalid_length");
    check(r#""delivery_method_id": "a\u0000b""#, "/delivery_method_id invalid_id");
}

/// Card data is refused wherever people write, and repeated nowhere.
#[test]
fn card_data_is_refused_in_every_free_text() {
    let shop = Shop::open();
    let number = "4111 1111 1111 1111";
    let check = |method: &str, path: &str, body: &str, pointer: &str| {
        let reply = shop.refused(method, path, body);
        let expected = format!("[{pointer} card_data_refused]");
        let refusal = reply.refusal();
        assert!(refusal.starts_with("400 card_data_refused: "), "{refusal}");
        assert!(refusal.ends_with(&expected), "{refusal}");
        assert!(!reply.body.contains("1111"), "{reply}");
    };
    let order = |members: &str| {
        let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
        body.replacen('{', &format!(r#"{{"user_id": "jane", {members}, "#), 1)
    };
    let in_order = |members: &str, pointer: &str| {
        check("POST", "/api/orders", &order(members), pointer);
    };
    in_order(&format!(r#""notes": "pay with {number}, please""#), "/notes");
    in_order(r#""notes": "4111-1111-1111-1111""#, "/notes");
    in_order(r#""notes": "378282246310005""#, "/notes");
    in_order(&format!(r#""metadata": {{"a": "{number}"}}"#), "/metadata/a");
    in_order(&format!(r#""metadata": {{"{number}": "a"}}"#), "/metadata/…");
    in_order(r#""cvc": "123""#, "/cvc");
    in_order(r#""payment": {"cardNumber": 1}"#, "/payment/cardNumber");
    in_order(r#""extra": [{"PAN": null}]"#, "/extra/0/PAN");
    for field in ["name", "company", "address", "address2", "city", "state", "street2"] {
        let address = format!(r#""billing_address": {{"{field}": "{number}"}}"#);
        let reply = shop.refused("POST", "/api/orders", order(&address));
        let pointer = format!("/billing_address/{field} card_data_refused");
        assert!(reply.refusal().contains(&pointer), "{reply}");
        assert_eq!(reply.code(), "400 card_data_refused");
        assert!(!reply.body.contains("1111"), "{reply}");
    }
    let reason = format!(r#"{{"status": "shipped", "reason": "{number}"}}"#);
    check("PUT", "/api/orders/ORD1/status", &reason, "/reason");
    let name = format!(r#"{{"name": "{number}", "price": 1}}"#);
    check("PUT", "/api/products/p009", &name, "/name");
    check("PUT", "/api/delivery-methods/boat", &name, "/name");
    let reason = format!(r#"{{"delta": 1, "reason": "{number}"}}"#);
    check("POST", "/api/stock/p001/adjust", &reason, "/reason");
    // Faulty fields are told beside it; its name is the problem's all the same.
    let both = r#"{"items": 5, "notes": "4111111111111111"}"#;
    let reply = shop.refused("POST", "/api/orders", both);
    assert!(
        reply.refusal().ends_with("[/notes card_data_refused, /items invalid_type]"),
        "{reply}"
    );
}

#[test]
fn numbers_that_only_look_like_cards_pass() {
    let shop = Shop::open();
    let members = r#"{"user_id": "4111111111111111", "notes": "box 4111111111111112, 4111 1111",
        "metadata": {"ean": "4006381333931"}, "contact": {"phone": "4111 1111 1111 1111"}, "#;
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#).replacen('{', members, 1);
    let reply = shop.0.post("/api/orders").by(&shop.0.staff()).json(body).send();
    assert_eq!(reply.status, 204, "{reply}");
}
