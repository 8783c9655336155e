//! `orderd backup`: a copy that is made while orders are placed has all that was acknowledged
//! before it was begun, and its books are right.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use crate::{
    kill::{Load, key},
    process::{Serving, assert_verified, run},
    shop::{Caller, order},
};

const DATABASE: &str = "sqlite:orderd.db";

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_under_load_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), DATABASE);
    Caller::staff(&serving).fill().await;
    let placed = Arc::new(Mutex::new(BTreeMap::new()));
    let last = Arc::new(AtomicU64::new(0));
    let load = Load::start(&serving, &placed, &last, Vec::new());
    tokio::time::sleep(Duration::from_millis(800)).await;
    let before = placed.lock().unwrap().clone();
    let output = run(folder.path(), &["backup", "--database", DATABASE, "copy.db"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("copy.db has everything up to event "), "{said}");
    assert!(!before.is_empty(), "nothing was placed before");
    assert!(load.stop().await.is_empty(), "some orders were refused meanwhile");
    serving.end();
    assert_verified(folder.path(), DATABASE);

    // The copy serves on another path, as after the loss of the first.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::rename(folder.path().join("copy.db"), elsewhere.path().join("orderd.db")).unwrap();
    assert_verified(elsewhere.path(), DATABASE);
    let serving = Serving::start(elsewhere.path(), DATABASE);
    let staff = Caller::staff(&serving);
    for (number, location) in &before {
        let found = staff.get(location).await;
        assert_eq!(found["metadata"]["number"], number.to_string(), "{location}");
        let again = staff.place(&key(*number), &order(*number, "jane")).await;
        assert_eq!(again.unwrap(), *location, "its key is there too");
    }
    let new = last.load(std::sync::atomic::Ordering::SeqCst) + 1;
    staff.place(&key(new), &order(new, "jane")).await.unwrap();
    serving.end();
    assert_verified(elsewhere.path(), DATABASE);
}

#[test]
fn what_cannot_be_copied_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("there.db"), "somebody's").unwrap();
    assert!(run(folder.path(), &["migrate", "--database", DATABASE]).status.success());
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let check = |database: &str, file: &str, told: &str| {
        let output = run(folder.path(), &["backup", "--database", database, file]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(told), "{database} {file}: {said}");
        assert!(!said.contains("geheim"), "{said}");
    };
    check("sqlite:missing.db", "copy.db", "there is no database at missing.db");
    check(DATABASE, "there.db", "there.db is there already");
    check(DATABASE, "no/folder/copy.db", "no/folder/copy.db");
    check("postgres://shop:geheim@127.0.0.1/shop", "copy.db", "pg_dump");
    check("memory:", "copy.db", "in memory");
    assert_eq!(std::fs::read(folder.path().join("there.db")).unwrap(), b"somebody's");
    assert_eq!(names(), before, "nothing is left of what could not be made");
}
