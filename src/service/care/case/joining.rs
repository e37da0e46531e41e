//! The case that something belongs to. There is one for a loan and a disaster, however often its borrower writes: so they
//! need to know one number.

use chrono::TimeDelta;
use serde_json::json;

use super::{CaseRow, named};
use crate::service::audit::{Actor, log};
use crate::service::policy::changed;
use crate::service::relief::ask::case_number;
use crate::service::{Served, Service};
use crate::store::request::RequestRow;
use crate::store::{Connection, case, declaration, id};

/// Whoever names no disaster comes back to a case that was resolved so long ago at most; later it is about something else.
const COMES_BACK: TimeDelta = TimeDelta::days(30);

/// What something is about.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::service) struct About<'a> {
    /// The account, which is taken; none where nobody knows who it is.
    pub account: Option<i64>,
    /// The disaster, where it is named.
    pub declaration: Option<&'a str>,
    /// The number of the case, if one is opened.
    pub number: Option<&'a str>,
}

impl Service {
    /// The open case that something belongs to: opened, or opened again, if need be.
    pub(in crate::service) fn join_case(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        about: &About<'_>,
    ) -> Served<CaseRow> {
        let event = match about.declaration {
            Some(slug) => declaration::find(conn, slug)?.map(|row| row.event),
            None => None,
        };
        let known = match about.account {
            Some(account) => case::of_account(conn, account)?,
            None => Vec::new(),
        };
        match self.belongs(known, event.as_deref()) {
            Some(row) => self.continue_case(conn, actor, row, event),
            None => self.open_case(conn, actor, about, event),
        }
    }

    /// Puts a request that is new into the case it belongs to.
    pub(in crate::service) fn join_request(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        row: &RequestRow,
    ) -> Served<CaseRow> {
        let case = match row.appeal_of {
            Some(first) => case::of_request(conn, first)?,
            None => None,
        };
        let case = match case {
            Some(case) => self.continue_case(conn, actor, case, None)?,
            None => {
                let about = About {
                    account: Some(row.account_id),
                    declaration: row.declaration.as_deref(),
                    number: Some(&row.case_number),
                };
                self.join_case(conn, actor, &about)?
            }
        };
        case::link(conn, row.id, case.id)?;
        Ok(case)
    }

    /// Of the cases of an account the one that something about an event belongs to.
    fn belongs(&self, known: Vec<CaseRow>, event: Option<&str>) -> Option<CaseRow> {
        let now = self.clock.now();
        let is_open = |row: &CaseRow| row.state == "open";
        let of_event = |row: &CaseRow| event.is_some() && row.event.as_deref() == event;
        let of_none = |row: &CaseRow| event.is_some() && is_open(row) && row.event.is_none();
        let lately = |row: &CaseRow| {
            event.is_none() && row.resolved_at.is_some_and(|at| now.signed_duration_since(at) <= COMES_BACK)
        };
        let any_open = |row: &CaseRow| event.is_none() && is_open(row);
        let fits: [&dyn Fn(&CaseRow) -> bool; 4] = [&of_event, &of_none, &any_open, &lately];
        fits.into_iter().find_map(|fits| known.iter().rfind(|row| fits(row)).cloned())
    }

    /// A case that is there: opened again where it was resolved, and of the event from when that is known.
    fn continue_case(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: CaseRow,
        event: Option<String>,
    ) -> Served<CaseRow> {
        let learns = row.event.is_none() && event.is_some();
        if row.state == "open" && !learns {
            return Ok(row);
        }
        row.event = row.event.or(event);
        if row.state == "open" {
            row.changed_at = self.clock.now();
            changed(case::update(conn, &row)?)?;
            return super::found(conn, row.id);
        }
        self.open_again(conn, actor, row)
    }

    fn open_case(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        about: &About<'_>,
        event: Option<String>,
    ) -> Served<CaseRow> {
        let now = self.clock.now();
        let row = CaseRow {
            id: id::new_id(),
            number: about.number.map_or_else(case_number, str::to_owned),
            account_id: about.account,
            event,
            state: "open".to_owned(),
            assigned_to: None,
            outcome: None,
            opened_at: now,
            resolved_at: None,
            resolved_by: None,
            reopened: 0,
            changed_at: now,
            revision: 0,
        };
        case::add(conn, &row)?;
        log(conn, now, actor, "case.open", &named(row.id), &json!({"event": row.event}))?;
        Ok(row)
    }
}
