//! `POST /api/stock/{product_id}/adjust`.

use testkit::server::{Reply, TestServer};

fn adjust(server: &TestServer, path: &str, delta: i64) -> Reply {
    let call = server.post(&format!("/api/stock/{path}")).by(&server.staff());
    call.json(format!(r#"{{"delta": {delta}, "reason": "a box broke"}}"#)).send()
}

on_every_store! {
    fn stock_moves_by_what_is_told(server: &TestServer) {
        server.open_shop();
        assert_eq!(adjust(server, "p001/adjust", -3).at("/on_hand"), "97");
        assert_eq!(adjust(server, "p001/adjust", 0).at("/on_hand"), "97");
        assert_eq!(adjust(server, "p002/adjust?variant_id=gold", 5).at("/available"), "15");
        server.order("jane", "p001", 97);
        assert_eq!(
            adjust(server, "p001/adjust", -1).refusal(),
            "409 stock_below_reserved: 96 on hand would be below the 97 reserved \
             [/on_hand stock_below_reserved]"
        );
        let most = 1_000_000_000_000;
        assert_eq!(
            adjust(server, "p001/adjust", most).refusal(),
            "400 stock_out_of_range: No shelf holds that many [/on_hand stock_out_of_range]"
        );
        assert_eq!(adjust(server, "p001/adjust", most - 97).at("/on_hand"), most.to_string());
        assert_eq!(adjust(server, "none/adjust", 1).code(), "404 product_not_found");
    }
}
