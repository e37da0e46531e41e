//! Codes and messages in a file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::{CodeSender, Letter, MessageSender, NotTaken};
use crate::secret::Hidden;

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

/// Appends messages to a file, a line of JSON each. For trying Forbear out only: whoever reads the file sees phones.
pub struct MessageFile {
    path: PathBuf,
    one_at_a_time: Mutex<()>,
}

impl MessageFile {
    /// Over a file, which is made when the first message is sent.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, one_at_a_time: Mutex::new(()) }
    }
}

impl MessageSender for MessageFile {
    fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let line = serde_json::json!({
            "message": letter.name, "phone": letter.phone.show(), "text": letter.text, "language": letter.language,
        });
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&self.path).and_then(|mut file| writeln!(file, "{line}"));
        written.map_err(|error| NotTaken::Later(error.to_string()))
    }
}
