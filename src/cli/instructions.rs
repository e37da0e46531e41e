//! `forbear instructions`: instructions by file, for a core system that is reached in no other way.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};

use super::service::{ConfigArgs, open};
use crate::service::Service;
use crate::service::audit::Actor;
use crate::service::relief::confirm::InstructionRow;
use crate::service::relief::hand_over::{AnswerFormat, COLUMNS, table_rows};

/// Hand instructions over to the core system by file, and take in what it says of them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  forbear instructions export --out to-do.jsonl\n  forbear instructions answers done.csv > report.jsonl\n\nExit code: 0 fine, 1 some lines could not be used, 2 it could not run"
)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub act: Act,
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Act {
    /// Write what waits, in order for each account, and mark it as handed over
    Export {
        /// The file, which must not be there yet [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Its form [default: by its name, else jsonl]
        #[arg(long, value_enum)]
        format: Option<Form>,
        /// Mark nothing: the same is written again the next time
        #[arg(long)]
        look: bool,
    },
    /// Read what the core system says, and report on each line as JSON Lines on standard output
    Answers {
        /// Lines with `instruction`, `answer` (confirmed or rejected) and `reason`
        file: PathBuf,
        /// Its form [default: by its name, else jsonl]
        #[arg(long, value_enum)]
        format: Option<Form>,
    },
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One JSON object a line
    Jsonl,
    /// A table: a row for each adjustment, or for each answer
    Csv,
}

impl Form {
    fn of(given: Option<Self>, path: Option<&Path>) -> Self {
        let csv = || path.and_then(Path::extension).is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        given.unwrap_or_else(|| if csv() { Self::Csv } else { Self::Jsonl })
    }
}

/// Instructions that are read and marked together.
const PAGE: i64 = 500;

/// Hands over, or takes in.
///
/// # Errors
/// The database does not answer, or a file cannot be read or written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let service = open(&args.config.read()?)?;
    match &args.act {
        Act::Export { out, format, look } => {
            export(&service, out.as_deref(), Form::of(*format, out.as_deref()), *look)?;
            Ok(ExitCode::SUCCESS)
        }
        Act::Answers { file, format } => answers(&service, file, Form::of(*format, Some(file))),
    }
}

fn export(service: &Service, out: Option<&Path>, form: Form, look: bool) -> anyhow::Result<()> {
    let rows = match out {
        None => {
            let mut out = io::stdout().lock();
            let rows = write_waiting(service, &mut out, form)?;
            out.flush()?;
            rows
        }
        Some(path) => {
            let file = File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?;
            let mut out = BufWriter::new(file);
            let rows = write_waiting(service, &mut out, form)?;
            // It is on the disk before anything is marked: what is marked is in a file.
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all().with_context(|| format!("cannot write {}", path.display()))?;
            rows
        }
    };
    let mut handed = 0_usize;
    if !look {
        for part in rows.chunks(usize::try_from(PAGE)?) {
            let marked = service.store.write(|conn| service.hand_over(conn, &Actor::system(), part))?;
            handed = handed.saturating_add(marked);
        }
    }
    eprintln!("{} instructions were written, {handed} of them are marked as handed over", rows.len());
    Ok(())
}

/// Writes what waits; says what that is, without what it says.
fn write_waiting(service: &Service, out: &mut impl Write, form: Form) -> anyhow::Result<Vec<InstructionRow>> {
    if form == Form::Csv {
        writeln!(out, "{}", COLUMNS.join(","))?;
    }
    let (mut all, mut after) = (Vec::new(), (0, 0));
    loop {
        let page = service.waiting_instructions(after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = (last.account_id, last.sequence);
        let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        for (mut row, _) in page {
            match form {
                Form::Jsonl => writeln!(out, "{}", row.body)?,
                Form::Csv => table_rows(&row)?.iter().try_for_each(|cells| table.write_record(cells))?,
            }
            row.body = String::new();
            all.push(row);
        }
        out.write_all(&table.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
    }
}

fn answers(service: &Service, path: &Path, form: Form) -> anyhow::Result<ExitCode> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let format = if form == Form::Csv { AnswerFormat::Csv } else { AnswerFormat::Jsonl };
    let mut out = io::stdout().lock();
    let counts = service.take_answers(&Actor::system(), format, BufReader::new(file), |line| {
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
        Ok::<_, anyhow::Error>(())
    })?;
    out.flush()?;
    eprintln!(
        "{} confirmed, {} rejected, {} known already, {} could not be used",
        counts.confirmed, counts.rejected, counts.known, counts.bad
    );
    Ok(if counts.bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
