//! Ids: made by the program, unique over all programs on a database, growing with time. Outside they are text with the
//! noun before it, such as `grant_0c6v9h2k4m8rt`.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

use rand::RngExt;

/// Milliseconds from 1970 to 2025, from which ids count: 41 bits last until 2094.
const EPOCH: i64 = 1_735_689_600_000;

/// Bits for what sets programs apart, and for a count within a millisecond.
const NODE_BITS: u32 = 10;
const COUNT_BITS: u32 = 12;

static NODE: LazyLock<i64> = LazyLock::new(|| i64::from(rand::rng().random_range(0..1_u32 << NODE_BITS)));
static LAST: AtomicI64 = AtomicI64::new(0);

/// A new id.
#[must_use]
pub fn new_id() -> i64 {
    let now = chrono::Utc::now().timestamp_millis().saturating_sub(EPOCH).max(0) << COUNT_BITS;
    // Milliseconds and count are one number, which only grows, also when the clock is set back.
    let next = |last: i64| Some(last.saturating_add(1).max(now));
    let last = LAST.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).unwrap_or(now);
    let tick = last.saturating_add(1).max(now);
    let (moment, count) = (tick >> COUNT_BITS, tick & ((1 << COUNT_BITS) - 1));
    (moment << (NODE_BITS + COUNT_BITS)) | (*NODE << COUNT_BITS) | count
}

/// Crockford's base 32: no letter that is taken for a digit.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: u32 = 13;

/// An id as it is written outside.
#[must_use]
pub fn outside(noun: &str, id: i64) -> String {
    let mut text = format!("{noun}_");
    for digit in (0..DIGITS).rev() {
        let at = usize::try_from((id >> (digit * 5)) & 31).unwrap_or_default();
        text.push(char::from(LETTERS.get(at).copied().unwrap_or(b'0')));
    }
    text
}

/// An id as it came in; none when it is not one of this noun.
#[must_use]
pub fn inside(noun: &str, text: &str) -> Option<i64> {
    let digits = text.strip_prefix(noun)?.strip_prefix('_')?;
    if digits.len() != usize::try_from(DIGITS).ok()? {
        return None;
    }
    let mut id: i64 = 0;
    for letter in digits.bytes() {
        let at = LETTERS.iter().position(|known| *known == letter)?;
        id = id.checked_mul(32)?.checked_add(i64::try_from(at).ok()?)?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_come_back() {
        let ids: Vec<i64> = (0..20_000).map(|_| new_id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "they grow");
        for id in [ids[0], 0, i64::MAX] {
            assert_eq!(inside("grant", &outside("grant", id)), Some(id));
        }
        assert_eq!(outside("grant", 33), "grant_0000000000011");
        for wrong in ["grant_", "grant_000000000001u", "case_0000000000011", "grant_z0000000000000", "0000000000011"] {
            assert_eq!(inside("grant", wrong), None, "{wrong}");
        }
    }
}
