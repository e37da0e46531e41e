//! Files of a folder.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::MOST_BYTES;

/// Files of a folder that are looked at: more are no feed.
const MOST_FILES: usize = 10_000;

/// A file as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// When it was last changed, in nanoseconds since 1970.
    pub modified: u128,
}

/// The files of a folder by name, but for hidden ones. Links are not followed: they may lead anywhere.
///
/// # Errors
/// The folder cannot be read, or holds too many.
pub fn files(folder: &Path) -> Result<Vec<Lying>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(about) = entry.path().symlink_metadata() else { continue };
        if name.starts_with('.') || !about.is_file() {
            continue;
        }
        if found.len() >= MOST_FILES {
            return Err(format!("{} holds more than {MOST_FILES} files: move away what was read", folder.display()));
        }
        found.push(lying(name, entry.path(), &about));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// A file by its path; a link to one is followed, because somebody named it.
///
/// # Errors
/// There is none.
pub fn file(path: &Path) -> Result<Lying, String> {
    let about = path.metadata().map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if !about.is_file() {
        return Err(format!("{} is no file", path.display()));
    }
    Ok(lying(path.display().to_string(), path.to_owned(), &about))
}

fn lying(name: String, path: PathBuf, about: &Metadata) -> Lying {
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Lying { name, path, size: about.len(), modified: modified.map_or(0, |since| since.as_nanos()) }
}

/// What is in a file; one byte more than is taken of a larger one, so that it is refused for its size.
///
/// # Errors
/// It cannot be read.
pub fn read(lying: &Lying) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", lying.path.display());
    let mut bytes = Vec::new();
    let file = File::open(&lying.path).map_err(failed)?;
    file.take(MOST_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_links_and_folders_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("b.cap"), "bb").unwrap();
        std::fs::write(path("a.cap"), "a").unwrap();
        std::fs::write(path(".c.cap"), "c").unwrap();
        std::fs::create_dir(path("d.cap")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", path("e.cap")).unwrap();
        let found = files(folder.path()).unwrap();
        assert_eq!(
            found.iter().map(|one| (one.name.as_str(), one.size)).collect::<Vec<_>>(),
            [("a.cap", 1), ("b.cap", 2)]
        );
        assert_eq!(read(&found[1]).unwrap(), b"bb");
        assert!(files(&path("none")).unwrap_err().starts_with("cannot read "));
        assert!(file(&path("d.cap")).unwrap_err().ends_with("is no file"));
    }
}
