//! `forbear test`: runs the cases of policies, and names rules and conditions that no case exercises.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use clap::Args as ClapArgs;
use forbear_engine::cases::run::keep_case;
use forbear_engine::cases::{CaseFile, Coverage, run as run_cases};
use forbear_engine::policy::compile::compile;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::{Policy, Program};
use forbear_engine::region::RegionTree;

use super::replay;

/// Run the cases of policies, and name the rules and conditions that no case exercises
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  forbear test policies/flood-relief --strict\n\nExit code: 0 all pass, 1 a case comes out differently (or, with --strict, is missing), 2 it could not run"
)]
pub struct Args {
    /// Policy folders (`policies/<slug>`), or a folder of such folders
    #[arg(default_value = "policies")]
    pub paths: Vec<PathBuf>,
    /// The lender's own facts and their types, a JSON file
    #[arg(long, value_name = "FILE")]
    pub attributes: Option<PathBuf>,
    /// Fail when a rule or a condition is not exercised both ways
    #[arg(long)]
    pub strict: bool,
    /// Add the decisions of the cases to a corpus of kept decisions, for `forbear replay`
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
}

/// How the cases of one policy went.
#[derive(Debug, Default)]
pub struct Report {
    /// How many passed.
    pub passed: usize,
    /// What came out differently: file, case, differences.
    pub failures: Vec<(PathBuf, String, Vec<String>)>,
    /// What no case exercises.
    pub gaps: Vec<String>,
}

/// Runs all cases of the folders; fails when one comes out differently.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let attributes = match &args.attributes {
        Some(path) => read_json(path)?,
        None => Attributes::new(),
    };
    let (mut passed, mut failed, mut gaps) = (0, 0, 0);
    for folder in folders(&args.paths)? {
        let report = test_policy(&folder, &attributes)?;
        if let Some(file) = &args.keep {
            keep(&folder, &attributes, file)?;
        }
        println!("{}: {} passed, {} failed", folder.display(), report.passed, report.failures.len());
        for (file, case, differences) in &report.failures {
            println!("  {} · {case}\n      {}", file.display(), differences.join("\n      "));
        }
        for gap in &report.gaps {
            println!("  {gap}");
        }
        passed += report.passed;
        failed += report.failures.len();
        gaps += report.gaps.len();
    }
    println!("{passed} passed, {failed} failed, {gaps} not exercised");
    let fine = failed == 0 && (gaps == 0 || !args.strict);
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the cases of one policy folder.
pub fn test_policy(folder: &Path, attributes: &Attributes) -> anyhow::Result<Report> {
    let regions = RegionTree::builtin();
    let versions = versions(folder, attributes)?;
    let mut coverage = Coverage::default();
    let mut report = Report::default();
    for path in json_files(&folder.join("cases"))? {
        let file: CaseFile = read_json(&path)?;
        for result in run_cases(&file, &versions, attributes, regions, &mut coverage) {
            if result.differences.is_empty() {
                report.passed += 1;
            } else {
                report.failures.push((path.clone(), result.name, result.differences));
            }
        }
    }
    if let Some(latest) = versions.iter().max_by_key(|program| program.document.version) {
        report.gaps = coverage.gaps(latest);
    }
    Ok(report)
}

/// Keeps the decisions of the cases of one policy folder, each by its folder, file and name.
fn keep(folder: &Path, attributes: &Attributes, corpus: &Path) -> anyhow::Result<()> {
    let versions = versions(folder, attributes)?;
    let slug = versions.first().map(Program::slug).unwrap_or_default();
    let mut decisions = Vec::new();
    for path in json_files(&folder.join("cases"))? {
        let file: CaseFile = read_json(&path)?;
        let topic = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for case in &file.cases {
            let kept = keep_case(&file, case, &versions, attributes, RegionTree::builtin());
            let (declarations, mut kept) =
                kept.map_err(|error| anyhow!("{} · {}: {error}", path.display(), case.name))?;
            kept.name = format!("{slug}/{topic}: {}", case.name);
            decisions.push((declarations, kept));
        }
    }
    replay::keep(corpus, &versions, decisions)
}

/// All versions of a policy, compiled.
fn versions(folder: &Path, attributes: &Attributes) -> anyhow::Result<Vec<Program>> {
    let mut versions = Vec::new();
    for path in json_files(folder)? {
        let policy: Policy = read_json(&path)?;
        match compile(policy, attributes, RegionTree::builtin()) {
            (Some(program), _) => versions.push(program),
            (None, problems) => {
                let first = problems.first().map(|problem| format!("{}: {}", problem.pointer, problem.message));
                bail!("{}: {}; `forbear check` shows all problems", path.display(), first.unwrap_or_default());
            }
        }
    }
    Ok(versions)
}

/// Folders that hold a policy: those named, or the ones inside.
fn folders(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.join("cases").is_dir() {
            found.push(path.clone());
            continue;
        }
        if path.is_file() {
            bail!("{} is a file: name the policy's folder, which has a folder `cases` in it", path.display());
        }
        let entries = std::fs::read_dir(path).with_context(|| format!("{}: no such folder", path.display()))?;
        for entry in entries {
            let inside = entry?.path();
            if inside.join("cases").is_dir() {
                found.push(inside);
            }
        }
    }
    if found.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        bail!("no policy with a `cases` folder in {}", paths.join(", "));
    }
    found.sort();
    Ok(found)
}

/// The JSON files of a folder, by name.
fn json_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{}: no such folder", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    serde_json::from_str(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}
