//! What every payment provider must do.

use std::time::Duration;

use adapters::payment::ProviderError;
use domain::{
    Currency, IntentId, Moment, Money, OrderNo, PaymentId, payment::IntentState,
    refund::RefundState,
};
use tokio::{task::JoinSet, time::timeout};

use super::subject::{Act, Subject, request, request_to_hold};

pub(crate) async fn an_intent_waits_for_the_customer(it: &Subject) {
    let created = it.provider.create("pay_12_1", &request(12, 7500)).await.unwrap();
    let (id, _) = created.client_secret.as_str().split_once("_secret_").unwrap();
    assert_eq!(id, created.intent.as_str());
    let news = it.news(&created.intent).await;
    assert_eq!(news.intent, created.intent);
    assert_eq!(news.order, Some(OrderNo(12)));
    assert_eq!(news.payment, Some(PaymentId::new("pay_12_1")));
    assert_eq!((news.amount, news.currency), (Money(7500), Currency::USD));
    assert_eq!((news.state, news.message), (IntentState::Open, None));
}

pub(crate) async fn a_key_is_good_for_one_intent(it: &Subject) {
    let first = it.provider.create("key", &request(1, 7500)).await.unwrap();
    assert_eq!(it.provider.create("key", &request(1, 7500)).await.unwrap(), first);
    it.does(Act::Confirm, &first.intent).await;
    assert_eq!(it.provider.create("key", &request(1, 7500)).await.unwrap(), first);
    assert_eq!(it.state(&first.intent).await, IntentState::Succeeded);
    let other = it.provider.create("other", &request(1, 7500)).await.unwrap();
    assert_ne!(other.intent, first.intent);
    assert_ne!(other.client_secret, first.client_secret);
}

pub(crate) async fn a_key_is_good_for_one_request(it: &Subject) {
    it.provider.create("key", &request(1, 7500)).await.unwrap();
    for other in [request(2, 7500), request(1, 7501), request_to_hold(1, 7500)] {
        let refused = it.provider.create("key", &other).await;
        assert!(matches!(refused, Err(ProviderError::Refused(_))), "{other:?}: {refused:?}");
    }
    let intent = it.paid(3).await;
    it.provider.refund("re_3_1", &intent, Money(100)).await.unwrap();
    let other = it.provider.refund("re_3_1", &intent, Money(101)).await;
    assert!(matches!(other, Err(ProviderError::Refused(_))), "{other:?}");
}

pub(crate) async fn too_little_is_refused(it: &Subject) {
    let least = it.provider.minimum(Currency::USD);
    assert!(least > Money::ZERO);
    for amount in [least.0 - 1, 0, -7500] {
        let refused = it.provider.create(&format!("key {amount}"), &request(1, amount)).await;
        assert!(matches!(refused, Err(ProviderError::Refused(_))), "{amount}: {refused:?}");
    }
    it.provider.create("key", &request(1, least.0)).await.unwrap();
}

pub(crate) async fn a_confirmed_intent_has_succeeded(it: &Subject) {
    let intent = it.open(1).await;
    it.does(Act::Confirm, &intent).await;
    let news = it.news(&intent).await;
    assert_eq!((news.state, news.amount), (IntentState::Succeeded, Money(7500)));
    it.does(Act::Confirm, &intent).await;
    assert_eq!(it.news(&intent).await, news);
    it.shopper.act(Act::Decline, &intent).await.unwrap_err();
    it.shopper.act(Act::Cancel, &intent).await.unwrap_err();
    assert_eq!(it.news(&intent).await, news);
}

pub(crate) async fn a_declined_customer_may_try_again(it: &Subject) {
    let intent = it.open(1).await;
    it.does(Act::Decline, &intent).await;
    let news = it.news(&intent).await;
    assert_eq!(news.state, IntentState::Declined);
    assert!(news.message.is_some_and(|it| !it.is_empty()), "a customer is told why");
    it.does(Act::Confirm, &intent).await;
    let news = it.news(&intent).await;
    assert_eq!((news.state, news.message), (IntentState::Succeeded, None));
}

pub(crate) async fn an_authorized_intent_is_captured_once(it: &Subject) {
    let intent = it.open_with(&request_to_hold(1, 7500)).await;
    it.does(Act::Confirm, &intent).await;
    assert_eq!(it.state(&intent).await, IntentState::Authorized);
    let refused = it.provider.refund("re_1_1", &intent, Money(1)).await;
    assert!(matches!(refused, Err(ProviderError::Refused(_))), "{refused:?}");
    for key in ["cap_1_1", "cap_1_1", "another"] {
        let news = it.provider.capture(key, &intent).await.unwrap();
        assert_eq!((news.state, news.amount), (IntentState::Succeeded, Money(7500)), "{key}");
    }
}

pub(crate) async fn only_what_is_authorized_is_captured(it: &Subject) {
    for (order, act) in [None, Some(Act::Decline), Some(Act::Process)].into_iter().enumerate() {
        let intent = it.open_with(&request_to_hold(order as u64 + 1, 7500)).await;
        if let Some(act) = act {
            it.does(act, &intent).await;
        }
        let refused = it.provider.capture(&format!("cap {order}"), &intent).await;
        assert!(matches!(refused, Err(ProviderError::Refused(_))), "{act:?}: {refused:?}");
    }
}

pub(crate) async fn a_cancelled_intent_cannot_be_paid(it: &Subject) {
    let requests = [request(1, 7500), request(2, 7500), request_to_hold(3, 7500)];
    let acts = [None, Some(Act::Decline), Some(Act::Confirm)];
    for (request, act) in requests.iter().zip(acts) {
        let intent = it.open_with(request).await;
        if let Some(act) = act {
            it.does(act, &intent).await;
        }
        for _ in 0..2 {
            let news = it.provider.cancel(&format!("void {}", request.order), &intent).await;
            assert_eq!(news.unwrap().state, IntentState::Cancelled, "{act:?}");
        }
        for act in [Act::Confirm, Act::Decline, Act::Process] {
            let why = it.shopper.act(act, &intent).await.unwrap_err();
            assert!(why.ends_with('.'), "{act:?}: {why} is a sentence");
        }
        assert_eq!(it.state(&intent).await, IntentState::Cancelled);
    }
}

pub(crate) async fn what_has_ended_is_told_as_it_ended(it: &Subject) {
    let paid = it.paid(1).await;
    assert_eq!(it.provider.cancel("k1", &paid).await.unwrap().state, IntentState::Succeeded);
    let given_up = it.open_with(&request_to_hold(2, 7500)).await;
    it.does(Act::Cancel, &given_up).await;
    it.does(Act::Cancel, &given_up).await;
    assert_eq!(it.provider.cancel("k2", &given_up).await.unwrap().state, IntentState::Cancelled);
    assert_eq!(it.provider.capture("k3", &given_up).await.unwrap().state, IntentState::Cancelled);
}

pub(crate) async fn what_is_processed_ends_before_it_is_cancelled(it: &Subject) {
    let ends = [
        (Act::Confirm, IntentState::Succeeded, IntentState::Succeeded),
        (Act::Decline, IntentState::Declined, IntentState::Cancelled),
        (Act::Cancel, IntentState::Cancelled, IntentState::Cancelled),
    ];
    for (order, (act, end, after)) in (1..).zip(ends) {
        let intent = it.open(order).await;
        it.does(Act::Process, &intent).await;
        assert_eq!(it.state(&intent).await, IntentState::Processing);
        let key = format!("void_{order}_1");
        let later = it.provider.cancel(&key, &intent).await;
        assert!(matches!(later, Err(ProviderError::Unavailable(_))), "{later:?}");
        it.does(act, &intent).await;
        assert_eq!(it.state(&intent).await, end);
        let news = it.provider.cancel(&key, &intent).await.unwrap();
        assert_eq!(news.state, after, "the same key is asked again once it has ended");
    }
}

pub(crate) async fn what_nobody_knows_is_unknown(it: &Subject) {
    let id = IntentId::new("pi_nobody");
    assert_eq!(it.provider.intent(&id).await, Err(ProviderError::Unknown));
    assert_eq!(it.provider.capture("k1", &id).await, Err(ProviderError::Unknown));
    assert_eq!(it.provider.cancel("k2", &id).await, Err(ProviderError::Unknown));
    assert_eq!(it.provider.refund("k3", &id, Money(1)).await, Err(ProviderError::Unknown));
    assert_eq!(it.provider.intents(Some(id.clone()), 1).await, Err(ProviderError::Unknown));
    it.shopper.act(Act::Confirm, &id).await.unwrap_err();
}

pub(crate) async fn a_refund_is_made_once(it: &Subject) {
    let intent = it.paid(1).await;
    for _ in 0..3 {
        let news = it.provider.refund("re_1_1", &intent, Money(2500)).await.unwrap();
        assert_eq!((news.state, news.message), (RefundState::Succeeded, None));
    }
    let books = it.provider.intents(None, 10).await.unwrap();
    assert_eq!(books.len(), 1);
    assert_eq!(books[0].refunded, Money(2500));
    assert_eq!(books[0].news.amount, Money(7500), "what was taken stays what it was");
    assert_eq!(books[0].news.state, IntentState::Succeeded);
}

pub(crate) async fn no_more_is_refunded_than_was_paid(it: &Subject) {
    let intent = it.open(1).await;
    for (state, act) in [
        (IntentState::Open, None),
        (IntentState::Processing, Some(Act::Process)),
        (IntentState::Declined, Some(Act::Decline)),
        (IntentState::Succeeded, Some(Act::Confirm)),
    ] {
        if let Some(act) = act {
            it.does(act, &intent).await;
        }
        assert_eq!(it.state(&intent).await, state);
        let refund = it.provider.refund(state.name(), &intent, Money(7000)).await;
        assert_eq!(refund.is_ok(), state == IntentState::Succeeded, "{state:?}: {refund:?}");
    }
    for amount in [501, 0, -1, i64::MAX, i64::MIN] {
        let refused = it.provider.refund(&format!("re {amount}"), &intent, Money(amount)).await;
        assert!(matches!(refused, Err(ProviderError::Refused(_))), "{amount}: {refused:?}");
    }
    it.provider.refund("rest", &intent, Money(500)).await.unwrap();
    it.provider.refund("more", &intent, Money(1)).await.unwrap_err();
    assert_eq!(it.provider.intents(None, 1).await.unwrap()[0].refunded, Money(7500));
}

pub(crate) async fn refunds_at_once_share_what_was_paid(it: &Subject) {
    let intent = it.paid(1).await;
    let mut refunds = JoinSet::new();
    for number in 0..20 {
        let (provider, intent) = (it.provider.clone(), intent.clone());
        let key = format!("re_1_{number}");
        refunds.spawn(async move { provider.refund(&key, &intent, Money(1000)).await.is_ok() });
    }
    let made = refunds.join_all().await.into_iter().filter(|is_made| *is_made).count();
    assert_eq!(made, 7);
    assert_eq!(it.provider.intents(None, 1).await.unwrap()[0].refunded, Money(7000));
}

pub(crate) async fn intents_come_in_pages(it: &Subject) {
    let mut made = Vec::new();
    for order in 1..=7 {
        made.push(it.open(order).await);
    }
    let mut seen = Vec::new();
    loop {
        let page = it.provider.intents(seen.last().cloned(), 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        assert!(page.is_sorted_by_key(|record| record.created_at));
        for record in page {
            assert_eq!(record.news, it.news(&record.news.intent).await);
            seen.push(record.news.intent);
        }
    }
    assert_eq!(seen, made);
    let all = it.provider.intents(None, 10).await.unwrap();
    let (first, last) = (all[0].created_at, all[6].created_at);
    assert_eq!(it.provider.last_before(Moment(first)).await, Ok(None));
    assert_eq!(it.provider.last_before(Moment(last + 1)).await.as_ref(), Ok(&made.pop()));
}

pub(crate) async fn a_change_is_told(it: &Subject) {
    for (order, act) in (1..).zip([Act::Confirm, Act::Decline, Act::Process, Act::Cancel]) {
        let intent = it.open(order).await;
        it.does(act, &intent).await;
        let notice = timeout(Duration::from_secs(20), it.provider.notice()).await.unwrap();
        assert_eq!(notice.intent, intent, "{act:?}");
        it.provider.acknowledge(&notice).await.unwrap();
        it.provider.acknowledge(&notice).await.unwrap();
    }
}

pub(crate) async fn secrets_are_not_printed(it: &Subject) {
    let created = it.provider.create("key", &request(1, 7500)).await.unwrap();
    let (_, secret) = created.client_secret.as_str().split_once("_secret_").unwrap();
    let printed = format!("{created:?} {:?}", it.provider);
    assert!(printed.contains(created.intent.as_str()));
    assert!(!printed.contains(secret), "{printed}");
}
