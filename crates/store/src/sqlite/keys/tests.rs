//! Random runs against a plain map of every key that was ever committed.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Keys, Moment,
    idempotency::{Fingerprint, KeyHash, Remembered},
};

use super::Pace;
use crate::{
    IDEMPOTENCY_KEPT_MS,
    sqlite::trial::{Dice, End, Trial},
};

const SMALL: Pace = Pace {
    segment: 64,
    filter_bits: 16,
    keys_slice: 8,
    feed: 1,
    orders_slice: 1,
    events_slice: 4,
    cached_rows: 1,
};

/// A filter in which every bit is set before long: it never says no.
const BLIND: Pace = Pace { filter_bits: 1, ..SMALL };

const BATCHES: u64 = 400;

struct Run {
    trial: Trial,
    dice: Dice,
    now: i64,
    known: BTreeMap<KeyHash, Remembered>,
    freed: BTreeSet<KeyHash>,
    reopened_while_sealing: u32,
}

impl Run {
    fn new(pace: Pace, seed: u64) -> Run {
        let trial = Trial::new(pace);
        Run {
            trial,
            dice: Dice(seed),
            now: 1_000,
            known: BTreeMap::new(),
            freed: BTreeSet::new(),
            reopened_while_sealing: 0,
        }
    }

    /// A batch of new keys. Each is asked for first, as a batch does.
    fn add(&mut self, end: End, count: u64) {
        let news: BTreeMap<KeyHash, Remembered> = (0..count).map(|_| self.draw()).collect();
        let mut keys = Keys::default();
        keys.idempotency.extend(news.keys().copied());
        let now = Moment(self.now);
        self.trial.batch(end, &keys, |world| {
            world.counters.advance(now);
            for (hash, remembered) in &news {
                assert_eq!(world.idempotency.get(hash), None, "nobody has used it");
                world.idempotency.put(*hash, remembered.clone());
            }
        });
        if end == End::Commit {
            self.known.extend(news);
        }
    }

    /// A batch that frees keys of any age, and uses some of them again at once, and some of those
    /// that were freed before.
    fn free(&mut self, end: End) {
        let newest = self.known.iter().filter(|(_, it)| it.at.0 + 8 >= self.now);
        let newest: Vec<KeyHash> = newest.map(|(hash, _)| *hash).collect();
        let known: Vec<KeyHash> = self.known.keys().copied().collect();
        let mut freed = BTreeSet::new();
        for keys in [newest, known] {
            let most = if keys.is_empty() { 0 } else { self.dice.below(4) };
            freed.extend((0..most).map(|_| *self.dice.pick(&keys)));
        }
        let mut used: Vec<KeyHash> = self.freed.union(&freed).copied().collect();
        used.retain(|_| self.dice.below(3) == 0);
        let used: Vec<_> = used.into_iter().map(|hash| (hash, self.draw().1)).collect();
        let mut keys = Keys::default();
        keys.idempotency.extend(freed.iter().chain(used.iter().map(|(hash, _)| hash)));
        let now = Moment(self.now);
        self.trial.batch(end, &keys, |world| {
            world.counters.advance(now);
            for hash in &freed {
                assert_eq!(world.idempotency.get(hash), self.known.get(hash));
                world.idempotency.remove(*hash);
            }
            for (hash, remembered) in &used {
                assert_eq!(world.idempotency.get(hash), None, "it is free");
                world.idempotency.put(*hash, remembered.clone());
            }
        });
        if end == End::Commit {
            self.known.retain(|hash, _| !freed.contains(hash));
            self.freed.extend(freed);
            self.freed.retain(|hash| used.iter().all(|(used, _)| used != hash));
            self.known.extend(used);
        }
    }

    fn draw(&mut self) -> (KeyHash, Remembered) {
        let mut sixteen = || (u128::from(self.dice.roll()) << 64) | u128::from(self.dice.roll());
        let (hash, fingerprint) = (sixteen().to_be_bytes(), sixteen().to_be_bytes());
        let at = Moment(self.now);
        let answer = sixteen().to_string().into_bytes();
        (
            KeyHash(hash),
            Remembered { fingerprint: Fingerprint(fingerprint), at, answer, shows: None },
        )
    }

    fn reopen(&mut self) {
        let sealed = "SELECT coalesce(max(segment), 0) FROM idempotency_segments";
        let begun = "SELECT coalesce(max(segment), 0) FROM idempotency_index";
        if self.trial.number(begun) > self.trial.number(sealed) {
            self.reopened_while_sealing += 1;
        }
        self.trial.reopen();
    }

    fn check_all(&mut self) {
        self.check_keys();
        self.check_file();
    }

    /// Every key that was committed is there, and those that were freed or never used are not.
    fn check_keys(&mut self) {
        let mut keys = Keys::default();
        keys.idempotency.extend(self.known.keys().copied());
        let mut strangers: Vec<KeyHash> = (0..200).map(|_| self.draw().0).collect();
        strangers.extend(&self.freed);
        keys.idempotency.extend(&strangers);
        let world = self.trial.load(&keys);
        for (hash, remembered) in &self.known {
            assert_eq!(world.idempotency.get(hash), Some(remembered));
        }
        for hash in &strangers {
            assert_eq!(world.idempotency.get(hash), None);
        }
    }

    /// Segments follow one another, each with as many keys as its filter is made for.
    fn check_file(&self) {
        let gaps = "SELECT count(*) FROM (SELECT segment, last_id,
                lead(segment) OVER by_number AS next, lead(last_id) OVER by_number AS next_last
            FROM idempotency_segments WINDOW by_number AS (ORDER BY segment))
            WHERE next <> segment + 1 OR next_last <> last_id + 64";
        assert_eq!(self.trial.number(gaps), 0);
        // Of a segment that is let go, a part may be gone.
        let sizes = "SELECT count(*) FROM (SELECT count(*) AS size FROM idempotency_index
                WHERE segment > (SELECT min(segment) FROM idempotency_segments)
                AND segment <= (SELECT max(segment) FROM idempotency_segments)
                GROUP BY segment) WHERE size <> 64";
        assert_eq!(self.trial.number(sizes), 0);
        // What waits is bounded, or it would fill the memory.
        let unsealed = "SELECT count(*) FROM idempotency
            WHERE id > (SELECT coalesce(max(last_id), 0) FROM idempotency_segments)";
        assert!(self.trial.number(unsealed) <= 64 + 64 / 2 + 2 * 40);
    }
}

fn every_key_is_found(pace: Pace, seed: u64) {
    let mut run = Run::new(pace, seed);
    for batch in 1..=BATCHES {
        run.now += 1;
        let end = run.dice.end();
        let most = *run.dice.pick(&[2, 10, 40]);
        let count = run.dice.below(most);
        run.add(end, count);
        if run.dice.below(10) == 0 {
            run.reopen();
        }
        if batch % 40 == 0 {
            run.check_all();
        }
    }
    let segments = run.trial.number("SELECT count(*) FROM idempotency_segments");
    assert!(segments > 20, "{segments}");
    assert!(run.reopened_while_sealing > 3, "{}", run.reopened_while_sealing);
    run.check_all();
}

#[test]
fn every_key_is_found_with_its_own_answer() {
    for seed in 1..=3 {
        every_key_is_found(SMALL, seed);
    }
}

#[test]
fn a_filter_that_is_wrong_costs_time_alone() {
    every_key_is_found(BLIND, 4);
}

fn every_key_is_found_but_the_freed(seed: u64) {
    let mut run = Run::new(SMALL, seed);
    for batch in 1..=BATCHES {
        run.now += 1;
        let end = run.dice.end();
        if run.dice.below(3) == 0 {
            run.free(end);
        } else {
            let count = run.dice.below(30);
            run.add(end, count);
        }
        if run.dice.below(10) == 0 {
            run.reopen();
        }
        if batch % 20 == 0 {
            run.check_keys();
        }
    }
    let entries = "SELECT count(*) FROM idempotency_index AS entry";
    let nowhere = "WHERE NOT EXISTS (SELECT 1 FROM idempotency WHERE id = entry.id)";
    let nowhere = run.trial.number(&format!("{entries} {nowhere}"));
    assert!(nowhere > 100, "{nowhere} entries are of keys that were freed once sealed");
    let again = "SELECT count(*) - count(DISTINCT hash) FROM idempotency_index";
    let again = run.trial.number(again);
    assert!(again > 20, "{again} keys were sealed, freed, used and sealed again");
    assert!(run.reopened_while_sealing > 3, "{}", run.reopened_while_sealing);
    let rows = run.trial.number("SELECT count(*) FROM idempotency");
    assert_eq!(usize::try_from(rows), Ok(run.known.len()), "a freed key has no row");
    run.check_keys();
    // What leads nowhere goes with its segment.
    run.trial.set_pace(Pace { keys_slice: 100, ..SMALL });
    for _ in 0..150 {
        run.now += IDEMPOTENCY_KEPT_MS;
        run.add(End::Commit, 0);
    }
    let segments = "SELECT count(*) FROM idempotency_segments";
    assert_eq!(run.trial.number(segments), 0);
    let unfinished = "SELECT count(DISTINCT segment) FROM idempotency_index";
    assert!(run.trial.number(unfinished) <= 1);
}

#[test]
fn a_key_that_was_freed_is_free_wherever_it_lay() {
    for seed in [7, 8] {
        every_key_is_found_but_the_freed(seed);
    }
}

/// The newest of all rows is freed while its entry is written, and the process ends.
#[test]
fn a_number_that_is_given_again_leads_to_its_new_key() {
    let mut run = Run::new(BLIND, 12);
    // One by one, or they would be numbered in the order of their hashes.
    for count in [[1; 64].as_slice(), &[0; 6]].concat() {
        run.add(End::Commit, count);
    }
    let entry = "FROM idempotency_index WHERE segment = 1 AND id = 64";
    assert_eq!(run.trial.number(&format!("SELECT count(*) {entry}")), 1);
    let old = run.trial.shell().query_row(&format!("SELECT hash {entry}"), [], |row| row.get(0));
    let old = KeyHash(old.unwrap());
    let named = Keys { idempotency: [old].into(), ..Keys::default() };
    run.trial.batch(End::Commit, &named, |world| world.idempotency.remove(old));
    run.known.remove(&old);
    run.freed.insert(old);
    run.reopen();
    run.add(End::Commit, 1);
    assert_eq!(run.trial.number("SELECT max(id) FROM idempotency"), 64, "the number is another's");
    run.check_keys();
    for _ in 0..10 {
        run.add(End::Commit, 1);
    }
    assert_eq!(run.trial.number("SELECT count(*) FROM idempotency_segments"), 1);
    assert_eq!(run.trial.number(&format!("SELECT count(*) {entry}")), 2, "one leads astray");
    run.check_keys();
    let (_, again) = run.draw();
    let put = again.clone();
    run.trial.batch(End::Commit, &named, |world| world.idempotency.put(old, put.clone()));
    run.known.insert(old, again);
    run.freed.clear();
    run.check_keys();
}

#[test]
fn a_file_of_another_pace_is_read() {
    let mut run = Run::new(SMALL, 5);
    for _ in 0..60 {
        run.add(End::Commit, 10);
    }
    run.check_all();
    run.trial.set_pace(Pace { segment: 16, filter_bits: 32, ..SMALL });
    let keys = run.known.keys().copied().collect();
    let world = run.trial.load(&Keys { idempotency: keys, ..Keys::default() });
    for (hash, remembered) in &run.known {
        assert_eq!(world.idempotency.get(hash), Some(remembered));
    }
}

/// By the log's moment: a day passes with every few batches.
#[test]
fn only_what_is_older_than_promised_is_let_go() {
    let mut run = Run::new(SMALL, 6);
    for batch in 1..=BATCHES {
        run.now += IDEMPOTENCY_KEPT_MS / 40;
        let end = run.dice.end();
        let count = run.dice.below(20);
        run.add(end, count);
        if run.dice.below(12) == 0 {
            run.reopen();
        }
        if batch % 20 == 0 {
            let now = run.now;
            run.known.retain(|_, it| it.at.0 + IDEMPOTENCY_KEPT_MS >= now);
            run.check_all();
        }
    }
    let first = run.trial.number("SELECT min(segment) FROM idempotency_segments");
    assert!(first > 10, "the oldest segment is still {first}");
    // All that is left belongs to segments that are not expired, to one that is being let go, or to
    // none.
    let expired = run.now - IDEMPOTENCY_KEPT_MS - 2 * 8 * IDEMPOTENCY_KEPT_MS / 40;
    let left = format!(
        "SELECT count(*) FROM idempotency_segments
        WHERE last_at < {expired} AND segment > (SELECT min(segment) FROM idempotency_segments)"
    );
    assert_eq!(run.trial.number(&left), 0);
    // With no new key, all the rest goes too, and the numbers may begin again.
    for _ in 0..150 {
        run.now += IDEMPOTENCY_KEPT_MS;
        run.add(End::Commit, 0);
    }
    assert_eq!(run.trial.number("SELECT count(*) FROM idempotency_segments"), 0);
    assert!(run.trial.number("SELECT count(*) FROM idempotency") < 100);
    run.known.clear();
    run.reopen();
    for _ in 0..30 {
        run.now += 1;
        run.add(End::Commit, 20);
    }
    run.check_all();
}
