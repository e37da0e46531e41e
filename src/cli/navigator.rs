//! `forbear navigator`: trains it, asks it, says how well it does.

use std::fmt::Write as _;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, anyhow, ensure};
use forbear_navigator::lines::{self, Line};
use forbear_navigator::measure::{Measured, Share, measure};
use forbear_navigator::model::digest;
use forbear_navigator::navigate::{Heard, Navigator};
use forbear_navigator::near::without_near;
use forbear_navigator::questions::Questions;
use forbear_navigator::train::train;
use forbear_navigator::words::Segmenter;
use serde_json::json;

use super::print;

/// What takes what people say to one of the questions that are answered, or to a person
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Act {
    /// Train it on navigator/utterances and write navigator/model.bin; it counts once the program is built anew
    Train(Folder),
    /// Say what it makes of a text, or of each line of standard input
    Ask {
        /// What somebody says
        text: Option<String>,
        /// One line of JSON for each text
        #[arg(long)]
        json: bool,
    },
    /// Say how well it does on the lines that are kept aside
    Report {
        #[command(flatten)]
        folder: Folder,
        /// How it is printed
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
}

#[derive(Debug, Clone, clap::Args)]
struct Folder {
    /// The folder with questions, lines and model
    #[arg(long = "in", default_value = "navigator", value_name = "FOLDER")]
    path: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    Text,
    Json,
    /// A row for each question
    Csv,
}

/// Does what is asked.
///
/// # Errors
/// A file is missing or not as it should be.
pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.act {
        Act::Train(folder) => write_model(&folder.path),
        Act::Ask { text, json } => ask(text.as_deref(), *json),
        Act::Report { folder, format } => report(&folder.path, *format),
    }
}

/// What is in a folder of the navigator.
struct Content {
    questions: Questions,
    lines: Vec<Line>,
    aside: Vec<Line>,
}

impl Content {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let questions = Questions::read(&text(&folder.join("questions.json"))?).map_err(|error| anyhow!(error))?;
        let lines = all_lines(&folder.join("utterances"), &questions)?;
        let aside = all_lines(&folder.join("aside"), &questions)?;
        Ok(Self { questions, lines, aside })
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The lines of a folder's files, by name of file.
fn all_lines(folder: &Path, questions: &Questions) -> anyhow::Result<Vec<Line>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<PathBuf>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "tsv"));
    files.sort();
    ensure!(!files.is_empty(), "no lines in {}: they are in files <name>.tsv", folder.display());
    let mut all = Vec::new();
    for file in files {
        all.extend(lines::read(&file.display().to_string(), &text(&file)?, questions).map_err(|error| anyhow!(error))?);
    }
    Ok(all)
}

fn write_model(folder: &Path) -> anyhow::Result<()> {
    let content = Content::read(folder)?;
    let begun = Instant::now();
    let trained = train(&Segmenter::default(), &content.questions, &content.lines, &content.aside);
    let trained = trained.map_err(|error| anyhow!(error))?;
    let bytes = trained.model.to_bytes();
    let path = folder.join("model.bin");
    std::fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    let removed = trained.removed;
    Ok(print(&format!(
        "{} lines; taken out before: {} near a line kept aside, {} said twice, {} near another of their question, {} unreadable\n\
         {}: {} bytes, sha256 {}, in {:.1?}\n",
        trained.lines,
        removed.near_aside,
        removed.same,
        removed.near,
        trained.unreadable,
        path.display(),
        bytes.len(),
        digest(&bytes),
        begun.elapsed()
    ))?)
}

fn ask(said: Option<&str>, json: bool) -> anyhow::Result<()> {
    let navigator = Navigator::shipped().map_err(|error| anyhow!(error))?;
    let answer = |said: &str| -> anyhow::Result<String> {
        let heard = navigator.hear(said);
        Ok(if json { format!("{}\n", serde_json::to_string(&heard)?) } else { spoken(&navigator, &heard) })
    };
    if let Some(said) = said {
        return Ok(print(&answer(said)?)?);
    }
    for line in std::io::stdin().lock().lines() {
        print(&answer(&line.context("standard input is not UTF-8 text")?)?)?;
    }
    Ok(())
}

fn spoken(navigator: &Navigator, heard: &Heard) -> String {
    let title = |label: &str| {
        let question = navigator.questions().find(label);
        question.map(|question| format!("{label}  {} · {}", question.title.zh, question.title.en)).unwrap_or_default()
    };
    let mut text = match (&heard.question, heard.why) {
        (Some(question), _) => format!("{}  ({} ‰ of such answers are right)\n", title(question), heard.confidence),
        (None, why) => {
            let queue = heard.scenario.as_deref().map(|name| format!(", most likely about {name}")).unwrap_or_default();
            format!("person  {}{queue}\n", why.map_or("unsure", |why| why.name()))
        }
    };
    for near in &heard.runners_up {
        let _ = writeln!(text, "    {:>5}  {}", near.score, title(&near.question));
    }
    text
}

fn report(folder: &Path, format: Form) -> anyhow::Result<()> {
    let content = Content::read(folder)?;
    let path = folder.join("model.bin");
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (_, removed) = without_near(&content.lines, &content.aside);
    let navigator = Navigator::new(&bytes, content.questions).map_err(|error| anyhow!(error))?;
    let begun = Instant::now();
    let measured = measure(&navigator, &content.aside);
    let each = begun.elapsed() / u32::try_from(content.aside.len().max(1))?;
    match format {
        Form::Csv => print(&table(&navigator, &measured)?)?,
        Form::Json => {
            let report = json!({
                "model": navigator.digest(),
                "lines": content.aside.len(),
                "nanoseconds_each": u64::try_from(each.as_nanos())?,
                "removed": removed,
                "measured": measured,
            });
            print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?;
        }
        Form::Text => {
            let head = format!(
                "model {}\n{} lines kept aside, {each:.1?} each\nnot trained on: {} near a line kept aside, {} said twice, {} near another of their question\n",
                navigator.digest(),
                content.aside.len(),
                removed.near_aside,
                removed.same,
                removed.near
            );
            print(&format!("{head}{}", words(&measured)))?;
        }
    }
    Ok(())
}

fn percent(share: Share) -> String {
    let mille = share.per_mille();
    format!("{}.{} % ({} of {})", mille / 10, mille % 10, share.of, share.all)
}

fn words(measured: &Measured) -> String {
    let mut text = String::from("\n");
    for (name, share) in [
        ("find their question", measured.question),
        ("    in Chinese", measured.chinese),
        ("    in English", measured.english),
        ("have their scenario named", measured.scenario),
        ("    and are answered", measured.scenario_answered),
        ("of what is answered, right", measured.answered_right),
        ("of none of the questions, to a person", measured.outside),
    ] {
        let _ = writeln!(text, "{name:<40}{}", percent(share));
    }
    text.push_str("\nlines of questions that go to a person, by why\n");
    for (why, count) in &measured.refused {
        let _ = writeln!(text, "    {why:<36}{count}");
    }
    text.push_str("\nquestion                     found      right of what is taken to it    to a person\n");
    for (label, own) in &measured.questions {
        let [recall, precision] = [own.recall, own.precision].map(|share| format!("{}/{}", share.of, share.all));
        let _ = writeln!(text, "{label:<29}{recall:<11}{precision:<33}{}", own.to_a_person);
    }
    text.push_str("\ntaken for another question\n");
    for (label, other, count) in measured.confusions() {
        let _ = writeln!(text, "    {count}  {label} for {other}");
    }
    text.push_str("\nof none of the questions, taken for\n");
    for (label, count) in &measured.outside_taken_for {
        let _ = writeln!(text, "    {count}  {label}");
    }
    text
}

fn table(navigator: &Navigator, measured: &Measured) -> anyhow::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "question",
        "zh-CN",
        "en",
        "lines",
        "found",
        "taken_to_it",
        "right",
        "to_a_person",
        "taken_for",
    ])?;
    for question in navigator.questions().all() {
        let Some(own) = measured.questions.get(&question.label) else { continue };
        let counts = [own.recall.all, own.recall.of, own.precision.all, own.precision.of, own.to_a_person];
        let taken_for: Vec<String> = own.taken_for.iter().map(|(label, count)| format!("{label} {count}")).collect();
        let texts = [question.label.clone(), question.title.zh.clone(), question.title.en.clone()];
        let counts = counts.map(|count| count.to_string());
        table.write_record(texts.into_iter().chain(counts).chain([taken_for.join("; ")]))?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}
