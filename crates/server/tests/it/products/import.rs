//! `POST /api/products/import`.

use testkit::server::{Reply, TestServer};

const NDJSON: &str = "application/x-ndjson";
const CSV: &str = "text/csv";

fn import(server: &TestServer, kind: &str, file: impl Into<Vec<u8>>) -> Reply {
    let call = server.post("/api/products/import").by(&server.staff());
    call.bytes(kind, file.into()).send()
}

/// The counts, and the faults by line: `2+1 [2 /price required]`.
fn told(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply}");
    let mut faults = Vec::new();
    for line in (0..).take_while(|line| reply.has(&format!("/errors/{line}"))) {
        let at = format!("/errors/{line}");
        for fault in (0..).take_while(|it| reply.has(&format!("{at}/errors/{it}"))) {
            let of = |name: &str| reply.text(&format!("{at}/errors/{fault}/{name}"));
            assert!(!of("detail").is_empty(), "{reply}");
            let number = reply.at(&format!("{at}/line"));
            faults.push(format!("{number} {} {}", of("pointer"), of("code")));
        }
    }
    let more = if reply.at("/errors_truncated") == "true" { "…" } else { "" };
    format!("{}+{} [{}{more}]", reply.at("/imported"), reply.at("/failed"), faults.join(", "))
}

fn shown(server: &TestServer, id: &str) -> Reply {
    server.get(&format!("/api/products/{id}")).by(&server.staff()).send()
}

on_every_store! {
    fn a_file_of_lines_is_imported(server: &TestServer) {
        let file = concat!(
            "\u{FEFF}",
            "{\"product_id\": \"p1\", \"name\": \"Lamp\", \"price\": 20, \"on_hand\": 5}\r\n",
            "\n   \n",
            "{\"product_id\": \"p2\", \"name\": \"Mug\", \"price\": 9.999}\n",
            "{\"product_id\": \"p3\", \"name\": \"Bag\", \"price\": 1, \"variants\": ",
            "[{\"variant_id\": \"a\", \"name\": \"A\", \"on_hand\": 7}]}\n",
            "{\"product_id\": \"p1\", \"name\": \"Lamp 2\", \"price\": 21}",
        );
        let reply = import(server, NDJSON, file);
        assert_eq!(told(&reply), "3+1 [4 /price validation_failed]");
        let lamp = shown(server, "p1");
        assert_eq!((lamp.text("/name").as_str(), lamp.at("/price")), ("Lamp 2", "21.00"));
        assert_eq!(server.shelf("p1"), (5, 0));
        assert_eq!(server.shelf("p3?variant_id=a"), (7, 0));
        assert_eq!(shown(server, "p2").status, 404);
    }
}

#[test]
fn a_repeated_import_changes_nothing() {
    let server = TestServer::start();
    let file = r#"{"product_id": "p1", "name": "Lamp", "price": 20, "on_hand": 5}"#;
    assert_eq!(told(&import(&server, NDJSON, file)), "1+0 []");
    let before = (server.last_admin_seq(), shown(&server, "p1").body);
    let call = server.post("/api/products/import").by(&server.staff()).key("import");
    let again = call.bytes(NDJSON, file.into()).send();
    assert_eq!(told(&again), "1+0 []");
    assert_eq!(again.header("idempotent-replayed"), None, "no answer is kept");
    assert_eq!((server.last_admin_seq(), shown(&server, "p1").body), before);
}

#[test]
fn every_fault_of_a_line_is_named() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 3);
    let check = |line: &[u8], expected: &str| {
        let before = server.last_admin_seq();
        assert_eq!(told(&import(&server, NDJSON, line)), format!("0+1 [{expected}]"));
        assert_eq!(server.last_admin_seq(), before);
    };
    check(b"{", "1  invalid_json");
    check(b"7", "1  invalid_type");
    check(b"{\"name\": \"\xFF\"}", "1  invalid_utf8");
    check(
        br#"{"price": -1, "colour": 2, "on_hand": -3}"#,
        "1 /product_id required, 1 /on_hand out_of_range, 1 /name required, \
         1 /price out_of_range, 1 /colour unknown_field",
    );
    check(
        br#"{"product_id": "p001", "name": "Visa 4111 1111 1111 1111", "price": 1}"#,
        "1 /name card_data_refused",
    );
    check(
        br#"{"product_id": "p001", "name": "A", "price": 1, "on_hand": 2}"#,
        "1 /on_hand stock_below_reserved",
    );
    check(
        br#"{"product_id": "p9", "name": "A", "price": 1, "track_stock": false, "on_hand": 2}"#,
        "1 /on_hand stock_not_tracked",
    );
    check(
        b"{\"product_id\": \"p9\", \"name\": \"A\", \"price\": 1, \"on_hand\": 2, \
          \"variants\": [{\"variant_id\": \"a\", \"name\": \"A\"}]}",
        "1 /on_hand variant_required",
    );
}

#[test]
fn a_line_may_be_so_long() {
    let server = TestServer::start();
    let line = |id: &str, length: usize| {
        let line = format!(r#"{{"product_id": "{id}", "name": "A", "price": 1}}"#);
        format!("{line}{}\n", " ".repeat(length - line.len()))
    };
    let max = 64 * 1024;
    let file = [line("p1", max), line("p2", max + 1), line("p3", 3 * max), line("p4", 80)];
    let reply = import(&server, NDJSON, file.concat());
    assert_eq!(told(&reply), "2+2 [2  line_too_long, 3  line_too_long]");
    let name = "n".repeat(max);
    let file = format!("product_id,name,price\np5,\"{name}\n\",1\np6,A,1\n");
    let reply = import(&server, CSV, file);
    assert_eq!(told(&reply), "1+1 [2  line_too_long]");
    let all = server.get("/api/products").by(&server.staff()).send();
    assert_eq!(all.body.matches("\"product_id\"").count(), 3);
}

#[test]
fn what_is_told_of_failed_lines_is_bounded() {
    let server = TestServer::start();
    let reply = import(&server, NDJSON, "{}\n".repeat(1001));
    assert_eq!((reply.at("/failed"), reply.at("/errors_truncated")), ("1001", "true"));
    assert!(reply.has("/errors/999") && !reply.has("/errors/1000"));
    let faulty = format!(r#"{{"{}": 1}}"#, "x".repeat(60_000));
    let reply = import(&server, NDJSON, format!("{faulty}\n").repeat(10));
    assert_eq!((reply.at("/failed"), reply.at("/errors_truncated")), ("10", "true"));
    assert!(reply.body.len() < 300_000, "{}", reply.body.len());
    let many: Vec<String> = (0..50).map(|it| format!("\"x{it}\": 1")).collect();
    let reply = import(&server, NDJSON, format!("{{{}}}", many.join(",")));
    assert_eq!(reply.at("/errors_truncated"), "true");
    assert!(reply.has("/errors/0/errors/9") && !reply.has("/errors/0/errors/10"));
}

#[test]
fn a_table_is_imported() {
    let server = TestServer::start();
    let file = concat!(
        "\u{FEFF}product_id,name,price,active,weight_grams,variants,metadata,on_hand\r\n",
        "p1,\"Lamp, \"\"tall\"\"\",20.10,TRUE,,,,5\r\n",
        "\r\n",
        "p2,\"two\nlines\",1,false,30,\"[{\"\"variant_id\"\": \"\"a\"\", \"\"name\"\": \"\"A\"\", ",
        "\"\"on_hand\"\": 2}]\",\"{\"\"a\"\": \"\"b\"\"}\",\r\n",
        "p3,A,many,yes,,[,,\r\n",
        "p4,A\r\n",
        "p5,A,1,,,,,,,,,,,,,,,,,,,,\r\n",
        "p6,,1.001,,,,,0\r\n",
        "p7,Last,7,,,,,",
    );
    let reply = import(&server, CSV, file);
    assert_eq!(
        told(&reply),
        "3+4 [6 /variants invalid_json, 6 /price invalid_type, 6 /active invalid_type, \
         7  invalid_length, 8  invalid_length, 9 /name required]"
    );
    let lamp = shown(&server, "p1");
    assert_eq!((lamp.text("/name").as_str(), lamp.at("/price")), ("Lamp, \"tall\"", "20.10"));
    assert_eq!(server.shelf("p1"), (5, 0));
    let second = shown(&server, "p2");
    assert_eq!((second.at("/active"), second.at("/weight_grams")), ("false", "30"));
    assert_eq!(second.text("/metadata/a"), "b");
    assert_eq!(server.shelf("p2?variant_id=a"), (2, 0));
    assert_eq!(shown(&server, "p7").text("/name"), "Last");
}

#[test]
fn a_table_needs_its_columns() {
    let server = TestServer::start();
    let check = |header: &str, expected: &str| {
        let reply = import(&server, CSV, format!("{header}\np1,A,1,2\n"));
        assert!(reply.refusal().ends_with(expected), "{header}: {reply}");
        assert_eq!(shown(&server, "p1").status, 404);
    };
    check("product_id,name,price,colour", "[/colour unknown_field]");
    check("product_id,name,price,name", "[/name duplicate_field]");
    check("product_id,sku", "[/name required, /price required]");
    assert_eq!(import(&server, CSV, "").code(), "400 validation_failed");
    assert_eq!(told(&import(&server, CSV, "product_id,name,price\n")), "0+0 []");
    assert_eq!(told(&import(&server, NDJSON, "")), "0+0 []");
}

#[test]
fn who_may_import_and_how() {
    let server = TestServer::start();
    let file = r#"{"product_id": "import", "name": "A", "price": 1}"#;
    let post = |path: &str| server.post(path);
    let path = "/api/products/import";
    assert_eq!(post(path).bytes(NDJSON, file.into()).send().code(), "401 token_required");
    let by_customer = post(path).by(&server.token("jane", "")).bytes(NDJSON, file.into()).send();
    assert_eq!(by_customer.code(), "403 forbidden");
    let json = post(path).by(&server.staff()).json(file).send();
    assert_eq!(json.code(), "415 unsupported_media_type");
    let query = post("/api/products/import?x=1").by(&server.staff());
    assert_eq!(query.bytes(NDJSON, file.into()).send().code(), "400 unknown_parameter");
    let erp = server.token("erp", "catalog:write");
    assert_eq!(told(&post(path).by(&erp).bytes(NDJSON, file.into()).send()), "1+0 []");
    // A product may have the name of this very address.
    assert_eq!(shown(&server, "import").text("/product_id"), "import");
    assert_eq!(server.call("DELETE", path).by(&server.staff()).send().status, 204);
}

#[test]
fn a_dry_run_judges_and_stores_nothing() {
    let server = TestServer::start();
    let file = concat!(
        "{\"product_id\": \"p1\", \"name\": \"A\", \"price\": 1}\n",
        "{\"product_id\": \"p2\", \"name\": \"A\", \"price\": 1.001}\n",
    );
    let call = server.post("/api/products/import?dry_run=true").by(&server.staff());
    let reply = call.bytes(NDJSON, file.into()).send();
    assert_eq!((reply.status, reply.at("/status")), (200, "200"));
    assert_eq!((reply.at("/body/imported"), reply.at("/body/failed")), ("1", "1"));
    assert_eq!(reply.at("/body/errors/0/line"), "2");
    assert_eq!(server.last_admin_seq(), 0);
    assert_eq!(shown(&server, "p1").status, 404);
}

#[test]
fn more_lines_than_may_wait_are_all_there() {
    let server = TestServer::start();
    let count = 2_000;
    let lines = (0..count).map(|it| {
        format!("{{\"product_id\": \"p{it}\", \"name\": \"P\", \"price\": 1, \"on_hand\": {it}}}\n")
    });
    let reply = import(&server, NDJSON, lines.collect::<String>());
    assert_eq!(told(&reply), format!("{count}+0 []"));
    for it in [0, 1, 999, 1_999] {
        assert_eq!(server.shelf(&format!("p{it}")), (it, 0));
    }
    assert_eq!(server.last_admin_seq(), 2 * count - 1, "of none on hand nothing is told");
}
