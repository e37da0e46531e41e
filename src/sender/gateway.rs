//! Messages to the lender's gateway, by its webhook: signed, with an Idempotency-Key.

use serde::Serialize;

use super::{Letter, MessageSender, NotTaken};
use crate::core_system::webhook::Webhook;
use crate::secret::Hidden;

/// A gateway.
pub struct Gateway {
    to: Webhook,
}

/// What the gateway gets.
#[derive(Serialize)]
struct Body<'a> {
    kind: &'static str,
    message: &'a str,
    phone: &'a str,
    text: &'a str,
    language: &'a str,
}

impl Gateway {
    /// At an address.
    #[must_use]
    pub const fn new(to: Webhook) -> Self {
        Self { to }
    }
}

impl MessageSender for Gateway {
    fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        let body = Body {
            kind: "message",
            message: letter.name,
            phone: letter.phone.show(),
            text: letter.text,
            language: letter.language,
        };
        let body = serde_json::to_string(&body).map_err(|_| NotTaken::Never("it has no JSON".to_owned()))?;
        let body = Hidden::new(body);
        let status = self.to.call(letter.name, body.show(), letter.seconds).map_err(NotTaken::Later)?;
        match status.as_u16() {
            200..300 => Ok(()),
            // Too early, too many, a conflict with an attempt that is under way: of the moment, not of the message.
            401 | 403 | 404 | 408 | 409 | 423 | 425 | 429 => Err(NotTaken::Later(format!("it answered {status}"))),
            400..500 => Err(NotTaken::Never(format!("it answered {status}"))),
            _ => Err(NotTaken::Later(format!("it answered {status}"))),
        }
    }
}
