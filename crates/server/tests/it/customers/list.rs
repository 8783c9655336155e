//! `GET /api/customers`.

use testkit::server::TestServer;

on_every_store! {
    fn customers_come_by_id(server: &TestServer) {
        for id in ["bob", "ann", "cem"] {
            server.must_put(&format!("/api/customers/{id}"), r#""name": "X""#);
        }
        let page = |query: &str| {
            let reply = server.get(&format!("/api/customers?{query}")).by(&server.staff()).send();
            let ids = (0..).map_while(|nth| {
                let pointer = format!("/customers/{nth}/customer_id");
                reply.has(&pointer).then(|| reply.text(&pointer))
            });
            (ids.collect::<Vec<_>>().join(" "), reply)
        };
        assert_eq!(page("").0, "ann bob cem");
        let (ids, first) = page("limit=2");
        assert_eq!(ids, "ann bob");
        assert!(first.header("link").is_some());
        let (ids, last) = page(&format!("limit=2&cursor={}", first.text("/next_cursor")));
        assert_eq!((ids.as_str(), last.at("/next_cursor")), ("cem", "null"));
    }
}
