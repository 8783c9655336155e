//! A shop whose customers pay by card, with a provider that does what a test has planned.

use std::{sync::Arc, time::Duration};

use domain::{
    Command, EffectId, Event, IntentId, Order, OrderNo,
    effect::{Effect, EffectState, Yield},
    order::{PaymentMethod, Status},
    payment::IntentState,
};
use engine::{
    Engine, Options, Said, Submission,
    clock::ManualClock,
    effects::Pace,
    ids::{Ids, SeededIds},
};
use store::{EventQuery, KeyChange, Read, Reads, Store, StoreError, Writer, memory::Memory};

use crate::{
    provider::Scripted,
    shop::{self, assert_healthy, by_staff, place, with_key},
};

/// Nothing in these tests takes so long, unless it never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct PaidShop {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) provider: Arc<Scripted>,
    pub(crate) engine: Arc<Engine>,
}

impl PaidShop {
    pub(crate) async fn open() -> PaidShop {
        PaidShop::on(Arc::new(Memory::new())).await
    }

    pub(crate) async fn on(store: Arc<dyn Store>) -> PaidShop {
        PaidShop::with(store, PACE).await
    }

    /// One that lets the provider take longer than any test.
    pub(crate) async fn patient() -> PaidShop {
        let pace = Pace { provider_deadline: 10 * PATIENCE, ..PACE };
        PaidShop::with(Arc::new(Memory::new()), pace).await
    }

    async fn with(store: Arc<dyn Store>, pace: Pace) -> PaidShop {
        let clock = Arc::new(ManualClock::at(shop::NOON));
        let provider = Arc::new(Scripted::default());
        let engine = start(&*store, &clock, &provider, 1, pace);
        shop::fill(&engine).await;
        PaidShop { store, clock, provider, engine }
    }

    /// Another process on the same database. Equal seeds would make it the same one.
    pub(crate) fn another(&self, seed: u64) -> Arc<Engine> {
        start(&*self.store, &self.clock, &self.provider, seed, PACE)
    }

    /// Places an order to be paid now, and waits for nothing.
    pub(crate) async fn begin(&self) -> EffectId {
        begin(&self.engine, by_staff(prepaid())).await
    }

    /// Places an order whose intent is there.
    pub(crate) async fn place(&self) -> (Order, IntentId) {
        let effect = self.begin().await;
        let effect = self.ended(&effect).await;
        let EffectState::Done(Yield::Intent { intent, .. }) = effect.state else {
            panic!("no intent: {:?}", effect.state);
        };
        (self.order(effect.order).await, intent)
    }

    /// Places an order that is paid.
    pub(crate) async fn sell(&self) -> Order {
        let (order, intent) = self.place().await;
        self.provider.set_state(&intent, IntentState::Succeeded);
        self.provider.notify(&intent);
        self.until(order.no, |it| it.status == Status::Confirmed).await
    }

    /// The same shop after its process has died, and another has begun.
    pub(crate) async fn restart(self) -> PaidShop {
        let PaidShop { store, clock, provider, engine } = self;
        shop::stop(engine).await;
        let engine = start(&*store, &clock, &provider, 2, PACE);
        PaidShop { store, clock, provider, engine }
    }

    pub(crate) async fn ended(&self, effect: &EffectId) -> Effect {
        match self.engine.outcome(effect, PATIENCE).await.unwrap() {
            Some(ended) => ended,
            None => panic!("it does not end: {:?}", self.effect(effect.as_str()).await),
        }
    }

    pub(crate) async fn effect(&self, id: &str) -> Option<Effect> {
        self.engine.reads().effect(EffectId::new(id)).await.unwrap()
    }

    pub(crate) async fn order(&self, no: OrderNo) -> Order {
        self.engine.reads().order(no).await.unwrap().expect("an order")
    }

    /// The order as soon as it is so.
    pub(crate) async fn until(&self, no: OrderNo, is_so: impl Fn(&Order) -> bool) -> Order {
        eventually(async || Some(self.order(no).await).filter(|it| is_so(it))).await
    }

    pub(crate) async fn count(&self, kind: &str) -> usize {
        let query = EventQuery { limit: 100_000, ..EventQuery::default() };
        let events = self.engine.reads().events(query).await.unwrap().events;
        events.iter().filter(|it| Event::kind(&it.event) == kind).count()
    }

    /// Ends in good order, with the books right.
    pub(crate) async fn close(self) {
        assert_healthy(self.engine.reads()).await;
        shop::stop(self.engine).await;
    }
}

/// In a hurry, so that rounds are many and deadlines short.
pub(crate) const PACE: Pace =
    Pace { provider_deadline: Duration::from_millis(200), round_every: Duration::from_millis(10) };

fn start(
    store: &dyn Store,
    clock: &Arc<ManualClock>,
    provider: &Arc<Scripted>,
    seed: u64,
    pace: Pace,
) -> Arc<Engine> {
    let options = Options { pace, ..Options::with(provider.clone()) };
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(seed));
    Arc::new(Engine::start(store, clock.clone(), ids, options).unwrap())
}

pub(crate) async fn begin(engine: &Engine, submission: Submission) -> EffectId {
    match engine.submit(submission).await.unwrap().said {
        Said::Awaits { awaits } => awaits,
        Said::Answer(answer) => panic!("an answer already: {answer:?}"),
    }
}

pub(crate) fn prepaid() -> Command {
    let Command::PlaceOrder(mut order) = place("jane", &[(2, 1)]) else { unreachable!() };
    order.payment_method = PaymentMethod::CreditCard;
    order.prepay = true;
    Command::PlaceOrder(order)
}

pub(crate) fn prepaid_with_key(key: u8) -> Submission {
    with_key(key, prepaid())
}

/// Looks again and again, until there is something.
pub(crate) async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let seen = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.expect("what is waited for comes")
}

/// Long enough for many rounds, to see that nothing happens.
pub(crate) async fn rounds_pass() {
    tokio::time::sleep(10 * PACE.round_every).await;
}

/// A memory that other processes write to.
pub(crate) struct Shared(pub(crate) Memory);

impl Store for Shared {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        self.0.writer()
    }

    fn reads(&self) -> Arc<dyn Reads> {
        self.0.reads()
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn forget_entries(&self) -> Read<'_, ()> {
        self.0.forget_entries()
    }

    fn secret(&self, name: &'static str, offered: Vec<u8>) -> Read<'_, Vec<u8>> {
        self.0.secret(name, offered)
    }

    fn rewrap_secret(&self, name: &'static str, from: Vec<u8>, to: Vec<u8>) -> Read<'_, ()> {
        self.0.rewrap_secret(name, from, to)
    }

    fn change_signing_keys(&self, changes: Vec<KeyChange>) -> Read<'_, ()> {
        self.0.change_signing_keys(changes)
    }
}
