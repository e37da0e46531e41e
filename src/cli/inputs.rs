//! What a decision is made from, read from files and flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail, ensure};
use chrono::NaiveDate;
use forbear_engine::account::{Account, OneSnapshot};
use forbear_engine::cases::kept::{Kept, declaration_name, kept_form, policy_name};
use forbear_engine::context::Context;
use forbear_engine::dates::Calendar;
use forbear_engine::decide::{Decision, Detail, Inputs, decide};
use forbear_engine::declaration::{Declaration, Declared};
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::policy::check::CheckSettings;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::problem::Level;
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use forbear_engine::text::Language;
use serde::de::DeserializeOwned;

use super::check::{attributes, check_file};
use super::{answer, choice};
use crate::core_system::book::Book;

/// What a single decision is made from.
#[derive(Debug, Clone, clap::Args)]
pub struct InputArgs {
    /// Policies, or folders with `<slug>/<date>.json` in them
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub policies: Vec<PathBuf>,
    /// Declarations, JSON files
    #[arg(long = "declaration", value_name = "FILE", num_args = 1.., required = true)]
    pub declarations: Vec<PathBuf>,
    /// The account, a JSON file; with --book, the account's number
    #[arg(long, value_name = "FILE|ID")]
    pub account: String,
    /// A book (.jsonl or .csv) that has the account
    #[arg(long, value_name = "FILE")]
    pub book: Option<PathBuf>,
    /// The decision day [default: today here]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub today: Option<NaiveDate>,
    #[command(flatten)]
    pub(super) request: RequestArgs,
    /// Earlier relief, a JSON file: {"grants": […], "awaiting": […]}
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// The lender's own facts and their types, a JSON file
    #[arg(long, value_name = "FILE")]
    pub attributes: Option<PathBuf>,
    /// Holidays and make-up working days: {"days": {"2024-10-01": false}}
    #[arg(long, value_name = "FILE")]
    pub calendar: Option<PathBuf>,
    /// What if: a fact as it would be, such as account.days_past_due=45; may be given several times
    #[arg(long = "fact", value_name = "NAME=VALUE")]
    pub facts: Vec<String>,
    /// The language of the text
    #[arg(long, value_name = "zh-CN|en", default_value = "en")]
    pub lang: Language,
}

/// A request; without any of it, relief is proactive.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RequestArgs {
    /// The borrower's request, a JSON file; the options below add to it
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// When it was received [default: the decision day]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub requested_on: Option<NaiveDate>,
    /// An answer, such as request.hardship=yes; may be given several times
    #[arg(long = "answer", value_name = "FACT=VALUE")]
    pub answers: Vec<String>,
    /// A number left to the borrower, such as pay-later=3; may be given several times
    #[arg(long = "choose", value_name = "BENEFIT=NUMBER")]
    pub choices: Vec<String>,
    /// A kind of evidence that is supplied; may be given several times
    #[arg(long, value_name = "KIND")]
    pub evidence: Vec<String>,
    /// How the request came in: app, page, hotline, sms, branch
    #[arg(long, value_name = "WAY")]
    pub via: Option<String>,
    /// Of several offers, the one taken
    #[arg(long, value_name = "POLICY/BENEFIT")]
    pub accepts: Option<String>,
}

/// What was read.
pub struct Loaded {
    /// Policies, compiled.
    pub policies: Vec<Program>,
    /// Declarations as they stand on the decision day.
    pub declarations: Vec<Declared<'static>>,
    /// The account.
    pub account: Account,
    /// The account in codes.
    pub snapshot: OneSnapshot,
    /// The request.
    pub request: Option<Request>,
    /// Earlier relief.
    pub history: History,
    /// The circumstances.
    pub context: Context,
}

impl InputArgs {
    /// Reads everything.
    ///
    /// # Errors
    /// The first file or option that cannot be used, and what would be right.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        let today = self.today.unwrap_or_else(today);
        let attributes = attributes(self.attributes.as_deref())?;
        let account = self.account()?;
        let mut context = Context::on(today);
        context.calendar = optional::<Calendar>(self.calendar.as_deref())?;
        for text in &self.facts {
            let (name, value) = answer::fact(text, &attributes, account.currency).context("--fact")?;
            context.facts.insert(name, value);
        }
        let request = self.request.read(today, &attributes, &account)?;
        let policies = policies(&self.policies, &attributes)?;
        if let Some(request) = &request {
            choice::check(request, &policies)?;
        }
        let loaded = Loaded {
            policies,
            declarations: declarations(&self.declarations, today)?,
            snapshot: OneSnapshot::of(&account)?,
            account,
            request,
            history: optional(self.history.as_deref())?,
            context: Context { attributes, ..context },
        };
        Ok(loaded)
    }

    /// What was read with what came out, to be kept; and the declarations that it names.
    ///
    /// # Errors
    /// A declaration cannot be read again.
    pub fn kept(&self, name: String, loaded: &Loaded, decision: &Decision) -> anyhow::Result<(Vec<Declaration>, Kept)> {
        let declarations: Vec<Declaration> =
            self.declarations.iter().map(|path| json(path)).collect::<anyhow::Result<_>>()?;
        let kept = Kept {
            name,
            policies: loaded.policies.iter().map(|program| policy_name(&program.document)).collect(),
            declarations: declarations.iter().map(declaration_name).collect(),
            account: loaded.account.clone(),
            request: loaded.request.clone(),
            history: loaded.history.clone(),
            context: loaded.context.clone(),
            decision: kept_form(decision)?,
        };
        Ok((declarations, kept))
    }

    fn account(&self) -> anyhow::Result<Account> {
        let Some(book) = &self.book else {
            let path = Path::new(&self.account);
            ensure!(
                !path.extension().is_some_and(|extension| extension == "jsonl" || extension == "csv"),
                "{} is a book: give it as --book, and the account's number as --account",
                path.display()
            );
            return Account::from_json(&text(path)?).map_err(|error| anyhow!("{}: {error}", path.display()));
        };
        let read = Book::read(book).with_context(|| format!("cannot read {}", book.display()))?;
        let bad = read.bad_lines.len();
        let found = read.accounts.into_iter().find(|account| account.account == self.account);
        found.ok_or_else(|| {
            let bad = if bad > 0 { format!(" ({bad} lines of it could not be read)") } else { String::new() };
            anyhow!("{} has no account {}{bad}", book.display(), self.account)
        })
    }
}

impl RequestArgs {
    fn read(&self, today: NaiveDate, attributes: &Attributes, account: &Account) -> anyhow::Result<Option<Request>> {
        let given = self.requested_on.is_some()
            || self.via.is_some()
            || self.accepts.is_some()
            || !(self.answers.is_empty() && self.choices.is_empty() && self.evidence.is_empty());
        let mut request = match &self.request {
            Some(path) => json::<Request>(path)?,
            None if given => Request {
                requested_on: self.requested_on.unwrap_or(today),
                via: None,
                answers: BTreeMap::new(),
                choices: BTreeMap::new(),
                evidence: Vec::new(),
                accepts: None,
            },
            None => return Ok(None),
        };
        request.requested_on = self.requested_on.unwrap_or(request.requested_on);
        ensure!(
            request.requested_on <= today,
            "the request is of {}, after the decision day {today}: give a later --today",
            request.requested_on
        );
        for text in &self.answers {
            let (name, value) = answer::fact(text, attributes, account.currency).context("--answer")?;
            request.answers.insert(name, value);
        }
        answer::check_all(&request.answers, attributes, account.currency).context("the request's answers")?;
        for text in &self.choices {
            let (benefit, number) = answer::split(text).context("--choose")?;
            let number = number.parse().map_err(|_| anyhow!("--choose {text}: {number} is not a whole number"))?;
            request.choices.insert(benefit.to_owned(), number);
        }
        request.evidence.extend(self.evidence.iter().cloned());
        request.via = self.via.clone().or(request.via);
        request.accepts = self.accepts.clone().or(request.accepts);
        Ok(Some(request))
    }
}

impl Loaded {
    /// The engine's inputs.
    #[must_use]
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            policies: &self.policies,
            declarations: &self.declarations,
            account: self.snapshot.snapshot(),
            request: self.request.as_ref(),
            history: &self.history,
            context: &self.context,
            regions: RegionTree::builtin(),
            detail: Detail::Full,
        }
    }

    /// Decides in full detail.
    ///
    /// # Errors
    /// Amounts or dates of the inputs leave their range.
    pub fn decide(&self) -> anyhow::Result<Decision> {
        decide(&self.inputs()).with_context(|| format!("account {} cannot be decided", self.account.account))
    }
}

/// Today where this program runs.
#[must_use]
pub fn today() -> NaiveDate {
    chrono::Local::now().date_naive()
}

/// Compiles the policies of files and folders.
///
/// # Errors
/// A file cannot be read or used: its first problem, and how many more there are.
pub fn policies(paths: &[PathBuf], attributes: &Attributes) -> anyhow::Result<Vec<Program>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            ensure!(
                files.len() > before,
                "no policies in {}: they are called <slug>/<effective date>.json, such as flood/2026-06-01.json",
                path.display()
            );
        } else {
            files.push(path.clone());
        }
    }
    let settings = CheckSettings { today: None, attributes: attributes.clone() };
    files.iter().map(|file| program(file, &settings)).collect()
}

/// Files named by a date, in any folder below.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    for path in paths {
        let dated = |stem: &std::ffi::OsStr| stem.to_str().is_some_and(|stem| stem.parse::<NaiveDate>().is_ok());
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "json") && path.file_stem().is_some_and(dated) {
            found.push(path);
        }
    }
    Ok(())
}

fn program(file: &Path, settings: &CheckSettings) -> anyhow::Result<Program> {
    let checked = check_file(file, settings)?;
    if let Some(program) = checked.program {
        return Ok(program);
    }
    let mut errors = checked.problems.iter().filter(|found| found.problem.level == Level::Error);
    let first = errors.next().map(|found| {
        let help = found.problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!(":{}:{}: {}{help}", found.line, found.column, found.problem.message)
    });
    let more = match errors.count() {
        0 => String::new(),
        count => format!("; {count} more: see `forbear check`"),
    };
    bail!("{}{}{more}", file.display(), first.unwrap_or_default())
}

/// Declarations as they stand on a day.
///
/// # Errors
/// A file cannot be read, or is no declaration: its problems.
pub fn declarations(paths: &[PathBuf], day: NaiveDate) -> anyhow::Result<Vec<Declared<'static>>> {
    let tree = RegionTree::builtin();
    let read = |path: &PathBuf| {
        let document: Declaration = json(path)?;
        let problems: Vec<String> = document.validate(tree).iter().map(ToString::to_string).collect();
        ensure!(problems.is_empty(), "{}: {}", path.display(), problems.join("; "));
        document.as_of(day, tree).map_err(|error| anyhow!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

/// A JSON file, or what stands for it when none is named.
///
/// # Errors
/// As [`json`].
pub fn optional<T: DeserializeOwned + Default>(path: Option<&Path>) -> anyhow::Result<T> {
    path.map_or_else(|| Ok(T::default()), json)
}

/// A JSON file.
///
/// # Errors
/// It cannot be read, or is not of the form: where, by line and column.
pub fn json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    serde_json::from_str(&text(path)?).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
