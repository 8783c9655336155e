//! The checkout that shops send their buyers to: address, delivery, payment, and the wait until
//! the order is complete. It works without scripts, and every change goes the way of all others,
//! as a command.
//!
//! Each form is sealed (`seal.rs`), each step answers with a redirect, and what is wrong is told on
//! the page that was sent. `guest.rs` is what one request says of itself, `cart.rs` the cart it is
//! about, `frame.rs` what all pages share.

pub(crate) mod address;
mod cart;
pub(crate) mod complete;
pub(crate) mod delivery;
pub(crate) mod destination;
mod faults;
mod frame;
mod guest;
mod language;
pub(crate) mod payment;
pub(crate) mod sandbox;
mod seal;
mod summary;
pub(crate) mod wait;

use domain::{Actor, Command, Role, order::PaymentMethod};
use engine::{Answer, Rejected, Submission};

pub use self::{language::Languages, seal::PageKey};
use crate::{app::App, problem::Problem};

/// What the operator has set for the checkout.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// How buyers may pay, in the order in which it is offered.
    pub payment_methods: Vec<PaymentMethod>,
    pub languages: Languages,
    /// Absent: one is drawn, and other processes have another.
    pub key: Option<PageKey>,
}

impl Default for Checkout {
    fn default() -> Checkout {
        Checkout {
            payment_methods: vec![PaymentMethod::CreditCard, PaymentMethod::CashOnDelivery],
            languages: Languages::default(),
            key: None,
        }
    }
}

/// Acts for buyers, who have no name here.
fn actor() -> Actor {
    Actor { role: Role::System, subject: "checkout".into(), stores: None }
}

/// Hands in a command of which nothing is told but that it was accepted.
async fn submit(app: &App, request_id: &str, command: Command) -> Result<(), Rejected> {
    let submission = Submission {
        command,
        actor: actor(),
        request_id: request_id.into(),
        idempotency: None,
        render: Box::new(|_, _| Answer::default()),
    };
    app.engine.submit(submission).await.map(|_| ())
}

/// A page, or what is wrong beyond it.
type Shown = Result<axum::response::Response, Problem>;
