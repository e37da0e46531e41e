//! Counts, amounts and spans.

use super::{Compiler, each};
use crate::money::{Amount, Currency, Money};
use crate::policy::document::{Choose, Quantity, QuantityObject, Span};
use crate::policy::facts::{FactId, FactRef, FactType};
use crate::policy::problem::{At, Problem};
use crate::policy::program::{QuantityExpr, SpanExpr};
use crate::rate::Rate;

use super::date::Anchors;

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Days,
    Months,
    Instalments,
    Amount,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Months => "months",
            Self::Instalments => "instalments",
            Self::Amount => "money",
        }
    }

    /// Whether a count fact of that unit can be meant. A row of a loan is usually a month; a lender's own facts have no
    /// unit.
    fn takes(self, unit: &str) -> bool {
        match self {
            Self::Days => matches!(unit, "days" | "units"),
            Self::Months | Self::Instalments => matches!(unit, "months" | "instalments" | "units"),
            Self::Amount => false,
        }
    }
}

const FORMS: &str = "give exactly one of \"up_to\", \"amount\" (with \"currency\"), \"fact\", \"min\", \"minus\", \"share\" (with \"of\"), \"choose\" and \"interrupted\"";

impl Compiler<'_> {
    pub(super) fn quantity(
        &mut self,
        quantity: &Quantity,
        at: &At,
        measure: Measure,
        known: Anchors,
    ) -> Option<QuantityExpr> {
        match quantity {
            Quantity::Count(count) if measure == Measure::Amount => {
                let message = format!("{count} is a number without a currency");
                let help = format!("write {{\"amount\": \"{count}\", \"currency\": \"CNY\"}}");
                self.report(Problem::error("amount-without-currency", at, message).help(help));
                None
            }
            Quantity::Count(count) => Some(QuantityExpr::Count(i64::from(*count))),
            Quantity::Object(object) => self.quantity_object(object, at, measure, known),
        }
    }

    /// As [`Self::quantity`], where nothing would make no sense.
    pub(super) fn some_quantity(
        &mut self,
        quantity: &Quantity,
        at: &At,
        measure: Measure,
        known: Anchors,
    ) -> Option<QuantityExpr> {
        let compiled = self.quantity(quantity, at, measure, known)?;
        let nothing = match &compiled {
            QuantityExpr::Count(0) => true,
            QuantityExpr::Amount(money) => money.minor() == 0,
            _ => false,
        };
        if nothing {
            let problem = Problem::error("nothing-given", at, format!("0 {} would change nothing", measure.name()));
            self.report(problem.help("write a number above 0, or leave the whole out"));
            return None;
        }
        Some(compiled)
    }

    fn quantity_object(
        &mut self,
        object: &QuantityObject,
        at: &At,
        measure: Measure,
        known: Anchors,
    ) -> Option<QuantityExpr> {
        let given = [
            ("up_to", object.up_to.is_some()),
            ("amount", object.amount.is_some() || object.currency.is_some()),
            ("fact", object.fact.is_some()),
            ("min", object.min.is_some()),
            ("minus", object.minus.is_some()),
            ("share", object.share.is_some() || object.of.is_some()),
            ("choose", object.choose.is_some()),
            ("interrupted", object.interrupted.is_some()),
        ];
        let given: Vec<&str> = given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
        let [form] = given.as_slice() else {
            let message = match given.as_slice() {
                [] => "the quantity says nothing".to_owned(),
                several => format!("the quantity has several forms at once: {}", several.join(", ")),
            };
            self.report(Problem::error("quantity-form", at, message).help(FORMS));
            return None;
        };
        if !self.form_fits(form, at, measure) {
            return None;
        }
        if let Some(up_to) = object.up_to {
            return self.up_to(up_to, &at.key("up_to"));
        }
        if let Some(name) = &object.fact {
            return self.quantity_fact(name, &at.key("fact"), measure).map(QuantityExpr::Fact);
        }
        if let Some(parts) = &object.min {
            self.list(parts, "quantity", &at.key("min"));
            let parts = each(parts, |index, part| self.quantity(part, &at.key("min").index(index), measure, known));
            return parts.filter(|parts| !parts.is_empty()).map(QuantityExpr::Min);
        }
        if let Some(parts) = &object.minus {
            return self.minus(parts, &at.key("minus"), measure, known);
        }
        if let Some(choose) = &object.choose {
            return self.choose(choose, &at.key("choose"));
        }
        if let Some(window) = &object.interrupted {
            let window = self.window(Some(window), &at.key("interrupted"), known);
            return window.map(QuantityExpr::Interrupted);
        }
        if *form == "share" {
            return self.share_of(object.share.as_ref(), object.of.as_deref(), at);
        }
        self.money(object.amount, object.currency, at).map(QuantityExpr::Amount)
    }

    /// Whether a form can give what is measured; a problem when not.
    fn form_fits(&mut self, form: &str, at: &At, measure: Measure) -> bool {
        let good = match form {
            "up_to" | "choose" => measure != Measure::Amount,
            "amount" | "share" => measure == Measure::Amount,
            "interrupted" => measure == Measure::Days,
            _ => true,
        };
        if !good {
            let gives = match form {
                "amount" | "share" => "money",
                "interrupted" => "days",
                _ => "a number",
            };
            let message = format!("`{form}` gives {gives}, but {} are meant here", measure.name());
            let message = if measure == Measure::Amount { message.replace(" are meant", " is meant") } else { message };
            let help = match (form, measure) {
                ("interrupted", _) => "put it into \"days\"",
                (_, Measure::Amount) => {
                    "write an amount such as {\"amount\": \"500.00\", \"currency\": \"CNY\"}, an amount fact, or a \"share\" \"of\" one"
                }
                _ => "write a whole number, {\"up_to\": …}, {\"choose\": …} or a fact that counts",
            };
            self.report(Problem::error("quantity-type", &at.key(form), message).help(help).on_name());
        }
        good
    }

    fn up_to(&mut self, up_to: u32, at: &At) -> Option<QuantityExpr> {
        if up_to == 0 {
            self.report(Problem::error("nothing-given", at, "up to 0 is none").help("write a number from 1"));
            return None;
        }
        Some(QuantityExpr::UpTo(i64::from(up_to)))
    }

    fn quantity_fact(&mut self, name: &str, at: &At, measure: Measure) -> Option<FactRef> {
        let (fact, of) = self.fact(name, at)?;
        let good = match of {
            FactType::Count(unit) => measure.takes(unit),
            FactType::Amount => measure == Measure::Amount,
            _ => false,
        };
        if !good {
            let message = format!("`{name}` is {}, but {} is meant here", of.describe(), a_measure(measure));
            let help = match measure {
                Measure::Amount => "name an amount such as account.next_payment",
                Measure::Days => "name a count of days, such as account.days_past_due",
                Measure::Months => "name a count of months, such as account.months_past_due",
                Measure::Instalments => "name a count of instalments, such as account.instalments_left",
            };
            self.report(Problem::error("quantity-type", at, message).help(help));
        }
        good.then_some(fact)
    }

    fn minus(&mut self, parts: &[Quantity], at: &At, measure: Measure, known: Anchors) -> Option<QuantityExpr> {
        let compiled = each(parts, |index, part| self.quantity(part, &at.index(index), measure, known));
        if parts.len() != 2 {
            let message = format!("`minus` takes two quantities, here are {}", parts.len());
            let help = "write [first, second]: the first less the second, never below zero";
            self.report(Problem::error("minus-of-two", at, message).help(help));
            return None;
        }
        let mut compiled = compiled?.into_iter();
        Some(QuantityExpr::Minus(Box::new(compiled.next()?), Box::new(compiled.next()?)))
    }

    fn choose(&mut self, choose: &Choose, at: &At) -> Option<QuantityExpr> {
        let Choose { from, up_to, by, default } = choose;
        let mut good = true;
        if up_to == &0 {
            self.report(
                Problem::error("nothing-given", &at.key("up_to"), "up to 0 is none").help("write a number from 1"),
            );
            good = false;
        } else if from > up_to {
            let message = format!("the choice runs from {from} up to {up_to}: there is nothing to choose from");
            self.report(Problem::error("choose-bounds", at, message).help("\"from\" may not be above \"up_to\""));
            good = false;
        } else if default < from || default > up_to {
            let message = format!("the default {default} cannot be chosen");
            let help = format!("write a number from {from} to {up_to}");
            self.report(Problem::error("choose-bounds", &at.key("default"), message).help(help));
            good = false;
        }
        let (from, up_to, default) = (i64::from(*from), i64::from(*up_to), i64::from(*default));
        good.then_some(QuantityExpr::Choose { from, up_to, default, by: *by })
    }

    fn share_of(&mut self, share: Option<&Rate>, of: Option<&str>, at: &At) -> Option<QuantityExpr> {
        let rate = share.and_then(|share| self.share(*share, &at.key("share")));
        let fact = of.and_then(|name| self.quantity_fact(name, &at.key("of"), Measure::Amount));
        if share.is_none() || of.is_none() {
            let (has, lacks) = if share.is_none() { ("of", "share") } else { ("share", "of") };
            let message = format!("`{has}` stands alone: `share` and `of` go together");
            let help = if lacks == "of" {
                "add \"of\" with an amount fact, such as \"account.next_payment\""
            } else {
                "add \"share\", such as \"0.50\" for half"
            };
            self.report(Problem::error("share-of", at, message).help(help));
        }
        Some(QuantityExpr::Share(rate?, fact?))
    }

    /// A share: above nothing, at most the whole.
    pub(super) fn share(&mut self, share: Rate, at: &At) -> Option<Rate> {
        if share > Rate::ZERO && share <= Rate::ONE {
            return Some(share);
        }
        let percent = share.0.checked_div(rust_decimal::Decimal::ONE_HUNDRED).map(|part| part.normalize());
        let (message, help) = match percent {
            Some(part) if share > Rate::ONE && part <= rust_decimal::Decimal::ONE => {
                (format!("a share of {share} is more than the whole"), format!("for {share} % write \"{part}\""))
            }
            _ if share > Rate::ONE => {
                (format!("a share of {share} is more than the whole"), "the whole is \"1\"".to_owned())
            }
            _ => ("a share of 0 is nothing".to_owned(), "write a share above 0, such as \"0.50\" for half".to_owned()),
        };
        self.report(Problem::error("share-out-of-range", at, message).help(help));
        None
    }

    /// An amount with its currency, never below zero.
    pub(super) fn money(&mut self, amount: Option<Amount>, currency: Option<Currency>, at: &At) -> Option<Money> {
        match (amount, currency) {
            (Some(amount), Some(currency)) => match amount.in_currency(currency) {
                Ok(money) => self.not_negative(money, &at.key("amount")),
                Err(error) => {
                    let problem = Problem::error("bad-amount", &at.key("amount"), error.to_string());
                    self.report(problem);
                    None
                }
            },
            (Some(_), None) => {
                let problem = Problem::error("amount-without-currency", at, "the amount has no currency");
                self.report(problem.help("add \"currency\", such as \"CNY\" or \"USD\""));
                None
            }
            (None, _) => {
                let problem = Problem::error("currency-without-amount", at, "the currency has no amount");
                self.report(problem.help("add \"amount\", such as \"500.00\""));
                None
            }
        }
    }

    pub(super) fn not_negative(&mut self, money: Money, at: &At) -> Option<Money> {
        if money.minor() < 0 {
            self.report(Problem::error("negative-amount", at, format!("{money} is less than nothing")));
            return None;
        }
        Some(money)
    }

    pub(super) fn span(&mut self, span: &Span, at: &At, known: Anchors) -> Option<SpanExpr> {
        let days = span.days.as_ref().map(|n| self.some_quantity(n, &at.key("days"), Measure::Days, known));
        let months = span.months.as_ref().map(|n| self.some_quantity(n, &at.key("months"), Measure::Months, known));
        match (days, months) {
            (Some(days), None) => days.map(SpanExpr::Days),
            (None, Some(months)) => months.map(SpanExpr::Months),
            (given, _) => {
                let message = if given.is_some() { "the time is given twice" } else { "the time has no length" };
                let help = "give either \"days\" or \"months\", such as {\"months\": 3}";
                self.report(Problem::error("span-form", at, message).help(help));
                None
            }
        }
    }

    /// A fact by its name; a problem with the nearest right name when there is none.
    pub(super) fn fact(&mut self, name: &str, at: &At) -> Option<(FactRef, FactType)> {
        let found = FactRef::find(name, self.attributes);
        if let Some((fact, of)) = found.clone() {
            if matches!(fact.id, FactId::ReliefEnd | FactId::RowDue) {
                let message = format!("`{name}` is a date inside benefits and cannot be read as a fact");
                self.report(Problem::error("fact-out-of-place", at, message));
                return None;
            }
            return Some((fact, of));
        }
        self.unknown_fact(name, at);
        None
    }
}

const fn a_measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Days => "a number of days",
        Measure::Months => "a number of months",
        Measure::Instalments => "a number of instalments",
        Measure::Amount => "an amount of money",
    }
}
