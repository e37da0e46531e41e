//! Flags: what one has to mind of people. Set once by whoever learns of it, seen by everybody who deals with them, never asked for
//! again; each says what may not go out meanwhile.
//!
//! | flag | marketing | collections | letters | service |
//! |---|---|---|---|---|
//! | vulnerable | no | no: specialists only | in mild words | yes |
//! | bereaved | no | no | in mild words | yes |
//! | hospitalised | no | no | in mild words | yes |
//! | deceased | no | no | to the estate alone | no |
//! | represented | no | no | to the representative alone | no |
//!
//! Vulnerable, bereaved and hospitalised are the life events and health of FG21/1 (FCA) and the groups of 《消费者权益保护管理办法》;
//! collections from a represented consumer and about a deceased one are bounded by 12 CFR 1006.6 (Regulation F).

use chrono::{Months, NaiveDate};
use serde_json::json;

use super::guard::Purpose;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::flag::{self, FlagRow};
use crate::store::{Connection, id, message, opt_out};

/// What one has to mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Needs more care than others.
    Vulnerable,
    /// Lost somebody.
    Bereaved,
    /// Is in hospital.
    Hospitalised,
    /// Has died.
    Deceased,
    /// Somebody speaks for them: a lawyer, a guardian, a debt adviser.
    Represented,
}

/// How it is known.
pub const REASONS: [&str; 6] = ["told", "told_by_relative", "document", "observed", "public_record", "disaster_list"];

/// Why it no longer holds.
pub const ENDS: [&str; 4] = ["told", "over", "mistake", "set_anew"];

/// Months for which one may be set to an end, at most: then somebody looks again, without asking the person.
const LONGEST: u32 = 24;

impl Flag {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Vulnerable, Self::Bereaved, Self::Hospitalised, Self::Deceased, Self::Represented];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vulnerable => "vulnerable",
            Self::Bereaved => "bereaved",
            Self::Hospitalised => "hospitalised",
            Self::Deceased => "deceased",
            Self::Represented => "represented",
        }
    }

    /// By its name.
    #[must_use]
    pub fn known(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.name() == text)
    }

    /// Whether something for a purpose must not go out.
    #[must_use]
    pub const fn bars(self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Marketing | Purpose::Collections => true,
            Purpose::Letter => false,
            Purpose::Service => matches!(self, Self::Deceased | Self::Represented),
        }
    }

    /// In which form a letter goes out: mild, estate or representative.
    #[must_use]
    pub const fn form(self) -> &'static str {
        match self {
            Self::Vulnerable | Self::Bereaved | Self::Hospitalised => "mild",
            Self::Deceased => "estate",
            Self::Represented => "representative",
        }
    }
}

impl Service {
    /// Sets a flag. Said again the same it changes nothing; with another end it is set anew. Messages that nobody should get any
    /// more are not sent.
    ///
    /// # Errors
    /// Nobody knows the person, or what is said cannot be used.
    pub fn set_flag(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        party: &str,
        (name, reason, until): (&str, &str, Option<NaiveDate>),
    ) -> Served<FlagRow> {
        let flag =
            Flag::known(name).ok_or_else(|| ServiceError::invalid("/flag", Flag::ALL.map(Flag::name).join(", ")))?;
        if !REASONS.contains(&reason) {
            return Err(ServiceError::invalid("/reason", format!("how it is known: {}", REASONS.join(", "))));
        }
        let today = self.clock.today();
        let last = today.checked_add_months(Months::new(LONGEST)).unwrap_or(today);
        if until.is_some_and(|until| until < today || until > last) {
            return Err(ServiceError::invalid("/until", format!("a day from today to {last}, or none")));
        }
        if !opt_out::is_known(conn, party)? {
            return Err(ServiceError::Missing("person"));
        }
        let known = flag::history(conn, party)?.into_iter().rfind(|row| row.flag == name && row.lifted_at.is_none());
        if let Some(known) = known {
            if known.until == until {
                return Ok(known);
            }
            self.end_flag(conn, actor, known, "set_anew")?;
        }
        let now = self.clock.now();
        let row = FlagRow {
            id: id::new_id(),
            party: party.to_owned(),
            flag: name.to_owned(),
            reason: reason.to_owned(),
            until,
            set_by: actor.id.clone(),
            set_at: now,
            lifted_reason: None,
            lifted_by: None,
            lifted_at: None,
        };
        crate::service::policy::changed(flag::add(conn, &row)?)?;
        if flag.bars(Purpose::Service) {
            message::suppress_person(conn, party, "flag", now)?;
        }
        let detail = json!({"flag": name, "reason": reason, "until": until});
        log(conn, now, actor, "flag.set", &id::outside("flag", row.id), &detail)?;
        Ok(row)
    }

    /// Lifts a flag.
    ///
    /// # Errors
    /// Nobody knows the person, or has no such flag, or the reason is none that is known.
    pub fn lift_flag(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        party: &str,
        (name, reason): (&str, &str),
    ) -> Served<FlagRow> {
        if !ENDS.contains(&reason) {
            return Err(ServiceError::invalid("/reason", format!("why it ends: {}", ENDS.join(", "))));
        }
        let known = flag::history(conn, party)?.into_iter().rfind(|row| row.flag == name && row.lifted_at.is_none());
        self.end_flag(conn, actor, known.ok_or(ServiceError::Missing("flag"))?, reason)
    }

    fn end_flag(&self, conn: &mut Connection, actor: &Actor, mut row: FlagRow, reason: &str) -> Served<FlagRow> {
        let now = self.clock.now();
        row.lifted_reason = Some(reason.to_owned());
        row.lifted_by = Some(actor.id.clone());
        row.lifted_at = Some(now);
        crate::service::policy::changed(flag::lift(conn, &row)?)?;
        let detail = json!({"flag": row.flag, "reason": reason});
        log(conn, now, actor, "flag.lift", &id::outside("flag", row.id), &detail)?;
        Ok(row)
    }

    /// All flags that somebody ever had, the first first.
    ///
    /// # Errors
    /// Nobody knows the person.
    pub fn flags(&self, party: &str) -> Served<Vec<FlagRow>> {
        self.store.read(|conn| {
            if !opt_out::is_known(conn, party)? {
                return Err(ServiceError::Missing("person"));
            }
            Ok(flag::history(conn, party)?)
        })
    }

    /// Whether a flag holds today.
    #[must_use]
    pub fn holds(&self, row: &FlagRow) -> bool {
        row.lifted_at.is_none() && row.until.is_none_or(|until| self.clock.today() <= until)
    }

    /// The flags that hold today of those who owe an account.
    ///
    /// # Errors
    /// The store fails.
    pub fn flags_on(&self, account: i64) -> Served<Vec<FlagRow>> {
        self.store.read(|conn| {
            let parties = crate::store::account::borrowers(conn, account)?;
            Ok(flag::in_force(conn, &parties, self.clock.today())?)
        })
    }
}
