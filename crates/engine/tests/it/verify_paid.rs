//! What was wanted outside is held against the orders that wanted it.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use domain::OrderNo;
use engine::verify::differences;
use futures_util::future::{join, join_all};
use store::Purpose;

use crate::{
    paid_shop::{PaidShop, eventually},
    provider::Fate,
    shop::{self, assert_healthy, by_staff, cancel},
};

/// What somebody does to the file, and what is told of it.
///
/// Order 1 is paid. Order 2 was paid and is cancelled, its refund on its way. Order 3 waits for
/// its customer.
const SPOILT: &[(&str, &[&str])] = &[
    (
        "UPDATE effects SET order_no = 9, document = json_set(document, '$.order', 9) \
         WHERE effect_id = 're_2_1'",
        &["effect re_2_1 is open, and its order is not there"],
    ),
    (
        "DELETE FROM effects WHERE effect_id = 're_2_1'",
        &["refund re_2_1 of order ORD2 is pending, and nobody is asked for it"],
    ),
    (
        "UPDATE effects SET is_open = 0, document = json_set(document, '$.state', \
         json('{\"done\": \"nothing\"}')) WHERE effect_id = 're_2_1'",
        &["refund re_2_1 of order ORD2 is pending, and nobody is asked for it"],
    ),
    (
        "INSERT INTO effects SELECT 're_1_1', 1, due_at, is_open, json_set(document, \
         '$.id', 're_1_1', '$.order', 1) FROM effects WHERE effect_id = 're_2_1'",
        &["effect re_1_1 is open, and its order has no such pending refund"],
    ),
    (
        "UPDATE effects SET is_open = 0 WHERE effect_id = 're_2_1'",
        &["effect re_2_1 is open, and no job finds it"],
    ),
    (
        "UPDATE orders SET expires_at = NULL WHERE no = 3",
        &["the row of order ORD3 says another expires_at"],
    ),
    (
        "UPDATE orders SET expires_at = 7 WHERE no = 1",
        &["the row of order ORD1 says another expires_at"],
    ),
    (
        "UPDATE effects SET document = json_set(document, '$.state.done.intent.intent', 'pi_9') \
         WHERE effect_id = 'pay_3_1'",
        &["effect pay_3_1 has made an intent, and order ORD3 has no payment of it"],
    ),
    (
        "UPDATE events SET data = json_set(data, '$.refund.amount', 90000) WHERE data LIKE \
         '%re_2_1%'; UPDATE orders SET document = json_set(document, '$.refunds[0].amount', 90000) \
         WHERE no = 2",
        &["order ORD2: more was refunded than was paid"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_difference_is_found_and_told() {
    let mut wrong = String::new();
    for (sql, expected) in SPOILT {
        let told = told(sql).await;
        if told != *expected {
            wrong += &format!("{sql}\n{told:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "another thing is told:\n{wrong}");
}

async fn told(sql: &str) -> Vec<String> {
    let (folder, store) = shop::database().await;
    let shop = PaidShop::on(store).await;
    history(&shop).await;
    shop.close().await;
    let file = folder.path().join("orderd.db");
    spoil(&file, sql);
    let store = store::open(&format!("sqlite:{}", file.display()), Purpose::Beside).await.unwrap();
    let told = differences(&*store.reads()).await.unwrap();
    told.iter().map(ToString::to_string).collect()
}

async fn history(shop: &PaidShop) {
    shop.sell().await;
    shop.sell().await;
    shop.provider.always("refund", Fate::Pending);
    shop.engine.submit(by_staff(cancel(2))).await.unwrap();
    shop.place().await;
    eventually(async || shop.effect("re_2_1").await?.last_error).await;
}

fn spoil(database: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// Orders are paid, cancelled and refunded while the books are checked, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_reported_while_money_moves() {
    let (_folder, store) = shop::database().await;
    let shop = PaidShop::on(store).await;
    let (is_done, looks) = (AtomicBool::new(false), AtomicUsize::new(0));
    let writing = async {
        join_all((0..4).map(|writer| write(&shop, writer, &looks))).await;
        is_done.store(true, Ordering::Relaxed);
    };
    let checking = async {
        while !is_done.load(Ordering::Relaxed) {
            assert_healthy(shop.engine.reads()).await;
            looks.fetch_add(1, Ordering::Relaxed);
        }
    };
    join(writing, checking).await;
    assert!(shop.order(OrderNo(100)).await.confirmed_at.is_some());
    shop.close().await;
}

/// A hundred orders in all, and more while the books were not looked at often enough.
async fn write(shop: &PaidShop, writer: usize, looks: &AtomicUsize) {
    let mut round = 0;
    while round < 25 || looks.load(Ordering::Relaxed) <= 3 {
        round += 1;
        let order = shop.sell().await;
        if (round + writer).is_multiple_of(2) {
            shop.engine.submit(by_staff(cancel(order.no.0))).await.unwrap();
        }
        shop.engine.submit(by_staff(shop::adjust_stock(2, 1))).await.unwrap();
    }
}
