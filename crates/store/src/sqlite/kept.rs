//! Orders as lists have lately read them, kept until they change.
//!
//! Staff look at the same pages again and again, and to read an order's document costs more than
//! all else that a list does. Persons are not kept: what is erased is in no memory.

use std::sync::Arc;

use domain::{Order, OrderNo};
use quick_cache::{Weighter, sync::Cache};

use super::commits::Commits;
use crate::Stamp;

/// How many bytes of documents are kept, about. As orders they take up to twice as much.
const KEPT_MAX: u64 = 8 << 20;

/// So many fit, most likely.
const ORDERS: usize = 6000;

#[derive(Clone)]
pub(super) struct Kept {
    orders: Arc<Cache<OrderNo, Entry, Bytewise>>,
    commits: Commits,
}

/// What is kept, for a question that is answered from a snapshot taken after this.
pub(super) struct KeptBefore {
    kept: Kept,
    /// The snapshot has them at least.
    commits: u64,
}

#[derive(Clone)]
struct Entry {
    stamp: Stamp,
    bytes: usize,
    order: Arc<Order>,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<OrderNo, Entry> for Bytewise {
    fn weight(&self, _: &OrderNo, entry: &Entry) -> u64 {
        entry.bytes as u64
    }
}

impl Kept {
    pub(super) fn new(commits: Commits) -> Kept {
        let orders = Arc::new(Cache::with_weighter(ORDERS, KEPT_MAX, Bytewise));
        Kept { orders, commits }
    }

    pub(super) fn before_snapshot(&self) -> KeptBefore {
        KeptBefore { kept: self.clone(), commits: self.commits.count() }
    }
}

impl KeptBefore {
    /// The order as it is now, without its person.
    pub(super) fn find(&self, no: OrderNo) -> Option<Arc<Order>> {
        let Kept { orders, commits } = &self.kept;
        let entry = orders.get(&no)?;
        (entry.stamp == commits.stamp(no)).then_some(entry.order)
    }

    /// Keeps an order that the snapshot shows, if it has not changed since. It has no person.
    pub(super) fn keep(&self, order: &Arc<Order>, bytes: usize) {
        if let Some(stamp) = self.kept.commits.stamp_at(order.no, self.commits) {
            self.kept.orders.insert(order.no, Entry { stamp, bytes, order: order.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::trial, *};

    #[test]
    fn an_order_is_kept_until_it_changes() {
        let commits = Commits::default();
        let kept = Kept::new(commits.clone());
        let order = Arc::new(trial::order(7, None));
        let is_kept = || kept.before_snapshot().find(order.no).is_some();
        assert!(!is_kept());
        kept.before_snapshot().keep(&order, 1000);
        commits.add([]);
        assert!(is_kept());
        let before = kept.before_snapshot();
        commits.add([order.no]);
        assert!(!is_kept());
        before.keep(&order, 1000);
        assert!(!is_kept(), "it may have changed after the snapshot");
        kept.before_snapshot().keep(&order, 1000);
        assert!(is_kept());
        commits.doubt();
        assert!(!is_kept());
    }
}
