//! What a lender sets once about who gets in.

use std::sync::Arc;

use chrono::TimeDelta;

use super::issuer::Issuer;
use crate::secret::Hidden;
use crate::sender::CodeSender;
use crate::service::{Served, ServiceError};

/// Who gets in, and for how long.
#[derive(Clone)]
pub struct AccessSettings {
    /// How long a session lasts that nobody uses.
    pub idle: TimeDelta,
    /// How long a user's session lasts in any case.
    pub longest: TimeDelta,
    /// How long a borrower's session lasts in any case.
    pub borrower_longest: TimeDelta,
    /// Who else vouches for the lender's people; none where only users of Forbear sign in.
    pub issuer: Option<Arc<Issuer>>,
    /// What the lender's app signs hand-off tokens with; none where there is no such app.
    pub hand_off: Option<HandOffKey>,
    /// What takes one-time codes to phones; none where borrowers do not sign in by phone.
    pub sender: Option<Arc<dyn CodeSender>>,
}

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            idle: TimeDelta::minutes(30),
            longest: TimeDelta::hours(12),
            borrower_longest: TimeDelta::hours(2),
            issuer: None,
            hand_off: None,
            sender: None,
        }
    }
}

/// The key that the lender's app and Forbear share.
#[derive(Debug, Clone)]
pub struct HandOffKey(Hidden<Vec<u8>>);

impl HandOffKey {
    /// A key of at least 32 bytes.
    ///
    /// # Errors
    /// It is shorter: HS256 would not be as strong as its hash.
    pub fn new(key: Hidden<Vec<u8>>) -> Served<Self> {
        if key.show().len() < 32 {
            return Err(ServiceError::invalid("", "the key that the app shares is shorter than 32 bytes"));
        }
        Ok(Self(key))
    }

    pub(super) fn show(&self) -> &[u8] {
        self.0.show()
    }
}
