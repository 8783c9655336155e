//! The sandbox's file: it outlives the process, and several processes may use it.

use std::thread;

use adapters::payment::{
    PaymentProvider, ProviderError,
    sandbox::{Behaviour, Callback, Sandbox, SandboxError},
};
use domain::{
    Currency, IntentId, Money,
    payment::{IntentRequest, IntentState},
};
use rusqlite::Connection;

use super::subject::{Nature, request};

#[tokio::test]
async fn all_is_there_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, nature) = (folder.path().join("sandbox.db"), Nature::default());
    let behaviour =
        Behaviour { delay_ms: 0, fail_next: 0, lose_answer_next: 3, callback: Callback::Double };
    nature.advance_ms(1_234);
    let before = Sandbox::open(&path, nature.surroundings()).unwrap();
    let created = before.create("pay_1_1", &request(1, 7500)).await.unwrap();
    before.customer().confirm(&created.intent).unwrap();
    before.refund("re_1_1", &created.intent, Money(500)).await.unwrap();
    let record = before.customer().find(&created.intent).unwrap();
    assert_eq!((record.refunded, record.created_at), (Money(500), 1_234));
    before.set_behaviour(behaviour).unwrap();
    drop(before);

    let after = Sandbox::open(&path, nature.surroundings()).unwrap();
    assert_eq!(after.behaviour(), Ok(behaviour));
    after.set_behaviour(Behaviour::default()).unwrap();
    assert_eq!(after.intents(None, 10).await, Ok(vec![record]));
    assert_eq!(after.create("pay_1_1", &request(1, 7500)).await, Ok(created.clone()));
    after.refund("re_1_1", &created.intent, Money(500)).await.unwrap();
    assert_eq!(after.customer().find(&created.intent).unwrap().refunded, Money(500));
}

#[tokio::test]
async fn two_processes_share_one_book() {
    let folder = tempfile::tempdir().unwrap();
    let (path, nature) = (folder.path().join("sandbox.db"), Nature::default());
    let here = Sandbox::open(&path, nature.surroundings()).unwrap();
    let there = Sandbox::open(&path, nature.surroundings()).unwrap();
    let intent = here.create("pay_1_1", &request(1, 7500)).await.unwrap().intent;
    there.customer().confirm(&intent).unwrap();
    assert_eq!(here.intent(&intent).await.unwrap().state, IntentState::Succeeded);
    here.set_behaviour(Behaviour { fail_next: 1, ..Behaviour::default() }).unwrap();
    there.refund("re_1_1", &intent, Money(100)).await.unwrap_err();
    here.refund("re_1_1", &intent, Money(100)).await.unwrap();
    there.refund("re_1_1", &intent, Money(100)).await.unwrap();
    assert_eq!(here.customer().find(&intent).unwrap().refunded, Money(100));
}

/// What each of several processes does with the same keys at the same time is done once.
#[test]
fn processes_at_once_make_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (path, nature) = (folder.path().join("sandbox.db"), Nature::default());
    let made: Vec<Vec<IntentId>> = thread::scope(|scope| {
        let work = || {
            // They also begin the file at once.
            let sandbox = Sandbox::open(&path, nature.surroundings()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let work = async |order: u64| {
                let created = sandbox.create(&format!("pay_{order}_1"), &request(order, 7500));
                let intent = created.await.unwrap().intent;
                sandbox.customer().confirm(&intent).unwrap();
                sandbox.refund(&format!("re_{order}_1"), &intent, Money(4000)).await.unwrap();
                intent
            };
            runtime.block_on(async {
                let mut made = Vec::new();
                for order in 1..=25 {
                    made.push(work(order).await);
                }
                made
            })
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let sandbox = Sandbox::open(&path, nature.surroundings()).unwrap();
    for (order, intent) in made[0].iter().enumerate() {
        assert!(made.iter().all(|it| it[order] == *intent), "{intent}");
        assert_eq!(sandbox.customer().find(intent).unwrap().refunded, Money(4000));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(sandbox.intents(None, 1000)).unwrap().len(), 25);
}

#[test]
fn a_customer_is_told_what_cannot_be() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    let nobody = IntentId::new("pi_nobody");
    assert_eq!(it.customer().find(&nobody), Err(SandboxError::Unknown));
    assert_eq!(it.customer().cancel(&nobody), Err(SandboxError::Unknown));
}

#[tokio::test]
async fn each_currency_has_its_minimum() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    let listed = [("USD", 50), ("EUR", 50), ("GBP", 30), ("JPY", 50), ("HUF", 17_500)];
    for (code, minor) in listed.into_iter().chain([("KWD", 0), ("XAF", 0)]) {
        let currency = Currency::parse(code).unwrap();
        assert_eq!(it.minimum(currency), Money(minor), "{code}");
    }
    let request = IntentRequest { currency: Currency::parse("JPY").unwrap(), ..request(1, 49) };
    let why = "A payment is of 50 JPY at least.";
    assert_eq!(it.create("key", &request).await, Err(ProviderError::Refused(why.into())));
}

#[test]
fn a_file_that_is_none_of_ours_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let nature = Nature::default();
    let check = |name: &str| match Sandbox::open(&folder.path().join(name), nature.surroundings()) {
        Err(SandboxError::Unavailable(why)) => why,
        other => panic!("{name}: {other:?}"),
    };
    check("no/such/folder.db");
    std::fs::write(folder.path().join("text.db"), "no book ".repeat(1000)).unwrap();
    check("text.db");
    let newer = Connection::open(folder.path().join("newer.db")).unwrap();
    newer.pragma_update(None, "user_version", 2).unwrap();
    assert!(check("newer.db").contains("newer release"));
}
