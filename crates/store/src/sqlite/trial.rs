//! A file for the tests of one mechanism: at a small pace, opened again as often as they like, with
//! batches that fail where a test wants them to.

use std::sync::Arc;

use domain::{
    Currency, CustomerId, Keys, Moment, Money, Order, OrderNo, StoreId, World,
    counter::Counter,
    event::OrderCreated,
    order::{OrderKind, PaymentMethod, Shipping},
};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::{Known, Pace, Sqlite, Tail, load};
use crate::{Next, Purpose, Read, Reads, Store, StoreError, Writer};

/// Fields are dropped in their order: the store lets go before its folder vanishes.
pub(super) struct Trial {
    writer: Option<Box<dyn Writer>>,
    store: Option<Sqlite>,
    pace: Pace,
    folder: TempDir,
}

/// How a batch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Commit,
    /// The step gives up.
    Abandon,
    /// The last statement fails.
    FailedWrite,
    /// All statements succeed and the commit fails.
    FailedCommit,
    Panic,
}

impl End {
    const FAILURES: [End; 4] = [End::Abandon, End::FailedWrite, End::FailedCommit, End::Panic];
}

/// Counters that break what their value says, by the triggers of [`Trial::new`].
const TRAP: Counter = Counter::Retrieval(StoreId(666));

impl Trial {
    pub(super) fn new(pace: Pace) -> Trial {
        let folder = TempDir::new().unwrap();
        let mut trial = Trial { writer: None, store: None, pace, folder };
        trial.reopen();
        trial.shell().execute_batch(TRAPS).unwrap();
        trial
    }

    /// As after a crash: nothing is done at the end of a process.
    pub(super) fn reopen(&mut self) {
        self.writer = None;
        self.store = None;
        let store = Sqlite::open_at(self.pace, &self.path(), Purpose::Serve).unwrap();
        self.writer = Some(store.writer().unwrap());
        self.store = Some(store);
    }

    /// Opens it again at another pace.
    pub(super) fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
        self.reopen();
    }

    pub(super) fn reads(&self) -> Arc<dyn Reads> {
        self.store.as_ref().unwrap().reads()
    }

    /// The reads of another process.
    pub(super) fn reads_beside(&self) -> Arc<dyn Reads> {
        Sqlite::open_at(self.pace, &self.path(), Purpose::Beside).unwrap().reads()
    }

    pub(super) fn wait<T>(&self, read: Read<'_, T>) -> T {
        wait(read).unwrap()
    }

    /// Past the store.
    pub(super) fn shell(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    pub(super) fn number(&self, sql: &str) -> i64 {
        self.shell().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub(super) fn batch(&mut self, end: End, keys: &Keys, mut change: impl FnMut(&mut World)) {
        let writer = self.writer.as_mut().unwrap();
        let mut step = |world: &mut World| {
            change(world);
            match end {
                End::Commit => {}
                End::Abandon => return Next::Abandon,
                End::FailedWrite => world.counters.take(TRAP, 1),
                End::FailedCommit => world.counters.take(TRAP, 2),
                End::Panic => panic!("the step was told to"),
            }
            Next::Write
        };
        let run = std::panic::AssertUnwindSafe(|| writer.run_batch(keys, &mut step));
        let ended = std::panic::catch_unwind(run);
        match end {
            End::Commit | End::Abandon => assert_eq!(ended.unwrap(), Ok(())),
            End::FailedWrite | End::FailedCommit => {
                let ended = ended.unwrap();
                assert!(matches!(ended, Err(StoreError::Broken(_))), "{end:?}: {ended:?}");
            }
            End::Panic => assert!(ended.is_err()),
        }
    }

    /// What a batch that loads them finds of these rows.
    pub(super) fn load(&mut self, keys: &Keys) -> World {
        let mut seen = None;
        self.batch(End::Commit, keys, |world| seen = Some(world.clone()));
        seen.unwrap()
    }

    /// The same, by a process that knows nothing yet.
    pub(super) fn load_afresh(&self, keys: &Keys) -> World {
        let connection = self.shell();
        let mut known = Known::open(&connection, Tail::default(), self.pace).unwrap();
        let mut world = World::default();
        load::load(&connection, &mut known, keys, &mut world).unwrap();
        world
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("orderd.db")
    }
}

const TRAPS: &str = "
    CREATE TABLE nowhere (id INTEGER PRIMARY KEY);
    CREATE TABLE dangling (id REFERENCES nowhere DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER fail_the_write BEFORE INSERT ON counters
        WHEN NEW.name = 'retrieval/666' AND NEW.value = 1
        BEGIN SELECT RAISE(ABORT, 'the write was told to fail'); END;
    CREATE TRIGGER fail_the_commit BEFORE INSERT ON counters
        WHEN NEW.name = 'retrieval/666' AND NEW.value = 2
        BEGIN INSERT INTO dangling VALUES (1); END;";

/// Waits in a thread that has no runtime.
pub(super) fn wait<T>(read: Read<'_, T>) -> Result<T, StoreError> {
    Builder::new_current_thread().build().unwrap().block_on(read)
}

/// The same numbers in every run (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    /// One batch in eight fails, each time in another way.
    pub(super) fn end(&mut self) -> End {
        match self.below(8) {
            0 => *self.pick(&End::FAILURES),
            _ => End::Commit,
        }
    }
}

pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// An order of nothing in particular.
pub(super) fn order(no: u64, customer: Option<CustomerId>) -> Order {
    let created = OrderCreated {
        kind: OrderKind::Sale,
        customer,
        currency: Currency::USD,
        lines: Vec::new(),
        shipping: Shipping { method: None, amount: Money(0), tax_lines: Vec::new() },
        adjustments: Vec::new(),
        total: Money(100),
        payment_method: PaymentMethod::CashOnDelivery,
        with_payment: false,
        expires_at: None,
        merchant: None,
        metadata: [].into(),
    };
    let at = i64::try_from(no).unwrap();
    Order::created(OrderNo(no), StoreId::FIRST, Moment(at), &created)
}
