//! The `forbear` program.

use clap::{Parser, Subcommand};
use forbear::cli;
use std::process::ExitCode;

/// A service takes memory and gives it back on many threads at once, which this is made for.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Relief for borrowers after a disaster: decide it, explain it, try it on a book
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "Exit code: 0 fine, 1 what was checked is not fine, 2 it could not run. docs/policy-language.md teaches policies."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(cli::check::Args),
    Schema(cli::schema::Args),
    Decide(cli::decide::Args),
    Explain(cli::explain::Args),
    Facts(cli::facts::Args),
    Test(cli::test::Args),
    Sample(cli::sample::SampleArgs),
    Preview(cli::preview::Args),
    Replay(cli::replay::Args),
    Import(cli::import::Args),
    Alerts(cli::alerts::Args),
    Declaration(cli::declaration::Args),
    Demo(cli::demo::Args),
    Serve(cli::serve::Args),
    Migrate(cli::config::MigrateArgs),
    Report(cli::report::Args),
    Verify(cli::verify::Args),
    Config(cli::config::Args),
    ContactGuard(cli::contact_guard::Args),
    Token(cli::token::Args),
    User(cli::user::Args),
    Keys(cli::keys::Args),
    Navigator(cli::navigator::Args),
    Instructions(cli::instructions::Args),
}

fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(args) => cli::check::run(args),
        Command::Schema(args) => cli::schema::run(args).map(|()| ExitCode::SUCCESS),
        Command::Decide(args) => cli::decide::run(args),
        Command::Explain(args) => cli::explain::run(args),
        Command::Facts(args) => cli::facts::run(args),
        Command::Test(args) => cli::test::run(args),
        Command::Sample(args) => cli::sample::run(args).map(|()| ExitCode::SUCCESS),
        Command::Preview(args) => cli::preview::run(args),
        Command::Replay(args) => cli::replay::run(args),
        Command::Import(args) => cli::import::run(args),
        Command::Alerts(args) => cli::alerts::run(args),
        Command::Declaration(args) => cli::declaration::run(args),
        Command::Demo(args) => cli::demo::run(args),
        Command::Serve(args) => cli::serve::run(args).map(|()| ExitCode::SUCCESS),
        Command::Migrate(args) => cli::config::migrate(args).map(|()| ExitCode::SUCCESS),
        Command::Report(args) => cli::report::run(args).map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => cli::verify::run(args),
        Command::Config(args) => cli::config::run(args).map(|()| ExitCode::SUCCESS),
        Command::ContactGuard(args) => cli::contact_guard::run(args),
        Command::Token(args) => cli::token::run(args).map(|()| ExitCode::SUCCESS),
        Command::User(args) => cli::user::run(args).map(|()| ExitCode::SUCCESS),
        Command::Keys(args) => cli::keys::run(args).map(|()| ExitCode::SUCCESS),
        Command::Navigator(args) => cli::navigator::run(args).map(|()| ExitCode::SUCCESS),
        Command::Instructions(args) => cli::instructions::run(args),
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(code) => code,
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("forbear: {error:#}");
            ExitCode::from(2)
        }
    }
}
