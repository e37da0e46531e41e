//! A cursor over JSON text: strict, without copies. It knows the plain forms only (no escapes, no exponents); at anything
//! else it answers `None`, and the text is read by the slower reader, which knows every form and says what is wrong.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::bytes::{above_nine, digits, plain_length, ten_to, visible_length};
use crate::account::snapshots::records::Minor;
use crate::account::validate::LONGEST_ID;
use crate::money::{Amount, Currency};
use crate::rate::Rate;

/// Lists and objects in each other that are passed over, at most.
const MOST_DEPTH: u32 = 32;
/// Digits of a plain number, at most: in minor units they stay within 64 bits.
const MOST_DIGITS: usize = 14;

/// Where the reading stands.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// What of it is not read yet.
    rest: &'a [u8],
    /// The account's currency and its decimals, once they are known.
    currency: Option<(Currency, u32)>,
}

/// An amount in minor units, and the decimals that it was written with.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    pub minor: i64,
    pub decimals: u32,
    written: i64,
}

impl Sum {
    /// As documents hold it.
    pub fn amount(self) -> Amount {
        Amount(Decimal::new(self.written, self.decimals))
    }
}

/// In minor units; an amount that was left out is absent.
#[inline]
pub(super) fn minor(sum: Option<Sum>) -> Minor {
    sum.map_or(Minor::ABSENT, |sum| Minor::new(sum.minor))
}

impl<'a> Cursor<'a> {
    pub const fn new(text: &'a str) -> Self {
        Self { text, rest: text.as_bytes(), currency: None }
    }

    /// Takes note of the account's currency. Amounts need it; where it is named below them, it is looked for ahead.
    #[inline]
    pub fn set_currency(&mut self, currency: Currency) {
        self.currency = Some((currency, currency.decimals()));
    }

    /// Looks for the currency among the members of the account that follow the value at which the reading stands.
    #[inline]
    pub fn know_currency(&mut self) -> Option<()> {
        if self.currency.is_some() { Some(()) } else { self.find_currency() }
    }

    #[cold]
    fn find_currency(&mut self) -> Option<()> {
        let mut ahead = *self;
        loop {
            ahead.pass(0)?;
            ahead.take(b',')?;
            let key = ahead.raw()?;
            ahead.take(b':')?;
            if key == b"currency" {
                self.set_currency(Currency::new(ahead.string()?).ok()?);
                return Some(());
            }
        }
    }

    /// The next bytes are read.
    #[inline]
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The next byte that is not white space; it is not taken.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        match self.rest {
            [byte, ..] if *byte > b' ' => Some(*byte),
            _ => self.peek_far(),
        }
    }

    #[cold]
    fn peek_far(&mut self) -> Option<u8> {
        loop {
            match self.rest {
                [byte, ..] if *byte > b' ' => return Some(*byte),
                [b' ' | b'\n' | b'\t' | b'\r', rest @ ..] => self.rest = rest,
                _ => return None,
            }
        }
    }

    #[inline]
    pub fn take(&mut self, byte: u8) -> Option<()> {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                Some(())
            }
            _ => self.take_far(byte),
        }
    }

    /// The same behind white space.
    #[cold]
    fn take_far(&mut self, byte: u8) -> Option<()> {
        (self.peek_far()? == byte).then(|| self.skip(1))
    }

    /// Whether nothing but white space is left.
    pub fn at_end(&mut self) -> bool {
        self.peek().is_none() && self.rest.is_empty()
    }

    /// Every member of an object, whatever its keys.
    #[inline]
    pub fn members(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            self.skip(1);
            return Some(());
        }
        loop {
            let key = self.raw()?;
            self.take(b':')?;
            member(self, key)?;
            if !self.more(b'}')? {
                return Some(());
            }
        }
    }

    /// Whether an object or a list goes on; it ends with the closing mark.
    #[inline]
    pub fn more(&mut self, closing: u8) -> Option<bool> {
        match self.rest {
            [b',', rest @ ..] => {
                self.rest = rest;
                // So that a key that follows can be compared where it stands.
                self.peek().map(|_| true)
            }
            _ => self.take(closing).map(|()| false).or_else(|| self.take_far(b',').map(|()| true)),
        }
    }

    /// Begins an object; says whether it has members.
    #[inline]
    pub fn object(&mut self) -> Option<bool> {
        self.take(b'{')?;
        match self.peek()? {
            b'}' => self.take(b'}').map(|()| false),
            _ => Some(true),
        }
    }

    /// Whether a key follows, which is given as it is written without white space; it is taken then.
    #[inline]
    pub fn key(&mut self, written: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(written.as_bytes()) else { return false };
        self.rest = rest;
        true
    }

    /// The place of the key that follows, however it is written.
    #[cold]
    pub fn any_key(&mut self, keys: &[&str]) -> Option<usize> {
        let name = self.raw()?;
        self.take(b':')?;
        keys.iter().position(|key| key.as_bytes() == name)
    }

    /// Every entry of a list, of which there may be so many.
    #[inline]
    pub fn each(&mut self, most: usize, mut entry: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.peek()? == b']' {
            self.skip(1);
            return Some(());
        }
        for _ in 0..most {
            entry(self)?;
            if !self.more(b']')? {
                return Some(());
            }
        }
        None
    }

    /// A value, or `null` for none.
    #[inline]
    pub fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.peek()? == b'n' {
            return self.word("null").map(|()| None);
        }
        value(self).map(Some)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word.as_bytes())?;
        Some(())
    }

    pub fn boolean(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| false),
            _ => None,
        }
    }

    /// A text without escapes, as bytes: names and words are only compared.
    #[inline]
    pub fn raw(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let (text, after) = self.rest.split_at_checked(plain_length(self.rest)?)?;
        match after {
            [b'"', rest @ ..] => {
                self.rest = rest;
                Some(text)
            }
            _ => None,
        }
    }

    /// A text without escapes.
    #[inline]
    pub fn string(&mut self) -> Option<&'a str> {
        let length = self.raw()?.len();
        let end = self.text.len().checked_sub(self.rest.len())?.checked_sub(1)?;
        self.text.get(end.checked_sub(length)?..end)
    }

    /// A lender's number: not empty, no spaces around it, no control characters, not too long.
    #[inline]
    pub fn id(&mut self) -> Option<&'a str> {
        if let [b'"', inside @ ..] = self.rest
            && let length = visible_length(inside)?
            && let Some([b'"', rest @ ..]) = inside.get(length..)
        {
            let start = self.text.len().checked_sub(inside.len())?;
            self.rest = rest;
            return self.text.get(start..start.checked_add(length)?).filter(|_| (1..=LONGEST_ID).contains(&length));
        }
        self.id_of_all_letters()
    }

    /// The same of letters beyond ASCII, and behind white space.
    #[cold]
    fn id_of_all_letters(&mut self) -> Option<&'a str> {
        let text = self.string()?;
        let plain = text.trim() == text && !text.chars().any(char::is_control);
        (plain && !text.is_empty() && text.len() <= LONGEST_ID).then_some(text)
    }

    /// A day between the years 1900 and 2200.
    #[inline]
    pub fn date(&mut self) -> Option<NaiveDate> {
        let (date, rest) = match self.rest.split_first_chunk::<12>() {
            Some((date @ [b'"', ..], rest)) => (date, rest),
            _ => self.date_far()?,
        };
        let [b'"', year @ .., x, y, b'"'] = date else { return None };
        // The bytes of YYYY-MM-, less those of 0000-00-, and of the day.
        let month = u64::from_le_bytes(*year) ^ u64::from_le_bytes(*b"0000-00-");
        let day = u32::from(*x ^ b'0') * 10 + u32::from(*y ^ b'0');
        // The dashes have to be 0.
        let digits = above_nine(month) == 0;
        let dashes = month & u64::from_le_bytes([0, 0, 0, 0, 0xff, 0, 0, 0xff]) == 0;
        if !(digits && dashes && x.is_ascii_digit() && y.is_ascii_digit()) {
            return None;
        }
        // Pairs of digits, added up in the lower byte of each.
        let pairs = month.wrapping_mul(10).wrapping_add(month >> 8);
        let year = (pairs & 0xff) * 100 + (pairs >> 16 & 0xff);
        let month = u32::try_from(pairs >> 40 & 0xff).ok()?;
        if !(1900..=2200).contains(&year) {
            return None;
        }
        self.rest = rest;
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }

    /// The same behind white space.
    #[cold]
    fn date_far(&mut self) -> Option<(&'a [u8; 12], &'a [u8])> {
        self.peek()?;
        self.rest.split_first_chunk::<12>()
    }

    /// A count that is written without sign, fraction, exponent or leading zeros.
    pub fn count(&mut self) -> Option<u32> {
        self.peek()?;
        let rest = self.rest;
        let length = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let digits = rest.get(..length)?;
        let zeros = length > 1 && digits.first() == Some(&b'0');
        if length == 0 || length > 9 || zeros || matches!(rest.get(length)?, b'.' | b'e' | b'E') {
            return None;
        }
        self.skip(length);
        Some(digits.iter().fold(0, |number, byte| number * 10 + u32::from(byte.wrapping_sub(b'0'))))
    }

    /// Digits and how many of them are decimals, as `123.45` or `123`.
    #[inline]
    fn number(&mut self) -> Option<(i64, u32)> {
        self.take(b'"')?;
        let (mut number, whole, mut after) = digits(self.rest, 0, MOST_DIGITS)?;
        let mut decimals = 0;
        match after {
            // Most amounts have two decimals.
            [b'.', x @ b'0'..=b'9', y @ b'0'..=b'9', b'"', rest @ ..] if whole <= MOST_DIGITS - 2 => {
                self.rest = rest;
                let hundredths = i64::from(*x ^ b'0') * 10 + i64::from(*y ^ b'0');
                return Some((number.wrapping_mul(100).wrapping_add(hundredths), 2));
            }
            [b'.', more @ ..] => {
                (number, decimals, after) = digits(more, number, MOST_DIGITS.checked_sub(whole)?)?;
            }
            _ => {}
        }
        let [b'"', rest @ ..] = after else { return None };
        self.rest = rest;
        Some((number, u32::try_from(decimals).ok()?))
    }

    /// An amount of zero or more.
    #[inline]
    pub fn amount(&mut self) -> Option<Sum> {
        let (written, decimals) = self.number()?;
        let (_, own) = self.currency?;
        let minor = written.checked_mul(ten_to(own.checked_sub(decimals)?)?)?;
        Some(Sum { minor, decimals, written })
    }

    /// A share or a rate of at most ten.
    pub fn rate(&mut self) -> Option<Rate> {
        let (number, decimals) = self.number()?;
        let most = ten_to(decimals.saturating_add(1))?;
        (number <= most).then(|| Rate(Decimal::new(number, decimals)))
    }

    /// The text of any value.
    pub fn value(&mut self) -> Option<&'a str> {
        self.peek()?;
        let from = self.text.len().checked_sub(self.rest.len())?;
        self.pass(0)?;
        self.text.get(from..self.text.len().checked_sub(self.rest.len())?)
    }

    /// Passes over a value of JSON.
    pub fn pass(&mut self, depth: u32) -> Option<()> {
        let deeper = depth.saturating_add(1);
        match self.peek()? {
            _ if depth > MOST_DEPTH => None,
            b'"' => self.pass_string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'[' => self.each(usize::MAX, |cursor| cursor.pass(deeper)),
            b'{' => self.members(|cursor, _| cursor.pass(deeper)),
            _ => self.pass_number(),
        }
    }

    /// Passes over a number in any of JSON's forms.
    fn pass_number(&mut self) -> Option<()> {
        let signs = |cursor: &mut Self, signs: &[u8]| {
            let found = cursor.rest.first().is_some_and(|byte| signs.contains(byte));
            cursor.skip(usize::from(found));
            found
        };
        let digits = |cursor: &mut Self| {
            let count = cursor.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            cursor.skip(count);
            (count > 0).then_some(count)
        };
        signs(self, b"-");
        let zero = self.rest.first() == Some(&b'0');
        if digits(self)? > 1 && zero {
            return None;
        }
        if signs(self, b".") {
            digits(self)?;
        }
        if signs(self, b"eE") {
            signs(self, b"+-");
            digits(self)?;
        }
        Some(())
    }

    /// Passes over a text with its escapes.
    fn pass_string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            let rest = self.rest;
            let length = plain_length(rest)?;
            let after = rest.get(length.checked_add(1)?..)?;
            self.skip(length.checked_add(1)?);
            match rest.get(length)? {
                b'"' => return Some(()),
                b'\\' => match after {
                    [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.skip(1),
                    [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()) => self.skip(5),
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}
