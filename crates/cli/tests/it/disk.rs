//! A disk that is full, a file that somebody else holds, a folder that can't be written: changes
//! are refused, what was acknowledged is there, and all goes on when the trouble is over.

use std::{
    collections::BTreeMap, os::unix::fs::PermissionsExt, path::Path, process::Command,
    time::Duration,
};

use rusqlite::Connection;
use tokio::time::sleep;

use crate::{
    process::{ORDERD, Serving, assert_verified, orderd},
    shop::{Caller, Unplaced, assert_exactly, order},
};

const DATABASE: &str = "sqlite:orderd.db";

async fn place(staff: &Caller, number: u64) -> Result<String, Unplaced> {
    staff.place(&format!("key-{number}"), &order(number, "jane")).await
}

/// Places until it works, as a client does that is told to come again.
async fn place_at_last(staff: &Caller, number: u64) -> String {
    for _ in 0..100 {
        match place(staff, number).await {
            Ok(location) => return location,
            Err(Unplaced::ComeAgain(_)) => sleep(Duration::from_millis(100)).await,
            Err(Unplaced::NoAnswer(error)) => panic!("{error}"),
        }
    }
    panic!("order {number} is refused although all is well again");
}

async fn is_ready(staff: &Caller) -> bool {
    let answer = staff.send(reqwest::Method::GET, "/readyz", None, None).await;
    answer.unwrap().status().is_success()
}

/// The limit is one of the process's own files, which it need not be root for, and which can be
/// lifted while it runs.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_has_room_again_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), DATABASE);
    Caller::staff(&serving).fill().await;
    serving.end();
    let mut command = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -S -f 2048; exec \"$0\" \"$@\"";
    command.args(["-c", limited, ORDERD]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", DATABASE]);
    command.current_dir(folder.path());
    command.env("ORDERD_LOG_FILTER", "off").env("ORDERD_RATE_LIMIT", "off");
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);

    let mut placed = BTreeMap::new();
    let mut refused = Vec::new();
    for number in 1..=3000 {
        match place(&staff, number).await {
            Ok(location) => _ = placed.insert(number, location),
            Err(Unplaced::ComeAgain(says_when)) => {
                assert!(says_when);
                refused.push(number);
            }
            Err(Unplaced::NoAnswer(error)) => panic!("{error}"),
        }
        if refused.len() > 5 {
            break;
        }
    }
    assert!(!placed.is_empty() && !refused.is_empty(), "{} and {}", placed.len(), refused.len());
    assert!(is_ready(&staff).await, "reads go on");
    assert_exactly(&staff, &placed).await;

    let pid = serving.id().to_string();
    let lifted = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status();
    assert!(lifted.unwrap().success());
    for number in refused {
        placed.insert(number, place_at_last(&staff, number).await);
    }
    for number in 5001..5050 {
        placed.insert(number, place(&staff, number).await.expect("there is room"));
    }
    assert_exactly(&staff, &placed).await;
    serving.end();
    assert_verified(folder.path(), DATABASE);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_file_that_somebody_else_holds_is_waited_for_and_then_refused() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    let mut placed = BTreeMap::new();
    placed.insert(1, place(&staff, 1).await.unwrap());

    let other = Connection::open(folder.path().join("orderd.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting: Vec<_> = (2..6)
        .map(|number| {
            let staff = staff.clone();
            tokio::spawn(async move { place(&staff, number).await })
        })
        .collect();
    sleep(Duration::from_millis(200)).await;
    assert_exactly(&staff, &placed).await;
    for waiting in waiting {
        let said = waiting.await.unwrap();
        assert!(matches!(said, Err(Unplaced::ComeAgain(true))), "{said:?}");
    }
    assert_exactly(&staff, &placed).await;

    // One that waits when the file is free again has lost nothing but time.
    let late = tokio::spawn({
        let staff = staff.clone();
        async move { place(&staff, 2).await }
    });
    sleep(Duration::from_millis(300)).await;
    other.execute_batch("ROLLBACK").unwrap();
    placed.insert(2, late.await.unwrap().unwrap());
    for number in 3..6 {
        placed.insert(number, place(&staff, number).await.unwrap());
    }
    assert_exactly(&staff, &placed).await;
    serving.end();
    assert_verified(folder.path(), DATABASE);
}

/// Root may write everywhere, so there the server runs as somebody else.
fn as_nobody(folder: &Path) -> Command {
    let usual = orderd(folder, &["serve", "--listen", "127.0.0.1:0", "--database", DATABASE]);
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = match is_root {
        false => Command::new(ORDERD),
        true => {
            let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(folder).status();
            assert!(owned.unwrap().success());
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", ORDERD]);
            command
        }
    };
    command.args(usual.get_args()).current_dir(folder);
    command.env("ORDERD_LOG_FILTER", "off").env("ORDERD_RATE_LIMIT", "off");
    command
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_stops_a_start_and_no_server_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let allow = |mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path(), mode).unwrap();
    };
    let serving = Serving::of(as_nobody(folder.path()), folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    allow(0o555);
    let mut placed = BTreeMap::new();
    for number in 1..50 {
        match place(&staff, number).await {
            Ok(location) => _ = placed.insert(number, location),
            Err(Unplaced::ComeAgain(says_when)) => assert!(says_when),
            Err(Unplaced::NoAnswer(error)) => panic!("{error}"),
        }
    }
    assert_exactly(&staff, &placed).await;
    serving.kill();

    // What a start has to make is not there.
    allow(0o755);
    std::fs::remove_file(folder.path().join("orderd.db.lock")).unwrap();
    allow(0o555);
    let without_lock = as_nobody(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&without_lock.stderr);
    assert!(!without_lock.status.success() && said.contains("orderd.db"), "{said}");

    allow(0o755);
    let serving = Serving::of(as_nobody(folder.path()), folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    assert_exactly(&staff, &placed).await;
    placed.insert(51, place(&staff, 51).await.unwrap());
    assert_exactly(&staff, &placed).await;
    serving.end();
    assert_verified(folder.path(), DATABASE);
}
