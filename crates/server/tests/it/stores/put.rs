//! `PUT /api/stores/{number}`.

use testkit::server::{Reply, TestServer};

fn put(server: &TestServer, number: &str, body: &str) -> Reply {
    server.put(&format!("/api/stores/{number}")).by(&server.staff()).json(body).send()
}

on_every_store! {
    fn a_store_is_made_changed_and_put_back(server: &TestServer) {
        let body = r#"{"store_id": 7, "name": "Oslo", "currency": "NOK",
            "time_zone": "europe/oslo", "invoice_prefix": "OSL-1",
            "success_url": "https://Shop.example/thanks?a=b",
            "success_hosts": ["SHOP.example", "localhost"], "test": true}"#;
        let made = put(server, "7", body);
        assert_eq!(
            made.to_string(),
            "201\ncontent-type: application/json\netag: \"1\"\nlocation: /api/stores/7\n\n"
                .to_owned()
                + r#"{"store_id":7,"name":"Oslo","currency":"NOK","time_zone":"Europe/Oslo","#
                + r#""invoice_prefix":"OSL-1","success_url":"https://Shop.example/thanks?a=b","#
                + r#""success_hosts":["shop.example","localhost"],"test":true,"version":1}"#
        );
        let back = put(server, "7", &made.body);
        assert_eq!(back.status, 200, "{back}");
        assert_eq!(back.body.replace("\"version\":2", "\"version\":1"), made.body);
        let plain = put(server, "7", r#"{"name": "Oslo", "currency": "NOK"}"#);
        let found = ["/time_zone", "/invoice_prefix", "/success_url", "/success_hosts", "/test"]
            .map(|it| plain.at(it));
        assert_eq!(found, ["\"UTC\"", "\"INV7\"", "null", "[]", "false"]);
        let shown = server.get("/api/stores/7").by(&server.staff()).send();
        assert_eq!((&shown.body, shown.header("etag")), (&plain.body, Some("\"3\"")));
        let log = server.get("/api/admin/log?types=store.*").by(&server.staff()).send();
        assert_eq!(log.at("/entries/0/data"), made.body);
        assert_eq!(log.text("/entries/2/type"), "store.put");
    }

    fn the_currency_stays_once_there_are_orders(server: &TestServer) {
        let euro = r#"{"name": "First", "currency": "EUR"}"#;
        assert_eq!(put(server, "1", euro).status, 200);
        server.must_put("/api/stores/1", r#""name": "First", "currency": "USD""#);
        server.open_shop();
        server.order("jane", "p001", 1);
        assert_eq!(
            put(server, "1", euro).refusal(),
            "409 store_currency_fixed: Store 1 has orders, so its currency can't change \
             [/currency store_currency_fixed]"
        );
        let renamed = put(server, "1", r#"{"name": "Other", "currency": "USD"}"#);
        assert_eq!((renamed.status, renamed.text("/name")), (200, "Other".into()));
    }

    fn no_two_stores_number_alike(server: &TestServer) {
        let named = |prefix: &str| {
            format!(r#"{{"name": "A", "currency": "USD", "invoice_prefix": "{prefix}"}}"#)
        };
        let taken = |prefix: &str| {
            format!(
                "409 invoice_prefix_taken: The documents of another store are called '{prefix}' \
                 [/invoice_prefix invoice_prefix_taken]"
            )
        };
        assert_eq!(put(server, "2", &named("INV")).refusal(), taken("INV"));
        assert_eq!(put(server, "2", &named("A")).status, 201);
        assert_eq!(put(server, "3", &named("A")).refusal(), taken("A"));
        server.open_shop();
        server.order("jane", "p001", 1);
        assert_eq!(put(server, "1", &named("B")).status, 200);
        assert_eq!(put(server, "3", &named("INV")).refusal(), taken("INV"), "invoices bear it");
        assert_eq!(put(server, "1", &named("INV")).status, 200);
        let other = put(server, "3", &named("B"));
        assert_eq!(other.status, 409, "it was store 1's while it had orders");
    }
}

#[test]
fn every_faulty_field_is_named() {
    let server = TestServer::start();
    let check = |members: &str, faults: &str| {
        let reply = put(&server, "2", &format!("{{{members}}}"));
        let told = reply.refusal();
        let found = told.split_once('[').map(|(_, it)| it.trim_end_matches(']'));
        assert_eq!((reply.status, found), (400, Some(faults)), "{members}");
    };
    check("", "/name required, /currency required");
    let with = |member: &str, fault: &str| {
        check(&format!(r#""name": "A", "currency": "USD", {member}"#), fault);
    };
    check(r#""name": "A", "currency": "XYZ""#, "/currency unknown_currency");
    with(r#""store_id": 3"#, "/store_id id_mismatch");
    with(r#""time_zone": "Mars/Olympus""#, "/time_zone unknown_time_zone");
    for prefix in ["inv", "A B", "Å", "A/1"] {
        with(&format!(r#""invoice_prefix": "{prefix}""#), "/invoice_prefix invalid_prefix");
    }
    with(r#""invoice_prefix": "ABCDEFGHIJKLMNOPQ""#, "/invoice_prefix invalid_length");
    for url in ["ftp://a.example/", "/thanks", "shop.example", "https://", "https://u:p@a.example"]
    {
        with(&format!(r#""success_url": "{url}""#), "/success_url invalid_url");
    }
    for host in ["https://a.example", "a.example:80", "a.example/b", "u@a.example", "a b", "*.a"] {
        with(&format!(r#""success_hosts": ["{host}"]"#), "/success_hosts/0 invalid_host");
    }
    with(
        r#""success_url": "https://b.example/", "success_hosts": ["a.example"]"#,
        "/success_url host_not_listed",
    );
    with(r#""colour": "red""#, "/colour unknown_field");
    let nowhere = put(&server, "x", r#"{"name": "A", "currency": "USD"}"#);
    assert_eq!(nowhere.refusal(), "404 store_not_found: Store not found");
}
