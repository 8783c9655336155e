//! `POST /api/orders`.

use domain::world::Policy;
use server::auth::Grant;
use testkit::server::{TestServer, Wish, order_of};

const CABLES: &str = r#"{"product_id": "p001", "quantity": 2}"#;

/// What the storefront sends, in its own spelling.
const STOREFRONT: &str = r#"{"customerId": "jane", "deliveryMethodId": "standard",
    "deliveryAddress": {"street": "123 Main St", "city": "New York", "state": "NY",
                        "zipCode": "10001", "country": "USA"},
    "items": [{"productId": "p001", "quantity": 2, "variantId": null},
              {"productId": "p002", "quantity": 1, "variantId": "black", "price": 45.0}],
    "notes": "Please ring doorbell upon delivery"}"#;

fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    server
}

#[test]
fn an_order_is_accepted_without_a_body() {
    let server = shop();
    let reply = server.post("/api/orders").by(&server.token("jane", "")).json(STOREFRONT).send();
    assert_eq!(reply.to_string(), "204\netag: \"2\"\nlocation: /api/orders/ORD1");
    assert_eq!(server.shelf("p001"), (100, 2));
    assert_eq!(server.shelf("p002?variant_id=black"), (10, 1));
    assert_eq!(server.last_seq(), 2);
}

#[test]
fn an_order_is_shown_where_it_is_preferred() {
    let server = shop();
    let call = server.post("/api/orders").by(&server.token("jane", "")).json(STOREFRONT);
    let reply = call.header("Prefer", "respond-async, return=representation").send();
    insta::assert_snapshot!(reply.lines(), @r#"
    201
    content-type: application/json
    etag: "2"
    location: /api/orders/ORD1

    {"order_id":"ORD1",
    "retrieval_id":"1-1",
    "store_id":1,
    "user_id":"jane",
    "status":"confirmed",
    "payment_status":"unpaid",
    "shipping_status":"processing",
    "review_status":"none",
    "on_hold":false,
    "hold_reason":null,
    "currency":"USD",
    "subtotal":65.00,
    "shipping_total":10.00,
    "tax_total":0.00,
    "discount_total":0.00,
    "total":75.00,
    "paid_total":0.00,
    "refunded_total":0.00,
    "payment_method":"cash_on_delivery",
    "delivery_method_id":"standard",
    "notes":"Please ring doorbell upon delivery",
    "invoice_number":"INV-2025-000001",
    "credit_note_number":null,
    "metadata":{},
    "version":2,
    "created_at":"2025-06-27T12:00:00Z",
    "updated_at":"2025-06-27T12:00:00Z",
    "confirmed_at":"2025-06-27T12:00:00Z",
    "shipped_at":null,
    "delivered_at":null,
    "cancelled_at":null,
    "cancel_reason":null,
    "expires_at":null,
    "items":[{"line":1,
    "product_id":"p001",
    "variant_id":null,
    "sku":"USB-C-1M",
    "name":"USB Cable",
    "quantity":2,
    "price":10.00,
    "total":20.00,
    "cancelled_quantity":0,
    "shipped_quantity":0,
    "returned_quantity":0,
    "refunded_quantity":0},
    {"line":2,
    "product_id":"p002",
    "variant_id":"black",
    "sku":"MOUSE-B",
    "name":"Wireless Mouse, black",
    "quantity":1,
    "price":45.00,
    "total":45.00,
    "cancelled_quantity":0,
    "shipped_quantity":0,
    "returned_quantity":0,
    "refunded_quantity":0}],
    "shipping_address":{"name":null,
    "company":null,
    "address":"123 Main St",
    "address2":null,
    "city":"New York",
    "state":"NY",
    "zip":"10001",
    "country":"US",
    "phone":null},
    "billing_address":null,
    "contact":{"email":null,
    "phone":null},
    "shipments":[],
    "payments":[],
    "refunds":[],
    "adjustments":[],
    "merchant":null}
    "#);
    let other = server.post("/api/orders").by(&server.token("jane", "")).json(STOREFRONT);
    assert_eq!(other.header("Prefer", "return=minimal").send().status, 204);
}

#[test]
fn both_spellings_are_understood_and_may_be_mixed() {
    let server = shop();
    let jane = server.token("jane", "");
    let place = |body: &str| server.post("/api/orders").by(&jane).json(body).send();
    let snake = r#"{"user_id": "jane", "delivery_method_id": "standard",
        "shipping_address": {"address": "123 Main St", "city": "New York", "state": "NY",
                             "zip": "10001", "country": "US"},
        "items": [{"product_id": "p002", "quantity": 1, "variant_id": "black"}],
        "payment_method": "invoice", "billing_address": null, "store_id": null}"#;
    assert_eq!(place(snake).status, 204);
    assert_eq!(place(STOREFRONT).status, 204);
    let mixed = snake.replace("user_id", "customerId").replace("\"zip\"", "\"zipCode\"");
    assert_eq!(place(&mixed).status, 204);
    let check = |twice: &str, expected: &str| {
        let body = snake.replacen('{', &format!("{{{twice}, "), 1);
        assert_eq!(place(&body).refusal(), expected, "{twice}");
    };
    check(
        r#""customerId": "jane""#,
        "400 validation_failed: user_id must not be given beside customerId, its other spelling \
         [/user_id duplicate_field]",
    );
    check(
        r#""deliveryMethodId": "standard", "userId": "jane""#,
        "400 validation_failed: user_id must not be given beside userId, its other spelling; \
         delivery_method_id must not be given beside deliveryMethodId, its other spelling \
         [/user_id duplicate_field, /delivery_method_id duplicate_field]",
    );
    let street = snake.replacen(r#""city""#, r#""street": "Elsewhere 1", "city""#, 1);
    assert_eq!(
        place(&street).refusal(),
        "400 validation_failed: shipping_address/street must not be given beside address, its \
         other spelling [/shipping_address/street duplicate_field]"
    );
}

#[test]
fn fields_that_nobody_knows_are_ignored() {
    let server = shop();
    let body = STOREFRONT
        .replacen('{', r#"{"utm_source": {"a": [1]}, "total": 1, "#, 1)
        .replacen(r#""quantity""#, r#""gift": true, "quantity""#, 1)
        .replacen(r#""city""#, r#""floor": 3, "city""#, 1);
    let reply = server.post("/api/orders").by(&server.token("jane", "")).json(body).send();
    assert_eq!(reply.status, 204, "{reply}");
}

/// Every faulty field is named at once, in the client's spelling, and nothing is stored.
#[test]
fn every_faulty_field_is_named() {
    let server = shop();
    let check = |body: &str, expected: &[&str]| {
        let reply = server.post("/api/orders").by(&server.token("jane", "")).json(body).send();
        let faults = reply.refusal();
        assert_eq!(reply.status, 400, "{body}: {reply}");
        let faults = faults.rsplit_once('[').map(|(_, it)| it.trim_end_matches(']'));
        assert_eq!(faults, Some(&*expected.join(", ")), "{body}");
        assert_eq!(server.last_seq(), 0);
    };
    check("{}", &["/items required"]);
    check("[]", &[" invalid_type"]);
    check("null", &[" required"]);
    check(r#"{"items": []}"#, &["/items invalid_length"]);
    check(r#"{"items": {}}"#, &["/items invalid_type"]);
    check(
        r#"{"customerId": 5, "items": [{}, 7, {"productId": "a b", "quantity": "2"}],
            "deliveryAddress": {"country": "Atlantis"}, "notes": 7, "metadata": {"a": 1}}"#,
        &[
            "/customerId invalid_type",
            "/items/0/productId required",
            "/items/0/quantity required",
            "/items/1 invalid_type",
            "/items/2/productId invalid_id",
            "/items/2/quantity invalid_type",
            "/deliveryAddress/street required",
            "/deliveryAddress/city required",
            "/deliveryAddress/country unknown_country",
            "/notes invalid_type",
            "/metadata/a invalid_type",
        ],
    );
    check(
        r#"{"items": [{"product_id": "p001", "quantity": 1}], "payment_method": "cheese",
            "store_id": 0, "contact": {"email": "nobody"},
            "shipping_address": {"address": " ", "city": "New York", "country": "US"}}"#,
        &[
            "/store_id out_of_range",
            "/payment_method unknown_value",
            "/shipping_address/address invalid_length",
            "/shipping_address/state required",
            "/shipping_address/zip required",
            "/contact/email invalid_email",
        ],
    );
    for quantity in ["0", "-1", "1.5", "1000001", "1e99", "1e-1", "99999999999999999999"] {
        let body = format!(r#"{{"items": [{{"product_id": "p001", "quantity": {quantity}}}]}}"#);
        check(&body, &["/items/0/quantity out_of_range"]);
    }
}

#[test]
fn whole_quantities_may_be_spelled_with_decimals() {
    let server = shop();
    for quantity in ["2.0", "2e0", "20E-1"] {
        let body = order_of(&CABLES.replace('2', quantity));
        let reply = server.post("/api/orders").by(&server.token("jane", "")).json(body).send();
        assert_eq!(reply.status, 204, "{quantity}: {reply}");
    }
    assert_eq!(server.shelf("p001"), (100, 6));
}

/// A customer orders for themselves; staff and integrations order for anyone.
#[test]
fn who_may_order_for_whom() {
    let server = shop();
    let check = |token: &str, named: &str, expected: &str| {
        let body = order_of(CABLES).replacen('{', &format!("{{{named}"), 1);
        let call = server.post("/api/orders").by(token).json(body);
        let reply = call.header("Prefer", "return=representation").send();
        let found = match reply.status {
            201 => reply.at("/user_id").to_owned(),
            _ => reply.refusal(),
        };
        assert_eq!(found, expected, "{named}");
    };
    let another = "403 forbidden: A customer can't act for another customer";
    let jane = server.token("jane", "");
    check(&jane, "", r#""jane""#);
    check(&jane, r#""user_id": "jane", "#, r#""jane""#);
    check(&jane, r#""user_id": "joe", "#, another);
    check(&jane, r#""customerId": "joe", "#, another);
    check(&jane, r#""user_id": null, "#, another);
    let missing = "400 validation_failed: user_id is required: a customer's id, or null for a \
                   guest [/user_id required]";
    for token in [server.staff(), server.token("erp", "orders:write")] {
        check(&token, r#""user_id": "joe", "#, r#""joe""#);
        check(&token, r#""user_id": null, "#, "null");
        check(&token, "", missing);
    }
    let nothing = server.post("/api/orders").by(&server.staff()).json("{}").send().refusal();
    assert!(nothing.ends_with("[/user_id required, /items required]"), "{nothing}");
    let forbidden = "403 forbidden: Your token does not give the right to do this";
    check(&server.token("erp", "orders:read catalog:write"), "", forbidden);
    let odd = server.token("jane@example.com", "");
    check(&odd, "", "403 forbidden: The subject of your token is no customer id");
}

#[test]
fn a_store_is_named_by_those_who_may() {
    let server = shop();
    let of_store_2 = Grant { subject: "jane", store: Some(2), ..Grant::default() };
    let narrowed =
        Grant { subject: "boss", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let check = |token: &str, members: &str, expected: &str| {
        let body = order_of(CABLES).replacen('{', &format!("{{{members}"), 1);
        let reply = server.post("/api/orders").by(token).json(body).send();
        let found = if reply.status == 204 { "204".into() } else { reply.refusal() };
        assert_eq!(found, expected, "{members}");
    };
    let out_of_reach = "403 forbidden: Your token does not reach this store";
    let unknown = "400 unknown_store: There is no store 2 [/store_id unknown_store]";
    check(&server.token("jane", ""), r#""store_id": 2, "#, out_of_reach);
    check(&server.grant(&of_store_2), "", unknown);
    check(&server.staff(), r#""user_id": "joe", "store_id": 1, "#, "204");
    check(&server.staff(), r#""user_id": "joe", "store_id": 2, "#, unknown);
    check(&server.grant(&narrowed), r#""user_id": "joe", "#, out_of_reach);
    check(&server.grant(&narrowed), r#""user_id": "joe", "store_id": 2, "#, unknown);
}

#[test]
fn contact_and_addresses_are_kept() {
    let server = shop();
    let grant = Grant { subject: "jane", email: Some("jane@example.com"), ..Grant::default() };
    let body = r#"{"items": [{"product_id": "p001", "quantity": 1}],
        "shipping_address": {"name": "Jåne", "company": "Cables & Co", "address": "Kongens gate 1",
            "address2": "2. etg", "city": "Oslo", "zip": "0153", "country": "Norway",
            "phone": "+47 22 00 00 00"},
        "billing_address": {"address": "1 Queen's Rd", "city": "Hong Kong", "country": "HKG"},
        "contact": {"phone": "4111111111111111"}, "metadata": {"source": "app", "läge": "ÅÄÖ"}}"#;
    let call = server.post("/api/orders").by(&server.grant(&grant)).json(body);
    let reply = call.header("Prefer", "return=representation").send();
    assert_eq!(reply.status, 201, "{reply}");
    assert_eq!(
        reply.at("/shipping_address"),
        r#"{"name":"Jåne","company":"Cables & Co","address":"Kongens gate 1","address2":"2. etg","#
            .to_owned()
            + r#""city":"Oslo","state":null,"zip":"0153","country":"NO","phone":"+47 22 00 00 00"}"#
    );
    assert_eq!(reply.text("/billing_address/country"), "HK");
    assert_eq!(
        reply.at("/contact"),
        r#"{"email":"jane@example.com","phone":"4111111111111111"}"#,
        "phones are exempt from the search for card numbers"
    );
    assert_eq!(reply.at("/metadata"), r#"{"läge":"ÅÄÖ","source":"app"}"#);
}

#[test]
fn nothing_to_ship_needs_no_address_and_no_method() {
    let server = shop();
    server.product("ebook", r#""name": "E-book", "price": 9.99, "requires_shipping": false"#);
    server.stock("ebook", 5);
    let body = r#"{"items": [{"product_id": "ebook", "quantity": 3}]}"#;
    let call = server.post("/api/orders").by(&server.token("jane", "")).json(body);
    let reply = call.header("Prefer", "return=representation").send();
    assert_eq!((reply.at("/total"), reply.at("/shipping_total")), ("29.97", "0.00"));
    assert_eq!(reply.at("/delivery_method_id"), "null");
}

#[test]
fn the_cheapest_suitable_method_is_taken() {
    let server = shop();
    server.delivery_method("pigeon", r#""name": "Pigeon", "price": 1, "max_weight_grams": 20"#);
    server.delivery_method("boat", r#""name": "Boat", "price": 2, "countries": ["NO"]"#);
    server.delivery_method("off", r#""name": "Off", "price": 0, "active": false"#);
    server.delivery_method("bulk", r#""name": "Bulk", "price": 90, "free_from": 50"#);
    server.product("p001", r#""name": "USB Cable", "price": 10, "weight_grams": 15"#);
    let check = |quantity: u32, method: &str, total: &str| {
        let items = format!(r#"{{"product_id": "p001", "quantity": {quantity}}}"#);
        let call = server.post("/api/orders").by(&server.token("jane", ""));
        let call = call.json(order_of(&items)).header("Prefer", "return=representation");
        let reply = call.send();
        assert_eq!((&*reply.text("/delivery_method_id"), reply.at("/total")), (method, total));
    };
    check(1, "pigeon", "11.00");
    check(2, "standard", "30.00");
    check(5, "bulk", "50.00");
}

#[test]
fn an_order_of_nothing_to_pay_is_paid() {
    let server = shop();
    server.product("flyer", r#""name": "Flyer", "price": 0, "track_stock": false"#);
    server.delivery_method("post", r#""name": "Post", "price": 0"#);
    let call = server.post("/api/orders").by(&server.token("jane", ""));
    let call = call.json(order_of(r#"{"product_id": "flyer", "quantity": 1000000}"#));
    let reply = call.header("Prefer", "return=representation").send();
    assert_eq!(reply.at("/total"), "0.00");
    assert_eq!(reply.text("/payment_status"), "paid");
    assert_eq!(reply.header("etag"), Some("\"3\""));
}

#[test]
fn prices_stay_as_they_were_when_the_order_was_placed() {
    let server = shop();
    let order = server.order("jane", "p001", 2);
    server.product("p001", r#""name": "Golden Cable", "price": 99"#);
    let reply = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
    assert_eq!((reply.at("/total"), reply.at("/items/0/price")), ("30.00", "10.00"));
    assert_eq!(reply.text("/items/0/name"), "USB Cable");
}

#[test]
fn unknown_customers_are_refused_where_they_must_register() {
    let policy = Policy { auto_register: false, ..Policy::default() };
    let server = TestServer::with(Wish { policy, ..Wish::default() });
    server.open_shop();
    let call = server.post("/api/orders").by(&server.token("jane", "")).json(STOREFRONT);
    let expected = "404 customer_not_found: Customer not found [/customerId customer_not_found]";
    assert_eq!(call.send().refusal(), expected);
    let guest = order_of(CABLES).replacen('{', r#"{"user_id": null, "#, 1);
    assert_eq!(server.post("/api/orders").by(&server.staff()).json(guest).send().status, 204);
}
