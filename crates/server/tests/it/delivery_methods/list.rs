//! `GET /api/delivery-methods`.

use testkit::server::TestServer;

#[test]
fn methods_are_found_for_a_country_and_a_total() {
    let server = TestServer::start();
    server.delivery_method("boat", r#""name": "Boat", "price": 2, "countries": ["NO", "SE"]"#);
    server.delivery_method("off", r#""name": "Off", "price": 1, "active": false"#);
    server.delivery_method("post", r#""name": "Post", "price": 9, "free_from": 50"#);
    let check = |query: &str, expected: &[(&str, &str)]| {
        let reply = server.get(&format!("/api/delivery-methods?{query}")).send();
        let found: Vec<(String, &str)> = (0..)
            .map_while(|nth| {
                let of = |name: &str| format!("/delivery_methods/{nth}/{name}");
                let there = reply.has(&of("price"));
                there.then(|| (reply.text(&of("delivery_method_id")), reply.at(&of("price"))))
            })
            .collect();
        let expected: Vec<(String, &str)> =
            expected.iter().map(|(id, price)| ((*id).to_owned(), *price)).collect();
        assert_eq!((reply.status, found), (200, expected), "{query}");
    };
    check("", &[("boat", "2.00"), ("post", "9.00")]);
    check("country=Norway", &[("boat", "2.00"), ("post", "9.00")]);
    check("country=US", &[("post", "9.00")]);
    check("country=USA&total=49.99", &[("post", "9.00")]);
    check("country=USA&total=50", &[("post", "0.00")]);
    let staff = server.get("/api/delivery-methods").by(&server.staff()).send();
    assert!(staff.has("/delivery_methods/2"));
    let refused = |query: &str| {
        let reply = server.get(&format!("/api/delivery-methods?{query}")).send();
        assert_eq!(reply.code(), "400 validation_failed", "{query}");
    };
    for query in ["country=Atlantis", "country=", "total=x", "total=", "total=1&total=2"] {
        refused(query);
    }
}
