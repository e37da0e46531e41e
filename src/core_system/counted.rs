//! Where a reader stands in what it reads: bytes, lines, a digest of what came so far, and whether it broke off.

use std::cell::RefCell;
use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

use forbear_engine::digest::hex;
use sha2::{Digest, Sha256};

/// A source of bytes that is watched.
pub struct Counted<R> {
    source: R,
    place: Place,
}

/// Where it stands; told also while somebody else reads.
#[derive(Clone)]
pub struct Place(Rc<RefCell<State>>);

struct State {
    /// After the last whole line.
    whole: At,
    /// Where the last whole line began.
    last: At,
    /// Bytes of a line that has not ended.
    part: u64,
    hash: Sha256,
    ended: bool,
    broken: bool,
}

/// A place between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At {
    /// Bytes before it.
    pub bytes: u64,
    /// Lines before it.
    pub lines: u64,
}

impl<R: BufRead> Counted<R> {
    /// From its beginning.
    pub fn new(source: R) -> Self {
        let state = State {
            whole: At::default(),
            last: At::default(),
            part: 0,
            hash: Sha256::new(),
            ended: false,
            broken: false,
        };
        Self { source, place: Place(Rc::new(RefCell::new(state))) }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Passes over so many bytes; says whether there were as many.
    ///
    /// # Errors
    /// The source fails.
    pub fn pass(&mut self, bytes: u64) -> io::Result<bool> {
        let passed = io::copy(&mut self.by_ref().take(bytes), &mut io::sink())?;
        Ok(passed == bytes)
    }
}

impl Place {
    /// The number of the line that was read last, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        let state = self.0.borrow();
        state.whole.lines.saturating_add(u64::from(state.part > 0))
    }

    /// After what was read.
    #[must_use]
    pub fn after(&self) -> At {
        let state = self.0.borrow();
        At {
            bytes: state.whole.bytes.saturating_add(state.part),
            lines: state.whole.lines.saturating_add(u64::from(state.part > 0)),
        }
    }

    /// Before the line that was read last: where whoever has read one line too far goes on. At the end that is the end.
    #[must_use]
    pub fn before_last(&self) -> At {
        let state = self.0.borrow();
        if state.ended {
            drop(state);
            self.after()
        } else {
            state.last
        }
    }

    /// Whether the source failed before its end.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.0.borrow().broken
    }

    /// SHA-256 of what was read, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&self.0.borrow().hash.clone().finalize())
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let place = &self.place;
        match self.source.fill_buf() {
            Ok(held) => {
                if held.is_empty() {
                    place.0.borrow_mut().ended = true;
                }
                Ok(held)
            }
            Err(error) => {
                if error.kind() != ErrorKind::Interrupted {
                    place.0.borrow_mut().broken = true;
                }
                Err(error)
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed was filled before: this asks for nothing new.
        if let Ok(held) = self.source.fill_buf() {
            let mut state = self.place.0.borrow_mut();
            let mut rest = held.get(..amount).unwrap_or(held);
            state.hash.update(rest);
            while let Some(end) = memchr::memchr(b'\n', rest) {
                let length = u64::try_from(end).unwrap_or(u64::MAX).saturating_add(1);
                let whole = state.whole;
                state.last = whole;
                state.whole = At {
                    bytes: whole.bytes.saturating_add(state.part).saturating_add(length),
                    lines: whole.lines.saturating_add(1),
                };
                state.part = 0;
                rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
            }
            state.part = state.part.saturating_add(u64::try_from(rest.len()).unwrap_or(u64::MAX));
        }
        self.source.consume(amount);
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let held = self.fill_buf()?;
        let amount = held.len().min(into.len());
        let (from, to) = (held.get(..amount), into.get_mut(..amount));
        if let (Some(from), Some(to)) = (from, to) {
            to.copy_from_slice(from);
        }
        self.consume(amount);
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn it_says_where_it_stands() {
        let mut counted = Counted::new(BufReader::with_capacity(2, b"ab\nc\n\nlast".as_slice()));
        let place = counted.place();
        let mut line = Vec::new();
        let mut next = |counted: &mut Counted<_>| {
            line.clear();
            counted.read_until(b'\n', &mut line).unwrap();
        };
        next(&mut counted);
        assert_eq!((place.line(), place.after(), place.before_last()), (1, At { bytes: 3, lines: 1 }, At::default()));
        next(&mut counted);
        next(&mut counted);
        assert_eq!((place.after(), place.before_last()), (At { bytes: 6, lines: 3 }, At { bytes: 5, lines: 2 }));
        next(&mut counted);
        assert_eq!((place.line(), place.before_last()), (4, At { bytes: 10, lines: 4 }), "at the end, the end");
        assert_eq!(place.digest(), hex(&Sha256::digest(b"ab\nc\n\nlast")));
        assert!(!place.is_broken() && !Counted::new(b"abc".as_slice()).pass(4).unwrap());
    }
}
