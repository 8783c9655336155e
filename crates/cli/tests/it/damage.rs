//! Every index by which orders are found is made of the log. Somebody spoils a row of one, in the
//! database itself, and `orderd verify` names the order; mended, the books are right again.

use std::{path::Path, time::Duration};

use rusqlite::Connection;
use serde_json::json;
use tokio::task::block_in_place;
use tokio_postgres::{Client, NoTls};

use crate::{
    database::Database,
    process::{Serving, assert_verified, run},
    shop::{Caller, order},
};

/// What is spoilt of one order, how on either store, and what is told. Where both have the same
/// rows, the second is empty.
struct Damage {
    sqlite: &'static str,
    postgres: &'static str,
    told: &'static str,
}

const ENTRIES: &str = "order ORD5 is not found by its own products, words and total alone";
const BY_STATUS: &str = "order ORD5 is missing from the list of confirmed orders";
const BY_CUSTOMER: &str = "order ORD5 is missing from the list of its customer";

const DAMAGES: &[Damage] = &[
    Damage {
        sqlite: "UPDATE orders SET customer_id = 'joe' WHERE no = 5",
        postgres: "",
        told: BY_CUSTOMER,
    },
    Damage {
        sqlite: "UPDATE orders SET state = state + 1 WHERE no = 5",
        postgres: "UPDATE orders SET status = 'shipped' WHERE no = 5",
        told: BY_STATUS,
    },
    Damage {
        sqlite: "UPDATE orders SET state = state + 16 WHERE no = 5",
        postgres: "UPDATE orders SET payment_status = 'paid' WHERE no = 5",
        told: BY_STATUS,
    },
    Damage {
        sqlite: "UPDATE orders SET state = state + 64 WHERE no = 5",
        postgres: "UPDATE orders SET shipping_status = 'partially_shipped' WHERE no = 5",
        told: BY_STATUS,
    },
    Damage {
        sqlite: "UPDATE orders SET state = state + 512 WHERE no = 5",
        postgres: "UPDATE orders SET review_status = 'under_review' WHERE no = 5",
        told: BY_STATUS,
    },
    Damage {
        sqlite: "UPDATE orders SET state = state + 2048 WHERE no = 5",
        postgres: "UPDATE orders SET on_hold = true WHERE no = 5",
        told: BY_STATUS,
    },
    Damage {
        sqlite: "UPDATE orders SET updated_at = 1 WHERE no = 5",
        postgres: "",
        told: "order ORD5 is missing from the list by the last change",
    },
    Damage {
        sqlite: "UPDATE orders SET retrieval_no = 99 WHERE no = 5",
        postgres: "",
        told: "order ORD5 is not found by its retrieval number",
    },
    Damage {
        sqlite: "UPDATE orders SET total = total + 1 WHERE no = 5",
        postgres: "",
        told: "the row of order ORD5 says another total",
    },
    Damage {
        sqlite: "UPDATE orders SET created_at = created_at + 1 WHERE no = 5",
        postgres: "",
        told: "the row of order ORD5 says another created_at",
    },
    Damage {
        sqlite: "UPDATE orders SET expires_at = 1 WHERE no = 5",
        postgres: "",
        told: "the row of order ORD5 says another expires_at",
    },
    Damage {
        sqlite: "UPDATE orders SET reference_id = 'x' WHERE no = 5",
        postgres: "",
        told: "the row of order ORD5 says another reference_id",
    },
    Damage {
        sqlite: "DELETE FROM order_products WHERE no = 5 AND product_id = 'p5'",
        postgres: "",
        told: ENTRIES,
    },
    Damage {
        sqlite: "UPDATE order_products SET product_id = 'p7' WHERE no = 5 AND product_id = 'p5'",
        postgres: "",
        told: ENTRIES,
    },
    Damage {
        sqlite: "DELETE FROM order_words WHERE no = 5 AND word = 'number5'",
        postgres: "",
        told: ENTRIES,
    },
    Damage {
        sqlite: "INSERT INTO order_words (segment, word, no) VALUES (0, 'somebody', 5)",
        postgres: "",
        told: ENTRIES,
    },
    Damage { sqlite: "DELETE FROM order_totals WHERE no = 5", postgres: "", told: ENTRIES },
    Damage {
        sqlite: "UPDATE order_totals SET total = total + 1 WHERE no = 5",
        postgres: "",
        told: ENTRIES,
    },
];

/// The tables of a spoilt order, which has no other rows.
const TABLES: [&str; 4] = ["orders", "order_products", "order_words", "order_totals"];

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_spoilt_row_of_each_index_is_named_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::sqlite();
    fill(folder.path(), &database.url).await;
    let file = Connection::open(folder.path().join("orderd.db")).unwrap();
    check(folder.path(), &database.url, &Beside::Sqlite(file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_spoilt_row_of_each_index_is_named_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::postgres().await;
    fill(folder.path(), &database.url).await;
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let beside = Beside::Postgres(client);
    check(folder.path(), &database.url, &beside).await;
    drop(beside);
    connection.await.unwrap().unwrap();
    database.drop().await;
}

/// Nine orders, and nobody serves them any more.
async fn fill(folder: &Path, database: &str) {
    let serving = block_in_place(|| Serving::start(folder, database));
    let staff = Caller::staff(&serving);
    staff.fill().await;
    for number in 1..10 {
        let mut body = order(number, &format!("jane{number}"));
        body["deliveryAddress"]["name"] = json!(format!("Jane Number{number}"));
        staff.place(&format!("key-{number}"), &body).await.unwrap();
    }
    // Only what was fed can be spoilt.
    for _ in 0..1000 {
        let page = staff.get("/api/orders?q=jane&sort=-total").await;
        if page["orders"].as_array().map(Vec::len) == Some(9) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    block_in_place(|| serving.end());
}

async fn check(folder: &Path, database: &str, beside: &Beside) {
    for table in TABLES {
        let save = format!("CREATE TABLE saved_{table} AS SELECT * FROM {table} WHERE no = 5");
        beside.execute(&save).await;
    }
    let mut wrong = String::new();
    for Damage { sqlite, postgres, told } in DAMAGES {
        beside.execute(beside.sql(sqlite, postgres)).await;
        let output = block_in_place(|| run(folder, &["verify", "--database", database]));
        let found = String::from_utf8(output.stdout).unwrap();
        if output.status.code() != Some(1) || found.lines().next() != Some(told) {
            wrong += &format!("{sqlite}: {found}");
        }
        for table in TABLES {
            let mend = format!(
                "DELETE FROM {table} WHERE no = 5; INSERT INTO {table} SELECT * FROM saved_{table}"
            );
            beside.execute(&mend).await;
        }
    }
    assert!(wrong.is_empty(), "another thing is told:\n{wrong}");
    block_in_place(|| assert_verified(folder, database));
}

/// A connection of somebody who should not have one.
enum Beside {
    Sqlite(Connection),
    Postgres(Client),
}

impl Beside {
    fn sql<'s>(&self, sqlite: &'s str, postgres: &'s str) -> &'s str {
        match self {
            Beside::Postgres(_) if !postgres.is_empty() => postgres,
            Beside::Sqlite(_) | Beside::Postgres(_) => sqlite,
        }
    }

    async fn execute(&self, sql: &str) {
        match self {
            Beside::Sqlite(file) => file.execute_batch(sql).unwrap(),
            Beside::Postgres(client) => client.batch_execute(sql).await.unwrap(),
        }
    }
}
