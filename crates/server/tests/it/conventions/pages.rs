//! Lists come in pages: the next one is found by its cursor or its link, and a deep page goes on
//! where the last one ended.

use testkit::server::{Reply, TestServer};

fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    for _ in 0..7 {
        server.order("jane", "p001", 1);
    }
    server
}

fn names(page: &Reply, list: &str, id: &str) -> Vec<String> {
    let names = (0..).map_while(|index| {
        let pointer = format!("/{list}/{index}/{id}");
        page.has(&pointer).then(|| page.text(&pointer))
    });
    names.collect()
}

/// Follows the links from a first page; what each page holds.
fn walk(server: &TestServer, first: &str, list: &str, id: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut path = first.to_owned();
    loop {
        let page = server.get(&path).by(&server.staff()).send();
        assert_eq!(page.status, 200, "{path}: {page}");
        pages.push(names(&page, list, id));
        let Some(link) = page.header("link") else {
            assert_eq!(page.at("/next_cursor"), "null");
            return pages;
        };
        let target = link.strip_prefix('<').and_then(|it| it.strip_suffix(">; rel=\"next\""));
        path = target.expect("a link to the next page").to_owned();
        let cursor = format!("cursor={}", page.text("/next_cursor"));
        assert!(path.ends_with(&cursor), "{path} {cursor}");
        assert!(pages.len() < 20, "the pages never end");
    }
}

#[test]
fn pages_join_without_a_gap_or_a_repeat() {
    let server = shop();
    let orders = |query: &str| walk(&server, &format!("/api/orders?{query}"), "orders", "order_id");
    let named = |numbers: &[u8]| numbers.iter().map(|it| format!("ORD{it}")).collect::<Vec<_>>();
    assert_eq!(orders("limit=3"), [named(&[7, 6, 5]), named(&[4, 3, 2]), named(&[1])]);
    assert_eq!(orders("limit=7"), [named(&[7, 6, 5, 4, 3, 2, 1])]);
    assert_eq!(
        orders("sort=created_at&limit=4&status=confirmed&user_id=jane"),
        [named(&[1, 2, 3, 4]), named(&[5, 6, 7])]
    );
    assert_eq!(orders("limit=2&user_id=joe"), [Vec::<String>::new()]);
    let products = walk(&server, "/api/products?limit=2", "products", "product_id");
    assert_eq!(products, [vec!["p001", "p002"], vec!["p003"]]);
}

/// What comes in meanwhile moves nothing between the pages.
#[test]
fn a_page_goes_on_where_the_last_one_ended() {
    let server = shop();
    let first = server.get("/api/orders?limit=3").by(&server.staff()).send();
    server.order("jane", "p001", 1);
    server.advance("ORD4", "shipped");
    let next = format!("/api/orders?limit=200&cursor={}", first.text("/next_cursor"));
    let page = server.get(&next).by(&server.staff()).send();
    assert_eq!(names(&page, "orders", "order_id"), ["ORD4", "ORD3", "ORD2", "ORD1"]);
}

#[test]
fn a_cursor_is_bound_to_its_list() {
    let server = shop();
    let first = server.get("/api/orders?limit=3&status=confirmed").by(&server.staff()).send();
    let cursor = first.text("/next_cursor");
    let check = |path: &str, expected: &str| {
        let reply = server.get(path).by(&server.staff()).send();
        let found = if reply.status == 200 { "200".into() } else { reply.refusal() };
        assert_eq!(found, expected, "{path}");
    };
    let refused = "400 invalid_cursor: cursor is not a cursor of this list with this filter and \
                   sort [/cursor invalid_cursor]";
    check(&format!("/api/orders?status=confirmed&cursor={cursor}"), "200");
    check(&format!("/api/orders?limit=9&count=true&status=confirmed&cursor={cursor}"), "200");
    check(&format!("/api/orders?cursor={cursor}"), refused);
    check(&format!("/api/orders?status=shipped&cursor={cursor}"), refused);
    check(&format!("/api/orders?status=confirmed&sort=created_at&cursor={cursor}"), refused);
    check(&format!("/api/products?cursor={cursor}"), refused);
    let flipped = if cursor.ends_with('A') { 'B' } else { 'A' };
    let forged = format!("{}{flipped}", &cursor[1..]);
    for other in ["", "x", "%00", "AAAA", &forged, &cursor[..cursor.len() - 2], &"A".repeat(4000)] {
        check(&format!("/api/orders?status=confirmed&cursor={other}"), refused);
    }
}

#[test]
fn counts_are_given_where_they_are_asked_for() {
    let server = shop();
    let list = |query: &str| server.get(&format!("/api/orders?{query}")).by(&server.staff()).send();
    assert!(!list("limit=2").has("/count"));
    assert!(!list("limit=2&count=false").has("/count"));
    assert_eq!(list("limit=2&count=true").at("/count"), "7");
    assert_eq!(list("limit=2&count=true&status=shipped").at("/count"), "0");
    let next = list("limit=5&count=true").text("/next_cursor");
    assert_eq!(list(&format!("cursor={next}&count=true")).at("/count"), "7", "of all pages");
}

#[test]
fn a_page_has_1_to_200_entries_50_by_default() {
    let server = shop();
    server.stock("p001", 1000);
    for _ in 0..50 {
        server.order("jane", "p001", 1);
    }
    let count = |query: &str| {
        let reply = server.get(&format!("/api/orders?{query}")).by(&server.staff()).send();
        names(&reply, "orders", "order_id").len()
    };
    assert_eq!((count(""), count("limit=1"), count("limit=200")), (50, 1, 57));
}
