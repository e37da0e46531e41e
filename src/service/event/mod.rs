//! Declarations of disasters: made, amended, closed. An amendment is numbered; what was declared is never edited.

pub mod import;
pub mod open;

use forbear_engine::declaration::Declaration;
use forbear_engine::digest::digest;
use forbear_engine::region::RegionTree;
use serde_json::json;

use super::audit::{Actor, log};
use super::policy::changed;
use super::{Problem, Served, Service, ServiceError};
use crate::store::declaration;
use crate::store::document::{self, DocumentRow};
use crate::store::{Connection, id};

pub use crate::store::declaration::DeclarationRow;

impl Service {
    /// Keeps a declaration: a new one, or one with more amendments than are known.
    ///
    /// # Errors
    /// It is not valid, or it changes what was declared before.
    pub fn declare(&self, conn: &mut Connection, actor: &Actor, document: &Declaration) -> Served<DeclarationRow> {
        let problems: Vec<Problem> = document
            .validate(RegionTree::builtin())
            .into_iter()
            .map(|problem| Problem { pointer: problem.pointer.clone(), message: problem.message })
            .collect();
        if !problems.is_empty() {
            return Err(ServiceError::Invalid(problems));
        }
        let body = serde_json::to_string(document).map_err(ServiceError::unknown)?;
        let digest = digest(document).ok_or_else(|| ServiceError::unknown("a declaration has no canonical form"))?;
        let amendment = document.amendments.last().map_or(0, |amendment| amendment.number);
        let amendment = i32::try_from(amendment).map_err(ServiceError::unknown)?;
        let now = self.clock.now();
        let known = declaration::find(conn, &document.declaration)?;
        if let Some(known) = &known {
            if known.digest == digest {
                return Ok(known.clone());
            }
            only_amended(conn, known, document)?;
        }
        document::keep(
            conn,
            &DocumentRow {
                digest: digest.clone(),
                kind: "declaration".to_owned(),
                body: body.clone(),
                created_at: now,
            },
        )?;
        let row = DeclarationRow {
            id: known.as_ref().map_or_else(id::new_id, |row| row.id),
            slug: document.declaration.clone(),
            event: document.event.clone(),
            digest: digest.clone(),
            amendment,
            state: known.as_ref().map_or("open", |row| row.state.as_str()).to_owned(),
            made_by: actor.person.clone(),
            created_at: known.as_ref().map_or(now, |row| row.created_at),
            changed_at: now,
            revision: known.as_ref().map_or(0, |row| row.revision),
        };
        match &known {
            None => declaration::add(conn, &row)?,
            Some(_) => changed(declaration::update(conn, &row)?)?,
        }
        let verb = if known.is_none() { "declaration.declare" } else { "declaration.amend" };
        self.hold_declaration(conn, document)?;
        let detail = json!({"digest": row.digest, "amendment": amendment});
        log(conn, now, actor, verb, &named(&row.slug), &detail)?;
        if known.is_some() {
            self.follow_amendment(conn, actor, &row.slug)?;
        }
        found(conn, &row.slug)
    }

    /// Opens or closes a declaration. A closed one decides nothing any more; what was granted stays.
    ///
    /// # Errors
    /// There is none.
    pub fn close_declaration(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        slug: &str,
        open: bool,
    ) -> Served<DeclarationRow> {
        let now = self.clock.now();
        let mut row = found(conn, slug)?;
        let to = if open { "open" } else { "closed" };
        if row.state != to {
            row.state = to.to_owned();
            row.changed_at = now;
            changed(declaration::update(conn, &row)?)?;
            let verb = if open { "declaration.reopen" } else { "declaration.close" };
            log(conn, now, actor, verb, &named(slug), &json!({}))?;
        }
        found(conn, slug)
    }

    /// All declarations, or those of an event.
    ///
    /// # Errors
    /// The store fails.
    pub fn declarations(&self, event: Option<&str>) -> Served<Vec<DeclarationRow>> {
        self.store.read(|conn| Ok(declaration::list(conn, event)?))
    }

    /// A declaration with what it says.
    ///
    /// # Errors
    /// There is none.
    pub fn declaration(&self, slug: &str) -> Served<(DeclarationRow, Declaration)> {
        self.store.read(|conn| self.declaration_in(conn, slug))
    }

    /// The same within a transaction.
    pub(super) fn declaration_in(&self, conn: &mut Connection, slug: &str) -> Served<(DeclarationRow, Declaration)> {
        let row = found(conn, slug)?;
        let said = said(conn, &row)?;
        Ok((row, said))
    }
}

fn found(conn: &mut Connection, slug: &str) -> Served<DeclarationRow> {
    declaration::find(conn, slug)?.ok_or(ServiceError::Missing("declaration"))
}

fn said(conn: &mut Connection, row: &DeclarationRow) -> Served<Declaration> {
    let text = document::body(conn, &row.digest)?.ok_or_else(|| ServiceError::unknown("no text of a declaration"))?;
    serde_json::from_str(&text).map_err(ServiceError::unknown)
}

/// Whether a document says all that is known, and then more.
fn only_amended(conn: &mut Connection, known: &DeclarationRow, document: &Declaration) -> Served<()> {
    let before = said(conn, known)?;
    let kept = document.amendments.starts_with(&before.amendments);
    let same = Declaration { amendments: before.amendments.clone(), ..document.clone() } == before;
    if kept && same {
        return Ok(());
    }
    let message = format!(
        "{} was declared differently before, up to amendment {}: leave that as it is and add an amendment",
        known.slug, known.amendment
    );
    Err(ServiceError::conflict("declared_differently", message))
}

fn named(slug: &str) -> String {
    format!("declaration:{slug}")
}
