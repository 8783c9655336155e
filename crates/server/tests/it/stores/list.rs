//! `GET /api/stores`.

use testkit::server::TestServer;

on_every_store! {
    fn stores_come_by_number(server: &TestServer) {
        for number in [10, 9, 2] {
            let members = r#""name": "Another", "currency": "EUR""#;
            server.must_put(&format!("/api/stores/{number}"), members);
        }
        let page = |query: &str| {
            let reply = server.get(&format!("/api/stores?{query}")).by(&server.staff()).send();
            let numbers = (0..).map_while(|nth| {
                let pointer = format!("/stores/{nth}/store_id");
                reply.has(&pointer).then(|| reply.at(&pointer).to_owned())
            });
            (numbers.collect::<Vec<_>>().join(" "), reply)
        };
        assert_eq!(page("").0, "1 2 9 10");
        let (numbers, first) = page("limit=3");
        assert_eq!(numbers, "1 2 9");
        let (numbers, last) = page(&format!("limit=3&cursor={}", first.text("/next_cursor")));
        assert_eq!((numbers.as_str(), last.at("/next_cursor")), ("10", "null"));
    }
}
