//! A source of choices: the same seed makes the same choices on every machine and in every version of every library.

use chrono::{Days, NaiveDate};

/// SplitMix64 (Steele, Lea, Flood 2014): one number of state, good enough to choose by.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The choices of a seed; `salt` tells apart what is made from the same seed.
    #[must_use]
    pub fn of(seed: u64, salt: u64) -> Self {
        let mut dice = Self(seed ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        dice.next();
        Self(dice.next() ^ salt)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub fn range(&mut self, least: i64, most: i64) -> i64 {
        least + (self.next() % (most - least + 1) as u64) as i64
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of a list, by weight.
    pub fn weighted<T: Copy>(&mut self, list: &[(u64, T)]) -> T {
        let total: u64 = list.iter().map(|(weight, _)| weight).sum();
        let mut at = self.next() % total;
        for (weight, one) in list {
            if at < *weight {
                return *one;
            }
            at -= weight;
        }
        list[0].1
    }

    /// Something, so many times in a hundred.
    pub fn some<T>(&mut self, percent: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| make(self))
    }

    /// A few of a list, in its order; at least one.
    pub fn few<T: Clone>(&mut self, list: &[T], most: usize) -> Vec<T> {
        let first = self.below(list.len());
        let mut chosen = vec![first];
        for _ in 1..most {
            let next = self.below(list.len());
            if self.chance(50) && !chosen.contains(&next) {
                chosen.push(next);
            }
        }
        chosen.sort_unstable();
        chosen.into_iter().map(|at| list[at].clone()).collect()
    }
}

/// A day so many days on, or back.
#[must_use]
pub fn shifted(day: NaiveDate, by: i64) -> NaiveDate {
    let count = Days::new(by.unsigned_abs());
    if by >= 0 { day + count } else { day - count }
}
