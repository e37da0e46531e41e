//! Limits, and what a person has to approve.

use super::Compiler;
use crate::money::{Currency, Money};
use crate::policy::document::{Approval, Limit, LimitScope, LimitWindow, OneOrMany};
use crate::policy::problem::{At, Problem};
use crate::policy::program::{LimitMeasure, LimitProgram};

impl Compiler<'_> {
    pub(super) fn limit(&mut self, limit: &Limit, at: &At) -> Option<LimitProgram> {
        let given = [
            ("count", limit.count.is_some()),
            ("deferred_instalments", limit.deferred_instalments.is_some()),
            ("amount", limit.amount.is_some() || limit.currency.is_some()),
        ];
        let given: Vec<&str> = given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
        let measure = if let [form] = given.as_slice() {
            self.measure(limit, form, at)
        } else {
            let message = match given.as_slice() {
                [] => "the limit does not say what it counts".to_owned(),
                several => format!("the limit counts several things at once: {}", several.join(", ")),
            };
            let help = "give exactly one of \"count\", \"deferred_instalments\" and \"amount\" (with \"currency\"); two limits are two entries";
            self.report(Problem::error("limit-form", at, message).help(help));
            None
        };
        let window = match &limit.window {
            None => Some(None),
            Some(window) => self.limit_window(window, &at.key("window")).map(Some),
        };
        // A rolling time is about the borrower's burden, whatever the event was.
        let usual = if limit.window.is_some() { LimitScope::Any } else { LimitScope::Event };
        let scope = limit.scope.unwrap_or(usual);
        Some(LimitProgram { pointer: at.to_string(), measure: measure?, per: limit.per, scope, window: window? })
    }

    fn measure(&mut self, limit: &Limit, form: &str, at: &At) -> Option<LimitMeasure> {
        let (measure, at) = if let Some(count) = limit.count {
            (LimitMeasure::Count(i64::from(count)), at.key(form))
        } else if let Some(bound) = &limit.deferred_instalments {
            (LimitMeasure::DeferredInstalments(i64::from(bound.at_most)), at.key(form).key("at_most"))
        } else {
            (LimitMeasure::Amount(self.money(limit.amount, limit.currency, at)?), at.key(form))
        };
        let size = match measure {
            LimitMeasure::Count(count) | LimitMeasure::DeferredInstalments(count) => count,
            LimitMeasure::Amount(money) => money.minor(),
        };
        if size == 0 {
            let problem = Problem::error("nothing-given", &at, "a limit of 0 lets nothing through");
            self.report(problem.help("write a number above 0"));
            return None;
        }
        Some(measure)
    }

    fn limit_window(&mut self, window: &LimitWindow, at: &At) -> Option<(u32, u32)> {
        let (months, days) = (window.months.unwrap_or(0), window.days.unwrap_or(0));
        if months == 0 && days == 0 {
            let problem = Problem::error("span-form", at, "the time has no length");
            self.report(problem.help("give \"months\" or \"days\", such as {\"months\": 12}"));
            return None;
        }
        Some((months, days))
    }

    pub(super) fn approval(&mut self, approval: Option<&Approval>, at: &At) {
        let Some(approval) = approval else { return };
        let bounds = [
            ("automatic_up_to", &approval.automatic_up_to),
            ("deferred_up_to", &approval.deferred_up_to),
            ("two_people_above", &approval.two_people_above),
        ];
        for (key, bound) in bounds {
            if let Some(bound) = bound {
                self.bound(bound, &at.key(key));
            }
        }
        let (Some(alone), Some(two)) = (&approval.automatic_up_to, &approval.two_people_above) else { return };
        for low in alone.as_slice() {
            let high = two.as_slice().iter().find(|high| high.currency() == low.currency());
            if let Some(high) = high.filter(|high| high.minor() < low.minor()) {
                let message = format!("two people are needed above {high}, but nobody up to {low}");
                let problem = Problem::error("approval-order", &at.key("two_people_above"), message);
                let problem = problem.help("`two_people_above` may not be less than `automatic_up_to`");
                self.report(problem.also(&at.key("automatic_up_to"), "nobody has to approve up to this"));
            }
        }
    }

    /// One amount, or one per currency.
    fn bound(&mut self, bound: &OneOrMany<Money>, at: &At) {
        if bound.as_slice().is_empty() {
            let problem = Problem::error("empty-list", at, "the list is empty: name at least one amount");
            self.report(problem);
        }
        let mut seen: Vec<Currency> = Vec::new();
        for (index, money) in bound.as_slice().iter().enumerate() {
            let place = match bound {
                OneOrMany::One(_) => at.clone(),
                OneOrMany::Many(_) => at.index(index),
            };
            self.not_negative(*money, &place.key("amount"));
            if let Some(first) = seen.iter().position(|currency| *currency == money.currency()) {
                let message = format!("{} stands in the list twice", money.currency());
                let problem =
                    Problem::error("duplicate-currency", &place, message).help("keep one amount per currency");
                self.report(problem.also(&at.index(first), "here first"));
            }
            seen.push(money.currency());
        }
    }
}
