//! `forbear import`: FEMA's list of disasters as declarations in our own form.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use forbear_engine::declaration::Declaration;
use forbear_engine::region::RegionTree;

use super::preview::load;
use crate::feed::openfema::Import;

/// Turn OpenFEMA DisasterDeclarationsSummaries (CSV or JSON) into declarations
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// FEMA's file, older or newer layout
    pub file: PathBuf,
    /// Only these disasters, such as DR-4706-OK
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub disaster: Vec<String>,
    /// Write each declaration to DIR/SLUG.json; left out, all go to standard output, one a line
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Imports; what was found and every exception go to standard error.
///
/// # Errors
/// The file cannot be read or is of another kind, a disaster is not in it, or a declaration cannot be written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let import = load::openfema(&args.file, &args.disaster, RegionTree::builtin())?;
    match &args.out {
        Some(folder) => write_files(folder, &import.declarations)?,
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            for declaration in &import.declarations {
                writeln!(out, "{}", serde_json::to_string(declaration)?)?;
            }
            out.flush()?;
        }
    }
    io::stderr().write_all(report(&args.file, &import).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// One readable file for each declaration.
fn write_files(folder: &Path, declarations: &[Declaration]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for declaration in declarations {
        let path = folder.join(format!("{}.json", declaration.declaration));
        let mut file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(file, "{}", serde_json::to_string_pretty(declaration)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The disasters, the exceptions by name, and the counts, which add up to the rows.
fn report(file: &Path, import: &Import) -> String {
    let mut lines = Vec::new();
    for one in &import.declarations {
        let end = one.incident.end.map_or_else(|| "open".to_owned(), |end| end.to_string());
        lines.push(format!(
            "{} {} ({}), {} to {end}, {} areas",
            one.declaration,
            one.title.get(forbear_engine::text::Language::English),
            one.kind,
            one.incident.start,
            one.areas.len()
        ));
    }
    lines.extend(import.exceptions.iter().map(|exception| format!("exception: {exception}")));
    lines.push(format!(
        "{}: {} rows = {} areas + {} exceptions; {} disasters\n",
        file.display(),
        import.rows,
        import.areas,
        import.exceptions.len(),
        import.declarations.len()
    ));
    lines.join("\n")
}
