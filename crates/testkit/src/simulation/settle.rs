//! The end of a life: everything heals, everybody gets an answer, time passes until nothing is
//! under way any more, and then the books are closed.

use std::{collections::BTreeMap, mem};

use domain::{
    EffectId, IntentId, Order,
    effect::EffectState,
    order::Status,
    payment::{IntentNews, IntentState, PaymentState},
};
use engine::{clock::Clock, verify};

use super::{
    books::{Broken, order},
    process::Process,
    provider::{Deed, Ledger, poll_once},
    read,
    requests::Waiter,
    shop::{Shop, has_money},
};

/// Rounds until everything has to be at rest. Days pass in them, if need be.
const ROUNDS_MAX: usize = 2_000;

impl Shop<'_> {
    pub(super) fn settle(&mut self) -> Result<(), Broken> {
        self.is_healed = true;
        self.line.heal();
        self.diary.note(|| "everything heals".into());
        while self.line.deliver_late() {}
        self.come_to_rest()?;
        // Whoever still has a question asks it again, and is answered.
        for place in 0..self.requests.len() {
            if self.requests.awaits_payment(place) || self.random.one_in(8) {
                self.make_again(0, place);
            }
        }
        self.come_to_rest()?;
        self.line.with_ledger(|ledger| self.close_books(ledger))
    }

    fn come_to_rest(&mut self) -> Result<(), Broken> {
        for _ in 0..ROUNDS_MAX {
            self.round()?;
            self.hear_all()?;
            if self.is_at_rest() && !self.skip_to_what_is_next()? {
                let mut waiters = self.processes.iter().flat_map(|it| &it.waiters);
                return match waiters.next() {
                    None => Ok(()),
                    Some(Waiter { request, effect }) => {
                        Err(format!("request {request} waits for {effect} for ever"))
                    }
                };
            }
        }
        let open = read(self.reads.open_effects(None, 10))?;
        Err(format!("it never comes to rest: {open:?}, {:?}", self.unpaid()))
    }

    fn round(&mut self) -> Result<(), Broken> {
        for at in 0..self.processes.len() {
            self.hear_notice(at);
            self.hurry(at);
            self.work(at);
            self.claim_due(at)?;
            self.commit(at, None)?;
        }
        self.clock.advance_ms(20);
        Ok(())
    }

    fn hear_all(&mut self) -> Result<(), Broken> {
        for at in 0..self.processes.len() {
            for waiter in mem::take(&mut self.processes[at].waiters) {
                self.look_for(at, waiter)?;
            }
        }
        Ok(())
    }

    fn is_at_rest(&self) -> bool {
        self.processes.iter().all(Process::is_idle) && !self.line.has_notices()
    }

    /// Lets time pass until something is due; `false` if nothing ever is.
    fn skip_to_what_is_next(&mut self) -> Result<bool, Broken> {
        self.expire_due(0)?;
        if !self.processes[0].queue.is_empty() {
            return Ok(true);
        }
        self.end_processing();
        self.diary.note(|| "nothing is left to do now".into());
        let effects = read(self.reads.open_effects(None, 1000))?;
        let effects = effects.iter().map(|it| match it.lease {
            Some(lease) => it.due_at.max(lease.until),
            None => it.due_at,
        });
        let orders = self.books.orders.values().filter_map(|it| it.expires_at);
        let Some(next) = effects.chain(orders).min() else {
            return Ok(self.line.has_notices());
        };
        let now = self.clock.now();
        self.clock.advance_ms((next.0 - now.0).max(1));
        Ok(true)
    }

    /// What takes days at the provider ends some day, one way or another.
    fn end_processing(&mut self) {
        let processing: Vec<IntentId> = self.line.with_ledger(|ledger| {
            let all = ledger.values().filter(|it| it.news.state == IntentState::Processing);
            all.map(|it| it.news.intent.clone()).collect()
        });
        for intent in processing {
            match self.random.below(6) {
                0 => _ = self.line.perform(&intent, Deed::Confirm),
                1 => _ = self.line.perform(&intent, Deed::Decline),
                2 => _ = self.line.perform(&intent, Deed::Cancel),
                _ => {}
            }
        }
    }

    /// Orders that hold stock for a payment that may never come. Where another amount was paid,
    /// staff have to decide.
    fn unpaid(&self) -> Vec<&Order> {
        let pending = |it: &&Order| it.status == Status::Pending && !it.on_hold && !has_money(it);
        self.books.orders.values().filter(pending).collect()
    }

    fn close_books(&self, ledger: &Ledger) -> Result<(), Broken> {
        self.books.check_all(&*self.reads, ledger)?;
        if let Some(effect) = read(self.reads.open_effects(None, 1))?.first() {
            return Err(format!("{effect:?} is open for ever"));
        }
        if let Some(order) = self.unpaid().first() {
            return Err(format!("{order:?} is pending for ever"));
        }
        for order in self.books.orders.values() {
            order::check_settled(order, ledger).map_err(|why| format!("{}: {why}", order.no))?;
        }
        self.check_provider(ledger)?;
        let differences = poll_once(Box::pin(verify::differences(&*self.reads)));
        let differences = differences.ok_or("verify waits for something")?;
        match differences.map_err(|error| error.to_string())?.first() {
            Some(difference) => Err(format!("the books: {difference}")),
            None => Ok(()),
        }
    }

    /// Every intent that an order of ours has asked for is in its order as it is at the provider,
    /// and the provider's own books are what we saw it do.
    fn check_provider(&self, ledger: &Ledger) -> Result<(), Broken> {
        let payments = self.books.orders.values().flat_map(|order| {
            let with_intent = order.payments.iter().filter_map(|it| Some((it.intent.clone()?, it)));
            with_intent.map(move |(intent, payment)| (intent, (order, payment)))
        });
        let payments: BTreeMap<_, _> = payments.collect();
        for record in self.line.records()? {
            let intent = &record.news.intent;
            let account = ledger.get(intent).ok_or("the ledger lacks an intent")?;
            if account.news.state != record.news.state || account.refunded != record.refunded {
                return Err(format!("the ledger has {account:?}, the provider {record:?}"));
            }
            if account.is_foreign {
                continue;
            }
            let is_live = match record.news.state {
                IntentState::Open
                | IntentState::Declined
                | IntentState::Processing
                | IntentState::Authorized => true,
                IntentState::Succeeded | IntentState::Cancelled => false,
            };
            let order = record.news.order.and_then(|no| self.books.orders.get(&no));
            let order = order.ok_or_else(|| format!("{record:?} is of no order"))?;
            if self.is_given_up(&record.news)? {
                continue;
            }
            if is_live && order.status == Status::Cancelled {
                return Err(format!("{} is cancelled, and {record:?} may be paid", order.no));
            }
            if record.news.state == IntentState::Succeeded
                && payments.get(intent).is_none_or(|(_, it)| it.status != PaymentState::Captured)
            {
                return Err(format!("{record:?} is paid, and {} does not know", order.no));
            }
        }
        Ok(())
    }

    /// After days without an answer nobody asks the provider to cancel an intent any more. What
    /// becomes of it is for a person to see, by `GET /api/reconciliation`.
    fn is_given_up(&self, news: &IntentNews) -> Result<bool, Broken> {
        let Some(payment) = &news.payment else { return Ok(false) };
        let id = EffectId::new(&payment.as_str().replacen("pay_", "void_", 1));
        let effect = read(self.reads.effect(id))?;
        Ok(effect.is_some_and(|it| matches!(it.state, EffectState::Failed(_))))
    }
}
