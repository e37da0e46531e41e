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

/// Puts the shipped policies in force where there are none.
pub(super) fn put_in_force(service: &Service) -> anyhow::Result<()> {
    if !service.policies(None)?.is_empty() {
        return Ok(());
    }
    let (author, approver) = (shipped("author"), shipped("approver"));
    let mut files: Vec<_> = Shipped::iter().collect();
    files.sort();
    for file in files {
        let found = Shipped::get(&file).with_context(|| format!("{file} is not in the program"))?;
        let text = String::from_utf8(found.data.into_owned())?;
        service.store.write(|conn| {
            let drafted = service.draft_policy(conn, &author, &text)?;
            let key = (drafted.slug.as_str(), drafted.version);
            service.move_policy(conn, &author, key, PolicyAct::Submit, None)?;
            service.move_policy(conn, &approver, key, PolicyAct::Approve, Some(&drafted.digest))
        })?;
    }
    Ok(())
}

fn shipped(part: &str) -> Actor {
    Actor { id: "system".to_owned(), person: format!("shipped:{part}") }
}
