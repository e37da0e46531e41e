//! `forbear preview`: what a set of policies would do to a book, in people, money and reasons.

pub mod load;
pub mod source;
pub mod text;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use chrono::NaiveDate;
use clap::ValueEnum;
use forbear_engine::context::Context;
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::Program;
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;
use serde_json::Value;

use self::source::Source;
use super::inputs::today;
use crate::core_system::sample::{Country, SampleSpec};
use crate::service::relief::preview::examine::{ASSUMED, Preview, assumed_request};
use crate::service::relief::preview::export::COLUMNS;
use crate::service::relief::preview::run::{Wanted, run as run_batch};
use crate::service::relief::preview::summary::{About, summary};
use crate::service::relief::preview::tally::Tally;

/// Preview what policies would do to a book: people and cost by benefit, bearer, region and rule, and reasons
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Policies: files, or folders with SLUG/DATE.json in them
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub policies: Vec<PathBuf>,
    /// Declarations in our own JSON
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "openfema")]
    pub declaration: Vec<PathBuf>,
    /// FEMA's DisasterDeclarationsSummaries, CSV or JSON
    #[arg(long, value_name = "FILE")]
    pub openfema: Option<PathBuf>,
    /// Of --openfema only these disasters, such as DR-4706-OK
    #[arg(long, value_name = "NAME", num_args = 1.., requires = "openfema")]
    pub disaster: Vec<String>,
    /// The book: JSON Lines, or CSV by its name
    #[arg(long, value_name = "FILE", required_unless_present = "sample", conflicts_with = "sample")]
    pub book: Option<PathBuf>,
    /// Instead of --book: make a book of so many accounts, leaning to the declared areas
    #[arg(long, value_name = "N")]
    pub sample: Option<u64>,
    /// The same seed makes the same sample book
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Whose loans the sample book holds [default: that of the declared areas]
    #[arg(long, value_enum)]
    pub country: Option<crate::cli::sample::Loans>,
    /// The decision day; snapshots of a sample book are of that day [default: today here]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub today: Option<NaiveDate>,
    /// What those who may ask are taken to answer: `requests` (that they were hurt), `none` (nobody asks), or a JSON
    /// file of facts and values
    #[arg(long, value_name = "WHAT", default_value = "requests")]
    pub assume: String,
    /// How fine regions are shown
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = By::Province)]
    pub by: By,
    /// The lender's own facts and their types
    #[arg(long, value_name = "FILE")]
    pub attributes: Option<PathBuf>,
    /// Write every decision to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write one line per account, benefit and bearer to this file, as CSV
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// The language of the tables
    #[arg(long, value_name = "zh-CN|en", default_value = "en")]
    pub lang: Language,
}

/// How fine regions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Provinces and states
    Province,
    /// Counties, as they are recorded
    County,
}

/// What to preview.
pub struct Job<'a> {
    /// Policies.
    pub policies: &'a [Program],
    /// Declarations.
    pub declarations: &'a [Declaration],
    /// The circumstances.
    pub context: &'a Context,
    /// What those who may ask answer; none: nobody asks.
    pub answers: Option<BTreeMap<String, Value>>,
    /// The accounts.
    pub source: &'a Source,
}

/// What it came to.
pub struct Done {
    /// The figures.
    pub tally: Tally,
    /// The first accounts that could not be computed, and why.
    pub failures: Vec<(String, String)>,
}

/// Failures that are kept to be shown; all are counted.
const FAILURES_KEPT: usize = 20;

/// Previews and prints.
///
/// # Errors
/// A file cannot be read or written, a policy or declaration cannot be used, no declaration is in force.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let regions = RegionTree::builtin();
    let attributes = match &args.attributes {
        None => Default::default(),
        Some(file) => serde_json::from_str(&load::read(file)?)
            .with_context(|| format!("{} does not list facts with their types", file.display()))?,
    };
    let policies = load::policies(&args.policies, &attributes, regions)?;
    let mut declarations = load::declarations(&args.declaration, regions)?;
    if let Some(file) = &args.openfema {
        let import = load::openfema(file, &args.disaster, regions)?;
        eprintln!(
            "{}: {} rows = {} areas + {} exceptions, {} disasters",
            file.display(),
            import.rows,
            import.areas,
            import.exceptions.len(),
            import.declarations.len()
        );
        declarations.extend(import.declarations);
    }
    let today = args.today.unwrap_or_else(today);
    let context = Context { attributes, ..Context::on(today) };
    let source = match (&args.book, args.sample) {
        (Some(file), _) => Source::file(file)?,
        (None, Some(size)) => Source::Sample(sample(size, args.seed, args.country, today, &declarations)?),
        (None, None) => bail!("no accounts: give --book FILE or --sample N"),
    };
    let answers = answers(&args.assume)?;
    let job = Job { policies: &policies, declarations: &declarations, context: &context, answers, source: &source };
    let (mut decisions, mut lines) = (create(args.out.as_deref())?, create(args.csv.as_deref())?);
    let done = preview(&job, decisions.as_mut(), lines.as_mut())?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&summarised(&job, &done)?)?)?;
    } else {
        out.write_all(text::render(&job, &done, args.lang, args.by).as_bytes())?;
    }
    out.flush()?;
    finish(&source, &done, began);
    if done.tally.accounts == 0 {
        eprintln!("the book has no account that can be read: docs/accounts.md shows its two forms");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// A sample book that leans to the declared areas.
pub fn sample(
    size: u64,
    seed: u64,
    country: Option<crate::cli::sample::Loans>,
    today: NaiveDate,
    declarations: &[Declaration],
) -> anyhow::Result<SampleSpec> {
    use crate::cli::sample::Loans;
    let areas = declarations.iter().flat_map(|one| &one.areas);
    let around: Vec<String> = areas.map(|area| area.region.clone()).collect();
    let usual = if around.iter().all(|code| code.starts_with("US")) { Loans::Us } else { Loans::Cn };
    let country = match country.unwrap_or(usual) {
        Loans::Cn => Country::Cn,
        Loans::Us => Country::Us,
        Loans::Both => Country::Both,
    };
    let years = 1950..=2150;
    ensure!(years.contains(&chrono::Datelike::year(&today)), "--today {today}: a book is made for 1950 to 2150");
    Ok(SampleSpec { seed, size, country, as_of: today, around })
}

/// What those who may ask are taken to answer.
pub fn answers(assume: &str) -> anyhow::Result<Option<BTreeMap<String, Value>>> {
    match assume {
        "none" => Ok(None),
        "requests" => Ok(Some(ASSUMED.iter().map(|(fact, value)| ((*fact).to_owned(), Value::from(*value))).collect())),
        file => {
            let text = load::read(Path::new(file)).context("--assume is `requests`, `none` or a JSON file")?;
            let answers = serde_json::from_str(&text);
            answers.map(Some).with_context(|| format!("{file} is not an object of facts and values"))
        }
    }
}

fn create(path: Option<&Path>) -> anyhow::Result<Option<BufWriter<File>>> {
    let Some(path) = path else { return Ok(None) };
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(BufWriter::with_capacity(1 << 18, file)))
}

/// Decides every account; decisions and lines are written as they come.
///
/// # Errors
/// No declaration is in force, a declaration names an unknown region, or a file cannot be read or written.
pub fn preview<W: Write>(job: &Job<'_>, mut decisions: Option<W>, mut lines: Option<W>) -> anyhow::Result<Done> {
    let regions = RegionTree::builtin();
    let today = job.context.today;
    let declared = job.declarations.iter().map(|one| one.as_of(today, regions)).collect::<Result<Vec<_>, _>>()?;
    ensure!(
        declared.iter().any(|one| one.declared_on <= today),
        "on {today} nothing is declared yet: --today is before every declaration ({})",
        declared.iter().map(|one| format!("{} of {}", one.declaration, one.declared_on)).collect::<Vec<_>>().join(", ")
    );
    let answers = job.answers.clone();
    let request = answers.map(|answers| assumed_request(job.policies, job.context.today, answers));
    let preview = Preview::new(job.policies, &declared, job.context, regions, request.as_ref());
    let wanted = Wanted { decisions: decisions.is_some(), lines: lines.is_some() };
    if let Some(file) = &mut lines {
        writeln!(file, "{}", COLUMNS.join(","))?;
    }
    let mut done = Done { tally: Tally::default(), failures: Vec::new() };
    job.source.each_batch(|accounts| {
        let batch = run_batch(&preview, accounts, wanted)?;
        done.tally.merge(batch.tally)?;
        let room = FAILURES_KEPT.saturating_sub(done.failures.len());
        done.failures
            .extend(batch.failures.into_iter().take(room).map(|(account, error)| (account, error.to_string())));
        if let Some(file) = &mut decisions {
            file.write_all(&batch.decisions).context("the decisions could not be written")?;
        }
        if let Some(file) = &mut lines {
            file.write_all(&batch.lines).context("the lines could not be written")?;
        }
        Ok(())
    })?;
    for file in [decisions, lines].iter_mut().flatten() {
        file.flush().context("the last of a file could not be written")?;
    }
    Ok(done)
}

/// The summary as JSON.
fn summarised(job: &Job<'_>, done: &Done) -> anyhow::Result<Value> {
    let today = job.context.today;
    let declared = job.declarations.iter().map(|one| one.as_of(today, RegionTree::builtin()));
    let about = About {
        today,
        policies: job.policies,
        declarations: &declared.collect::<Result<Vec<_>, _>>()?,
        assumed: job.answers.as_ref(),
        superseded: u64::try_from(job.source.superseded()).unwrap_or(u64::MAX),
        bad_lines: job.source.bad_lines().1,
    };
    Ok(summary(&about, &done.tally))
}

/// What went wrong, and how long it took, on standard error.
fn finish(source: &Source, done: &Done, began: Instant) {
    let (bad, count) = source.bad_lines();
    for line in bad.iter().take(20) {
        eprintln!("{line}");
    }
    let shown = u64::try_from(bad.len().min(20)).unwrap_or(0);
    let lines = if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    match count.saturating_sub(shown) {
        0 if count == 0 => {}
        0 => eprintln!("{lines} could not be read"),
        more => eprintln!("… and {more} more: {lines} could not be read"),
    }
    for (account, error) in &done.failures {
        eprintln!("account {account}: {error}");
    }
    if source.superseded() > 0 {
        eprintln!("{} snapshots set aside for a later one of the same account", source.superseded());
    }
    let took = began.elapsed();
    eprintln!("{} accounts in {}.{} s", done.tally.accounts, took.as_secs(), took.subsec_millis() / 100);
}
