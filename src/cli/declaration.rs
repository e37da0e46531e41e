//! `forbear declaration`: work with declarations.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use forbear_engine::declaration::Declaration;
use forbear_engine::region::RegionTree;
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::check::count;
use super::preview::load;

/// Check declarations
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do with them.
#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Report every problem of declarations, each with its line; exit code 1 when there is one
    Check {
        /// Declarations as JSON
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Checks and prints. Exit code 1 when a declaration cannot be used.
///
/// # Errors
/// A file cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Command::Check { files } = &args.command;
    let mut out = io::stdout().lock();
    let mut found = 0_usize;
    for file in files {
        let problems = check(file)?;
        found = found.saturating_add(problems.len());
        problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
    }
    let files = count(files.len(), "declaration", "declarations");
    writeln!(out, "{files}, {}", count(found, "problem", "problems"))?;
    Ok(if found > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// All problems of a file, as `file:line:column: pointer: message`.
fn check(file: &Path) -> anyhow::Result<Vec<String>> {
    let (name, text) = (file.display(), load::read(file)?);
    let document: Declaration = match serde_json::from_str(&text) {
        Ok(document) => document,
        Err(error) => {
            let message = error.to_string();
            // The place stands in front already.
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
            return Ok(vec![format!("{name}:{}:{}: {message}", error.line(), error.column())]);
        }
    };
    let problems = document.validate(RegionTree::builtin());
    let parsed = parse_to_ast(&text, &CollectOptions::default(), &ParseOptions::default()).ok();
    let root = parsed.as_ref().and_then(|parsed| parsed.value.as_ref());
    let line = |problem: &forbear_engine::declaration::Problem| {
        let start = root.map_or(0, |root| offset(root, &problem.pointer));
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.chars().rev().take_while(|c| *c != '\n').count().saturating_add(1);
        format!("{name}:{line}:{column}: {problem}")
    };
    Ok(problems.iter().map(line).collect())
}

/// Where the value of a JSON Pointer begins, or the nearest value that holds it.
fn offset(root: &Value<'_>, pointer: &str) -> usize {
    let mut value = root;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let inner = match value {
            Value::Object(object) => {
                let own = |name: &ObjectPropName<'_>| name.as_str() == step;
                object.properties.iter().find(|member| own(&member.name)).map(|member| &member.value)
            }
            Value::Array(array) => step.parse().ok().and_then(|at: usize| array.elements.get(at)),
            _ => None,
        };
        let Some(inner) = inner else { break };
        value = inner;
    }
    value.range().start
}
