//! The key ring: a file beside the database that only its owner may read. Each version has a key for sealing and one for
//! the blind indexes; one version is active, the others still open what was sealed under them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::Generate;
use serde::Deserialize;

use super::{Hidden, SecretError, Zeroizing, token};

/// Keys of all versions, in memory. It prints versions, never keys.
#[derive(Clone)]
pub struct KeyRing {
    active: u32,
    keys: BTreeMap<u32, Keys>,
}

/// The keys of a version.
#[derive(Clone)]
struct Keys {
    seal: Hidden<[u8; 32]>,
    index: Hidden<[u8; 32]>,
}

/// Whether a ring was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It was.
    Found,
    /// It was made. Whoever opened it says so plainly: without this file nobody reads what is sealed from now on.
    Made,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    active: u32,
    key: Vec<WrittenKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKeys {
    version: u32,
    seal: Hidden<String>,
    index: Hidden<String>,
}

const HEAD: &str = "\
# Keys of Forbear. Without them nobody can read who borrowers are, so keep a copy apart from the database's.
# Whoever has both can read everything: only the owner of this file may read it.
";

impl KeyRing {
    /// Opens the ring in a file, or makes one where there is no file.
    ///
    /// # Errors
    /// The file cannot be read or written, others than its owner may read it, or it holds no keys.
    pub fn open(path: &Path) -> Result<(Self, Opened), SecretError> {
        if let Some(ring) = Self::find(path)? {
            return Ok((ring, Opened::Found));
        }
        let made = Self::of_memory()?;
        let aside = made.write_aside(path)?;
        // A link is made whole or not at all, and never over what another program made meanwhile.
        let linked = fs::hard_link(&aside, path);
        forget(&aside);
        match linked {
            Ok(()) => Ok((made, Opened::Made)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let found = Self::find(path)?.ok_or_else(|| said(path, "is gone again"))?;
                Ok((found, Opened::Found))
            }
            Err(error) => Err(said(path, &format!("cannot be written: {error}"))),
        }
    }

    /// The ring in a file.
    ///
    /// # Errors
    /// There is no such file, or it cannot be used.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        Self::find(path)?.ok_or_else(|| said(path, "is not there"))
    }

    /// Adds keys to the ring in a file and makes them the active ones. What is sealed under the others is opened as
    /// before, until it is sealed anew.
    ///
    /// # Errors
    /// There is no such file, it cannot be used, or it cannot be written.
    pub fn renew(path: &Path) -> Result<Self, SecretError> {
        Self::change(path, |ring| {
            ring.active = ring.add_keys()?;
            Ok(())
        })
    }

    /// Adds keys to the ring in a file, and leaves active what is: every program reads them before anything is sealed
    /// under them.
    ///
    /// # Errors
    /// As [`KeyRing::renew`].
    pub fn add(path: &Path) -> Result<Self, SecretError> {
        Self::change(path, |ring| ring.add_keys().map(|_| ()))
    }

    /// Makes a version of the ring in a file the active one.
    ///
    /// # Errors
    /// As [`KeyRing::renew`], or there is no such version.
    pub fn activate(path: &Path, version: u32) -> Result<Self, SecretError> {
        Self::change(path, |ring| {
            if !ring.keys.contains_key(&version) {
                return Err(said(path, &format!("has no version {version}: it has {:?}", ring.keys.keys())));
            }
            ring.active = version;
            Ok(())
        })
    }

    /// Takes a version out of the ring in a file. Whether anything needs it is for whoever calls to know.
    ///
    /// # Errors
    /// As [`KeyRing::renew`], or the version is not there or is the active one.
    pub fn remove(path: &Path, version: u32) -> Result<Self, SecretError> {
        Self::change(path, |ring| {
            if ring.active == version {
                return Err(said(path, &format!("seals under version {version}: make another one active first")));
            }
            match ring.keys.remove(&version) {
                Some(_) => Ok(()),
                None => Err(said(path, &format!("has no version {version}: it has {:?}", ring.keys.keys()))),
            }
        })
    }

    fn add_keys(&mut self) -> Result<u32, SecretError> {
        let next = self.keys.keys().last().copied().unwrap_or(0).saturating_add(1);
        self.keys.insert(next, Keys::random()?);
        Ok(next)
    }

    /// Changes the ring in a file. Two who changed it at once would each lose the other's keys, so the second is refused.
    fn change(path: &Path, act: impl FnOnce(&mut Self) -> Result<(), SecretError>) -> Result<Self, SecretError> {
        let mut lock = path.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        create(&lock).map_err(|error| {
            let held = format!("is being changed ({}): if nobody does, remove that file", lock.display());
            let reason =
                if error.kind() == ErrorKind::AlreadyExists { held } else { format!("cannot be written: {error}") };
            said(path, &reason)
        })?;
        let done = Self::read(path).and_then(|mut ring| {
            act(&mut ring)?;
            let aside = ring.write_aside(path)?;
            fs::rename(&aside, path).map_err(|error| {
                forget(&aside);
                said(path, &format!("cannot be written: {error}"))
            })?;
            Ok(ring)
        });
        forget(&lock);
        done
    }

    /// A ring that no file has: what it seals is lost with it.
    ///
    /// # Errors
    /// The machine gives no random numbers.
    pub fn of_memory() -> Result<Self, SecretError> {
        Ok(Self { active: 1, keys: BTreeMap::from([(1, Keys::random()?)]) })
    }

    /// The version that seals.
    #[must_use]
    pub const fn active(&self) -> u32 {
        self.active
    }

    /// All versions.
    pub fn versions(&self) -> impl Iterator<Item = u32> + '_ {
        self.keys.keys().copied()
    }

    pub(super) fn seal_key(&self, version: u32) -> Result<&Hidden<[u8; 32]>, SecretError> {
        self.keys(version).map(|keys| &keys.seal)
    }

    pub(super) fn index_key(&self, version: u32) -> Result<&Hidden<[u8; 32]>, SecretError> {
        self.keys(version).map(|keys| &keys.index)
    }

    fn keys(&self, version: u32) -> Result<&Keys, SecretError> {
        self.keys.get(&version).ok_or(SecretError::Sealed("its key is not in the file of keys"))
    }

    fn find(path: &Path) -> Result<Option<Self>, SecretError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(said(path, &format!("cannot be read: {error}"))),
        };
        refuse_readable(&file, path)?;
        let text = std::io::read_to_string(file).map_err(|error| said(path, &format!("cannot be read: {error}")))?;
        Self::parse(&Zeroizing::new(text), path).map(Some)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, SecretError> {
        // What the parser says may quote a key, so only the line is told.
        let written: Written = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            said(path, &format!("is no file of keys (line {line}): put back the copy that was kept of it"))
        })?;
        let mut keys = BTreeMap::new();
        for own in written.key {
            let wrong = || said(path, &format!("has keys of version {} that are not 32 bytes in base64", own.version));
            let seal = decoded(&own.seal).ok_or_else(wrong)?;
            let index = decoded(&own.index).ok_or_else(wrong)?;
            if keys.insert(own.version, Keys { seal, index }).is_some() {
                return Err(said(path, &format!("has version {} twice", own.version)));
            }
        }
        if !keys.contains_key(&written.active) {
            return Err(said(path, &format!("has no keys of the active version {}", written.active)));
        }
        Ok(Self { active: written.active, keys })
    }

    /// Writes the ring to a new file in the same folder, that only its owner may read.
    fn write_aside(&self, path: &Path) -> Result<PathBuf, SecretError> {
        let mut text = Zeroizing::new(format!("{HEAD}active = {}\n", self.active));
        for (version, keys) in &self.keys {
            let encoded = |key: &Hidden<[u8; 32]>| Zeroizing::new(STANDARD.encode(key.show()));
            let (seal, index) = (encoded(&keys.seal), encoded(&keys.index));
            text.push_str(&format!("\n[[key]]\nversion = {version}\nseal = \"{}\"\n", *seal));
            text.push_str(&format!("index = \"{}\"\n", *index));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", token::hash(token::new("")?.show()).get(..8).unwrap_or_default()));
        let aside = PathBuf::from(name);
        let written = create(&aside).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        match written {
            Ok(()) => Ok(aside),
            Err(error) => {
                forget(&aside);
                Err(said(path, &format!("cannot be written: {error}")))
            }
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<u32> = self.versions().collect();
        f.debug_struct("KeyRing").field("active", &self.active).field("versions", &versions).finish_non_exhaustive()
    }
}

impl Keys {
    fn random() -> Result<Self, SecretError> {
        let key = || <[u8; 32]>::try_generate().map(Hidden::new).map_err(SecretError::machine);
        Ok(Self { seal: key()?, index: key()? })
    }
}

fn decoded(text: &Hidden<String>) -> Option<Hidden<[u8; 32]>> {
    let bytes = Zeroizing::new(STANDARD.decode(text.show()).ok()?);
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Hidden::new)
}

fn said(path: &Path, what: &str) -> SecretError {
    SecretError::File(format!("the file of keys {} {what}", path.display()))
}

/// A file that is left behind holds keys, so somebody has to know.
fn forget(aside: &Path) {
    if let Err(error) = fs::remove_file(aside)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(path = %aside.display(), %error, "a file with keys could not be removed: remove it");
    }
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Refuses a file that the group or everybody may read or change.
#[cfg(unix)]
fn refuse_readable(file: &File, path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let about = file.metadata().map_err(|error| said(path, &format!("cannot be read: {error}")))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(said(path, &format!("may be read by others (mode {mode:03o}): chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn refuse_readable(_: &File, _: &Path) -> Result<(), SecretError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("forbear.keys");
        let (made, how) = KeyRing::open(&path).unwrap();
        assert_eq!(how, Opened::Made);
        let sealed = made.seal("r", b"x").unwrap();
        let (found, how) = KeyRing::open(&path).unwrap();
        assert_eq!((how, found.open_sealed("r", &sealed).unwrap().as_slice()), (Opened::Found, b"x".as_slice()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        let renewed = KeyRing::renew(&path).unwrap();
        assert_eq!(renewed.active(), 2);
        assert_eq!(renewed.open_sealed("r", &sealed).unwrap().as_slice(), b"x");
        assert!(made.open_sealed("r", &renewed.seal("r", b"x").unwrap()).is_err());
        let shown = |ring: KeyRing| format!("{ring:?}");
        assert_eq!(shown(KeyRing::open(&path).unwrap().0), "KeyRing { active: 2, versions: [1, 2], .. }");
        assert_eq!(shown(KeyRing::add(&path).unwrap()), "KeyRing { active: 2, versions: [1, 2, 3], .. }");
        assert!(KeyRing::remove(&path, 2).is_err(), "it seals");
        assert!(KeyRing::activate(&path, 4).is_err() && KeyRing::remove(&path, 4).is_err(), "there is none");
        KeyRing::activate(&path, 3).unwrap();
        assert_eq!(shown(KeyRing::remove(&path, 1).unwrap()), "KeyRing { active: 3, versions: [2, 3], .. }");
        assert!(KeyRing::read(&path).unwrap().open_sealed("r", &sealed).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        fs::write(folder.path().join("forbear.keys.lock"), "").unwrap();
        let error = KeyRing::renew(&path).unwrap_err().to_string();
        assert!(error.contains("is being changed"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_trusted_is_refused_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("forbear.keys");
        KeyRing::open(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        let key = good.split("seal = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let wrong = [
            good.replace("active = 1", "active = 2"),
            good.replace("version = 1", "version = \"1\""),
            good.replace(&key, &key[1..]),
            good.replace("seal = ", "seal = x"),
            good.replace("seal = ", "sael = "),
            good.replace("\"\nindex", "\nindex"),
            format!("{good}{}", good.split("\n\n").nth(1).unwrap()),
            String::new(),
        ];
        for text in wrong {
            fs::write(&path, text).unwrap();
            let error = KeyRing::open(&path).unwrap_err().to_string();
            assert!(error.contains("forbear.keys") && !error.contains(&key[1..]), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("forbear.keys");
        KeyRing::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = KeyRing::open(&path).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
        }
    }
}
