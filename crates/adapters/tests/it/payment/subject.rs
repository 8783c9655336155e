//! A provider to be examined, and a customer who pays there.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use adapters::payment::{
    PaymentProvider,
    sandbox::{Sandbox, SandboxError, Surroundings},
};
use domain::{
    Currency, IntentId, Money, OrderNo, PaymentId,
    payment::{Capture, IntentNews, IntentRequest, IntentState},
};
use tempfile::TempDir;

pub(crate) struct Subject {
    pub(crate) provider: Arc<dyn PaymentProvider>,
    pub(crate) shopper: Arc<dyn Shopper>,
    _folder: Option<TempDir>,
}

/// The customer's side, which each provider has in its own way.
pub(crate) trait Shopper: Send + Sync {
    /// The provider's sentence if it does not let the customer do so.
    fn act(&self, act: Act, intent: &IntentId) -> Acted<'_>;
}

pub(crate) type Acted<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Confirm,
    Decline,
    Process,
    Cancel,
}

pub(crate) fn sandbox_in_memory() -> Subject {
    let sandbox = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    Subject::of(sandbox, None)
}

pub(crate) fn sandbox_in_a_file() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.db");
    let sandbox = Sandbox::open(&path, Nature::default().surroundings()).unwrap();
    Subject::of(sandbox, Some(folder))
}

/// A clock that stands still until it is moved, and chance that is the same in each run.
#[derive(Clone, Default)]
pub(crate) struct Nature {
    pub(crate) clock: Arc<AtomicI64>,
    drawn: Arc<AtomicU64>,
}

impl Nature {
    pub(crate) fn surroundings(&self) -> Surroundings {
        let Nature { clock, drawn } = self.clone();
        Surroundings {
            now: Arc::new(move || clock.load(Ordering::SeqCst)),
            fill: Arc::new(move |bytes| {
                let drawn = drawn.fetch_add(1, Ordering::SeqCst);
                // No two draws are the same, which is all that tests need.
                for (at, byte) in bytes.iter_mut().enumerate() {
                    *byte = (drawn >> (at % 8 * 5)).to_le_bytes()[0];
                }
            }),
        }
    }

    pub(crate) fn advance_ms(&self, by: i64) {
        self.clock.fetch_add(by, Ordering::SeqCst);
    }
}

impl Subject {
    pub(crate) fn of(sandbox: Sandbox, folder: Option<TempDir>) -> Subject {
        let sandbox = Arc::new(sandbox);
        Subject { provider: sandbox.clone(), shopper: sandbox, _folder: folder }
    }

    /// An intent over 75.00 USD for an order.
    pub(crate) async fn open(&self, order: u64) -> IntentId {
        self.open_with(&request(order, 7500)).await
    }

    pub(crate) async fn open_with(&self, request: &IntentRequest) -> IntentId {
        self.provider.create(request.payment.as_str(), request).await.unwrap().intent
    }

    pub(crate) async fn paid(&self, order: u64) -> IntentId {
        let intent = self.open(order).await;
        self.does(Act::Confirm, &intent).await;
        intent
    }

    pub(crate) async fn does(&self, act: Act, intent: &IntentId) {
        self.shopper.act(act, intent).await.unwrap();
    }

    pub(crate) async fn news(&self, intent: &IntentId) -> IntentNews {
        self.provider.intent(intent).await.unwrap()
    }

    pub(crate) async fn state(&self, intent: &IntentId) -> IntentState {
        self.news(intent).await.state
    }
}

impl Shopper for Sandbox {
    fn act(&self, act: Act, intent: &IntentId) -> Acted<'_> {
        let intent = intent.clone();
        Box::pin(async move {
            let customer = self.customer();
            let acted = match act {
                Act::Confirm => customer.confirm(&intent),
                Act::Decline => customer.decline(&intent),
                Act::Process => customer.processing(&intent),
                Act::Cancel => customer.cancel(&intent),
            };
            acted.map(drop).map_err(|error: SandboxError| error.to_string())
        })
    }
}

pub(crate) fn request(order: u64, amount: i64) -> IntentRequest {
    IntentRequest {
        order: OrderNo(order),
        payment: PaymentId::new(&format!("pay_{order}_1")),
        amount: Money(amount),
        currency: Currency::USD,
        capture: Capture::AtOnce,
    }
}

pub(crate) fn request_to_hold(order: u64, amount: i64) -> IntentRequest {
    IntentRequest { capture: Capture::AtShipment, ..request(order, amount) }
}
