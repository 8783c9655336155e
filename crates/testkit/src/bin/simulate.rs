//! Lives through seeds of the simulation, and tells of the first that fails.

use std::{num::NonZeroUsize, process::ExitCode};

use clap::Parser;
use testkit::simulation::run_all;

#[derive(Parser)]
#[command(about = "Simulates shops with prepaid orders, and checks what must always be true")]
struct Arguments {
    /// This seed alone
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Commands in each, about
    #[arg(long, default_value_t = 1000)]
    commands: u64,
    /// Seeds at once
    #[arg(long, default_value = "2")]
    jobs: NonZeroUsize,
    /// How many of its last steps a seed that fails tells
    #[arg(long, default_value_t = 40)]
    steps: usize,
}

fn main() -> ExitCode {
    let Arguments { seed, seeds, from, commands, jobs, steps } = Arguments::parse();
    let seeds = match seed {
        Some(seed) => seed..seed.saturating_add(1),
        None => from..from.saturating_add(seeds),
    };
    match run_all(seeds.clone(), commands, steps, jobs.get()) {
        Ok(tally) => {
            for (what, times) in &tally.happened {
                println!("{times:>12}  {what}");
            }
            println!("seeds {seeds:?}: all is well after {} commands", tally.commands);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            println!("again: simulate --seed {} --commands {commands}", failure.seed);
            ExitCode::FAILURE
        }
    }
}
