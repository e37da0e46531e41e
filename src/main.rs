//! The `forbear` program.

use std::process::ExitCode;

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
    Preview(forbear::cli::preview::Args),
    Import(forbear::cli::import::Args),
    Declaration(forbear::cli::declaration::Args),
    Demo(forbear::cli::demo::Args),
}

fn main() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Command::Sample(args) => forbear::cli::sample::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Preview(args) => forbear::cli::preview::run(&args),
        Command::Import(args) => forbear::cli::import::run(&args),
        Command::Declaration(args) => forbear::cli::declaration::run(&args),
        Command::Demo(args) => forbear::cli::demo::run(&args),
    }
}
