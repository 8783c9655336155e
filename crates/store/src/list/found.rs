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
        let ends = all.iter().filter_map(|it| it.end);
        let end = if window.newest_first { ends.max() } else { ends.min() };
        let mut numbers: Vec<u64> = all.into_iter().flat_map(|it| it.numbers).collect();
        window.sort(&mut numbers);
        numbers.retain(|it| end.is_none_or(|end| !window.is_beyond(*it, end)));
        let mut union = Found { numbers, end };
        union.cut(most);
        union
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

    /// Brings numbers into its order, each once, and leaves out what is not in it.
    pub(crate) fn sort(self, numbers: &mut Vec<u64>) {
        numbers.retain(|it| self.contains(*it));
        numbers.sort_unstable();
        numbers.dedup();
        if self.newest_first {
            numbers.reverse();
        }
    }

    pub(super) fn segments(self) -> Option<RangeInclusive<u64>> {
        (self.from < self.to).then(|| segment_of(self.from)..=segment_of(self.to - 1))
    }

    pub(super) fn long_segments(self) -> Option<RangeInclusive<u64>> {
        (self.from < self.to).then(|| long_segment_of(self.from)..=long_segment_of(self.to - 1))
    }

    /// The first few of its segments, and the number with which they end.
    pub(super) fn nearest(
        self,
        segments: &RangeInclusive<u64>,
        most: u64,
    ) -> (RangeInclusive<u64>, u64) {
        let (first, last) = (*segments.start(), *segments.end());
        if self.newest_first {
            let from = first.max((last + 1).saturating_sub(most));
            (from..=last, self.from.max(from << SEGMENT_BITS))
        } else {
            let to = last.min(first + most - 1);
            (first..=to, (self.to - 1).min(((to + 1) << SEGMENT_BITS) - 1))
        }
    }
}

pub(crate) fn segment_of(no: u64) -> u64 {
    no >> SEGMENT_BITS
}

pub(crate) fn long_segment_of(no: u64) -> u64 {
    no >> LONG_SEGMENT_BITS
}
