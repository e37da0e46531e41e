//! Keys of objects, found in the order in which core systems write them.

use super::cursor::Cursor;

/// Bytes of a key with its quotes and its colon, at most.
const MOST: usize = 24;

/// A key of an object, as it is written without white space: `"name":`.
pub(super) struct Key {
    name: &'static str,
    length: usize,
    written: [u64; 3],
    mask: [u64; 3],
}

impl Key {
    #[allow(clippy::indexing_slicing, reason = "it is done by the compiler, which says so where it would fail")]
    pub const fn new(name: &'static str) -> Self {
        let (own, mut written, mut mask) = (name.as_bytes(), [0; MOST], [0; MOST]);
        let length = own.len() + 3;
        let mut at = 0;
        while at < length {
            written[at] = match at {
                0 => b'"',
                _ if at <= own.len() => own[at - 1],
                _ if at == own.len() + 1 => b'"',
                _ => b':',
            };
            mask[at] = u8::MAX;
            at += 1;
        }
        Self { name, length, written: words(written), mask: words(mask) }
    }

    /// What follows the key, where the text begins with it.
    #[inline]
    fn strip<'t>(&self, text: &'t [u8], first: [u64; 3]) -> Option<&'t [u8]> {
        let ([a, b, c], [x, y, z], [m, n, o]) = (first, self.written, self.mask);
        // Most keys differ in their first letters.
        if (a ^ x) & m != 0 || ((b ^ y) & n) | ((c ^ z) & o) != 0 {
            return None;
        }
        text.get(self.length..)
    }
}

#[inline]
const fn words(bytes: [u8; MOST]) -> [u64; 3] {
    match bytes.as_chunks::<8>().0 {
        [a, b, c] => [u64::from_le_bytes(*a), u64::from_le_bytes(*b), u64::from_le_bytes(*c)],
        _ => [0; 3],
    }
}

impl Cursor<'_> {
    /// Every member of an object with these keys. `member` reads the value of the key at a place; a key given twice or
    /// unknown ends the reading, as does `None`.
    #[inline]
    pub fn object<const N: usize>(
        &mut self,
        keys: &[Key; N],
        mut member: impl FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        let (mut seen, mut next) = (0_u32, 0);
        loop {
            let at = self.key(keys, next)?;
            let bit = 1_u32.checked_shl(u32::try_from(at).ok()?)?;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            next = at.wrapping_add(1);
            member(self, at)?;
            if self.more(b'}')? {
                continue;
            }
            return Some(());
        }
    }

    /// The place of the next key: most often the first of those that usually come now.
    #[inline]
    fn key(&mut self, keys: &[Key], next: usize) -> Option<usize> {
        if let Some(first) = self.rest().first_chunk::<MOST>() {
            let first = words(*first);
            for (at, key) in (next..).zip(keys.get(next..).unwrap_or_default()) {
                if let Some(rest) = key.strip(self.rest(), first) {
                    self.go_on(rest);
                    return Some(at);
                }
            }
        }
        self.any_key(keys)
    }

    /// The place of the next key, whatever comes before it.
    #[cold]
    fn any_key(&mut self, keys: &[Key]) -> Option<usize> {
        let name = self.raw()?;
        self.take(b':')?;
        keys.iter().position(|key| key.name.as_bytes() == name)
    }
}

/// Reads every member of an object: each key with what its value is for.
macro_rules! object {
    ($cursor:ident, { $($key:literal => $value:expr),* $(,)? }) => {{
        const KEYS: &[$crate::account::snapshots::direct::key::Key; [$($key),*].len()] =
            &[$($crate::account::snapshots::direct::key::Key::new($key)),*];
        $cursor.object(KEYS, |$cursor, at| {
            let mut own = 0_usize..;
            $(
                if own.next() == Some(at) {
                    $value;
                    return Some(());
                }
            )*
            None
        })
    }};
}
pub(super) use object;
