//! A shop with prepaid orders that lives through a seed: thousands of commands by customers, staff
//! and jobs, on the memory store and the payment sandbox, while processes die, commits fail, and
//! calls, answers and notices are lost, doubled and late. What must always be true is checked after
//! every batch, and what must come true in the end is checked once everything has healed.
//!
//! The code that runs is the server's own: the batch, the decisions, the work on effects. Only
//! time, chance and the order of things are the simulation's, and all of them follow from the seed:
//! one that fails, fails again.

mod act;
mod batch;
mod books;
mod diary;
mod jobs;
mod people;
mod plan;
mod process;
mod provider;
mod random;
mod requests;
mod settle;
mod shop;

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use store::Read;

use self::{books::Broken, diary::Diary, provider::poll_once, shop::Shop};

/// What has happened in a life, to see that enough did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub commands: u64,
    /// How often each kind of event was written, and some other things.
    pub happened: BTreeMap<&'static str, u64>,
}

/// What a seed has found.
#[derive(Clone, Debug)]
pub struct Failure {
    pub seed: u64,
    pub what: String,
    pub last_steps: Vec<String>,
}

/// Lives through seeds, so many at once. Of those that fail, the lowest is told.
pub fn run_all(
    seeds: Range<u64>,
    commands: u64,
    last_steps: usize,
    at_once: usize,
) -> Result<Tally, Failure> {
    let (next, has_failed) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let live_on = || {
        let mut tally = Tally::default();
        while !has_failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            match run(seed, commands, last_steps) {
                Ok(one) => tally.add(&one),
                Err(failure) => {
                    has_failed.store(true, Ordering::Relaxed);
                    return Err(failure);
                }
            }
        }
        Ok(tally)
    };
    let ends: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(live_on)).collect();
        threads.into_iter().map(|it| it.join().expect("a seed's panic is its failure")).collect()
    });
    let mut together = Tally::default();
    let mut first: Option<Failure> = None;
    for end in ends {
        match end {
            Ok(tally) => together.add(&tally),
            Err(failure) if first.as_ref().is_some_and(|it| it.seed < failure.seed) => {}
            Err(failure) => first = Some(failure),
        }
    }
    first.map_or(Ok(together), Err)
}

/// Not every step is a command, and in some shops few are.
const STEPS_MAX: u64 = 100;

/// Lives through a seed until about so many commands were given. A failure tells so many of its
/// last steps.
pub fn run(seed: u64, commands: u64, last_steps: usize) -> Result<Tally, Failure> {
    let what = match live(seed, commands, &Diary::of_the_last(0)) {
        Ok(tally) => return Ok(tally),
        Err(what) => what,
    };
    // The same again, with somebody who writes down what happens.
    let diary = Diary::of_the_last(last_steps);
    let what = match live(seed, commands, &diary) {
        Err(again) if again == what => what,
        Err(again) => format!("{what}; and the second time, which no seed explains: {again}"),
        Ok(_) => format!("{what}; but not the second time, which no seed explains"),
    };
    Err(Failure { seed, what, last_steps: diary.close() })
}

fn live(seed: u64, commands: u64, diary: &Diary) -> Result<Tally, Broken> {
    let life = AssertUnwindSafe(|| {
        let mut shop = Shop::open(seed, diary)?;
        for _ in 0..commands.saturating_mul(STEPS_MAX) {
            if shop.tally.commands >= commands {
                break;
            }
            shop.step()?;
        }
        shop.settle()?;
        Ok(shop.close())
    });
    catch_unwind(life).unwrap_or_else(|panic| Err(format!("a panic: {}", words(&*panic))))
}

fn words(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(words), _) => words,
        (None, Some(words)) => words,
        (None, None) => "without words",
    }
}

/// The memory store answers at once.
fn read<T>(question: Read<'_, T>) -> Result<T, Broken> {
    let answer = poll_once(question).ok_or("the store does not answer")?;
    answer.map_err(|error| error.to_string())
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.commands += other.commands;
        for (what, times) in &other.happened {
            *self.happened.entry(what).or_default() += times;
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.last_steps {
            writeln!(f, "  {step}")?;
        }
        write!(f, "seed {} fails: {}", self.seed, self.what)
    }
}
