//! The example of a shop's day, run as it stands on a new database of each kind: what it prints is
//! the same on both, and this.

use std::process::Command;

use crate::{
    database::Database,
    process::{Serving, assert_verified},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop-day.sh");

const TOLD: &str = include_str!("shop_day.txt");

#[test]
fn a_shops_day_on_sqlite() {
    let database = Database::sqlite();
    assert_eq!(told(&database.url), TOLD);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shops_day_on_postgres() {
    let database = Database::postgres().await;
    let told = tokio::task::block_in_place(|| told(&database.url));
    assert_eq!(told, TOLD);
    database.drop().await;
}

fn told(database: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), database);
    let mut command = Command::new("bash");
    command.arg(SCRIPT).env("H", &serving.address);
    for (name, subject, scope) in
        [("JANE", "jane", "customer"), ("JOE", "joe", "customer"), ("STAFF", "boss", "staff")]
    {
        command.env(name, serving.token(subject, scope));
    }
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    serving.end();
    assert_verified(folder.path(), database);
    told
}
