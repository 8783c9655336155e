//! The only source of randomness.

use std::{
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
        assert_ne!(RandomIds.uuid(Moment(1)), RandomIds.uuid(Moment(1)));
    }
}
