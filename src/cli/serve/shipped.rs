//! The policies that come with the program.

use anyhow::Context;

use crate::service::Service;
use crate::service::audit::Actor;
use crate::service::policy::PolicyAct;

/// The policies that come with the program.
#[derive(rust_embed::Embed)]
#[folder = "policies"]
#[include = "*/*.json"]
#[exclude = "*/cases/*"]
struct Shipped;

/// Their cases.
#[derive(rust_embed::Embed)]
#[folder = "policies"]
#[include = "*/cases/*.json"]
struct ShippedCases;

/// Puts the shipped policies in force where there are none; of a demonstration, which has loans in China, those of China alone.
pub(super) fn put_in_force(service: &Service, demo: bool) -> anyhow::Result<()> {
    if !service.policies(None)?.is_empty() {
        return Ok(());
    }
    let (author, approver) = (shipped("author"), shipped("approver"));
    let mut files: Vec<_> = Shipped::iter().filter(|file| !demo || file.starts_with("cn-")).collect();
    files.sort();
    for (at, file) in files.iter().enumerate() {
        let found = Shipped::get(file).with_context(|| format!("{file} is not in the program"))?;
        let text = String::from_utf8(found.data.into_owned())?;
        let folder = |file: &str| file.split('/').next().map(str::to_owned);
        // Cases are of the versions that are there by then, so they go with the last.
        let is_last = files.get(at.saturating_add(1)).is_none_or(|next| folder(next) != folder(file));
        let cases = if is_last { cases_of(file)? } else { Vec::new() };
        service.store.write(|conn| {
            let drafted = service.draft_policy(conn, &author, &text)?;
            let key = (drafted.slug.as_str(), drafted.version);
            for (name, text) in &cases {
                service.keep_cases(conn, &author, key, name, text)?;
            }
            service.move_policy(conn, &author, key, PolicyAct::Submit, None)?;
            service.move_policy(conn, &approver, key, PolicyAct::Approve, Some(&drafted.digest))
        })?;
    }
    Ok(())
}

/// The cases of a policy's folder: their names and texts.
fn cases_of(policy: &str) -> anyhow::Result<Vec<(String, String)>> {
    let folder = policy.split('/').next().unwrap_or_default();
    let start = format!("{folder}/cases/");
    let mut cases = Vec::new();
    for file in ShippedCases::iter() {
        let Some(name) = file.strip_prefix(&start) else { continue };
        let found = ShippedCases::get(&file).with_context(|| format!("{file} is not in the program"))?;
        cases.push((name.trim_end_matches(".json").to_owned(), String::from_utf8(found.data.into_owned())?));
    }
    cases.sort();
    Ok(cases)
}

fn shipped(part: &str) -> Actor {
    Actor { id: "system".to_owned(), person: format!("shipped:{part}") }
}
