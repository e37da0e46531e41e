//! A draft becomes a declaration, because a care lead says so.

use forbear_engine::declaration::Source;
use serde_json::json;

use super::drafting::waiting;
use crate::service::audit::Actor;
use crate::service::event::DeclarationRow;
use crate::service::{Problem, Served, Service, ServiceError};
use crate::store::alert::{self, AlertRow, RefusalRow};
use crate::store::draft::DraftRow;
use crate::store::{Connection, declaration, id};

/// Alerts that a declaration names as its sources.
const SOURCES: i64 = 50;

impl Service {
    /// Declares what stands in a draft, under a name or one that is free.
    ///
    /// # Errors
    /// It does not wait, nobody knows yet what happened or where, or the name is taken.
    pub fn confirm_draft(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        slug: Option<&str>,
    ) -> Served<(DraftRow, DeclarationRow)> {
        let mut row = waiting(conn, id)?;
        let slug = match slug {
            Some(slug) if declaration::find(conn, slug)?.is_some() => {
                let message = format!("{slug} is declared already: take another name");
                return Err(ServiceError::invalid("/declaration", message));
            }
            Some(slug) => slug.to_owned(),
            None => free(conn, &row.event)?,
        };
        let mut document = self.as_declaration(&row, &slug)?;
        let mut problems = Vec::new();
        if row.kind.is_none() {
            let message = "nobody knows yet what happened: edit the draft and say its kind".to_owned();
            problems.push(Problem { pointer: "/kind".to_owned(), message });
        }
        if document.areas.is_empty() {
            let message = "no region is known yet: edit the draft and say which are hit".to_owned();
            problems.push(Problem { pointer: "/areas".to_owned(), message });
        }
        if !problems.is_empty() {
            return Err(ServiceError::Invalid(problems));
        }
        let alerts = alert::page(conn, Some(row.id), 0, SOURCES)?;
        document.sources = alerts.iter().map(source).collect();
        let declared = self.declare(conn, actor, &document)?;
        row.state = "confirmed".to_owned();
        row.declaration = Some(slug.clone());
        row.decided_by = Some(actor.person.clone());
        let row = self.keep_draft(conn, actor, row, "draft.confirm", &json!({"declaration": slug}))?;
        Ok((row, declared))
    }

    /// Alerts in the order in which they came, after one, of a draft or of all.
    ///
    /// # Errors
    /// The store fails.
    pub fn alerts(&self, draft: Option<i64>, after: i64, most: i64) -> Served<Vec<AlertRow>> {
        Ok(self.store.read(|conn| alert::page(conn, draft, after, most))?)
    }

    /// An alert.
    ///
    /// # Errors
    /// There is none.
    pub fn alert(&self, id: i64) -> Served<AlertRow> {
        self.store.read(|conn| alert::by_id(conn, id)?.ok_or(ServiceError::Missing("alert")))
    }

    /// What was refused, in the order in which it first came, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn refused_alerts(&self, after: i64, most: i64) -> Served<Vec<RefusalRow>> {
        Ok(self.store.read(|conn| alert::refusals(conn, after, most))?)
    }
}

/// What a declaration says of an alert behind it.
fn source(alert: &AlertRow) -> Source {
    let (sender, identifier) = (&alert.sender, &alert.identifier);
    let cite = format!("{} {sender} {identifier}, sent {}Z", alert.format.to_uppercase(), alert.sent.format("%FT%T"));
    Source { cite: format!("{cite} ({})", id::outside("alert", alert.id)), url: None }
}

/// A name that no declaration has: the event's, else with a number.
fn free(conn: &mut Connection, event: &str) -> Served<String> {
    let mut number = 1_u32;
    loop {
        let slug = if number == 1 { event.to_owned() } else { format!("{event}-{number}") };
        if declaration::find(conn, &slug)?.is_none() {
            return Ok(slug);
        }
        number = number.saturating_add(1);
    }
}
