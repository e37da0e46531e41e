//! Opt-outs: somebody wants no messages, no marketing, or no collections by phone and message. What was said is kept, with when
//! it began and ended.
//!
//! Whoever writes STOP speaks for the phone, whoever has it later, and for everybody whose phone it is now: both are kept. Said
//! of a person, it goes with them to their next phone.

use serde_json::json;

use crate::secret::index::{self, Field};
use crate::secret::{Hidden, Zeroizing};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::opt_out::{self, Of, OptOutRow};
use crate::store::person::{self, PersonRow};
use crate::store::{Connection, id};

/// Of whom something is said.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// A person, by the lender's number.
    Person(&'a str),
    /// A phone, as it was written.
    Phone(&'a Hidden<String>),
}

/// What is not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Messages that the lender sends of its own accord, marketing among them: what STOP means.
    Messages,
    /// Marketing.
    Marketing,
    /// Calls and messages to collect a debt.
    Collections,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Messages, Self::Marketing, Self::Collections];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Marketing => "marketing",
            Self::Collections => "collections",
        }
    }

    /// By its name.
    ///
    /// # Errors
    /// It is none.
    pub fn read(text: &str) -> Served<Self> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| ServiceError::invalid("/scope", "messages, marketing or collections"))
    }
}

/// How it can be said.
pub const WAYS: [&str; 6] = ["sms", "hotline", "app", "web", "email", "letter"];

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Whether anything changed: said again it does not.
    pub changed: bool,
    /// The people whom it concerns, as far as they are known.
    pub persons: usize,
}

/// Takes down that somebody wants no more of something.
///
/// # Errors
/// Nobody knows the person, it is no phone, or the way is none that is known.
pub fn stop(
    service: &Service,
    conn: &mut Connection,
    actor: &Actor,
    whom: Whom<'_>,
    (scope, via): (Scope, &str),
) -> Served<Changed> {
    let about = about(service, conn, whom, via)?;
    let now = service.clock.now();
    let known = opt_out::in_force(conn, &about.of())?;
    let new = |party: Option<String>| OptOutRow {
        id: id::new_id(),
        party,
        phone_index: None,
        phone: None,
        key_version: None,
        scope: scope.name().to_owned(),
        via: via.to_owned(),
        stopped_by: actor.id.clone(),
        stopped_at: now,
        resumed_via: None,
        resumed_by: None,
        resumed_at: None,
    };
    let mut rows: Vec<OptOutRow> = about.parties.iter().map(|party| new(Some(party.clone()))).collect();
    // Under an earlier key it may be there already.
    let of_phone = |row: &OptOutRow| row.phone_index.is_some() && row.scope == scope.name();
    if let Some(phone) = about.said.as_ref().filter(|_| !known.iter().any(of_phone)) {
        rows.push(service.sealed_phone(new(None), phone)?);
    }
    let mut changed = false;
    for row in rows {
        if opt_out::add(conn, &row)? {
            changed = true;
            let detail = json!({"scope": scope.name(), "via": via, "party": row.party});
            log(conn, now, actor, "opt_out.stop", &id::outside("optout", row.id), &detail)?;
        }
    }
    Ok(Changed { changed, persons: about.parties.len() })
}

/// Takes down that somebody wants it again.
///
/// # Errors
/// As [`stop`].
pub fn resume(
    service: &Service,
    conn: &mut Connection,
    actor: &Actor,
    whom: Whom<'_>,
    (scope, via): (Scope, &str),
) -> Served<Changed> {
    let about = about(service, conn, whom, via)?;
    let now = service.clock.now();
    let mut changed = false;
    for mut row in opt_out::in_force(conn, &about.of())?.into_iter().filter(|row| row.scope == scope.name()) {
        row.resumed_via = Some(via.to_owned());
        row.resumed_by = Some(actor.id.clone());
        row.resumed_at = Some(now);
        if opt_out::end(conn, &row)? {
            changed = true;
            let detail = json!({"scope": scope.name(), "via": via, "party": row.party});
            log(conn, now, actor, "opt_out.resume", &id::outside("optout", row.id), &detail)?;
        }
    }
    Ok(Changed { changed, persons: about.parties.len() })
}

/// Whom it concerns.
struct About {
    /// The people.
    parties: Vec<String>,
    /// The indexes of their phone, under every key.
    phones: Vec<String>,
    /// The phone that spoke.
    said: Option<Hidden<String>>,
}

impl About {
    fn of(&self) -> Of {
        Of { parties: self.parties.clone(), phones: self.phones.clone() }
    }
}

fn about(service: &Service, conn: &mut Connection, whom: Whom<'_>, via: &str) -> Served<About> {
    if !WAYS.contains(&via) {
        return Err(ServiceError::invalid("/via", WAYS.join(", ")));
    }
    match whom {
        Whom::Person(party) => {
            if !opt_out::is_known(conn, party)? {
                return Err(ServiceError::Missing("person"));
            }
            let row = person::find(conn, party)?;
            let phones = row.map(|row| service.phone_indexes(&row)).transpose()?.unwrap_or_default();
            Ok(About { parties: vec![party.to_owned()], phones, said: None })
        }
        Whom::Phone(phone) => {
            let phone =
                index::phone(phone.show()).ok_or_else(|| ServiceError::invalid("/phone", "is no phone number"))?;
            let phones = service.keys()?.indexes(Field::Phone, phone.show())?;
            let parties = person::by_phone(conn, &phones)?.into_iter().map(|row| row.party).collect();
            Ok(About { parties, phones, said: Some(phone) })
        }
    }
}

/// What a phone's row is bound to.
fn name_of(id: i64) -> String {
    format!("opt_outs/{id}")
}

impl Service {
    /// All that was ever said of a person and of their phone, the first first.
    ///
    /// # Errors
    /// Nobody knows the person.
    pub fn opt_outs(&self, party: &str) -> Served<Vec<OptOutRow>> {
        self.store.read(|conn| {
            let about = about(self, conn, Whom::Person(party), "app")?;
            Ok(opt_out::history(conn, &about.of())?)
        })
    }

    /// The indexes of somebody's phone under every key; none where no phone is known.
    pub(in crate::service) fn phone_indexes(&self, row: &PersonRow) -> Served<Vec<String>> {
        let Some((phone, _)) = self.reached(row)? else { return Ok(Vec::new()) };
        Ok(self.keys()?.indexes(Field::Phone, phone.show())?)
    }

    /// Forgets what was said of a phone whose owner is erased, unless somebody else has it.
    pub(in crate::service) fn erase_opt_outs(&self, conn: &mut Connection, row: &PersonRow) -> Served<()> {
        // Where the key is lost, erasing has to work all the same: what is kept of the phone then says nothing to anybody.
        let Ok(phones) = self.phone_indexes(row) else { return Ok(()) };
        if person::by_phone(conn, &phones)?.iter().all(|other| other.party == row.party) {
            opt_out::forget_phones(conn, &phones)?;
        }
        Ok(())
    }

    fn sealed_phone(&self, row: OptOutRow, phone: &Hidden<String>) -> Served<OptOutRow> {
        let keys = self.keys()?;
        Ok(OptOutRow {
            phone_index: Some(keys.index(Field::Phone, phone.show())?),
            phone: Some(keys.seal(&name_of(row.id), phone.show().as_bytes())?),
            key_version: Some(i64::from(keys.active())),
            ..row
        })
    }

    /// Seals some phones anew that are sealed under an earlier key; says how many. None are left when it says 0.
    ///
    /// # Errors
    /// A row cannot be opened.
    pub fn reseal_opt_outs(&self, most: i64) -> Served<usize> {
        let keys = self.keys()?;
        let active = i64::from(keys.active());
        let others: Vec<i64> = keys.versions().map(i64::from).filter(|version| *version != active).collect();
        if others.is_empty() || self.store.read(|conn| opt_out::sealed_under(conn, &others, 1))?.is_empty() {
            return Ok(0);
        }
        self.store.write(|conn| {
            let rows = opt_out::sealed_under(conn, &others, most)?;
            for row in &rows {
                let Some(sealed) = &row.phone else { continue };
                let text: Zeroizing<Vec<u8>> = keys.open_sealed(&name_of(row.id), sealed)?;
                let text =
                    std::str::from_utf8(&text).map_err(|_| ServiceError::unknown("what is sealed is no phone"))?;
                opt_out::reseal(conn, &self.sealed_phone(row.clone(), &Hidden::text(text))?)?;
            }
            if !rows.is_empty() {
                let detail = json!({"rows": rows.len(), "key": active});
                log(conn, self.clock.now(), &Actor::system(), "opt_out.reseal", "opt_outs", &detail)?;
            }
            Ok(rows.len())
        })
    }
}
