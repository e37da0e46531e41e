//! Bytes of text, eight at a time as one number.

/// A power of ten; none beyond what numbers of plain length need.
#[inline]
pub(super) fn ten_to(power: u32) -> Option<i64> {
    const POWERS: [i64; 16] = [
        1,
        10,
        100,
        1_000,
        10_000,
        100_000,
        1_000_000,
        10_000_000,
        100_000_000,
        1_000_000_000,
        10_000_000_000,
        100_000_000_000,
        1_000_000_000_000,
        10_000_000_000_000,
        100_000_000_000_000,
        1_000_000_000_000_000,
    ];
    POWERS.get(usize::try_from(power).ok()?).copied()
}

/// Reads digits, at least one and so many at most, behind others: the number, how many they are, and what follows.
#[inline]
pub(super) fn digits(text: &[u8], before: i64, most: usize) -> Option<(i64, usize, &[u8])> {
    if let Some(word) = text.first_chunk::<8>() {
        let word = u64::from_le_bytes(*word) ^ u64::from_le_bytes([b'0'; 8]);
        let other = above_nine(word);
        // As many digits as come before the first other byte.
        let bits = other.trailing_zeros() & !7;
        if (8..64).contains(&bits) {
            let read = usize::try_from(bits / 8).ok()?;
            let number = before.wrapping_mul(ten_to(bits / 8)?).wrapping_add(eight_digits(word << (64 - bits)));
            return (read <= most).then_some((number, read, text.get(read..)?));
        }
    }
    digits_one_by_one(text, before, most)
}

/// The high bit of every byte that is above 9.
#[inline]
pub(super) const fn above_nine(word: u64) -> u64 {
    const ROOM: u64 = u64::from_ne_bytes([0x76; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // The high bits are left out of the sum, so that no byte carries into the next.
    (((word & !HIGH) + ROOM) | word) & HIGH
}

/// The number of eight digits, the first in the lowest byte: pairs, fours and all eight are added up together.
#[inline]
fn eight_digits(word: u64) -> i64 {
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let all = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    i64::try_from(all).unwrap_or_default()
}

fn digits_one_by_one(text: &[u8], before: i64, most: usize) -> Option<(i64, usize, &[u8])> {
    let (mut number, mut rest) = (before, text);
    while let [byte @ b'0'..=b'9', more @ ..] = rest {
        number = number.wrapping_mul(10).wrapping_add(i64::from(byte ^ b'0'));
        rest = more;
    }
    let read = text.len().wrapping_sub(rest.len());
    (1..=most).contains(&read).then_some((number, read, rest))
}

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// The high bit of every byte below a limit, which is borrowed when the limit is taken away. The lowest mark is always a true one.
#[inline]
const fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(ONES * limit) & !word & HIGH
}

/// The same of every byte that is this one.
#[inline]
fn is(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// How many bytes come before the first that is marked; eight are looked at together.
#[inline]
fn length(bytes: &[u8], marks: impl Fn(u64) -> u64, is_mark: impl Fn(u8) -> bool) -> Option<usize> {
    let (mut length, mut rest) = (0_usize, bytes);
    while let Some((word, more)) = rest.split_first_chunk::<8>() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return Some(length.wrapping_add(usize::try_from(marks.trailing_zeros() / 8).ok()?));
        }
        length = length.wrapping_add(8);
        rest = more;
    }
    let tail = rest.iter().position(|byte| is_mark(*byte))?;
    Some(length.wrapping_add(tail))
}

/// How many bytes come before the first quote, backslash or control character.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> Option<usize> {
    let marks = |word| is(word, b'"') | is(word, b'\\') | below(word, 0x20);
    length(bytes, marks, |byte| matches!(byte, b'"' | b'\\' | ..0x20))
}

/// How many bytes come before the first quote, backslash, or byte that is no visible character of ASCII.
#[inline]
pub(super) fn visible_length(bytes: &[u8]) -> Option<usize> {
    let marks = |word| is(word, b'"') | is(word, b'\\') | is(word, 0x7f) | below(word, 0x21) | (word & HIGH);
    length(bytes, marks, |byte| matches!(byte, b'"' | b'\\') || !(0x21..0x7f).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_end_where_others_begin() {
        let all = "1234567890123456789";
        for length in 0..=all.len() {
            let own = &all[..length];
            for after in ["", "\"", "\",\"next\":\"", ".00\",\"next\"", "/9999999", ":9999999", "\u{b0}\u{b1}1234567"] {
                let text = format!("{own}{after}");
                for most in [0, 2, 7, 8, 9, 14] {
                    let read = digits(text.as_bytes(), 0, most);
                    let wanted = (1..=most).contains(&length);
                    let wanted = wanted.then(|| (own.parse().unwrap(), length, after.as_bytes()));
                    assert_eq!(read, wanted, "{text} {most}");
                }
            }
        }
        assert_eq!(digits(b"05\",\"next\":", 123, 14).map(|(number, ..)| number), Some(12_305));
    }

    #[test]
    fn bytes_above_nine_are_marked() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut bytes = [9; 8];
                bytes[at] = byte;
                let marks = above_nine(u64::from_le_bytes(bytes)).to_le_bytes();
                for (place, mark) in marks.iter().enumerate() {
                    assert_eq!(*mark, if place == at && byte > 9 { 0x80 } else { 0 }, "{byte} at {at}");
                }
            }
        }
    }

    #[test]
    fn plain_text_ends_at_the_first_mark() {
        for length in 0..20 {
            for mark in ["\"", "\\", "\u{1f}", "\0"] {
                let text = format!("{}{mark}\"tail tail", "\u{e9}".repeat(length));
                assert_eq!(plain_length(text.as_bytes()), Some(2 * length), "{text}");
            }
            assert_eq!(plain_length("a".repeat(length).as_bytes()), None);
        }
    }

    #[test]
    fn visible_text_ends_at_the_first_byte_that_is_not() {
        for byte in 0..=u8::MAX {
            let is_mark = !(0x21..0x7f).contains(&byte) || matches!(byte, b'"' | b'\\');
            for before in 0..20 {
                let mut bytes = vec![b'~'; before];
                bytes.push(byte);
                bytes.extend(b"!!\"tail tail");
                let wanted = if is_mark { before } else { before + 3 };
                assert_eq!(visible_length(&bytes), Some(wanted), "{byte} after {before}");
            }
        }
        assert_eq!((visible_length(b"all visible"), visible_length(b"visible")), (Some(3), None));
    }
}
