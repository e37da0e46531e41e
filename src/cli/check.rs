//! `forbear check`: every problem of every policy, at once.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use chrono::NaiveDate;
use forbear_engine::policy::check::{CheckSettings, Checked, Diagnostic, check};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::problem::{Level, Problem};
use serde_json::json;

use super::inputs::today;
use super::problems;

/// Check policies: every problem with its place and what would be right
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  forbear check policies\n\nExit code: 0 fine or warnings only, 1 a policy is refused, 2 it could not run"
)]
pub struct Args {
    /// Policies, or folders with `<slug>/<date>.json` in them.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// The day on which review dates are looked at [default: today here]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub today: Option<NaiveDate>,
    /// The lender's own facts and their types.
    #[arg(long, value_name = "FILE")]
    pub attributes: Option<PathBuf>,
    /// Print JSON, for editors and other programs.
    #[arg(long)]
    pub json: bool,
}

/// Checks and prints. Exit code 1 when a policy is refused, 0 when there are only warnings.
///
/// # Errors
/// A file cannot be read, the attributes are not valid, or there is no policy at all.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let today = args.today.unwrap_or_else(today);
    let settings = CheckSettings { today: Some(today), attributes: attributes(args.attributes.as_deref())? };
    let mut files = Vec::new();
    for path in &args.paths {
        policies(path, &mut files)?;
    }
    let mut out = std::io::stdout().lock();
    let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let (mut errors, mut warnings) = (0_usize, 0_usize);
    let mut listed = Vec::new();
    for file in &files {
        let name = file.display().to_string();
        let checked = check_file(file, &settings)?;
        let of = |level: Level| checked.problems.iter().filter(|found| found.problem.level == level).count();
        errors = errors.saturating_add(of(Level::Error));
        warnings = warnings.saturating_add(of(Level::Warning));
        if args.json {
            listed.push(json!({"file": name, "problems": checked.problems}));
        } else {
            out.write_all(problems::render(&name, &checked, colour).as_bytes())?;
        }
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&listed)?)?;
    } else {
        writeln!(
            out,
            "{}: {}, {}",
            count(files.len(), "policy", "policies"),
            count(errors, "error", "errors"),
            count(warnings, "warning", "warnings")
        )?;
    }
    Ok(if errors > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A number and its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Checks the policy in a file.
///
/// # Errors
/// The file cannot be read, or it is not UTF-8 text.
pub fn check_file(file: &Path, settings: &CheckSettings) -> anyhow::Result<Checked> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("{} is not UTF-8 text (byte {}): save it as UTF-8", file.display(), at.saturating_add(1))
    })?;
    let mut checked = check(&text, settings);
    file_name(file, &mut checked);
    Ok(checked)
}

/// A version is found by its file: the folder is named by the policy, the file by its first day.
fn file_name(file: &Path, checked: &mut Checked) {
    let Some(program) = &checked.program else { return };
    let stem = file.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<NaiveDate>().ok());
    let Some(day) = stem else { return };
    let from = program.document.effective.from;
    if day != from {
        let message = format!("the file is named by {day}, but the policy begins on {from}");
        add(
            checked,
            Problem::warning("file-name", &"/effective/from", message).help(format!("call the file {from}.json")),
        );
        return;
    }
    let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let slug = program.document.policy.clone();
    if folder.is_some_and(|folder| folder != slug) {
        let message = format!("the policy \"{slug}\" lies in a folder of another name");
        add(checked, Problem::warning("file-name", &"/policy", message).help(format!("call the folder {slug}")));
    }
}

fn add(checked: &mut Checked, problem: Problem) {
    let span = checked.source.span(&problem.pointer, problem.mark);
    let (line, column) = checked.source.line_column(span.start);
    checked.problems.push(Diagnostic { problem, line, column, span });
    checked.problems.sort_by_key(|found| (found.span.start, found.span.end));
}

/// The lender's own facts.
///
/// # Errors
/// The file cannot be read or is not of the right form.
pub fn attributes(file: Option<&Path>) -> anyhow::Result<Attributes> {
    let Some(file) = file else { return Ok(Attributes::default()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{} does not list facts as {{\"staff\": {{\"type\": \"bool\", \"title\": {{\"zh-CN\": \"员工\", \"en\": \"Staff\"}}}}}}",
            file.display()
        )
    })
}

/// The policy itself, or those in a folder: files named by a date, in any folder below.
fn policies(path: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let before = found.len();
    walk(path, found)?;
    anyhow::ensure!(
        found.len() > before,
        "no policies in {}: they are called <slug>/<effective date>.json, such as flood/2026-06-01.json",
        path.display()
    );
    Ok(())
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    for path in paths {
        let is_dated =
            path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.parse::<NaiveDate>().is_ok());
        if path.is_dir() {
            walk(&path, found)?;
        } else if is_dated && path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    Ok(())
}
