//! A complaint is taken: from a contact, or online by the borrower.

use serde_json::{Value, json};

use super::clock::{FIRST, due};
use super::{CLASSES, ComplaintRow, Of, found, named};
use crate::secret::Hidden;
use crate::service::access::Principal;
use crate::service::audit::{Actor, log};
use crate::service::care::contact::ContactRow;
use crate::service::care::contact::opening::NewContact;
use crate::service::care::contact::words::Place;
use crate::service::policy::changed;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, case, complaint, contact, id};

/// Somebody complains.
#[derive(Debug, Clone)]
pub struct NewComplaint {
    /// The contact that it is made in; without one it is made online.
    pub contact: Option<i64>,
    /// The account's number, where it is made online by a borrower with several.
    pub account: Option<String>,
    /// What it is about.
    pub class: String,
    /// In their words.
    pub words: Hidden<String>,
    /// app or page, where it is made online; app where it is left out.
    pub channel: Option<String>,
}

impl Service {
    /// Takes a complaint. Its clock begins today.
    ///
    /// # Errors
    /// The contact or account is not there for this caller, or what is said cannot be used.
    pub fn take_complaint(
        &self,
        conn: &mut Connection,
        caller: &Principal,
        new: &NewComplaint,
    ) -> Served<ComplaintRow> {
        if !CLASSES.iter().any(|(class, _)| *class == new.class) {
            let classes: Vec<&str> = CLASSES.iter().map(|(class, _)| *class).collect();
            return Err(ServiceError::invalid("/class", format!("one of {}", classes.join(", "))));
        }
        let contact = match new.contact {
            Some(contact) => self.contact_there(conn, caller, contact)?,
            None => self.online(conn, caller, new)?,
        };
        let (now, today) = (self.clock.now(), self.clock.today());
        let row = ComplaintRow {
            id: id::new_id(),
            case_id: contact.case_id,
            contact_id: Some(contact.id),
            account_id: contact.account_id,
            party: self.party_of(conn, &contact)?,
            via: contact.via.clone(),
            channel_id: contact.channel_id,
            declaration: contact.declaration.clone(),
            class: new.class.clone(),
            state: "open".to_owned(),
            assigned_to: None,
            received_at: now,
            began_on: today,
            clock_days: FIRST,
            due_on: due(today, FIRST),
            extended_by: None,
            extended_again_by: None,
            warned: 0,
            root_kind: None,
            root_policy: None,
            root_version: None,
            root_channel_id: None,
            resolution: None,
            ended_at: None,
            ended_by: None,
            score: None,
            reopened: 0,
            changed_at: now,
            revision: 0,
        };
        complaint::add(conn, &row)?;
        self.say_of_complaint(conn, &caller.actor, &row, ("complaint", "/words"), &new.words)?;
        // A complaint in a case that was resolved opens it again.
        if let Some(closed) = case::find(conn, row.case_id)?.filter(|case| case.state == "resolved") {
            self.reopen_case(conn, &caller.actor, closed.id)?;
        }
        self.case_step(conn, row.case_id, "complaint")?;
        let detail = json!({"class": row.class, "via": row.via, "due_on": row.due_on});
        log(conn, now, &caller.actor, "complaint.take", &named(row.id), &detail)?;
        Ok(row)
    }

    fn contact_there(&self, conn: &mut Connection, caller: &Principal, id: i64) -> Served<ContactRow> {
        let missing = || ServiceError::invalid("/contact", "there is no such contact");
        let row = contact::find(conn, id)?.ok_or_else(missing)?;
        match row.account_id {
            Some(account) => caller.may_see(conn, account).map_err(|_| missing())?,
            None if caller.borrower().is_some() => return Err(missing()),
            None => {}
        }
        Ok(row)
    }

    /// The contact of a complaint that is made online: it needs nobody to answer it, but the complaint does.
    fn online(&self, conn: &mut Connection, caller: &Principal, new: &NewComplaint) -> Served<ContactRow> {
        if caller.borrower().is_none() {
            return Err(ServiceError::invalid("/contact", "name the contact that it is made in"));
        }
        let opened = NewContact {
            via: new.channel.clone().unwrap_or_else(|| "app".to_owned()),
            account: new.account.clone(),
            question: Some("complaint.file".to_owned()),
            ..NewContact::default()
        };
        let mut row = self.open_contact(conn, caller, &opened)?.contact;
        row.state = "answered".to_owned();
        row.answered_at = Some(self.clock.now());
        row.answered_by = Some(Actor::system().person);
        let row = self.keep_contact(conn, &Actor::system(), row, "contact.answer", &json!({}))?;
        self.end_contact(conn, &Actor::system(), row, "complaint")
    }

    /// Complaints in the order in which they came, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn complaints(&self, of: &Of, after: i64, most: i64) -> Served<Vec<ComplaintRow>> {
        Ok(self.store.read(|conn| complaint::page(conn, of, after, most))?)
    }

    /// A complaint, with the number of its case.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn complaint(&self, caller: &Principal, id: i64) -> Served<(ComplaintRow, String)> {
        self.store.read(|conn| {
            let row = self.complaint_for(conn, caller, id)?;
            let case = case::find(conn, row.case_id)?.ok_or(ServiceError::Missing("case"))?;
            Ok((row, case.number))
        })
    }

    /// The complaints on an account, the first first.
    ///
    /// # Errors
    /// There is no such account for this caller.
    pub fn complaints_on(&self, caller: &Principal, account: i64) -> Served<Vec<ComplaintRow>> {
        self.store.read(|conn| {
            caller.may_see(conn, account)?;
            Ok(complaint::of_account(conn, account)?)
        })
    }

    /// A complaint, if it is there for a caller.
    pub(super) fn complaint_for(&self, conn: &mut Connection, caller: &Principal, id: i64) -> Served<ComplaintRow> {
        let row = found(conn, id)?;
        let missing = || ServiceError::Missing("complaint");
        match row.account_id {
            Some(account) => caller.may_see(conn, account).map_err(|_| missing())?,
            None if caller.borrower().is_some() => return Err(missing()),
            None => {}
        }
        Ok(row)
    }

    pub(super) fn say_of_complaint(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        row: &ComplaintRow,
        (kind, pointer): (&str, &str),
        text: &Hidden<String>,
    ) -> Served<()> {
        let name = named(row.id);
        let place = Place { case: row.case_id, about: &name, kind, party: row.party.as_deref() };
        self.keep_words(conn, actor, &place, (pointer, text)).map(|_| ())
    }

    pub(super) fn keep_complaint(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ComplaintRow,
        verb: &str,
        detail: &Value,
    ) -> Served<ComplaintRow> {
        row.changed_at = self.clock.now();
        changed(complaint::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, verb, &named(row.id), detail)?;
        found(conn, row.id)
    }
}
