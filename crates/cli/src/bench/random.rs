//! Numbers that look random, cheaply enough to be drawn for every request (SplitMix64). Nothing
//! secret depends on them; they spread load and keep idempotency keys apart.

use std::hash::{BuildHasher, RandomState};

#[derive(Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        // The high bits of a 64 by 64 multiplication: as even as a remainder, and no division.
        let product = u128::from(self.next()) * (limit as u128);
        (product >> 64) as usize
    }
}

/// Differs from one start of the process to the next, so that two benches against one server
/// never send the same idempotency key.
pub(super) fn fresh_seed() -> u64 {
    RandomState::new().hash_one("orderd bench")
}

/// The value number `index` of the sequence that begins at `seed`: no two indexes share one.
pub(super) fn nth(seed: u64, index: u64) -> u64 {
    mix(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA)))
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn draws_every_value_below_the_limit_and_none_above() {
        let mut random = Random::new(7);
        let drawn: HashSet<usize> = (0..1_000).map(|_| random.below(10)).collect();
        assert_eq!(drawn, (0..10).collect());
    }

    #[test]
    fn the_nth_value_is_that_of_the_sequence() {
        let mut random = Random::new(42);
        let sequence: Vec<u64> = (0..5).map(|_| random.next()).collect();
        let direct: Vec<u64> = (0..5).map(|index| nth(42, index)).collect();
        assert_eq!(sequence, direct);
    }
}
