//! Instructions out by signed webhook.
//!
//! `Forbear-Signature: t=<seconds since 1970>,v1=<hex>`, where the hex is HMAC-SHA256 (RFC 2104) over `<t>.<body>` with
//! the shared secret: the time is signed too, so that an old message cannot be sent again much later.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The lender's loan system at an address.
pub struct Webhook {
    agent: ureq::Agent,
    url: String,
    secret: SecretBox<[u8]>,
}

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The least a secret may have.
pub const SECRET: usize = 32;

impl Webhook {
    /// To an address, with the secret that both sides know.
    ///
    /// # Errors
    /// The secret is too short to protect anything.
    pub fn new(url: &str, secret: Vec<u8>) -> Result<Self, String> {
        Self::patient(url, secret, PATIENCE)
    }

    /// The same, where the other side may take so long.
    ///
    /// # Errors
    /// As [`Webhook::new`].
    pub fn patient(url: &str, secret: Vec<u8>, patience: Duration) -> Result<Self, String> {
        if secret.len() < SECRET {
            return Err(format!("the secret of the webhook has {} bytes: it needs {SECRET} or more", secret.len()));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Ok(Self { agent: config.into(), url: url.to_owned(), secret: secret.into_boxed_slice().into() })
    }

    /// Sends a body, signed. `id` is the same however often it is sent.
    ///
    /// # Errors
    /// The other side cannot be reached, or does not say that it has it (2xx): what it said.
    pub fn send(&self, id: &str, body: &str, seconds: i64) -> Result<(), String> {
        match self.call(id, body, seconds)? {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered {status}")),
        }
    }

    /// The same, for whoever wants to know what it answered. The name goes along as `Idempotency-Key` too.
    ///
    /// # Errors
    /// The other side cannot be reached.
    pub fn call(&self, id: &str, body: &str, seconds: i64) -> Result<ureq::http::StatusCode, String> {
        let signed = signature(self.secret.expose_secret(), seconds, body);
        let sent = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header("Forbear-Delivery", id)
            .header("Idempotency-Key", id)
            .header("Forbear-Signature", &format!("t={seconds},v1={signed}"))
            .send(body);
        sent.map(|answer| answer.status()).map_err(|error| error.to_string())
    }
}

/// How far the time of a signature may be from now, in seconds.
const WINDOW: u64 = 300;

/// Checks the signature of what came in, in the form of [`Webhook::send`]: in a time that does not tell how much of it is right.
///
/// # Errors
/// It has none, an old one, or another's: what would be right.
pub fn verify(secret: &[u8], said: Option<&str>, body: &str, now: i64) -> Result<(), &'static str> {
    let form = "Forbear-Signature: t=<seconds since 1970>,v1=<HMAC-SHA256 over t.body in hexadecimal>";
    let (time, hex) = said.and_then(|said| said.strip_prefix("t=")?.split_once(",v1=")).ok_or(form)?;
    let seconds: i64 = time.parse().map_err(|_| form)?;
    if seconds.abs_diff(now) > WINDOW {
        return Err("the signature is older than five minutes, or of a time to come: sign anew");
    }
    let own = signature(secret, seconds, body);
    if !own.is_empty() && bool::from(own.as_bytes().ct_eq(hex.as_bytes())) {
        return Ok(());
    }
    Err("the signature is not of this body with the secret that both sides know")
}

/// HMAC-SHA256 over `<seconds>.<body>`, in hexadecimal.
#[must_use]
pub fn signature(secret: &[u8], seconds: i64, body: &str) -> String {
    // Keys of any length are allowed: no error can come of it.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{seconds}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '0.what do ya want for nothing?' | openssl dgst -sha256 -hmac Jefe`
    #[test]
    fn the_signature_is_over_time_and_body() {
        let own = signature(b"Jefe", 0, "what do ya want for nothing?");
        assert_ne!(own, signature(b"Jefe", 1, "what do ya want for nothing?"));
        assert_ne!(own, signature(b"jefe", 0, "what do ya want for nothing?"));
        assert_eq!(own, OPENSSL);
    }

    #[test]
    fn what_comes_in_is_held_against_time_and_secret() {
        let secret = [7_u8; 32];
        let said = |at: i64| format!("t={at},v1={}", signature(&secret, at, "{}"));
        assert_eq!(verify(&secret, Some(&said(1_000)), "{}", 1_300), Ok(()));
        assert_eq!(verify(&secret, Some(&said(1_000)), "{}", 700), Ok(()));
        for (signed, body, now) in [
            (Some(said(1_000)), "{}", 1_301),
            (Some(said(1_000)), "{}", 699),
            (Some(said(1_000)), "{ }", 1_000),
            (Some(said(1_000).replace("t=1000", "t=1001")), "{}", 1_000),
            (Some("t=1000,v1=".to_owned()), "{}", 1_000),
            (Some("1000".to_owned()), "{}", 1_000),
            (None, "{}", 1_000),
        ] {
            assert!(verify(&secret, signed.as_deref(), body, now).is_err(), "{signed:?} {body} {now}");
        }
        assert!(verify(&[8; 32], Some(&said(1_000)), "{}", 1_000).is_err());
    }

    const OPENSSL: &str = "37f471929915ccd2cbbe79feb84ffcff4f2bb25e15fc41c2506687331ae179cc";

    #[test]
    fn a_short_secret_is_refused() {
        assert!(Webhook::new("http://127.0.0.1:1", vec![7; 31]).is_err());
        assert!(Webhook::new("http://127.0.0.1:1", vec![7; 32]).is_ok());
    }
}
