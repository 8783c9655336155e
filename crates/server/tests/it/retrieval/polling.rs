//! Shops that poll as fast as they can, by number and by day, while 64 clients place, pay late and
//! cancel, and midnight passes: each has every complete order in the end, and none twice.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use testkit::server::{Payable, Reply, TestServer, order_of};

use super::Shop;

const CLIENTS: u64 = 64;
const ROUNDS: u64 = 4;

/// Eleven and a half hours after the test's noon.
const LATE_MS: i64 = 11 * 3_600_000 + 1_800_000;
/// How far the clock goes on at a time, and how often: past midnight, and past the time that an
/// unpaid order has.
const STEP_MS: i64 = 60_000;
const STEPS: u64 = 75;
/// How far back a poller by day looks.
const BACK_MS: i64 = 30 * 60_000;

#[test]
fn every_poller_has_every_order_once_on_sqlite() {
    check(&TestServer::start());
}

#[test]
fn every_poller_has_every_order_once_on_postgres() {
    check(&TestServer::on(testkit::server::Backend::Postgres));
}

fn check(server: &TestServer) {
    let shop = Shop::open(server);
    server.stock("p001", 100_000);
    server.clock().advance_ms(LATE_MS);
    let (open, is_over) = (AtomicU64::new(CLIENTS), AtomicBool::new(false));
    let (by_number, by_day) = thread::scope(|scope| {
        let by_number: Vec<_> =
            (0..2).map(|_| scope.spawn(|| poll_by_number(&shop, &is_over))).collect();
        let by_day: Vec<_> = (0..2).map(|_| scope.spawn(|| poll_by_day(&shop, &is_over))).collect();
        scope.spawn(|| pass_time(server, &open));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let open = &open;
                scope.spawn(move || {
                    let paid = shop_around(server, client);
                    open.fetch_sub(1, Ordering::Relaxed);
                    paid
                })
            })
            .collect();
        for payable in clients.into_iter().flat_map(|it| it.join().unwrap()) {
            settle(server, &payable);
        }
        is_over.store(true, Ordering::Relaxed);
        let numbers: Vec<_> = by_number.into_iter().map(|it| it.join().unwrap()).collect();
        let days: Vec<_> = by_day.into_iter().map(|it| it.join().unwrap()).collect();
        (numbers, days)
    });
    let complete = complete(server);
    assert!(complete.len() as u64 > CLIENTS, "{} orders are complete", complete.len());
    let numbers: BTreeSet<u64> = (1..=complete.len() as u64).collect();
    assert_eq!(complete, numbers, "there are no gaps");
    for seen in by_number {
        assert_eq!(seen, complete.iter().copied().collect::<Vec<_>>(), "each once, and in order");
    }
    for seen in by_day {
        assert_eq!(seen, complete);
    }
    // Two days, and no order is of both.
    let of_day =
        |day: &str| told(&shop, &format!(r#""sinceDate": "{day}", "throughDate": "{day}""#));
    let (first, second) = (of_day("20250627"), of_day("20250628"));
    assert!(!first.is_empty() && !second.is_empty(), "midnight has passed while they came");
    assert_eq!([first, second].concat(), complete.into_iter().collect::<Vec<_>>());
}

/// Goes on until the clients have, and a little beyond what they pay late for.
fn pass_time(server: &TestServer, open: &AtomicU64) {
    let mut steps = 0;
    while steps < STEPS || open.load(Ordering::Relaxed) > 0 {
        thread::sleep(Duration::from_millis(40));
        if steps < STEPS {
            server.clock().advance_ms(STEP_MS);
        }
        steps += 1;
    }
}

/// Remembers the last number that it saw.
fn poll_by_number(shop: &Shop<'_>, is_over: &AtomicBool) -> Vec<u64> {
    let mut seen = Vec::new();
    loop {
        let is_last = is_over.load(Ordering::Relaxed);
        let last = seen.last().copied().unwrap_or(0);
        seen.extend(told(shop, &format!(r#""sinceOrderId": "1-{last}""#)));
        if is_last {
            return seen;
        }
    }
}

/// Asks for the day that it was a while before it has asked last, since what is on its way to the
/// disk at midnight is of the day before; and imports what it does not have.
fn poll_by_day(shop: &Shop<'_>, is_over: &AtomicBool) -> BTreeSet<u64> {
    let mut seen = BTreeSet::new();
    let mut day = today(shop.server);
    loop {
        let (is_last, next) = (is_over.load(Ordering::Relaxed), today(shop.server));
        seen.extend(told(shop, &format!(r#""sinceDate": {day}"#)));
        day = next;
        if is_last {
            return seen;
        }
    }
}

fn today(server: &TestServer) -> String {
    use engine::clock::Clock;
    server.clock().now().plus_ms(-BACK_MS).to_string()[..10].replace('-', "")
}

fn told(shop: &Shop<'_>, members: &str) -> Vec<u64> {
    let ids = shop.numbers(members);
    ids.iter().map(|it| it.strip_prefix("1-").unwrap().parse().unwrap()).collect()
}

/// What one client does; the orders that it has paid.
fn shop_around(server: &TestServer, client: u64) -> Vec<Payable> {
    let customer = format!("customer{client}");
    let token = server.token(&customer, "");
    let mut paid = Vec::new();
    for round in 0..ROUNDS {
        match (client + round) % 4 {
            0 => _ = server.order(&customer, "p001", 1),
            1 => {
                let order = server.order(&customer, "p001", 1);
                // Complete and cancelled: it keeps its number.
                let call = server.delete(&format!("/api/orders/{order}")).by(&server.staff());
                assert_eq!(call.send().status, 200);
            }
            2 => {
                let payable = place_with_payment(server, &token);
                let call = server.delete(&payable.path("")).by(&token);
                assert!([200, 409].contains(&call.send().status));
            }
            _ => {
                let payable = place_with_payment(server, &token);
                // In time or when it has expired, as it falls.
                thread::sleep(Duration::from_millis(17 * (client % 16) * (round + 1)));
                let path = format!("/sandbox/payments/{}/confirm", payable.intent);
                let reply = server.post(&path).by(&server.staff()).send();
                assert!([200, 409].contains(&reply.status), "{reply}");
                if reply.status == 200 {
                    paid.push(payable);
                }
            }
        }
    }
    paid
}

fn place_with_payment(server: &TestServer, token: &str) -> Payable {
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    Payable::of(&server.post("/api/orders/with-payment").by(token).json(body).send())
}

/// Waits until the server knows of a payment, and has done what follows from it.
fn settle(server: &TestServer, payable: &Payable) {
    let is_settled = |reply: &Reply| {
        let payment = reply.text("/payment_status");
        payment == "paid" || payment == "refunded"
    };
    for _ in 0..500 {
        let reply = server.get(&payable.path("")).by(&server.staff()).send();
        if is_settled(&reply) {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("nobody has heard of the payment of {}", payable.order);
}

/// The numbers of all orders that have one, by the shop's own lists.
fn complete(server: &TestServer) -> BTreeSet<u64> {
    let call = server.get("/api/orders?sort=created_at").by(&server.staff());
    let reply = call.header("Accept", "application/x-ndjson").send();
    let ids = reply.body.lines().filter_map(|line| {
        let id = testkit::server::value_at(line, "/retrieval_id")?.trim_matches('"').to_owned();
        id.strip_prefix("1-").map(|it| it.parse().unwrap())
    });
    ids.collect()
}
