//! What the indexes that are fed behind the writers hold of an order: its products, its words and
//! its total.
//!
//! They are a reader of the log with a position of its own, moved in the transaction that feeds
//! them. So they are exact over a crash, and whoever reads them can say how far they have come.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use domain::{Order, OrderNo, address::Person, shipment::Shipment};
use serde::Deserialize;

use crate::{
    StoreError, codec,
    list::{SEGMENT_BITS, long_segment_of, segment_of},
    search,
};

/// The name of the position.
pub(crate) const NAME: &str = "lists";

/// The events after which an order has something new to be found by.
pub(crate) const TYPES: [&str; 4] =
    ["order.created", "shipment.created", "shipment.updated", "order.person_erased"];

/// What is found of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    pub products: BTreeSet<String>,
    pub words: BTreeSet<String>,
    pub totals: BTreeSet<i64>,
}

impl Entries {
    /// What there should be of an order that has its person.
    pub fn of(order: &Order) -> Entries {
        let products = order.lines.iter().filter_map(|it| it.product.as_ref());
        let tracking = order.shipments.iter().flat_map(Shipment::tracking_numbers);
        Entries {
            products: products.map(ToString::to_string).collect(),
            words: search::words_of(order.person.as_deref(), tracking),
            totals: BTreeSet::from([order.total.0]),
        }
    }
}

/// The words that an order has of its person alone: they go with the person.
pub(crate) fn words_of_person(order: &Order, person: &Person) -> BTreeSet<String> {
    let tracking = || order.shipments.iter().flat_map(Shipment::tracking_numbers);
    let staying = search::words_of(None, tracking());
    let mut words = search::words_of(Some(person), tracking());
    words.retain(|it| !staying.contains(it));
    words
}

/// What is found of a run of orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    pub entries: BTreeMap<OrderNo, Entries>,
    /// The event up to which all of it was there.
    pub as_of_seq: u64,
}

impl Segment {
    /// The number of the segment in which an order is.
    pub fn of(no: OrderNo) -> u64 {
        segment_of(no.0)
    }

    pub fn orders(number: u64) -> RangeInclusive<OrderNo> {
        OrderNo(number << SEGMENT_BITS)..=OrderNo(((number + 1) << SEGMENT_BITS) - 1)
    }

    pub(crate) fn entry(&mut self, no: u64) -> &mut Entries {
        self.entries.entry(OrderNo(no)).or_default()
    }
}

/// Entries of many orders, a row each, as they are fed: sorted, so that what stands together is
/// written together. Of each the segment, what is sorted by, and the order's number.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) products: Vec<(u64, String, u64)>,
    pub(crate) words: Vec<(u64, String, u64)>,
    pub(crate) totals: Vec<(u64, i64, u64)>,
}

/// What is read of an order's document. To read all of it takes several times as long.
#[derive(Deserialize)]
struct Document {
    total: i64,
    lines: Vec<Line>,
    #[serde(default)]
    shipments: Vec<Parcel>,
}

#[derive(Deserialize)]
struct Line {
    product: Option<String>,
}

#[derive(Deserialize)]
struct Parcel {
    tracking_number: Option<String>,
    #[serde(default)]
    further_tracking_numbers: Vec<String>,
}

impl Rows {
    pub(crate) fn add(
        &mut self,
        no: u64,
        document: &str,
        person: Option<&str>,
    ) -> Result<(), StoreError> {
        let segment = segment_of(no);
        let document: Document = codec::from_document(document)?;
        let person: Option<Person> = person.map(codec::from_document).transpose()?;
        let tracking = document.shipments.iter().flat_map(|it| {
            it.tracking_number.iter().chain(&it.further_tracking_numbers).map(String::as_str)
        });
        let words = search::words_of(person.as_ref(), tracking);
        self.words.extend(words.into_iter().map(|it| (segment, it, no)));
        let products = document.lines.into_iter().filter_map(|it| it.product);
        self.products.extend(products.map(|it| (segment, it, no)));
        self.totals.push((long_segment_of(no), document.total, no));
        Ok(())
    }

    pub(crate) fn sort(&mut self) {
        self.products.sort_unstable();
        self.products.dedup();
        self.words.sort_unstable();
        self.totals.sort_unstable();
    }
}
