//! Numbers without gaps. They are taken inside a decision and written with it, so a refusal takes
//! none, and they rise in the order of commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use crate::{
    id::{NotAnId, StoreId},
    moment::Moment,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    Order,
    Event,
    AdminEvent,
    /// The last committed moment: time never runs backwards along the log.
    Moment,
    Retrieval(StoreId),
    Invoice(StoreId, i16),
    CreditNote(StoreId, i16),
}

/// The name of the counter's row.
impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Counter::Order => f.write_str("order"),
            Counter::Event => f.write_str("event"),
            Counter::AdminEvent => f.write_str("admin_event"),
            Counter::Moment => f.write_str("moment"),
            Counter::Retrieval(store) => write!(f, "retrieval/{store}"),
            Counter::Invoice(store, year) => write!(f, "invoice/{store}/{year}"),
            Counter::CreditNote(store, year) => write!(f, "credit_note/{store}/{year}"),
        }
    }
}

impl FromStr for Counter {
    type Err = NotAnId;

    fn from_str(name: &str) -> Result<Counter, NotAnId> {
        fn number<T: FromStr>(text: &str) -> Result<T, NotAnId> {
            text.parse().map_err(|_| NotAnId)
        }
        let parts: Vec<&str> = name.split('/').collect();
        match parts[..] {
            ["order"] => Ok(Counter::Order),
            ["event"] => Ok(Counter::Event),
            ["admin_event"] => Ok(Counter::AdminEvent),
            ["moment"] => Ok(Counter::Moment),
            ["retrieval", store] => Ok(Counter::Retrieval(StoreId(number(store)?))),
            ["invoice", store, year] => {
                Ok(Counter::Invoice(StoreId(number(store)?), number(year)?))
            }
            ["credit_note", store, year] => {
                Ok(Counter::CreditNote(StoreId(number(store)?), number(year)?))
            }
            _ => Err(NotAnId),
        }
    }
}

/// The counters of the log and of the batch's stores. One that was never taken stands at zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    values: BTreeMap<Counter, u64>,
    changed: BTreeSet<Counter>,
}

impl Counters {
    pub fn load(&mut self, counter: Counter, value: u64) {
        self.values.insert(counter, value);
    }

    pub fn value(&self, counter: Counter) -> u64 {
        self.values.get(&counter).copied().unwrap_or(0)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Counter, u64)> {
        self.values.iter().map(|(counter, value)| (*counter, *value))
    }

    /// The number after the last one given; it is taken by [`Counters::take`].
    pub fn next(&self, counter: Counter) -> u64 {
        self.value(counter) + 1
    }

    /// Marks a number as given.
    pub fn take(&mut self, counter: Counter, number: u64) {
        self.values.insert(counter, number);
        self.changed.insert(counter);
    }

    pub fn moment(&self) -> Moment {
        Moment(i64::try_from(self.value(Counter::Moment)).unwrap_or(i64::MAX))
    }

    pub fn advance(&mut self, to: Moment) {
        self.take(Counter::Moment, u64::try_from(to.0).unwrap_or(0));
    }

    pub fn changes(&self) -> impl Iterator<Item = (Counter, u64)> {
        self.changed.iter().map(|it| (*it, self.value(*it)))
    }

    pub fn settle(&mut self) {
        self.changed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counters_name_is_read_back() {
        let store = StoreId(7);
        for counter in [
            Counter::Order,
            Counter::Event,
            Counter::AdminEvent,
            Counter::Moment,
            Counter::Retrieval(store),
            Counter::Invoice(store, 2026),
            Counter::CreditNote(store, 2026),
        ] {
            assert_eq!(counter.to_string().parse(), Ok(counter));
        }
        assert_eq!("retrieval/x".parse::<Counter>(), Err(NotAnId));
    }
}
