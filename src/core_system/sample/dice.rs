//! Seeded chance: the same throws on every machine, whatever the width of its words.

use chrono::NaiveDate;
use forbear_engine::dates::add_days;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of throws.
pub(super) struct Dice {
    source: ChaCha8Rng,
}

impl Dice {
    /// The stream of one account of one book, so that any account can be made without those before it.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        let mut key = [0_u8; 32];
        key.iter_mut().zip(seed.to_le_bytes()).for_each(|(byte, part)| *byte = part);
        let mut source = ChaCha8Rng::from_seed(key);
        source.set_stream(index);
        Self { source }
    }

    /// From 0 to `count` - 1; 0 when `count` is 0. (The bias of taking a 64-bit remainder is far below a millionth.)
    pub(super) fn below(&mut self, count: u64) -> u64 {
        self.source.next_u64().checked_rem(count).unwrap_or(0)
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True so often in a thousand.
    pub(super) fn permille(&mut self, often: u64) -> bool {
        self.below(1000) < often
    }

    /// One of the choices; the first when there is none other.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T], otherwise: &'a T) -> &'a T {
        let at = self.below(u64::try_from(choices.len()).unwrap_or(0));
        usize::try_from(at).ok().and_then(|at| choices.get(at)).unwrap_or(otherwise)
    }

    /// One of the choices by weight.
    pub(super) fn weighted<'a, T>(&mut self, choices: &'a [T], weight: impl Fn(&T) -> u64) -> Option<&'a T> {
        let mut left = self.below(choices.iter().map(&weight).sum());
        choices.iter().find(|choice| {
            let own = weight(choice);
            let hit = left < own;
            left = left.saturating_sub(own);
            hit
        })
    }

    /// A day between so many days before and so many before, both included.
    pub(super) fn days_before(&mut self, day: NaiveDate, nearest: i64, farthest: i64) -> NaiveDate {
        back(day, self.between(nearest, farthest))
    }
}

/// So many days earlier.
pub(super) fn back(day: NaiveDate, days: i64) -> NaiveDate {
    add_days(day, days.saturating_neg()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ChaCha8 key stream of an all-zero 256-bit key and nonce begins 3e 00 ef 2f 89 5f 40 d6
    /// (draft-strombergson-chacha-test-vectors, TC1): read as a little-endian word.
    #[test]
    fn the_stream_is_chacha8_on_every_machine() {
        assert_eq!(Dice::new(0, 0).below(u64::MAX), 0xd640_5f89_2fef_003e);
    }
}
