//! Numbers of orders, and what an index has found of them.

use std::{collections::HashSet, ops::RangeInclusive};

/// Fed indexes are cut into segments of 4096 orders, so that what is fed together stands together
/// on few pages, however large the whole. Part of the format of what is stored.
pub(crate) const SEGMENT_BITS: u32 = 12;

/// Totals are cut into longer ones, of 32,768 orders: a list by total has to look into each.
const LONG_SEGMENT_BITS: u32 = 15;

/// Numbers from one up to but without another, and which way they are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) newest_first: bool,
}

/// Numbers that an index has found, in the order of the window.
pub(crate) struct Found {
    pub(crate) numbers: Vec<u64>,
    /// Up to where all were found; nothing if to the end of the window.
    pub(crate) end: Option<u64>,
}

impl Found {
    /// What a question for so many at most has brought.
    pub(crate) fn run(numbers: Vec<u64>, most: usize) -> Found {
        let end = numbers.last().copied().filter(|_| numbers.len() >= most);
        Found { numbers, end }
    }

    pub(crate) fn union(all: Vec<Found>, window: Window, most: usize) -> Found {
        let end = nearest_end(&all, window);
        let mut numbers: Vec<u64> = all.into_iter().flat_map(|it| it.numbers).collect();
        window.sort(&mut numbers);
        numbers.retain(|it| end.is_none_or(|end| !window.is_beyond(*it, end)));
        let mut union = Found { numbers, end };
        union.cut(most);
        union
    }

    /// What all of them have found.
    pub(super) fn intersection(all: Vec<Found>, window: Window) -> Found {
        let mut end = nearest_end(&all, window);
        if let Some(nearest) = end {
            // As far as one of them finds nothing more there is nothing more of all.
            let has_more =
                |it: &Found| it.numbers.last().is_some_and(|last| window.is_beyond(*last, nearest));
            let ends = all.iter().filter(|it| !has_more(it)).map(|it| it.end);
            end = ends.reduce(|one, other| window.farther(one, other)).flatten();
        }
        let mut all = all.into_iter();
        let mut numbers = all.next().map(|it| it.numbers).unwrap_or_default();
        for other in all {
            let known: HashSet<u64> = other.numbers.into_iter().collect();
            numbers.retain(|it| known.contains(it));
        }
        Found { numbers, end }
    }

    pub(super) fn cut(&mut self, most: usize) {
        if self.numbers.len() > most {
            self.numbers.truncate(most);
            self.end = self.numbers.last().copied();
        }
    }

    /// Without what another index, as far as it has looked, has not found.
    pub(super) fn without_missing(mut self, other: &Found, window: Window) -> Found {
        let known: HashSet<u64> = other.numbers.iter().copied().collect();
        let is_beyond = |no| other.end.is_some_and(|end| window.is_beyond(no, end));
        self.numbers.retain(|it| known.contains(it) || is_beyond(*it));
        self
    }

    /// Whether it leaves fewer orders to look at than another one does.
    pub(super) fn is_sparser(&self, other: &Found, window: Window) -> bool {
        match (self.end, other.end) {
            (None, None) => self.numbers.len() < other.numbers.len(),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some(end), Some(other)) => window.is_beyond(end, other),
        }
    }
}

impl Window {
    /// What of it comes after a number.
    pub(crate) fn after(self, no: u64) -> Window {
        match self.newest_first {
            true => Window { to: self.to.min(no).max(self.from), ..self },
            false => Window { from: self.from.max(no.saturating_add(1)).min(self.to), ..self },
        }
    }

    pub(super) fn contains(self, no: u64) -> bool {
        (self.from..self.to).contains(&no)
    }

    fn is_beyond(self, no: u64, end: u64) -> bool {
        if self.newest_first { no < end } else { no > end }
    }

    /// Of two ends the later one; nothing is the end of the window.
    fn farther(self, one: Option<u64>, other: Option<u64>) -> Option<u64> {
        let (one, other) = (one?, other?);
        Some(if self.newest_first { one.min(other) } else { one.max(other) })
    }

    /// Brings numbers into its order, each once, and leaves out what is not in it.
    pub(crate) fn sort(self, numbers: &mut Vec<u64>) {
        numbers.retain(|it| self.contains(*it));
        numbers.sort_unstable();
        numbers.dedup();
        if self.newest_first {
            numbers.reverse();
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// The number with which it ends.
    pub(super) fn last(self) -> u64 {
        if self.newest_first { self.from } else { self.to.saturating_sub(1) }
    }

    pub(crate) fn segments(self) -> Vec<u64> {
        if self.is_empty() {
            return Vec::new();
        }
        let segments = segment_of(self.from)..=segment_of(self.to - 1);
        if self.newest_first { segments.rev().collect() } else { segments.collect() }
    }

    pub(super) fn long_segments(self) -> Option<RangeInclusive<u64>> {
        (!self.is_empty()).then(|| long_segment_of(self.from)..=long_segment_of(self.to - 1))
    }

    /// The first few of its segments.
    pub(super) fn nearest(self, segments: u64) -> Window {
        match self.newest_first {
            true => {
                let from = (segment_of(self.to - 1) + 1).saturating_sub(segments);
                Window { from: self.from.max(from << SEGMENT_BITS), ..self }
            }
            false => {
                let to = segment_of(self.from) + segments;
                Window { to: self.to.min(to << SEGMENT_BITS), ..self }
            }
        }
    }
}

/// Up to where all of them have looked.
fn nearest_end(all: &[Found], window: Window) -> Option<u64> {
    let ends = all.iter().filter_map(|it| it.end);
    if window.newest_first { ends.max() } else { ends.min() }
}

pub(crate) fn segment_of(no: u64) -> u64 {
    no >> SEGMENT_BITS
}

pub(crate) fn long_segment_of(no: u64) -> u64 {
    no >> LONG_SEGMENT_BITS
}
