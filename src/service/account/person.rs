//! Who people are: sealed when they are reported, masked when they are read, shown only with a reason that is logged,
//! erased on demand. The facts of their accounts stay, for they name nobody.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::core_system::person::Person;
use crate::secret::index::{self, Field};
use crate::secret::{Hidden, KeyRing, SecretError, Zeroizing, mask};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::person::{self, PersonRow};
use crate::store::{Connection, account, evidence, guard, id, message, opt_out, request, session, words};

/// Somebody as a screen shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MaskedPerson {
    /// The lender's number for the person.
    pub party: String,
    /// `张**`.
    pub name: Option<String>,
    /// `138****5678`.
    pub phone: Option<String>,
    /// `4101**********123X`.
    pub id_number: Option<String>,
    /// What they read.
    pub language: Option<String>,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// When it was erased.
    pub erased_at: Option<NaiveDateTime>,
}

/// Somebody in full. It does not print.
#[derive(Debug, Clone)]
pub struct RevealedPerson {
    /// The lender's number for the person.
    pub party: String,
    /// What they are called.
    pub name: Option<Hidden<String>>,
    /// Their phone, as it was reported.
    pub phone: Option<Hidden<String>>,
    /// Their identity number, as it was reported.
    pub id_number: Option<Hidden<String>>,
    /// What they read.
    pub language: Option<String>,
}

/// A version of the keys, and what needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyUse {
    /// The version.
    pub version: i64,
    /// Whether it seals.
    pub active: bool,
    /// Whether the file of keys has it.
    pub in_file: bool,
    /// Rows that are sealed under it.
    pub rows: i64,
}

/// What is sealed of somebody.
#[derive(Deserialize)]
struct Opened {
    name: Option<Hidden<String>>,
    phone: Option<Hidden<String>>,
    id_number: Option<Hidden<String>>,
    language: Option<String>,
}

/// The same, to be sealed.
#[derive(Serialize)]
struct ToSeal<'a> {
    name: Option<&'a str>,
    phone: Option<&'a str>,
    id_number: Option<&'a str>,
    language: Option<&'a str>,
}

impl Service {
    /// Who somebody is, masked.
    ///
    /// # Errors
    /// Nobody knows, or it cannot be opened.
    pub fn person(&self, party: &str) -> Served<MaskedPerson> {
        let row = self.store.read(|conn| person::find(conn, party))?.ok_or(ServiceError::Missing("person"))?;
        self.masked(row)
    }

    /// Who is on an account, masked; people of whom nothing was reported are left out.
    ///
    /// # Errors
    /// There is no such account, or somebody cannot be opened.
    pub fn persons_on(&self, number: &str) -> Served<Vec<MaskedPerson>> {
        let rows = self.store.read(|conn| {
            let own = account::find(conn, number)?.ok_or(ServiceError::Missing("account"))?;
            Ok::<_, ServiceError>(person::on_account(conn, own.id)?)
        })?;
        rows.into_iter().map(|row| self.masked(row)).collect()
    }

    /// The people with a phone, masked.
    ///
    /// # Errors
    /// It is no phone, or somebody cannot be opened.
    pub fn persons_by_phone(&self, phone: &Hidden<String>) -> Served<Vec<MaskedPerson>> {
        let phone = index::phone(phone.show()).ok_or_else(|| ServiceError::invalid("/phone", "is no phone number"))?;
        let indexes = self.keys()?.indexes(Field::Phone, phone.show())?;
        let rows = self.store.read(|conn| person::by_phone(conn, &indexes))?;
        rows.into_iter().map(|row| self.masked(row)).collect()
    }

    /// The people with an identity number, masked.
    ///
    /// # Errors
    /// It is no number, or somebody cannot be opened.
    pub fn persons_by_number(&self, number: &Hidden<String>) -> Served<Vec<MaskedPerson>> {
        let number = index::number(number.show()).ok_or_else(|| ServiceError::invalid("/id_number", "is empty"))?;
        let indexes = self.keys()?.indexes(Field::Number, number.show())?;
        let rows = self.store.read(|conn| person::by_number(conn, &indexes))?;
        rows.into_iter().map(|row| self.masked(row)).collect()
    }

    /// Who somebody is, in full. That it was shown, to whom and why, is in the log; what was shown is not.
    ///
    /// # Errors
    /// Nobody knows, no reason is given, or the reason repeats what is to be shown.
    pub fn reveal_person(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        party: &str,
        reason: &str,
    ) -> Served<RevealedPerson> {
        let row = person::find(conn, party)?.ok_or(ServiceError::Missing("person"))?;
        let open = self.opened(&row)?.ok_or(ServiceError::Missing("person"))?;
        let reason = given(reason, &open)?;
        let detail = json!({"party": party, "reason": reason});
        log(conn, self.clock.now(), actor, "person.reveal", &id::outside("person", row.id), &detail)?;
        let Opened { name, phone, id_number, language } = open;
        Ok(RevealedPerson { party: row.party, name, phone, id_number, language })
    }

    /// Erases who somebody is and what they showed and said, and signs them out. The row stays empty also when they are reported again; their
    /// accounts, requests and grants stay.
    ///
    /// # Errors
    /// Nobody knows, or no reason is given.
    pub fn erase_person(&self, conn: &mut Connection, actor: &Actor, party: &str, reason: &str) -> Served<()> {
        hold(conn, party)?;
        let row = match person::find(conn, party)? {
            Some(row) if row.erased_at.is_some() => return Ok(()),
            Some(row) => row,
            // The core system may never have said who it is; what they showed goes all the same.
            None if !evidence::of_party(conn, party)?.is_empty() || words::of_party(conn, party)? => {
                self.unknown_person(party)
            }
            None => return Err(ServiceError::Missing("person")),
        };
        // Where the key is lost, erasing has to work all the same.
        let known = self.opened(&row).ok().flatten();
        let nothing = Opened { name: None, phone: None, id_number: None, language: None };
        let reason = given(reason, known.as_ref().unwrap_or(&nothing))?;
        let now = self.clock.now();
        self.erase_opt_outs(conn, &row)?;
        message::suppress_person(conn, party, "erased", now)?;
        let row = PersonRow {
            sealed: None,
            key_version: None,
            phone_index: None,
            number_index: None,
            changed_at: now,
            erased_at: Some(now),
            ..row
        };
        person::keep(conn, &row)?;
        session::end_of_party(conn, party)?;
        let files = self.erase_evidence(conn, party, now)?;
        request::forget_words(conn, party)?;
        words::erase(conn, party, now)?;
        let detail = json!({"party": party, "reason": reason, "files": files});
        Ok(log(conn, now, actor, "person.erase", &id::outside("person", row.id), &detail)?)
    }

    fn unknown_person(&self, party: &str) -> PersonRow {
        PersonRow {
            id: id::new_id(),
            party: party.to_owned(),
            sealed: None,
            key_version: None,
            phone_index: None,
            number_index: None,
            as_of: self.clock.today(),
            changed_at: self.clock.now(),
            erased_at: None,
        }
    }

    /// Seals some rows anew that are sealed under an earlier key; says how many. None are left when it says 0.
    ///
    /// # Errors
    /// A row cannot be opened.
    pub fn reseal_persons(&self, most: i64) -> Served<usize> {
        let keys = self.keys()?;
        let active = i64::from(keys.active());
        let others: Vec<i64> = keys.versions().map(i64::from).filter(|version| *version != active).collect();
        if others.is_empty() || self.store.read(|conn| person::sealed_under(conn, &others, 1))?.is_empty() {
            return Ok(0);
        }
        self.store.write(|conn| {
            let mut parties = person::sealed_under(conn, &others, most)?;
            parties.sort_unstable();
            for party in &parties {
                hold(conn, party)?;
                let Some(row) = person::find(conn, party)? else { continue };
                let Some(open) = self.opened(&row)? else { continue };
                // Nobody's name changed, so neither does the day on which it did.
                let changed_at = row.changed_at;
                person::keep(conn, &PersonRow { changed_at, ..self.sealed(row, &open)? })?;
            }
            if !parties.is_empty() {
                let detail = json!({"rows": parties.len(), "key": active});
                log(conn, self.clock.now(), &Actor::system(), "person.reseal", "persons", &detail)?;
            }
            Ok(parties.len())
        })
    }

    /// Versions of keys, those of the file and those that rows need: which seals, and how many rows need each.
    ///
    /// # Errors
    /// No keys are open, or the store fails.
    pub fn key_uses(&self) -> Served<Vec<KeyUse>> {
        let keys = self.keys()?;
        let mut rows: BTreeMap<i64, i64> = BTreeMap::new();
        let of_people = self.store.read(person::by_key)?;
        let shown = self.store.read(evidence::by_key)?.into_iter().chain(self.store.read(words::by_key)?);
        let of_phones = self.store.read(opt_out::by_key)?;
        for (version, count) in of_people.into_iter().chain(of_phones).chain(shown) {
            let sum = rows.entry(version).or_default();
            *sum = sum.saturating_add(count);
        }
        let mut versions: BTreeSet<i64> = keys.versions().map(i64::from).collect();
        versions.extend(rows.keys());
        let one = |version| KeyUse {
            version,
            active: version == i64::from(keys.active()),
            in_file: keys.versions().any(|known| i64::from(known) == version),
            rows: rows.get(&version).copied().unwrap_or(0),
        };
        Ok(versions.into_iter().map(one).collect())
    }

    /// Checks that the keys are there of all that is sealed: a wrong or new file of keys is found out when the program
    /// begins, not by the first borrower.
    ///
    /// # Errors
    /// A key is missing.
    pub fn check_keys(&self) -> Served<()> {
        let mut used = self.store.read(person::key_versions)?;
        let of_phones = self.store.read(opt_out::by_key)?;
        let shown = self.store.read(evidence::by_key)?.into_iter().chain(self.store.read(words::by_key)?);
        used.extend(shown.chain(of_phones).map(|(version, _)| version));
        used.sort_unstable();
        used.dedup();
        if used.is_empty() {
            return Ok(());
        }
        let keys = self.keys()?;
        for version in used {
            if !keys.versions().any(|known| i64::from(known) == version) {
                let message = format!(
                    "people, or what they showed, are sealed under key {version}, which is not in the file of keys"
                );
                return Err(ServiceError::conflict("key_missing", message));
            }
            let party = self.store.read(|conn| person::any_sealed(conn, version))?;
            if let Some(row) = party
                && self.opened(&row).is_err()
            {
                let message = format!("key {version} is another than people are sealed under: put back the right file");
                return Err(ServiceError::conflict("key_differs", message));
            }
        }
        Ok(())
    }

    /// Keeps who people are, as a snapshot of a day says it. Guards have to be taken.
    pub(super) fn keep_persons(&self, conn: &mut Connection, as_of: NaiveDate, persons: &[Person]) -> Served<()> {
        for said in persons {
            let known = person::find(conn, &said.party)?;
            let open = Opened::of(said);
            if self.is_known(known.as_ref(), as_of, &open)? {
                continue;
            }
            let row = known.unwrap_or_else(|| self.unknown_person(&said.party));
            person::keep(conn, &self.sealed(PersonRow { as_of, ..row }, &open)?)?;
        }
        Ok(())
    }

    /// Whether nothing would be kept of who people are: it is known, later known, or erased.
    pub(super) fn knows_persons(&self, conn: &mut Connection, as_of: NaiveDate, persons: &[Person]) -> Served<bool> {
        for said in persons {
            let known = person::find(conn, &said.party)?;
            if !self.is_known(known.as_ref(), as_of, &Opened::of(said))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_known(&self, row: Option<&PersonRow>, as_of: NaiveDate, open: &Opened) -> Served<bool> {
        let Some(row) = row else { return Ok(false) };
        if row.erased_at.is_some() || row.as_of > as_of {
            return Ok(true);
        }
        Ok(row.as_of == as_of && self.opened(row)?.is_some_and(|before| before.same(open)))
    }

    /// A row with this in it, sealed under the active key.
    fn sealed(&self, row: PersonRow, open: &Opened) -> Served<PersonRow> {
        let keys = self.keys()?;
        let (phone, number) = (open.phone.as_ref(), open.id_number.as_ref());
        let phone = phone.and_then(|phone| index::phone(phone.show()));
        let number = number.and_then(|number| index::number(number.show()));
        let indexed = |field: Field, value: Option<Hidden<String>>| {
            value.map(|value| keys.index(field, value.show())).transpose()
        };
        Ok(PersonRow {
            sealed: Some(open.seal(keys, &row.party)?),
            key_version: Some(i64::from(keys.active())),
            phone_index: indexed(Field::Phone, phone)?,
            number_index: indexed(Field::Number, number)?,
            changed_at: self.clock.now(),
            ..row
        })
    }

    /// What is sealed in a row; none once it is erased.
    fn opened(&self, row: &PersonRow) -> Served<Option<Opened>> {
        let Some(sealed) = &row.sealed else { return Ok(None) };
        let text = self.keys()?.open_sealed(&name_of(&row.party), sealed)?;
        // What the parser says may quote the text.
        let open = serde_json::from_slice(&text).map_err(|_| ServiceError::unknown("what is sealed is no person"))?;
        Ok(Some(open))
    }

    fn masked(&self, row: PersonRow) -> Served<MaskedPerson> {
        let open = self.opened(&row)?;
        let open = open.as_ref();
        let shown = |value: Option<&Hidden<String>>, mask: fn(&str) -> String| value.map(|value| mask(value.show()));
        Ok(MaskedPerson {
            name: shown(open.and_then(|open| open.name.as_ref()), mask::name),
            phone: shown(open.and_then(|open| open.phone.as_ref()), mask::phone),
            id_number: shown(open.and_then(|open| open.id_number.as_ref()), mask::number),
            language: open.and_then(|open| open.language.clone()),
            party: row.party,
            changed_at: row.changed_at,
            erased_at: row.erased_at,
        })
    }

    /// Where a code for somebody goes, and in which language.
    pub(in crate::service) fn reached(&self, row: &PersonRow) -> Served<Option<(Hidden<String>, Option<String>)>> {
        let open = self.opened(row)?;
        Ok(open.and_then(|open| Some((index::phone(open.phone?.show())?, open.language))))
    }
}

impl Opened {
    fn of(said: &Person) -> Self {
        Self {
            name: said.name.clone(),
            phone: said.phone.clone(),
            id_number: said.id_number.clone(),
            language: said.language.clone(),
        }
    }

    fn seal(&self, keys: &KeyRing, party: &str) -> Result<Vec<u8>, SecretError> {
        fn shown(value: &Option<Hidden<String>>) -> Option<&str> {
            value.as_ref().map(|value| value.show().as_str())
        }
        let said = ToSeal {
            name: shown(&self.name),
            phone: shown(&self.phone),
            id_number: shown(&self.id_number),
            language: self.language.as_deref(),
        };
        // Large enough that it does not grow and leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *text, &said).map_err(|_| SecretError::Sealed("it has no JSON"))?;
        keys.seal(&name_of(party), &text)
    }

    fn same(&self, other: &Self) -> bool {
        let equal = |one: &Option<Hidden<String>>, other: &Option<Hidden<String>>| {
            one.as_ref().map(Hidden::show) == other.as_ref().map(Hidden::show)
        };
        equal(&self.name, &other.name)
            && equal(&self.phone, &other.phone)
            && equal(&self.id_number, &other.id_number)
            && self.language == other.language
    }
}

/// What a person's row is bound to.
fn name_of(party: &str) -> String {
    format!("persons/{party}")
}

/// Nobody else changes somebody's row until the transaction ends.
fn hold(conn: &mut Connection, party: &str) -> Served<()> {
    let mut names = vec![format!("party:{party}")];
    guard::make(conn, &names)?;
    Ok(guard::take(conn, &mut names)?)
}

/// A reason that can go to the log: there is one, and it does not repeat who it is about.
fn given<'a>(reason: &'a str, about: &Opened) -> Served<&'a str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 1000 {
        return Err(ServiceError::invalid("/reason", "say why, in at most 1,000 bytes: the log keeps it"));
    }
    let digits: String = reason.chars().filter(char::is_ascii_digit).collect();
    let plain = index::number(reason);
    let repeats = |text: &Option<Hidden<String>>, in_reason: fn(&str, &str, &str) -> bool| {
        let plain = plain.as_ref().map(|plain| plain.show().as_str()).unwrap_or_default();
        text.as_ref().is_some_and(|text| in_reason(text.show(), &digits, plain))
    };
    let phone = repeats(&about.phone, |phone, digits, _| {
        let own: String = phone.chars().filter(char::is_ascii_digit).collect();
        let end = own.get(own.len().saturating_sub(8)..).unwrap_or_default();
        end.len() >= 7 && digits.contains(end)
    });
    let number = repeats(&about.id_number, |number, _, plain| {
        index::number(number).is_some_and(|number| plain.contains(number.show().as_str()))
    });
    let name = repeats(&about.name, |name, _, plain| {
        name.chars().count() > 1 && index::number(name).is_some_and(|name| plain.contains(name.show().as_str()))
    });
    if phone || number || name {
        let message = "say why without a name, phone or number: the log keeps it";
        return Err(ServiceError::invalid("/reason", message));
    }
    Ok(reason)
}
