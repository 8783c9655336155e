//! Which refusal a request meets that has several faults: take away the one that decides, and the
//! next by the contract shows.

use testkit::server::{Call, TestServer, order_of};

/// What is right about a request so far.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Right {
    Nothing,
    Token,
    Size,
    Type,
    Syntax,
    Fields,
    Caller,
    Customer,
    Key,
    Thing,
    Version,
    State,
}

const STEPS: [Right; 12] = [
    Right::Nothing,
    Right::Token,
    Right::Size,
    Right::Type,
    Right::Syntax,
    Right::Fields,
    Right::Caller,
    Right::Customer,
    Right::Key,
    Right::Thing,
    Right::Version,
    Right::State,
];

/// Makes a request that is right in all steps up to one, and wrong in the rest.
struct Maker<'a> {
    method: &'a str,
    path: &'a dyn Fn(Right) -> String,
    token: &'a dyn Fn(Right) -> String,
    wrong_fields: &'a str,
    body: &'a dyn Fn(Right) -> String,
}

impl Maker<'_> {
    fn make<'s>(&self, server: &'s TestServer, right: Right) -> Call<'s> {
        let mut call = server.call(self.method, &(self.path)(right));
        if right >= Right::Token {
            call = call.by(&(self.token)(right));
        }
        // A malformed precondition is a fault of syntax like any other.
        let tags = if right < Right::Fields {
            "7"
        } else if right < Right::Version {
            "\"99\""
        } else {
            "*"
        };
        call = call.if_match(tags);
        call = call.key(if right >= Right::Key { "fresh" } else { "used" });
        let mut body = if right < Right::Syntax {
            "{".to_owned()
        } else if right < Right::Fields {
            self.wrong_fields.to_owned()
        } else {
            (self.body)(right)
        };
        if right < Right::Size {
            body.push_str(&" ".repeat(256 * 1024));
        }
        let content_type = if right < Right::Type { "text/plain" } else { "application/json" };
        call.bytes(content_type, body.into_bytes())
    }

    fn check(&self, server: &TestServer, expected: [&str; 12]) {
        let before = (server.last_seq(), server.last_admin_seq());
        for (right, expected) in STEPS.into_iter().zip(expected) {
            let reply = self.make(server, right).send();
            let found = if reply.status < 300 { "accepted".to_owned() } else { reply.code() };
            assert_eq!(found, expected, "{} step {}", self.method, right as u8);
            if found != "accepted" {
                assert_eq!((server.last_seq(), server.last_admin_seq()), before);
            }
        }
    }
}

/// A shop where the key `used` was used by the boss and by jane.
fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    for token in [server.staff(), server.token("jane", "")] {
        let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
        let body = body.replacen('{', r#"{"user_id": "jane", "#, 1);
        let call = server.post("/api/orders").by(&token).key("used").json(body);
        assert_eq!(call.send().status, 204);
    }
    server.advance("ORD2", "shipped");
    server
}

const TOO_SOON: &str = "400 invalid_json";

#[test]
fn moving_an_order() {
    let server = shop();
    for unknown in ["ORD99", "what", "1-99"] {
        let maker = Maker {
            method: "PUT",
            path: &|right| {
                if right < Right::Thing {
                    format!("/api/orders/{unknown}/status")
                } else if right < Right::State {
                    "/api/orders/ORD2/status".into()
                } else {
                    "/api/orders/1-1/status".into()
                }
            },
            token: &|right| {
                if right < Right::Caller { server.token("jane", "") } else { server.staff() }
            },
            wrong_fields: r#"{"status": "lost", "colour": 1}"#,
            body: &|_| r#"{"status": "confirmed"}"#.into(),
        };
        let expected = [
            "401 token_required",
            "413 body_too_large",
            "415 unsupported_media_type",
            TOO_SOON,
            "400 validation_failed",
            "403 forbidden",
            "422 idempotency_key_reused",
            "422 idempotency_key_reused",
            "404 order_not_found",
            "412 version_mismatch",
            "409 order_already_processed",
            "409 order_already_processed",
        ];
        maker.check(&server, expected);
    }
}

#[test]
fn placing_an_order() {
    let server = shop();
    let maker = Maker {
        method: "POST",
        path: &|_| "/api/orders".into(),
        token: &|right| {
            if right < Right::Caller {
                server.token("jane", "events:read")
            } else {
                server.token("jane", "")
            }
        },
        wrong_fields: r#"{"items": 5, "user_id": "joe"}"#,
        body: &|right| {
            let customer = if right < Right::Customer { "joe" } else { "jane" };
            let product = if right < Right::Thing { "none" } else { "p001" };
            let quantity = if right < Right::State { 1000 } else { 1 };
            let item = format!(r#"{{"product_id": "{product}", "quantity": {quantity}}}"#);
            order_of(&item).replacen('{', &format!(r#"{{"user_id": "{customer}", "#), 1)
        },
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "403 forbidden",
        "422 idempotency_key_reused",
        "404 product_not_found",
        "400 insufficient_stock",
        "400 insufficient_stock",
        "accepted",
    ];
    maker.check(&server, expected);
}

#[test]
fn putting_a_product() {
    let server = shop();
    let maker = Maker {
        method: "PUT",
        path: &|_| "/api/products/p001".into(),
        token: &|right| {
            if right < Right::Caller { server.token("jane", "") } else { server.staff() }
        },
        wrong_fields: r#"{"name": "A", "price": -1, "colour": 1}"#,
        body: &|_| r#"{"name": "A", "price": 1}"#.into(),
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "422 idempotency_key_reused",
        "422 idempotency_key_reused",
        "412 version_mismatch",
        "412 version_mismatch",
        "accepted",
        "accepted",
    ];
    maker.check(&server, expected);
}

#[test]
fn adjusting_stock() {
    let server = shop();
    let maker = Maker {
        method: "POST",
        path: &|right| {
            if right < Right::Thing {
                "/api/stock/none/adjust".into()
            } else {
                "/api/stock/p001/adjust".into()
            }
        },
        token: &|right| {
            if right < Right::Caller { server.token("jane", "") } else { server.staff() }
        },
        wrong_fields: r#"{"delta": 0.5}"#,
        body: &|right| {
            if right < Right::State { r#"{"delta": -999}"# } else { r#"{"delta": 1}"# }.into()
        },
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "422 idempotency_key_reused",
        "422 idempotency_key_reused",
        "404 product_not_found",
        "412 version_mismatch",
        "409 stock_below_reserved",
        "accepted",
    ];
    maker.check(&server, expected);
}

#[test]
fn placing_with_payment() {
    let server = shop();
    let maker = Maker {
        method: "POST",
        path: &|_| "/api/orders/with-payment".into(),
        token: &|right| {
            if right < Right::Caller {
                server.token("jane", "events:read")
            } else {
                server.token("jane", "")
            }
        },
        wrong_fields: r#"{"items": 5, "customerId": "joe", "paymentMethod": "invoice"}"#,
        body: &|right| {
            let customer = if right < Right::Customer { "joe" } else { "jane" };
            let product = if right < Right::Thing { "none" } else { "p001" };
            let quantity = if right < Right::State { 1000 } else { 1 };
            let item = format!(r#"{{"productId": "{product}", "quantity": {quantity}}}"#);
            order_of(&item).replacen('{', &format!(r#"{{"customerId": "{customer}", "#), 1)
        },
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "403 forbidden",
        "422 idempotency_key_reused",
        "404 product_not_found",
        "400 insufficient_stock",
        "400 insufficient_stock",
        "accepted",
    ];
    maker.check(&server, expected);
}

#[test]
fn paying_an_order() {
    let server = shop();
    server.behave(r#""callback": "off""#);
    // ORD3 waits for its payment, ORD4 is paid at the provider.
    server.payable("jane", "p001", 1);
    let paid = server.payable("jane", "p001", 1);
    server.at_provider(&paid.intent, "confirm");
    let maker = Maker {
        method: "PATCH",
        path: &|right| {
            let order = match right {
                right if right < Right::Thing => "ORD99",
                right if right < Right::State => "ORD3",
                _ => "ORD4",
            };
            format!("/api/orders/{order}/paid")
        },
        token: &|right| {
            if right < Right::Caller {
                server.token("jane", "events:read")
            } else {
                server.token("jane", "")
            }
        },
        wrong_fields: r#"{"paid": true}"#,
        body: &|_| "{}".into(),
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "422 idempotency_key_reused",
        "422 idempotency_key_reused",
        "404 order_not_found",
        "412 version_mismatch",
        "400 payment_not_completed",
        "accepted",
    ];
    maker.check(&server, expected);
}

#[test]
fn refunding_an_order() {
    let server = shop();
    let paid = server.paid("jane", "p001", 1);
    let maker = Maker {
        method: "POST",
        path: &|right| {
            let order = if right < Right::Thing { "ORD99" } else { &paid.order };
            format!("/api/orders/{order}/refunds")
        },
        token: &|right| {
            if right < Right::Caller { server.token("jane", "") } else { server.staff() }
        },
        wrong_fields: r#"{"amount": "all"}"#,
        body: &|right| {
            if right < Right::State { r#"{"amount": 999}"# } else { r#"{"amount": 1}"# }.into()
        },
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "422 idempotency_key_reused",
        "422 idempotency_key_reused",
        "404 order_not_found",
        "412 version_mismatch",
        "409 refund_exceeds_payment",
        "accepted",
    ];
    maker.check(&server, expected);
}

#[test]
fn shipping_an_order() {
    let server = shop();
    let order = server.order("jane", "p001", 2);
    let maker = Maker {
        method: "POST",
        path: &|right| {
            let order = if right < Right::Thing { "ORD99" } else { &order };
            format!("/api/orders/{order}/shipments")
        },
        token: &|right| {
            if right < Right::Caller { server.token("jane", "") } else { server.staff() }
        },
        wrong_fields: r#"{"items": "all"}"#,
        body: &|right| {
            let quantity = if right < Right::State { 3 } else { 1 };
            format!(r#"{{"items": [{{"line": 1, "quantity": {quantity}}}]}}"#)
        },
    };
    let expected = [
        "401 token_required",
        "413 body_too_large",
        "415 unsupported_media_type",
        TOO_SOON,
        "400 validation_failed",
        "403 forbidden",
        "422 idempotency_key_reused",
        "422 idempotency_key_reused",
        "404 order_not_found",
        "412 version_mismatch",
        "409 shipment_exceeds_order",
        "accepted",
    ];
    maker.check(&server, expected);
}
