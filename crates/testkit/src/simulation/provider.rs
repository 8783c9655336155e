//! The line to the payment provider: the real sandbox, and everything that can go wrong on the way
//! there and back. A request or its answer is lost, or comes when nobody waits for it any more;
//! the provider is down, or refuses; what it tells unasked comes twice, late, never, in any order.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future, pending, ready},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use adapters::payment::{
    Call, CreatedIntent, IntentRecord, Notice, PaymentProvider, ProviderError, RefundNews,
    sandbox::{Behaviour, Callback, Sandbox, Surroundings},
};
use domain::{
    Currency, IntentId, Money,
    payment::{IntentNews, IntentRequest},
    refund::RefundState,
};
use engine::clock::{Clock, ManualClock};

use super::{books::Broken, random::Random};

const PAGE: u32 = 100;

/// What has happened at the provider, whoever heard of it.
pub(super) type Ledger = BTreeMap<IntentId, Account>;

#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) news: IntentNews,
    pub(super) refunded: Money,
    /// Made by hand at the provider: no order has asked for it.
    pub(super) is_foreign: bool,
}

/// How often what goes wrong, in a thousand calls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Troubles {
    pub(super) refused: usize,
    pub(super) down: usize,
    pub(super) lost_request: usize,
    pub(super) lost_answer: usize,
    pub(super) late_request: usize,
    /// Of what is told unasked.
    pub(super) lost_notice: usize,
    pub(super) double_notice: usize,
    /// Refunds take some seconds.
    pub(super) slow_refunds: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Refused,
    Down,
    LostRequest,
    LostAnswer,
    LateRequest,
}

/// What the customer does at the provider's own page.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Confirm,
    /// Pays something else than was asked for, as can happen with a transfer.
    ConfirmOther(Money),
    Decline,
    Process,
    Cancel,
}

#[derive(Debug)]
pub(super) struct Line {
    sandbox: Sandbox,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    troubles: Troubles,
    ledger: Ledger,
    /// What was done already: it is told as it stands, and never refused.
    keys: BTreeSet<String>,
    notices: Vec<IntentId>,
    late: Vec<Late>,
}

/// A request that is still on its way when its sender has given up.
#[derive(Debug)]
enum Late {
    Create(String, IntentRequest),
    Capture(String, IntentId),
    Cancel(String, IntentId),
    Refund(String, IntentId, Money),
}

impl Line {
    pub(super) fn new(mut random: Random, troubles: Troubles, clock: Arc<ManualClock>) -> Line {
        let seeded = Mutex::new(Random::new(random.next()));
        let surroundings = Surroundings {
            now: Arc::new(move || clock.now().0),
            fill: Arc::new(move |bytes: &mut [u8]| lock(&seeded).fill(bytes)),
        };
        let sandbox = Sandbox::in_memory(surroundings).expect("SQLite opens in memory");
        let callback = if troubles.slow_refunds { Callback::Late } else { Callback::Off };
        let behaviour = Behaviour { callback, ..Behaviour::default() };
        sandbox.set_behaviour(behaviour).expect("the sandbox is in memory");
        let state = State {
            random,
            troubles,
            ledger: Ledger::new(),
            keys: BTreeSet::new(),
            notices: Vec::new(),
            late: Vec::new(),
        };
        Line { sandbox, state: Mutex::new(state) }
    }

    /// From now on every call is answered and every notice told once.
    pub(super) fn heal(&self) {
        self.state().troubles = Troubles::default();
    }

    pub(super) fn with_ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.state().ledger)
    }

    /// What somebody does at the provider; `false` if it can't be done as things stand.
    pub(super) fn perform(&self, intent: &IntentId, deed: Deed) -> bool {
        let customer = self.sandbox.customer();
        let done = match deed {
            Deed::Confirm => customer.confirm(intent),
            Deed::ConfirmOther(amount) => customer.confirm_amount(intent, amount),
            Deed::Decline => customer.decline(intent),
            Deed::Process => customer.processing(intent),
            Deed::Cancel => customer.cancel(intent),
        };
        match done {
            Ok(record) => {
                self.state().changed(&record.news);
                true
            }
            Err(_) => false,
        }
    }

    /// Somebody makes an intent by hand, which names an order of ours.
    pub(super) fn make_by_hand(&self, key: &str, request: &IntentRequest) -> Option<IntentId> {
        let created = poll_once(self.sandbox.create(key, request))?.ok()?;
        let mut state = self.state();
        state.created(&created.intent, request);
        let account = state.ledger.get_mut(&created.intent)?;
        account.is_foreign = true;
        Some(created.intent)
    }

    /// The provider's own books, whole.
    pub(super) fn records(&self) -> Result<Vec<IntentRecord>, Broken> {
        let mut records: Vec<IntentRecord> = Vec::new();
        loop {
            let after = records.last().map(|it| it.news.intent.clone());
            let page = at_once(self.sandbox.intents(after, PAGE));
            let page = page.map_err(|error| error.to_string())?;
            if page.is_empty() {
                return Ok(records);
            }
            records.extend(page);
        }
    }

    pub(super) fn has_notices(&self) -> bool {
        !self.state().notices.is_empty()
    }

    /// One of the notices that are under way; in any order.
    pub(super) fn take_notice(&self) -> Option<IntentId> {
        let mut state = self.state();
        let count = state.notices.len();
        if count == 0 {
            return None;
        }
        let place = state.random.below(count);
        Some(state.notices.swap_remove(place))
    }

    /// What was not dealt with is told again.
    pub(super) fn tell_again(&self, intent: &IntentId) {
        self.state().notices.push(intent.clone());
    }

    /// One of the requests that nobody waits for any more arrives.
    pub(super) fn deliver_late(&self) -> bool {
        let late = {
            let mut state = self.state();
            let count = state.late.len();
            if count == 0 {
                return false;
            }
            let place = state.random.below(count);
            state.late.swap_remove(place)
        };
        match late {
            Late::Create(key, request) => _ = self.do_create(&key, &request),
            Late::Capture(key, intent) => _ = self.do_capture(&key, &intent),
            Late::Cancel(key, intent) => _ = self.do_cancel(&key, &intent),
            Late::Refund(key, intent, amount) => _ = self.do_refund(&key, &intent, amount),
        }
        true
    }

    fn do_create(&self, key: &str, request: &IntentRequest) -> Done<CreatedIntent> {
        let done = at_once(self.sandbox.create(key, request));
        if let Ok(created) = &done {
            let mut state = self.state();
            state.keys.insert(key.into());
            state.created(&created.intent, request);
        }
        done
    }

    fn do_capture(&self, key: &str, id: &IntentId) -> Done<IntentNews> {
        let done = at_once(self.sandbox.capture(key, id));
        self.note(key, done)
    }

    fn do_cancel(&self, key: &str, id: &IntentId) -> Done<IntentNews> {
        let done = at_once(self.sandbox.cancel(key, id));
        self.note(key, done)
    }

    fn do_refund(&self, key: &str, id: &IntentId, amount: Money) -> Done<RefundNews> {
        let done = at_once(self.sandbox.refund(key, id, amount));
        if let Ok(news) = &done {
            self.state().refunded(key, id, amount, news);
        }
        done
    }

    fn note(&self, key: &str, done: Done<IntentNews>) -> Done<IntentNews> {
        if let Ok(news) = &done {
            let mut state = self.state();
            state.keys.insert(key.into());
            state.changed(news);
        }
        done
    }

    /// What becomes of a call, and so what its caller sees.
    fn call<T: Send + 'static>(
        &self,
        key: Option<&str>,
        late: impl FnOnce() -> Option<Late>,
        work: impl FnOnce() -> Done<T>,
    ) -> Call<'_, T> {
        let fate = self.state().fate(key);
        match fate {
            Fate::Answered => Box::pin(ready(work())),
            Fate::Refused => {
                Box::pin(ready(Err(ProviderError::Refused("the card was not accepted".into()))))
            }
            Fate::Down => {
                Box::pin(ready(Err(ProviderError::Unavailable("closed for today".into()))))
            }
            Fate::LostRequest => Box::pin(pending()),
            Fate::LostAnswer => {
                _ = work();
                Box::pin(pending())
            }
            Fate::LateRequest => {
                self.state().late.extend(late());
                Box::pin(pending())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

type Done<T> = Result<T, ProviderError>;

impl State {
    fn fate(&mut self, key: Option<&str>) -> Fate {
        let Troubles { refused, down, lost_request, lost_answer, late_request, .. } = self.troubles;
        let bad = refused + down + lost_request + lost_answer + late_request;
        let weights =
            [1000 - bad.min(1000), refused, down, lost_request, lost_answer, late_request];
        match self.random.weighted(&weights) {
            0 => Fate::Answered,
            1 if key.is_some_and(|it| self.keys.contains(it)) => Fate::Answered,
            1 => Fate::Refused,
            2 => Fate::Down,
            3 => Fate::LostRequest,
            4 => Fate::LostAnswer,
            _ => Fate::LateRequest,
        }
    }

    fn created(&mut self, intent: &IntentId, request: &IntentRequest) {
        let news = IntentNews {
            intent: intent.clone(),
            order: Some(request.order),
            payment: Some(request.payment.clone()),
            amount: request.amount,
            currency: request.currency,
            state: domain::payment::IntentState::Open,
            message: None,
        };
        let account = Account { news, refunded: Money::ZERO, is_foreign: false };
        self.ledger.entry(intent.clone()).or_insert(account);
    }

    fn changed(&mut self, news: &IntentNews) {
        let Some(account) = self.ledger.get_mut(&news.intent) else { return };
        if account.news.state == news.state {
            return;
        }
        account.news = news.clone();
        let times = if self.random.per_mille(self.troubles.lost_notice) {
            0
        } else if self.random.per_mille(self.troubles.double_notice) {
            2
        } else {
            1
        };
        self.notices.extend((0..times).map(|_| news.intent.clone()));
    }

    fn refunded(&mut self, key: &str, id: &IntentId, amount: Money, news: &RefundNews) {
        match news.state {
            RefundState::Failed => return,
            RefundState::Pending | RefundState::Succeeded => {}
        }
        if self.keys.insert(key.into())
            && let Some(account) = self.ledger.get_mut(id)
        {
            account.refunded.0 += amount.0;
        }
    }
}

impl PaymentProvider for Line {
    fn name(&self) -> &'static str {
        self.sandbox.name()
    }

    fn minimums(&self) -> Vec<(Currency, Money)> {
        self.sandbox.minimums()
    }

    fn create(&self, key: &str, request: &IntentRequest) -> Call<'_, CreatedIntent> {
        let late = || Some(Late::Create(key.into(), request.clone()));
        self.call(Some(key), late, || self.do_create(key, request))
    }

    fn intent(&self, id: &IntentId) -> Call<'_, IntentNews> {
        self.call(None, || None, || at_once(self.sandbox.intent(id)))
    }

    fn capture(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews> {
        let late = || Some(Late::Capture(key.into(), id.clone()));
        self.call(Some(key), late, || self.do_capture(key, id))
    }

    fn cancel(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews> {
        let late = || Some(Late::Cancel(key.into(), id.clone()));
        self.call(Some(key), late, || self.do_cancel(key, id))
    }

    fn refund(&self, key: &str, id: &IntentId, amount: Money) -> Call<'_, RefundNews> {
        let late = || Some(Late::Refund(key.into(), id.clone(), amount));
        self.call(Some(key), late, || self.do_refund(key, id, amount))
    }

    fn intents(&self, after: Option<IntentId>, limit: u32) -> Call<'_, Vec<IntentRecord>> {
        self.sandbox.intents(after, limit)
    }

    /// The simulation hands out notices itself, in any order.
    fn notice(&self) -> Pin<Box<dyn Future<Output = Notice> + Send + '_>> {
        Box::pin(pending())
    }

    fn acknowledge(&self, notice: &Notice) -> Call<'_, ()> {
        self.sandbox.acknowledge(notice)
    }
}

/// An answer that is there at once, or none: nobody waits in a simulation.
pub(super) fn poll_once<T>(future: Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Option<T> {
    let mut future = future;
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// The sandbox is told to delay nothing.
fn at_once<T>(call: Call<'_, T>) -> Done<T> {
    poll_once(call).unwrap_or_else(|| Err(ProviderError::Unavailable("it has not answered".into())))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
