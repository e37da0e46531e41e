//! `forbear facts`: the catalogue of facts that a policy may name.

use std::path::PathBuf;
use std::process::ExitCode;

use forbear_engine::policy::facts::{Attributes, CATALOGUE};
use forbear_engine::text::Language;
use serde_json::json;

use super::check::attributes;
use super::print;

/// List the facts that a policy may test, with type, meaning and question
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Only facts whose name has this in it
    #[arg(value_name = "PART")]
    part: Option<String>,
    /// The lender's own facts and their types, a JSON file
    #[arg(long, value_name = "FILE")]
    attributes: Option<PathBuf>,
    /// The language of titles and questions
    #[arg(long, value_name = "zh-CN|en", default_value = "en")]
    lang: Language,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One fact as it is listed.
struct Listed {
    name: String,
    short: Option<&'static str>,
    of: String,
    dated: bool,
    person: bool,
    title: String,
    doc: String,
    ask: Option<String>,
}

/// Prints the catalogue.
///
/// # Errors
/// The attribute file cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let attributes = attributes(args.attributes.as_deref())?;
    // People look for `area.home`, which is listed once for all roles.
    let roles = ["<role>", "home", "work", "business", "property", "id_card"];
    let has = |name: &str, part: &str| roles.iter().any(|role| name.replace("<role>", role).contains(part));
    let fits = |name: &str| args.part.as_ref().is_none_or(|part| has(name, part));
    let facts: Vec<Listed> = listed(&attributes, args.lang).into_iter().filter(|fact| fits(&fact.name)).collect();
    if let Some(part) = args.part.as_ref().filter(|_| facts.is_empty()) {
        eprintln!("no fact has \"{part}\" in its name; `forbear facts` lists them all");
        return Ok(ExitCode::FAILURE);
    }
    if args.json {
        let facts: Vec<_> = facts
            .into_iter()
            .map(|fact| {
                json!({"fact": fact.name, "short": fact.short, "type": fact.of, "on": fact.dated, "who": fact.person,
                    "title": fact.title, "doc": fact.doc, "question": fact.ask})
            })
            .collect();
        print(&format!("{}\n", serde_json::to_string_pretty(&facts)?))?;
    } else {
        print(&facts.iter().map(|fact| paragraph(fact, args.lang)).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(attributes: &Attributes, language: Language) -> Vec<Listed> {
    let own = attributes.iter().map(|(name, of)| Listed {
        name: format!("attributes.{name}"),
        short: None,
        of: of.of.fact_type().describe(),
        dated: false,
        person: false,
        title: of.title.get(language).to_owned(),
        doc: of.doc.clone().unwrap_or_default(),
        ask: of.ask.as_ref().map(|ask| ask.get(language).to_owned()),
    });
    let built_in = CATALOGUE.iter().filter(|fact| !fact.title.is_empty()).map(|fact| Listed {
        name: fact.name.to_owned(),
        short: fact.short,
        of: fact.of.describe(),
        dated: fact.dated,
        person: fact.person,
        title: language.of(fact.title).to_owned(),
        doc: fact.doc.to_owned(),
        ask: fact.ask.map(|ask| language.of(ask).to_owned()),
    });
    built_in.chain(own).collect()
}

fn paragraph(fact: &Listed, language: Language) -> String {
    let short = fact.short.map(|short| format!(" ({short})")).unwrap_or_default();
    let mut text = format!("{}{short} · {}\n", fact.name, fact.title);
    let mut of = fact.of.clone();
    if fact.dated {
        of.push_str(language.of(["；可用 on 指定日期", "; on a day with `on`"]));
    }
    if fact.person {
        of.push_str(language.of(["；按借款人取值，可用 who", "; for each borrower, see `who`"]));
    }
    text.push_str(&format!("    {of}\n"));
    if !fact.doc.is_empty() {
        text.push_str(&format!("    {}\n", fact.doc));
    }
    if let Some(ask) = &fact.ask {
        text.push_str(&format!("    {}{ask}\n", language.of(["询问：", "asked: "])));
    }
    text.push('\n');
    text
}
