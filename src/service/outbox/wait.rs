//! How long to wait before something is tried again: about twice as long each time. Whatever failed at one moment does not come
//! back at one moment: up to a quarter of the wait is taken off, by what it is and how often it was tried.

use chrono::TimeDelta;

/// The first wait, in milliseconds; each is twice as long as the one before, up to the longest.
const FIRST: i64 = 2_000;
const LONGEST: i64 = 3 * 3_600_000;

/// The wait of something after so many attempts.
#[must_use]
pub fn later(own: i64, attempts: i32) -> TimeDelta {
    let times = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    // More doublings than that are longer than the longest.
    let doubled = FIRST.checked_shl(times.min(32)).unwrap_or(LONGEST).min(LONGEST);
    let part = doubled / 4;
    let off = scattered(own, attempts).checked_rem(part.saturating_add(1)).unwrap_or(0);
    TimeDelta::milliseconds(doubled.saturating_sub(off))
}

/// A number that has nothing to do with its neighbours' (the finaliser of splitmix64), not below zero.
fn scattered(own: i64, attempts: i32) -> i64 {
    let mut mixed = own.cast_unsigned() ^ u64::from(attempts.cast_unsigned()).rotate_left(32);
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb)] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(factor);
    }
    i64::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_scatter() {
        // Whole waits of 2 s, 4 s, 8 s … up to three hours, of which up to a quarter is taken off.
        let whole = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 10_800, 10_800, 10_800];
        for (at, seconds) in whole.into_iter().enumerate() {
            let waits: Vec<i64> =
                (0..200).map(|own| later(own << 22, i32::try_from(at + 1).unwrap()).num_milliseconds()).collect();
            assert!(waits.iter().all(|wait| (seconds * 750..=seconds * 1000).contains(wait)), "{waits:?}");
            let mut distinct = waits.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert!(distinct.len() > 100, "two hundred that failed at once come back at {} times", distinct.len());
        }
        assert_eq!(later(7, 3), later(7, 3), "the same every time");
        assert!(later(7, i32::MAX).num_hours() <= 3 && later(7, 0).num_seconds() <= 2);
    }
}
