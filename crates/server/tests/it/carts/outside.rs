//! `POST /api/orders` from a cart that an outside service keeps.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Path,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream;
use server::Settings;
use testkit::server::{Backend, Reply, TestServer, Wish};
use tokio::runtime::Runtime;

const PATIENCE: Duration = Duration::from_millis(400);

/// Jane's, in the shape of our own; its price is not ours.
const CART: &str = r#"{"cart_id": "c1", "user_id": "jane", "store_id": 1, "status": "open",
    "currency": "USD", "items": [{"product_id": "p001", "variant_id": null, "quantity": 2,
    "price": 0.01, "name": "A gift", "total": 0.02, "available": 9}], "delivery_method_id": null,
    "shipping_address": {"name": "Jane Doe", "company": null, "address": "123 Main St",
    "address2": null, "city": "New York", "state": "NY", "zip": "10001", "country": "US",
    "phone": null}, "billing_address": null, "contact": {"email": "jane@example.com",
    "phone": null}, "subtotal": 0.02, "shipping_total": 0.00, "total": 0.02, "version": 3,
    "expires_at": null, "a_field_of_theirs": true}"#;

/// A cart service that answers as the cart's name says.
struct Service {
    /// Dropped, it is away.
    runtime: Option<Runtime>,
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Service {
    fn start() -> Service {
        let runtime = Runtime::new().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let routes = Router::new().route(
            "/shop/carts/{id}",
            get(move |Path(id): Path<String>| {
                count.fetch_add(1, Ordering::SeqCst);
                answer(id)
            }),
        );
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/shop/carts/", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Service { runtime: Some(runtime), url, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn answer(id: String) -> Response {
    let with = |from: &str, to: &str| CART.replace("c1", &id).replace(from, to).into_response();
    let large = || vec![b' '; 300_000];
    match id.as_str() {
        "c1" | "here" | "_-.~" => with("", ""),
        "joes" => with("\"jane\"", "\"joe\""),
        "guests" => with("\"jane\"", "null"),
        "ordered" => with("\"open\"", "\"ordered\""),
        "empty" => CART
            .replace("c1", "empty")
            .replace("\"items\": [{", "\"items\": [], \"x\": [{")
            .into_response(),
        "unicorns" => with("p001", "unicorn"),
        "many" => with("\"quantity\": 2", "\"quantity\": 900"),
        "other" => CART.into_response(),
        "card" => with("123 Main St", "4111 1111 1111 1111"),
        "none" => with("\"quantity\": 2", "\"quantity\": 0"),
        "rubbish" => "<html>Welcome</html>".into_response(),
        "nothing" => ().into_response(),
        "moved" => (StatusCode::FOUND, [(LOCATION, "/shop/carts/c1")], CART).into_response(),
        "large" => large().into_response(),
        "endless" => {
            let spaces =
                stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 999])));
            Body::from_stream(spaces).into_response()
        }
        "slow" => {
            tokio::time::sleep(10 * PATIENCE).await;
            with("", "")
        }
        "drops" => {
            let drops = stream::unfold((), |()| async {
                tokio::time::sleep(PATIENCE / 8).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
            });
            Body::from_stream(drops).into_response()
        }
        "failing" => (StatusCode::INTERNAL_SERVER_ERROR, CART).into_response(),
        "busy" => (StatusCode::TOO_MANY_REQUESTS, CART).into_response(),
        "closed" => (StatusCode::FORBIDDEN, CART).into_response(),
        "gone" => (StatusCode::GONE, CART).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn shop(backend: Backend, cart_url: &str) -> TestServer {
    let settings = Settings { cart_patience: PATIENCE, ..Settings::default() };
    let cart_url = Some(cart_url.to_owned());
    let server = TestServer::with(Wish { backend, settings, cart_url, ..Wish::default() });
    server.open_shop();
    server
}

fn body(cart: &str, members: &str) -> String {
    format!(r#"{{"cart_id": "{cart}", "payment_method": "invoice"{members}}}"#)
}

fn order(server: &TestServer, token: &str, cart: &str) -> Reply {
    server.post("/api/orders").by(token).json(body(cart, "")).send()
}

fn an_outside_cart_is_ordered_once(backend: Backend) {
    let mut service = Service::start();
    let server = shop(backend, &service.url);
    let jane = server.token("jane", "");
    let place = || server.post("/api/orders").by(&jane).key("k").json(body("c1", "")).send();
    let first = place();
    assert_eq!((first.status, first.header("location")), (201, Some("/api/orders/ORD1")));
    let placed = server.get("/api/orders/ORD1").by(&jane).send();
    assert_eq!(placed.at("/items/0/name"), "\"USB Cable\"");
    assert_eq!([placed.at("/items/0/price"), placed.at("/total")], ["10.00", "30.00"]);
    assert_eq!(placed.text("/contact/email"), "jane@example.com");
    assert_eq!(placed.text("/shipping_address/city"), "New York");
    assert_eq!((server.shelf("p001"), service.asked()), ((100, 2), 1));

    // What was ordered is known here, whether the service answers or not.
    for is_there in [true, false] {
        if !is_there {
            service.stop();
        }
        let again = order(&server, &jane, "c1");
        let told = "409 cart_already_ordered: Cart 'c1' has been ordered: it is order ORD1";
        assert_eq!((again.refusal(), again.text("/order_id")), (told.into(), "ORD1".into()));
        let repeated = place();
        assert_eq!((repeated.status, &repeated.body), (201, &first.body));
        assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
    }
    server.clock().advance_ms(300 * 24 * 3600 * 1000);
    let cart = server.get("/api/carts/c1").by(&jane).send();
    assert_eq!((cart.text("/status"), cart.at("/expires_at")), ("ordered".into(), "null"));
    assert_eq!((server.shelf("p001"), service.asked()), ((100, 2), 1));
}

#[test]
fn an_outside_cart_is_ordered_once_on_memory() {
    an_outside_cart_is_ordered_once(Backend::Memory);
}

#[test]
fn an_outside_cart_is_ordered_once_on_sqlite() {
    an_outside_cart_is_ordered_once(Backend::Sqlite);
}

#[test]
fn an_outside_cart_is_ordered_once_on_postgres() {
    an_outside_cart_is_ordered_once(Backend::Postgres);
}

fn of_many_at_once_one_is_placed(backend: Backend) {
    let service = Service::start();
    let server = shop(backend, &service.url);
    let jane = server.token("jane", "");
    let call = |_| server.post("/api/orders").by(&jane).json(body("c1", ""));
    let replies = server.at_once((0..16).map(call).collect());
    let placed = replies.iter().filter(|it| it.status == 201).count();
    let refused = replies.iter().filter(|it| it.status == 409);
    let refused = refused.filter(|it| it.code() == "409 cart_already_ordered").count();
    assert_eq!((placed, refused), (1, 15));
    assert_eq!(server.shelf("p001"), (100, 2));
}

#[test]
fn of_many_at_once_one_is_placed_on_sqlite() {
    of_many_at_once_one_is_placed(Backend::Sqlite);
}

#[test]
fn of_many_at_once_one_is_placed_on_postgres() {
    of_many_at_once_one_is_placed(Backend::Postgres);
}

#[test]
fn what_the_service_answers_is_judged_here() {
    let service = Service::start();
    let server = shop(Backend::Sqlite, &service.url);
    let jane = server.token("jane", "");
    let before = server.last_seq();
    let check = |cart: &str, expected: &str| {
        let reply = order(&server, &jane, cart);
        assert!(reply.refusal().starts_with(expected), "{cart}: {}", reply.refusal());
        assert!(!reply.body.contains("4111"), "{cart}: card data is repeated");
        let waits = reply.header("retry-after").is_some();
        assert_eq!(waits, reply.status == 503, "{cart}: {reply}");
        let kept = server.get(&format!("/api/carts/{cart}")).by(&jane).send();
        assert_eq!(kept.status, 404, "{cart} is remembered");
    };
    let (no_cart, silent) = ("404 cart_not_found: Cart not found", "503 cart_service_unavailable");
    check("unknown", no_cart);
    check("gone", no_cart);
    check("joes", no_cart);
    check("guests", no_cart);
    check("ordered", "409 cart_already_ordered: Cart 'ordered' has been ordered");
    check("empty", "400 cart_empty");
    check("unicorns", "404 product_not_found");
    check(
        "many",
        "400 insufficient_stock: Product 'USB Cable' has insufficient stock. Available: 100",
    );
    for cart in ["other", "card", "none", "rubbish", "nothing", "moved", "large", "endless"] {
        check(cart, "502 cart_unreadable: The cart service has answered what is no cart");
    }
    check("closed", "502 cart_unreadable");
    check("failing", silent);
    check("busy", silent);
    check("slow", silent);
    check("drops", silent);
    assert_eq!((server.last_seq(), server.shelf("p001")), (before, (100, 0)));
    let asked = service.asked();
    check("..", no_cart);
    check(".", no_cart);
    assert_eq!(service.asked(), asked, "a step in a path is no cart");
    assert_eq!(order(&server, &jane, "c1").status, 201, "and nobody is any the worse for it");
}

#[test]
fn staff_order_for_whom_the_service_names() {
    let service = Service::start();
    let server = shop(Backend::Sqlite, &service.url);
    let place = |cart: &str, token: &str, members: &str| {
        server.post("/api/orders").by(token).json(body(cart, members)).send()
    };
    let (staff, joe) = (server.staff(), server.token("joe", ""));
    let none = "404 cart_not_found: Cart not found";
    assert_eq!(place("c1", &joe, "").refusal(), none);
    assert_eq!(place("c1", &joe, r#", "user_id": "jane""#).code(), "403 forbidden");
    assert_eq!(place("c1", &staff, r#", "user_id": null"#).refusal(), none);
    assert_eq!(place("guests", &staff, r#", "user_id": "jane""#).refusal(), none);
    assert_eq!(place("guests", &staff, r#", "user_id": null"#).status, 201);
    assert_eq!(place("c1", &staff, r#", "user_id": "jane""#).status, 201);
    assert_eq!(place("joes", &joe, "").status, 201);
    let order = server.get("/api/orders/ORD3").by(&joe).send();
    assert_eq!(order.text("/user_id"), "joe");
}

#[test]
fn a_cart_of_ours_is_not_asked_for() {
    let service = Service::start();
    let server = shop(Backend::Sqlite, &service.url);
    let jane = server.token("jane", "");
    let items = r#"{"items": [{"product_id": "p003", "quantity": 1}]}"#;
    assert_eq!(server.put("/api/carts/here").by(&jane).json(items).send().status, 201);
    let refused = order(&server, &jane, "here").refusal();
    assert!(refused.contains("A delivery address is required"), "{refused}");
    assert_eq!(service.asked(), 0);
    // Gone here, it is the service's.
    assert_eq!(server.delete("/api/carts/here").by(&jane).send().status, 204);
    assert_eq!(order(&server, &jane, "here").status, 201);
    assert_eq!((server.shelf("p001"), service.asked()), ((100, 2), 1));
}

#[test]
fn a_dry_run_tells_what_would_be() {
    let service = Service::start();
    let server = shop(Backend::Sqlite, &service.url);
    let jane = server.token("jane", "");
    let rehearse =
        |cart: &str| server.post("/api/orders?dry_run=true").by(&jane).json(body(cart, "")).send();
    let told = rehearse("c1");
    assert_eq!((told.status, told.at("/status"), told.at("/order/total")), (200, "201", "30.00"));
    assert_eq!(rehearse("failing").at("/status"), "503");
    assert_eq!(rehearse("rubbish").at("/status"), "502");
    assert_eq!(order(&server, &jane, "c1").status, 201, "it was not consumed");
}

/// It says how long its answer is, and ends before.
fn cut_short(listener: &TcpListener) {
    let (mut connection, _) = listener.accept().unwrap();
    let mut request = [0; 4096];
    let read = connection.read(&mut request).unwrap();
    assert!(request[..read].starts_with(b"GET /carts/c1 HTTP/1.1\r\n"));
    let half = &CART[..CART.len() / 2];
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{half}", CART.len());
    connection.write_all(head.as_bytes()).unwrap();
}

#[test]
fn a_service_that_is_away_or_breaks_off_is_no_fault_of_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://me:secret@{}/carts", listener.local_addr().unwrap());
    let server = shop(Backend::Sqlite, &url);
    let jane = server.token("jane", "");
    let silent = "503 cart_service_unavailable: The cart service does not answer; come again soon";
    let serving = std::thread::spawn(move || {
        cut_short(&listener);
        listener
    });
    assert_eq!(order(&server, &jane, "c1").refusal(), silent);
    drop(serving.join().unwrap());
    assert_eq!(order(&server, &jane, "c1").refusal(), silent, "nobody listens there");
    let erp = server.token("erp", "orders:write");
    let told = server.post("/api/orders").by(&erp).json(body("c1", r#", "user_id": "x""#)).send();
    assert_eq!(told.refusal(), silent);
}
