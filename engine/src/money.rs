//! Money: whole minor units of one currency, with checked arithmetic only.
//!
//! Shapes: `{"amount": "123.45", "currency": "CNY"}` outside, [`Money`] inside. A bare amount inside a
//! document that names its currency once (an account) is [`Amount`]: a decimal string such as `"123.45"`.

use std::fmt;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize};

/// What can go wrong with money. Every one is an error of the inputs, never a panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyError {
    /// A sum, a product or a conversion left the range of 64-bit minor units.
    Overflow,
    /// Two currencies met; they are never converted.
    Currencies(Currency, Currency),
    /// Not an ISO 4217 code that this engine knows.
    UnknownCurrency(String),
    /// Not a plain decimal number such as `123.45`.
    NotANumber(String),
    /// More decimals than the currency has.
    TooPrecise(String, Currency),
    /// An amount was divided by weights that sum to zero.
    NothingToSplitBy,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overflow => write!(f, "the amount is too large (at most 92 quadrillion minor units)"),
            Self::Currencies(a, b) => write!(f, "{a} and {b} cannot be added: currencies are never converted"),
            Self::UnknownCurrency(code) => {
                write!(f, "unknown currency `{code}`: use an ISO 4217 code such as CNY or USD")
            }
            Self::NotANumber(text) => write!(f, "`{text}` is not an amount: write a decimal string such as \"123.45\""),
            Self::TooPrecise(text, currency) => {
                write!(f, "`{text}` has more decimals than {currency} has ({})", currency.decimals())
            }
            Self::NothingToSplitBy => write!(f, "an amount cannot be split by weights that sum to zero"),
        }
    }
}

impl std::error::Error for MoneyError {}

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[A-Z]{3}$"))]
pub struct Currency([u8; 3]);

/// Currencies whose minor unit is not a hundredth (ISO 4217 table A.1).
const OTHER_DECIMALS: [(&[u8; 3], u32); 18] = [
    (b"BHD", 3),
    (b"BIF", 0),
    (b"CLP", 0),
    (b"DJF", 0),
    (b"GNF", 0),
    (b"IQD", 3),
    (b"ISK", 0),
    (b"JOD", 3),
    (b"JPY", 0),
    (b"KMF", 0),
    (b"KRW", 0),
    (b"KWD", 3),
    (b"OMR", 3),
    (b"PYG", 0),
    (b"RWF", 0),
    (b"TND", 3),
    (b"UGX", 0),
    (b"VND", 0),
];

impl Currency {
    /// Chinese yuan.
    pub const CNY: Self = Self(*b"CNY");
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Reads a three-letter code.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        match code.as_bytes() {
            [a, b, c] if code.bytes().all(|x| x.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::UnknownCurrency(code.to_owned())),
        }
    }

    /// The code, such as `CNY`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the currency has.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        if *self == Self::CNY || *self == Self::USD {
            return 2;
        }
        OTHER_DECIMALS.iter().find(|(code, _)| **code == self.0).map_or(2, |(_, decimals)| *decimals)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::new(&code)
    }
}

/// How a fraction of a minor unit is dropped. There is no default: every rounding is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Half away from zero: what contracts and statutes mean by rounding.
    HalfUp,
    /// Towards zero: never a cent more than the exact figure.
    Down,
}

impl From<Rounding> for RoundingStrategy {
    fn from(rounding: Rounding) -> Self {
        match rounding {
            Rounding::HalfUp => Self::MidpointAwayFromZero,
            Rounding::Down => Self::ToZero,
        }
    }
}

/// Whether a text is digits, with at most one point that has digits on both sides.
pub(crate) fn is_plain(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').map_or_else(|| digits(text), |(whole, part)| digits(whole) && digits(part))
}

/// An amount of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// From minor units: `Money::new(12345, CNY)` is 123.45.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a decimal string such as `123.45`; more decimals than the currency has are refused, not rounded.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain = is_plain(text.strip_prefix('-').unwrap_or(text));
        let number = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
        let number = number.ok_or_else(|| MoneyError::NotANumber(text.to_owned()))?;
        if number.normalize().scale() > currency.decimals() {
            return Err(MoneyError::TooPrecise(text.to_owned(), currency));
        }
        Self::from_decimal(number, currency, Rounding::Down)
    }

    /// From a decimal number of major units, rounded as told.
    pub fn from_decimal(number: Decimal, currency: Currency, rounding: Rounding) -> Result<Self, MoneyError> {
        let scale = Decimal::from(10_i64.pow(currency.decimals()));
        let minor = number.checked_mul(scale).ok_or(MoneyError::Overflow)?;
        let minor = minor.round_dp_with_strategy(0, rounding.into()).to_i64().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }

    /// Whole minor units.
    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// In major units, exactly.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    /// The decimal as text, straight from the digits and without memory of its own: a decision has dozens of amounts.
    fn written(&self) -> Backwards {
        let (mut left, mut text) = (self.minor.unsigned_abs(), Backwards::default());
        let decimals = self.currency.decimals();
        for _ in 0..decimals {
            text.digit(&mut left);
        }
        if decimals > 0 {
            text.put(b'.');
        }
        text.digit(&mut left);
        while left > 0 {
            text.digit(&mut left);
        }
        if self.minor < 0 {
            text.put(b'-');
        }
        text
    }

    fn same(&self, other: &Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Currencies(self.currency, other.currency))
        }
    }

    /// The sum.
    pub fn add(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..*self })
    }

    /// The difference; it may be negative.
    pub fn sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..*self })
    }

    /// The amount times a plain number, rounded as told.
    pub fn mul(&self, factor: Decimal, rounding: Rounding) -> Result<Self, MoneyError> {
        let product = Decimal::from(self.minor).checked_mul(factor).ok_or(MoneyError::Overflow)?;
        let minor = product.round_dp_with_strategy(0, rounding.into()).to_i64().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..*self })
    }

    /// Splits the amount by weights so that the parts sum to it exactly: each part is rounded down, and the
    /// units left over go one each to the parts with the largest remainders, earlier parts first
    /// (the largest-remainder method).
    pub fn allocate(&self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::NothingToSplitBy);
        }
        let (size, negative) = (u128::from(self.minor.unsigned_abs()), self.minor < 0);
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut given: u128 = 0;
        for (at, weight) in weights.iter().enumerate() {
            let product = size.checked_mul(u128::from(*weight)).ok_or(MoneyError::Overflow)?;
            parts.push(product / total);
            given = given.saturating_add(product / total);
            remainders.push((product % total, at));
        }
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let left = usize::try_from(size.saturating_sub(given)).map_err(|_| MoneyError::Overflow)?;
        for (_, at) in remainders.iter().take(left) {
            if let Some(part) = parts.get_mut(*at) {
                *part = part.saturating_add(1);
            }
        }
        let whole = |part: u128| {
            let part = i64::try_from(part).map_err(|_| MoneyError::Overflow)?;
            Ok(Self { minor: if negative { part.saturating_neg() } else { part }, ..*self })
        };
        parts.into_iter().map(whole).collect()
    }
}

/// A short text that is written from its end: at most a sign, nineteen digits and a point.
#[derive(Default)]
struct Backwards {
    bytes: [u8; 24],
    length: usize,
}

impl Backwards {
    fn put(&mut self, byte: u8) {
        self.length += 1;
        if let Some(slot) = self.bytes.len().checked_sub(self.length).and_then(|at| self.bytes.get_mut(at)) {
            *slot = byte;
        }
    }

    fn digit(&mut self, left: &mut u64) {
        self.put(b'0' + u8::try_from(*left % 10).unwrap_or_default());
        *left /= 10;
    }

    fn text(&self) -> &str {
        let from = self.bytes.len().saturating_sub(self.length);
        self.bytes.get(from..).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// Money as documents write it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MoneyDocument {
    amount: Amount,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("MoneyDocument", 2)?;
        document.serialize_field("amount", self.written().text())?;
        document.serialize_field("currency", &self.currency)?;
        document.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = MoneyDocument::deserialize(deserializer)?;
        document.amount.in_currency(document.currency).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        MoneyDocument::json_schema(generator)
    }
}

/// A decimal string, `"123.45"`, whose currency stands elsewhere in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, JsonSchema)]
#[schemars(with = "String", extend("pattern" = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"))]
pub struct Amount(pub Decimal);

impl Amount {
    /// The sum of two amounts of the same document.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::Overflow)
    }

    /// The amount in a currency; more decimals than it has are refused.
    pub fn in_currency(&self, currency: Currency) -> Result<Money, MoneyError> {
        // Straight from digits and scale: every amount of every account comes through here.
        let (digits, scale, decimals) = (self.0.mantissa(), self.0.scale(), currency.decimals());
        let power = 10_i128.checked_pow(scale.abs_diff(decimals)).ok_or(MoneyError::Overflow)?;
        let minor = if scale <= decimals {
            digits.checked_mul(power)
        } else if digits % power == 0 {
            digits.checked_div(power)
        } else {
            return Err(MoneyError::TooPrecise(self.0.to_string(), currency));
        };
        let minor = minor.and_then(|minor| i64::try_from(minor).ok()).ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, currency))
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self(money.to_decimal())
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = is_plain(text.strip_prefix('-').unwrap_or(&text));
        let number = plain.then(|| Decimal::from_str_exact(&text).ok()).flatten();
        number.map(Self).ok_or_else(|| serde::de::Error::custom(MoneyError::NotANumber(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    #[test]
    fn an_amount_is_read_as_its_text_would_be() {
        let jpy = Currency::new("JPY").unwrap();
        for text in ["0", "0.05", "123.45", "-1.2", "1.2300", "1.234", "7", "7.5", "92233720368547758.08", "-0.00"] {
            let amount = Amount(Decimal::from_str_exact(text).unwrap());
            for currency in [Currency::CNY, jpy] {
                assert_eq!(amount.in_currency(currency), Money::parse(text, currency), "{text} {currency}");
            }
        }
    }

    #[test]
    fn reads_and_prints_exactly() {
        for (text, minor) in [("0", 0), ("0.05", 5), ("123.45", 12345), ("-1.2", -120), ("500.00", 50000)] {
            assert_eq!(Money::parse(text, Currency::CNY), Ok(cny(minor)), "{text}");
        }
        assert_eq!(Money::parse("7", Currency::new("JPY").unwrap()).unwrap().minor(), 7);
        for text in ["", ".", "1.", ".5", "1e3", "+1", "1,000", "NaN", "0x10", "1.2.3", " 1"] {
            assert!(matches!(Money::parse(text, Currency::CNY), Err(MoneyError::NotANumber(_))), "{text}");
        }
        assert!(matches!(Money::parse("0.005", Currency::CNY), Err(MoneyError::TooPrecise(..))));
        assert_eq!(Money::parse("92233720368547758.08", Currency::CNY), Err(MoneyError::Overflow));
    }

    #[test]
    fn an_amount_is_written_as_its_decimal_is() {
        for code in ["CNY", "JPY", "BHD"] {
            for minor in [0, 5, -5, 10, 99, -100, 999, 1_000, 12_345, -120, i64::MAX, i64::MIN] {
                let money = Money::new(minor, Currency::new(code).unwrap());
                let written = serde_json::json!({"amount": money.to_decimal().to_string(), "currency": code});
                assert_eq!(serde_json::to_value(money).unwrap(), written);
            }
        }
    }

    #[test]
    fn sums_are_checked() {
        assert_eq!(cny(i64::MAX).add(&cny(1)), Err(MoneyError::Overflow));
        assert_eq!(cny(i64::MIN).sub(&cny(1)), Err(MoneyError::Overflow));
        let dollars = Money::new(1, Currency::USD);
        assert_eq!(cny(1).add(&dollars), Err(MoneyError::Currencies(Currency::CNY, Currency::USD)));
    }

    #[test]
    fn a_share_of_three_small_charges_rounds_each_half_up() {
        // 0.3 of 0.05 is 0.015, half-up 0.02.
        assert_eq!(cny(5).mul(Decimal::new(3, 1), Rounding::HalfUp), Ok(cny(2)));
        assert_eq!(cny(5).mul(Decimal::new(3, 1), Rounding::Down), Ok(cny(1)));
    }

    #[test]
    fn allocation_sums_exactly() {
        let parts = cny(100).allocate(&[1, 1, 1]).unwrap();
        assert_eq!(parts, [cny(34), cny(33), cny(33)]);
        let parts = cny(-100).allocate(&[0, 2, 1]).unwrap();
        assert_eq!(parts, [cny(0), cny(-67), cny(-33)]);
        assert_eq!(cny(1).allocate(&[0, 0]), Err(MoneyError::NothingToSplitBy));
    }
}
