//! The only source of randomness.

use std::{
    cell::RefCell,
    fmt::Debug,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::Moment;
use uuid::{Builder, Uuid};

pub trait Ids: Debug + Send + Sync {
    /// Fills a secret, such as the seed of a key.
    fn fill(&self, bytes: &mut [u8]);

    /// A new id that sorts by time (UUIDv7, RFC 9562).
    fn uuid(&self, now: Moment) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.0).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// The operating system's randomness.
#[derive(Debug)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no id and no key is safe: to go on would be worse than to end.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }

    fn uuid(&self, now: Moment) -> Uuid {
        let millis = u64::try_from(now.0).unwrap_or(0);
        let random = POOL.with_borrow_mut(|pool| pool.draw(self));
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// Randomness for many ids, asked for at once: every request has one.
struct Pool {
    bytes: [u8; 640],
    used: usize,
}

impl Pool {
    fn draw(&mut self, ids: &RandomIds) -> [u8; 10] {
        if self.used == self.bytes.len() {
            ids.fill(&mut self.bytes);
            self.used = 0;
        }
        let mut drawn = [0; 10];
        let until = self.used + drawn.len();
        drawn.copy_from_slice(&self.bytes[self.used..until]);
        self.used = until;
        drawn
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; 640], used: 640 }) };
}

/// The same ids again for the same seed: for tests and simulations, never for secrets.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    pub fn new(seed: u64) -> SeededIds {
        SeededIds(AtomicU64::new(seed))
    }
}

impl Ids for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
            let state = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            let mut mixed = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let word = (mixed ^ (mixed >> 31)).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn seeded_ids_repeat_and_sort_by_time() {
        let ids = || {
            let ids = SeededIds::new(7);
            [ids.uuid(Moment(1)), ids.uuid(Moment(2)), ids.uuid(Moment(3))]
        };
        assert_eq!(ids(), ids());
        assert!(ids().is_sorted());
        assert_eq!(ids()[0].get_version_num(), 7);
    }

    #[test]
    fn random_ids_differ() {
        let ids: HashSet<Uuid> = (0..200).map(|_| RandomIds.uuid(Moment(1))).collect();
        assert_eq!(ids.len(), 200);
    }
}
