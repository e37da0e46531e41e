//! `forbear alerts`: what files of alerts come to, before anybody acts on them.
#![allow(clippy::float_arithmetic, reason = "a share of a region, never money")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use chrono::{DateTime, Utc};
use forbear_engine::region::RegionTree;

use super::service::{ConfigArgs, open};
use crate::clock::Clock;
use crate::feed::alert::{Alert, Refusal};
use crate::feed::batch::{self, Batch};
use crate::feed::place::{By, Placed, place};
use crate::service::audit::Actor;
use crate::service::care::reading::Trust;
use crate::service::care::taking::{Origin, Taken};
use crate::service::reference::outside;

/// Read alerts (CAP, Atom, NWS, USGS) and show what they are, where, and what is refused
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Files, or folders of them
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The time at which they are looked at, such as 2026-07-20T08:00:00Z; left out, now
    #[arg(long, value_name = "TIME")]
    pub at: Option<DateTime<Utc>>,
    /// Take alerts of this sender only
    #[arg(long, value_name = "NAME")]
    pub sender: Vec<String>,
    /// Take them as if each had just been sent
    #[arg(long, conflicts_with = "at")]
    pub replay: bool,
    /// Only the counts
    #[arg(long)]
    pub brief: bool,
    /// Take them in: each becomes part of a draft that waits for a care lead
    #[arg(long, conflicts_with = "at")]
    pub take: bool,
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// How many alerts of each end were seen.
#[derive(Default)]
struct Counts {
    taken: usize,
    slight: usize,
    refused: BTreeMap<&'static str, usize>,
}

/// Prints each alert, and the counts.
///
/// # Errors
/// A file cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.take {
        return take(args);
    }
    let mut counts = Counts::default();
    let mut out = String::new();
    for file in files(&args.files)? {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.display().to_string();
        match batch::read(&bytes) {
            Ok(batch) => show(args, &name, batch, &mut counts, &mut out),
            Err(refusal) => refuse(&name, &refusal, &mut counts, &mut out),
        }
    }
    let refused: Vec<String> = counts.refused.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let refused = if refused.is_empty() { "none".to_owned() } else { refused.join(", ") };
    out.push_str(&format!("{} alerts; {} too slight; refused: {refused}\n", counts.taken, counts.slight));
    super::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// Takes the files in, and prints what each alert did.
fn take(args: &Args) -> anyhow::Result<ExitCode> {
    let service = open(&args.config.read()?)?;
    let trust = Trust { senders: args.sender.clone(), format: None, as_sent: args.replay };
    let actor = Actor::system();
    let origin = Origin { actor: &actor, via: "file" };
    let (mut all, mut out) = (Taken::default(), String::new());
    for file in files(&args.files)? {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let taken = service.take_file(&origin, &bytes, &trust)?;
        for one in taken.taken.iter().filter(|_| !args.brief) {
            let draft = one.draft.map(|draft| format!(" {}", outside("draft", draft))).unwrap_or_default();
            out.push_str(&format!("{}{draft}: {} {}\n", one.outcome, one.sender, one.identifier));
        }
        for one in &taken.refused {
            out.push_str(&format!("{}: refused, {}: {}\n", file.display(), one.refusal.name(), one.refusal));
        }
        all.taken.extend(taken.taken);
        all.refused.extend(taken.refused);
        all.repeated = all.repeated.saturating_add(taken.repeated);
        all.slight = all.slight.saturating_add(taken.slight);
    }
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &all.taken {
        let count = outcomes.entry(one.outcome).or_default();
        *count = count.saturating_add(1);
    }
    let outcomes: Vec<String> = outcomes.iter().map(|(name, count)| format!("{count} {name}")).collect();
    out.push_str(&format!(
        "{} alerts taken in ({}); {} known before; {} too slight; {} refused\n",
        all.taken.len(),
        outcomes.join(", "),
        all.repeated,
        all.slight,
        all.refused.len()
    ));
    super::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn files(given: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in given {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
            let inside: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
            let mut inside = inside.with_context(|| format!("cannot read {}", path.display()))?;
            inside.retain(|path: &PathBuf| path.is_file() && !hidden(path));
            inside.sort();
            found.append(&mut inside);
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'))
}

fn show(args: &Args, name: &str, batch: Batch, counts: &mut Counts, out: &mut String) {
    counts.slight = counts.slight.saturating_add(batch.slight);
    for alert in batch.alerts {
        let looked_at = alert.and_then(|alert| {
            let now = if args.replay {
                alert.sent
            } else {
                args.at.unwrap_or_else(|| Clock::of_machine(chrono_tz::UTC).now().and_utc())
            };
            alert.check(now, &args.sender)?;
            let placed = place(&alert)?;
            Ok((alert, placed))
        });
        match looked_at {
            Ok((alert, placed)) => {
                counts.taken = counts.taken.saturating_add(1);
                if !args.brief {
                    out.push_str(&told(&alert, &placed));
                }
            }
            Err(refusal) => refuse(name, &refusal, counts, out),
        }
    }
}

fn refuse(name: &str, refusal: &Refusal, counts: &mut Counts, out: &mut String) {
    let count = counts.refused.entry(refusal.name()).or_default();
    *count = count.saturating_add(1);
    out.push_str(&format!("{name}: refused, {}: {refusal}\n", refusal.name()));
}

fn told(alert: &Alert, placed: &Placed) -> String {
    let regions = RegionTree::builtin();
    let kind = alert.kind.map_or("unknown kind", forbear_engine::declaration::Kind::name);
    let severity =
        alert.severity.map_or("severity unknown".to_owned(), |severity| format!("severity {}", severity.name()));
    let until = alert.expires.map_or("open".to_owned(), |until| until.format("%F %RZ").to_string());
    let mut text = format!(
        "{} {} {}\n  {}\n  {kind}, {severity}, {} to {until}\n",
        alert.message.name(),
        alert.sender,
        alert.identifier,
        alert.title("en"),
        alert.onset.format("%F %RZ"),
    );
    if let Some(incident) = &alert.incident {
        text.push_str(&format!("  incident {incident}\n"));
    }
    for (region, by) in &placed.regions {
        let by = match by {
            By::Code { system, code } => format!("by {system} {code}"),
            By::Outline(share) => format!("by outline, {:.0} % of it", 100.0 * share),
        };
        text.push_str(&format!("  {} {} {by}\n", regions.code(*region), regions.full_name(*region)));
    }
    for left in &placed.left {
        text.push_str(&format!("  not matched, for a person: {left}\n"));
    }
    text
}
