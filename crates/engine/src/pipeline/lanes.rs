//! What goes into a batch: everything that waits, up to the limits.
//!
//! There are two lanes. While others wait, one in ten of a batch's rows is of bulk work, or the few
//! that keep it going, so an import is not felt. A lane of bulk work that is alone takes more with
//! each batch: clients that are just reading their answers are back before it has a whole batch.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{runtime::Handle, sync::mpsc};

use super::{Limits, Waiting};

/// Of a batch's rows, while others wait: one in so many is of bulk work.
const BULK_PART: usize = 10;

/// Beside few others, bulk work gets so many rows all the same.
const BULK_ROWS_MIN: usize = 64;

pub(crate) struct Lanes {
    pub(crate) usual: mpsc::Receiver<Waiting>,
    /// Of what waits in the usual lane; whoever hands in adds to it.
    pub(crate) rows: Arc<AtomicUsize>,
    pub(crate) bulk: mpsc::Receiver<Waiting>,
    pub(crate) limits: Limits,
    /// To wait for either of them.
    pub(crate) runtime: Handle,
    /// Batches of bulk work alone, one after another until now.
    pub(crate) alone: u32,
}

/// What a batch has so far, and may have.
struct Load {
    waiting: Vec<Waiting>,
    rows: usize,
}

impl Lanes {
    /// The next batch; `None` when nobody can send any more.
    pub(crate) fn collect(&mut self) -> Option<Vec<Waiting>> {
        let mut usual = Load { waiting: Vec::new(), rows: 0 };
        let mut bulk = Load { waiting: Vec::new(), rows: 0 };
        match self.first()? {
            First::Usual(first) => usual.add(first),
            First::Bulk(first) => bulk.add(first),
        }
        let whole = self.limits;
        let part = whole.part(BULK_PART);
        let bulk_waits = !bulk.waiting.is_empty() || !self.bulk.is_empty();
        usual.fill(&mut self.usual, if bulk_waits { whole.without(part) } else { whole });
        if usual.waiting.is_empty() {
            self.alone = self.alone.saturating_add(1);
            bulk.fill(&mut self.bulk, part.doubled(self.alone - 1).at_most(whole));
        } else {
            self.alone = 0;
            let share = (usual.rows / (BULK_PART - 1)).max(BULK_ROWS_MIN);
            bulk.fill(&mut self.bulk, Limits { rows_max: share, ..part }.at_most(part));
        }
        let taken = usual.waiting.iter().map(|it| it.request.rows()).sum();
        self.rows.fetch_sub(taken, Ordering::Relaxed);
        usual.waiting.append(&mut bulk.waiting);
        Some(usual.waiting)
    }

    fn first(&mut self) -> Option<First> {
        let Lanes { usual, bulk, runtime, .. } = self;
        runtime.block_on(async {
            tokio::select! {
                biased;
                Some(first) = usual.recv() => Some(First::Usual(first)),
                Some(first) = bulk.recv() => Some(First::Bulk(first)),
                else => None,
            }
        })
    }
}

enum First {
    Usual(Waiting),
    Bulk(Waiting),
}

impl Load {
    fn add(&mut self, waiting: Waiting) {
        self.rows += waiting.request.weight();
        self.waiting.push(waiting);
    }

    fn fill(&mut self, lane: &mut mpsc::Receiver<Waiting>, limits: Limits) {
        while self.waiting.len() < limits.commands_max && self.rows < limits.rows_max {
            let Ok(next) = lane.try_recv() else { break };
            self.add(next);
        }
    }
}

impl Limits {
    /// One in so many, and never nothing.
    fn part(self, of: usize) -> Limits {
        Limits {
            commands_max: (self.commands_max / of).max(1),
            rows_max: (self.rows_max / of).max(1),
        }
    }

    fn without(self, part: Limits) -> Limits {
        Limits {
            commands_max: (self.commands_max - part.commands_max).max(1),
            rows_max: (self.rows_max - part.rows_max).max(1),
        }
    }

    fn doubled(self, times: u32) -> Limits {
        let times = 1_usize.checked_shl(times).unwrap_or(usize::MAX);
        Limits {
            commands_max: self.commands_max.saturating_mul(times),
            rows_max: self.rows_max.saturating_mul(times),
        }
    }

    fn at_most(self, other: Limits) -> Limits {
        Limits {
            commands_max: self.commands_max.min(other.commands_max),
            rows_max: self.rows_max.min(other.rows_max),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Actor, Command, Expected, Role,
        stock::{StockKey, set::SetStock},
    };
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        pipeline::Request,
        submission::{Answer, Submission},
    };

    /// A command of four rows.
    fn waiting(lane: &str) -> Waiting {
        let stock = StockKey::main("p1".parse().expect("an id"), None);
        let set = SetStock { stock, on_hand: 1, reason: None, expected: Expected::Any };
        let submission = Submission {
            command: Command::SetStock(set),
            actor: Actor { role: Role::Staff, subject: "boss".into(), stores: None },
            request_id: lane.into(),
            idempotency: None,
            render: Box::new(|_, _| Answer::default()),
        };
        let request = Request { submission, is_rehearsal: false };
        Waiting::now(request, oneshot::channel().0)
    }

    /// How many of each lane are in each of the batches that come of what waits.
    fn check(usual: usize, bulk: usize, limits: Limits, expected: &[(usize, usize)]) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let ((to_usual, from_usual), (to_bulk, from_bulk)) =
            (mpsc::channel(9999), mpsc::channel(9999));
        let rows = Arc::<AtomicUsize>::default();
        for _ in 0..usual {
            let waiting = waiting("usual");
            rows.fetch_add(waiting.request.rows(), Ordering::Relaxed);
            to_usual.try_send(waiting).expect("there is room");
        }
        for _ in 0..bulk {
            to_bulk.try_send(waiting("bulk")).expect("there is room");
        }
        drop((to_usual, to_bulk));
        let runtime = runtime.handle().clone();
        let mut lanes = Lanes {
            usual: from_usual,
            rows: rows.clone(),
            bulk: from_bulk,
            limits,
            runtime,
            alone: 0,
        };
        let mut found = Vec::new();
        while let Some(batch) = lanes.collect() {
            let of_bulk = batch.iter().filter(|it| it.request.submission.request_id == "bulk");
            let of_bulk = of_bulk.count();
            found.push((batch.len() - of_bulk, of_bulk));
        }
        assert_eq!(found, expected, "{usual} and {bulk}");
        assert_eq!(rows.load(Ordering::Relaxed), 0, "all have been taken");
    }

    #[test]
    fn bulk_work_gives_way() {
        let limits = Limits { commands_max: 512, rows_max: 8192 };
        check(600, 0, limits, &[(512, 0), (88, 0)]);
        // Full batches: a tenth, and the others' place is kept for them.
        check(461 * 2, 200, limits, &[(461, 51), (461, 51), (0, 51), (0, 47)]);
        // A few others: their ninth, or the least that keeps an import going.
        check(300, 40, limits, &[(300, 34), (0, 6)]);
        check(1, 20, limits, &[(1, 16), (0, 4)]);
        // Bounded by rows.
        check(
            30,
            30,
            Limits { commands_max: 512, rows_max: 100 },
            &[(23, 3), (7, 3), (0, 3), (0, 5), (0, 10), (0, 6)],
        );
    }

    #[test]
    fn alone_it_takes_more_with_each_batch() {
        let limits = Limits { commands_max: 512, rows_max: 8192 };
        check(0, 1500, limits, &[(0, 51), (0, 102), (0, 204), (0, 408), (0, 512), (0, 223)]);
        check(0, 3, Limits { commands_max: 1, rows_max: 1 }, &[(0, 1), (0, 1), (0, 1)]);
    }
}
