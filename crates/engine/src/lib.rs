//! Drives: takes commands, groups what waits into batches, answers when they are on disk, and
//! makes happen outside what they want.
//!
//! Whatever changes something comes in by [`Engine::submit`]; whatever only looks uses
//! [`Engine::reads`]; whatever reacts to what happens uses [`Engine::follow`]; the payment provider
//! is asked by [`Engine::ask`], an outside cart service by [`Engine::ask_for_cart`]. The heart is
//! `pipeline`.

pub mod clock;
pub mod crash_points;
pub mod effects;
mod erasure;
pub mod ids;
pub mod meters;
mod pipeline;
pub mod readers;
mod submission;
pub mod traces;
pub mod verify;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use domain::{
    CartId, EffectId,
    effect::{Effect, ProcessId},
    payment::ClientSecret,
    world::Policy,
};
use store::{EventQuery, Reads, Store, StoreError};
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, mpsc, oneshot},
    task::JoinSet,
};
use tracing::Instrument;

pub use adapters::{cart, http, keys, payment};
pub use pipeline::{Committed, Inline, Limits};
pub use submission::{Answer, Idempotency, Rehearsal, Rejected, Render, Reply, Said, Submission};

use self::{
    cart::{CartError, CartService},
    clock::Clock,
    effects::{Context, Pace, Working, runner::Runner},
    ids::Ids,
    meters::{Lane, Meters},
    payment::{Call, PaymentProvider, ProviderError},
    pipeline::{Committer, Lanes, Request, Told, Waiting},
    readers::feed::{self, Feed, Follower},
};

/// Commands that may wait for their batch. Past it, a caller is told at once to come again.
pub const QUEUE_MAX: usize = 1024;

/// Rows for which a place in the queue is meant, those of an order of two lines: large orders fill
/// it with fewer, so that nobody waits longer for them.
const ROWS_OF_PLACE: usize = 8;

/// Bulk work that may wait beside them. Past it, whoever brings it waits for a place.
pub const BULK_QUEUE_MAX: usize = 128;

/// Questions to the provider that may be open at once.
pub const ASKED_MAX: usize = 256;

/// Carts that may be asked for outside at once.
pub const CARTS_ASKED_MAX: usize = 64;

pub struct Options {
    pub policy: Policy,
    pub queue_max: usize,
    pub batch: Limits,
    pub payment: Arc<dyn PaymentProvider>,
    /// Who keeps carts that are not here, if anybody.
    pub carts: Option<Arc<dyn CartService>>,
    pub pace: Pace,
}

impl Options {
    /// As a server starts without settings, with this provider.
    pub fn with(payment: Arc<dyn PaymentProvider>) -> Options {
        Options {
            policy: Policy::default(),
            queue_max: QUEUE_MAX,
            batch: Limits::default(),
            payment,
            carts: None,
            pace: Pace::default(),
        }
    }
}

pub struct Engine {
    queue: mpsc::Sender<Waiting>,
    /// Of what waits in the queue.
    rows: Arc<AtomicUsize>,
    bulk: mpsc::Sender<Waiting>,
    reads: Arc<dyn Reads>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    payment: Arc<dyn PaymentProvider>,
    pace: Pace,
    asked: Semaphore,
    carts: Option<Arc<dyn CartService>>,
    carts_asked: Semaphore,
    runner: Arc<Runner>,
    feed: Arc<Feed>,
    meters: Arc<Meters>,
    erasures: Arc<Notify>,
    jobs: JoinSet<()>,
    working: Working,
    pipeline: JoinHandle<()>,
}

impl Engine {
    /// Starts the write path on a thread of its own, and the jobs on the runtime that this is
    /// called in.
    pub fn start(
        store: &dyn Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        options: Options,
    ) -> Result<Engine, StoreError> {
        let Options { mut policy, queue_max, batch, payment, carts, pace } = options;
        let (queue, waiting) = mpsc::channel(queue_max);
        let rows = Arc::<AtomicUsize>::default();
        let (bulk, bulk_waiting) = mpsc::channel(BULK_QUEUE_MAX);
        let minimums = payment.minimums().into_iter();
        let minimums: BTreeMap<_, _> = minimums.map(|(it, least)| (it.code(), least)).collect();
        policy.minimums = Arc::new(minimums);
        policy.process = draw_process(&*ids);
        policy.sole_process = !store.is_shared();
        let erasures = Arc::new(Notify::new());
        let context = Context {
            queue: queue.downgrade(),
            rows: rows.clone(),
            bulk: bulk.downgrade(),
            erasures: erasures.clone(),
            reads: store.reads(),
            clock: clock.clone(),
            ids: ids.clone(),
            provider: payment.clone(),
            pace,
            process: policy.process,
            is_sole: policy.sole_process,
        };
        let (runner, lanes) = Runner::new(context);
        let feed = Feed::new(store.reads(), store.is_shared());
        let meters = Arc::new(Meters::new());
        let pipeline = pipeline::Pipeline {
            lanes: Lanes {
                usual: waiting,
                rows: rows.clone(),
                bulk: bulk_waiting,
                limits: batch,
                runtime: Handle::current(),
                alone: 0,
            },
            committer: Committer { writer: store.writer()?, clock: clock.clone(), policy },
            runner: runner.clone(),
            feed: feed.clone(),
            meters: meters.clone(),
        };
        let pipeline = std::thread::Builder::new()
            .name("pipeline".into())
            .spawn(move || pipeline.run())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let (mut jobs, working) = effects::start(&runner, lanes);
        jobs.spawn(feed::look(feed.clone()));
        jobs.spawn(effects::for_ever("erasure", {
            let context = runner.context.clone();
            move || erasure::run(context.clone())
        }));
        let (reads, asked) = (store.reads(), Semaphore::new(ASKED_MAX));
        Ok(Engine {
            queue,
            rows,
            bulk,
            reads,
            clock,
            ids,
            payment,
            pace,
            asked,
            carts,
            carts_asked: Semaphore::new(CARTS_ASKED_MAX),
            runner,
            feed,
            meters,
            erasures,
            jobs,
            working,
            pipeline,
        })
    }

    /// Whether a command that comes now is turned away. Who asks first need not read it.
    pub fn is_full(&self) -> bool {
        self.queue.capacity() == 0
            || self.rows.load(Ordering::Relaxed) >= ROWS_OF_PLACE * self.queue.max_capacity()
    }

    /// Whether commands wait for their batch: what is in no hurry gives way to them.
    pub fn is_busy(&self) -> bool {
        self.queue.capacity() < self.queue.max_capacity()
    }

    /// Hands a command to the next batch and waits for its commit.
    pub async fn submit(&self, submission: Submission) -> Result<Reply, Rejected> {
        match self.hand_in(submission, false).await? {
            Told::Reply(reply) => Ok(reply),
            Told::Rehearsal(_) => Err(Rejected::Failed),
        }
    }

    /// What a command would bring about in the next batch. Nothing of it is kept: no number is
    /// taken, no key read or written, and no other command sees anything of it.
    pub async fn rehearse(&self, submission: Submission) -> Result<Rehearsal, Rejected> {
        match self.hand_in(submission, true).await? {
            Told::Rehearsal(rehearsal) => Ok(*rehearsal),
            Told::Reply(_) => Err(Rejected::Failed),
        }
    }

    async fn hand_in(&self, submission: Submission, is_rehearsal: bool) -> Result<Told, Rejected> {
        if self.is_full() {
            return Err(Rejected::Overloaded);
        }
        let request = Request { submission, is_rehearsal };
        let outcome = hand_in(&self.queue, &self.rows, request)?;
        outcome.await.unwrap_or(Err(Rejected::Failed))
    }

    /// Hands in bulk work, which has a lane of its own and gives way to what others want. Waits
    /// for a place in it; the outcome comes later, so that much can be handed in, in its order.
    pub async fn submit_bulk(&self, submission: Submission) -> Result<Pending, Rejected> {
        self.hand_in_bulk(Request { submission, is_rehearsal: false }).await
    }

    /// The same for what is only rehearsed.
    pub async fn rehearse_bulk(&self, submission: Submission) -> Result<Pending, Rejected> {
        self.hand_in_bulk(Request { submission, is_rehearsal: true }).await
    }

    async fn hand_in_bulk(&self, request: Request) -> Result<Pending, Rejected> {
        let (reply, outcome) = oneshot::channel();
        let waiting = Waiting::now(request, reply);
        self.bulk.send(waiting).await.map_err(|_| Rejected::Unavailable)?;
        Ok(Pending(outcome))
    }

    /// Waits for the end of an effect, whichever process brings it about; `None` when patience
    /// ends first.
    pub async fn outcome(
        &self,
        effect: &EffectId,
        patience: Duration,
    ) -> Result<Option<Effect>, StoreError> {
        let ended = self.runner.outcome(effect, patience).await?;
        if let Some(effect) = &ended {
            crash_points::before_reply(effect);
        }
        Ok(ended)
    }

    /// Asks the payment provider, and waits as long as it has for an answer.
    pub async fn ask<T>(
        &self,
        question: impl FnOnce(&dyn PaymentProvider) -> Call<'_, T>,
    ) -> Result<T, ProviderError> {
        let Ok(_place) = self.asked.try_acquire() else {
            return Err(ProviderError::Unavailable("too many questions are open".into()));
        };
        let answer = effects::in_time(self.pace.provider_deadline, question(&*self.payment));
        answer.instrument(traces::question("ask payment provider")).await
    }

    /// Whether customers may pay on a page of the provider's own.
    pub fn has_hosted_page(&self) -> bool {
        self.payment.has_hosted_page()
    }

    /// Where the customer of an intent pays, and comes back from to `back`.
    pub fn hosted_page(&self, secret: &ClientSecret, back: &str) -> Option<String> {
        self.payment.hosted_page(secret, back)
    }

    /// Whether somebody else keeps carts too.
    pub fn has_cart_service(&self) -> bool {
        self.carts.is_some()
    }

    /// Asks the outside cart service for a cart's document, and waits so long for an answer.
    pub async fn ask_for_cart(
        &self,
        id: &CartId,
        deadline: Duration,
    ) -> Result<Vec<u8>, CartError> {
        let Some(carts) = &self.carts else { return Err(CartError::Unknown) };
        let Ok(_place) = self.carts_asked.try_acquire() else {
            return Err(CartError::Unavailable("too many carts are being asked for".into()));
        };
        let answer = tokio::time::timeout(deadline, carts.cart(id));
        let answer = answer.instrument(traces::question("ask cart service")).await;
        answer.unwrap_or_else(|_| Err(CartError::Unavailable("no answer in time".into())))
    }

    /// Has erasures gone on with at once: somebody waits for the end of one.
    pub fn hurry_erasures(&self) {
        self.erasures.notify_one();
    }

    /// Follows the log from the query's position, as it grows.
    pub fn follow(&self, query: EventQuery) -> Follower {
        self.feed.follow(query)
    }

    /// What is measured, brought up to date.
    pub async fn look_at_meters(&self) -> &Meters {
        let lane = |name, queue: &mpsc::Sender<Waiting>| {
            let max = queue.max_capacity();
            Lane { name, waiting: max - queue.capacity(), max }
        };
        let lanes = [lane("usual", &self.queue), lane("bulk", &self.bulk)];
        self.meters.look(&*self.reads, self.clock.now(), lanes).await;
        &self.meters
    }

    /// What is measured, as it was at the last look.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    pub fn reads(&self) -> &dyn Reads {
        &*self.reads
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    /// Ends the jobs, finishes what waits, then ends the write path; whether it ended in good
    /// order. Effects that are under way are left to their leases.
    pub async fn stop(self) -> bool {
        let Engine { queue, bulk, mut jobs, working, pipeline, .. } = self;
        jobs.shutdown().await;
        working.end().await;
        drop((queue, bulk));
        let ended = tokio::task::spawn_blocking(move || pipeline.join().is_ok()).await;
        let ended = ended.unwrap_or(false);
        if !ended {
            tracing::error!("the write path ended in a panic");
        }
        ended
    }
}

/// Bulk work that waits for its batch.
pub struct Pending(oneshot::Receiver<Result<Told, Rejected>>);

impl Pending {
    /// Once the batch is committed: whether the command was accepted.
    pub async fn accepted(self) -> Result<(), Rejected> {
        self.0.await.unwrap_or(Err(Rejected::Failed)).map(|_| ())
    }
}

/// The outcome comes once the batch of the request is committed.
fn hand_in(
    queue: &mpsc::Sender<Waiting>,
    rows: &AtomicUsize,
    request: Request,
) -> Result<oneshot::Receiver<Result<Told, Rejected>>, Rejected> {
    let (reply, outcome) = oneshot::channel();
    let place = queue.try_reserve().map_err(|error| match error {
        mpsc::error::TrySendError::Full(()) => Rejected::Overloaded,
        mpsc::error::TrySendError::Closed(()) => Rejected::Unavailable,
    })?;
    // Before it is there to be taken.
    rows.fetch_add(request.rows(), Ordering::Relaxed);
    place.send(Waiting::now(request, reply));
    Ok(outcome)
}

fn draw_process(ids: &dyn Ids) -> ProcessId {
    let mut bytes = [0; 8];
    ids.fill(&mut bytes);
    ProcessId(u64::from_le_bytes(bytes))
}
