//! A payment provider that keeps its books, and does to the next calls what a test has planned.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    future::{Future, pending},
    pin::Pin,
    sync::{Mutex, MutexGuard},
};

use domain::{
    Currency, IntentId, Money,
    payment::{IntentNews, IntentRequest, IntentState},
    refund::RefundState,
};
use engine::payment::{
    Call, CreatedIntent, IntentRecord, Notice, PaymentProvider, ProviderError, RefundNews,
};
use tokio::sync::Notify;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Answer,
    /// No, for good.
    Refuse,
    /// An error at once, and nothing is done.
    Away,
    /// It is done, and the answer never comes.
    LoseAnswer,
    /// Nothing is done, and no answer comes.
    Hang,
    /// A refund takes its time.
    Pending,
}

pub(crate) const REFUSAL: &str = "Your card issuer is not reachable.";

#[derive(Debug, Default)]
pub(crate) struct Scripted {
    books: Mutex<Books>,
    told: Notify,
}

#[derive(Debug, Default)]
struct Books {
    intents: BTreeMap<IntentId, IntentNews>,
    /// What was made with a key.
    keys: BTreeMap<String, IntentId>,
    refunds: BTreeMap<String, Money>,
    calls: Vec<String>,
    next: HashMap<&'static str, VecDeque<Fate>>,
    always: HashMap<&'static str, Fate>,
    to_tell: VecDeque<Notice>,
    unacknowledged: BTreeMap<u64, Notice>,
    last_notice: u64,
}

impl Scripted {
    /// The next call of this name that is not spoken for yet.
    pub(crate) fn plan(&self, call: &'static str, fate: Fate) {
        self.books().next.entry(call).or_default().push_back(fate);
    }

    /// Every call of this name that is not planned.
    pub(crate) fn always(&self, call: &'static str, fate: Fate) {
        self.books().always.insert(call, fate);
    }

    /// The calls so far of this name, with their keys.
    pub(crate) fn calls(&self, name: &str) -> Vec<String> {
        let books = self.books();
        let of_name = books.calls.iter().filter_map(|it| it.strip_prefix(name));
        of_name.map(|it| it.trim_start().to_owned()).collect()
    }

    pub(crate) fn intents(&self) -> Vec<IntentNews> {
        self.books().intents.values().cloned().collect()
    }

    /// The customer's side, or the provider's own doing.
    pub(crate) fn set(&self, intent: &IntentId, how: impl FnOnce(&mut IntentNews)) {
        how(self.books().intents.get_mut(intent).expect("a known intent"));
    }

    pub(crate) fn set_state(&self, intent: &IntentId, state: IntentState) {
        self.set(intent, |it| it.state = state);
    }

    pub(crate) fn refunded(&self) -> Money {
        Money::sum(self.books().refunds.values().copied()).unwrap()
    }

    pub(crate) fn notify(&self, intent: &IntentId) {
        let mut books = self.books();
        books.last_notice += 1;
        let notice = Notice { id: books.last_notice, intent: intent.clone() };
        books.unacknowledged.insert(notice.id, notice.clone());
        books.to_tell.push_back(notice);
        drop(books);
        self.told.notify_one();
    }

    /// Tells all again that nobody has acknowledged.
    pub(crate) fn tell_again(&self) {
        let mut books = self.books();
        books.to_tell = books.unacknowledged.values().cloned().collect();
        drop(books);
        self.told.notify_one();
    }

    pub(crate) fn unacknowledged(&self) -> usize {
        self.books().unacknowledged.len()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    fn call<T: Send + 'static>(
        &self,
        name: &'static str,
        key: &str,
        done: impl FnOnce(&mut Books, Fate) -> Result<T, ProviderError>,
    ) -> Call<'_, T> {
        let mut books = self.books();
        books.calls.push(format!("{name} {key}"));
        let planned = books.next.get_mut(name).and_then(VecDeque::pop_front);
        let fate = planned.or(books.always.get(name).copied()).unwrap_or(Fate::Answer);
        match fate {
            Fate::Answer | Fate::Pending => ready(done(&mut books, fate)),
            Fate::Refuse => ready(Err(ProviderError::Refused(REFUSAL.into()))),
            Fate::Away => ready(Err(ProviderError::Unavailable("gone fishing".into()))),
            Fate::LoseAnswer => {
                _ = done(&mut books, fate);
                Box::pin(pending())
            }
            Fate::Hang => Box::pin(pending()),
        }
    }
}

fn ready<T: Send + 'static>(answer: Result<T, ProviderError>) -> Call<'static, T> {
    Box::pin(std::future::ready(answer))
}

fn known(books: &mut Books, id: &IntentId) -> Result<IntentNews, ProviderError> {
    books.intents.get(id).cloned().ok_or(ProviderError::Unknown)
}

impl PaymentProvider for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn minimums(&self) -> Vec<(Currency, Money)> {
        vec![(Currency::USD, Money(50))]
    }

    fn create(&self, key: &str, request: &IntentRequest) -> Call<'_, CreatedIntent> {
        self.call("create", key, |books, _| {
            let next = IntentId::new(&format!("pi_{}", books.intents.len() + 1));
            let intent = books.keys.entry(key.into()).or_insert(next).clone();
            books.intents.entry(intent.clone()).or_insert_with(|| IntentNews {
                intent: intent.clone(),
                order: Some(request.order),
                payment: Some(request.payment.clone()),
                amount: request.amount,
                currency: request.currency,
                state: IntentState::Open,
                message: None,
            });
            let client_secret = format!("{intent}_secret").into();
            Ok(CreatedIntent { intent, client_secret })
        })
    }

    fn intent(&self, id: &IntentId) -> Call<'_, IntentNews> {
        self.call("intent", id.as_str(), |books, _| known(books, id))
    }

    fn capture(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews> {
        self.call("capture", key, |books, _| {
            if known(books, id)?.state == IntentState::Authorized {
                books.intents.entry(id.clone()).and_modify(|it| it.state = IntentState::Succeeded);
            }
            known(books, id)
        })
    }

    fn cancel(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews> {
        self.call("cancel", key, |books, _| {
            if known(books, id)?.state != IntentState::Succeeded {
                books.intents.entry(id.clone()).and_modify(|it| it.state = IntentState::Cancelled);
            }
            known(books, id)
        })
    }

    fn refund(&self, key: &str, id: &IntentId, amount: Money) -> Call<'_, RefundNews> {
        self.call("refund", key, |books, fate| {
            known(books, id)?;
            books.refunds.insert(key.into(), amount);
            let is_pending = fate == Fate::Pending;
            let state = if is_pending { RefundState::Pending } else { RefundState::Succeeded };
            Ok(RefundNews { state, message: None })
        })
    }

    fn intents(&self, after: Option<IntentId>, limit: u32) -> Call<'_, Vec<IntentRecord>> {
        self.call("intents", "", |books, _| {
            let later = books.intents.values().filter(|it| Some(&it.intent) > after.as_ref());
            let limit = usize::try_from(limit).unwrap();
            let record = |news: &IntentNews| IntentRecord {
                news: news.clone(),
                refunded: Money::ZERO,
                created_at: 0,
            };
            Ok(later.take(limit).map(record).collect())
        })
    }

    fn notice(&self) -> Pin<Box<dyn Future<Output = Notice> + Send + '_>> {
        Box::pin(async {
            loop {
                let told = self.told.notified();
                if let Some(notice) = self.books().to_tell.pop_front() {
                    return notice;
                }
                told.await;
            }
        })
    }

    fn acknowledge(&self, notice: &Notice) -> Call<'_, ()> {
        let id = notice.id;
        self.call("acknowledge", &id.to_string(), |books, _| {
            books.unacknowledged.remove(&id);
            Ok(())
        })
    }
}
