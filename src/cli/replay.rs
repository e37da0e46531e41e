//! `forbear replay`: kept decisions, made again and compared.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, ensure};
use forbear_engine::cases::Corpus;
use forbear_engine::cases::kept::{Kept, Line, policy_name};
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::Program;
use forbear_engine::region::RegionTree;

use super::check::count;
use super::print;
use crate::service::relief::replay::{renewed, replay, seal};

/// Decide kept decisions again and list every difference
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  forbear replay engine/tests/kept\n\nExit code: 0 all the same, 1 something differs, 2 it could not run"
)]
pub struct Args {
    /// Corpora (.jsonl), or folders of them; `forbear decide --keep` and `forbear test --keep` write them
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Keep the decisions as they are made now, and print what the changelog has to name
    #[arg(long)]
    pub renew: bool,
}

/// Decides again and prints.
///
/// # Errors
/// A corpus cannot be read, or written when it is renewed.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let regions = RegionTree::builtin();
    let mut text = String::new();
    let (mut decisions, mut differ) = (0_usize, 0_usize);
    let corpora = load(&args.paths)?;
    for (path, corpus) in &corpora {
        let replayed = replay(corpus, regions);
        let changed: Vec<_> = replayed.iter().filter(|one| !one.differences.is_empty()).collect();
        decisions = decisions.saturating_add(replayed.len());
        differ = differ.saturating_add(changed.len());
        for one in &changed {
            text.push_str(&format!("{} · {} ({})\n", path.display(), one.name, one.policies.join(", ")));
            for difference in &one.differences {
                text.push_str(&format!("  {difference}\n"));
            }
        }
        if args.renew && !changed.is_empty() {
            std::fs::write(path, renewed(corpus, &replayed)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let total = count(decisions, "kept decision", "kept decisions");
    text.push_str(&format!("{total}, {} made the same, {differ} differ\n", decisions.saturating_sub(differ)));
    if args.renew {
        let renewed = load(&args.paths)?;
        let seal = seal(renewed.iter().map(|(_, corpus)| corpus))?;
        text.push_str(&format!("CHANGELOG.md, under \"Kept decisions\": - `{seal}`: whose relief changes, and why\n"));
    }
    print(&text)?;
    Ok(if differ == 0 || args.renew { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The corpora of files and folders, by name.
///
/// # Errors
/// A file cannot be read or is no corpus; a folder has none.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, Corpus)>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>()?;
        inside.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        ensure!(!inside.is_empty(), "no .jsonl file in {}", path.display());
        inside.sort();
        files.extend(inside);
    }
    files.into_iter().map(|file| read(&file).map(|corpus| (file, corpus))).collect()
}

fn read(file: &Path) -> anyhow::Result<Corpus> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Corpus::read(&text).map_err(|error| anyhow!("{}: {error}", file.display()))
}

/// Adds decisions, with the documents they name, to a corpus file; it is made when it is not there.
///
/// # Errors
/// The file cannot be read or written, or has a decision of that name or another text for a document.
pub fn keep(
    file: &Path,
    policies: &[Program],
    decisions: impl IntoIterator<Item = (Vec<Declaration>, Kept)>,
) -> anyhow::Result<()> {
    let mut corpus = if file.exists() { read(file)? } else { Corpus::default() };
    let mut add = |line: Line| corpus.push(line).map_err(|error| anyhow!("{}: {error}", file.display()));
    for (declarations, kept) in decisions {
        for program in policies.iter().filter(|program| kept.policies.contains(&policy_name(&program.document))) {
            add(Line::Policy(Box::new(program.document.clone())))?;
        }
        for declaration in declarations {
            add(Line::Declaration(Box::new(declaration)))?;
        }
        add(Line::Decision(Box::new(kept)))?;
    }
    let mut text = String::new();
    for line in corpus.lines() {
        text.push_str(&serde_json::to_string(line)?);
        text.push('\n');
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
