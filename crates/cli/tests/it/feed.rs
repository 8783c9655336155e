//! Whoever follows the log, by pages or live, sees every event once, in order, without a gap:
//! while others write as fast as they can, over restarts and kills, and on any process.

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use serde_json::Value;
use tokio::{
    sync::watch,
    task::{JoinHandle, block_in_place},
    time::{sleep, timeout},
};

use crate::{
    database::Database,
    process::{Serving, assert_verified},
    shop::{Caller, order},
};

const CLIENTS: u64 = 64;
const ROUND: Duration = Duration::from_millis(1500);

/// Much less than what a server gives to requests that are under way.
const END_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_miss_nothing_on_sqlite() {
    read_while_others_write(Database::sqlite(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_miss_nothing_on_postgres() {
    read_while_others_write(Database::postgres().await, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_of_two_processes_miss_nothing() {
    read_while_others_write(Database::postgres().await, 2).await;
}

async fn read_while_others_write(of_this_test: Database, processes: usize) {
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let start = || block_in_place(|| Serving::start(folder.path(), database));
    let mut serving: Vec<Serving> = (0..processes).map(|_| start()).collect();
    let staff = Caller::staff(&serving[0]);
    staff.fill().await;
    let addresses = |serving: &[Serving]| serving.iter().map(|it| it.address.clone()).collect();
    let shop =
        Shop { addresses: watch::Sender::new(addresses(&serving)), log: watch::Sender::new(None) };
    let shop = Arc::new(shop);

    let reader = |subject: &str| Caller::new(&serving[0], subject, "events:read");
    let readers = [
        tokio::spawn(read_pages(shop.clone(), reader("pages"), "")),
        tokio::spawn(read_pages(shop.clone(), reader("pages"), "order.confirmed")),
        tokio::spawn(read_live(shop.clone(), reader("live"), "")),
        tokio::spawn(read_live(shop.clone(), reader("live"), "")),
        tokio::spawn(read_live(shop.clone(), reader("some"), "order.confirmed")),
    ];
    let writers: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(write(shop.clone(), staff.clone(), client)))
        .collect();

    // Ended in good order, then killed; with two processes, another one each time.
    sleep(ROUND).await;
    let ended = serving.remove(0);
    end(ended).await;
    serving.push(start());
    shop.addresses.send_replace(addresses(&serving));
    sleep(ROUND).await;
    block_in_place(|| serving.remove(0).kill());
    serving.push(start());
    shop.addresses.send_replace(addresses(&serving));
    sleep(ROUND).await;

    shop.addresses.send_replace(Vec::new());
    let mut placed = 0;
    for writer in writers {
        placed += writer.await.unwrap();
    }
    let log: Vec<Seen> = staff.at(&serving[0].address).feed().await.iter().map(seen).collect();
    assert!(log.len() >= 2 * placed, "{placed} orders and {} events", log.len());
    println!("{placed} orders, {} events", log.len());
    shop.addresses.send_replace(addresses(&serving));
    shop.log.send_replace(Some(log));
    for reader in readers {
        reader.await.unwrap();
    }
    for it in serving {
        end(it).await;
    }
    assert_verified(folder.path(), database);
    of_this_test.drop().await;
}

/// In good order, and not only when the grace is over.
async fn end(serving: Serving) {
    let ended = tokio::task::spawn_blocking(|| serving.end());
    timeout(END_WITHIN, ended).await.expect("streams end with their server").unwrap();
}

/// Where servers are, and what they have logged once nobody writes any more.
struct Shop {
    /// Nobody places orders while there are none.
    addresses: watch::Sender<Vec<String>>,
    log: watch::Sender<Option<Vec<Seen>>>,
}

/// Number and type.
type Seen = (u64, String);

fn seen(event: &Value) -> Seen {
    (event["seq"].as_u64().unwrap(), event["type"].as_str().unwrap().to_owned())
}

impl Shop {
    /// One server after the other.
    fn address(&self, turn: usize) -> Option<String> {
        let addresses = self.addresses.borrow();
        addresses.get(turn % addresses.len().max(1)).cloned()
    }

    /// Whether a reader of a type has all there is of it. What it has was seen in its order.
    fn is_all(&self, found: &[Seen], of_type: &str) -> bool {
        let log = self.log.borrow();
        let Some(log) = &*log else { return false };
        let wanted = |(_, kind): &&Seen| of_type.is_empty() || kind == of_type;
        let expected: Vec<&Seen> = log.iter().filter(wanted).collect();
        let is_last = found.last() == expected.last().copied();
        assert!(!is_last || found.iter().eq(expected.iter().copied()), "{found:?}");
        is_last
    }
}

/// Adds an event that must come after all the others; with all types, at once after.
fn add(found: &mut Vec<Seen>, event: Seen, of_type: &str) {
    let last = found.last().map_or(0, |it| it.0);
    let is_next = if of_type.is_empty() { event.0 == last + 1 } else { event.0 > last };
    assert!(is_next, "after {last} came {event:?}");
    found.push(event);
}

/// Each page from the next server.
async fn read_pages(shop: Arc<Shop>, caller: Caller, of_type: &'static str) {
    let (mut found, mut after, mut turn) = (Vec::new(), 0, 0);
    while !shop.is_all(&found, of_type) {
        turn += 1;
        let Some(address) = shop.address(turn) else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let types = if of_type.is_empty() { String::new() } else { format!("&types={of_type}") };
        let path = format!("/api/events?after={after}&limit=200{types}");
        let Ok(response) = caller.at(&address).send(Method::GET, &path, None, None).await else {
            continue;
        };
        assert_eq!(response.status(), 200);
        let Ok(page) = response.json::<Value>().await else { continue };
        for event in page["events"].as_array().unwrap() {
            add(&mut found, seen(event), of_type);
        }
        after = page["last_seq"].as_u64().unwrap();
    }
}

/// A stream that breaks or ends is begun again at the next server.
async fn read_live(shop: Arc<Shop>, caller: Caller, of_type: &'static str) {
    let (mut found, mut turn) = (Vec::new(), 0);
    let query =
        if of_type.is_empty() { "after=0".into() } else { format!("after=0&types={of_type}") };
    while !shop.is_all(&found, of_type) {
        turn += 1;
        sleep(Duration::from_millis(10)).await;
        let Some(address) = shop.address(turn) else { continue };
        let last = found.last().map(|it: &Seen| it.0);
        let Ok(mut stream) = caller.at(&address).follow(&query, last).await else { continue };
        assert_eq!(stream.status(), 200);
        let mut unread = String::new();
        while !shop.is_all(&found, of_type) {
            let Ok(chunk) = timeout(Duration::from_millis(100), stream.chunk()).await else {
                continue;
            };
            let Ok(Some(chunk)) = chunk else { break };
            unread.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((block, rest)) = unread.split_once("\n\n") {
                if let Some(event) = sent(block) {
                    add(&mut found, event, of_type);
                }
                unread = rest.to_owned();
            }
        }
    }
}

fn sent(block: &str) -> Option<Seen> {
    let field = |name| block.lines().find_map(|it| it.strip_prefix(name));
    let event: Value = serde_json::from_str(field("data: ")?).unwrap();
    let shown = (field("id: ")?.parse().unwrap(), field("event: ")?.to_owned());
    assert_eq!(shown, seen(&event));
    Some(shown)
}

/// Places orders until there are no servers; how many were acknowledged.
async fn write(shop: Arc<Shop>, staff: Caller, client: u64) -> usize {
    let mut placed = 0;
    for number in 0.. {
        let turn = usize::try_from(client + number).unwrap();
        let Some(address) = shop.address(turn) else { break };
        let key = format!("{client}-{number}");
        match staff.at(&address).place(&key, &order(number, "jane")).await {
            Ok(_) => placed += 1,
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
    placed
}

/// Nobody writes at the process that is listened to, so only a look at the database can tell it.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_hears_of_what_another_process_has_done() {
    let of_this_test = Database::postgres().await;
    let database = of_this_test.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let (here, there) =
        (Serving::start(folder.path(), database), Serving::start(folder.path(), database));
    let staff = Caller::staff(&there);
    staff.fill().await;
    let mut stream = staff.at(&here.address).follow("types=order.created", None).await.unwrap();
    for number in 1..=5 {
        staff.place(&format!("key-{number}"), &order(number, "jane")).await.unwrap();
        let chunk = timeout(Duration::from_secs(5), stream.chunk()).await;
        let chunk = chunk.expect("it is told soon").unwrap().expect("the stream goes on");
        let event = sent(std::str::from_utf8(&chunk).unwrap());
        assert_eq!(event, Some((2 * number - 1, "order.created".into())));
    }
    drop(stream);
    end(here).await;
    end(there).await;
    of_this_test.drop().await;
}

/// A client that only listens is no reason to wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_in_good_order_with_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), "sqlite:orderd.db");
    let staff = Caller::staff(&serving);
    let mut stream = staff.follow("", None).await.unwrap();
    assert_eq!(stream.status(), 200);
    let rest: JoinHandle<_> = tokio::spawn(async move { stream.chunk().await });
    end(serving).await;
    assert!(rest.await.unwrap().unwrap().is_none(), "nothing came, and nothing broke");
}
