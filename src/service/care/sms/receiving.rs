//! A message is received: signed, of a form that can be read, known already or not, from whom; then it is taken for what it says.

use chrono::TimeDelta;
use forbear_engine::text::Language;
use serde_json::json;

use super::hearing::{self, Command};
use super::replying::{self, say};
use super::{Inbound, Replied, Reply};
use crate::core_system::webhook::verify;
use crate::secret::Hidden;
use crate::secret::index::{self, Field};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::sms::{self, MessageRow};
use crate::store::{Connection, account, case, guard, id, person};

/// Messages from one phone in an hour that are answered: machines that answer each other stop there.
const MOST: i64 = 30;

/// The gateway may be so late, and its clock so far ahead.
const LATE: TimeDelta = TimeDelta::hours(24);
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// How long a message is known, so that a doubled delivery does nothing twice.
const KNOWN: TimeDelta = TimeDelta::days(7);

/// From whom a message is.
pub(super) struct Sender {
    /// The phone, in one form.
    pub phone: Hidden<String>,
    /// Its keyed index under the active key.
    pub index: String,
    /// Its keyed indexes under every key.
    pub indexes: Vec<String>,
    /// The people who have it and owe a loan.
    pub parties: Vec<String>,
    /// What they owe.
    pub accounts: Vec<(i64, String)>,
    /// In which language they are answered.
    pub language: Language,
}

impl Service {
    /// Whether a message is the gateway's: signed with the secret that both know, a short while ago.
    ///
    /// # Errors
    /// No gateway is set, or it is not: which.
    pub fn check_gateway(&self, header: &str, body: &[u8]) -> Served<()> {
        let Some(secret) = &self.care.gateway else {
            let message = "no gateway for messages is set: see sms_secret";
            return Err(ServiceError::conflict("no_gateway", message));
        };
        verify(secret.show(), header, body, self.clock.now().and_utc().timestamp())
            .map_err(|why| ServiceError::Forbidden(why.said().to_owned()))
    }

    /// Takes a message. One that came before gets the same answer, and does nothing again.
    ///
    /// # Errors
    /// It cannot be read, or its id came with another text before.
    pub fn receive_message(&self, conn: &mut Connection, new: &Inbound) -> Served<Replied> {
        let phone = self.readable(new)?;
        let keys = self.keys()?;
        let content = format!("{}\n{}\n{}", new.message, phone.show(), new.text.show());
        let indexes = keys.indexes(Field::Phone, phone.show())?;
        // Messages of one phone wait for each other.
        let start = indexes.first().and_then(|index| index.split('.').nth(1)).and_then(|hash| hash.get(..2));
        let mut names = vec![format!("phones:{}", start.unwrap_or_default())];
        guard::make(conn, &names)?;
        guard::take(conn, &mut names)?;
        if let Some(row) = sms::find(conn, &keys.indexes(Field::Message, &new.message)?)? {
            if !keys.is_index_of(&row.content_index, Field::Message, &content)? {
                let message = "this id came with another message before: give each message its own";
                return Err(ServiceError::invalid("/message", message));
            }
            return replied(conn, row);
        }
        let now = self.clock.now();
        let sender = self.sender(conn, phone, indexes, new.text.show())?;
        let hour_ago = now.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(now);
        let reply = if sms::since(conn, &sender.indexes, hour_ago)? >= MOST {
            Reply { text: None, case: None, understood: "too_many" }
        } else {
            self.answer_message(conn, &sender, new)?
        };
        let row = MessageRow {
            message_index: keys.index(Field::Message, &new.message)?,
            content_index: keys.index(Field::Message, &content)?,
            sender_index: sender.index,
            understood: reply.understood.to_owned(),
            case_id: reply.case,
            reply: reply.text.map(|text| replying::fit(&text)),
            at: now,
        };
        sms::add(conn, &row)?;
        let object = row.case_id.map_or_else(|| "sms".to_owned(), |case| id::outside("case", case));
        log(conn, now, &Actor::system(), "sms.receive", &object, &json!({"understood": row.understood}))?;
        replied(conn, row)
    }

    /// Takes a message for what it says.
    fn answer_message(&self, conn: &mut Connection, sender: &Sender, new: &Inbound) -> Served<Reply> {
        let text = hearing::plain(new.text.show());
        let command = hearing::command(&text);
        if let Some(command @ (Command::Stop | Command::Resume)) = &command {
            return self.change_messages(conn, sender, *command == Command::Stop);
        }
        if let Some(Command::Progress(case, end)) = &command {
            return self.tell_progress(conn, sender, case.as_deref(), end.as_deref());
        }
        if sender.accounts.is_empty() {
            return Ok(Reply::new("unknown_sender", say(sender.language, replying::NEUTRAL, &[])));
        }
        match command {
            Some(Command::Person) => return self.want_person(conn, sender, None, None),
            Some(Command::Help) => return Ok(Reply::new("help", say(sender.language, replying::HELP, &[]))),
            Some(Command::Complain(_)) => {
                // As it was written, not as it was compared.
                return self.take_complaint_by_message(conn, sender, new.text.show(), "complaint.file");
            }
            _ => {}
        }
        if let Some(expects) = self.expected_of(conn, sender)?
            && let Some(reply) = self.answer_expected(conn, sender, expects, &text)?
        {
            return Ok(reply);
        }
        if let Some(reply) = self.ask_by_word(conn, sender, &text)? {
            return Ok(reply);
        }
        if hearing::yes_or_no(&text).is_some() || hearing::number(&text).is_some() {
            let said = say(sender.language, replying::NOTHING_ASKED, &[]);
            let help = say(sender.language, replying::HELP, &[]);
            return Ok(Reply::new("nothing_asked", replying::both(sender.language, &said, &help)));
        }
        self.navigate_message(conn, sender, new)
    }

    /// What can be told of a message without looking anything up: its phone, in one form.
    fn readable(&self, new: &Inbound) -> Served<Hidden<String>> {
        let visible = new.message.bytes().all(|byte| byte.is_ascii_graphic());
        if !(1..=200).contains(&new.message.len()) || !visible {
            return Err(ServiceError::invalid("/message", "an id of 1 to 200 visible ASCII characters"));
        }
        let phone =
            index::phone(new.from.show()).ok_or_else(|| ServiceError::invalid("/from", "is no phone number"))?;
        if let Some(reason) = hearing::unreadable(new.text.show()) {
            return Err(ServiceError::invalid("/text", reason));
        }
        let now = self.clock.now();
        let age = new.received_at.map(|at| now.signed_duration_since(at));
        if age.is_some_and(|age| age > LATE || age < -AHEAD) {
            return Err(ServiceError::invalid("/received_at", "a moment of the last day"));
        }
        Ok(phone)
    }

    fn sender(&self, conn: &mut Connection, phone: Hidden<String>, indexes: Vec<String>, text: &str) -> Served<Sender> {
        let people = person::by_phone(conn, &indexes)?;
        let known: Vec<String> = people.iter().map(|row| row.party.clone()).collect();
        let parties = account::owing(conn, &known)?;
        let accounts = account::owed_by(conn, &parties)?;
        let language = match hearing::language(&hearing::plain(text)) {
            // Commands and bare numbers say little of what somebody reads.
            Some(Language::Chinese) => Language::Chinese,
            heard => {
                let own = people.iter().find(|row| parties.contains(&row.party));
                let reads = own.map(|row| self.reached(row)).transpose()?.flatten().and_then(|(_, reads)| reads);
                let long = text.trim().contains(' ');
                match (reads.as_deref().and_then(|tag| tag.parse().ok()), heard) {
                    (_, Some(Language::English)) if long => Language::English,
                    (Some(reads), _) => reads,
                    (None, heard) => heard.unwrap_or(Language::Chinese),
                }
            }
        };
        let index = self.keys()?.index(Field::Phone, phone.show())?;
        Ok(Sender { phone, index, indexes, parties, accounts, language })
    }

    /// Forgets messages that are known long enough, and questions that count no more; says how many.
    ///
    /// # Errors
    /// The store fails.
    pub fn forget_messages(&self) -> Served<usize> {
        let now = self.clock.now();
        let before = now.checked_sub_signed(KNOWN).unwrap_or(now);
        Ok(self.store.write(|conn| sms::forget(conn, before, now))?)
    }
}

fn replied(conn: &mut Connection, row: MessageRow) -> Served<Replied> {
    let case = match row.case_id {
        Some(case) => case::find(conn, case)?,
        None => None,
    };
    Ok(Replied { reply: row.reply, case_number: case.map(|own| own.number), understood: row.understood })
}
