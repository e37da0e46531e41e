//! What people get in touch about: contacts, their cases, progress.

pub mod acting;
pub mod cases;
pub mod complaints;
pub mod contacts;
pub mod progress;
pub mod reporting;
pub mod sms;

use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Deserializer, Serializer};

use crate::secret::Hidden;

/// A moment in a body, RFC 3339.
pub(super) mod moments {
    use super::{DateTime, Deserialize, Deserializer, NaiveDateTime, Serializer};

    /// Reads one.
    pub fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Option<NaiveDateTime>, D::Error> {
        let read = Option::<DateTime<chrono::Utc>>::deserialize(source)?;
        Ok(read.map(|at| at.naive_utc()))
    }

    /// Writes one.
    #[allow(clippy::ref_option, reason = "serde's shape")]
    pub fn serialize<S: Serializer>(at: &Option<NaiveDateTime>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.serialize_str(&crate::api::shape::moment(*at)),
            None => to.serialize_none(),
        }
    }
}

/// Text that may name somebody, in a body of which the digest is kept with an Idempotency-Key: only its own digest goes into that.
pub(super) mod said {
    use super::{Hidden, Serializer};

    /// Writes what two bodies are told apart by.
    pub fn serialize<S: Serializer>(text: &Hidden<String>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&crate::secret::token::hash(text.show()))
    }
}
