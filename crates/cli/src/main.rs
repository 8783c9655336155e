mod bench;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "orderd", version, about = "An order management server")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure how fast this machine takes, reads and lists orders
    Bench(bench::BenchArgs),
    /// A server that answers everything with the same bytes, for the bench to compare with
    #[command(hide = true)]
    BenchConstant(bench::constant::ConstantArgs),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Bench(args) => {
            bench::run(&args, &|database| Err(format!("{database} holds no signing key")))
        }
        Command::BenchConstant(args) => bench::constant::run(&args),
    }
}
