//! Gathers what is compared: bounded pages of the provider's intents, of our orders, and of what
//! is open.

use std::collections::HashSet;

use domain::{
    Currency, IntentId, Moment, Money, Order, PaymentId, StoreId,
    effect::{Action, Effect},
    payment::Payment,
};
use engine::payment::{IntentRecord, ProviderError};
use store::{OrderFilter, OrderQuery, OrderSort};

use super::compare::{self, Difference, Held, held_there};
use crate::{
    app::App,
    call::narrowed,
    problem::Problem,
    refused,
    view::{
        Amount, Text, Time,
        reconciliation::{DifferenceView, OpenView, ReconciliationView, ReservationView},
    },
};

const PAGE: u32 = 200;
const INTENTS_MAX: usize = 5_000;
const ORDERS_MAX: usize = 20_000;
const EFFECTS_MAX: usize = 5_000;
const RESERVATIONS_MAX: u32 = 1_000;
/// Payments of ours that are asked about one by one.
const QUESTIONS_MAX: usize = 500;

/// The jobs see to things within seconds; what is older has been forgotten.
const OVERDUE_MS: i64 = 60_000;

pub(super) struct Look<'a> {
    app: &'a App,
    /// The stores that whoever looks is narrowed to.
    stores: Option<Vec<StoreId>>,
    from: Moment,
    to: Moment,
    now: Moment,
    /// Intents that were held against their orders.
    seen: HashSet<IntentId>,
    found: ReconciliationView,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        app: &'a App,
        stores: Option<Vec<StoreId>>,
        from: Moment,
        to: Moment,
        now: Moment,
    ) -> Look<'a> {
        let found = ReconciliationView {
            from: Time(from),
            to: Time(to),
            complete: true,
            orders_paid_without_record: Vec::new(),
            payments_without_order: Vec::new(),
            differing_amounts: Vec::new(),
            refunds_in_flight: Vec::new(),
            captures_outstanding: Vec::new(),
            overdue_reservations: Vec::new(),
        };
        Look { app, stores, from, to, now, seen: HashSet::new(), found }
    }

    pub(super) async fn around(mut self) -> Result<ReconciliationView, Problem> {
        self.at_intents().await?;
        self.at_orders().await?;
        self.at_effects().await?;
        self.at_reservations().await?;
        Ok(self.found)
    }

    /// Every intent made in this time, against its order.
    async fn at_intents(&mut self) -> Result<(), Problem> {
        let from = self.from;
        let mut last = answered(self.app.engine.ask(|it| it.last_before(from)).await)?;
        loop {
            let after = last.clone();
            let page = self.app.engine.ask(|it| it.intents(after, PAGE)).await;
            let page = answered(page)?;
            let is_last = page.len() < PAGE as usize;
            for record in page {
                if record.created_at > self.to.0 {
                    return Ok(());
                }
                // Moments of a provider may be a little out of their order.
                let before = last.replace(record.news.intent.clone());
                self.seen.insert(record.news.intent.clone());
                if record.created_at >= from.0 {
                    self.hold_against_order(before, record).await?;
                }
            }
            if is_last {
                return Ok(());
            }
            if self.seen.len() >= INTENTS_MAX {
                self.found.complete = false;
                return Ok(());
            }
        }
    }

    async fn hold_against_order(
        &mut self,
        before: Option<IntentId>,
        record: IntentRecord,
    ) -> Result<(), Problem> {
        let order = self.order_of(&record).await?;
        if compare::difference(order.as_ref(), &record).is_none() {
            return Ok(());
        }
        // The books are read one after the other, and may have moved on between: look again, and
        // leave what is moving for the next time.
        let order = self.order_of(&record).await?;
        let again = self.app.engine.ask(|it| it.intents(before, 1)).await;
        let again = answered(again)?.into_iter().find(|it| it.news.intent == record.news.intent);
        let record = again.unwrap_or(record);
        let version = order.as_ref().map(|it| it.version);
        if self.order_of(&record).await?.map(|it| it.version) != version {
            return Ok(());
        }
        let Some(difference) = compare::difference(order.as_ref(), &record) else {
            return Ok(());
        };
        if !self.may_see(order.as_ref()) {
            return Ok(());
        }
        let view = self.difference_view(order.as_ref(), &record);
        match difference {
            Difference::PaidWithoutRecord => self.found.orders_paid_without_record.push(view),
            Difference::WithoutOrder => self.found.payments_without_order.push(view),
            Difference::Amounts => self.found.differing_amounts.push(view),
        }
        Ok(())
    }

    /// Every order placed in this time: its payments that the provider should have too.
    async fn at_orders(&mut self) -> Result<(), Problem> {
        let filter = OrderFilter {
            stores: self.stores.clone().map(|it| narrowed(Vec::new(), it)).unwrap_or_default(),
            created_from: Some(self.from),
            created_to: Some(self.to),
            ..OrderFilter::default()
        };
        let (mut after, mut orders, mut questions) = (None, 0, 0);
        loop {
            let filter = filter.clone();
            let sort = OrderSort::NewestFirst;
            let query = OrderQuery { filter, sort, after, limit: PAGE, with_persons: false };
            let page = self.app.reads().orders(query).await.map_err(refused::store)?;
            for order in &page.orders {
                self.note_lost(order);
                for payment in compare::with_money(order) {
                    let Some(intent) = &payment.intent else { continue };
                    if self.seen.contains(intent) {
                        continue;
                    }
                    if questions == QUESTIONS_MAX {
                        self.found.complete = false;
                        return Ok(());
                    }
                    questions += 1;
                    self.ask_about(order, payment, intent).await?;
                }
            }
            after = page.next;
            orders += page.orders.len();
            if after.is_none() {
                return Ok(());
            }
            if orders >= ORDERS_MAX {
                self.found.complete = false;
                return Ok(());
            }
        }
    }

    /// A payment whose intent was not among those of this time.
    async fn ask_about(
        &mut self,
        order: &Order,
        payment: &Payment,
        intent: &IntentId,
    ) -> Result<(), Problem> {
        let news = match self.app.engine.ask(|it| it.intent(intent)).await {
            Ok(news) => Some(news),
            Err(ProviderError::Unknown) => None,
            Err(error @ (ProviderError::Refused(_) | ProviderError::Unavailable(_))) => {
                return Err(unreachable(&error));
            }
        };
        if news.as_ref().is_some_and(|it| held_there(it.state) != Held::Nothing) {
            return Ok(());
        }
        self.found.orders_paid_without_record.push(DifferenceView {
            order_id: Some(Text(order.no)),
            payment_id: Some(payment.id.to_string()),
            provider_reference: intent.to_string(),
            provider_status: news.map(|it| it.state.name()),
            currency: order.currency.code(),
            amount: Some(Amount(payment.amount, order.currency)),
            order_total: Some(Amount(order.total, order.currency)),
            provider_amount: None,
            refunded: Some(Amount(compare::refunded(order, payment).0, order.currency)),
            provider_refunded: None,
            age_seconds: self.age(payment.at),
        });
        Ok(())
    }

    fn note_lost(&mut self, order: &Order) {
        let Some(payment) = compare::lost_payment(order) else { return };
        let view = OpenView {
            order_id: Text(order.no),
            payment_id: payment.id.to_string(),
            refund_id: None,
            amount: Amount(payment.amount, order.currency),
            currency: order.currency.code(),
            attempts: None,
            last_error: payment.failure.clone(),
            age_seconds: self.age(payment.at),
        };
        self.found.captures_outstanding.push(view);
    }

    async fn at_effects(&mut self) -> Result<(), Problem> {
        let (mut after, mut effects) = (None, 0);
        loop {
            let page = self.app.reads().open_effects(after, PAGE).await.map_err(refused::store)?;
            for effect in &page {
                if self.reaches(effect.store) {
                    self.note_open(effect);
                }
            }
            effects += page.len();
            if page.len() < PAGE as usize {
                return Ok(());
            }
            if effects >= EFFECTS_MAX {
                self.found.complete = false;
                return Ok(());
            }
            after = page.last().map(|it| (it.due_at, it.id.clone()));
        }
    }

    fn note_open(&mut self, effect: &Effect) {
        let age_seconds = self.age(effect.created_at);
        let view = |payment: &PaymentId, amount, currency: Currency| OpenView {
            order_id: Text(effect.order),
            payment_id: payment.to_string(),
            refund_id: None,
            amount: Amount(amount, currency),
            currency: currency.code(),
            attempts: Some(effect.attempts),
            last_error: effect.last_error.clone(),
            age_seconds,
        };
        match &effect.action {
            Action::RefundPayment { payment, amount, currency, .. } => {
                // The effect and its refund have one name.
                let refund_id = Some(effect.id.to_string());
                let view = OpenView { refund_id, ..view(payment, *amount, *currency) };
                self.found.refunds_in_flight.push(view);
            }
            Action::CapturePayment { payment, amount, currency, .. } => {
                if effect.created_at.plus_ms(OVERDUE_MS) <= self.now {
                    self.found.captures_outstanding.push(view(payment, *amount, *currency));
                }
            }
            Action::InitializePayment(_) | Action::CancelPayment { .. } => {}
        }
    }

    async fn at_reservations(&mut self) -> Result<(), Problem> {
        let overdue = self.now.plus_ms(-OVERDUE_MS);
        let expired = self.app.reads().expired_orders(overdue, RESERVATIONS_MAX).await;
        let expired = expired.map_err(refused::store)?;
        self.found.complete &= expired.len() < RESERVATIONS_MAX as usize;
        for no in expired {
            let order = self.app.reads().order(no).await.map_err(refused::store)?;
            let Some(order) = order.filter(|it| self.reaches(it.store)) else { continue };
            let Some(expires_at) = order.expires_at.filter(|it| *it <= overdue) else { continue };
            let view = ReservationView {
                order_id: Text(order.no),
                total: Amount(order.total, order.currency),
                currency: order.currency.code(),
                expires_at: Time(expires_at),
                age_seconds: self.age(expires_at),
            };
            self.found.overdue_reservations.push(view);
        }
        Ok(())
    }

    fn difference_view(&self, order: Option<&Order>, record: &IntentRecord) -> DifferenceView {
        let news = &record.news;
        let ours = order.and_then(|order| Some((order, compare::payment_of(order, record)?)));
        let of_ours = |amount: Money| ours.map(|(order, _)| Amount(amount, order.currency));
        let refunded = ours.map(|(order, it)| compare::refunded(order, it).0);
        DifferenceView {
            order_id: news.order.map(Text),
            payment_id: news.payment.as_ref().map(ToString::to_string),
            provider_reference: news.intent.to_string(),
            provider_status: Some(news.state.name()),
            currency: news.currency.code(),
            amount: ours.and_then(|(_, it)| of_ours(it.amount)),
            order_total: order.map(|it| Amount(it.total, it.currency)),
            provider_amount: Some(Amount(news.amount, news.currency)),
            refunded: refunded.and_then(of_ours),
            provider_refunded: Some(Amount(record.refunded, news.currency)),
            age_seconds: self.age(Moment(record.created_at)),
        }
    }

    async fn order_of(&self, record: &IntentRecord) -> Result<Option<Order>, Problem> {
        let Some(no) = record.news.order else { return Ok(None) };
        self.app.reads().order(no).await.map_err(refused::store)
    }

    /// A payment of no order is for those who see all stores.
    fn may_see(&self, order: Option<&Order>) -> bool {
        order.map_or(self.stores.is_none(), |it| self.reaches(it.store))
    }

    fn reaches(&self, store: StoreId) -> bool {
        self.stores.as_ref().is_none_or(|stores| stores.contains(&store))
    }

    fn age(&self, since: Moment) -> i64 {
        self.now.0.saturating_sub(since.0).max(0) / 1000
    }
}

fn answered<T>(answer: Result<T, ProviderError>) -> Result<T, Problem> {
    answer.map_err(|error| unreachable(&error))
}

fn unreachable(error: &ProviderError) -> Problem {
    tracing::warn!(%error, "the provider's books can't be read");
    refused::provider_unavailable("The payment provider can't be reached; come again soon")
}
