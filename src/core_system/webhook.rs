//! Instructions out by signed webhook.
//!
//! `Forbear-Signature: t=<seconds since 1970>,v1=<hex>`, where the hex is HMAC-SHA256 (RFC 2104) over `<t>.<body>` with
//! the shared secret: the time is signed too, so that an old message cannot be sent again much later.

use std::time::Duration;

use forbear_engine::digest::hex;
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

/// HMAC-SHA256 over `<seconds>.<body>`, in hexadecimal.
#[must_use]
pub fn signature(secret: &[u8], seconds: i64, body: &str) -> String {
    // Keys of any length are allowed: no error can come of it.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{seconds}.{body}").as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// How far the time of a message may be from ours, in seconds: what is older was sent before, and is sent again by somebody else.
pub const WINDOW: i64 = 300;

/// Why a message that came in is not taken for one of the other side's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// The header has another form than `t=<seconds>,v1=<hex>`.
    Malformed,
    /// Its time is too far from ours.
    Outdated,
    /// It was signed with another secret, or changed on the way.
    Wrong,
}

impl Unsigned {
    /// What would be right.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Malformed => "Forbear-Signature is t=<seconds>,v1=<64 hexadecimal digits>",
            Self::Outdated => "the signature is of another time: sign anew, by a clock that is right",
            Self::Wrong => "the signature is of another secret or another body",
        }
    }
}

/// Holds the signature of a message that came in against its body, in a time that does not tell how much of it is right.
///
/// # Errors
/// It is not signed, was signed long ago, or is signed wrongly.
pub fn verify(secret: &[u8], header: &str, body: &[u8], now: i64) -> Result<(), Unsigned> {
    let (time, signature) = header.split_once(",v1=").ok_or(Unsigned::Malformed)?;
    let time = time.strip_prefix("t=").ok_or(Unsigned::Malformed)?;
    let digits = (1..=12).contains(&time.len()) && time.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i64 = time.parse().ok().filter(|_| digits).ok_or(Unsigned::Malformed)?;
    if signature.len() != 64 || !signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Unsigned::Malformed);
    }
    if now.abs_diff(seconds) > WINDOW.unsigned_abs() {
        return Err(Unsigned::Outdated);
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return Err(Unsigned::Wrong) };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let own = hex(&mac.finalize().into_bytes());
    if bool::from(own.as_bytes().ct_eq(signature.as_bytes())) { Ok(()) } else { Err(Unsigned::Wrong) }
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

    const OPENSSL: &str = "37f471929915ccd2cbbe79feb84ffcff4f2bb25e15fc41c2506687331ae179cc";

    #[test]
    fn what_comes_in_is_held_against_secret_time_and_body() {
        let signed = format!("t=1000,v1={}", signature(b"Jefe", 1000, "{}"));
        assert_eq!(verify(b"Jefe", &signed, b"{}", 1300), Ok(()));
        assert_eq!(verify(b"Jefe", &signed, b"{}", 700), Ok(()));
        assert_eq!(verify(b"Jefe", &signed, b"{}", 1301), Err(Unsigned::Outdated));
        assert_eq!(verify(b"Jefe", &signed, b"{ }", 1000), Err(Unsigned::Wrong));
        assert_eq!(verify(b"jefe", &signed, b"{}", 1000), Err(Unsigned::Wrong));
        assert_eq!(verify(b"Jefe", &signed.replace("t=1000", "t=1001"), b"{}", 1000), Err(Unsigned::Wrong));
        for header in ["", "t=1000", "v1=00", "t=,v1=00", "t=-1,v1=00", "t=1e3,v1=00"] {
            assert_eq!(verify(b"Jefe", header, b"{}", 1000), Err(Unsigned::Malformed), "{header}");
        }
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(Webhook::new("http://127.0.0.1:1", vec![7; 31]).is_err());
        assert!(Webhook::new("http://127.0.0.1:1", vec![7; 32]).is_ok());
    }
}
