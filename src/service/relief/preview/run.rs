//! Many accounts side by side. Results come back in the order of the accounts, whatever the number of threads.

use anyhow::Context;
use forbear_engine::account::{Snapshot, Snapshots};
use forbear_engine::benefit::EngineError;
use rayon::prelude::*;

use super::Part;
use super::examine::{Examined, Memories, Preview};
use super::export::{append_decision, append_line};
use super::tally::Tally;

/// What is written beside the tally.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Decisions as JSON Lines.
    pub decisions: bool,
    /// Lines as CSV.
    pub lines: bool,
}

/// What some accounts came to.
#[derive(Debug, Default)]
pub struct Batch {
    /// The tally.
    pub tally: Tally,
    /// Decisions as JSON Lines.
    pub decisions: Vec<u8>,
    /// Lines as CSV, without the header.
    pub lines: Vec<u8>,
    /// Accounts that could not be computed, and why.
    pub failures: Vec<(String, EngineError)>,
}

/// Previews parts of a book side by side.
///
/// # Errors
/// The sums leave their range, or a decision cannot be written.
pub fn run(preview: &Preview<'_>, parts: &[Snapshots], wanted: Wanted) -> anyhow::Result<Batch> {
    let parts: Vec<anyhow::Result<Batch>> = parts.par_iter().map(|part| examine(preview, part, wanted)).collect();
    let mut whole = Batch::default();
    for part in parts {
        let part = part?;
        whole.tally.merge(part.tally)?;
        whole.decisions.extend(part.decisions);
        whole.lines.extend(part.lines);
        whole.failures.extend(part.failures);
    }
    Ok(whole)
}

fn examine(preview: &Preview<'_>, accounts: &Snapshots, wanted: Wanted) -> anyhow::Result<Batch> {
    let mut batch = Batch::default();
    let mut records = csv::WriterBuilder::new().has_headers(false).flexible(false).from_writer(Vec::new());
    let mut failed = Ok(());
    preview.examine(accounts, &mut Memories::default(), |account, examined| {
        if failed.is_ok() {
            failed = count(preview, account, examined, wanted, &mut batch, &mut records);
        }
    });
    failed?;
    batch.lines = records.into_inner().map_err(csv::IntoInnerError::into_error).context("the lines of a batch")?;
    Ok(batch)
}

fn count(
    preview: &Preview<'_>,
    account: Snapshot<'_>,
    examined: Result<Examined, EngineError>,
    wanted: Wanted,
    batch: &mut Batch,
    records: &mut csv::Writer<Vec<u8>>,
) -> anyhow::Result<()> {
    let examined = match examined {
        Ok(examined) => examined,
        Err(error) => {
            batch.tally.not_computable(account);
            batch.failures.push((account.number().to_owned(), error));
            return Ok(());
        }
    };
    let mut written = Ok(());
    batch.tally.count(preview, account, &examined, |line| {
        if wanted.lines && written.is_ok() {
            written = append_line(records, account.number(), line, preview.regions());
        }
    })?;
    written?;
    if wanted.decisions {
        append_decision(&mut batch.decisions, Part::Proactive, &examined.proactive)?;
        if let Some(decision) = &examined.request {
            append_decision(&mut batch.decisions, Part::Request, decision)?;
        }
    }
    Ok(())
}
