//! `forbear sample`: a seeded, realistic loan book to try policies on.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;

use crate::core_system::sample::{Block, Country, SampleSpec, Tally};
use crate::core_system::{Format, csv, jsonl};

/// Blocks that are made side by side; they are held until they are written.
const SIDE_BY_SIDE: u64 = 16;

/// Make a loan book that looks like a real one, defects included
#[derive(Debug, Clone, Args)]
pub struct SampleArgs {
    /// How many accounts (some are reported twice, as in real life)
    #[arg(long, default_value_t = 1000)]
    pub size: u64,
    /// The same seed makes the same book, byte for byte
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Whose loans
    #[arg(long, value_enum, default_value_t = Loans::Cn)]
    pub country: Loans,
    /// The day of the snapshots [default: 2021-07-31 for cn and both, 2017-09-30 for us]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub as_of: Option<NaiveDate>,
    /// A region to lean towards, such as CN-410100 or US-48; may be given several times
    #[arg(long, value_name = "REGION")]
    pub around: Vec<String>,
    /// The form of the file [default: by the name of --out, else jsonl]
    #[arg(long, value_enum)]
    pub format: Option<Form>,
    /// Where to write; standard output when left out
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The countries of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Loans {
    /// Chinese loans in CNY
    Cn,
    /// Loans of the US in USD
    Us,
    /// Half and half
    Both,
}

/// The forms of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One JSON object a line
    Jsonl,
    /// One record a line
    Csv,
}

impl SampleArgs {
    fn spec(&self) -> anyhow::Result<SampleSpec> {
        let country = match self.country {
            Loans::Cn => Country::Cn,
            Loans::Us => Country::Us,
            Loans::Both => Country::Both,
        };
        let usual = if country == Country::Us { (2017, 9, 30) } else { (2021, 7, 31) };
        let as_of = self.as_of.or_else(|| NaiveDate::from_ymd_opt(usual.0, usual.1, usual.2));
        let as_of = as_of.context("no day")?;
        let years = 1950..=2150;
        if !years.contains(&chrono::Datelike::year(&as_of)) {
            anyhow::bail!("--as-of {as_of}: a book is made for a day between 1950 and 2150");
        }
        let tree = forbear_engine::region::RegionTree::builtin();
        for code in &self.around {
            tree.find(code).map_err(|unknown| anyhow::anyhow!("--around: {unknown}"))?;
        }
        Ok(SampleSpec { seed: self.seed, size: self.size, country, as_of, around: self.around.clone() })
    }

    fn form(&self) -> Format {
        match (self.format, &self.out) {
            (Some(Form::Jsonl), _) | (None, None) => Format::Jsonl,
            (Some(Form::Csv), _) => Format::Csv,
            (None, Some(path)) => Format::of(path),
        }
    }
}

/// Writes the book; ends with a line on standard error that says what is in it.
pub fn run(args: &SampleArgs) -> anyhow::Result<()> {
    let (spec, form) = (args.spec()?, args.form());
    let sink: Box<dyn Write> = match &args.out {
        Some(path) => Box::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?),
        None => Box::new(io::stdout().lock()),
    };
    let mut sink = BufWriter::with_capacity(1 << 18, sink);
    match write(&spec, form, &mut sink, &progress(spec.size)) {
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error).context("the book could not be written"),
        Ok(tally) => {
            eprintln!("{}", summary(&tally));
            Ok(())
        }
    }
}

/// Makes blocks side by side and writes them in order.
fn write(spec: &SampleSpec, form: Format, sink: &mut impl Write, bar: &ProgressBar) -> io::Result<Tally> {
    if form == Format::Csv {
        let mut head = csv::Writer::new(&mut *sink);
        head.header()?;
        head.flush()?;
    }
    let mut tally = Tally::default();
    let mut from = 0;
    while from < spec.blocks() {
        let until = from.saturating_add(SIDE_BY_SIDE).min(spec.blocks());
        let parts: Vec<(io::Result<Vec<u8>>, Tally)> = (from..until)
            .into_par_iter()
            .map(|number| {
                let block = spec.block(number);
                (bytes(&block, form), block.tally)
            })
            .collect();
        for (bytes, part) in parts {
            sink.write_all(&bytes?)?;
            tally.add(&part);
        }
        bar.set_position(tally.accounts);
        from = until;
    }
    bar.finish_and_clear();
    sink.flush()?;
    Ok(tally)
}

fn bytes(block: &Block, form: Format) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    match form {
        Format::Jsonl => block.snapshots.iter().try_for_each(|account| jsonl::append(&mut out, account))?,
        Format::Csv => {
            let mut writer = csv::Writer::new(&mut out);
            block.snapshots.iter().try_for_each(|account| writer.append(account))?;
            writer.flush()?;
        }
    }
    Ok(out)
}

/// A bar on standard error, for long work that somebody watches.
fn progress(size: u64) -> ProgressBar {
    if size < 20_000 || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(size);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} accounts, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn summary(tally: &Tally) -> String {
    let Tally { accounts, snapshots, defective, defects } = tally;
    let mut kinds: Vec<_> = defects.iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let list = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    format!("{accounts} accounts in {snapshots} snapshots; {defective} with a defect{list}")
}
