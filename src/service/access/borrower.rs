//! Borrowers: they sign in with a one-time code to their phone, or come from the lender's app with a token that it
//! signed. Whether a phone is known, a code is wrong, used or old, the answer is the same.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::json;

use super::session::{Owner, SignedIn};
use super::{Principal, Role};
use crate::secret::index::{self, Field};
use crate::secret::{Hidden, token};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::person::{self, PersonRow};
use crate::store::session::{self, CodeRow};
use crate::store::{Connection, account, guard, id};

/// How long a code can be used.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// How often a code can be tried.
const TRIES: i32 = 5;

/// Between two codes to one phone, at least; and codes to one phone in an hour, at most.
const BETWEEN: TimeDelta = TimeDelta::minutes(1);
const IN_AN_HOUR: usize = 5;

/// How old a token of the lender's app may be, and how far its clock may be ahead, in seconds.
const OLDEST: i64 = 120;
const AHEAD: i64 = 30;

/// What became of asking for a code. It says nothing of whether the phone is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeAsked {
    /// If somebody has this phone, they get a code.
    OnItsWay,
    /// One was asked for just now, or too many were: wait.
    TooSoon,
}

/// What became of a code.
#[derive(Debug)]
pub enum CodeUsed {
    /// It is right.
    In(SignedIn),
    /// It is right, and several people have this phone: the same code with their identity number says who it is.
    WhichPerson,
    /// It is not, for whatever reason.
    Refused,
}

/// What the lender's app says.
#[derive(Deserialize)]
struct HandOff {
    sub: String,
    iat: i64,
}

impl Service {
    /// Sends a one-time code to a phone, if a borrower has it.
    ///
    /// # Errors
    /// It is no phone number, or no sender is set.
    pub fn ask_code(&self, phone: &Hidden<String>) -> Served<CodeAsked> {
        let Some(sender) = &self.access.sender else {
            return Err(ServiceError::conflict("no_codes", "no codes are sent here"));
        };
        let phone = index::phone(phone.show()).ok_or_else(|| ServiceError::invalid("/phone", "is no phone number"))?;
        let code = token::code();
        let written = self.store.write(|conn| self.make_code(conn, &phone, &code))?;
        let Some(to) = written else { return Ok(CodeAsked::TooSoon) };
        if let Some((phone, language)) = to
            && let Err(reason) = sender.send(&phone, &code, language.as_deref())
        {
            tracing::error!(%reason, "a one-time code could not be sent");
        }
        Ok(CodeAsked::OnItsWay)
    }

    /// Keeps a code, also for a phone that nobody has; says where it goes. None: it is too soon.
    #[allow(clippy::type_complexity, reason = "whether, where to, in which language")]
    fn make_code(
        &self,
        conn: &mut Connection,
        phone: &Hidden<String>,
        code: &Hidden<String>,
    ) -> Served<Option<Option<(Hidden<String>, Option<String>)>>> {
        let now = self.clock.now();
        let ago = |span: TimeDelta| now.checked_sub_signed(span).unwrap_or(now);
        let indexes = self.hold_phone(conn, phone)?;
        let before = session::codes_since(conn, &indexes, ago(TimeDelta::hours(1)))?;
        let just_now = before.first().is_some_and(|last| last.created_at > ago(BETWEEN));
        if just_now || before.len() >= IN_AN_HOUR {
            log(conn, now, &Actor::system(), "code.refuse", "borrower_unknown", &json!({"why": "too_soon"}))?;
            return Ok(None);
        }
        let (keys, id) = (self.keys()?, id::new_id());
        let row = CodeRow {
            id,
            phone_index: keys.index(Field::Phone, phone.show())?,
            code_index: keys.index(Field::Code, &of_code(id, code))?,
            tries: 0,
            created_at: now,
            expires_at: now.checked_add_signed(LASTS).unwrap_or(now),
            used_at: None,
        };
        session::add_code(conn, &row)?;
        let people = self.borrowers_with(conn, &indexes)?;
        let object = people.first().map_or_else(|| "borrower_unknown".to_owned(), |own| principal(&own.party).actor.id);
        log(conn, now, &Actor::system(), "code.send", &object, &json!({"people": people.len()}))?;
        Ok(Some(people.first().map(|own| self.reached(own)).transpose()?.flatten()))
    }

    /// Signs a borrower in with the code that was sent to their phone. Where several people have one phone, the identity
    /// number says who it is.
    ///
    /// # Errors
    /// The store fails.
    pub fn use_code(
        &self,
        phone: &Hidden<String>,
        code: &Hidden<String>,
        id_number: Option<&Hidden<String>>,
    ) -> Served<CodeUsed> {
        let Some(phone) = index::phone(phone.show()) else { return Ok(CodeUsed::Refused) };
        let token = token::new("")?;
        self.store.write(|conn| self.try_code(conn, &phone, code, id_number, &token))
    }

    fn try_code(
        &self,
        conn: &mut Connection,
        phone: &Hidden<String>,
        code: &Hidden<String>,
        id_number: Option<&Hidden<String>>,
        token: &Hidden<String>,
    ) -> Served<CodeUsed> {
        let now = self.clock.now();
        let indexes = self.hold_phone(conn, phone)?;
        let since = now.checked_sub_signed(LASTS).unwrap_or(now);
        let refuse = |conn: &mut Connection, why: &str| -> Served<CodeUsed> {
            log(conn, now, &Actor::system(), "borrower.fail", "borrower_unknown", &json!({"why": why}))?;
            Ok(CodeUsed::Refused)
        };
        // Only the last one counts.
        let last = session::codes_since(conn, &indexes, since)?.into_iter().next();
        let usable = |row: &CodeRow| row.used_at.is_none() && row.expires_at > now && row.tries < TRIES;
        let Some(row) = last.filter(usable) else { return refuse(conn, "no_code") };
        let tries = row.tries.saturating_add(1);
        session::tried(conn, row.id, tries, None)?;
        if !self.keys()?.is_index_of(&row.code_index, Field::Code, &of_code(row.id, code))? {
            return refuse(conn, "code");
        }
        let mut people = self.borrowers_with(conn, &indexes)?;
        if let Some(number) = id_number.and_then(|number| index::number(number.show())) {
            let numbers = self.keys()?.indexes(Field::Number, number.show())?;
            people.retain(|row| row.number_index.as_ref().is_some_and(|own| numbers.contains(own)));
        }
        match people.as_slice() {
            [] => refuse(conn, "person"),
            [own] => {
                session::tried(conn, row.id, tries, Some(now))?;
                self.let_in(conn, &own.party, "code", token).map(CodeUsed::In)
            }
            _ if id_number.is_some() => refuse(conn, "person"),
            _ => Ok(CodeUsed::WhichPerson),
        }
    }

    /// Signs a borrower in who comes from the lender's app, once for each token; none when it may not.
    ///
    /// # Errors
    /// The store fails.
    pub fn hand_off(&self, text: &str) -> Served<Option<SignedIn>> {
        let now = self.clock.now();
        let Some(said) = self.handed_off(text, now.and_utc()) else {
            let system = Actor::system();
            let detail = json!({"why": "hand_off"});
            self.store.write(|conn| log(conn, now, &system, "borrower.fail", "borrower_unknown", &detail))?;
            return Ok(None);
        };
        let token = token::new("")?;
        self.store.write(|conn| {
            let own = principal(&said.sub).actor;
            let first = session::hand_off(conn, &token::hash(text), now)?;
            let owes = !account::owed_by(conn, std::slice::from_ref(&said.sub))?.is_empty();
            if !first || !owes {
                let why = if first { "owes_nothing" } else { "used" };
                log(conn, now, &own, "borrower.fail", &own.id, &json!({"why": why}))?;
                return Ok(None);
            }
            self.let_in(conn, &said.sub, "hand_off", &token).map(Some)
        })
    }

    fn handed_off(&self, text: &str, now: DateTime<chrono::Utc>) -> Option<HandOff> {
        let key = self.access.hand_off.as_ref()?;
        if text.len() > 4096 {
            return None;
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&["forbear"]);
        rules.set_required_spec_claims(&["sub"]);
        // By the clock of the service, below.
        rules.validate_exp = false;
        let said = decode::<HandOff>(text, &DecodingKey::from_secret(key.show()), &rules).ok()?.claims;
        let age = now.timestamp().checked_sub(said.iat)?;
        (-AHEAD..=OLDEST).contains(&age).then_some(said)
    }

    fn let_in(&self, conn: &mut Connection, party: &str, by: &str, token: &Hidden<String>) -> Served<SignedIn> {
        let principal = principal(party);
        let own = &principal.actor;
        log(conn, self.clock.now(), own, "borrower.sign_in", &own.id, &json!({"by": by}))?;
        self.begin_session(conn, Owner::Borrower(party), principal, self.access.borrower_longest, token)
    }

    /// The indexes of a phone, whose codes nobody else looks at until the transaction ends. There are few guards, so
    /// that phones which nobody has do not fill their table.
    fn hold_phone(&self, conn: &mut Connection, phone: &Hidden<String>) -> Served<Vec<String>> {
        let indexes = self.keys()?.indexes(Field::Phone, phone.show())?;
        let start = indexes.first().and_then(|index| index.split('.').nth(1)).and_then(|hash| hash.get(..2));
        let mut names = vec![format!("phones:{}", start.unwrap_or_default())];
        guard::make(conn, &names)?;
        guard::take(conn, &mut names)?;
        Ok(indexes)
    }

    /// The people with a phone who owe a loan.
    fn borrowers_with(&self, conn: &mut Connection, phone: &[String]) -> Served<Vec<PersonRow>> {
        let mut people = person::by_phone(conn, phone)?;
        let parties: Vec<String> = people.iter().map(|row| row.party.clone()).collect();
        let owing = account::owing(conn, &parties)?;
        people.retain(|row| owing.contains(&row.party));
        Ok(people)
    }
}

/// A borrower: their own person, so that none checks what they asked for.
pub(in crate::service) fn principal(party: &str) -> Principal {
    let name = format!("borrower_{party}");
    Principal {
        actor: Actor { id: name.clone(), person: name },
        roles: vec![Role::Borrower],
        party: Some(party.to_owned()),
    }
}

/// What the index of a code is of: two equal codes have two.
fn of_code(id: i64, code: &Hidden<String>) -> String {
    format!("{id}:{}", code.show().trim())
}
