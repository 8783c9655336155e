//! More than the queue holds: told at once, nothing lost, and all well afterwards.

use std::collections::BTreeMap;

use crate::{
    process::{Serving, assert_verified, orderd},
    shop::{Caller, Unplaced, assert_exactly, order},
};

const DATABASE: &str = "sqlite:orderd.db";
const CLIENTS: u64 = 96;
const ORDERS_EACH: u64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn past_the_queue_is_503_with_a_time_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", DATABASE];
    let mut command = orderd(folder.path(), &arguments);
    command.env("ORDERD_QUEUE_MAX", "4");
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;

    let clients = (0..CLIENTS).map(|client| {
        let staff = staff.clone();
        tokio::spawn(async move {
            let (mut placed, mut refused) = (BTreeMap::new(), Vec::new());
            for it in 0..ORDERS_EACH {
                let number = client * ORDERS_EACH + it;
                match staff.place(&format!("key-{number}"), &order(number, "jane")).await {
                    Ok(location) => _ = placed.insert(number, location),
                    Err(Unplaced::ComeAgain(says_when)) => {
                        assert!(says_when, "a 503 says when to come again");
                        refused.push(number);
                    }
                    Err(Unplaced::NoAnswer(error)) => panic!("{error}"),
                }
            }
            (placed, refused)
        })
    });
    let clients: Vec<_> = clients.collect();
    let (mut placed, mut refused) = (BTreeMap::new(), Vec::new());
    for client in clients {
        let (theirs, not_theirs) = client.await.unwrap();
        placed.extend(theirs);
        refused.extend(not_theirs);
    }
    assert!(!refused.is_empty(), "{CLIENTS} clients did not fill a queue of 4");
    assert!(!placed.is_empty(), "some are served even so");
    assert_exactly(&staff, &placed).await;

    // When the load has fallen, each of those that were refused is served at once.
    for number in refused {
        let location = staff.place(&format!("key-{number}"), &order(number, "jane")).await.unwrap();
        placed.insert(number, location);
    }
    assert_eq!(placed.len() as u64, CLIENTS * ORDERS_EACH);
    assert_exactly(&staff, &placed).await;
    serving.end();
    assert_verified(folder.path(), DATABASE);
}
