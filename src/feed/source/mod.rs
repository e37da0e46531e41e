//! Where feeds are read from: a file, a folder, or an address that is on a list.

pub mod folder;
pub mod web;

use std::path::PathBuf;

/// Where a feed is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file that somebody else writes anew.
    File(PathBuf),
    /// A folder into which somebody else puts files.
    Folder(PathBuf),
    /// An address.
    Web(String),
}

impl Source {
    /// As it is shown.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => format!("file {}", path.display()),
            Self::Folder(path) => format!("folder {}", path.display()),
            Self::Web(url) => url.clone(),
        }
    }
}

/// The bytes that are read of one file or answer: as many as of the largest format.
pub const MOST_BYTES: u64 = 32 << 20;
