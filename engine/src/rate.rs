//! Rates and day counts: how much of a year's interest a stretch of days carries.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An annual rate or a share as a plain decimal: `"0.07"` is seven percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String", extend("pattern" = r"^[0-9]{1,4}(\.[0-9]{1,12})?$"))]
pub struct Rate(pub Decimal);

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// The whole.
    pub const ONE: Self = Self(Decimal::ONE);
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = crate::money::is_plain(&text).then(|| Decimal::from_str_exact(&text).ok()).flatten();
        number.map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not a rate: write a decimal string such as \"0.07\" for 7 %"))
        })
    }
}

/// How days become a fraction of a year. A period is (from, to]: its first day earns, its last day does too,
/// the day `from` itself belongs to the period before (day d is (d−1, d]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum DayCount {
    /// A whole period is its number of months over twelve; part of one is prorated by its actual days.
    #[serde(rename = "month/12")]
    Month12,
    /// Actual days over 365.
    #[serde(rename = "ACT/365")]
    Act365,
    /// Actual days over 360.
    #[serde(rename = "ACT/360")]
    Act360,
    /// Months of 30 days, years of 360 (ISDA 2006, 4.16(f), bond basis).
    #[serde(rename = "30/360")]
    Thirty360,
}

impl DayCount {
    /// The fraction of a year in (from, to]. Zero when `to` is not after `from`.
    #[must_use]
    pub fn year_fraction(&self, from: NaiveDate, to: NaiveDate) -> Decimal {
        if to <= from {
            return Decimal::ZERO;
        }
        let actual = Decimal::from(to.signed_duration_since(from).num_days());
        match self {
            Self::Act365 => actual / Decimal::from(365),
            Self::Act360 => actual / Decimal::from(360),
            Self::Thirty360 => Decimal::from(days_30_360(from, to)) / Decimal::from(360),
            Self::Month12 => months_between(from, to) / Decimal::from(12),
        }
    }
}

/// 30/360 days: a 31st counts as a 30th; the end's 31st only when the start is a 30th or 31st.
fn days_30_360(from: NaiveDate, to: NaiveDate) -> i64 {
    let d1 = i64::from(from.day().min(30));
    let d2 = if from.day() >= 30 { i64::from(to.day().min(30)) } else { i64::from(to.day()) };
    let years = i64::from(to.year()) - i64::from(from.year());
    let months = i64::from(to.month()) - i64::from(from.month());
    years * 360 + months * 30 + (d2 - d1)
}

/// Whole calendar months plus the rest by the actual days of the month that it falls into.
fn months_between(from: NaiveDate, to: NaiveDate) -> Decimal {
    let whole = crate::dates::whole_months(from, to);
    let reached = crate::dates::add_months(from, whole).unwrap_or(from);
    let rest = to.signed_duration_since(reached).num_days();
    if rest <= 0 {
        return Decimal::from(whole);
    }
    let next = crate::dates::add_months(from, whole.saturating_add(1)).unwrap_or(to);
    let length = next.signed_duration_since(reached).num_days().max(1);
    Decimal::from(whole) + Decimal::from(rest) / Decimal::from(length)
}

/// Decimals of a rate that are coded.
const RATE_DECIMALS: u32 = 12;

/// A rate in units of its last coded decimal; none when it has more.
pub(crate) fn rate_code(rate: Decimal) -> Option<i64> {
    const UP: [i64; 13] = [
        1_000_000_000_000,
        100_000_000_000,
        10_000_000_000,
        1_000_000_000,
        100_000_000,
        10_000_000,
        1_000_000,
        100_000,
        10_000,
        1_000,
        100,
        10,
        1,
    ];
    let rate = if rate.scale() > RATE_DECIMALS { rate.normalize() } else { rate };
    let up = UP.get(usize::try_from(rate.scale()).ok()?)?;
    i64::try_from(rate.mantissa()).ok()?.checked_mul(*up)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn day_counts() {
        let cases = [
            (DayCount::Month12, "2024-01-01", "2024-04-01", "0.25"),
            (DayCount::Act365, "2024-01-01", "2024-03-14", "0.2"), // 73 days
            (DayCount::Act360, "2024-01-01", "2024-03-31", "0.25"), // 90 days
            (DayCount::Thirty360, "2024-01-31", "2024-07-31", "0.5"),
            (DayCount::Thirty360, "2024-02-28", "2024-03-31", "0.0916666666666666666666666667"), // 33 days
            (DayCount::Month12, "2024-01-31", "2024-02-29", "0.0833333333333333333333333333"),
            (DayCount::Act365, "2024-02-01", "2024-02-01", "0"),
        ];
        for (count, from, to, want) in cases {
            assert_eq!(count.year_fraction(d(from), d(to)).normalize().to_string(), want, "{count:?} {from} {to}");
        }
    }
}
