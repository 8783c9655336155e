//! How long to wait before the next try, and when to stop trying.

use domain::Moment;

/// The pause after the first try that came to nothing. Each further one is twice as long.
pub const PAUSE_FIRST_MS: i64 = 1_000;

pub const PAUSE_MAX_MS: i64 = 60 * 60 * 1_000;

/// What has had no answer for so long gets none.
pub const GIVE_UP_MS: i64 = 3 * 24 * 60 * 60 * 1_000;

/// The pause after so many tries: of its length the half, and a part of the other half by chance,
/// so that what failed together does not come again together.
pub fn pause_ms(attempts: u32, jitter: u64) -> i64 {
    let doubled = PAUSE_FIRST_MS.checked_shl(attempts.min(32)).unwrap_or(PAUSE_MAX_MS);
    let half = doubled.min(PAUSE_MAX_MS) / 2;
    half + i64::try_from(jitter % half.unsigned_abs()).unwrap_or(0)
}

/// Whether something that was first wanted then has been tried for long enough.
pub fn is_hopeless(wanted_at: Moment, now: Moment) -> bool {
    now.0.saturating_sub(wanted_at.0) >= GIVE_UP_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_an_hour() {
        for jitter in [0, 1, 499, 500, u64::MAX] {
            let mut longest = 0;
            for attempts in 0..100 {
                let pause = pause_ms(attempts, jitter);
                assert!((PAUSE_FIRST_MS / 2..=PAUSE_MAX_MS).contains(&pause), "{attempts}");
                longest = longest.max(pause);
            }
            assert!(longest >= PAUSE_MAX_MS / 2);
            assert!(pause_ms(4, jitter) >= 8 * PAUSE_FIRST_MS);
        }
        assert_ne!(pause_ms(5, 1), pause_ms(5, 2));
        assert_eq!(pause_ms(u32::MAX, 0), PAUSE_MAX_MS / 2);
    }

    #[test]
    fn hope_ends_after_days() {
        let then = Moment(1_750_000_000_000);
        assert!(!is_hopeless(then, then.plus_ms(GIVE_UP_MS - 1)));
        assert!(is_hopeless(then, then.plus_ms(GIVE_UP_MS)));
    }
}
