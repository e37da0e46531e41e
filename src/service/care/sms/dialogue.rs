//! What was asked of a phone, so that the next message from it can be an answer.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::receiving::Sender;
use crate::service::care::drafting::{keep, kept};
use crate::service::{Served, Service};
use crate::store::sms::{self, DialogueRow};
use crate::store::{Connection, account};

/// What is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Expect {
    /// Which of several loans.
    Loan { accounts: Vec<i64>, declaration: Option<String> },
    /// Whether relief is to be asked for.
    Asking { accounts: Vec<i64>, declaration: Option<String> },
    /// The answer to a question of the policies.
    Answer { requests: Vec<i64>, fact: String },
    /// Whether an answer was understood.
    Understood { requests: Vec<i64>, fact: String, value: Value },
    /// That what was said is true.
    Statement { requests: Vec<i64>, kind: String },
    /// One of several ways to move payments.
    Offer { requests: Vec<i64>, request: i64, offers: Vec<String> },
    /// Agreement with what was shown.
    Consent { requests: Vec<i64>, request: i64, shown: String },
}

/// An answer counts for so long.
const COUNTS: TimeDelta = TimeDelta::hours(24);

impl Service {
    /// What is expected of a sender, if anything; it is asked once.
    pub(super) fn expected_of(&self, conn: &mut Connection, sender: &Sender) -> Served<Option<Expect>> {
        let Some(row) = sms::dialogue(conn, &sender.indexes)? else { return Ok(None) };
        // A phone that changed hands answers nothing of who had it before.
        if row.until <= self.clock.now() || !sender.parties.contains(&row.party) {
            return Ok(None);
        }
        kept(&row.expects).map(Some)
    }

    /// Asks something of a sender, or no longer does.
    pub(super) fn expect(&self, conn: &mut Connection, sender: &Sender, expects: Option<&Expect>) -> Served<()> {
        let now = self.clock.now();
        let party = sender.parties.first().cloned().unwrap_or_default();
        let row = match expects {
            Some(expects) => Some(DialogueRow {
                sender_index: sender.index.clone(),
                party,
                expects: keep(expects)?,
                until: now.checked_add_signed(COUNTS).unwrap_or(now),
            }),
            None => None,
        };
        Ok(sms::expect(conn, &sender.indexes, row.as_ref())?)
    }
}

/// Who of the people with a phone owes an account.
pub(super) fn party_on(conn: &mut Connection, sender: &Sender, account: i64) -> Served<Option<String>> {
    let owing = account::borrowers(conn, account)?;
    Ok(sender.parties.iter().find(|party| owing.contains(party)).cloned())
}
