//! Databases of other releases: those of old ones are opened, those of newer ones are left alone.

use std::path::Path;

use rusqlite::Connection;

use crate::{
    process::{Serving, assert_verified, run},
    shop::{Caller, Unplaced, order},
};

const DATABASE: &str = "sqlite:orderd.db";

/// A shop with four orders, as each release has left it. A release adds its own:
/// `cargo nextest run -p cli --run-ignored only writes_the_database_of_this_release`.
const RELEASES: &[(&str, &str)] = &[("0.1", include_str!("releases/0.1.sql"))];

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_every_release_is_opened() {
    for (release, dump) in RELEASES {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("orderd.db")).unwrap();
        connection.execute_batch(dump).unwrap();
        drop(connection);
        assert_verified(folder.path(), DATABASE);

        let serving = Serving::start(folder.path(), DATABASE);
        let staff = Caller::staff(&serving);
        for (id, status) in [
            ("ORD1", "confirmed"),
            ("ORD2", "shipped"),
            ("ORD3", "delivered"),
            ("1-4", "cancelled"),
        ] {
            let found = staff.get(&format!("/api/orders/{id}")).await;
            assert_eq!(found["status"], status, "{id} of {release}");
            assert_eq!(found["shipping_address"]["city"], "New York", "{id} of {release}");
        }
        // A key of then is still known, and what it placed can be moved on.
        let again = staff.place("key-1", &order(1, "jane")).await.unwrap();
        assert_eq!(again, "/api/orders/ORD1", "{release}");
        staff.put("/api/orders/ORD1/status", &serde_json::json!({"status": "shipped"})).await;
        let new: Result<String, Unplaced> = staff.place("key-5", &order(5, "jane")).await;
        assert_eq!(new.unwrap(), "/api/orders/ORD5", "{release}");
        serving.end();
        assert_verified(folder.path(), DATABASE);
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["migrate", "--database", DATABASE]).status.success());
    let connection = Connection::open(folder.path().join("orderd.db")).unwrap();
    let newer = "INSERT INTO refinery_schema_history
        SELECT 9999, 'from_the_future', applied_on, checksum FROM refinery_schema_history LIMIT 1";
    connection.execute_batch(newer).unwrap();
    drop(connection);
    let before = std::fs::read(folder.path().join("orderd.db")).unwrap();
    for command in ["serve", "migrate", "verify"] {
        let output = run(folder.path(), &[command, "--database", DATABASE]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{command}");
        assert!(said.contains("newer") && said.contains("9999"), "{command}: {said}");
    }
    assert_eq!(std::fs::read(folder.path().join("orderd.db")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a release runs it once, to add its file"]
async fn writes_the_database_of_this_release() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    for number in 1..=4 {
        staff.place(&format!("key-{number}"), &order(number, "jane")).await.unwrap();
    }
    for (no, status) in [(2, "shipped"), (3, "shipped"), (3, "delivered"), (4, "cancelled")] {
        let path = format!("/api/orders/ORD{no}/status");
        staff.put(&path, &serde_json::json!({"status": status})).await;
    }
    serving.end();
    let release = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    let manifest = env!("CARGO_MANIFEST_DIR");
    let path = format!("{manifest}/tests/it/releases/{release}.sql");
    std::fs::write(path, dump(&folder.path().join("orderd.db"))).unwrap();
}

/// A database as statements that make it again, without its secrets.
fn dump(database: &Path) -> String {
    let connection = Connection::open(database).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let made = "FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    let mut lines = Vec::new();
    for table in texts(&format!("SELECT name {made} AND type = 'table' ORDER BY name")) {
        let sql = format!("SELECT sql {made} AND type = 'table' AND name = '{table}'");
        lines.extend(texts(&sql));
        if table == "secrets" {
            continue;
        }
        let columns =
            texts(&format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"));
        let row = columns.join(" || ', ' || ");
        lines.extend(texts(&format!(
            "SELECT 'INSERT INTO {table} VALUES (' || {row} || ')' FROM {table}"
        )));
    }
    lines.extend(texts(&format!("SELECT sql {made} AND type != 'table' ORDER BY name")));
    lines.iter().map(|it| format!("{it};\n")).collect()
}
