//! A contact is opened: found out who it is, which emergency channel it came through, and which case it belongs to.

use chrono::{NaiveDateTime, TimeDelta};
use forbear_engine::region::RegionTree;
use serde_json::json;

use super::words::Place;
use super::{ContactRow, VIAS, named};
use crate::secret::Hidden;
use crate::secret::index::{self, Field};
use crate::service::access::{Principal, Role};
use crate::service::audit::log;
use crate::service::care::case::joining::About;
use crate::service::care::channel::settings::Settings;
use crate::service::care::drafting::kept;
use crate::service::relief::history::hold;
use crate::service::{Served, Service, ServiceError};
use crate::store::account::{self, AccountRow};
use crate::store::channel::{self, ChannelRow};
use crate::store::{Connection, contact, id, person};

/// Somebody gets in touch.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    /// hotline, app, page, sms or branch.
    pub via: String,
    /// The account's number.
    pub account: Option<String>,
    /// The phone that they call or write from.
    pub phone: Option<Hidden<String>>,
    /// The disaster.
    pub declaration: Option<String>,
    /// The queue that the call went to.
    pub queue: Option<String>,
    /// What it is about: one of the navigator's questions.
    pub question: Option<String>,
    /// When it came; now, where it is not said.
    pub arrived_at: Option<NaiveDateTime>,
    /// What they said.
    pub note: Option<Hidden<String>>,
}

/// A contact that was opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// It.
    pub contact: ContactRow,
    /// Accounts that it may be about, where the phone does not tell which.
    pub accounts: Vec<String>,
}

/// A contact may be entered so much later.
const LATE: TimeDelta = TimeDelta::days(1);

/// Who it is, as far as can be told.
struct Caller {
    account: Option<AccountRow>,
    party: Option<String>,
    accounts: Vec<String>,
}

impl Service {
    /// Opens a contact. One that an agent opens is answered by them.
    ///
    /// # Errors
    /// What is said cannot be used, or the account is not there for this caller.
    pub fn open_contact(&self, conn: &mut Connection, caller: &Principal, new: &NewContact) -> Served<Opened> {
        self.usable(caller, new)?;
        let who = self.who(conn, caller, new)?;
        if let Some(own) = &who.account {
            hold(conn, own.id)?;
        }
        let channel = running_for(conn, new, who.account.as_ref())?;
        let declaration = new.declaration.clone().or_else(|| channel.as_ref().map(|row| row.declaration.clone()));
        let about = About {
            account: who.account.as_ref().map(|own| own.id),
            declaration: declaration.as_deref(),
            number: None,
        };
        let case = self.join_case(conn, &caller.actor, &about)?;
        let now = self.clock.now();
        let attended = caller.is_any(&[Role::CareAgent, Role::CareLead]);
        let target = channel.as_ref().map(|row| kept::<Settings>(&row.settings)).transpose()?;
        let row = ContactRow {
            id: id::new_id(),
            case_id: case.id,
            account_id: about.account,
            party: who.party,
            via: new.via.clone(),
            channel_id: channel.as_ref().map(|row| row.id),
            queue: new.queue.clone().or_else(|| target.as_ref().map(|set| set.queue.clone())),
            target_minutes: target.and_then(|set| i32::try_from(set.target_minutes).ok()),
            declaration,
            question: new.question.clone(),
            state: if attended { "answered" } else { "waiting" }.to_owned(),
            arrived_at: new.arrived_at.unwrap_or(now),
            answered_at: attended.then_some(now),
            answered_by: attended.then(|| caller.actor.person.clone()),
            outcome: None,
            resolved_at: None,
            resolved_by: None,
            opened_by: caller.actor.person.clone(),
            changed_at: now,
            revision: 0,
        };
        contact::add(conn, &row)?;
        self.case_step(conn, case.id, "contacted")?;
        if attended {
            self.case_step(conn, case.id, "attended")?;
        }
        if let Some(note) = &new.note {
            let name = named(row.id);
            let place = Place { case: case.id, about: &name, kind: "note", party: row.party.as_deref() };
            self.keep_words(conn, &caller.actor, &place, ("/note", note))?;
        }
        let detail = json!({"via": row.via, "case": id::outside("case", case.id), "question": row.question});
        log(conn, now, &caller.actor, "contact.open", &named(row.id), &detail)?;
        Ok(Opened { contact: row, accounts: who.accounts })
    }

    /// What can be told without looking anything up.
    fn usable(&self, caller: &Principal, new: &NewContact) -> Served<()> {
        if !VIAS.contains(&new.via.as_str()) {
            return Err(ServiceError::invalid("/via", format!("one of {}", VIAS.join(", "))));
        }
        let borrower = caller.borrower().is_some();
        if borrower && !matches!(new.via.as_str(), "app" | "page") {
            return Err(ServiceError::invalid("/via", "app or page: others enter calls and messages"));
        }
        if borrower && (new.arrived_at.is_some() || new.phone.is_some() || new.queue.is_some()) {
            return Err(ServiceError::invalid("", "arrived_at, phone and queue are not a borrower's to say"));
        }
        let now = self.clock.now();
        if let Some(at) = new.arrived_at
            && (at > now || now.signed_duration_since(at) > LATE)
        {
            return Err(ServiceError::invalid("/arrived_at", "a moment of the last day"));
        }
        let short = |text: &String| (1..=60).contains(&text.chars().count());
        if new.queue.as_ref().is_some_and(|queue| !short(queue)) {
            return Err(ServiceError::invalid("/queue", "the queue's name has 1 to 60 characters"));
        }
        if new.question.as_ref().is_some_and(|label| !crate::service::navigator::is_question(label)) {
            return Err(ServiceError::invalid("/question", "one of the navigator's questions, such as relief.apply"));
        }
        Ok(())
    }

    /// Who it is, by account, phone, or who is signed in.
    fn who(&self, conn: &mut Connection, caller: &Principal, new: &NewContact) -> Served<Caller> {
        let own = caller.borrower().map(str::to_owned);
        if let Some(number) = &new.account {
            let account = caller.account(conn, number)?;
            return Ok(Caller { account: Some(account), party: own, accounts: Vec::new() });
        }
        let parties = match (&own, &new.phone) {
            (Some(party), _) => vec![party.clone()],
            (None, Some(phone)) => self.people_with(conn, phone)?,
            (None, None) => Vec::new(),
        };
        let owed = account::owed_by(conn, &parties)?;
        let party = match parties.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        match owed.as_slice() {
            [(only, _)] => Ok(Caller { account: account::get(conn, *only)?, party, accounts: Vec::new() }),
            _ => {
                let accounts = owed.into_iter().map(|(_, number)| number).collect();
                Ok(Caller { account: None, party, accounts })
            }
        }
    }

    /// The people with a phone who owe a loan.
    pub(in crate::service) fn people_with(&self, conn: &mut Connection, phone: &Hidden<String>) -> Served<Vec<String>> {
        let phone = index::phone(phone.show()).ok_or_else(|| ServiceError::invalid("/phone", "is no phone number"))?;
        let found = person::by_phone(conn, &self.keys()?.indexes(Field::Phone, phone.show())?)?;
        let parties: Vec<String> = found.into_iter().map(|row| row.party).collect();
        Ok(account::owing(conn, &parties)?)
    }
}

/// The emergency channel that a contact came through: that of its queue, of its disaster, or of where the borrower lives.
fn running_for(conn: &mut Connection, new: &NewContact, own: Option<&AccountRow>) -> Served<Option<ChannelRow>> {
    let tree = RegionTree::builtin();
    let home = own.and_then(|own| tree.known(own.region.as_deref()?));
    let mut near = None;
    for row in channel::running(conn)? {
        let settings: Settings = kept(&row.settings)?;
        let by_queue = new.queue.as_ref() == Some(&settings.queue);
        let by_disaster = new.queue.is_none() && new.declaration.as_ref() == Some(&row.declaration);
        if by_queue || by_disaster {
            return Ok(Some(row));
        }
        let lives_there = home.is_some_and(|home| {
            settings.regions.iter().filter_map(|code| tree.known(code)).any(|area| tree.is_within(home, area))
        });
        if new.queue.is_none() && new.declaration.is_none() && lives_there {
            // Of several the one that was opened last.
            near = Some(row);
        }
    }
    Ok(near)
}
