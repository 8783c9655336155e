//! Part of what waits in a process is committed together, or fails together. Then everybody hears
//! what has become of it, and nobody may hear what can't be.

use domain::{
    Command, EffectId,
    effect::{Effect, EffectState},
};
use engine::{Committed, Rejected, Reply, Said, clock::Clock};
use store::memory::Fault;

use super::{
    books::Broken,
    process::{Letter, Sender},
    read,
    requests::{Told, Waiter},
    shop::Shop,
};

/// What comes together at most.
pub(super) const BATCH_MAX: usize = 8;

impl Shop<'_> {
    pub(super) fn commit_somehow(&mut self, at: usize) -> Result<(), Broken> {
        let fault = if self.random.per_mille(self.plan.failed_commits) {
            Some(Fault::BeforeCommit)
        } else if self.random.per_mille(self.plan.lost_commits) {
            Some(Fault::AfterCommit)
        } else {
            None
        };
        self.commit(at, fault)?;
        if fault.is_some() && self.random.one_in(3) {
            self.crash(at);
        }
        Ok(())
    }

    pub(super) fn commit(&mut self, at: usize, fault: Option<Fault>) -> Result<(), Broken> {
        let process = &mut self.processes[at];
        if process.queue.is_empty() {
            return Ok(());
        }
        let count = 1 + self.random.below(process.queue.len().min(BATCH_MAX));
        let letters: Vec<Letter> = process.queue.drain(..count).collect();
        if let Some(fault) = fault {
            self.faults.plan(Some(fault));
            self.tally.count("failed commit");
        }
        let submissions = letters.iter().map(|it| it.submission(&self.requests));
        let Committed { outcomes, effects } = process.inline.commit(submissions);
        self.tally.commands += u64::try_from(count).unwrap_or(0);
        for (letter, outcome) in letters.iter().zip(&outcomes) {
            self.diary.note(|| self.tell(at, letter, outcome));
        }
        self.line.with_ledger(|ledger| self.books.follow(&*self.reads, ledger))?;
        if let [Ok(Reply { said: Said::Awaits { awaits }, .. })] = &outcomes[..] {
            self.check_awaited(awaits)?;
        }
        for (letter, outcome) in letters.into_iter().zip(outcomes) {
            self.answer(at, letter, outcome, fault)?;
        }
        for effect in effects {
            self.take(at, effect);
        }
        Ok(())
    }

    fn tell(&self, at: usize, letter: &Letter, outcome: &Result<Reply, Rejected>) -> String {
        let Letter { command, actor, sender } = letter;
        let (now, process) = (self.clock.now(), self.processes[at].id.0);
        format!("{now} [{process}] {actor}, {sender}: {}\n    -> {outcome:?}", brief(command))
    }

    /// An effect of ours is worked on, unless it is already.
    fn take(&mut self, at: usize, effect: Effect) {
        let process = &mut self.processes[at];
        let is_ours = effect.lease.is_some_and(|it| it.process == process.id);
        if effect.is_open() && is_ours && !process.holds(&effect.id) {
            process.held.push(effect);
        }
    }

    fn answer(
        &mut self,
        at: usize,
        letter: Letter,
        outcome: Result<Reply, Rejected>,
        fault: Option<Fault>,
    ) -> Result<(), Broken> {
        match (outcome, &letter.sender) {
            (Err(Rejected::Unavailable), sender) if fault.is_some() => {
                match sender {
                    Sender::Asker(_) | Sender::Nobody => {}
                    Sender::Notice(intent) => self.line.tell_again(intent),
                    Sender::Worker(_) if self.random.one_in(4) => {}
                    Sender::Worker(_) => self.processes[at].queue.push_back(letter),
                }
                Ok(())
            }
            (
                Err(
                    rejected @ (Rejected::Unavailable
                    | Rejected::Failed
                    | Rejected::Overloaded
                    | Rejected::KeyReused),
                ),
                _,
            ) => Err(format!("{rejected:?}, without a cause: {letter:?}")),
            (Err(Rejected::Refused(refusals)), Sender::Worker(effect)) => {
                let why = refusals.first();
                Err(format!("the outcome of {} can't be recorded: {why:?}: {letter:?}", effect.id))
            }
            (Err(Rejected::Refused(refusals)), Sender::Asker(place)) => {
                self.tally.count("refused");
                self.requests.refuse(*place, refusals.first())
            }
            (Err(Rejected::Refused(_)), Sender::Nobody | Sender::Notice(_)) => Ok(()),
            (Ok(reply), Sender::Asker(place)) => {
                if reply.replayed {
                    self.tally.count("replayed");
                }
                match reply.said {
                    Said::Answer(answer) => self.requests.tell(*place, Told::Answer(answer.body)),
                    Said::Awaits { awaits } => {
                        let waiter = Waiter { request: *place, effect: awaits };
                        self.processes[at].waiters.push(waiter);
                        Ok(())
                    }
                }
            }
            (Ok(_), Sender::Worker(_) | Sender::Nobody | Sender::Notice(_)) => Ok(()),
        }
    }

    /// A failure frees the keys of all who wait for it, so nobody is led to one.
    fn check_awaited(&self, id: &EffectId) -> Result<(), Broken> {
        let effect = read(self.reads.effect(id.clone()))?;
        match effect.map(|it| it.state) {
            None => Err(format!("{id} is to be waited for, and does not exist")),
            Some(EffectState::Failed(_)) => {
                Err(format!("{id} is to be waited for, and has failed"))
            }
            Some(EffectState::Open | EffectState::Done(_)) => Ok(()),
        }
    }
}

/// A command in words, without what is the same in all.
fn brief(command: &Command) -> String {
    let Command::PlaceOrder(it) = command else { return format!("{command:?}") };
    let items = it.items.iter().map(|it| {
        let variant = it.variant.as_ref().map_or("", |it| it.as_str());
        format!("{} {} {variant}", it.quantity.get(), it.product)
    });
    let items: Vec<String> = items.collect();
    let method = it.payment_method.name();
    format!("place {} with {method}, prepay: {}", items.join(", "), it.prepay)
}
