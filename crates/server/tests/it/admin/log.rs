//! `GET /api/admin/log`.

use testkit::server::{Reply, TestServer};

fn log(server: &TestServer, query: &str) -> Reply {
    server.get(&format!("/api/admin/log?{query}")).by(&server.staff()).send()
}

/// Numbers and types, then `last_seq`.
fn told(page: &Reply) -> (String, String) {
    assert_eq!(page.status, 200, "{page}");
    let entries = (0..).map_while(|nth| {
        let of = |name: &str| format!("/entries/{nth}/{name}");
        let there = page.has(&of("seq"));
        there.then(|| format!("{} {}", page.at(&of("seq")), page.text(&of("type"))))
    });
    (entries.collect::<Vec<_>>().join(", "), page.at("/last_seq").to_owned())
}

on_every_store! {
    fn changes_of_the_shop_are_told_in_their_order(server: &TestServer) {
        server.delivery_method("standard", r#""name": "Standard", "price": 10"#);
        server.product("p001", r#""name": "USB Cable", "price": 10"#);
        server.stock("p001", 5);
        server.order("jane", "p001", 1);
        server.delete("/api/products/p001").by(&server.staff()).send();
        server.delete("/api/delivery-methods/standard").by(&server.staff()).send();
        let check = |query: &str, entries: &str, last_seq: &str| {
            assert_eq!(told(&log(server, query)), (entries.into(), last_seq.into()), "{query}");
        };
        check(
            "",
            "1 delivery_method.put, 2 product.put, 3 stock.changed, 4 customer.registered, \
             5 product.deleted, 6 delivery_method.deleted",
            "6",
        );
        check("after=4&limit=1", "5 product.deleted", "5");
        check("after=6", "", "6");
        check("types=product.*", "2 product.put, 5 product.deleted", "6");
        check("types=customer.registered&limit=3", "", "3");
        check("types=customer.registered&limit=3&after=3", "4 customer.registered", "6");
    }
}

#[test]
fn an_entry_says_what_was_changed_and_by_whom() {
    let server = TestServer::start();
    let mug = r#"{"name": "Mug", "price": 12.5}"#;
    server.put("/api/products/mug").by(&server.staff()).json(mug).send();
    server.clock().advance_ms(60_000);
    server.stock("mug", 40);
    let broken = r#"{"delta": -3, "reason": "broken"}"#;
    let adjust = server.post("/api/stock/mug/adjust").by(&server.token("erp", "catalog:write"));
    assert_eq!(adjust.header("X-Request-Id", "adjust-7").json(broken).send().status, 200);
    server.delete("/api/products/mug").by(&server.staff()).send();
    insta::assert_snapshot!(log(&server, "").lines(), @r#"
    200
    content-type: application/json

    {"entries":[{"seq":1,
    "type":"product.put",
    "at":"2025-06-27T12:00:00Z",
    "actor":"staff:boss",
    "request_id":"test",
    "data":{"product_id":"mug",
    "name":"Mug",
    "sku":null,
    "price":12.50,
    "currency":"USD",
    "active":true,
    "requires_shipping":true,
    "track_stock":true,
    "weight_grams":0,
    "tax_class":null,
    "delivery_methods":[],
    "variants":[],
    "low_stock_at":null,
    "metadata":{},
    "version":1}},
    {"seq":2,
    "type":"stock.changed",
    "at":"2025-06-27T12:01:00Z",
    "actor":"staff:boss",
    "request_id":"test",
    "data":{"product_id":"mug",
    "variant_id":null,
    "location_id":"main",
    "delta":40,
    "on_hand":40,
    "reason":null}},
    {"seq":3,
    "type":"stock.changed",
    "at":"2025-06-27T12:01:00Z",
    "actor":"integration:erp",
    "request_id":"adjust-7",
    "data":{"product_id":"mug",
    "variant_id":null,
    "location_id":"main",
    "delta":-3,
    "on_hand":37,
    "reason":"broken"}},
    {"seq":4,
    "type":"product.deleted",
    "at":"2025-06-27T12:01:00Z",
    "actor":"staff:boss",
    "request_id":"test",
    "data":{"product_id":"mug"}}],
    "last_seq":4}
    "#);
}

#[test]
fn what_it_can_not_be_asked() {
    let server = TestServer::start();
    for query in ["after=-1", "limit=0", "limit=201", "types=product", "after=1&after=2"] {
        assert_eq!(log(&server, query).code(), "400 validation_failed", "{query}");
    }
    assert_eq!(log(&server, "since=1").code(), "400 unknown_parameter");
    let integration = server.token("erp", "orders:read events:read catalog:write");
    let reply = server.get("/api/admin/log").by(&integration).send();
    assert_eq!(reply.code(), "403 forbidden");
}
