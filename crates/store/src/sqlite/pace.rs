//! How much housekeeping waits, and how much of it one batch does. A test takes small steps, so as
//! to be at every turn of it soon.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Keys of a segment.
    pub(super) segment: usize,
    /// Bits of a segment's filter for each of its keys.
    pub(super) filter_bits: usize,
    /// Rows of keys that a batch seals at least, if there are so many, and that it lets go.
    pub(super) keys_slice: usize,
    /// Orders after which those among them that have a customer are sorted and fed.
    pub(super) feed: u64,
    /// Orders that a batch feeds at least, if there are so many.
    pub(super) orders_slice: usize,
    /// Events after which the indexes of lists are fed next.
    pub(super) events_slice: u64,
    /// Rows of each kind that are kept in memory; of a larger catalogue those that sell.
    pub(super) cached_rows: usize,
}

impl Default for Pace {
    /// With 16 bits a key, fewer than one look in a thousand is in vain.
    fn default() -> Pace {
        Pace {
            segment: 65_536,
            filter_bits: 16,
            keys_slice: 1024,
            feed: 16_384,
            orders_slice: 512,
            events_slice: 1024,
            cached_rows: 50_000,
        }
    }
}

/// A batch does twice what it adds to the pile, or the pile would grow for ever.
pub(super) fn slice(least: usize, added: usize) -> usize {
    least.max(2 * added)
}
