//! One class against the others: a linear support vector machine with squared hinge loss, trained by coordinate descent
//! in the dual (Hsieh et al., ICML 2008) in whole numbers.
//!
//! Own code, because what is kept does not fit: linfa and smartcore take dense matrices (130,000 columns here), the
//! bindings of liblinear build C++, and all of them reckon with floating point in an order that a machine may choose.

use crate::weigh::{ONE, Sparse, index};

/// One, as weights and multipliers have it.
const UNIT: i64 = 1 << 20;
/// Bits of [`ONE`].
const BITS: u32 = ONE.ilog2();
/// `1 / 2C` with `C = 1`.
const SLACK: i64 = UNIT / 2;
/// Ends when no gradient is further off.
const NEAR_ENOUGH: i64 = UNIT / 10;
const MOST_ROUNDS: usize = 100;

/// What separates a class, in parts of 2^20.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// By place.
    pub weights: Vec<i32>,
    /// Added to every score.
    pub bias: i32,
}

/// Finds the plane between the texts that are of the class and those that are not.
#[must_use]
pub fn separate(places: usize, texts: &[Sparse], is_of: &[bool]) -> Plane {
    let mut descent = Descent {
        plane: Plane { weights: vec![0; places], bias: 0 },
        multipliers: vec![0; texts.len()],
        worst_before: i64::MAX,
    };
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut active = order.len();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..MOST_ROUNDS {
        shuffle(order.get_mut(..active).unwrap_or_default(), &mut random);
        let (mut highest, mut lowest) = (i64::MIN, i64::MAX);
        let mut at = 0;
        while at < active {
            let Some(text) = order.get(at).copied() else { break };
            match descent.step(text, texts, is_of) {
                // Settled for now: not looked at again before the end.
                None => {
                    active = active.saturating_sub(1);
                    order.swap(at, active);
                }
                Some(gradient) => {
                    (highest, lowest) = (highest.max(gradient), lowest.min(gradient));
                    at = at.saturating_add(1);
                }
            }
        }
        descent.worst_before = if highest <= 0 { i64::MAX } else { highest };
        if highest.saturating_sub(lowest) <= NEAR_ENOUGH {
            if active == order.len() {
                break;
            }
            (active, descent.worst_before) = (order.len(), i64::MAX);
        }
    }
    descent.plane
}

struct Descent {
    plane: Plane,
    multipliers: Vec<i64>,
    worst_before: i64,
}

impl Descent {
    /// Moves one multiplier; the gradient that there was, or none where the text can be left aside.
    fn step(&mut self, at: usize, texts: &[Sparse], is_of: &[bool]) -> Option<i64> {
        let text = texts.get(at)?;
        let multiplier = self.multipliers.get_mut(at)?;
        let of = is_of.get(at).copied().unwrap_or_default();
        let score = self.plane.score(text);
        let signed = if of { score } else { score.saturating_neg() };
        let slack = multiplier.saturating_mul(SLACK) / UNIT;
        let gradient = signed.saturating_sub(UNIT).saturating_add(slack);
        if *multiplier == 0 && gradient > 0 {
            return if gradient > self.worst_before { None } else { Some(0) };
        }
        // A text has length one, the bias adds another one.
        let curve = UNIT.saturating_mul(2).saturating_add(SLACK);
        let before = *multiplier;
        *multiplier = before.saturating_sub(gradient.saturating_mul(UNIT) / curve).max(0);
        let moved = multiplier.saturating_sub(before);
        self.plane.add(text, if of { moved } else { moved.saturating_neg() });
        Some(gradient)
    }
}

impl Plane {
    /// The score of a text, in parts of [`UNIT`].
    fn score(&self, text: &[(u32, i32)]) -> i64 {
        let sum = text.iter().fold(0_i64, |sum, (place, part)| {
            let weight = self.weights.get(index(*place)).copied().unwrap_or_default();
            sum.saturating_add(i64::from(weight).saturating_mul(i64::from(*part)))
        });
        (sum >> BITS).saturating_add(i64::from(self.bias))
    }

    fn add(&mut self, text: &[(u32, i32)], moved: i64) {
        let half = i64::from(ONE / 2);
        for (place, part) in text {
            if let Some(weight) = self.weights.get_mut(index(*place)) {
                let by = moved.saturating_mul(i64::from(*part)).saturating_add(half) >> BITS;
                *weight = weight.saturating_add(i32::try_from(by).unwrap_or_default());
            }
        }
        self.bias = self.bias.saturating_add(i32::try_from(moved).unwrap_or_default());
    }
}

/// Marsaglia's xorshift: the same order on every machine.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for at in 0..order.len() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let left = u64::try_from(order.len().saturating_sub(at)).unwrap_or(1);
        let other = usize::try_from(*random % left.max(1)).unwrap_or_default();
        order.swap(at, at.saturating_add(other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_separated_is_separated() {
        // Two places; the class has the first, the others the second, and one has both.
        let (one, part) = (ONE, 11_585);
        let texts: Vec<Sparse> = vec![vec![(0, one)], vec![(1, one)], vec![(0, part), (1, part)], vec![(0, one)]];
        let plane = separate(2, &texts, &[true, false, false, true]);
        let scores: Vec<i64> = texts.iter().map(|text| plane.score(text)).collect();
        assert!(scores[0] > 0 && scores[3] > 0, "{scores:?}");
        assert!(scores[1] < 0 && scores[2] < scores[0], "{scores:?}");
        assert_eq!(plane, separate(2, &texts, &[true, false, false, true]));
    }

    #[test]
    fn a_known_plane_is_found() {
        // One text on each side of one place, x = ±1, C = 1: w minimises w²/2 + 2(1 − w)², so w = 4/5, and no bias.
        let texts: Vec<Sparse> = vec![vec![(0, ONE)], vec![(0, -ONE)]];
        let plane = separate(1, &texts, &[true, false]);
        assert!((i64::from(plane.weights[0]) - UNIT * 4 / 5).abs() < UNIT / 20, "{plane:?}");
        assert!(i64::from(plane.bias).abs() < UNIT / 20, "{plane:?}");
    }
}
