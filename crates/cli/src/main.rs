//! Starts: reads the arguments and settings, opens the store, and wires the crates together.

mod backup;
mod bench;
mod check_config;
mod client;
mod demo;
mod key;
mod serve;
mod settings;
mod signing;
mod telemetry;
mod token;
mod trust;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::settings::Settings;

/// What one thread allocates another frees, all the time: the system's allocator minds, this one
/// does not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "orderd", version, about = "An order management server")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take orders over HTTP until told to end
    Serve(serve::Arguments),
    /// Print a token of this server, alone, on standard output
    Token(token::Arguments),
    /// Keys that sign this server's tokens
    Key(key::Arguments),
    /// Programs that get their tokens for an id and a secret
    Client(client::Arguments),
    /// Bring the database's tables up to date
    Migrate(MigrateArguments),
    /// Check the books: money, stock, numbers, events. Ends with 1 and each difference found
    Verify(settings::Overrides),
    /// Copy the database to a new file, beside a process that serves it
    Backup(backup::Arguments),
    /// Print what a server would start with, or which setting is wrong
    CheckConfig(check_config::Arguments),
    /// Measure how fast this machine takes, reads and lists orders
    Bench(bench::BenchArgs),
    /// Print the API's OpenAPI description
    Openapi,
    /// A server that answers everything with the same bytes, for the bench to compare with
    #[command(hide = true)]
    BenchConstant(bench::constant::ConstantArgs),
}

#[derive(clap::Args)]
struct MigrateArguments {
    #[command(flatten)]
    overrides: settings::Overrides,

    /// Let go of the indexes by product, word and total; the server that serves, now or next, makes
    /// them anew
    #[arg(long)]
    rebuild: bool,
}

fn main() -> ExitCode {
    // One provider of cryptography for all TLS of the process; only a second call could fail.
    engine::http::use_ring();
    let done = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
        Command::Key(arguments) => key::run(&arguments),
        Command::Client(arguments) => client::run(&arguments),
        Command::Migrate(arguments) => migrate(&arguments),
        Command::Verify(overrides) => return verify::run(&overrides),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::CheckConfig(arguments) => check_config::run(&arguments),
        Command::Bench(arguments) => return bench::run(&arguments, &signing::signer),
        Command::Openapi => {
            println!("{}", server::openapi::document());
            Ok(())
        }
        Command::BenchConstant(arguments) => return bench::constant::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => complain(&why),
    }
}

/// Opening a database brings its tables up to date.
fn migrate(arguments: &MigrateArguments) -> Result<(), String> {
    let settings = Settings::read(&arguments.overrides)?;
    let migrating = async {
        let store = store::open(&settings.database, store::Purpose::Beside).await;
        let store = store.map_err(|error| error.to_string())?;
        if arguments.rebuild {
            store.forget_entries().await.map_err(|error| error.to_string())?;
        }
        Ok(())
    };
    runtime()?.block_on(migrating).map(|()| println!("the tables are up to date"))
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))
}

/// A sentence on standard error, and the exit code of a failure.
fn complain(why: &str) -> ExitCode {
    eprintln!("orderd: {why}");
    ExitCode::FAILURE
}
