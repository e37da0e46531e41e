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
    Check(forbear::cli::check::Args),
    Schema(forbear::cli::schema::Args),
    Sample(forbear::cli::sample::SampleArgs),
    Test(forbear::cli::test::Args),
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    match Cli::parse().command {
        Command::Check(args) => forbear::cli::check::run(&args),
        Command::Schema(args) => forbear::cli::schema::run(&args).map(|()| std::process::ExitCode::SUCCESS),
        Command::Sample(args) => forbear::cli::sample::run(&args).map(|()| std::process::ExitCode::SUCCESS),
        Command::Test(args) => forbear::cli::test::run(&args),
    }
}
