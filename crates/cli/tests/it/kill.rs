//! `kill -9` at any moment, and whatever was acknowledged is there, once.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;

use crate::{
    database::Database,
    process::{Serving, assert_verified, orderd},
    shop::{Caller, Unplaced, assert_exactly, order},
};

/// How often the process is killed, and by how many clients it is kept busy.
const ROUNDS: (&str, u64) = ("ORDERD_TEST_KILL_ROUNDS", 6);
const CLIENTS: (&str, u64) = ("ORDERD_TEST_KILL_CLIENTS", 16);
/// The same seed kills after the same pauses.
const SEED: (&str, u64) = ("ORDERD_TEST_KILL_SEED", 0);

#[tokio::test(flavor = "multi_thread")]
async fn slow_what_was_acknowledged_survives_a_kill_on_sqlite() {
    survive(Database::sqlite()).await;
}

/// The process is killed and the database lives.
#[tokio::test(flavor = "multi_thread")]
async fn slow_what_was_acknowledged_survives_a_kill_on_postgres() {
    survive(Database::postgres().await).await;
}

async fn survive(of_this_test: Database) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let seed = match setting(SEED) {
        0 => u64::from(std::process::id()),
        seed => seed,
    };
    println!("{}={seed}", SEED.0);
    let serving = Serving::start(folder.path(), database);
    Caller::staff(&serving).fill().await;
    let mut serving = Some(serving);

    let placed = Arc::new(Mutex::new(BTreeMap::new()));
    // The last number given, and those that nobody has acknowledged yet.
    let last = Arc::new(AtomicU64::new(0));
    let mut open = Vec::new();
    for round in 0..setting(ROUNDS) {
        let running = serving.take().unwrap_or_else(|| Serving::start(folder.path(), database));
        let load = Load::start(&running, &placed, &last, open);
        tokio::time::sleep(Duration::from_millis(pause_ms(seed, round))).await;
        running.kill();
        open = load.stop().await;
    }
    let running = Serving::start(folder.path(), database);
    retry(&running, &placed, open).await;
    let placed = placed.lock().unwrap().clone();
    assert!(!placed.is_empty(), "nothing was ever acknowledged");
    assert_eq!(placed.len() as u64, last.load(Ordering::SeqCst), "every key has its order");

    let staff = Caller::staff(&running);
    for (number, location) in &placed {
        let again = staff.place(&key(*number), &order(*number, "jane")).await;
        assert_eq!(again.unwrap(), *location, "the same answer for {number}");
    }
    assert_exactly(&staff, &placed).await;
    assert_verified(folder.path(), database);
    running.end();
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}

/// A disk that is full is no crash: 503 for changes, reads go on, and nothing acknowledged is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_changes_and_loses_none() {
    const DATABASE: &str = "sqlite:orderd.db";
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), DATABASE);
    Caller::staff(&serving).fill().await;
    serving.end();

    // No file of this process grows over a megabyte, in the shell's blocks of 512 bytes.
    let mut command = std::process::Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"";
    let serve =
        orderd(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--database", DATABASE]);
    command.args(["-c", limited]).arg(serve.get_program()).args(serve.get_args());
    command.current_dir(folder.path()).env("ORDERD_LOG_FILTER", "off");
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    let mut placed = BTreeMap::new();
    let mut refused = Vec::new();
    for number in 1..=3000 {
        match staff.place(&key(number), &order(number, "jane")).await {
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
    assert_exactly(&staff, &placed).await;
    serving.end();

    let serving = Serving::start(folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    assert_exactly(&staff, &placed).await;
    for number in refused {
        placed.insert(number, staff.place(&key(number), &order(number, "jane")).await.unwrap());
    }
    assert_exactly(&staff, &placed).await;
    assert_verified(folder.path(), DATABASE);
    serving.end();
}

/// Clients that place orders until the server goes away.
pub(crate) struct Load {
    clients: Vec<JoinHandle<Vec<u64>>>,
    is_over: Arc<AtomicBool>,
}

pub(crate) type Placed = Arc<Mutex<BTreeMap<u64, String>>>;

impl Load {
    /// What is open from before is tried first, then new orders.
    pub(crate) fn start(
        serving: &Serving,
        placed: &Placed,
        last: &Arc<AtomicU64>,
        open: Vec<u64>,
    ) -> Load {
        let is_over = Arc::new(AtomicBool::new(false));
        let staff = Caller::staff(serving);
        let open = Arc::new(Mutex::new(open));
        let client = || {
            let (staff, placed, last) = (staff.clone(), placed.clone(), last.clone());
            let (is_over, open) = (is_over.clone(), open.clone());
            async move {
                let mut unacknowledged = Vec::new();
                while !is_over.load(Ordering::SeqCst) {
                    let number = open.lock().unwrap().pop();
                    let number = number.unwrap_or_else(|| last.fetch_add(1, Ordering::SeqCst) + 1);
                    match staff.place(&key(number), &order(number, "jane")).await {
                        Ok(location) => _ = placed.lock().unwrap().insert(number, location),
                        Err(Unplaced::ComeAgain(_)) => unacknowledged.push(number),
                        Err(Unplaced::NoAnswer(_)) => {
                            unacknowledged.push(number);
                            break;
                        }
                    }
                }
                unacknowledged.extend(open.lock().unwrap().drain(..));
                unacknowledged
            }
        };
        Load { clients: (0..setting(CLIENTS)).map(|_| tokio::spawn(client())).collect(), is_over }
    }

    /// The numbers that were sent and not acknowledged.
    pub(crate) async fn stop(self) -> Vec<u64> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut open = Vec::new();
        for client in self.clients {
            open.extend(client.await.unwrap());
        }
        open
    }
}

async fn retry(serving: &Serving, placed: &Placed, open: Vec<u64>) {
    let staff = Caller::staff(serving);
    for number in open {
        loop {
            match staff.place(&key(number), &order(number, "jane")).await {
                Ok(location) => {
                    placed.lock().unwrap().insert(number, location);
                    break;
                }
                Err(Unplaced::ComeAgain(_)) => {}
                Err(Unplaced::NoAnswer(error)) => panic!("{number}: {error}"),
            }
        }
    }
}

pub(crate) fn key(number: u64) -> String {
    format!("key-{number}")
}

fn setting((name, default): (&str, u64)) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text}")),
        Err(_) => default,
    }
}

/// Sometimes in the midst of the first batches, sometimes after thousands.
fn pause_ms(seed: u64, round: u64) -> u64 {
    let mixed = (seed + round).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    5 + (mixed >> 33) % 900
}
