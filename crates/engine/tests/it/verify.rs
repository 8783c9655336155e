//! The books are found right when they are, and wrong when somebody has spoilt them.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use engine::{Engine, clock::ManualClock, verify::differences};
use store::Purpose;

use crate::shop::{
    self, Random, assert_healthy, by_staff, cancel, collect, deliver, fill, place, ship,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_healthy() {
    let (_folder, store) = shop::database().await;
    assert_healthy(&*store.reads()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_reported_while_others_write() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    let seen_enough = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|seed| {
            let (engine, seen_enough) = (engine.clone(), seen_enough.clone());
            tokio::spawn(async move {
                let random = Random::new(seed);
                while !seen_enough.load(Ordering::Relaxed) {
                    _ = engine.submit(random.submission(200)).await;
                }
            })
        })
        .collect();
    let (mut looks, mut written) = (0, 0);
    while looks < 4 || written < 1000 {
        assert_healthy(&*store.reads()).await;
        looks += 1;
        written = engine.reads().last_seq().await.unwrap();
    }
    seen_enough.store(true, Ordering::Relaxed);
    for it in writers {
        it.await.unwrap();
    }
    assert_healthy(&*store.reads()).await;
    shop::stop(engine).await;
}

/// More events of an order than a page holds, and orders that wait for theirs over many pages.
#[tokio::test(flavor = "multi_thread")]
async fn events_that_come_late_find_their_orders() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    for customer in 0..600 {
        let placing = place(&format!("c{customer}"), &[(0, 1)]);
        engine.submit(by_staff(placing)).await.unwrap();
    }
    for no in (1..=600).rev().step_by(7) {
        engine.submit(by_staff(ship(no))).await.unwrap();
    }
    assert_healthy(&*store.reads()).await;
    shop::stop(engine).await;
}

/// What somebody does to the file, and the one sentence that tells of it.
struct Spoilt {
    sql: &'static str,
    told: &'static [&'static str],
}

/// Orders 1 to 6: delivered and paid; shipped; cancelled; cancelled when paid; open; open.
const SPOILT: &[Spoilt] = &[
    Spoilt {
        sql: "DELETE FROM events WHERE seq = 2",
        told: &[
            "the numbers of event should go on with 2, not 3",
            "the numbers of retrieval/1 should go on with 1, not 2",
            "the numbers of invoice/1/2025 should go on with 1, not 2",
            "order ORD1 differs from its events in confirmed_at, invoice, retrieval_no, \
             status_since, version",
        ],
    },
    Spoilt {
        sql: "DELETE FROM events WHERE seq = 14",
        told: &[
            "the numbers of event should go on with 14, not 15",
            "order ORD1 differs from its events in shipped_at, status_since, version",
        ],
    },
    Spoilt {
        sql: "DELETE FROM events WHERE seq = 24",
        told: &[
            "order ORD4 differs from its events in refunds, version",
            "the counter event stands at 24, the log at 23",
        ],
    },
    Spoilt {
        sql: "UPDATE counters SET value = 25 WHERE name = 'event'",
        told: &["the counter event stands at 25, the log at 24"],
    },
    Spoilt {
        sql: "UPDATE counters SET value = 23 WHERE name = 'event'",
        told: &["number 24 of event is there, and its counter is not so far"],
    },
    // Order 5 is of nobody's row, and order 99 is not there.
    Spoilt {
        sql: "INSERT INTO velocities VALUES (x'000102030405060708090a0b0c0d0e0f', 9000000000000,
            '{\"orders\":[{\"order\":5,\"at\":1},{\"order\":99,\"at\":1}],
              \"kept_until\":9000000000000}')",
        told: &[
            "order ORD5 is counted for a customer or address that it is not of",
            "order ORD99 is counted for a customer or address that it is not of",
        ],
    },
    Spoilt {
        sql: "UPDATE events SET at = at - 500 WHERE seq = 16",
        told: &["event 16 is of 2025-06-15T15:06:46.500Z, and the one before it of \
             2025-06-15T15:06:47Z"],
    },
    Spoilt {
        sql: "UPDATE counters SET value = value - 1 WHERE name = 'moment'",
        told: &["the counter moment stands at 1750000011999, the log at 1750000012000"],
    },
    Spoilt {
        sql: "UPDATE events SET order_no = NULL WHERE seq = 17",
        told: &[
            "event 17 should be about an order, and names none",
            "order ORD1 differs from its events in delivered_at, shipments, shipping_status, \
             status, updated_at, version",
        ],
    },
    Spoilt {
        sql: "UPDATE events SET order_no = 99 WHERE seq = 17",
        told: &[
            "order ORD1 differs from its events in delivered_at, shipments, shipping_status, \
             status, updated_at, version",
            "order ORD99 has events and is not there",
        ],
    },
    Spoilt {
        sql: "DELETE FROM events WHERE order_no = 6",
        told: &[
            "the numbers of event should go on with 11, not 13",
            "stock of p1 in main: 26 on hand and 4 reserved after 11 movements; by its \
             movements 26 on hand and 2 reserved after 10 movements",
            "stock of p2 in main: 28 on hand and 2 reserved after 11 movements; by its \
             movements 28 on hand and 1 reserved after 10 movements",
            "order ORD6 is there, and its events do not begin with its placing",
            "the counter order stands at 6, the log at 5",
            "the counter retrieval/1 stands at 6, the log at 5",
            "the counter invoice/1/2025 stands at 6, the log at 5",
        ],
    },
    Spoilt {
        sql: "DELETE FROM orders WHERE no = 5",
        told: &["order ORD5 has events and is not there"],
    },
    Spoilt {
        sql: "UPDATE orders SET document = json_set(document, '$.cancel_reason', 'none', \
              '$.version', 9) WHERE no = 4",
        told: &["order ORD4 differs from its events in cancel_reason, version"],
    },
    Spoilt {
        sql: "UPDATE orders SET document = json_set(document, '$.version', 1) WHERE no = 2",
        told: &["order ORD2 differs from its events in version"],
    },
    Spoilt {
        sql: "UPDATE counters SET value = 7 WHERE name = 'order'",
        told: &["the counter order stands at 7, the log at 6"],
    },
    Spoilt {
        sql: "UPDATE counters SET value = 5 WHERE name = 'order'",
        told: &[
            "the counter order stands at 5, the log at 6",
            "number 6 of order is there, and its counter is not so far",
        ],
    },
    Spoilt {
        sql: "UPDATE orders SET no = 8, document = json_set(document, '$.no', 8) WHERE no = 6",
        told: &[
            "order ORD6 has events and is not there",
            "number 8 of order is there, and its counter is not so far",
        ],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.retrieval_no', 7) WHERE seq = 12",
        told: &[
            "the numbers of retrieval/1 should go on with 6, not 7",
            "order ORD6 differs from its events in retrieval_no",
            "the counter retrieval/1 stands at 6, the log at 7",
        ],
    },
    Spoilt {
        sql: "UPDATE counters SET value = 5 WHERE name = 'retrieval/1'",
        told: &["the counter retrieval/1 stands at 5, the log at 6"],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.invoice.no', 2) WHERE seq = 6",
        told: &[
            "the numbers of invoice/1/2025 should go on with 3, not 2",
            "the numbers of invoice/1/2025 should go on with 3, not 4",
            "order ORD3 differs from its events in invoice",
        ],
    },
    Spoilt {
        sql: "UPDATE counters SET value = 9 WHERE name = 'invoice/1/2025'",
        told: &["the counter invoice/1/2025 stands at 9, the log at 6"],
    },
    Spoilt {
        sql: "INSERT INTO counters VALUES ('invoice/2/2025', 1)",
        told: &["the counter invoice/2/2025 stands at 1, the log at 0"],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.credit_note.no', 3) WHERE seq = 23",
        told: &[
            "the numbers of credit_note/1/2025 should go on with 2, not 3",
            "order ORD4 differs from its events in credit_note",
            "the counter credit_note/1/2025 stands at 2, the log at 3",
        ],
    },
    Spoilt {
        sql: "DELETE FROM counters WHERE name = 'credit_note/1/2025'",
        told: &["the counter credit_note/1/2025 stands at 0, the log at 2"],
    },
    Spoilt {
        sql: "UPDATE orders SET document = json_set(document, '$.total', 1) WHERE no = 5",
        told: &[
            "order ORD5 is not found by its own products, words and total alone",
            "the row of order ORD5 says another total",
            "order ORD5: lines, shipping, tax and discount do not make its total",
            "order ORD5 differs from its events in total",
        ],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.lines[0].total', 249) WHERE seq = 9; \
              UPDATE orders SET document = json_set(document, '$.lines[0].total', 249) WHERE no \
              = 5",
        told: &[
            "line 1 of order ORD5 is not price times quantity",
            "order ORD5: lines, shipping, tax and discount do not make its total",
        ],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.refund.amount', 9000) WHERE seq = 24; \
              UPDATE orders SET document = json_set(document, '$.refunds[0].amount', 9000) \
              WHERE no = 4",
        told: &["order ORD4: more was refunded than was paid"],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.shipping.amount', 9000000000000000) \
              WHERE seq = 9; UPDATE orders SET document = json_set(document, \
              '$.shipping.amount', 9000000000000000) WHERE no = 5",
        told: &["order ORD5: lines, shipping, tax and discount do not make its total"],
    },
    Spoilt {
        sql: "UPDATE events SET data = json_set(data, '$.lines[0].total', 9000000000000000, \
              '$.lines[1].total', 9000000000000000) WHERE seq = 9; UPDATE orders SET document = \
              json_set(document, '$.lines[0].total', 9000000000000000, '$.lines[1].total', \
              9000000000000000) WHERE no = 5",
        told: &[
            "line 1 of order ORD5 is not price times quantity",
            "line 2 of order ORD5 is not price times quantity",
            "order ORD5: its amounts are too large to be added up",
        ],
    },
    Spoilt {
        sql: "UPDATE stock SET on_hand = on_hand + 1 WHERE shelf = 1",
        told: &["stock of p1 in main: 27 on hand and 4 reserved after 11 movements; by its \
             movements 26 on hand and 4 reserved after 11 movements"],
    },
    Spoilt {
        sql: "UPDATE stock SET reserved = reserved - 1 WHERE shelf = 2",
        told: &["stock of p2 in main: 28 on hand and 1 reserved after 11 movements; by its \
             movements 28 on hand and 2 reserved after 11 movements"],
    },
    Spoilt {
        sql: "UPDATE stock SET version = version + 1 WHERE shelf = 2",
        told: &["stock of p2 in main: 28 on hand and 2 reserved after 12 movements; by its \
             movements 28 on hand and 2 reserved after 11 movements"],
    },
    Spoilt {
        sql: "UPDATE stock SET version = version - 1 WHERE shelf = 2",
        told: &["stock of p2 in main: 28 on hand and 2 reserved after 10 movements; by its \
             movements 28 on hand and 2 reserved after 11 movements"],
    },
    Spoilt {
        sql: "UPDATE stock SET reserved = on_hand + 1 WHERE shelf = 3",
        told: &[
            "stock of p3 in main: 30 on hand and 31 reserved after 1 movements, which can't be",
            "stock of p3 in main: 30 on hand and 31 reserved after 1 movements; by its \
             movements 30 on hand and 0 reserved after 1 movements",
        ],
    },
    Spoilt {
        sql: "UPDATE stock SET reserved = -1 WHERE shelf = 3",
        told: &[
            "stock of p3 in main: 30 on hand and -1 reserved after 1 movements, which can't be",
            "stock of p3 in main: 30 on hand and -1 reserved after 1 movements; by its \
             movements 30 on hand and 0 reserved after 1 movements",
        ],
    },
    Spoilt {
        sql: "DELETE FROM stock WHERE shelf = 1",
        told: &[
            "stock of p1 in main: not there; by its movements 26 on hand and 4 reserved after \
             11 movements",
        ],
    },
    Spoilt {
        sql: "INSERT INTO shelves VALUES ('p9', 'black', 'main', 9); \
              INSERT INTO stock VALUES (9, 1, 0, 1)",
        told: &["stock of p9/black in main: 1 on hand and 0 reserved after 1 movements; by its \
             movements 0 on hand and 0 reserved after 0 movements"],
    },
    Spoilt {
        sql: "DELETE FROM admin_events WHERE seq = 3",
        told: &["the numbers of admin_event should go on with 3, not 4"],
    },
    Spoilt {
        sql: "DELETE FROM admin_events WHERE seq = (SELECT max(seq) FROM admin_events)",
        told: &["the counter admin_event stands at 14, the log at 13"],
    },
    Spoilt {
        sql: "UPDATE counters SET value = value - 1 WHERE name = 'admin_event'",
        told: &["number 14 of admin_event is there, and its counter is not so far"],
    },
    Spoilt {
        sql: "UPDATE admin_events SET at = at + 999 WHERE seq = 3",
        told: &["admin_event 4 is of 2025-06-15T15:06:40Z, and the one before it of \
             2025-06-15T15:06:40.999Z"],
    },
    Spoilt {
        sql: "UPDATE orders SET state = (SELECT state FROM orders WHERE no = 1) WHERE no = 5",
        told: &["order ORD5 is missing from the list of confirmed orders"],
    },
    Spoilt {
        sql: "UPDATE orders SET state = 7 WHERE no = 5",
        told: &["order ORD5 is missing from the list of confirmed orders"],
    },
    Spoilt {
        sql: "UPDATE orders SET updated_at = updated_at + 99999 WHERE no = 5",
        told: &["order ORD5 is missing from the list by the last change"],
    },
    Spoilt {
        sql: "UPDATE orders SET updated_at = 0 WHERE no = 2",
        told: &["order ORD2 is missing from the list by the last change"],
    },
    Spoilt {
        sql: "UPDATE orders SET created_at = created_at + 1, total = 1 WHERE no = 5",
        told: &["the row of order ORD5 says another total, created_at"],
    },
    Spoilt {
        sql: "DELETE FROM order_products WHERE no = 5",
        told: &["order ORD5 is not found by its own products, words and total alone"],
    },
    Spoilt {
        sql: "INSERT INTO order_words VALUES (0, 'ann', 5)",
        told: &["order ORD5 is not found by its own products, words and total alone"],
    },
    Spoilt {
        sql: "UPDATE orders SET document = json_set(document, '$.person_erased', json('true'))
            WHERE no = 5",
        told: &[
            "order ORD5 has a person still, who was erased",
            "order ORD5 differs from its events in person_erased",
        ],
    },
    Spoilt {
        sql: "UPDATE order_totals SET total = total + 1 WHERE no = 5",
        told: &["order ORD5 is not found by its own products, words and total alone"],
    },
    Spoilt {
        sql: "INSERT INTO order_totals VALUES (0, 100, 77)",
        told: &["order ORD77 is not found by its own products, words and total alone"],
    },
    // What is not fed yet is not missing.
    Spoilt {
        sql: "DELETE FROM order_totals; DELETE FROM order_words; DELETE FROM order_products;
            DELETE FROM projections WHERE name = 'lists'",
        told: &[],
    },
    Spoilt {
        sql: "UPDATE orders SET customer_id = 'customer1' WHERE no = 5",
        told: &["order ORD5 is missing from the list of its customer"],
    },
    Spoilt {
        sql: "UPDATE orders SET customer_id = NULL WHERE no = 5",
        told: &["order ORD5 is missing from the list of its customer"],
    },
    Spoilt {
        sql: "UPDATE orders SET retrieval_no = 99 WHERE no = 5",
        told: &["order ORD5 is not found by its retrieval number"],
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_difference_is_found_and_told() {
    let mut wrong = String::new();
    for spoilt in SPOILT {
        let told = told(spoilt.sql).await;
        if told != spoilt.told {
            wrong += &format!("{}\n{told:#?}\n", spoilt.sql);
        }
    }
    assert!(wrong.is_empty(), "another thing is told:\n{wrong}");
}

async fn told(sql: &str) -> Vec<String> {
    let (folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    history(&engine, &clock).await;
    assert_healthy(engine.reads()).await;
    shop::settle(engine.reads()).await;
    shop::stop(engine).await;
    drop(store);
    let file = folder.path().join("orderd.db");
    spoil(&file, sql);
    // Opened again, as `orderd verify` does: nothing is remembered from before.
    let store = store::open(&format!("sqlite:{}", file.display()), Purpose::Beside).await.unwrap();
    let told = differences(&*store.reads()).await.unwrap();
    told.iter().map(ToString::to_string).collect()
}

async fn history(engine: &Engine, clock: &ManualClock) {
    for number in 1..=6 {
        let placing = place(&format!("customer{number}"), &[(1, 2), (2, 1), (0, 3)]);
        engine.submit(by_staff(placing)).await.unwrap();
        clock.advance_ms(1000);
    }
    for command in [ship(1), collect(1), deliver(1), ship(2), cancel(3), collect(4), cancel(4)] {
        engine.submit(by_staff(command)).await.unwrap();
        clock.advance_ms(1000);
    }
}

fn spoil(database: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.execute_batch("PRAGMA ignore_check_constraints = on").unwrap();
    connection.execute_batch(sql).unwrap();
}
