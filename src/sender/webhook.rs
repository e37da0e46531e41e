//! Codes to the lender's own gateway for messages, by its webhook.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use chrono::Utc;
use serde::Serialize;

use super::CodeSender;
use crate::core_system::webhook::Webhook;
use crate::secret::{Hidden, token};

/// Codes that wait for the gateway, at most: more than it takes in the five minutes for which a code is good.
const WAITING: usize = 10_000;

/// How often a code is tried: somebody waits for it, and can ask for another.
const TRIES: u32 = 3;

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Hands codes to a thread that sends them, so that nobody can tell by the time whether there was one to send.
pub struct CodeWebhook {
    queue: SyncSender<Code>,
}

struct Code {
    phone: Hidden<String>,
    code: Hidden<String>,
    language: Option<String>,
}

/// What the gateway gets.
#[derive(Serialize)]
struct Message<'a> {
    kind: &'static str,
    phone: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
}

impl CodeWebhook {
    /// Begins to send.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn start(to: Webhook) -> std::io::Result<Self> {
        let (queue, codes) = sync_channel(WAITING);
        thread::Builder::new().name("codes".to_owned()).spawn(move || work(&to, &codes))?;
        Ok(Self { queue })
    }
}

impl CodeSender for CodeWebhook {
    fn send(&self, phone: &Hidden<String>, code: &Hidden<String>, language: Option<&str>) -> Result<(), String> {
        let code = Code { phone: phone.clone(), code: code.clone(), language: language.map(str::to_owned) };
        self.queue.try_send(code).map_err(|error| match error {
            TrySendError::Full(_) => format!("{WAITING} codes wait for the gateway already"),
            TrySendError::Disconnected(_) => "nothing sends codes any longer".to_owned(),
        })
    }
}

fn work(to: &Webhook, codes: &Receiver<Code>) {
    while let Ok(code) = codes.recv() {
        if let Err(reason) = send(to, &code) {
            tracing::error!(%reason, "the gateway did not take a one-time code");
        }
    }
}

fn send(to: &Webhook, code: &Code) -> Result<(), String> {
    // The same however often it is tried, so that the gateway sends one message.
    let id = token::new("code_").map_err(|error| error.to_string())?;
    let message =
        Message { kind: "code", phone: code.phone.show(), code: code.code.show(), language: code.language.as_deref() };
    let body = Hidden::new(serde_json::to_string(&message).map_err(|error| error.to_string())?);
    let mut tried = 0;
    loop {
        let sent = to.send(id.show(), body.show(), Utc::now().timestamp());
        tried += 1;
        match sent {
            Err(_) if tried < TRIES => thread::sleep(PAUSE),
            sent => return sent,
        }
    }
}
