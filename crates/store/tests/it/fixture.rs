//! A fresh store of each kind, gone without a trace when the test ends.

use std::{
    env,
    future::Future,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use domain::{Keys, World, counter::Counter};
use store::{Next, Purpose, Reads, Store, Writer};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Fields are dropped in their order: the store lets go before its place vanishes.
pub(crate) struct Fixture {
    store: Option<Arc<dyn Store>>,
    place: Place,
    runtime: Runtime,
}

enum Place {
    Memory,
    Directory(TempDir),
    Schema(Schema),
}

pub(crate) fn memory() -> Fixture {
    Fixture::open(Place::Memory)
}

pub(crate) fn sqlite() -> Fixture {
    Fixture::open(Place::Directory(TempDir::new().unwrap()))
}

pub(crate) fn postgres() -> Fixture {
    Fixture::open(Place::Schema(Schema::create()))
}

impl Fixture {
    fn open(place: Place) -> Fixture {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut fixture = Fixture { store: None, place, runtime };
        fixture.reopen();
        fixture
    }

    /// As a new process would find it.
    pub(crate) fn reopen(&mut self) {
        self.close();
        self.store = Some(self.open_again(Purpose::Serve).unwrap());
    }

    pub(crate) fn close(&mut self) {
        self.store = None;
    }

    pub(crate) fn open_again(&self, purpose: Purpose) -> Result<Arc<dyn Store>, store::OpenError> {
        self.runtime.block_on(store::open(&self.url(), purpose))
    }

    fn url(&self) -> String {
        match &self.place {
            Place::Memory => "memory:".into(),
            Place::Directory(directory) => {
                format!("sqlite:{}", directory.path().join("orderd.db").display())
            }
            Place::Schema(schema) => schema.url(),
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_deref().expect("it is open")
    }

    pub(crate) fn reads(&self) -> Arc<dyn Reads> {
        self.store().reads()
    }

    pub(crate) fn writer(&self) -> Box<dyn Writer> {
        let _entered = self.runtime.enter();
        self.store().writer().unwrap()
    }

    pub(crate) fn wait<F: Future>(&self, what: F) -> F::Output {
        self.runtime.block_on(what)
    }

    /// One batch that loads what it changes.
    pub(crate) fn write(&self, keys: &Keys, mut change: impl FnMut(&mut World)) {
        let mut step = |world: &mut World| {
            change(world);
            Next::Write
        };
        self.writer().run_batch(keys, &mut step).unwrap();
    }

    /// The world as a batch would see it.
    pub(crate) fn load(&self, keys: &Keys) -> World {
        let mut seen = None;
        self.write(keys, |world| seen = Some(world.clone()));
        seen.expect("the step was run")
    }

    /// Waits until what is fed behind the writer has come up to it.
    pub(crate) fn settle(&self) {
        let reads = self.reads();
        let last = self.wait(reads.counters()).unwrap().value(Counter::Event);
        let is_fed = || self.wait(reads.segment(0)).unwrap().as_of_seq >= last;
        let in_time = (0..4000).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            is_fed()
        });
        assert!(in_time, "the indexes of lists are not fed");
    }

    /// Past the store, as somebody with a database shell would.
    pub(crate) fn execute(&self, sql: &str) {
        match &self.place {
            Place::Memory => panic!("memory has no shell"),
            Place::Directory(directory) => {
                let path = directory.path().join("orderd.db");
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Place::Schema(schema) => self.wait(execute(&schema.url(), sql)),
        }
    }
}

/// A schema of its own on a shared server.
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    fn create() -> Schema {
        let Ok(server) = env::var("ORDERD_TEST_POSTGRES") else {
            panic!(
                "ORDERD_TEST_POSTGRES names no server: run scripts/test, which finds or starts one"
            );
        };
        let name = format!("it_{:016x}", RandomState::new().hash_one("schema"));
        wait(execute(&server, &format!("CREATE SCHEMA {name}")));
        Schema { server, name }
    }

    fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-c%20search_path%3D{}", self.server, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        wait(execute(&self.server, &format!("DROP SCHEMA {} CASCADE", self.name)));
    }
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

/// Waits without a store's own runtime.
pub(crate) fn wait<F: Future>(what: F) -> F::Output {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(what)
}
