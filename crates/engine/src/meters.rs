//! What the engine measures of itself, for those who watch over it.
//!
//! On the write path a measure is a few atomic additions. What is asked of the store (how much
//! waits, and since when) is asked when somebody looks, and not more than once a second.

use std::time::{Duration, Instant};

use domain::{
    Moment,
    order::{ReviewStatus, Status},
};
use prometheus::{
    Gauge, Histogram, HistogramOpts, IntGauge, IntGaugeVec, Opts, Registry, core::Collector,
    exponential_buckets,
};
use store::{OrderFilter, OrderQuery, OrderSort, Reads, StoreError};
use tokio::sync::Mutex;

/// Open effects that are counted; where there are more, this many are told.
pub const EFFECTS_COUNTED_MAX: u32 = 10_000;
const EFFECTS_PAGE: u32 = 1_000;

/// What was asked of the store is told again this long.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// Whoever watches has an answer soon, also when the store has none.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Meters {
    registry: Registry,
    batch_commands: Histogram,
    commit_s: Histogram,
    queue_wait_s: Histogram,
    queued: IntGaugeVec,
    queue_max: IntGaugeVec,
    store: OfStore,
    looked: Mutex<Option<Instant>>,
}

/// What the store is asked for.
struct OfStore {
    is_up: IntGauge,
    effects_open: IntGauge,
    effects_oldest_s: Gauge,
    reservations_overdue_s: Gauge,
    reviews_oldest_s: Gauge,
    last_seq: IntGauge,
    reader_lag: IntGaugeVec,
    connections: IntGaugeVec,
    reads_waiting: IntGauge,
}

/// One way into the write path: how much waits in it, and how much may.
pub(crate) struct Lane {
    pub(crate) name: &'static str,
    pub(crate) waiting: usize,
    pub(crate) max: usize,
}

impl Meters {
    pub(crate) fn new() -> Meters {
        let registry = Registry::new();
        let within = &registry;
        // From 0.1 ms to about 13 s.
        let seconds = || exponential_buckets(0.0001, 2.0, 18).unwrap_or_default();
        let commands = exponential_buckets(1.0, 2.0, 10).unwrap_or_default();
        Meters {
            batch_commands: histogram(
                within,
                "orderd_batch_commands",
                "Commands in a batch that was brought to disk",
                commands,
            ),
            commit_s: histogram(
                within,
                "orderd_batch_seconds",
                "From a batch's first look at the store to its commit",
                seconds(),
            ),
            queue_wait_s: histogram(
                within,
                "orderd_queue_wait_seconds",
                "How long a command waited for its batch to begin",
                seconds(),
            ),
            queued: gauges(within, "orderd_queue_commands", "Commands that wait", "lane"),
            queue_max: gauges(within, "orderd_queue_commands_max", "How many may wait", "lane"),
            store: OfStore::new(within),
            looked: Mutex::new(None),
            registry,
        }
    }

    /// Where everything that is measured is found; more may be added to it.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn waited(&self, since: Instant) {
        self.queue_wait_s.observe(since.elapsed().as_secs_f64());
    }

    pub(crate) fn committed(&self, commands: usize, since: Instant) {
        self.batch_commands.observe(f64::from(u32::try_from(commands).unwrap_or(u32::MAX)));
        self.commit_s.observe(since.elapsed().as_secs_f64());
    }

    /// Brings what is not measured as it happens up to date. A store that is away leaves what it
    /// was asked for as it was, and is told to be away.
    pub(crate) async fn look(&self, reads: &dyn Reads, now: Moment, lanes: [Lane; 2]) {
        for Lane { name, waiting, max } in lanes {
            self.queued.with_label_values(&[name]).set(count(waiting));
            self.queue_max.with_label_values(&[name]).set(count(max));
        }
        let mut looked = self.looked.lock().await;
        if looked.is_some_and(|it| it.elapsed() < FRESH_FOR) {
            return;
        }
        let asked = tokio::time::timeout(PATIENCE, self.store.ask(reads, now)).await;
        self.store.is_up.set(i64::from(matches!(asked, Ok(Ok(())))));
        *looked = Some(begin());
    }
}

impl OfStore {
    fn new(registry: &Registry) -> OfStore {
        OfStore {
            is_up: gauge(registry, "orderd_store_up", "1 while the store answers, else 0"),
            effects_open: gauge(
                registry,
                "orderd_effects_open",
                "What shall happen outside and has not yet; 10000 stands for that many or more",
            ),
            effects_oldest_s: seconds(
                registry,
                "orderd_effects_oldest_age_seconds",
                "How long the oldest of them has been open; 0 where there is none",
            ),
            reservations_overdue_s: seconds(
                registry,
                "orderd_reservations_oldest_overdue_seconds",
                "For how long stock has been kept past its time; 0 where none is",
            ),
            reviews_oldest_s: seconds(
                registry,
                "orderd_reviews_oldest_age_seconds",
                "For how long an open order has waited for its review; 0 where none does",
            ),
            last_seq: gauge(registry, "orderd_events_last_seq", "The number of the last event"),
            reader_lag: gauges(
                registry,
                "orderd_reader_lag_events",
                "Events that a reader of the log has not read yet",
                "reader",
            ),
            connections: gauges(
                registry,
                "orderd_store_connections",
                "Connections for reads, by what they do",
                "state",
            ),
            reads_waiting: gauge(
                registry,
                "orderd_store_reads_waiting",
                "Reads that wait for a connection",
            ),
        }
    }

    async fn ask(&self, reads: &dyn Reads, now: Moment) -> Result<(), StoreError> {
        let pool = reads.pool();
        self.connections.with_label_values(&["busy"]).set(count(pool.busy));
        self.connections
            .with_label_values(&["idle"])
            .set(count(pool.size.saturating_sub(pool.busy)));
        self.reads_waiting.set(count(pool.waiting));
        let (open, oldest) = open_effects(reads).await?;
        self.effects_open.set(i64::from(open));
        self.effects_oldest_s.set(age_s(oldest, now));
        self.reservations_overdue_s.set(age_s(oldest_overdue(reads, now).await?, now));
        self.reviews_oldest_s.set(age_s(oldest_review(reads).await?, now));
        let listed = listed(reads).await?;
        let last = reads.last_seq().await?;
        self.last_seq.set(i64::try_from(last).unwrap_or(i64::MAX));
        let lag = listed.map_or(0, |listed| last.saturating_sub(listed));
        self.reader_lag.with_label_values(&["lists"]).set(i64::try_from(lag).unwrap_or(i64::MAX));
        Ok(())
    }
}

/// How many there are, up to what is counted, and when the oldest of these was decided.
async fn open_effects(reads: &dyn Reads) -> Result<(u32, Option<Moment>), StoreError> {
    let (mut counted, mut oldest, mut after) = (0, None::<Moment>, None);
    while counted < EFFECTS_COUNTED_MAX {
        let page = reads.open_effects(after, EFFECTS_PAGE).await?;
        counted += u32::try_from(page.len()).unwrap_or(u32::MAX);
        oldest = page.iter().map(|it| it.created_at).chain(oldest).min();
        match page.last() {
            Some(last) if page.len() >= usize::try_from(EFFECTS_PAGE).unwrap_or(usize::MAX) => {
                after = Some((last.due_at, last.id.clone()));
            }
            Some(_) | None => break,
        }
    }
    Ok((counted, oldest))
}

/// Until when the stock was to be kept that is kept longest past its time.
async fn oldest_overdue(reads: &dyn Reads, now: Moment) -> Result<Option<Moment>, StoreError> {
    let expired = reads.expired_orders(now, 1).await?;
    let Some(no) = expired.first() else { return Ok(None) };
    Ok(reads.order(*no).await?.and_then(|it| it.expires_at))
}

/// Reviews begin with their orders. What was cancelled waits for nobody.
async fn oldest_review(reads: &dyn Reads) -> Result<Option<Moment>, StoreError> {
    let query = OrderQuery {
        filter: OrderFilter {
            statuses: vec![Status::Pending, Status::Confirmed],
            review_statuses: vec![ReviewStatus::UnderReview],
            ..OrderFilter::default()
        },
        sort: OrderSort::OldestFirst,
        after: None,
        limit: 1,
        with_persons: false,
    };
    Ok(reads.orders(query).await?.orders.first().map(|it| it.created_at))
}

/// Up to which event the indexes have come that are fed behind the writers: a list that asks them
/// says so.
async fn listed(reads: &dyn Reads) -> Result<Option<u64>, StoreError> {
    let query = OrderQuery {
        filter: OrderFilter::default(),
        sort: OrderSort::HighestTotalFirst,
        after: None,
        limit: 1,
        with_persons: false,
    };
    Ok(reads.orders(query).await?.as_of_seq)
}

/// For what is shown and decides nothing.
#[expect(clippy::disallowed_methods, reason = "how long something took is told, and no fact")]
pub(crate) fn begin() -> Instant {
    Instant::now()
}

fn age_s(since: Option<Moment>, now: Moment) -> f64 {
    let age_ms = since.map_or(0, |it| now.0.saturating_sub(it.0).max(0));
    Duration::from_millis(u64::try_from(age_ms).unwrap_or(0)).as_secs_f64()
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    registered(registry, IntGauge::new(name, help))
}

fn seconds(registry: &Registry, name: &str, help: &str) -> Gauge {
    registered(registry, Gauge::new(name, help))
}

fn gauges(registry: &Registry, name: &str, help: &str, label: &str) -> IntGaugeVec {
    registered(registry, IntGaugeVec::new(Opts::new(name, help), &[label]))
}

fn histogram(registry: &Registry, name: &str, help: &str, buckets: Vec<f64>) -> Histogram {
    registered(registry, Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets)))
}

/// Names and labels are constants here, each is registered once, and a test renders them all.
fn registered<T: Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<T>,
) -> T {
    let meter = made.expect("the name of a meter is well formed");
    registry.register(Box::new(meter.clone())).expect("a meter is registered once");
    meter
}
