//! News in any order: told twice, told late, told before the answer of what they are about. What
//! the provider has taken and what the books say agree in the end.

use std::collections::BTreeMap;

use domain::{
    Command, EffectId,
    effect::{Action, EffectState},
    order::Status,
    payment::{IntentNews, IntentState, PaymentState},
};
use proptest::{collection::vec, prelude::*};

use super::{
    arrows::effects,
    sound::{check_books, kept},
    states::{
        DAY_MS, MINUTE_MS, NO, State, TOTAL, expire, intent, made, news, not_made, prepaid, record,
        recording, start, system,
    },
};
use crate::house::{House, collect, command, confirm, customer, staff};

/// One thing that happens; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Deed {
    /// The customer does something with an intent at the provider.
    Pays(u32, IntentState),
    /// Somebody asks the provider, and keeps what it says.
    Asks(u32),
    /// And hands it in, now or later, once or more often.
    Tells(prop::sample::Index),
    /// The provider answers an effect that asks for an intent: made, refused, no answer.
    Answers(u32, u8),
    Starts,
    Voids(u32),
    Passes(i64),
    Expires,
    Confirms,
    Collects,
    /// Other goods go, so that not every order can come back.
    Sells,
}

/// The provider, as simple as can be: intents by number, and a state that only it changes.
#[derive(Default)]
struct Provider {
    intents: BTreeMap<u32, IntentState>,
}

impl Provider {
    /// By key, so that it is made once.
    fn create(&mut self, k: u32) {
        self.intents.entry(k).or_insert(IntentState::Open);
    }

    fn moves(&mut self, k: u32, to: IntentState) {
        let Some(state) = self.intents.get_mut(&k) else { return };
        match *state {
            IntentState::Succeeded | IntentState::Cancelled => {}
            IntentState::Authorized if to != IntentState::Succeeded => {}
            IntentState::Open
            | IntentState::Declined
            | IntentState::Processing
            | IntentState::Authorized => *state = to,
        }
    }

    fn cancels(&mut self, k: u32) {
        if let Some(state) = self.intents.get_mut(&k)
            && *state != IntentState::Succeeded
        {
            *state = IntentState::Cancelled;
        }
    }

    fn news(&self, k: u32) -> Option<IntentNews> {
        self.intents.get(&k).map(|state| news(k, *state))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_agree_with_the_provider(deeds in vec(deed(), 1..60), with_payment: bool) {
        let mut house = if with_payment { State::Starting } else { State::Unasked }.house();
        let mut provider = Provider::default();
        let mut heard: Vec<IntentNews> = Vec::new();
        for deed in deeds {
            perform(&mut house, &mut provider, &mut heard, deed);
            check_books(&house);
        }
        settle(&mut house, &mut provider);
        check_end(&house, &provider);
    }
}

fn perform(house: &mut House, provider: &mut Provider, heard: &mut Vec<IntentNews>, deed: Deed) {
    // A refusal is as good an answer as any: what matters is what stands in the books.
    match deed {
        Deed::Pays(k, state) => provider.moves(k, state),
        Deed::Asks(k) => heard.extend(provider.news(k)),
        Deed::Tells(_) if heard.is_empty() => {}
        Deed::Tells(which) => run(house, &record(which.get(heard).clone())),
        Deed::Answers(k, how) => answer(house, provider, k, how),
        Deed::Starts => _ = house.run(&customer("ann"), &start()),
        Deed::Voids(k) => void(house, provider, k),
        Deed::Passes(minutes) => house.clock.0 += minutes * MINUTE_MS,
        Deed::Expires => run(house, &expire()),
        Deed::Confirms => _ = house.run(&staff(), &confirm(NO)),
        Deed::Collects => _ = house.run(&staff(), &collect(NO)),
        Deed::Sells => {
            let mut order = prepaid();
            order.items.truncate(1);
            order.payment_method = domain::order::PaymentMethod::Invoice;
            _ = house.run(&staff(), &command(order));
        }
    }
}

fn run(house: &mut House, command: &Command) {
    _ = house.run(&system(), command);
}

fn answer(house: &mut House, provider: &mut Provider, k: u32, how: u8) {
    let id = EffectId::new(&format!("pay_1_{k}"));
    if effects(house).iter().all(|it| it.id != id) {
        return;
    }
    match how {
        0 => {
            provider.create(k);
            run(house, &made(k));
        }
        1 if !provider.intents.contains_key(&k) => run(house, &not_made(k, false)),
        2 => {
            provider.create(k);
            run(house, &not_made(k, true));
        }
        _ => provider.create(k),
    }
}

/// By the intent's own name, else by the key of the effect that has asked for it.
fn void(house: &mut House, provider: &mut Provider, place: u32) {
    let id = format!("void_1_{place}");
    let known = effects(house).into_iter().find(|it| it.id.as_str() == id && it.is_open());
    let Some(Action::CancelPayment { intent, request }) = known.map(|it| it.action) else { return };
    let k =
        intent.map_or_else(|| last_number(request.payment.as_str()), |it| last_number(it.as_str()));
    provider.create(k);
    provider.cancels(k);
    run(house, &recording(provider.news(k), Some(&id)));
}

fn last_number(name: &str) -> u32 {
    name.rsplit('_').next().unwrap().parse().unwrap()
}

/// Every effect comes to its end, and everything that is true is told.
fn settle(house: &mut House, provider: &mut Provider) {
    for _ in 0..3 {
        for effect in effects(house).iter().filter(|it| it.is_open()) {
            let k = last_number(effect.id.as_str());
            match effect.action {
                Action::InitializePayment(_) => answer(house, provider, k, 0),
                Action::CancelPayment { .. } => void(house, provider, k),
                Action::CapturePayment { .. } | Action::RefundPayment { .. } => {}
            }
        }
        for k in provider.intents.keys().copied().collect::<Vec<_>>() {
            run(house, &record(provider.news(k).unwrap()));
        }
        check_books(house);
    }
}

fn check_end(house: &House, provider: &Provider) {
    let order = house.order(NO);
    for (k, state) in &provider.intents {
        let payment = order.payments.iter().find(|it| it.intent == Some(intent(*k)));
        let status = payment.map(|it| it.status);
        match state {
            IntentState::Succeeded => assert_eq!(status, Some(PaymentState::Captured), "{k}"),
            IntentState::Authorized => assert_eq!(status, Some(PaymentState::Authorized), "{k}"),
            IntentState::Cancelled => {
                let over = [None, Some(PaymentState::Cancelled)];
                assert!(over.contains(&status), "{k}: {status:?}");
            }
            IntentState::Open | IntentState::Declined | IntentState::Processing => {
                assert_eq!(order.status, Status::Pending, "{k} is {state:?} and still wanted");
            }
        }
    }
    let has_paid = kept(order) == TOTAL;
    let succeeded = provider.intents.values().any(|it| *it == IntentState::Succeeded);
    match order.status {
        Status::Pending => assert!(!has_paid && !succeeded, "who has paid is confirmed"),
        Status::Confirmed => assert!(has_paid || !succeeded, "who has paid once has paid"),
        Status::Cancelled => assert_eq!(kept(order), 0),
        Status::Shipped | Status::Delivered => unreachable!("nobody ships here"),
    }
    let open = effects(house).into_iter().find(|it| {
        it.state == EffectState::Open && !matches!(it.action, Action::RefundPayment { .. })
    });
    assert_eq!(open, None, "nothing is left undone");
    assert!(order.created_at.0 + 7 * DAY_MS >= order.expires_at.map_or(0, |it| it.0));
}

fn deed() -> impl Strategy<Value = Deed> {
    use IntentState::{Authorized, Cancelled, Declined, Processing, Succeeded};
    let states = prop::sample::select(vec![Authorized, Cancelled, Declined, Processing, Succeeded]);
    let k = || 1..4_u32;
    prop_oneof![
        6 => (k(), states).prop_map(|(k, state)| Deed::Pays(k, state)),
        6 => k().prop_map(Deed::Asks),
        6 => any::<prop::sample::Index>().prop_map(Deed::Tells),
        6 => (k(), 0..4_u8).prop_map(|(k, how)| Deed::Answers(k, how)),
        3 => Just(Deed::Starts),
        2 => k().prop_map(Deed::Voids),
        2 => (1..60_i64).prop_map(Deed::Passes),
        2 => Just(Deed::Expires),
        1 => Just(Deed::Confirms),
        1 => Just(Deed::Collects),
        1 => Just(Deed::Sells),
    ]
}
