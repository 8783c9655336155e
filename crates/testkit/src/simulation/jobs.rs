//! What the server does by itself: it works on effects, claims those that are due, ends what has
//! expired, and hears the provider's notices. The questions, the commands and the pauses are the
//! engine's own.

use adapters::payment::ProviderError;
use domain::{
    Command, EffectId, Expected, Moment, Order,
    effect::{Effect, claim::ClaimEffects},
    order::expire::ExpireOrder,
    payment::record::RecordPayment,
};
use engine::{
    clock::Clock,
    effects::{PROVIDER_DEADLINE, expiry, record, work::work},
};

use super::{act::Act, books::Broken, people, process::Sender, read, shop::Shop};

const DUE_MAX: u32 = 1024;

/// Reservations that are ended in one round.
const EXPIRED_MAX: u32 = 8;

impl Shop<'_> {
    /// A process asks the provider for one of the effects that it holds, and hands in what came of
    /// it.
    pub(super) fn work(&mut self, at: usize) {
        let held = &mut self.processes[at].held;
        if held.is_empty() {
            return;
        }
        let effect = held.swap_remove(self.random.below(held.len()));
        let worked = self.runtime.block_on(work(&self.line, &effect, PROVIDER_DEADLINE));
        self.diary.note(|| format!("{} is worked on: {worked:?}", effect.id));
        // An answer may take its time.
        self.clock.advance_ms(self.random.between(0, 2_000));
        let command = record::command(&effect, worked, self.clock.now(), self.random.next());
        let sender = Sender::Worker(Box::new(effect));
        self.hand_in(at, people::system("payments"), command, sender);
    }

    pub(super) fn hear_notice(&mut self, at: usize) {
        let Some(intent) = self.line.take_notice() else { return };
        match self.question(&intent) {
            Ok(news) => {
                let Some(order) = news.order else { return };
                let (news, closes, expected) = (Some(news), None, Expected::Any);
                let record = RecordPayment { order, news, closes, expected };
                let command = Command::RecordPayment(Box::new(record));
                self.hand_in(at, people::system("payments"), command, Sender::Notice(intent));
            }
            Err(ProviderError::Unavailable(_)) => self.line.tell_again(&intent),
            Err(ProviderError::Unknown | ProviderError::Refused(_)) => {}
        }
    }

    pub(super) fn claim_due(&mut self, at: usize) -> Result<(), Broken> {
        let now = self.clock.now();
        let due = read(self.reads.due_effects(now, DUE_MAX))?;
        let free = due.iter().filter(|it| self.is_free(at, it, now));
        let effects: Vec<EffectId> = free.map(|it| it.id.clone()).collect();
        if !effects.is_empty() {
            let command = Command::ClaimEffects(ClaimEffects { effects });
            self.hand_in(at, people::system("jobs"), command, Sender::Nobody);
        }
        Ok(())
    }

    /// Whether no live process works on it, as far as this one can know.
    fn is_free(&self, at: usize, effect: &Effect, now: Moment) -> bool {
        let process = &self.processes[at];
        let Some(lease) = effect.lease else { return true };
        let is_ours = lease.process == process.id;
        let is_dead = !is_ours && self.processes.len() == 1;
        !process.holds(&effect.id) && (lease.until <= now || is_ours || is_dead)
    }

    pub(super) fn expire_due(&mut self, at: usize) -> Result<(), Broken> {
        for no in read(self.reads.expired_orders(self.clock.now(), EXPIRED_MAX))? {
            let order = read(self.reads.order(no))?.ok_or("an expired order is not there")?;
            let news = expiry::last_intent(&order).and_then(|it| self.question(it).ok());
            let command = expiry::command(&order, news);
            self.hand_in(at, people::system("jobs"), command, Sender::Nobody);
        }
        Ok(())
    }

    /// A job looked long ago: what it ends may have been given more time since, or was never due.
    pub(super) fn expire_too_early(&mut self, at: usize) {
        if let Some(Order { no: order, .. }) = self.some_order_for(Act::SayPaid) {
            let command = Command::ExpireOrder(ExpireOrder { order });
            self.hand_in(at, people::system("jobs"), command, Sender::Nobody);
        }
    }
}
