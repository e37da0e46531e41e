//! From features to a vector of length one: each feature has a place in a table of fixed size, and counts the more the
//! fewer texts have it. Whole numbers only, so that the same lines give the same model on every machine.

use crate::features::Feature;

/// A vector has this length.
pub const ONE: i32 = 1 << 14;

/// A place and what stands there, in parts of [`ONE`]; by place, each once.
pub type Sparse = Vec<(u32, i32)>;

/// How rare the features at each place are, in 256ths; zero where nothing was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rarity {
    /// The table has two to this many places.
    pub bits: u8,
    /// By place.
    pub by_place: Vec<u16>,
}

impl Rarity {
    /// Counted over texts.
    #[must_use]
    pub fn count<'f>(bits: u8, texts: impl Iterator<Item = &'f [Feature]>) -> Self {
        let mut seen = vec![0_u32; 1 << bits];
        let mut all = 0_u64;
        for text in texts {
            all = all.saturating_add(1);
            let mut places: Vec<usize> = text.iter().map(|feature| index(place(bits, feature))).collect();
            places.sort_unstable();
            places.dedup();
            for place in places {
                if let Some(count) = seen.get_mut(place) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let by_place = seen.into_iter().map(|count| if count == 0 { 0 } else { rare(all, u64::from(count)) }).collect();
        Self { bits, by_place }
    }

    /// The vector of a text. What was never seen is left out.
    #[must_use]
    pub fn vector(&self, text: &[Feature]) -> Sparse {
        let mut weights: Vec<(u32, i64)> = Vec::with_capacity(text.len());
        for feature in text {
            let place = place(self.bits, feature);
            let rare = self.by_place.get(index(place)).copied().unwrap_or_default();
            if rare > 0 {
                let counted = often(feature.count).saturating_mul(i64::from(feature.weight));
                weights.push((place, counted.saturating_mul(i64::from(rare))));
            }
        }
        weights.sort_unstable();
        let mut merged: Vec<(u32, i64)> = Vec::with_capacity(weights.len());
        for (place, weight) in weights {
            match merged.last_mut().filter(|last| last.0 == place) {
                Some(last) => last.1 = last.1.saturating_add(weight),
                None => merged.push((place, weight)),
            }
        }
        let squares: i64 = merged.iter().fold(0, |sum, (_, weight)| sum.saturating_add(weight.saturating_mul(*weight)));
        let length = squares.isqrt().max(1);
        let part = |weight: i64| i32::try_from(weight.saturating_mul(i64::from(ONE)) / length).unwrap_or(ONE);
        merged.into_iter().map(|(place, weight)| (place, part(weight))).collect()
    }
}

/// The place of a feature in the table.
fn place(bits: u8, feature: &Feature) -> u32 {
    let mask = (1_u64 << bits).saturating_sub(1);
    u32::try_from(feature.number & mask).unwrap_or_default()
}

/// A place as an index.
#[must_use]
pub fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// `1 + ln(count)` in 256ths.
fn often(count: u32) -> i64 {
    256_i64.saturating_add(i64::from(ln(u64::from(count.max(1)))) >> 8)
}

/// `1 + ln((1 + all) / (1 + seen))` in 256ths.
fn rare(all: u64, seen: u64) -> u16 {
    let ratio = ln(all.saturating_add(1)).saturating_sub(ln(seen.saturating_add(1)));
    u16::try_from(256_u32.saturating_add(ratio >> 8)).unwrap_or(u16::MAX)
}

/// The natural logarithm of a whole number from one up, in 65,536ths: the binary one digit by digit, times ln 2.
fn ln(number: u64) -> u32 {
    let whole = number.max(1).ilog2();
    let mut rest = u128::from(number.max(1)) << 64_u32.saturating_sub(whole);
    let mut binary = u64::from(whole);
    for _ in 0..16 {
        // Between one and two, in parts of 2^64: squared, and halved where it passed two.
        let squared = (rest >> 32).saturating_mul(rest >> 32);
        let passed = squared >= (2_u128 << 64);
        rest = if passed { squared >> 1 } else { squared };
        binary = (binary << 1) | u64::from(passed);
    }
    u32::try_from(binary.saturating_mul(45_426) >> 16).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_four_digits() {
        // ln 1 = 0; ln 2 = 0.6931; ln 10 = 2.3026; ln 10000 = 9.2103, each times 65536.
        for (number, expected) in [(1, 0), (2, 45_426), (10, 150_902), (10_000, 603_609)] {
            assert!(ln(number).abs_diff(expected) <= 8, "ln {number} = {}", ln(number));
        }
    }

    #[test]
    fn a_vector_has_length_one_and_leaves_out_what_was_never_seen() {
        let feature = |number| Feature { number, count: 1, weight: 2 };
        let texts = [vec![feature(1), feature(2)], vec![feature(2)], vec![feature(2)]];
        let rarity = Rarity::count(4, texts.iter().map(Vec::as_slice));
        let vector = rarity.vector(&[feature(1), feature(2), feature(9)]);
        assert_eq!(vector.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2]);
        // The first is in one of three texts: 1 + ln 2 = 1.693; the second in all: 1. 1.693 / √(1.693² + 1) = 0.861.
        assert!((vector[0].1 - 14_107).abs() < 20, "{vector:?}");
        assert!((vector[1].1 - 8_332).abs() < 20, "{vector:?}");
        assert!(rarity.vector(&[feature(9)]).is_empty());
    }
}
