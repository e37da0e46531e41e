//! `forbear contact-guard`: which accounts may be contacted, by the million.

use std::io::{BufReader, BufWriter, stdin, stdout};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};

use super::service::{ConfigArgs, open};
use crate::service::care::guard::Purpose;

/// Say of each account whether it may be contacted now, and why not
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads lines of JSON (\"A-1\", or {\"account\": \"A-1\"}) and writes one for each, in the same order.\n\nExample:\n  forbear \
                  contact-guard --purpose collections < accounts.jsonl > verdicts.jsonl"
)]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// collections, marketing, letter or service
    #[arg(long)]
    pub purpose: String,
    /// At which moment, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<DateTime<Utc>>,
}

/// Answers for each line. What it came to goes to standard error.
///
/// # Errors
/// The database does not answer, or nobody reads any more.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let purpose = Purpose::read(&args.purpose).map_err(|error| anyhow!("--purpose: {error}"))?;
    let service = open(&args.config.read()?)?;
    let asked = service.question(purpose, args.at.map(|at| at.naive_utc()));
    let from = BufReader::with_capacity(1 << 20, stdin().lock());
    let to = BufWriter::with_capacity(1 << 20, stdout().lock());
    let run = service.guard_stream(asked, from, to).context("not every line is answered")?;
    eprintln!("{} may be contacted, {} may not, {} lines name no account", run.may, run.may_not, run.bad);
    Ok(if run.bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
