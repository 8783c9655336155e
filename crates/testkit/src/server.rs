//! A whole server in the test's own process: every layer is the real one, only the clock stands
//! still and the ids repeat.
//!
//! Tests are plain functions: the server has threads of its own, and a call waits for its answer.
//! When a test ends well, so must its server: [`TestServer`] stops it on being dropped and fails
//! the test if something was left running or the books are wrong.

mod call;
mod catalogue;
mod database;
mod paying;
mod stream;
mod temp_carts;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, StatusCode},
};
use domain::{Moment, counter::Counter, payment::IntentRequest, world::Policy};
use engine::{
    Engine, Options,
    cart::{CartService, http::HttpCarts},
    clock::{Clock, ManualClock},
    effects::Pace,
    ids::{Ids, SeededIds},
    payment::{
        PaymentProvider,
        sandbox::{Sandbox, Surroundings},
    },
};
use server::{
    App, Checkout, PageKey, Settings,
    auth::{Grant, SigningKey, Trust, Vault, Verifier},
    listener::{Limits, Listener},
    routes,
};
use store::{KeptKey, KeyChange, Store};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, task::JoinHandle};
use tower::ServiceExt;

use self::database::Database;
pub use self::{
    call::{Call, Reply, value_at},
    catalogue::order_of,
    database::Backend,
    paying::Payable,
    stream::{Sent, Stream},
    temp_carts::temp_line,
};

/// 2025-06-27T12:00:00Z, when every test begins.
pub const START: Moment = Moment(1_751_025_600_000);

/// How long a server may take to finish what is under way.
const GRACE: Duration = Duration::from_secs(5);

/// How long the payment provider has for an answer: no test waits long for one that never comes.
const DEADLINE: Duration = Duration::from_secs(2);
const ROUND_EVERY: Duration = Duration::from_millis(50);

const TOKEN_TTL_S: u64 = 365 * 24 * 3600;

/// What a test wants of its server.
#[derive(Clone, Debug)]
pub struct Wish {
    pub backend: Backend,
    pub settings: Settings,
    pub policy: Policy,
    pub queue_max: usize,
    /// How fast the engine's jobs go: by the real clock, so tests hurry them.
    pub pace: Pace,
    pub provider: Provider,
    pub limits: Limits,
    /// Where an outside cart service answers.
    pub cart_url: Option<String>,
    pub trust: Trust,
}

/// Which payment provider the server has. Either keeps its books in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The sandbox, with its own addresses.
    Sandbox,
    /// The same, but nobody can play its customer.
    Remote,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            backend: Backend::Sqlite,
            settings: Settings::default(),
            policy: Policy::default(),
            queue_max: engine::QUEUE_MAX,
            pace: Pace { provider_deadline: DEADLINE, round_every: ROUND_EVERY },
            provider: Provider::Sandbox,
            limits: Limits::default(),
            cart_url: None,
            trust: Trust::default(),
        }
    }
}

pub struct TestServer {
    runtime: Runtime,
    url: String,
    client: reqwest::Client,
    clock: Arc<ManualClock>,
    sandbox: Arc<Sandbox>,
    backend: Backend,
    key: SigningKey,
    running: Option<Running>,
    store: Arc<dyn Store>,
    /// Goes last: nobody may use it any more.
    database: Database,
}

struct Running {
    app: Arc<App>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl TestServer {
    /// On SQLite, as a server starts without settings.
    pub fn start() -> TestServer {
        TestServer::with(Wish::default())
    }

    pub fn on(backend: Backend) -> TestServer {
        TestServer::with(Wish { backend, ..Wish::default() })
    }

    pub fn with(wish: Wish) -> TestServer {
        engine::http::use_ring();
        let runtime = Runtime::new().expect("a runtime");
        let (database, store) = Database::open(&runtime, wish.backend);
        let clock = Arc::new(ManualClock::at(START));
        let key = SigningKey::from_seed([7; 32]).expect("any 32 bytes are a key");
        let ids = Arc::new(SeededIds::new(1));
        let sandbox = Arc::new(sandbox(clock.clone()));
        let carts = wish.cart_url.map(|it| HttpCarts::at(&it).expect("a sound address"));
        let options = Options {
            policy: wish.policy,
            queue_max: wish.queue_max,
            pace: wish.pace,
            carts: carts.map(|it| Arc::new(it) as Arc<dyn CartService>),
            ..Options::with(sandbox.clone())
        };
        let played = match wish.provider {
            Provider::Sandbox => Some(sandbox.clone()),
            Provider::Remote => None,
        };
        // The engine's jobs run beside the server.
        let entered = runtime.enter();
        let engine = Engine::start(&*store, clock.clone(), ids, options).expect("an engine");
        let verifier = runtime.block_on(verifier(&*store, &key, wish.trust));
        let app = Arc::new(App::new(engine, verifier, with_key(wish.settings), played));
        drop(entered);
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, told_to_stop) = oneshot::channel::<()>();
        let listener = Listener::new(listener, wish.limits);
        let router = routes::router(app.clone());
        let serving = listener.serve(router, async move { _ = told_to_stop.await });
        let serving = runtime.spawn(serving);
        TestServer {
            url: format!("http://{address}"),
            client: http_client(),
            clock,
            sandbox,
            backend: wish.backend,
            key,
            running: Some(Running { app, stop, serving }),
            store,
            database,
            runtime,
        }
    }

    /// The tables of the database that have this text somewhere, whatever its case.
    pub fn tables_with(&self, text: &str) -> Vec<String> {
        self.database.tables_with(text)
    }

    /// Whether the store keeps anything where [`TestServer::tables_with`] can look.
    pub fn has_tables(&self) -> bool {
        self.database.has_tables()
    }

    /// Where it listens, for clients that speak by themselves.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap_or(&self.url)
    }

    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// An intent that the provider is asked for outside of any order; its id.
    pub fn intent_of(&self, key: &str, request: &IntentRequest) -> String {
        let made = self.runtime.block_on(self.sandbox.create(key, request));
        made.expect("the sandbox makes an intent").intent.to_string()
    }

    /// A token of this subject. The scope is as tokens carry it; empty: a customer.
    pub fn token(&self, subject: &str, scope: &str) -> String {
        self.grant(&Grant { subject, scope, ..Grant::default() })
    }

    pub fn staff(&self) -> String {
        self.token("boss", "staff")
    }

    pub fn grant(&self, grant: &Grant<'_>) -> String {
        self.key.mint(grant, TOKEN_TTL_S, START.0).expect("a grant can be signed")
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        Call::new(self, "GET", path)
    }

    pub fn put(&self, path: &str) -> Call<'_> {
        Call::new(self, "PUT", path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        Call::new(self, "POST", path)
    }

    pub fn patch(&self, path: &str) -> Call<'_> {
        Call::new(self, "PATCH", path)
    }

    pub fn delete(&self, path: &str) -> Call<'_> {
        Call::new(self, "DELETE", path)
    }

    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    /// The answer to a request that comes by no connection, for those who ask very often.
    pub fn answer(&self, request: Request) -> (StatusCode, HeaderMap, Bytes) {
        let running = self.running.as_ref().expect("the server runs");
        self.runtime.block_on(async {
            let answered = routes::router(running.app.clone()).oneshot(request).await;
            let answered = answered.unwrap_or_else(|never| match never {});
            let (head, body) = answered.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole answer");
            (head.status, head.headers, body)
        })
    }

    /// Sends all of them at the same time; the replies come in the order of the calls.
    pub fn at_once(&self, calls: Vec<Call<'_>>) -> Vec<Reply> {
        let calls: Vec<_> = calls.into_iter().map(|it| self.runtime.spawn(it.future())).collect();
        let finish = |call: JoinHandle<Reply>| self.runtime.block_on(call);
        calls.into_iter().map(|it| finish(it).expect("a call does not panic")).collect()
    }

    /// The number of the last public event: what a refused request must not move.
    pub fn last_seq(&self) -> u64 {
        self.counter(Counter::Event)
    }

    /// The same for the log of the catalogue and the customers.
    pub fn last_admin_seq(&self) -> u64 {
        self.counter(Counter::AdminEvent)
    }

    fn counter(&self, counter: Counter) -> u64 {
        let reads = self.store.reads();
        self.runtime.block_on(reads.counters()).expect("counters can be read").value(counter)
    }

    /// Changes the keys that sign, as `orderd key` does beside a server.
    pub fn change_keys(&self, changes: Vec<KeyChange>) {
        let changed = self.runtime.block_on(self.store.change_signing_keys(changes));
        changed.expect("keys can be changed");
    }

    /// What is still there that should not be.
    fn stop(&mut self) -> Vec<String> {
        let Some(Running { app, stop, mut serving }) = self.running.take() else {
            return Vec::new();
        };
        app.end_streams();
        _ = stop.send(());
        let mut leftovers = Vec::new();
        let ended = self.runtime.block_on(async {
            let ended = tokio::time::timeout(GRACE, &mut serving).await;
            // A connection lets go of the server a moment after it was seen to end.
            for _ in 0..100 {
                if Arc::strong_count(&app) > 1 {
                    tokio::time::sleep(GRACE / 100).await;
                }
            }
            ended
        });
        match ended {
            Ok(Ok(())) => {}
            Ok(other) => leftovers.push(format!("the server ended with {other:?}")),
            Err(_) => leftovers.push(format!("a request was still running after {GRACE:?}")),
        }
        match Arc::into_inner(app) {
            Some(app) => {
                if !self.runtime.block_on(app.into_engine().stop()) {
                    leftovers.push("the write path ended in a panic".into());
                }
            }
            None => leftovers.push("somebody holds on to the server".into()),
        }
        let reads = self.store.reads();
        match self.runtime.block_on(engine::verify::differences(&*reads)) {
            Ok(differences) => leftovers.extend(differences.iter().map(ToString::to_string)),
            Err(error) => leftovers.push(format!("the books can't be read: {error}")),
        }
        leftovers
    }
}

/// Whose tokens count: the test's key signs, beside what the test wishes.
async fn verifier(store: &dyn Store, key: &SigningKey, trust: Trust) -> Verifier {
    let kept = KeptKey {
        key_id: key.key_id().into(),
        seed: key.seed().to_vec(),
        created_at: START,
        signs_from: Some(START),
        withdrawn_at: None,
    };
    store.change_signing_keys(vec![KeyChange::Add(kept)]).await.expect("a key can be kept");
    Verifier::open(store.reads(), trust, Vault::default()).await.expect("the keys are sound")
}

/// A key that takes nothing of the test's ids.
fn with_key(settings: Settings) -> Settings {
    let checkout = Checkout { key: Some(PageKey::new([9; 32])), ..settings.checkout };
    Settings { checkout, ..settings }
}

fn http_client() -> reqwest::Client {
    // There is one for the process; tests that come later find it.
    engine::http::use_ring();
    // What a redirect says is what a test is about.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}

/// A payment provider of the test's own, with the test's time, and chance that is the same in each
/// run.
fn sandbox(clock: Arc<ManualClock>) -> Sandbox {
    let ids = SeededIds::new(2);
    let surroundings = Surroundings {
        now: Arc::new(move || clock.now().0),
        fill: Arc::new(move |bytes| ids.fill(bytes)),
    };
    Sandbox::in_memory(surroundings).expect("a sandbox")
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let leftovers = self.stop();
        if !std::thread::panicking() {
            assert!(leftovers.is_empty(), "left behind: {leftovers:#?}");
        }
    }
}
