//! What a preview needs from files: policies, declarations, FEMA's list.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::compile::compile;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::problem::Level;
use forbear_engine::policy::{Policy, Program};
use forbear_engine::region::RegionTree;

use crate::feed::openfema::{self, Import};

/// The policies of files and folders; a folder is searched for files that are named by a day.
pub fn policies(paths: &[PathBuf], attributes: &Attributes, regions: &RegionTree) -> anyhow::Result<Vec<Program>> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        collect(path, path.is_dir(), &mut files)?;
        ensure!(
            files.len() > before,
            "no policies in {}: they are called <slug>/<effective date>.json, such as flood/2026-06-01.json",
            path.display()
        );
    }
    files.iter().map(|file| policy(file, attributes, regions)).collect()
}

fn collect(path: &Path, searched: bool, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
        inside.sort();
        inside.retain(|path| path.file_name().is_none_or(|name| name != "cases"));
        return inside.iter().try_for_each(|path| collect(path, true, files));
    }
    let named_by_day = path.extension().is_some_and(|extension| extension == "json")
        && path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .is_some_and(|stem| stem.parse::<chrono::NaiveDate>().is_ok());
    if !searched || named_by_day {
        files.push(path.to_owned());
    }
    Ok(())
}

fn policy(file: &Path, attributes: &Attributes, regions: &RegionTree) -> anyhow::Result<Program> {
    let name = file.display();
    let document: Policy = serde_json::from_str(&read(file)?)
        .with_context(|| format!("{name} is not a policy; `forbear check {name}` says where"))?;
    let (program, problems) = compile(document, attributes, regions);
    let error = problems.iter().find(|problem| problem.level == Level::Error);
    match (program, error) {
        (Some(program), None) => Ok(program),
        (_, Some(problem)) => {
            bail!("{name}{}: {}; `forbear check {name}` says more", problem.pointer, problem.message)
        }
        (None, None) => bail!("{name} could not be compiled; `forbear check {name}` says more"),
    }
}

/// The declarations of JSON files, one in each.
pub fn declarations(files: &[PathBuf], regions: &RegionTree) -> anyhow::Result<Vec<Declaration>> {
    let declaration = |file: &PathBuf| {
        let name = file.display();
        let document: Declaration = serde_json::from_str(&read(file)?)
            .with_context(|| format!("{name} is not a declaration; `forbear declaration check {name}` says more"))?;
        if let Some(problem) = document.validate(regions).first() {
            bail!("{name}: {problem}; `forbear declaration check {name}` says more");
        }
        Ok(document)
    };
    files.iter().map(declaration).collect()
}

/// FEMA's list, of which only some disasters when any are named.
pub fn openfema(file: &Path, disasters: &[String], regions: &RegionTree) -> anyhow::Result<Import> {
    let mut import = openfema::read(&read(file)?, regions).with_context(|| file.display().to_string())?;
    if disasters.is_empty() {
        return Ok(import);
    }
    let found: Vec<String> = import.declarations.iter().map(|one| one.declaration.to_uppercase()).collect();
    for wanted in disasters {
        let listed: Vec<&str> = found.iter().take(8).map(String::as_str).collect();
        ensure!(
            found.iter().any(|name| name.eq_ignore_ascii_case(wanted)),
            "{} has no disaster {wanted}; it has {} of them, such as {}",
            file.display(),
            found.len(),
            listed.join(", ")
        );
    }
    let wanted = |name: &str| disasters.iter().any(|one| one.eq_ignore_ascii_case(name));
    import.declarations.retain(|one| wanted(&one.declaration));
    import.exceptions.retain(|one| wanted(&one.disaster));
    import.areas = import.declarations.iter().map(|one| one.areas.len()).sum();
    import.rows = import.areas.saturating_add(import.exceptions.len());
    Ok(import)
}

/// A file as text.
pub fn read(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("{} is not UTF-8 text (byte {}): save it as UTF-8", file.display(), at.saturating_add(1))
    })
}
