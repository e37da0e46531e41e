//! `forbear decide`: one account, decided and explained.

use std::path::PathBuf;
use std::process::ExitCode;

use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::explain::Voice;
use forbear_engine::explain::compare::{Compared, compared};
use forbear_engine::explain::spoken::speak;
use forbear_engine::region::RegionTree;
use serde::Serialize;

use super::inputs::InputArgs;
use super::{print, replay, sheet, table};

/// Decide one account and say why, with each payment before and after
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Print the decision as JSON
    #[arg(long)]
    json: bool,
    /// Add the decision with its inputs to a corpus of kept decisions, for `forbear replay`
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// What the kept decision is called [default: the account and the day]
    #[arg(long, value_name = "NAME", requires = "keep")]
    name: Option<String>,
}

/// The decision with its comparison, as `--json` prints it.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    decision: &'a Decision,
    comparison: &'a Compared,
}

/// Decides and prints.
///
/// # Errors
/// An input cannot be read or used.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let loaded = args.inputs.load()?;
    let decision = loaded.decide()?;
    if let Some(file) = &args.keep {
        let name = args.name.clone().unwrap_or_else(|| format!("{} on {}", decision.account, decision.decided_on));
        replay::keep(file, &loaded.policies, [args.inputs.kept(name, &loaded, &decision)?])?;
    }
    let comparison = compared(&loaded.account, &loaded.history, &decision)?;
    if args.json {
        let document = Document { decision: &decision, comparison: &comparison };
        print(&format!("{}\n", serde_json::to_string_pretty(&document)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let attributes = &loaded.context.attributes;
    let voice = Voice { language: args.inputs.lang, regions: RegionTree::builtin(), attributes };
    let spoken = speak(&loaded.inputs(), &decision, &voice)?;
    let mut text = sheet::decision(&decision, &spoken, &voice);
    match decision.outcome {
        Outcome::Granted if decision.offers.is_empty() => text.push_str(&table::granted(&comparison, &voice)),
        Outcome::Granted => text.push_str(&table::offers(&comparison, &voice)),
        // Nothing changes, so there is nothing to compare.
        Outcome::Declined | Outcome::Referred | Outcome::NeedsInformation => {}
    }
    text.push_str(&sheet::receipt(&decision, &voice));
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
