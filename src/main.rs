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
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Sample(args) => forbear::cli::sample::run(&args),
    }
}
