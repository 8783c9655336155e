//! `POST /v1/createTempCart`: what a shop may send a buyer with, and what anybody may.

use testkit::server::{Reply, TestServer};

use super::Shop;

fn made(server: &TestServer, members: &str) -> Reply {
    let body = format!(r#"{{"store": "1", {members}}}"#);
    server.post("/v1/createTempCart").json(body).send()
}

const CABLES: &str =
    r#"{"productId": "p001", "description": "x", "quantity": "2", "unitPrice": "10.00"}"#;

#[test]
fn anybody_fills_a_cart_from_the_catalogue() {
    let server = TestServer::start();
    Shop::open(&server);
    for version in ["v1", "v2"] {
        let body = format!(r#"{{"storeId": 1, "x": null, "items": [{CABLES}]}}"#);
        let call = server.post(&format!("/{version}/createTempCart")).json(body);
        let reply = call.header("origin", "https://any.example").send();
        assert_eq!(reply.status, 200, "{reply}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let id = reply.text("/tempCartUUID");
        let page = server.get(&format!("/checkout?store=1&tempCartUUID={id}")).send();
        assert!(page.status == 200 && page.body.contains("USB Cable"), "{page}");
    }
    let asked = server.call("OPTIONS", "/v1/createTempCart");
    let asked = asked.header("origin", "https://any.example");
    let asked = asked.header("access-control-request-method", "POST");
    let allowed = asked.header("access-control-request-headers", "content-type").send();
    assert_eq!(allowed.status, 200, "{allowed}");
    assert_eq!(allowed.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn what_is_the_shops_own_needs_its_secret() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let own = r#"{"description": "A card", "quantity": 1, "unitPrice": 4.5}"#;
    let off = r#"{"description": "Off", "quantity": 1, "unitPrice": -4}"#;
    let refused = |members: &str, sentence: &str| {
        let reply = made(&server, members);
        assert_eq!((reply.status, reply.text("/error").as_str()), (400, sentence), "{members}");
    };
    let needs = "Only the store itself, with its secret, may ask for this";
    refused(&format!(r#""items": [{own}]"#), &format!("items[0]: {needs}"));
    refused(&format!(r#""items": [{CABLES}, {off}]"#), &format!("items[1]: {needs}"));
    refused(&format!(r#""items": [{own}], "secret": "x""#), "Invalid security credentials");
    let members = format!(
        r#""secret": "{}", "items": [{CABLES}, {own}, {off}], "referenceId": 7, "boxCount": "2",
           "misc1": "a", "misc3": true"#,
        shop.secret
    );
    let id = made(&server, &members).text("/tempCartUUID");
    let body = format!(
        r#"{{"cart_id": "{id}", "user_id": null, "payment_method": "cash_on_delivery",
            "shipping_address": {{"name": "Jane", "address": "1 Main St", "city": "New York",
            "state": "NY", "zip": "10001", "country": "US"}}}}"#
    );
    let placed = server.post("/api/orders").by(&server.staff()).json(&*body).send();
    assert_eq!(placed.status, 201, "{placed}");
    let detail = shop.ask("v1/orderDetail", r#""referenceId": "7""#);
    assert_eq!((detail.text("/order/orderId"), detail.at("/order/boxCount")), ("1-1".into(), "2"));
    assert_eq!((detail.at("/order/misc2"), detail.text("/order/misc3")), ("null", "true".into()));
    assert_eq!(detail.text("/order/items/2/description"), "Off");
    assert_eq!(detail.at("/order/items/2/unitPrice"), "-4.00");
    let again = server.post("/api/orders").by(&server.staff()).json(&*body).send();
    assert_eq!(again.code(), "409 cart_already_ordered");
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let secret = format!(r#""secret": "{}", "#, shop.secret);
    let item = |members: &str| format!(r#""items": [{{{members}}}]"#);
    let good = r#""description": "x", "quantity": 1, "unitPrice": 1"#;
    let check = |members: &str, sentence: &str| {
        let reply = made(&server, &format!("{secret}{members}"));
        assert_eq!((reply.status, reply.text("/error").as_str()), (400, sentence), "{members}");
    };
    check(r#""x": 1"#, "Parameter items is required");
    check(r#""items": []"#, "Parameter items must be a list of 1 to 500 items");
    check(r#""items": [1]"#, "items[0]: must be an object");
    check(&item(r#""quantity": 1"#), "items[0]: Parameter description is required");
    let none = r#""description": "x", "quantity": 0, "unitPrice": 1"#;
    check(&item(none), "items[0]: quantity: must be at least 1");
    let many = r#""description": "x", "quantity": 1.5, "unitPrice": 1"#;
    check(&item(many), "items[0]: quantity: must be a whole number up to 1000000");
    let dear = r#""description": "x", "quantity": 1, "unitPrice": "ten""#;
    check(&item(dear), "items[0]: unitPrice: is not an amount");
    let below = r#""description": "x", "quantity": 1, "unitPrice": -1"#;
    check(&item(below), "The discounts are more than all the rest: -1.00 USD");
    let script = format!(r#"{good}, "itemURL": "javascript:alert(1)""#);
    check(&item(&script), "items[0]: itemURL: must be an http or https address");
    for (page, sentence) in [
        ("https://evil.example/", "its host is none of the store's success_hosts"),
        ("javascript:alert(1)", "must be an http or https address"),
        ("https://shop.example@evil.example/", "must be an http or https address"),
    ] {
        for name in ["externalConfirmationPageURL", "contShoppingURL"] {
            let members = format!(r#""{name}": "{page}", {}"#, item(good));
            check(&members, &format!("{name}: {sentence}"));
        }
    }
    let card = item(r#""description": "4111 1111 1111 1111", "quantity": 1, "unitPrice": 1"#);
    assert_eq!(made(&server, &format!("{secret}{card}")).status, 400);
    let changed = r#"{"productId": "p001", "description": "x", "quantity": 1, "unitPrice": 9}"#;
    let reply = made(&server, &format!(r#""items": [{changed}]"#));
    assert!(reply.text("/error").starts_with("items[0]: "), "{reply}");
}
