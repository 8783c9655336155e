//! What this process has committed, as readers have to know it: how often, and when an order has
//! last changed.
//!
//! Nobody else writes orders to the file, so an order whose stamp is still the same is still the
//! same.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::OrderNo;

use crate::Stamp;

/// Orders share stamps: one that changes makes those look changed that share with it.
const STAMPS: usize = 1 << 16;

#[derive(Clone)]
pub(super) struct Commits(Arc<Counts>);

struct Counts {
    /// Who has seen the last commit has seen all.
    commits: AtomicU64,
    /// The commits that there were with an order's last change.
    stamps: Box<[AtomicU64]>,
}

impl Default for Commits {
    fn default() -> Commits {
        let stamps = (0..STAMPS).map(|_| AtomicU64::default()).collect();
        Commits(Arc::new(Counts { commits: AtomicU64::default(), stamps }))
    }
}

impl Commits {
    /// To be told before any caller is, with the orders that were changed. New ones nobody can have
    /// read. One writer at a time.
    pub(super) fn add(&self, changed: impl IntoIterator<Item = OrderNo>) {
        // First the commit: who sees a new stamp looks at a snapshot that has what changed.
        let commits = 1 + self.0.commits.fetch_add(1, Ordering::Release);
        for order in changed {
            self.stamp_of(order).store(commits, Ordering::Release);
        }
    }

    /// A commit has failed, and may have come to the file all the same.
    pub(super) fn doubt(&self) {
        let commits = 1 + self.0.commits.fetch_add(1, Ordering::Release);
        for stamp in &self.0.stamps {
            stamp.store(commits, Ordering::Release);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.commits.load(Ordering::Acquire)
    }

    pub(super) fn stamp(&self, order: OrderNo) -> Stamp {
        Stamp(self.stamp_of(order).load(Ordering::Acquire))
    }

    /// The stamp of what a snapshot with so many commits shows of an order; `None` if the order may
    /// have changed after it.
    pub(super) fn stamp_at(&self, order: OrderNo, commits: u64) -> Option<Stamp> {
        Some(self.stamp(order)).filter(|it| it.0 <= commits)
    }

    fn stamp_of(&self, OrderNo(no): OrderNo) -> &AtomicU64 {
        // Its place is less than their number.
        &self.0.stamps[usize::try_from(no % STAMPS as u64).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_its_order() {
        let commits = Commits::default();
        let stamps = || [1, 2, 3].map(|no| commits.stamp(OrderNo(no)));
        let [first, second, third] = stamps();
        commits.add([]);
        assert_eq!(stamps(), [first, second, third]);
        commits.add([OrderNo(2), OrderNo(3 + STAMPS as u64)]);
        let now = stamps();
        assert_eq!(now[0], first);
        assert!(now[1] != second && now[2] != third);
        commits.doubt();
        assert!(stamps().iter().zip(now).all(|(it, before)| *it != before));
        assert_eq!(commits.count(), 3);
    }

    #[test]
    fn an_older_snapshot_has_no_stamp_of_what_changed() {
        let commits = Commits::default();
        commits.add([OrderNo(1)]);
        let snapshot = commits.count();
        commits.add([OrderNo(2)]);
        let stamp_at = |no, snapshot| commits.stamp_at(OrderNo(no), snapshot);
        assert_eq!(stamp_at(1, snapshot), Some(commits.stamp(OrderNo(1))));
        assert_eq!(stamp_at(2, snapshot), None);
        assert_eq!(stamp_at(2, commits.count()), Some(commits.stamp(OrderNo(2))));
        commits.doubt();
        assert_eq!(stamp_at(1, snapshot), None);
    }
}
