//! A bit for each account of a block.

use super::column::WORDS;

/// A bit for each account of a block.
pub type Plane = [u64; WORDS];

pub(super) const NONE: Plane = [0; WORDS];
pub(super) const EVERY: Plane = [u64::MAX; WORDS];

/// A bit for each code of a block.
pub(super) fn bits<T: Copy>(codes: &[T], holds: impl Fn(T) -> bool) -> Plane {
    let mut plane = NONE;
    let mut bytes = [0_u8; 64];
    let (words, rest) = codes.as_chunks::<64>();
    // So many at a time as the compiler knows of: it takes them side by side.
    for (word, codes) in plane.iter_mut().zip(words) {
        for (byte, code) in bytes.iter_mut().zip(codes) {
            *byte = u8::from(holds(*code));
        }
        *word = packed(&bytes);
    }
    if let Some(word) = plane.get_mut(words.len()) {
        bytes.fill(0);
        for (byte, code) in bytes.iter_mut().zip(rest) {
            *byte = u8::from(holds(*code));
        }
        *word = packed(&bytes);
    }
    plane
}

/// 64 bytes of 0 or 1 as 64 bits: a product moves the eight bytes of a word side by side into its top byte.
fn packed(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().rev().fold(0, |word, eight| {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        (word << 8) | gathered
    })
}

/// The words of a block.
pub(super) fn plane(words: &[u64], at: usize) -> Plane {
    let mut plane = NONE;
    let from = at.saturating_mul(WORDS);
    for (own, word) in plane.iter_mut().zip(words.get(from..).unwrap_or_default()) {
        *own = *word;
    }
    plane
}

fn each(a: &Plane, b: &Plane, of: impl Fn(u64, u64) -> u64) -> Plane {
    let mut plane = NONE;
    for ((own, a), b) in plane.iter_mut().zip(a).zip(b) {
        *own = of(*a, *b);
    }
    plane
}

pub(super) fn and(a: &Plane, b: &Plane) -> Plane {
    each(a, b, |a, b| a & b)
}

pub(super) fn or(a: &Plane, b: &Plane) -> Plane {
    each(a, b, |a, b| a | b)
}

pub(super) fn not(a: &Plane) -> Plane {
    each(a, a, |a, _| !a)
}

/// The first rows of a block.
pub(super) fn first_rows(len: usize) -> Plane {
    let mut plane = NONE;
    for (at, word) in plane.iter_mut().enumerate() {
        let left = len.saturating_sub(at.saturating_mul(64));
        *word = if left >= 64 { u64::MAX } else { (1_u64 << left) - 1 };
    }
    plane
}

pub(super) fn get(plane: &Plane, row: usize) -> bool {
    plane.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}

pub(super) fn set(plane: &mut Plane, row: usize) {
    put(plane, row, true);
}

pub(super) fn put(plane: &mut Plane, row: usize, on: bool) {
    if let Some(word) = plane.get_mut(row / 64) {
        let bit = 1_u64 << (row % 64);
        if on {
            *word |= bit;
        } else {
            *word &= !bit;
        }
    }
}
