//! Orders as they were lately told, kept until they change.
//!
//! An order is asked for again and again: by its customer, by who ships it, by shops that poll. To
//! find, read and write it anew costs more than all else that such a request does. What is kept is
//! told only while the store says that the order is still the same.

use axum::body::Bytes;
use domain::{CustomerId, Order, OrderNo, RetrievalId, StoreId};
use quick_cache::{Weighter, sync::Cache};
use store::{Reads, Stamp, StoreError};

use crate::{
    reply::json,
    view::order::{OrderView, Viewer},
};

/// How many bytes of documents are kept, about.
const KEPT_MAX: u64 = 32 << 20;

/// What one takes beside its document.
const OVERHEAD: u64 = 256;

/// So many fit, most likely.
const DOCUMENTS: usize = 20_000;

/// Which document of which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Order(OrderNo, Viewer),
    /// As a shop imports it, with what was known of shops as of that entry of the admin log.
    Detail(RetrievalId, u64),
}

pub(crate) struct Kept(Cache<Name, Entry, Bytewise>);

#[derive(Clone)]
struct Entry {
    order: OrderNo,
    stamp: Stamp,
    document: Document,
}

/// An order as somebody sees it, and what tells who may.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) customer: Option<CustomerId>,
    pub(crate) store: StoreId,
    pub(crate) version: u64,
    pub(crate) body: Bytes,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Name, Entry> for Bytewise {
    fn weight(&self, _: &Name, entry: &Entry) -> u64 {
        OVERHEAD + entry.document.body.len() as u64
    }
}

impl Default for Kept {
    fn default() -> Kept {
        Kept(Cache::with_weighter(DOCUMENTS, KEPT_MAX, Bytewise))
    }
}

impl Kept {
    /// What is kept, if it is still true.
    pub(crate) fn find(&self, reads: &dyn Reads, name: Name) -> Option<Document> {
        let kept = self.0.get(&name)?;
        (reads.order_stamp(kept.order) == Some(kept.stamp)).then_some(kept.document)
    }

    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// The order as it is now, kept as what `write` makes of it.
    pub(crate) async fn read(
        &self,
        reads: &dyn Reads,
        order: OrderNo,
        name: Name,
        write: impl FnOnce(&Order) -> String,
    ) -> Result<Option<Document>, StoreError> {
        // Before the order is read: who changes it meanwhile makes what is kept look old, not new.
        let stamp = reads.order_stamp(order);
        let Some(found) = reads.order(order).await? else { return Ok(None) };
        let document = Document::new(&found, write(&found));
        if let Some(stamp) = stamp {
            self.0.insert(name, Entry { order, stamp, document: document.clone() });
        }
        Ok(Some(document))
    }

    /// The order as it is now, as this viewer sees it.
    pub(crate) async fn order(
        &self,
        reads: &dyn Reads,
        no: OrderNo,
        viewer: Viewer,
    ) -> Result<Option<Document>, StoreError> {
        let name = Name::Order(no, viewer);
        match self.find(reads, name) {
            Some(kept) => Ok(Some(kept)),
            None => self.read(reads, no, name, |it| view(it, viewer)).await,
        }
    }
}

impl Document {
    pub(crate) fn new(order: &Order, text: String) -> Document {
        Document {
            customer: order.customer.clone(),
            store: order.store,
            version: order.version,
            body: text.into(),
        }
    }
}

pub(crate) fn view(order: &Order, viewer: Viewer) -> String {
    json(&OrderView::new(order, viewer))
}
