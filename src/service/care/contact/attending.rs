//! Agents attend to contacts: answer them, find out who it is, note, hand over, resolve.

use serde_json::{Value, json};

use super::words::Place;
use super::{ContactRow, Of, found, named};
use crate::secret::Hidden;
use crate::service::access::Principal;
use crate::service::audit::{Actor, log};
use crate::service::care::case::joining::About;
use crate::service::policy::changed;
use crate::service::relief::history::hold;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, account, case, contact};

/// What a contact may come to.
pub const OUTCOMES: [&str; 9] = [
    "informed",
    "relief_asked",
    "answered",
    "agreed",
    "complaint",
    "handed_over",
    "unreachable",
    "wrong_person",
    "other",
];

/// To whom something is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// A person.
    Person(String),
    /// A queue: whoever is next there.
    Queue(String),
}

impl Service {
    /// Contacts in the order in which they came, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn contacts(&self, of: &Of, after: i64, most: i64) -> Served<Vec<ContactRow>> {
        Ok(self.store.read(|conn| contact::page(conn, of, after, most))?)
    }

    /// A contact.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn contact(&self, caller: &Principal, id: i64) -> Served<ContactRow> {
        self.store.read(|conn| {
            let row = found(conn, id)?;
            match row.account_id {
                Some(account) => caller.may_see(conn, account).map_err(|_| ServiceError::Missing("contact"))?,
                None if caller.borrower().is_some() => return Err(ServiceError::Missing("contact")),
                None => {}
            }
            Ok(row)
        })
    }

    /// Answers a contact that waits.
    ///
    /// # Errors
    /// It does not wait.
    pub fn answer_contact(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<ContactRow> {
        let mut row = standing(conn, id, &["waiting"])?;
        row.state = "answered".to_owned();
        row.answered_at = Some(self.clock.now());
        row.answered_by = Some(actor.person.clone());
        self.case_step(conn, row.case_id, "attended")?;
        self.keep_contact(conn, actor, row, "contact.answer", &json!({}))
    }

    /// Says which account a contact is about, of which nobody knew; it goes into that account's case.
    ///
    /// # Errors
    /// It is known already, or there is no such account.
    pub fn identify_contact(&self, conn: &mut Connection, actor: &Actor, id: i64, number: &str) -> Served<ContactRow> {
        let mut row = standing(conn, id, &["waiting", "answered"])?;
        if row.account_id.is_some() {
            return Err(ServiceError::conflict("known_already", "it is known which account this is about"));
        }
        let missing = || ServiceError::invalid("/account", "there is no such account");
        let own = account::find(conn, number)?.ok_or_else(missing)?;
        let own = hold(conn, own.id)?;
        let before = row.case_id;
        let declaration = row.declaration.clone();
        let about = About { account: Some(own.id), declaration: declaration.as_deref(), number: None };
        let joined = self.join_case(conn, actor, &about)?;
        row.account_id = Some(own.id);
        row.case_id = joined.id;
        self.case_step(conn, joined.id, "contacted")?;
        let row = self.keep_contact(conn, actor, row, "contact.identify", &json!({"account": own.number}))?;
        // Nothing is left in the case that was nobody's.
        if let Some(empty) = case::find(conn, before)?.filter(|empty| empty.state == "open") {
            self.close_case(conn, actor, empty, "joined")?;
        }
        Ok(row)
    }

    /// Notes something.
    ///
    /// # Errors
    /// The text is empty or too long.
    pub fn note_contact(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        text: &Hidden<String>,
    ) -> Served<ContactRow> {
        let row = found(conn, id)?;
        self.say_of(conn, actor, &row, ("note", "/note"), text)?;
        log(conn, self.clock.now(), actor, "contact.note", &named(id), &json!({}))?;
        Ok(row)
    }

    /// Hands a contact over with its case, to a person or to a queue, where it waits to be answered.
    ///
    /// # Errors
    /// It has ended, or the reason is empty.
    pub fn hand_contact_over(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (to, why): (&To, &Hidden<String>),
    ) -> Served<ContactRow> {
        let mut row = standing(conn, id, &["waiting", "answered"])?;
        self.say_of(conn, actor, &row, ("hand_over", "/reason"), why)?;
        let detail = match to {
            To::Person(person) => {
                self.assign_case(conn, actor, row.case_id, Some(person))?;
                json!({"person": person})
            }
            To::Queue(queue) => {
                self.assign_case(conn, actor, row.case_id, None)?;
                row.queue = Some(queue.clone());
                json!({"queue": queue})
            }
        };
        self.case_step(conn, row.case_id, "handed_over")?;
        self.keep_contact(conn, actor, row, "contact.hand_over", &detail)
    }

    /// Resolves a contact, and its case too where that is all.
    ///
    /// # Errors
    /// It was not answered, has ended, the outcome has another name, or something else of its case is open.
    pub fn resolve_contact(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (outcome, case_outcome): (&str, Option<&str>),
    ) -> Served<ContactRow> {
        let row = standing(conn, id, &["answered"])?;
        if !OUTCOMES.contains(&outcome) {
            return Err(ServiceError::invalid("/outcome", format!("one of {}", OUTCOMES.join(", "))));
        }
        let row = self.end_contact(conn, actor, row, outcome)?;
        match case_outcome {
            Some(how) => drop(self.resolve_case(conn, actor, row.case_id, how)?),
            None => self.settle_case(conn, row.case_id)?,
        }
        Ok(row)
    }

    pub(in crate::service) fn end_contact(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ContactRow,
        outcome: &str,
    ) -> Served<ContactRow> {
        row.state = "resolved".to_owned();
        row.outcome = Some(outcome.to_owned());
        row.resolved_at = Some(self.clock.now());
        row.resolved_by = Some(actor.person.clone());
        self.keep_contact(conn, actor, row, "contact.resolve", &json!({"outcome": outcome}))
    }

    pub(in crate::service) fn keep_contact(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ContactRow,
        verb: &str,
        detail: &Value,
    ) -> Served<ContactRow> {
        row.changed_at = self.clock.now();
        changed(contact::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, verb, &named(row.id), detail)?;
        found(conn, row.id)
    }

    fn say_of(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        row: &ContactRow,
        (kind, pointer): (&str, &str),
        text: &Hidden<String>,
    ) -> Served<()> {
        let name = named(row.id);
        let party = self.party_of(conn, row)?;
        let place = Place { case: row.case_id, about: &name, kind, party: party.as_deref() };
        self.keep_words(conn, actor, &place, (pointer, text)).map(|_| ())
    }

    /// Whose loan a contact is about: with them goes what was said.
    pub(in crate::service) fn party_of(&self, conn: &mut Connection, row: &ContactRow) -> Served<Option<String>> {
        match (&row.party, row.account_id) {
            (Some(party), _) => Ok(Some(party.clone())),
            (None, Some(account)) => Ok(account::borrowers(conn, account)?.into_iter().next()),
            (None, None) => Ok(None),
        }
    }
}

/// A contact in one of some states.
pub(in crate::service) fn standing(conn: &mut Connection, id: i64, states: &[&str]) -> Served<ContactRow> {
    let row = found(conn, id)?;
    if states.contains(&row.state.as_str()) {
        return Ok(row);
    }
    let message = format!("the contact is {}: this needs one that is {}", row.state, states.join(" or "));
    Err(ServiceError::conflict("wrong_state", message))
}
