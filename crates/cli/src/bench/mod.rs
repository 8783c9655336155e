//! `orderd bench`: how fast this machine takes orders, beside how fast its store could.
//!
//! The bench starts a server of its own on an empty database, loads it from this process, and
//! prints each figure with the bound that is wanted of it. Times differ from machine to machine;
//! the shares do not, which is why what is compared is measured side by side in short rounds
//! (`rounds.rs`), and why each figure is the median of several runs. Read `runs.rs` for what is
//! measured, in its order.

pub(crate) mod constant;
mod failure;
mod ground;
mod load;
mod random;
mod raw;
mod report;
mod response;
mod rounds;
mod runs;
mod schema;
mod server;
mod shop;
mod stopwatch;
mod tokens;

use clap::Args;
use failure::Result;
use ground::Ground;
use report::Figure;
use runs::{Run, Scale};
use std::path::PathBuf;
use std::process::ExitCode;

/// Signs a token for a subject with an optional scope, good for longer than a bench takes.
pub(crate) type Signer = Box<dyn Fn(&str, Option<&str>) -> String>;
/// Opens the signing key that is kept in the database at a URL.
pub(crate) type OpenSigner<'a> = &'a dyn Fn(&str) -> std::result::Result<Signer, String>;

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Measure on PostgreSQL (postgres://…), in a schema of the bench's own, instead of on SQLite
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    database: Option<String>,

    /// Measure a server that runs already (http://host:port) instead of one of the bench's own
    #[arg(long, requires = "tokens")]
    url: Option<String>,

    /// Tokens for --url, one a line: the first is staff's, the others are customers'
    #[arg(long, value_name = "FILE", requires = "url")]
    tokens: Option<PathBuf>,

    /// Grow the database to so many orders and say what share of the speed it keeps
    #[arg(long, value_name = "COUNT", conflicts_with = "url")]
    orders: Option<u64>,

    /// Measure nothing but four times the load that the server can do, for 30 s, beside a hundred
    /// requests that are half sent
    #[arg(long, conflicts_with_all = ["url", "orders"])]
    overload: bool,

    /// A run of seconds, with rougher figures
    #[arg(long)]
    quick: bool,

    /// How many runs the medians are of [default: 3; with --quick or --overload 1]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,

    /// Connections that place, read and list
    #[arg(long, default_value_t = 128, value_parser = connections)]
    connections: usize,

    /// Lines of the orders of --overload: with few of them it is sending and refusing that takes
    /// most of the processors, which the load generator shares
    #[arg(long, value_name = "COUNT", default_value_t = 40, value_parser = connections)]
    overload_lines: usize,

    /// Connections of the flood of a usual run, more than the server's queue holds
    #[arg(long, default_value_t = 4_096, value_parser = connections)]
    overload_connections: usize,

    /// Threads of the load generator
    #[arg(long, default_value_t = 1, value_parser = connections)]
    load_threads: usize,

    /// Where the bench keeps its files while it runs: on the disk that is to be measured
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    dir: PathBuf,

    /// The orderd to measure [default: this one]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,

    /// Write the figures to a file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(crate) fn run(args: &BenchArgs, open_signer: OpenSigner<'_>) -> ExitCode {
    match measure(args, open_signer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("orderd bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn connections(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number above zero is needed".to_owned()),
        Ok(count) => Ok(count),
    }
}

fn measure(args: &BenchArgs, open_signer: OpenSigner<'_>) -> Result<()> {
    let scale = if args.quick { Scale::QUICK } else { Scale::FULL };
    let runs = args.runs.unwrap_or(if args.overload { 1 } else { scale.runs });
    let mut measured = Vec::new();
    let mut last = None;
    for number in 1..=runs {
        // One run's server at a time: an idle one still takes memory and wakes up.
        drop(last.take());
        eprintln!("run {number} of {runs}");
        let ground = Ground::prepare(args)?;
        let mut run = Run::start(args, &scale, ground, open_signer)?;
        let figures = match args.overload {
            true => run.measure_sustained(),
            false => run.measure_small(),
        };
        measured.push(figures.map_err(|failure| run.explain(&failure))?);
        last = Some(run);
    }
    let mut figures = report::medians(&measured);
    if let (Some(orders), Some(run)) = (args.orders, &mut last) {
        let large = run.measure_large(orders, open_signer);
        figures.extend(large.map_err(|failure| run.explain(&failure))?);
    }
    let database = database_name(args);
    // The bounds are for SQLite on one machine; elsewhere the figures stand as they are.
    if database != "sqlite" {
        figures = figures.into_iter().map(Figure::without_bound).collect();
    }
    println!("{}", heading(args, &scale, runs));
    print!("{}", report::table(&figures));
    match &args.json {
        Some(path) => report::write_json(path, database, &figures),
        None => Ok(()),
    }
}

fn heading(args: &BenchArgs, scale: &Scale, runs: u32) -> String {
    let raw = match (&args.url, &args.database) {
        _ if args.overload => String::new(),
        (Some(_), _) => String::new(),
        (None, Some(_)) => "; raw: UNNEST of 256 orders a transaction, pipelined".to_owned(),
        (None, None) => format!(
            "; raw: rusqlite, 256 orders a transaction, synchronous=FULL, wal_autocheckpoint={}",
            raw::sqlite::CHECKPOINT_PAGES
        ),
    };
    format!(
        "database: {}; medians of {runs}; {} products; {} connections{raw}",
        database_name(args),
        scale.products,
        args.connections,
    )
}

fn database_name(args: &BenchArgs) -> &'static str {
    match (&args.url, &args.database) {
        (Some(_), _) => "that of the running server",
        (None, Some(_)) => "postgres",
        (None, None) => "sqlite",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: BenchArgs,
    }

    fn parsed(line: &str) -> std::result::Result<BenchArgs, clap::Error> {
        Line::try_parse_from(format!("bench {line}").split_whitespace()).map(|line| line.args)
    }

    #[test]
    fn without_arguments_it_measures_sqlite_in_full() {
        let args = parsed("").unwrap();
        assert_eq!(database_name(&args), "sqlite");
        assert!(!args.quick && args.runs.is_none() && args.orders.is_none());
        assert_eq!((args.connections, args.load_threads), (128, 1));
    }

    #[test]
    fn knows_what_is_measured() {
        let args = parsed("--database postgres://localhost/shop --orders 1000000").unwrap();
        assert_eq!(database_name(&args), "postgres");
        assert_eq!(args.orders, Some(1_000_000));
        let args = parsed("--url http://127.0.0.1:8080 --tokens tokens.txt").unwrap();
        assert_eq!(database_name(&args), "that of the running server");
    }

    #[test]
    fn refuses_what_does_not_go_together() {
        for line in [
            "--url http://127.0.0.1:8080",
            "--tokens tokens.txt",
            "--url http://127.0.0.1:1 --tokens t --database postgres://localhost/shop",
            "--url http://127.0.0.1:1 --tokens t --orders 1000",
            "--overload --orders 1000",
            "--connections 0",
            "--runs 0",
            "--load-threads many",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
