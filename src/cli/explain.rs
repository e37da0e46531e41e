//! `forbear explain`: the whole trace of one decision.

use std::process::ExitCode;

use forbear_engine::account::Position;
use forbear_engine::decide::decision::TraceResult;
use forbear_engine::decide::{Claim, Inputs};
use forbear_engine::explain::spoken::speak;
use forbear_engine::explain::trace::TraceLine;
use forbear_engine::explain::{Voice, facts_of, program_of};
use forbear_engine::region::RegionTree;
use serde_json::json;

use super::inputs::InputArgs;
use super::{print, sheet};

/// Show every condition of every policy: what it demands, what it saw, what it came to
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Decides and prints the trace.
///
/// # Errors
/// An input cannot be read or used.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let loaded = args.inputs.load()?;
    let decision = loaded.decide()?;
    let (inputs, attributes) = (loaded.inputs(), &loaded.context.attributes);
    let voice = Voice { language: args.inputs.lang, regions: RegionTree::builtin(), attributes };
    let spoken = speak(&inputs, &decision, &voice)?;
    let position = Position::of(inputs.account, loaded.context.today);
    let before = position.overlay(inputs.account, loaded.history.own(&loaded.account.account))?;
    let mut traces: Vec<Vec<TraceLine>> = Vec::new();
    for claim in &decision.policies {
        let facts = facts_of(&inputs, claim, &before);
        traces.push(program_of(&inputs, claim).map(|it| voice.trace(it, claim, facts.as_ref())).unwrap_or_default());
    }
    if args.json {
        let claims = decision.policies.iter().zip(&spoken.claims).zip(&traces);
        let claims: Vec<_> = claims
            .map(|((claim, spoken), lines)| {
                json!({"policy": claim.policy, "version": claim.version, "event": claim.event,
                "declaration": claim.declaration, "amendment": claim.amendment, "spoken": spoken, "trace": lines})
            })
            .collect();
        print(&format!("{}\n", serde_json::to_string_pretty(&claims)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = sheet::head(&decision, &spoken, &voice);
    for ((claim, said), lines) in decision.policies.iter().zip(&spoken.claims).zip(&traces) {
        text.push_str(&sheet::claim_head(said, &voice));
        text.push_str(&tree(lines, &voice));
        text.push_str(&limits(&inputs, claim, &voice));
        text.push_str(&sheet::claim_body(said, &voice));
    }
    text.push_str(&sheet::offers(&spoken, &voice));
    text.push_str(&sheet::receipt(&decision, &voice));
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The tree of conditions: a symbol and a word for each line, then where it stands.
fn tree(lines: &[TraceLine], voice: &Voice<'_>) -> String {
    let mut text = String::new();
    for line in lines {
        let pad = "  ".repeat(line.depth.saturating_add(1));
        let symbol = match line.result {
            TraceResult::True => "✓",
            TraceResult::False => "✗",
            TraceResult::Unknown => "?",
            TraceResult::NotEvaluated => "·",
        };
        let result = voice.result(line.result);
        text.push_str(&format!("{pad}{symbol} {}  [{result}]\n", line.text));
        let Some(test) = &line.test else { continue };
        if let Some(demand) = &test.demand {
            text.push_str(&format!("{pad}    {demand}\n"));
        }
        if !test.saw.is_empty() {
            let saw = voice.language.of(["实际", "saw"]);
            text.push_str(&format!("{pad}    {saw}: {}\n", test.saw));
        }
        text.push_str(&format!("{pad}    {} · {}\n", test.id, test.pointer));
    }
    text
}

/// The policy's limits.
fn limits(inputs: &Inputs<'_>, claim: &Claim, voice: &Voice<'_>) -> String {
    let Some(program) = program_of(inputs, claim).filter(|program| !program.limits.is_empty()) else {
        return String::new();
    };
    let mut text = format!("  {}\n", voice.language.of(["上限", "limits"]));
    for limit in &program.limits {
        text.push_str(&format!("    {} · {}\n", voice.limit(limit), limit.pointer));
    }
    text
}
