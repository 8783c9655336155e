//! How the sandbox misbehaves when it is told to.

use std::{sync::Arc, time::Duration};

use adapters::payment::{
    PaymentProvider, ProviderError,
    sandbox::{Behaviour, Callback, FAILURE, LATE_MS, Sandbox},
};
use domain::{Money, payment::IntentState, refund::RefundState};
use tokio::time::timeout;

use super::subject::{Nature, request, request_to_hold};

const SOON: Duration = Duration::from_millis(40);

fn sandbox(behaviour: Behaviour) -> Arc<Sandbox> {
    let sandbox = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    sandbox.set_behaviour(behaviour).unwrap();
    Arc::new(sandbox)
}

#[tokio::test]
async fn so_many_calls_fail() {
    let it = sandbox(Behaviour { fail_next: 2, ..Behaviour::default() });
    let refused = Err(ProviderError::Refused(FAILURE.into()));
    assert_eq!(it.create("key", &request(1, 7500)).await, refused);
    assert_eq!(it.intents(None, 10).await, Ok(vec![]), "nothing was made, and no count used up");
    assert_eq!(it.create("key", &request(1, 7500)).await, refused);
    it.create("key", &request(1, 7500)).await.unwrap();
    assert_eq!(it.behaviour(), Ok(Behaviour::default()));
}

#[tokio::test]
async fn whatever_would_change_something_can_fail() {
    let it = sandbox(Behaviour::default());
    let intent = it.create("key", &request_to_hold(1, 7500)).await.unwrap().intent;
    it.customer().confirm(&intent).unwrap();
    let refused = ProviderError::Refused(FAILURE.into());
    let fail_next = || it.set_behaviour(Behaviour { fail_next: 1, ..Behaviour::default() });

    fail_next().unwrap();
    assert_eq!(it.cancel("void_1_1", &intent).await.unwrap_err(), refused);
    fail_next().unwrap();
    assert_eq!(it.capture("cap_1_1", &intent).await.unwrap_err(), refused);
    assert_eq!(it.intent(&intent).await.unwrap().state, IntentState::Authorized);
    it.capture("cap_1_1", &intent).await.unwrap();
    fail_next().unwrap();
    assert_eq!(it.refund("re_1_1", &intent, Money(100)).await.unwrap_err(), refused);
    assert_eq!(it.customer().find(&intent).unwrap().refunded, Money::ZERO);
    it.refund("re_1_1", &intent, Money(100)).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_leaves_what_was_done() {
    let it = sandbox(Behaviour { lose_answer_next: 1, ..Behaviour::default() });
    let lost = timeout(SOON, it.create("key", &request(1, 7500))).await;
    assert!(lost.is_err(), "it never comes");
    let books = it.intents(None, 10).await.unwrap();
    assert_eq!(books.len(), 1);
    let found = it.create("key", &request(1, 7500)).await.unwrap();
    assert_eq!(found.intent, books[0].news.intent, "the key finds what was made");

    it.customer().confirm(&found.intent).unwrap();
    it.set_behaviour(Behaviour { lose_answer_next: 1, ..Behaviour::default() }).unwrap();
    timeout(SOON, it.refund("re_1_1", &found.intent, Money(100))).await.unwrap_err();
    assert_eq!(it.customer().find(&found.intent).unwrap().refunded, Money(100));
    it.refund("re_1_1", &found.intent, Money(100)).await.unwrap();
    assert_eq!(it.customer().find(&found.intent).unwrap().refunded, Money(100));
}

#[tokio::test]
async fn failures_come_before_lost_answers() {
    let it = sandbox(Behaviour { fail_next: 1, lose_answer_next: 1, ..Behaviour::default() });
    it.create("key", &request(1, 7500)).await.unwrap_err();
    assert_eq!(it.behaviour().unwrap().lose_answer_next, 1);
    timeout(SOON, it.create("key", &request(1, 7500))).await.unwrap_err();
    it.create("key", &request(1, 7500)).await.unwrap();
}

#[tokio::test]
async fn who_does_not_wait_for_a_late_answer_has_asked_nevertheless() {
    let it = sandbox(Behaviour { delay_ms: 600_000, ..Behaviour::default() });
    timeout(SOON, it.create("key", &request(1, 7500))).await.unwrap_err();
    timeout(SOON, it.intents(None, 10)).await.unwrap_err();
    it.set_behaviour(Behaviour { delay_ms: 10, ..Behaviour::default() }).unwrap();
    let books = it.intents(None, 10).await.unwrap();
    assert_eq!(books.len(), 1);
    let intent = it.create("key", &request(1, 7500)).await.unwrap().intent;
    assert_eq!(intent, books[0].news.intent);
    let now = it.customer().confirm(&intent).unwrap();
    assert_eq!(now.news.state, IntentState::Succeeded, "a customer is served at once");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_none() {
    let it = sandbox(Behaviour { fail_next: 1, ..Behaviour::default() });
    drop(it.create("key", &request(1, 7500)));
    assert_eq!(it.behaviour().unwrap().fail_next, 1);
    assert_eq!(it.intents(None, 10).await, Ok(vec![]));
}

#[tokio::test]
async fn refunds_take_their_time_while_callbacks_are_late() {
    let nature = Nature::default();
    let it = Sandbox::in_memory(nature.surroundings()).unwrap();
    let intent = it.create("key", &request(1, 7500)).await.unwrap().intent;
    it.customer().confirm(&intent).unwrap();
    it.set_behaviour(Behaviour { callback: Callback::Late, ..Behaviour::default() }).unwrap();
    let refund = || it.refund("re_1_1", &intent, Money(7000));
    assert_eq!(refund().await.unwrap().state, RefundState::Pending);
    assert_eq!(it.customer().find(&intent).unwrap().refunded, Money::ZERO);
    let more = it.refund("re_1_2", &intent, Money(501)).await;
    assert!(matches!(more, Err(ProviderError::Refused(_))), "what is on its way is gone: {more:?}");
    nature.advance_ms(LATE_MS - 1);
    assert_eq!(refund().await.unwrap().state, RefundState::Pending);
    nature.advance_ms(1);
    assert_eq!(refund().await.unwrap().state, RefundState::Succeeded);
    assert_eq!(it.customer().find(&intent).unwrap().refunded, Money(7000));
}

#[tokio::test]
async fn a_customer_may_pay_another_amount() {
    let it = sandbox(Behaviour::default());
    let intent = it.create("key", &request(1, 7500)).await.unwrap().intent;
    it.customer().confirm_amount(&intent, Money(7400)).unwrap();
    let news = it.intent(&intent).await.unwrap();
    assert_eq!((news.state, news.amount), (IntentState::Succeeded, Money(7400)));
    it.customer().confirm_amount(&intent, Money(9900)).unwrap();
    assert_eq!(it.intent(&intent).await.unwrap().amount, Money(7400), "paid once");
    let more = it.refund("re_1_1", &intent, Money(7401)).await;
    assert!(matches!(more, Err(ProviderError::Refused(_))), "{more:?}");
    let again = it.create("key", &request(1, 7500)).await.unwrap();
    assert_eq!(again.intent, intent, "the key is of what was asked for");
}

#[test]
fn callbacks_have_names() {
    for callback in Callback::ALL {
        assert_eq!(Callback::named(callback.name()), Some(callback));
    }
    assert_eq!(Callback::named("sometimes"), None);
}
