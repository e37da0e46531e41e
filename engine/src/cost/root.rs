//! The equation that every rate here solves: Σ aₖ / ((1 + fₖ·i)(1 + i)^tₖ) = 0 for the rate i of one unit of time,
//! where flow aₖ lies tₖ whole units and the fraction fₖ of a unit after the beginning
//! (12 CFR 1026 Appendix J (b)(8); with every fₖ zero it is the internal rate of return).

use rust_decimal::{Decimal, MathematicalOps};

use super::CostError;

/// A flow and its distance from the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// aₖ: positive received, negative paid.
    pub amount: Decimal,
    /// tₖ.
    pub whole: u64,
    /// fₖ.
    pub part: Decimal,
}

/// The highest rate of one unit of time that is searched: a million percent.
const HIGHEST: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);
/// A Newton step below this is the last one: it leaves an error of about its square times the number of units.
const LAST_STEP: Decimal = Decimal::from_parts(1, 0, 0, false, 11);
/// The same for a root, whose error is its square times half the exponent.
const LAST_ROOT_STEP: Decimal = Decimal::from_parts(1, 0, 0, false, 15);
/// A bracket narrower than this is the answer.
const NARROW: Decimal = Decimal::from_parts(1, 0, 0, false, 22);
/// Bisection alone would need 87 steps from `HIGHEST` to `NARROW`.
const MOST_STEPS: usize = 256;

/// The rate of one unit of time. `terms` ascend by `whole`, begin with a received amount, and `start` is a guess.
///
/// Newton's method inside a bracket, halving it whenever a step would leave it. For an advance followed by payments
/// the function rises and is concave, so that Newton from below never overshoots. When less is paid back than was
/// received the rate is negative; then time is turned round, which keeps every power below one.
pub(super) fn solve(terms: &[Term], start: Decimal) -> Result<Decimal, CostError> {
    let sum = |total: Decimal, term: &Term| total.checked_add(term.amount);
    let total = terms.iter().try_fold(Decimal::ZERO, sum).ok_or(CostError::Overflow)?;
    if total.is_zero() {
        return Ok(Decimal::ZERO);
    }
    if total.is_sign_negative() {
        return bracketed(terms, start.max(Decimal::ZERO));
    }
    if terms.iter().any(|term| !term.part.is_zero()) {
        return Err(CostError::NoCharge);
    }
    let end = terms.last().map_or(0, |term| term.whole);
    let turned = |term: &Term| Term { amount: -term.amount, whole: end.saturating_sub(term.whole), ..*term };
    let turned: Vec<Term> = terms.iter().rev().map(turned).collect();
    let rate = bracketed(&turned, Decimal::ZERO)?;
    let growth = Decimal::ONE.checked_div(Decimal::ONE + rate).ok_or(CostError::Overflow)?;
    Ok(growth - Decimal::ONE)
}

fn bracketed(terms: &[Term], start: Decimal) -> Result<Decimal, CostError> {
    let (mut low, mut high) = (Decimal::ZERO, HIGHEST);
    let (at_high, _) = evaluate(terms, high).ok_or(CostError::Overflow)?;
    if at_high.is_sign_negative() {
        return Err(CostError::NoRate);
    }
    let mut at = start.min(HIGHEST);
    for _ in 0..MOST_STEPS {
        let (value, slope) = evaluate(terms, at).ok_or(CostError::Overflow)?;
        if value.is_zero() {
            return Ok(at);
        }
        if value.is_sign_negative() {
            low = at;
        } else {
            high = at;
        }
        let newton = value.checked_div(slope).and_then(|step| at.checked_sub(step));
        match newton.filter(|next| *next > low && *next < high) {
            Some(next) if (next - at).abs() <= LAST_STEP => return Ok(next),
            Some(next) => at = next,
            None if high - low <= NARROW => return Ok(low),
            None => at = (low + high) / Decimal::TWO,
        }
    }
    Err(CostError::NoRate)
}

/// The function and its derivative at a rate, by Horner's rule from the last term to the first, in v = 1/(1 + i):
/// with wₖ = aₖ/(1 + fₖ·i) the function is Σ wₖ·v^tₖ, its derivative −Σ wₖ·(tₖ·v + fₖ/(1 + fₖ·i))·v^tₖ.
fn evaluate(terms: &[Term], rate: Decimal) -> Option<(Decimal, Decimal)> {
    let v = Decimal::ONE.checked_div(Decimal::ONE.checked_add(rate)?)?;
    // Σ wₖ·v^tₖ, Σ wₖ·tₖ·v^tₖ and Σ wₖ·fₖ/(1 + fₖ·i)·v^tₖ.
    let (mut value, mut by_whole, mut by_part) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    let mut reached = terms.last().map_or(0, |term| term.whole);
    let mut jumps: Vec<(u64, Decimal)> = Vec::new();
    let mut odd = (Decimal::ZERO, Decimal::ONE);
    for Term { amount, whole, part } in terms.iter().rev() {
        let gap = reached.checked_sub(*whole)?;
        reached = *whole;
        if gap > 0 {
            let step = jump(&mut jumps, v, gap)?;
            value = value.checked_mul(step)?;
            by_whole = by_whole.checked_mul(step)?;
            by_part = by_part.checked_mul(step)?;
        }
        let mut worth = *amount;
        if !part.is_zero() {
            if odd.0 != *part {
                odd = (*part, Decimal::ONE.checked_div(Decimal::ONE.checked_add(part.checked_mul(rate)?)?)?);
            }
            worth = worth.checked_mul(odd.1)?;
            by_part = by_part.checked_add(worth.checked_mul(part.checked_mul(odd.1)?)?)?;
        }
        value = value.checked_add(worth)?;
        by_whole = by_whole.checked_add(worth.checked_mul(Decimal::from(*whole))?)?;
    }
    let last = jump(&mut jumps, v, reached)?;
    let slope = by_whole.checked_mul(v)?.checked_add(by_part)?.checked_mul(last)?;
    Some((value.checked_mul(last)?, -slope))
}

/// v to a power; a schedule has few different distances (28 to 31 days), so each is raised once.
fn jump(known: &mut Vec<(u64, Decimal)>, v: Decimal, distance: u64) -> Option<Decimal> {
    match distance {
        0 => return Some(Decimal::ONE),
        1 => return Some(v),
        _ => {}
    }
    if let Some((_, power)) = known.iter().find(|(length, _)| *length == distance) {
        return Some(*power);
    }
    let power = power(v, distance)?;
    if known.len() < 16 {
        known.push((distance, power));
    }
    Some(power)
}

/// A number to a whole power, by squaring.
pub(super) fn power(base: Decimal, exponent: u64) -> Option<Decimal> {
    let (mut result, mut square, mut left) = (Decimal::ONE, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(square)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square)?;
        }
    }
    Some(result)
}

/// The `n`th root of a positive number, to about 26 digits: a logarithm for the first guess, then Newton's method.
pub(super) fn nth_root(number: Decimal, n: u64) -> Option<Decimal> {
    if number <= Decimal::ZERO || n == 0 {
        return None;
    }
    if number == Decimal::ONE {
        return Some(number);
    }
    let count = Decimal::from(n);
    let mut root = number.checked_ln()?.checked_div(count)?.checked_exp_with_tolerance(LAST_STEP)?;
    for _ in 0..8 {
        let below = power(root, n.checked_sub(1)?)?;
        let excess = below.checked_mul(root)?.checked_sub(number)?;
        let step = excess.checked_div(below.checked_mul(count)?)?;
        root = root.checked_sub(step)?;
        if step.abs() <= LAST_ROOT_STEP {
            return Some(root);
        }
    }
    Some(root)
}
