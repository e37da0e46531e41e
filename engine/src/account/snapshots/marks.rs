//! Marks of an account, a bit each: its status, and the words of its lists.
//!
//! A word that the documentation names has a bit of its own. Others share a few: where such a bit is missing, so is the
//! word; where it is there, the list has to be looked at.

use crate::account::snapshot::Status;

/// All that there are.
pub(crate) const STATUSES: [Status; 7] = [
    Status::Active,
    Status::Defaulted,
    Status::Settled,
    Status::WrittenOff,
    Status::Transferred,
    Status::Pending,
    Status::Cancelled,
];

const FIRST_LOAN: u64 = 1 << 7;
const LATER_LOAN: u64 = 1 << 8;

pub(crate) const fn status(status: Status) -> u64 {
    match status {
        Status::Active => 1,
        Status::Defaulted => 1 << 1,
        Status::Settled => 1 << 2,
        Status::WrittenOff => 1 << 3,
        Status::Transferred => 1 << 4,
        Status::Pending => 1 << 5,
        Status::Cancelled => 1 << 6,
    }
}

pub(crate) const fn first_loan(first: bool) -> u64 {
    if first { FIRST_LOAN } else { LATER_LOAN }
}

/// Where the words of a list have their bits.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// The first bit.
    from: u32,
    known: &'static [&'static str],
}

impl Words {
    pub const ARRANGEMENTS: Self =
        Self { from: 16, known: &["repayment_plan", "trial_plan", "workout_offer", "liquidation_workout", "recourse"] };
    pub const FLAGS: Self =
        Self { from: 40, known: &["vulnerable", "bereaved", "hospitalised", "injured", "missing", "quarantined"] };
    /// Bits of a list.
    const BITS: u32 = 24;

    /// The bit of a word.
    pub fn of(self, word: &str) -> u64 {
        let (known, all) = (self.known.len(), usize::try_from(Self::BITS).unwrap_or_default());
        let place = self.known.iter().position(|own| *own == word).unwrap_or_else(|| {
            let sum = word.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
            known + sum % (all - known)
        });
        u32::try_from(place).map_or(0, |place| 1 << (self.from + place))
    }

    /// The bits that words share.
    pub fn shared(self) -> u64 {
        let list = ((1 << Self::BITS) - 1) << self.from;
        self.known.iter().fold(list, |left, word| left & !self.of(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_marks_share_a_bit() {
        let lists = [Words::ARRANGEMENTS, Words::FLAGS];
        let marks = STATUSES.into_iter().map(status).chain([FIRST_LOAN, LATER_LOAN]);
        let marks = marks.chain(lists.iter().flat_map(|list| {
            let known = list.known.iter().map(|word| list.of(word));
            known.chain([list.shared()]).collect::<Vec<_>>()
        }));
        let all = marks.fold(0_u64, |all, mark| {
            assert_ne!(mark, 0);
            assert_eq!(all & mark, 0, "{mark:b}");
            all | mark
        });
        assert_eq!(all.count_ones(), 9 + 2 * Words::BITS);
    }

    #[test]
    fn a_word_that_is_not_known_has_a_shared_bit() {
        for list in [Words::ARRANGEMENTS, Words::FLAGS] {
            for word in ["", "own", "injured ", "\u{8d37}", "a-very-long-word-of-the-lender"] {
                assert_eq!((list.of(word) & list.shared()).count_ones(), 1, "{word}");
            }
        }
    }
}
