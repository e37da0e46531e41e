//! Literals: what a fact is compared with, of the fact's own type.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::Compiler;
use super::date::Anchors;
use crate::declaration::{Designation, Severity};
use crate::money::Currency;
use crate::policy::document::Operand;
use crate::policy::facts::{FactId, FactRef, FactType};
use crate::policy::nearest::one_of;
use crate::policy::problem::{At, Problem};
use crate::policy::program::Literal;
use crate::rate::Rate;
use crate::region::RegionId;

const SEVERITIES: &[&str] = &["I", "II", "III", "IV"];
const DESIGNATIONS: &[&str] = &["severe", "affected", "adjacent", "none"];

/// A tested fact: which, of what type, and its name in the document.
pub(super) struct Tested<'d> {
    pub fact: FactRef,
    pub of: FactType,
    pub name: &'d str,
}

impl Compiler<'_> {
    pub(super) fn literal(&mut self, operand: &Operand, tested: &Tested<'_>, at: &At) -> Option<Literal> {
        match (tested.of, operand) {
            (FactType::Bool, Operand::Bool(value)) => Some(Literal::Bool(*value)),
            (FactType::Count(_), Operand::Int(count)) => self.count(*count, tested, at),
            (FactType::Amount, Operand::Money(money)) => Some(Literal::Amount(*money)),
            (FactType::Rate, Operand::Text(text)) => self.rate(text, tested, at),
            (FactType::Date, Operand::Text(text)) => self.named_date(text, at, Anchors::Before).map(Literal::Date),
            (FactType::Date, Operand::Date(object)) => {
                self.computed_date(object, at, Anchors::Before).map(Literal::Date)
            }
            (FactType::Name(names) | FactType::Names(names), Operand::Text(name)) => {
                self.name(name, names, tested, at).map(Literal::Name)
            }
            (FactType::Severity, Operand::Text(text)) => {
                let found = Severity::ALL.into_iter().find(|severity| severity.name() == text);
                self.closed(found, text, SEVERITIES, tested, at).map(Literal::Severity)
            }
            (FactType::Designation, Operand::Text(text)) => {
                let outside = (text == "none").then_some(None);
                let found = Designation::ALL.into_iter().find(|designation| designation.name() == text).map(Some);
                self.closed(outside.or(found), text, DESIGNATIONS, tested, at).map(Literal::Designation)
            }
            (FactType::Region, Operand::Text(code)) => self.region(code, at).map(Literal::Region),
            _ => self.wrong_type(operand, tested, at),
        }
    }

    fn wrong_type(&mut self, operand: &Operand, tested: &Tested<'_>, at: &At) -> Option<Literal> {
        let message = format!("`{}` is {}; this is {}", tested.name, tested.of.describe(), describe(operand));
        self.report(Problem::error("wrong-type", at, message).maybe_help(right_form(tested.of, operand)));
        None
    }

    fn count(&mut self, count: i64, tested: &Tested<'_>, at: &At) -> Option<Literal> {
        if count < 0 && tested.fact.id != FactId::Attribute {
            let message = format!("`{}` is never below zero; this is {count}", tested.name);
            self.report(Problem::error("negative-count", at, message).help("write 0 or more"));
            return None;
        }
        Some(Literal::Count(count))
    }

    fn rate(&mut self, text: &str, tested: &Tested<'_>, at: &At) -> Option<Literal> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let Some(rate) = plain.then(|| Decimal::from_str_exact(text).ok()).flatten() else {
            return self.wrong_type(&Operand::Text(text.to_owned()), tested, at);
        };
        if tested.fact.id == FactId::AccountRate && rate > Decimal::ONE {
            let problem = Problem::warning("high-rate", at, format!("an annual rate of {text} is more than 100 %"));
            self.report(problem.maybe_help(percent(rate).map(|right| format!("for {text} % write \"{right}\""))));
        }
        Some(Literal::Rate(Rate(rate)))
    }

    /// A name; checked against the list where the fact has one.
    pub(super) fn name(&mut self, name: &str, names: &[&str], tested: &Tested<'_>, at: &At) -> Option<String> {
        if !names.is_empty() && !names.contains(&name) {
            return self.closed(None, name, names, tested, at);
        }
        if name.trim().is_empty() {
            self.report(Problem::error("empty-name", at, "the name is empty"));
            return None;
        }
        if tested.fact.id == FactId::AccountCurrency && (name == "RMB" || Currency::new(name).is_err()) {
            let message = format!("\"{name}\" is not the code of a currency");
            let help = "write the ISO 4217 code in three capital letters, such as \"CNY\"";
            self.report(Problem::error("unknown-name", at, message).help(help));
            return None;
        }
        Some(name.to_owned())
    }

    fn closed<T>(&mut self, found: Option<T>, text: &str, names: &[&str], tested: &Tested<'_>, at: &At) -> Option<T> {
        if found.is_none() {
            let message = format!("`{}` is never \"{text}\"", tested.name);
            self.report(Problem::error("unknown-name", at, message).help(one_of(text, names)));
        }
        found
    }

    pub(super) fn region(&mut self, code: &str, at: &At) -> Option<RegionId> {
        match self.regions.find(code) {
            Ok(region) => Some(region),
            Err(unknown) => {
                let help = match &unknown.nearest {
                    Some(near) => format!("did you mean \"{}\" ({})?", near.code, near.name),
                    None => {
                        "write CN- and six digits of GB/T 2260, or US- and two (state) or five (county) digits of FIPS"
                            .to_owned()
                    }
                };
                let message = format!("no region has the code \"{code}\"");
                self.report(Problem::error("unknown-region", at, message).help(help));
                None
            }
        }
    }
}

fn describe(operand: &Operand) -> String {
    match operand {
        Operand::Bool(value) => format!("{value}"),
        Operand::Int(number) => format!("the number {number}"),
        Operand::Text(text) => format!("the string \"{text}\""),
        Operand::Money(money) => format!("the amount {money}"),
        Operand::Date(_) => "a computed date".to_owned(),
    }
}

/// The same thing in the form that the type wants, as far as it can be told.
fn right_form(of: FactType, operand: &Operand) -> Option<String> {
    match (of, operand) {
        (FactType::Bool, Operand::Text(text)) => match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "是" => Some("write true, without quotes".to_owned()),
            "false" | "no" | "n" | "否" => Some("write false, without quotes".to_owned()),
            _ => Some("write true or false, without quotes".to_owned()),
        },
        (FactType::Bool, _) => Some("write true or false".to_owned()),
        (FactType::Count(_), Operand::Text(text)) => {
            let digits =
                text.trim().split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| i64::from_str(digits).ok());
            Some(
                digits.map_or("write a whole number, without quotes".to_owned(), |n| {
                    format!("write {n}, without quotes")
                }),
            )
        }
        (FactType::Amount, Operand::Int(number)) => {
            Some(format!("write {{\"amount\": \"{number}\", \"currency\": \"CNY\"}}, in the account's currency"))
        }
        (FactType::Amount, Operand::Text(text)) => {
            let number = Decimal::from_str_exact(text).map_or_else(|_| "500.00".to_owned(), |_| text.clone());
            Some(format!("write {{\"amount\": \"{number}\", \"currency\": \"CNY\"}}, in the account's currency"))
        }
        (FactType::Rate, Operand::Int(number @ (0 | 1))) => Some(format!("write \"{number}\"")),
        (FactType::Rate, Operand::Int(number)) => {
            percent(Decimal::from(*number)).map(|right| format!("for {number} % write \"{right}\""))
        }
        (FactType::Rate, Operand::Text(text)) => {
            let number = Decimal::from_str_exact(text.trim().trim_end_matches(['%', '％']).trim()).ok();
            let right = number.and_then(percent).map(|right| format!("write \"{right}\""));
            right.or_else(|| Some("write a decimal string such as \"0.24\" for 24 %".to_owned()))
        }
        (FactType::Severity, Operand::Int(number)) => {
            let index = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
            let right = index.and_then(|index| SEVERITIES.get(index)).unwrap_or(&"III");
            Some(format!("write \"{right}\""))
        }
        (FactType::Date, Operand::Int(number)) => {
            let text = number.to_string();
            let day = chrono::NaiveDate::parse_from_str(&text, "%Y%m%d").ok().filter(|_| text.len() == 8);
            Some(
                day.map_or("write a day such as \"2026-06-01\", in quotes".to_owned(), |day| {
                    format!("write \"{day}\"")
                }),
            )
        }
        (FactType::Region, Operand::Int(number)) => Some(format!("write \"CN-{number}\" or \"US-{number}\"")),
        _ => None,
    }
}

/// So many percent as a rate; a rate is not negative.
fn percent(number: Decimal) -> Option<Decimal> {
    let part = Some(number).filter(|number| !number.is_sign_negative());
    part?.checked_div(Decimal::ONE_HUNDRED).map(|part| part.normalize())
}
