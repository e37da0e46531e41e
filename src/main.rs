//! The `forbear` program.

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sample(forbear::cli::sample::SampleArgs),
    Test(forbear::cli::test::Args),
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    match Cli::parse().command {
        Command::Sample(args) => forbear::cli::sample::run(&args).map(|()| std::process::ExitCode::SUCCESS),
        Command::Test(args) => forbear::cli::test::run(&args),
    }
}
