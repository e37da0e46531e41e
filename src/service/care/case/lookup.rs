//! Progress for whoever has a case's number and the last four digits of its borrower's phone. A guesser learns nothing: a number
//! that there is not, wrong digits and a number that is locked have one answer, the same work and, at the desk, the same time.

use chrono::TimeDelta;
use serde_json::json;

use super::progress::Progress;
use super::{CaseRow, named};
use crate::secret::index::Field;
use crate::secret::{Hidden, hidden};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};
use crate::store::tries::{self, TriesRow};
use crate::store::{Connection, account, case, guard, person};

/// Wrong attempts after which a number is locked, and for how long.
const TRIES: i32 = 5;
const LOCKED: TimeDelta = TimeDelta::hours(1);

/// Wrong attempts are counted for so long.
const COUNTED: TimeDelta = TimeDelta::hours(24);

/// The longest text that is taken for a number.
const LONGEST: usize = 40;

impl Service {
    /// Where a case stands, for whoever knows its number and the end of the phone of somebody who owes the loan; none otherwise.
    ///
    /// # Errors
    /// The store fails.
    pub fn look_up(&self, number: &str, last4: &Hidden<String>) -> Served<Option<Progress>> {
        let number = tidy(number);
        self.store.write(|conn| self.try_number(conn, &number, last4))
    }

    /// The same within a transaction.
    pub(in crate::service) fn try_number(
        &self,
        conn: &mut Connection,
        number: &str,
        last4: &Hidden<String>,
    ) -> Served<Option<Progress>> {
        let now = self.clock.now();
        let index = self.keys()?.index(Field::Case, number)?;
        // Attempts at one number wait for each other, so that many at once are counted one by one.
        let start = index.split('.').nth(1).and_then(|hash| hash.get(..2)).unwrap_or_default();
        let mut names = vec![format!("numbers:{start}")];
        guard::make(conn, &names)?;
        guard::take(conn, &mut names)?;
        let known = tries::find(conn, &self.keys()?.indexes(Field::Case, number)?)?;
        let recent =
            known.filter(|row| now.signed_duration_since(row.first_at) < COUNTED || row.locked_until > Some(now));
        let locked = recent.as_ref().is_some_and(|row| row.locked_until.is_some_and(|until| until > now));
        let row = case::by_number(conn, number)?;
        // Also where it is locked or there is none: that shall take as long.
        let right = self.ends_with(conn, row.as_ref(), last4)?;
        if let Some(row) = row.filter(|_| right && !locked) {
            if let Some(before) = recent {
                tries::keep(conn, &TriesRow { wrong: 0, locked_until: None, first_at: now, ..before })?;
            }
            return self.progress_of(conn, row).map(Some);
        }
        let wrong = recent.as_ref().map_or(0, |row| row.wrong).saturating_add(1);
        let locks = wrong >= TRIES && !locked;
        let until = recent.as_ref().and_then(|row| row.locked_until).filter(|_| locked);
        let until = if locks { now.checked_add_signed(LOCKED) } else { until };
        let first_at = recent.as_ref().map_or(now, |row| row.first_at);
        let number_index = recent.map_or(index, |row| row.number_index);
        // Once it is locked, counting begins again.
        let wrong = if locks { 0 } else { wrong };
        tries::keep(conn, &TriesRow { number_index, wrong, first_at, locked_until: until })?;
        if locks {
            let object = row_name(conn, number)?;
            log(conn, now, &Actor::system(), "progress.lock", &object, &json!({"until": until}))?;
        }
        Ok(None)
    }

    /// Whether somebody who owes a case's loan has a phone with this end. As much is opened where there is no case.
    fn ends_with(&self, conn: &mut Connection, row: Option<&CaseRow>, last4: &Hidden<String>) -> Served<bool> {
        let account = row.and_then(|row| row.account_id);
        let borrowers = account::borrowers(conn, account.unwrap_or_default())?;
        let people = person::on_account(conn, account.unwrap_or_default())?;
        let mut right = false;
        for own in people.iter().filter(|own| borrowers.contains(&own.party)) {
            if let Some((phone, _)) = self.reached(own)? {
                let end = phone.show().get(phone.show().len().saturating_sub(4)..).unwrap_or_default();
                right |= hidden::same(end, last4.show().trim());
            }
        }
        if people.is_empty() {
            self.open_nobody()?;
        }
        Ok(right)
    }

    /// Opens what is of nobody.
    fn open_nobody(&self) -> Served<()> {
        let keys = self.keys()?;
        let sealed = keys.seal("persons/", b"{}")?;
        keys.open_sealed("persons/", &sealed)?;
        Ok(())
    }

    /// Forgets wrong attempts of long ago; says how many.
    ///
    /// # Errors
    /// The store fails.
    pub fn forget_tries(&self) -> Served<usize> {
        let now = self.clock.now();
        let before = now.checked_sub_signed(COUNTED).unwrap_or(now);
        Ok(self.store.write(|conn| tries::forget(conn, before))?)
    }
}

/// What the log calls it: numbers that there are not are not repeated there.
fn row_name(conn: &mut Connection, number: &str) -> Served<String> {
    Ok(case::by_number(conn, number)?.map_or_else(|| "case_unknown".to_owned(), |row| named(row.id)))
}

/// A number as people type it: in any case and width, with or without dashes, and the letters that a number never has taken for
/// the digits that they look like.
#[must_use]
pub fn tidy(number: &str) -> String {
    let letters: String = number.trim().chars().take(LONGEST).filter_map(letter).collect();
    match (letters.get(..5), letters.get(5..9), letters.get(9..)) {
        (Some(first), Some(second), Some(third)) if letters.len() == 13 => format!("{first}-{second}-{third}"),
        _ => letters,
    }
}

fn letter(typed: char) -> Option<char> {
    let plain = match u32::from(typed) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide.saturating_sub(0xFEE0)).unwrap_or(typed),
        _ => typed,
    };
    match plain.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        known if known.is_ascii_alphanumeric() => Some(known),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_it_is_typed() {
        for typed in ["0ABCD-EFGH-JKMN", " 0abcd efgh jkmn ", "oabcdefghjkmn", "０ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ"]
        {
            assert_eq!(tidy(typed), "0ABCD-EFGH-JKMN", "{typed}");
        }
        assert_eq!(tidy("' OR 1=1 --"), "0R11");
        assert_eq!(tidy(&"9".repeat(500)).len(), LONGEST);
    }
}
