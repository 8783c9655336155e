//! `GET /api/orders` as a table or as lines of JSON: all of a list.

use testkit::server::{Reply, TestServer};

fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    server.stock("p001", 10_000);
    server
}

fn stream(server: &TestServer, token: &str, kind: &str, query: &str) -> Reply {
    server.get(&format!("/api/orders?{query}")).by(token).header("Accept", kind).send()
}

/// The cells of the table, read as RFC 4180 says.
fn cells(table: &str) -> Vec<Vec<String>> {
    let mut lines = vec![vec![String::new()]];
    let mut is_quoted = false;
    let mut letters = table.chars().peekable();
    while let Some(letter) = letters.next() {
        let line = lines.last_mut().unwrap();
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                line.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => line.push(String::new()),
            '\r' if !is_quoted => {
                assert_eq!(letters.next(), Some('\n'));
                lines.push(vec![String::new()]);
            }
            letter => line.last_mut().unwrap().push(letter),
        }
    }
    assert_eq!(lines.pop(), Some(vec![String::new()]), "the last line is ended too");
    lines
}

#[test]
fn a_table_has_a_line_for_each_order() {
    let server = shop();
    let order = r#"{"user_id": "-jane", "items": [{"product_id": "p001", "quantity": 2}],
        "shipping_address": {"name": "=HYPERLINK(\"x\"), Jane", "address": "1 Main St\nBack door",
            "city": "New York", "state": "NY", "zip": "10001", "country": "US", "phone": "+1 555"},
        "notes": "say \"hi\"", "metadata": {"k": "=1"}}"#;
    let placed = server.post("/api/orders").by(&server.staff()).json(order).send();
    assert_eq!(placed.status, 204, "{placed}");
    let reply = stream(&server, &server.staff(), "text/csv", "expand=items,addresses,payments");
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let disposition = "attachment; filename=\"orders.csv\"";
    assert_eq!(reply.header("content-disposition"), Some(disposition));
    assert_eq!(reply.header("x-as-of-seq"), Some("2"));
    let lines = cells(&reply.body);
    assert_eq!(lines.len(), 2);
    let of = |name: &str| {
        let place = lines[0].iter().position(|it| it == name).expect("a column of this name");
        lines[1][place].as_str()
    };
    assert_eq!(of("order_id"), "ORD1");
    assert_eq!(of("user_id"), "'-jane");
    assert_eq!(of("total"), "30.00");
    assert_eq!(of("on_hold"), "false");
    assert_eq!(of("created_at"), "2025-06-27T12:00:00Z");
    assert_eq!(of("shipped_at"), "");
    assert_eq!(of("shipping_name"), "'=HYPERLINK(\"x\"), Jane");
    assert_eq!(of("shipping_address"), "1 Main St\nBack door");
    assert_eq!(of("shipping_phone"), "'+1 555");
    assert_eq!(of("billing_name"), "");
    assert_eq!(of("notes"), "say \"hi\"");
    assert_eq!(of("metadata"), r#"{"k":"=1"}"#);
    assert!(of("items").starts_with(r#"[{"line":1,"product_id":"p001","#), "{}", of("items"));
    assert!(of("items").contains(r#""price":10.00"#), "{}", of("items"));
    assert_eq!(of("payments"), "[]");
}

/// More than a few pages, in the order of the list, and just those that the filter means.
#[test]
fn lines_are_all_of_the_list() {
    let server = shop();
    for _ in 0..450 {
        server.order("jane", "p001", 1);
    }
    server.order("joe", "p001", 1);
    let ids = |reply: &Reply| -> Vec<u64> {
        let id = |line: &str| {
            let order: serde_json::Value = serde_json::from_str(line).unwrap();
            order["order_id"].as_str().unwrap().strip_prefix("ORD").unwrap().parse().unwrap()
        };
        reply.body.lines().map(id).collect()
    };
    let every = stream(&server, &server.staff(), "application/x-ndjson", "");
    assert_eq!(every.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(ids(&every), (1..=451).rev().collect::<Vec<u64>>());
    let oldest = stream(&server, &server.staff(), "application/x-ndjson", "sort=created_at");
    assert_eq!(ids(&oldest), (1..=451).collect::<Vec<u64>>());
    let own = stream(&server, &server.token("jane", ""), "application/x-ndjson", "");
    assert_eq!(ids(&own), (1..=450).rev().collect::<Vec<u64>>());
    let table = stream(&server, &server.staff(), "text/csv", "user_id=jane,joe");
    assert_eq!(cells(&table.body).len(), 452);
    let none = stream(&server, &server.staff(), "application/x-ndjson", "status=pending");
    assert_eq!((none.status, none.body.as_str()), (200, ""));
    let none = stream(&server, &server.staff(), "text/csv", "status=pending");
    assert_eq!(cells(&none.body).len(), 1, "the names of the columns alone");
}

#[test]
fn a_line_is_the_entry_of_a_page() {
    let server = shop();
    server.order("jane", "p001", 1);
    let query = "expand=items,payments";
    let page = server.get(&format!("/api/orders?{query}")).by(&server.staff()).send();
    let line = stream(&server, &server.staff(), "application/x-ndjson", query);
    assert_eq!(line.body, format!("{}\n", page.at("/orders/0")));
}

#[test]
fn what_a_stream_can_not_be_asked() {
    let server = shop();
    for query in ["limit=10", "cursor=AAAA", "count=true"] {
        let reply = stream(&server, &server.staff(), "text/csv", query);
        assert_eq!(reply.code(), "400 unknown_parameter", "{query}");
    }
    let reply = stream(&server, &server.token("jane", ""), "text/csv", "user_id=joe");
    assert_eq!(reply.code(), "403 forbidden");
}

#[test]
fn a_page_is_what_is_given_to_whoever_takes_anything() {
    let server = shop();
    for kind in ["*/*", "application/json", "text/html, */*;q=0.1", "image/png"] {
        let reply = stream(&server, &server.staff(), kind, "");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{kind}");
    }
}
