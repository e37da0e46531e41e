//! Answers that need no question: progress, a person, a complaint, no more messages, and what the navigator says.

use forbear_navigator::answers::Action;

use super::dialogue::Expect;
use super::receiving::Sender;
use super::replying::{self, say};
use super::{Inbound, Reply};
use crate::secret::Hidden;
use crate::service::access::borrower::principal;
use crate::service::access::{Principal, Role};
use crate::service::audit::Actor;
use crate::service::care::case::lookup::tidy;
use crate::service::care::case::progress::{Progress, words};
use crate::service::care::complaint::NewComplaint;
use crate::service::care::contact::ContactRow;
use crate::service::care::contact::opening::NewContact;
use crate::service::care::outreach::opt_out::{Scope, Whom, resume, stop};
use crate::service::navigator::Spoken;
use crate::service::{Served, Service};
use crate::store::{Connection, account, case, contact};

/// Messages of one exchange are one contact: so long it goes on.
const EXCHANGE: chrono::TimeDelta = chrono::TimeDelta::hours(24);

impl Service {
    /// Where cases stand: the one of the number, or the last of each loan of the sender.
    pub(super) fn tell_progress(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        number: Option<&str>,
        end: Option<&str>,
    ) -> Served<Reply> {
        let found = match (number, end) {
            (Some(number), Some(end)) => {
                self.try_number(conn, &tidy(number), &Hidden::text(end))?.into_iter().collect()
            }
            (Some(number), None) => {
                // The phone itself is the second factor.
                let row = case::by_number(conn, &tidy(number))?;
                let own = |account: i64| sender.accounts.iter().any(|(id, _)| *id == account);
                match row.filter(|row| row.account_id.is_some_and(own)) {
                    Some(row) => vec![self.progress_of(conn, row)?],
                    None => Vec::new(),
                }
            }
            (None, _) => {
                let mut last = Vec::new();
                for (account, _) in &sender.accounts {
                    if let Some(row) = case::of_account(conn, *account)?.pop() {
                        last.push(self.progress_of(conn, row)?);
                    }
                }
                last
            }
        };
        let Some(first) = found.first() else {
            let said =
                if number.is_none() && sender.accounts.is_empty() { replying::NEUTRAL } else { replying::NO_CASE };
            return Ok(Reply::new("progress", say(sender.language, said, &[])));
        };
        let case = first.case.id;
        let said: Vec<String> = found.iter().take(3).map(|progress| self.stands(sender, progress)).collect();
        let between = sender.language.of(["", " "]);
        Ok(Reply::new("progress", said.join(between)).of_case(case))
    }

    /// Where a case stands, in a sentence or two.
    fn stands(&self, sender: &Sender, progress: &Progress) -> String {
        let language = sender.language;
        let last = progress.steps.iter().rev().find_map(|step| words(&step.kind, language).map(|said| (said, step.at)));
        let (said, at) = last.unwrap_or((language.of(["处理中", "being dealt with"]), progress.case.opened_at));
        let day = self.clock.day(at).to_string();
        let mut told = say(language, replying::STANDS, &[&progress.case.number, said, &day]);
        if let Some(by) = progress.answer_by {
            told = replying::both(language, &told, &say(language, replying::ANSWER_BY, &[&by.to_string()]));
        }
        told
    }

    /// Hands the sender to a person.
    pub(super) fn want_person(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        question: Option<&str>,
        said: Option<&str>,
    ) -> Served<Reply> {
        let row = self.message_contact(conn, sender, None, (question, None))?;
        let number = case::find(conn, row.case_id)?.map(|own| own.number).unwrap_or_default();
        let person = say(sender.language, replying::PERSON, &[&number]);
        let said = said.map_or_else(|| person.clone(), |said| replying::both(sender.language, said, &person));
        self.expect(conn, sender, None)?;
        Ok(Reply::new("person", said).of_case(row.case_id))
    }

    /// Stops messages, or lets them come again, by the phone that it is said from, whoever has it.
    pub(super) fn change_messages(&self, conn: &mut Connection, sender: &Sender, stops: bool) -> Served<Reply> {
        let actor = sender.parties.first().map_or_else(Actor::system, |party| principal(party).actor);
        let whom = Whom::Phone(&sender.phone);
        let (said, how) = if stops {
            stop(self, conn, &actor, whom, (Scope::Messages, "sms"))?;
            (replying::STOPPED, "stop")
        } else {
            resume(self, conn, &actor, whom, (Scope::Messages, "sms"))?;
            (replying::RESUMED, "resume")
        };
        Ok(Reply::new(how, say(sender.language, said, &[])))
    }

    /// Takes a complaint in the sender's words.
    pub(super) fn take_complaint_by_message(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        text: &str,
        question: &str,
    ) -> Served<Reply> {
        let row = self.message_contact(conn, sender, None, (Some(question), Some("complaint")))?;
        let new = NewComplaint {
            contact: Some(row.id),
            account: None,
            class: class_of(question).to_owned(),
            words: Hidden::text(text),
            channel: None,
        };
        let caller = sender.parties.first().map_or_else(gateway, |party| principal(party));
        let taken = self.take_complaint(conn, &caller, &new)?;
        let number = case::find(conn, taken.case_id)?.map(|own| own.number).unwrap_or_default();
        let said = say(sender.language, replying::COMPLAINT, &[&taken.due_on.to_string(), &number]);
        Ok(Reply::new("complaint", said).of_case(taken.case_id))
    }

    /// Takes free text to one of the navigator's questions, and does what follows from it.
    pub(super) fn navigate_message(&self, conn: &mut Connection, sender: &Sender, new: &Inbound) -> Served<Reply> {
        let only = match sender.accounts.as_slice() {
            [(_, number)] => Some(number.clone()),
            _ => None,
        };
        let caller = sender.parties.first().map_or_else(gateway, |party| principal(party));
        let spoken = Spoken { text: new.text.show().clone(), language: Some(sender.language), account: only };
        let guided = self.navigate_in(conn, &caller, &spoken)?;
        let question = guided.heard.question.clone();
        match (guided.action, question.as_deref()) {
            (Action::OpenRequest, Some(_)) => self.confirm_asking(conn, sender),
            (Action::ReadProgress, Some(_)) => self.tell_progress(conn, sender, None, None),
            (Action::TakeComplaint, Some(label)) => {
                self.take_complaint_by_message(conn, sender, new.text.show(), label)
            }
            (Action::Answer, Some(label)) => {
                let row = self.message_contact(conn, sender, None, (Some(label), Some("informed")))?;
                Ok(Reply::new("answer", guided.answer).of_case(row.case_id))
            }
            _ => {
                self.want_person(conn, sender, question.as_deref(), question.as_deref().map(|_| guided.answer.as_str()))
            }
        }
    }

    /// The contact of an exchange of messages: answered and resolved by itself, or waiting for a person where no outcome is known.
    pub(super) fn message_contact(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        about: Option<(i64, Option<&str>)>,
        (question, outcome): (Option<&str>, Option<&str>),
    ) -> Served<ContactRow> {
        let only = match sender.accounts.as_slice() {
            [(only, _)] => Some(*only),
            _ => None,
        };
        let account = about.map(|(account, _)| account).or(only);
        let number = match account {
            Some(account) => account::get(conn, account)?.map(|own| own.number),
            None => None,
        };
        let stands = if outcome.is_some() { "resolved" } else { "waiting" };
        let known = match account {
            Some(account) => self.going_on(conn, account, stands)?,
            None => None,
        };
        match (known, outcome) {
            (Some(row), Some(outcome)) => return self.again(conn, row, outcome),
            (Some(row), None) => return Ok(row),
            (None, _) => {}
        }
        let new = NewContact {
            via: "sms".to_owned(),
            account: number,
            phone: account.is_none().then(|| sender.phone.clone()),
            declaration: about.and_then(|(_, declaration)| declaration.map(str::to_owned)),
            question: question.map(str::to_owned),
            ..NewContact::default()
        };
        let mut row = self.open_contact(conn, &gateway(), &new)?.contact;
        row.party = row.party.or_else(|| sender.parties.first().filter(|_| sender.parties.len() == 1).cloned());
        let Some(outcome) = outcome else {
            return self.keep_contact(conn, &Actor::system(), row, "contact.wait", &serde_json::json!({}));
        };
        row.state = "answered".to_owned();
        row.answered_at = Some(self.clock.now());
        row.answered_by = Some(Actor::system().person);
        let row = self.keep_contact(conn, &Actor::system(), row, "contact.answer", &serde_json::json!({}))?;
        self.end_contact(conn, &Actor::system(), row, outcome)
    }

    /// The exchange that goes on about an account.
    fn going_on(&self, conn: &mut Connection, account: i64, stands: &str) -> Served<Option<ContactRow>> {
        let now = self.clock.now();
        let mut last = None;
        for case in case::of_account(conn, account)? {
            let mut own = contact::of_case(conn, case.id)?.into_iter();
            let lately = |row: &ContactRow| now.signed_duration_since(row.arrived_at) <= EXCHANGE;
            let open = case.state == "open";
            last = own.rfind(|row| open && row.via == "sms" && row.state == stands && lately(row)).or(last);
        }
        Ok(last)
    }

    /// The same exchange came to something else.
    fn again(&self, conn: &mut Connection, mut row: ContactRow, outcome: &str) -> Served<ContactRow> {
        if row.outcome.as_deref() == Some(outcome) {
            return Ok(row);
        }
        row.outcome = Some(outcome.to_owned());
        self.keep_contact(conn, &Actor::system(), row, "contact.go_on", &serde_json::json!({"outcome": outcome}))
    }

    /// Asks whether relief is to be asked for, or for which loan.
    pub(super) fn confirm_asking(&self, conn: &mut Connection, sender: &Sender) -> Served<Reply> {
        match sender.accounts.as_slice() {
            [(only, number)] => {
                let expects = Expect::Asking { accounts: vec![*only], declaration: None };
                self.expect(conn, sender, Some(&expects))?;
                let said = say(sender.language, replying::CONFIRM_ASKING, &[&ending(number)]);
                Ok(Reply::new("confirm", said))
            }
            _ => self.ask_which(conn, sender, None),
        }
    }
}

/// Who enters what comes by message.
pub(super) fn gateway() -> Principal {
    Principal { actor: Actor::system(), roles: vec![Role::Service], party: None }
}

/// The end of an account's number: enough for its borrower to tell it from others.
pub(super) fn ending(number: &str) -> String {
    let letters: Vec<char> = number.chars().filter(|letter| letter.is_alphanumeric()).collect();
    letters.iter().skip(letters.len().saturating_sub(4)).collect()
}

/// The class of a complaint by the question that it was taken for.
fn class_of(question: &str) -> &'static str {
    match question {
        "complaint.collector" => "collections",
        "complaint.staff" => "service",
        _ => "other",
    }
}
