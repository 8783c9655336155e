//! Numbers without gaps: each run goes up by one, in the order of the log, to where its counter
//! stands.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Moment,
    counter::{Counter, Counters},
};

use super::{Difference, Found};

#[derive(Default)]
pub(super) struct Numbers {
    last: BTreeMap<Counter, u64>,
    moments: BTreeMap<Counter, Moment>,
}

impl Numbers {
    pub(super) fn take(&mut self, counter: Counter, number: u64, found: &mut Found) {
        let last = self.last.entry(counter).or_insert(0);
        if number != *last + 1 {
            let expected = *last + 1;
            found.add(Difference::NumberOutOfRun { counter, expected, found: number });
        }
        *last = number.max(*last);
    }

    /// A moment of the log that this counter numbers.
    pub(super) fn pass(&mut self, counter: Counter, number: u64, at: Moment, found: &mut Found) {
        let before = self.moments.entry(counter).or_insert(at);
        if at < *before {
            let before = *before;
            found.add(Difference::MomentDecreases { counter, number, at, before });
        }
        *before = at;
    }

    pub(super) fn finish(&self, counters: &Counters, found: &mut Found) {
        let all: BTreeSet<Counter> =
            self.last.keys().copied().chain(counters.iter().map(|(counter, _)| counter)).collect();
        for counter in all {
            let counter_value = counters.value(counter);
            let (last, is_right) = match counter {
                // Both logs move it, so it stands at the later of the two.
                Counter::Moment => {
                    let last = self.moments.values().max().copied().unwrap_or_default();
                    (u64::try_from(last.0).unwrap_or(0), last <= counters.moment())
                }
                Counter::Order
                | Counter::Event
                | Counter::AdminEvent
                | Counter::Retrieval(_)
                | Counter::Invoice(..)
                | Counter::CreditNote(..) => {
                    let last = self.last.get(&counter).copied().unwrap_or(0);
                    (last, last == counter_value)
                }
            };
            if !is_right {
                found.add(Difference::CounterDiffers { counter, counter_value, last });
            }
        }
    }
}
