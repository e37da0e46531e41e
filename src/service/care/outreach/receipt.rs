//! Receipts: the gateway says whether phones have what it took.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::core_system::webhook::{Unsigned, verify};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::message::{self, MessageRow};
use crate::store::{Connection, id};

/// What became of a message at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrived {
    /// The phone has it.
    Delivered,
    /// It will not get it.
    Failed,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The message, as it was named to the gateway.
    pub message: String,
    /// What became of it.
    pub status: Arrived,
    /// A word of the gateway's for why it failed: letters, digits, `-` and `_`.
    #[serde(default)]
    pub code: Option<String>,
}

/// What was made of receipts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Receipts {
    /// Those that said something new.
    pub taken: u64,
    /// Those that said what is known.
    pub known: u64,
    /// Messages that are none of ours.
    pub unknown: Vec<String>,
}

/// Receipts of one call, at most.
pub const MOST: usize = 1_000;

impl Service {
    /// Whether what came in was signed by the gateway.
    ///
    /// # Errors
    /// No receipts are taken here, or it was not: what would be right.
    pub fn signed_by_gateway(&self, said: Option<&str>, body: &str) -> Result<(), &'static str> {
        let secret = self.outreach().and_then(|outreach| outreach.receipts.as_ref());
        let secret = secret.ok_or("no receipts are taken here: outreach.receipts_secret is not set")?;
        let now = self.clock.now().and_utc().timestamp();
        verify(secret.show(), said.unwrap_or_default(), body.as_bytes(), now).map_err(Unsigned::said)
    }

    /// Takes receipts; said again they change nothing. One that comes before it is known that the gateway took the message says
    /// that too, so that it is not sent again.
    ///
    /// # Errors
    /// There are too many, or a code is none.
    pub fn take_receipts(&self, conn: &mut Connection, receipts: &[Receipt]) -> Served<Receipts> {
        if receipts.len() > MOST {
            return Err(ServiceError::invalid("/receipts", format!("{MOST} at once at most")));
        }
        let of_code = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let mut made = Receipts::default();
        for (at, receipt) in receipts.iter().enumerate() {
            let code = receipt.code.as_deref();
            if code.is_some_and(|code| !(1..=40).contains(&code.len()) || !code.chars().all(of_code)) {
                let message = "1 to 40 letters, digits, - and _: no words about anybody";
                return Err(ServiceError::invalid(&format!("/receipts/{at}/code"), message));
            }
            let row = id::inside("message", &receipt.message).map(|id| message::find(conn, id)).transpose()?.flatten();
            let Some(row) = row else {
                made.unknown.push(receipt.message.clone());
                continue;
            };
            let count = if self.receive(conn, row, receipt)? { &mut made.taken } else { &mut made.known };
            *count = count.saturating_add(1);
        }
        Ok(made)
    }

    fn receive(&self, conn: &mut Connection, row: MessageRow, receipt: &Receipt) -> Served<bool> {
        let now = self.clock.now();
        let (state, due): (String, NaiveDateTime) = (row.state.clone(), row.next_at);
        let new = match (receipt.status, state.as_str()) {
            (Arrived::Delivered, "queued" | "sent" | "failed") => MessageRow {
                state: "delivered".to_owned(),
                reason: None,
                sent_at: row.sent_at.or(Some(now)),
                delivered_at: Some(now),
                ..row
            },
            (Arrived::Failed, "queued" | "sent") => MessageRow {
                state: "failed".to_owned(),
                reason: Some("undelivered".to_owned()),
                sent_at: row.sent_at.or(Some(now)),
                failure: receipt.code.as_ref().map(|code| format!("the gateway says {code}")),
                ..row
            },
            _ => return Ok(false),
        };
        let new = MessageRow { sending: false, changed_at: now, ..new };
        crate::service::policy::changed(message::advance(conn, &new, (&state, due))?)?;
        if new.state == "failed" {
            let detail = serde_json::json!({"code": receipt.code});
            log(conn, now, &Actor::system(), "message.undelivered", &id::outside("message", new.id), &detail)?;
        }
        Ok(true)
    }
}
