//! What follows from what the provider says of an intent: for each state of the intent a match over
//! each state of its payment and of its order.
//!
//! News may come doubled and out of order. What is known already, or was true before what is known,
//! changes nothing; only that money was taken is believed at any time.

use std::collections::BTreeMap;

use super::{
    IntentNews, IntentState, Payment, PaymentState, cancel_live, cancel_others, is_captured,
    is_paid, void, void_id,
};
use crate::{
    effect::Wish,
    event::{Event, OrderCancelled, OrderHeld, OrderPaid, OrderReinstated, PaymentChanged},
    moment::Moment,
    order::{
        CancelCause, Order, ReviewStatus, Status,
        confirm::{Terms, completion},
        expire::{expiry, has_run_out},
        find::shop_of,
    },
    refund::{self, Part},
    refusal::{Refusal, Refusals},
    stock::Stock,
    world::World,
};

/// How long a payment that the provider works on keeps the stock, from placing on.
const PROCESSING_MS: i64 = 7 * 24 * 3600 * 1000;

/// Why an order is held whose customer has paid something else.
const MISMATCH: &str = "payment_mismatch";
/// Why an order is held whose money was promised and did not come.
const LAPSED: &str = "payment_lapsed";

#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    pub(super) world: &'a World,
    pub(super) order: &'a Order,
    /// As it was before the news; with the intent that they are of.
    pub(super) payment: &'a Payment,
    pub(super) news: &'a IntentNews,
    /// They are the answer to a capture.
    pub(super) captures: bool,
    pub(super) now: Moment,
}

#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) events: Vec<Event>,
    pub(super) wishes: Vec<Wish>,
    /// To a person who asks.
    pub(super) told: Option<Refusal>,
}

impl Step {
    pub(super) fn nothing(told: Refusal) -> Step {
        Step { told: Some(told), ..Step::default() }
    }
}

/// A capture was refused or given up: the money that was promised does not come.
pub(super) fn not_captured(order: &Order, payment: &Payment, why: String) -> Step {
    match payment.status {
        PaymentState::Authorized => {
            let failed =
                Payment { status: PaymentState::Failed, failure: Some(why), ..payment.clone() };
            let mut events = vec![Event::PaymentFailed(changed(order, failed))];
            events.extend(lapse(order, payment));
            Step { events, ..Step::default() }
        }
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Captured
        | PaymentState::Failed
        | PaymentState::Cancelled => Step::default(),
    }
}

impl Case<'_> {
    pub(super) fn step(&self) -> Result<Step, Refusals> {
        let mut step = match self.news.state {
            IntentState::Open => Step::nothing(self.not_completed()),
            IntentState::Declined => self.declined(),
            IntentState::Processing => self.processing(),
            IntentState::Authorized => self.authorized()?,
            IntentState::Succeeded => return self.succeeded(),
            IntentState::Cancelled => return Ok(self.cancelled()),
        };
        step.wishes.extend(self.unwanted());
        Ok(step)
    }

    /// An intent that is still alive is ended where nobody waits for its money.
    fn unwanted(&self) -> Option<Wish> {
        let is_open = match self.payment.status {
            PaymentState::Open | PaymentState::Processing | PaymentState::Failed => true,
            PaymentState::Authorized | PaymentState::Captured | PaymentState::Cancelled => false,
        };
        let ends = is_open && !self.is_wanted() && !self.is_foreign() && !self.is_being_voided();
        ends.then(|| void(self.order, self.payment))
    }

    /// A confirmed order wants money only if the payment that has confirmed it came to nothing.
    fn is_wanted(&self) -> bool {
        match self.order.status {
            Status::Pending => true,
            Status::Confirmed | Status::Shipped | Status::Delivered => {
                let mut others = self.others();
                let is_safe = others.any(|it| it.status == PaymentState::Authorized);
                !self.order.on_account && !is_safe && !self.covered()
            }
            Status::Cancelled => false,
        }
    }

    fn declined(&self) -> Step {
        let expires_at = match self.payment.status {
            PaymentState::Open => None,
            PaymentState::Processing => self.time_to_pay(),
            PaymentState::Authorized if self.captures => {
                let why = self.news.message.clone().unwrap_or_default();
                return not_captured(self.order, self.payment, why);
            }
            PaymentState::Authorized
            | PaymentState::Captured
            | PaymentState::Failed
            | PaymentState::Cancelled => return Step::nothing(self.not_completed()),
        };
        let failure = self.news.message.clone();
        let payment = Payment { failure, ..self.payment_now(PaymentState::Failed) };
        let failed = PaymentChanged { expires_at, ..changed(self.order, payment) };
        self.told_not_completed(vec![Event::PaymentFailed(failed)], Vec::new())
    }

    /// It stood still while the provider worked, and goes on now.
    fn time_to_pay(&self) -> Option<Moment> {
        let again = self.now.plus_ms(self.world.policy.reservation_ms);
        let pending = self.order.status == Status::Pending;
        pending.then(|| again.min(self.order.created_at.plus_ms(PROCESSING_MS)))
    }

    fn processing(&self) -> Step {
        match self.payment.status {
            PaymentState::Open | PaymentState::Failed => {}
            PaymentState::Processing if has_run_out(self.order, self.now) => {
                return self.told_not_completed(vec![expiry()], cancel_live(self.order));
            }
            PaymentState::Processing
            | PaymentState::Authorized
            | PaymentState::Captured
            | PaymentState::Cancelled => return Step::nothing(self.not_completed()),
        }
        let pending = self.order.status == Status::Pending;
        let expires_at = pending.then(|| self.order.created_at.plus_ms(PROCESSING_MS));
        let payment = self.payment_now(PaymentState::Processing);
        let processing = PaymentChanged { expires_at, ..changed(self.order, payment) };
        self.told_not_completed(vec![Event::PaymentProcessing(processing)], Vec::new())
    }

    fn authorized(&self) -> Result<Step, Refusals> {
        match self.payment.status {
            PaymentState::Open | PaymentState::Processing | PaymentState::Failed => {}
            PaymentState::Authorized => return Ok(self.known_authorized()),
            PaymentState::Captured | PaymentState::Cancelled => {
                return Ok(Step::nothing(self.not_completed()));
            }
        }
        if self.is_foreign() {
            return Ok(self.foreign());
        }
        let payment =
            Payment { amount: self.news.amount, ..self.payment_now(PaymentState::Authorized) };
        let authorized = Event::PaymentAuthorized(changed(self.order, payment.clone()));
        match self.order.status {
            Status::Pending if self.news.amount != self.order.total => {
                Ok(self.mismatched(authorized, cancel_others(self.order, &payment.id)))
            }
            Status::Pending => {
                let events = vec![authorized, self.confirmed()?];
                let wishes = cancel_others(self.order, &payment.id);
                Ok(Step { events, wishes, told: None })
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                Ok(self.told_not_completed(vec![authorized], Vec::new()))
            }
        }
    }

    fn known_authorized(&self) -> Step {
        match self.order.status {
            Status::Pending => Step::nothing(Refusal::PaymentMismatch(self.order.no)),
            Status::Confirmed | Status::Shipped | Status::Delivered if !self.is_being_voided() => {
                Step::default()
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                Step::nothing(self.not_completed())
            }
        }
    }

    fn succeeded(&self) -> Result<Step, Refusals> {
        match self.payment.status {
            PaymentState::Captured => return Ok(Step::nothing(self.known_captured())),
            PaymentState::Open
            | PaymentState::Processing
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Cancelled => {}
        }
        if self.is_foreign() {
            return Ok(self.foreign());
        }
        let amount = self.news.amount;
        let payment = Payment { amount, ..self.payment_now(PaymentState::Captured) };
        let captured = Event::PaymentCaptured(changed(self.order, payment.clone()));
        let right = amount == self.order.total;
        let wishes = cancel_others(self.order, &payment.id);
        let currency = self.order.currency;
        let paid = Event::OrderPaid(OrderPaid { amount, currency });
        let events = match self.order.status {
            Status::Pending | Status::Confirmed | Status::Shipped | Status::Delivered
                if self.covered() =>
            {
                return Ok(self.given_back(captured, &payment));
            }
            Status::Pending | Status::Confirmed | Status::Shipped | Status::Delivered if !right => {
                return Ok(self.mismatched(captured, wishes));
            }
            Status::Pending => vec![captured, paid, self.confirmed()?],
            Status::Confirmed | Status::Shipped | Status::Delivered => vec![captured, paid],
            Status::Cancelled if right && self.may_come_back() => {
                let reinstated = Event::OrderReinstated(OrderReinstated {});
                vec![captured, paid, reinstated, self.confirmed()?]
            }
            Status::Cancelled => return Ok(self.given_back(captured, &payment)),
        };
        Ok(Step { events, wishes, told: None })
    }

    /// What the first news of the money has led to.
    fn known_captured(&self) -> Refusal {
        let Order { no, total, .. } = *self.order;
        match self.order.status {
            Status::Cancelled => self.cancelled_already(),
            Status::Pending => Refusal::PaymentMismatch(no),
            Status::Confirmed | Status::Shipped | Status::Delivered
                if self.payment.amount != total && !self.covered() =>
            {
                Refusal::PaymentMismatch(no)
            }
            Status::Confirmed | Status::Shipped | Status::Delivered => Refusal::AlreadyPaid(no),
        }
    }

    fn cancelled(&self) -> Step {
        let cancelled = self.payment_now(PaymentState::Cancelled);
        let mut events = vec![Event::PaymentCancelled(changed(self.order, cancelled))];
        let mut wishes = Vec::new();
        match (self.payment.status, self.order.status) {
            (PaymentState::Captured | PaymentState::Cancelled, _) => {
                return Step::nothing(self.not_completed());
            }
            (PaymentState::Failed, _) => {}
            (
                PaymentState::Open | PaymentState::Processing | PaymentState::Authorized,
                Status::Pending,
            ) => {
                if !self.others().any(|it| it.status.is_live()) && !is_captured(self.order) {
                    let cause = CancelCause::Provider;
                    let (reason, credit_note) = (None, None);
                    let gone = OrderCancelled { cause, reason, credit_note };
                    events.push(Event::OrderCancelled(gone));
                    wishes = cancel_others(self.order, &self.payment.id);
                }
            }
            (PaymentState::Authorized, _) => events.extend(lapse(self.order, self.payment)),
            (PaymentState::Open | PaymentState::Processing, _) => {}
        }
        self.told_not_completed(events, wishes)
    }

    fn is_being_voided(&self) -> bool {
        self.world.effects.get(&void_id(&self.payment.id)).is_some()
    }

    fn payment_now(&self, status: PaymentState) -> Payment {
        Payment { status, failure: None, ..self.payment.clone() }
    }

    fn others(&self) -> impl Iterator<Item = &Payment> {
        self.order.payments.iter().filter(|it| it.id != self.payment.id)
    }

    /// Other payments have brought all that the order asks for. What was given back of them does
    /// not count: who has paid once does not pay again.
    fn covered(&self) -> bool {
        let captured = self.others().filter(|it| it.status == PaymentState::Captured);
        captured.map(|it| it.amount.0).sum::<i64>() >= self.order.total.0
    }

    fn is_foreign(&self) -> bool {
        self.news.order != Some(self.order.no) || self.news.currency != self.order.currency
    }

    /// Whatever this is, it is no payment of this order: nothing of it can be booked.
    fn foreign(&self) -> Step {
        let told = Refusal::PaymentMismatch(self.order.no);
        if self.payment.failure.as_deref() == Some(MISMATCH) {
            return Step::nothing(told);
        }
        let failure = Some(MISMATCH.into());
        let payment = Payment { failure, ..self.payment_now(PaymentState::Failed) };
        let failed = Event::PaymentFailed(changed(self.order, payment));
        Step { events: vec![failed, held(MISMATCH)], wishes: Vec::new(), told: Some(told) }
    }

    /// A person decides over what came. The other intents are ended: nobody would ask about them
    /// again, since the order does not expire any more.
    fn mismatched(&self, booked: Event, wishes: Vec<Wish>) -> Step {
        let told = Some(Refusal::PaymentMismatch(self.order.no));
        Step { events: vec![booked, held(MISMATCH)], wishes, told }
    }

    /// All of it goes back: it came too late, or it came twice.
    fn given_back(&self, captured: Event, payment: &Payment) -> Step {
        let (told, reason) = match self.order.status {
            Status::Cancelled => (self.cancelled_already(), "the order was cancelled before"),
            Status::Pending | Status::Confirmed | Status::Shipped | Status::Delivered => {
                (Refusal::AlreadyPaid(self.order.no), "the order was paid before")
            }
        };
        let part = Part { amount: payment.amount, reason: Some(reason.into()), ..Part::default() };
        let (refunded, wish) = refund::begin(self.order, payment, part, self.now);
        let wishes = Vec::from_iter(wish);
        Step { events: vec![captured, refunded], wishes, told: Some(told) }
    }

    fn confirmed(&self) -> Result<Event, Refusals> {
        let shop = shop_of(self.world, self.order)?;
        Ok(Event::OrderConfirmed(completion(self.world, shop, self.now, Terms::Ordinary)))
    }

    /// Only what ran out of time comes back, and only if its goods are there.
    fn may_come_back(&self) -> bool {
        let has_failed = self.order.review_status == ReviewStatus::Failed;
        if self.order.person_erased || has_failed {
            return false;
        }
        let in_time = match self.order.cancelled_by {
            Some(CancelCause::Expired) => true,
            Some(
                CancelCause::Customer
                | CancelCause::Staff
                | CancelCause::Provider
                | CancelCause::ReviewFailed,
            )
            | None => false,
        };
        let mut wanted = BTreeMap::new();
        for line in &self.order.lines {
            if let Some(key) = line.stock_key() {
                *wanted.entry(key).or_insert(0) += i64::from(line.counts.cancelled);
            }
        }
        let available = |key| self.world.stock.get(key).map_or(0, Stock::available);
        let untouched = self.others().all(|it| it.status != PaymentState::Captured);
        in_time && untouched && wanted.iter().all(|(key, count)| *count <= available(key))
    }

    fn told_not_completed(&self, events: Vec<Event>, wishes: Vec<Wish>) -> Step {
        Step { events, wishes, told: Some(self.not_completed()) }
    }

    fn not_completed(&self) -> Refusal {
        let order = self.order.no;
        if is_paid(self.order) {
            Refusal::AlreadyPaid(order)
        } else {
            Refusal::PaymentNotCompleted { order, state: Some(self.news.state) }
        }
    }

    fn cancelled_already(&self) -> Refusal {
        let (order, from) = (self.order.no, self.order.status);
        Refusal::AlreadyProcessed { order, from, to: Status::Confirmed }
    }
}

/// The money of a confirmed order is gone: what has not left the house waits for a person.
fn lapse(order: &Order, payment: &Payment) -> Option<Event> {
    let mut others = order.payments.iter().filter(|it| it.id != payment.id);
    let is_safe = others.any(|it| match it.status {
        PaymentState::Captured | PaymentState::Authorized => true,
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Failed
        | PaymentState::Cancelled => false,
    });
    match order.status {
        Status::Confirmed if !is_safe && !order.on_account => Some(held(LAPSED)),
        Status::Pending
        | Status::Confirmed
        | Status::Shipped
        | Status::Delivered
        | Status::Cancelled => None,
    }
}

fn held(reason: &str) -> Event {
    Event::OrderHeld(OrderHeld { reason: Some(reason.into()) })
}

fn changed(order: &Order, payment: Payment) -> PaymentChanged {
    PaymentChanged { payment, currency: order.currency, expires_at: None }
}
