//! Orders as they were lately told, kept until they change.
//!
//! An order is asked for again and again: by its customer, by who ships it, by shops that poll. To
//! find, read and write it anew costs more than all else that such a request does. What is kept is
//! told only while the store says that the order is still the same. Entries of lists are kept by
//! the order's version: a list has read the order.

use std::sync::Arc;

use axum::body::Bytes;
use domain::{CustomerId, Order, OrderNo, RetrievalId, StoreId};
use quick_cache::{Weighter, sync::Cache};
use serde_json::value::{RawValue, to_raw_value};
use store::{Reads, Stamp, StoreError};

use crate::{
    reply::json,
    view::order::{Expanded, OrderEntry, OrderView, Viewer},
};

/// How many bytes of documents are kept, about.
const DOCUMENTS_BYTES_MAX: u64 = 24 << 20;

/// The same of entries of lists.
const ENTRIES_BYTES_MAX: u64 = 8 << 20;

/// What one takes beside its text.
const OVERHEAD: u64 = 256;

/// So many fit, most likely.
const DOCUMENTS: usize = 16_000;
const ENTRIES: usize = 8_000;

/// Which document of which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Order(OrderNo, Viewer),
    /// As a shop imports it, with what was known of shops as of that entry of the admin log.
    Detail(RetrievalId, u64),
}

pub(crate) struct Kept {
    documents: Cache<Name, KeptDocument, Bytewise>,
    entries: Cache<(OrderNo, Viewer), KeptEntry, Bytewise>,
}

#[derive(Clone)]
struct KeptDocument {
    order: OrderNo,
    stamp: Stamp,
    document: Document,
}

#[derive(Clone)]
struct KeptEntry {
    version: u64,
    text: Arc<RawValue>,
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

impl Weighter<Name, KeptDocument> for Bytewise {
    fn weight(&self, _: &Name, kept: &KeptDocument) -> u64 {
        OVERHEAD + kept.document.body.len() as u64
    }
}

impl Weighter<(OrderNo, Viewer), KeptEntry> for Bytewise {
    fn weight(&self, _: &(OrderNo, Viewer), kept: &KeptEntry) -> u64 {
        OVERHEAD + kept.text.get().len() as u64
    }
}

impl Default for Kept {
    fn default() -> Kept {
        Kept {
            documents: Cache::with_weighter(DOCUMENTS, DOCUMENTS_BYTES_MAX, Bytewise),
            entries: Cache::with_weighter(ENTRIES, ENTRIES_BYTES_MAX, Bytewise),
        }
    }
}

impl Kept {
    /// What is kept, if it is still true.
    pub(crate) fn find(&self, reads: &dyn Reads, name: Name) -> Option<Document> {
        let kept = self.documents.get(&name)?;
        (reads.order_stamp(kept.order) == Some(kept.stamp)).then_some(kept.document)
    }

    pub(crate) fn clear(&self) {
        self.documents.clear();
        self.entries.clear();
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
            let document = document.clone();
            self.documents.insert(name, KeptDocument { order, stamp, document });
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

    /// An entry of a list. One without further parts is kept: of the same version it is the same.
    pub(crate) fn entry(&self, order: &Order, expanded: Expanded, viewer: Viewer) -> Arc<RawValue> {
        if expanded != Expanded::default() {
            return entry(order, expanded, viewer);
        }
        let name = (order.no, viewer);
        if let Some(kept) = self.entries.get(&name).filter(|it| it.version == order.version) {
            return kept.text;
        }
        let text = entry(order, expanded, viewer);
        self.entries.insert(name, KeptEntry { version: order.version, text: text.clone() });
        text
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

fn entry(order: &Order, expanded: Expanded, viewer: Viewer) -> Arc<RawValue> {
    let text = to_raw_value(&OrderEntry::new(order, expanded, viewer));
    text.expect("a view has only texts, numbers and lists").into()
}

pub(crate) fn view(order: &Order, viewer: Viewer) -> String {
    json(&OrderView::new(order, viewer))
}
