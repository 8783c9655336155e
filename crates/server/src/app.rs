//! What every handler has at hand.

use std::{sync::Arc, time::Duration};

use axum::{http::HeaderValue, response::Response};
use domain::{Command, OrderNo, RetrievalId};
use engine::{
    Engine, Idempotency, Rehearsal, Rejected, Render, Reply, Said, Submission,
    payment::sandbox::Sandbox,
};
use ipnet::IpNet;
use store::Reads;
use tokio::sync::Semaphore;

use crate::{
    api::orders::kept::Kept,
    auth::{Caller, Follower, Verifier},
    call::{Call, Manner},
    dry_run,
    json::Style,
    meters::Meters,
    pages::checkout::{Checkout, PageKey},
    problem::Problem,
    rate_limit::{Limiter, PerMinute},
    refused, reply,
    request_id::Adopt,
    retrieval::Shops,
    streams::Streams,
    view::order::Viewer,
};

/// Orders are counted from 1.
const NO_ORDER: OrderNo = OrderNo(0);

/// Requests that may wait for a payment provider at a time: as many as the engine works on at once.
/// Past this, a caller is told at once to come again, and nothing is placed.
pub const PAYMENTS_WAITING_MAX: usize = engine::effects::WAITED_MAX;

/// How long a request waits for its payment provider, which has 10 s; the rest is for writing down
/// what it says, and for the lease of a process that has died.
pub const PAYMENT_PATIENCE: Duration = Duration::from_secs(15);

/// How long a request waits for an outside cart service.
pub const CART_PATIENCE: Duration = Duration::from_secs(5);

/// What the operator has set, as far as the HTTP API minds.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A change without an Idempotency-Key is refused.
    pub idempotency_required: bool,
    pub payments_waiting_max: usize,
    pub payment_patience: Duration,
    /// How often a caller may come; none: as often as it likes.
    pub rate_limit: Option<PerMinute>,
    /// Proxies that are believed when they name their client.
    pub trusted_proxies: Vec<IpNet>,
    /// Whose pages may call from a browser.
    pub cors_origins: Vec<HeaderValue>,
    pub cart_patience: Duration,
    pub checkout: Checkout,
    /// How requests come into the traces that they name, where traces are exported.
    pub adopt: Option<Adopt>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            idempotency_required: false,
            payments_waiting_max: PAYMENTS_WAITING_MAX,
            payment_patience: PAYMENT_PATIENCE,
            rate_limit: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            cart_patience: CART_PATIENCE,
            checkout: Checkout::default(),
            adopt: None,
        }
    }
}

pub struct App {
    pub(crate) engine: Engine,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) shops: Arc<Shops>,
    _follower: Follower,
    pub(crate) settings: Settings,
    /// Where it is the provider in use, its own side can be played.
    pub(crate) sandbox: Option<Arc<Sandbox>>,
    pub(crate) payments_waiting: Semaphore,
    pub(crate) streams: Streams,
    pub(crate) meters: Arc<Meters>,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) page_key: PageKey,
    pub(crate) kept: Kept,
}

impl App {
    /// Within a runtime: what decides about tokens is followed from now on.
    pub fn new(
        engine: Engine,
        verifier: Verifier,
        settings: Settings,
        sandbox: Option<Arc<Sandbox>>,
    ) -> App {
        let verifier = Arc::new(verifier);
        let shops = Arc::new(Shops::default());
        let follower = Follower::start(verifier.clone(), shops.clone());
        let payments_waiting = Semaphore::new(settings.payments_waiting_max);
        let streams = Streams::default();
        let proxies = settings.trusted_proxies.clone();
        let limiter = Arc::new(Limiter::new(settings.rate_limit, proxies));
        let meters = Arc::new(Meters::new(engine.meters().registry()));
        let page_key = settings.checkout.key.clone().unwrap_or_else(|| {
            let mut bytes = [0; 32];
            engine.ids().fill(&mut bytes);
            PageKey::new(bytes)
        });
        App {
            engine,
            verifier,
            shops,
            _follower: follower,
            settings,
            sandbox,
            payments_waiting,
            streams,
            meters,
            limiter,
            page_key,
            kept: Kept::default(),
        }
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn into_engine(self) -> Engine {
        self.engine
    }

    /// From now on, for everybody.
    pub fn limit(&self, per_minute: Option<PerMinute>) {
        self.limiter.set(per_minute);
    }

    /// Reads the keys of outside issuers again, from their files and addresses.
    pub fn read_issuers_again(&self) {
        self.verifier.read_again();
    }

    /// Ends answers that would not end by themselves: a server that is told to end says so.
    pub fn end_streams(&self) {
        self.streams.end();
    }

    pub(crate) fn reads(&self) -> &dyn Reads {
        self.engine.reads()
    }

    /// How long the caller's token is still good.
    pub(crate) fn remaining(&self, caller: &Caller) -> Duration {
        let remaining_ms = caller.expires_at_ms().saturating_sub(self.engine.clock().now().0);
        Duration::from_millis(u64::try_from(remaining_ms).unwrap_or(0))
    }

    /// Hands a command to the engine and turns what comes back into a response.
    pub(crate) async fn submit(
        &self,
        call: &Call,
        command: Command,
        manner: Manner,
        style: Style,
        render: Render,
    ) -> Result<Response, Problem> {
        match manner {
            Manner::Real(idempotency) => {
                let submission = submission(call, command, idempotency, render)?;
                let reply = self.hand_in(submission, style).await?;
                match reply.said {
                    Said::Answer(answer) => Ok(reply::response(answer, reply.replayed)),
                    Said::Awaits { .. } => Err(Problem::internal()),
                }
            }
            Manner::Dry => {
                self.rehearse(submission(call, command, None, render)?, call, style).await
            }
        }
    }

    pub(crate) async fn hand_in(
        &self,
        submission: Submission,
        style: Style,
    ) -> Result<Reply, Problem> {
        let said = self.engine.submit(submission).await;
        said.map_err(|rejected| refused::rejected(&rejected, style))
    }

    /// A dry run. What the command would be refused with is told inside the answer; what keeps the
    /// server from deciding it at all is a refusal of the dry run itself.
    pub(crate) async fn rehearse(
        &self,
        submission: Submission,
        call: &Call,
        style: Style,
    ) -> Result<Response, Problem> {
        let rehearsed = self.engine.rehearse(submission).await;
        self.rehearsed(rehearsed, call, style).await
    }

    pub(crate) async fn rehearsed(
        &self,
        rehearsed: Result<Rehearsal, Rejected>,
        call: &Call,
        style: Style,
    ) -> Result<Response, Problem> {
        let viewer = Viewer::of(call.caller.is_customer());
        let rehearsal = match rehearsed {
            Ok(rehearsal) => rehearsal,
            Err(rejected @ Rejected::Refused(_)) => {
                return Ok(dry_run::refused(&refused::rejected(&rejected, style), viewer));
            }
            Err(
                rejected @ (Rejected::KeyReused
                | Rejected::Overloaded
                | Rejected::Unavailable
                | Rejected::Failed),
            ) => return Err(refused::rejected(&rejected, style)),
        };
        let before = match &rehearsal.order {
            Some(order) if !dry_run::creates_order(&rehearsal.events) => {
                self.reads().order(order.no).await.map_err(refused::store)?
            }
            Some(_) | None => None,
        };
        Ok(dry_run::accepted(&rehearsal, before.as_ref(), viewer))
    }

    /// The order that an id in a URL names; either of an order's ids will do. The id in `/v1` never
    /// changes once an order has it, so it may be looked up ahead of the command. An id that names
    /// nothing goes on as the number that no order has: it is refused where its turn comes.
    pub(crate) async fn order_no(&self, id: &str) -> Result<OrderNo, Problem> {
        if let Ok(no) = id.parse() {
            return Ok(no);
        }
        let Ok(retrieval_id) = id.parse::<RetrievalId>() else { return Ok(NO_ORDER) };
        let found = self.reads().order_by_retrieval(retrieval_id).await;
        Ok(found.map_err(refused::store)?.unwrap_or(NO_ORDER))
    }
}

pub(crate) type Shared = axum::extract::State<Arc<App>>;

pub(crate) fn submission(
    call: &Call,
    command: Command,
    idempotency: Option<Idempotency>,
    render: Render,
) -> Result<Submission, Problem> {
    let (actor, request_id) = (call.actor()?, call.request_id().into());
    Ok(Submission { command, actor, request_id, idempotency, render })
}
