//! How two things are compared on a machine whose speed changes from minute to minute: in short
//! rounds that have both, one right beside the other. What counts is the median of the ratios of
//! the rounds, and not the ratio of two rates that were measured far apart.

use super::failure::{Failure, Result};
use super::load::Outcome;
use super::report::median;
use std::ops::Range;
use std::thread::JoinHandle;

/// What one slice of a round has shown: as a number that is compared, for the most part a rate.
pub(super) trait Measured {
    fn value(&self) -> f64;
}

impl Measured for Outcome {
    fn value(&self) -> f64 {
        self.per_second()
    }
}

impl Measured for f64 {
    fn value(&self) -> f64 {
        *self
    }
}

/// The one in the middle.
pub(super) fn typical<M: Measured>(slices: &[M]) -> f64 {
    median(slices.iter().map(Measured::value).collect())
}

/// What a round gets of a count that is shared out among all rounds.
pub(super) fn part(count: u64, round: u32, rounds: u32) -> Range<u64> {
    let begin = |round: u32| count * u64::from(round) / u64::from(rounds);
    begin(round)..begin(round + 1)
}

/// One thing and what it is compared with. In each round both were measured once.
pub(super) struct Rounds<M, N> {
    pub(super) one: Vec<M>,
    pub(super) other: Vec<N>,
}

impl<M, N> Rounds<M, N> {
    pub(super) fn new() -> Self {
        Self { one: Vec::new(), other: Vec::new() }
    }

    /// Measures both in each round. Who goes first changes from round to round, so that neither
    /// gains by what the machine still does for the other.
    pub(super) fn alternate(
        rounds: u32,
        mut one: impl FnMut(u32) -> Result<M>,
        mut other: impl FnMut(u32) -> Result<N>,
    ) -> Result<Self> {
        let mut measured = Self::new();
        for round in 0..rounds {
            if round.is_multiple_of(2) {
                measured.one.push(one(round)?);
                measured.other.push(other(round)?);
            } else {
                measured.other.push(other(round)?);
                measured.one.push(one(round)?);
            }
        }
        Ok(measured)
    }

    pub(super) fn push(&mut self, one: M, other: N) {
        self.one.push(one);
        self.other.push(other);
    }
}

impl<M: Measured, N: Measured> Rounds<M, N> {
    /// The one as a part of the other.
    pub(super) fn ratio(&self) -> f64 {
        let pairs = self.one.iter().zip(&self.other);
        median(pairs.map(|(one, other)| one.value() / other.value()).collect())
    }
}

/// The same thing before, while and after something else went on.
pub(super) struct Beside<M> {
    before: Vec<M>,
    pub(super) meanwhile: Vec<M>,
    pub(super) after: Vec<M>,
}

/// How long it is measured while the other goes on.
#[derive(Clone, Copy)]
pub(super) enum Meanwhile {
    /// So many slices; then the end of the other is waited for.
    Slices(u32),
    /// Slices until the other has ended.
    ToTheEnd,
}

impl<M: Measured> Beside<M> {
    /// Measures so many slices, begins the other, goes on, waits for its end, and measures as many
    /// slices as before. Returns what has come of the other, too.
    pub(super) fn measure<T>(
        slices: u32,
        meanwhile: Meanwhile,
        mut slice: impl FnMut() -> Result<M>,
        begin: impl FnOnce() -> Result<JoinHandle<Result<T>>>,
    ) -> Result<(Self, T)> {
        let before = (0..slices).map(|_| slice()).collect::<Result<_>>()?;
        let other = begin()?;
        let meanwhile = match meanwhile {
            Meanwhile::Slices(count) => (0..count).map(|_| slice()).collect::<Result<_>>()?,
            Meanwhile::ToTheEnd => to_the_end(&other, &mut slice)?,
        };
        let ended =
            other.join().map_err(|_| Failure::new("what went on beside has panicked"))??;
        let after = (0..slices).map(|_| slice()).collect::<Result<_>>()?;
        Ok((Self { before, meanwhile, after }, ended))
    }

    /// What was left of the usual value while the other went on.
    pub(super) fn ratio(&self) -> f64 {
        let around = f64::midpoint(typical(&self.before), typical(&self.after));
        typical(&self.meanwhile) / around
    }
}

/// The last slice is for the most without the other, so it does not count, unless it is the only
/// one.
fn to_the_end<M, T>(
    other: &JoinHandle<T>,
    slice: &mut impl FnMut() -> Result<M>,
) -> Result<Vec<M>> {
    let mut measured = vec![slice()?];
    while !other.is_finished() {
        let next = slice()?;
        if !other.is_finished() {
            measured.push(next);
        }
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    /// Gives these values one after the other.
    fn giving(values: &[f64]) -> impl FnMut(u32) -> Result<f64> {
        let mut values = values.iter().copied();
        move |_| Ok(values.next().unwrap())
    }

    #[test]
    fn who_goes_first_changes_from_round_to_round() {
        let turns = RefCell::new(Vec::new());
        let turn = |who: &'static str| {
            let turns = &turns;
            move |round| {
                turns.borrow_mut().push((round, who));
                Ok(1.0)
            }
        };
        Rounds::alternate(3, turn("one"), turn("other")).unwrap();
        let expected =
            [(0, "one"), (0, "other"), (1, "other"), (1, "one"), (2, "one"), (2, "other")];
        assert_eq!(turns.into_inner(), expected);
    }

    #[test]
    fn the_ratio_is_the_middle_of_those_of_the_rounds() {
        let check = |one: &[f64], other: &[f64], ratio: f64| {
            let rounds = Rounds::alternate(one.len() as u32, giving(one), giving(other)).unwrap();
            assert_eq!(rounds.ratio(), ratio, "{one:?} of {other:?}");
            let mut pushed = Rounds::new();
            for (one, other) in one.iter().zip(other) {
                pushed.push(*one, *other);
            }
            assert_eq!(pushed.ratio(), ratio, "{one:?} of {other:?}");
        };
        check(&[30.0], &[40.0], 0.75);
        // The machine was four times as fast in the second round, which no ratio shows.
        check(&[50.0, 200.0, 50.0], &[100.0, 400.0, 100.0], 0.5);
        // Ratios of 0.9, 0.1 and 0.4. The ratio of the medians would be 0.1.
        check(&[9.0, 10.0, 40.0], &[10.0, 100.0, 100.0], 0.4);
        check(&[1.0, 2.0, 6.0, 8.0], &[10.0, 10.0, 10.0, 10.0], 0.4);
    }

    #[test]
    fn the_typical_one_is_in_the_middle() {
        assert_eq!(typical(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(typical(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn a_failure_ends_the_rounds() {
        let mut left = 1;
        let failing = |_| match left {
            0 => Err(Failure::new("no stock")),
            _ => {
                left -= 1;
                Ok(1.0)
            }
        };
        let ended = Rounds::alternate(3, failing, giving(&[1.0, 1.0])).err().unwrap();
        assert_eq!(ended.to_string(), "no stock");
    }

    #[test]
    fn parts_are_next_to_each_other_and_have_all() {
        let check = |count: u64, rounds: u32, expected: &[Range<u64>]| {
            let parts: Vec<_> = (0..rounds).map(|round| part(count, round, rounds)).collect();
            assert_eq!(parts, expected, "{count} in {rounds}");
        };
        check(10_000, 2, &[0..5_000, 5_000..10_000]);
        check(11, 3, &[0..3, 3..7, 7..11]);
        check(1, 3, &[0..0, 0..0, 0..1]);
    }

    #[test]
    fn what_went_on_is_beside_the_slices_between() {
        let mut values = [10.0, 30.0, 5.0, 10.0, 20.0].into_iter();
        let slice = || Ok(values.next().unwrap());
        let begin = || Ok(thread::spawn(|| Ok("over")));
        let (beside, ended) = Beside::measure(2, Meanwhile::Slices(1), slice, begin).unwrap();
        assert_eq!(ended, "over");
        assert_eq!((beside.before.len(), beside.meanwhile.len(), beside.after.len()), (2, 1, 2));
        // 5 of the middle between 20 and 15.
        assert_eq!(beside.ratio(), 5.0 / 17.5);
    }

    #[test]
    fn slices_go_on_until_the_other_has_ended() {
        let (end, ends) = channel::<()>();
        let (told, tells) = channel::<()>();
        let mut end = Some(end);
        let mut count = 0;
        let slice = || {
            count += 1;
            // One before, then three meanwhile, in the last of which the other ends.
            if count == 4 {
                drop(end.take());
                let _ = tells.recv();
                // For the thread to be gone, which nobody is told of.
                thread::sleep(Duration::from_millis(200));
            }
            Ok(f64::from(count))
        };
        let begin = || {
            Ok(thread::spawn(move || {
                let _ = ends.recv();
                drop(told);
                Ok(())
            }))
        };
        let (beside, ()) = Beside::measure(1, Meanwhile::ToTheEnd, slice, begin).unwrap();
        assert_eq!(beside.before, [1.0]);
        assert!(beside.meanwhile.starts_with(&[2.0, 3.0]), "{:?}", beside.meanwhile);
        assert!(beside.after > beside.meanwhile, "{:?}", beside.after);
    }

    #[test]
    fn the_only_slice_beside_counts() {
        let begin = || {
            let other = thread::spawn(|| Ok(()));
            while !other.is_finished() {
                thread::yield_now();
            }
            Ok(other)
        };
        let (beside, ()) = Beside::measure(1, Meanwhile::ToTheEnd, || Ok(1.0), begin).unwrap();
        assert_eq!(beside.meanwhile, [1.0]);
    }

    #[test]
    fn a_failure_of_the_other_is_told() {
        let begin = || Ok(thread::spawn(|| Err::<(), _>(Failure::new("it is gone"))));
        let failed = Beside::measure(1, Meanwhile::Slices(1), || Ok(1.0), begin).err().unwrap();
        assert_eq!(failed.to_string(), "it is gone");
    }
}
