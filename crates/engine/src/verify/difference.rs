//! What can be wrong with the books, a sentence each.

use std::fmt;

use domain::{
    EffectId, Moment, OrderNo,
    counter::Counter,
    order::Status,
    stock::{Stock, StockKey},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A number was left out, given twice or given late.
    NumberOutOfRun {
        counter: Counter,
        expected: u64,
        found: u64,
    },
    /// A counter stands elsewhere than the last number that was given.
    CounterDiffers {
        counter: Counter,
        counter_value: u64,
        last: u64,
    },
    /// A row has a number that its counter has not reached.
    BeyondCounter {
        counter: Counter,
        number: u64,
    },
    /// Time ran backwards along a log.
    MomentDecreases {
        counter: Counter,
        number: u64,
        at: Moment,
        before: Moment,
    },
    EventWithoutOrder {
        seq: u64,
    },
    /// Events tell of an order that is not there.
    OrderMissing(OrderNo),
    /// An order is there of which no event tells the birth.
    OrderUnborn(OrderNo),
    /// An order is not what its events make of it.
    OrderDiffers {
        order: OrderNo,
        fields: Vec<String>,
    },
    LineTotal {
        order: OrderNo,
        line: u32,
    },
    OrderTotal(OrderNo),
    /// More went back than was taken, of an order or of one of its payments.
    RefundsExceedPayments(OrderNo),
    EffectWithoutOrder(EffectId),
    /// A provider is asked for a refund that no order has, or that has ended.
    EffectWithoutRefund(EffectId),
    /// A refund is on its way, and nobody is asked for it.
    RefundWithoutEffect {
        order: OrderNo,
        refund: String,
    },
    /// The provider has made an intent, and the order knows of no such payment.
    IntentWithoutPayment {
        order: OrderNo,
        effect: EffectId,
    },
    /// The sums of an order leave the range of money.
    AmountsOverflow(OrderNo),
    StockDiffers {
        shelf: StockKey,
        found: Option<Stock>,
        expected: Stock,
    },
    StockImpossible {
        shelf: StockKey,
        found: Stock,
    },
    NotListedByStatus {
        order: OrderNo,
        status: Status,
    },
    NotListedByCustomer(OrderNo),
    NotListedByChange(OrderNo),
    /// The indexes of lists have other products, words or totals of an order than it has.
    EntriesDiffer(OrderNo),
    PersonNotErased(OrderNo),
    /// It is in a row by which orders are counted, and has no place there.
    CountedWrongly(OrderNo),
    NotFoundByRetrieval(OrderNo),
    /// What stands beside an order's document is of another order than the document.
    ColumnsDiffer {
        order: OrderNo,
        columns: Vec<&'static str>,
    },
    /// Jobs look for open effects where this one is not.
    EffectNotDue(EffectId),
    /// There are more than anyone reads.
    More(u64),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::NumberOutOfRun { counter, expected, found } => {
                write!(f, "the numbers of {counter} should go on with {expected}, not {found}")
            }
            Difference::CounterDiffers { counter, counter_value, last } => {
                write!(f, "the counter {counter} stands at {counter_value}, the log at {last}")
            }
            Difference::BeyondCounter { counter, number } => {
                write!(f, "number {number} of {counter} is there, and its counter is not so far")
            }
            Difference::MomentDecreases { counter, number, at, before } => {
                write!(f, "{counter} {number} is of {at}, and the one before it of {before}")
            }
            Difference::EventWithoutOrder { seq } => {
                write!(f, "event {seq} should be about an order, and names none")
            }
            Difference::OrderMissing(no) => write!(f, "order {no} has events and is not there"),
            Difference::OrderUnborn(no) => {
                write!(f, "order {no} is there, and its events do not begin with its placing")
            }
            Difference::OrderDiffers { order, fields } => {
                write!(f, "order {order} differs from its events in {}", fields.join(", "))
            }
            Difference::LineTotal { order, line } => {
                write!(f, "line {line} of order {order} is not price times quantity")
            }
            Difference::OrderTotal(no) => {
                write!(f, "order {no}: lines, shipping, tax and discount do not make its total")
            }
            Difference::RefundsExceedPayments(no) => {
                write!(f, "order {no}: more was refunded than was paid")
            }
            Difference::EffectWithoutOrder(effect) => {
                write!(f, "effect {effect} is open, and its order is not there")
            }
            Difference::EffectWithoutRefund(effect) => {
                write!(f, "effect {effect} is open, and its order has no such pending refund")
            }
            Difference::RefundWithoutEffect { order, refund } => {
                write!(f, "refund {refund} of order {order} is pending, and nobody is asked for it")
            }
            Difference::IntentWithoutPayment { order, effect } => {
                write!(
                    f,
                    "effect {effect} has made an intent, and order {order} has no payment of it"
                )
            }
            Difference::AmountsOverflow(no) => {
                write!(f, "order {no}: its amounts are too large to be added up")
            }
            Difference::StockDiffers { shelf, found, expected } => {
                write!(f, "stock of {}: ", Shelf(shelf))?;
                match found {
                    Some(found) => write!(f, "{}", Counted(found))?,
                    None => f.write_str("not there")?,
                }
                write!(f, "; by its movements {}", Counted(expected))
            }
            Difference::StockImpossible { shelf, found } => {
                write!(f, "stock of {}: {}, which can't be", Shelf(shelf), Counted(found))
            }
            Difference::NotListedByStatus { order, status } => {
                write!(f, "order {order} is missing from the list of {} orders", status.name())
            }
            Difference::NotListedByCustomer(no) => {
                write!(f, "order {no} is missing from the list of its customer")
            }
            Difference::NotListedByChange(no) => {
                write!(f, "order {no} is missing from the list by the last change")
            }
            Difference::PersonNotErased(no) => {
                write!(f, "order {no} has a person still, who was erased")
            }
            Difference::CountedWrongly(no) => {
                write!(f, "order {no} is counted for a customer or address that it is not of")
            }
            Difference::EntriesDiffer(no) => {
                write!(f, "order {no} is not found by its own products, words and total alone")
            }
            Difference::ColumnsDiffer { order, columns } => {
                write!(f, "the row of order {order} says another {}", columns.join(", "))
            }
            Difference::EffectNotDue(effect) => {
                write!(f, "effect {effect} is open, and no job finds it")
            }
            Difference::NotFoundByRetrieval(no) => {
                write!(f, "order {no} is not found by its retrieval number")
            }
            Difference::More(count) => write!(f, "and {count} more"),
        }
    }
}

struct Shelf<'a>(&'a StockKey);

impl fmt::Display for Shelf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StockKey { product, variant, location } = self.0;
        write!(f, "{product}")?;
        if let Some(variant) = variant {
            write!(f, "/{variant}")?;
        }
        write!(f, " in {location}")
    }
}

struct Counted<'a>(&'a Stock);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stock { on_hand, reserved, version } = self.0;
        write!(f, "{on_hand} on hand and {reserved} reserved after {version} movements")
    }
}
