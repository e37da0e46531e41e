//! Money, rates and counts as people write them.

use rust_decimal::Decimal;

use super::Voice;
use crate::money::{Currency, Money};

/// `1,234.50`: without its currency.
#[must_use]
pub fn plain(money: &Money) -> String {
    let text = money.to_decimal().abs().to_string();
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && whole.len().saturating_sub(at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if money.minor() < 0 { "-" } else { "" };
    match rest {
        Some(rest) => format!("{sign}{grouped}.{rest}"),
        None => format!("{sign}{grouped}"),
    }
}

/// A decimal as a percentage with at most so many decimals: `7.25%`.
#[must_use]
pub fn percent(rate: Decimal, decimals: u32) -> String {
    let hundredfold = rate.checked_mul(Decimal::from(100)).unwrap_or(rate);
    format!("{}%", hundredfold.round_dp(decimals).normalize())
}

/// A decimal as a percentage with exactly so many decimals, for columns: `7.00%`.
#[must_use]
pub fn percent_column(rate: Decimal, decimals: u32) -> String {
    let mut hundredfold = rate.checked_mul(Decimal::from(100)).unwrap_or(rate).round_dp(decimals);
    hundredfold.rescale(decimals);
    format!("{hundredfold}%")
}

impl Voice<'_> {
    /// `1,234.50元`, `CNY 1,234.50`.
    #[must_use]
    pub fn money(&self, money: &Money) -> String {
        let (amount, currency) = (plain(money), money.currency());
        let unit = match currency {
            Currency::CNY => "元".to_owned(),
            Currency::USD => "美元".to_owned(),
            other => format!(" {other}"),
        };
        self.say(format!("{amount}{unit}"), format!("{currency} {amount}"))
    }

    /// `30 天`, `30 days`; the unit is the English word of a fact's type.
    #[must_use]
    pub fn count(&self, count: i64, unit: &str) -> String {
        let zh = match unit {
            "days" => "天",
            "months" => "个月",
            "instalments" => "期",
            "grants" => "次",
            _ => "",
        };
        let en = match (unit, count) {
            ("units", _) => "",
            (unit, 1) => unit.strip_suffix('s').unwrap_or(unit),
            (unit, _) => unit,
        };
        let text = self.say(format!("{count} {zh}"), format!("{count} {en}"));
        text.trim_end().to_owned()
    }
}
