//! What a lender sets once about who gets in.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use super::issuer::Issuer;
use crate::secret::Hidden;
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

/// Takes one-time codes to phones.
pub trait CodeSender: Send + Sync {
    /// Sends a code. It should return at once (put it in a queue): how long it takes tells whether the phone is known.
    ///
    /// # Errors
    /// It cannot be sent. The reason goes to the log, so it must hold neither phone nor code.
    fn send(&self, phone: &Hidden<String>, code: &Hidden<String>, language: Option<&str>) -> Result<(), String>;
}

/// Appends codes to a file. For trying Forbear out only: whoever reads the file gets in as anybody.
pub struct CodeFile {
    path: PathBuf,
    one_at_a_time: Mutex<()>,
}

impl CodeFile {
    /// Over a file, which is made when the first code is sent.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, one_at_a_time: Mutex::new(()) }
    }
}

impl CodeSender for CodeFile {
    fn send(&self, phone: &Hidden<String>, code: &Hidden<String>, _: Option<&str>) -> Result<(), String> {
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(|error| error.to_string())?;
        writeln!(file, "{} {}", phone.show(), code.show()).map_err(|error| error.to_string())
    }
}
