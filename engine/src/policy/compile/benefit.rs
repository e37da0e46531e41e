//! Benefits: one function per kind.

use super::date::Anchors;
use super::quantity::Measure;
use super::{Compiler, each};
use crate::account::snapshot::Bearer;
use crate::policy::document::{
    Benefit, BorneBy, Cap, CapPer, Defer, DeferTo, Goodwill, Hold, HoldKind, IfPaid, InterestOf, OneOrMany, Part,
    Quantity, Renew, Suspend, Waive, Which, WindowRule,
};
use crate::policy::nearest::nearest;
use crate::policy::problem::{At, Problem};
use crate::policy::program::{
    BenefitKind, BenefitProgram, CapProgram, DeferProgram, HoldProgram, QuantityExpr, RenewProgram, RowChoice,
    SpanExpr, SuspendProgram, WaiveProgram, WaiveTarget,
};
use crate::rate::Rate;

const KINDS: &str = "waive, defer, suspend, pause_interest, reduce_rate, hold, goodwill and extend_window";

/// The place of an entry: a list's own, or that of the one value.
fn entry<T>(all: &OneOrMany<T>, at: &At, index: usize) -> At {
    match all {
        OneOrMany::One(_) => at.clone(),
        OneOrMany::Many(_) => at.index(index),
    }
}

impl Compiler<'_> {
    /// A benefit; `siblings` are all benefits of its rule.
    pub(super) fn benefit(&mut self, benefit: &Benefit, siblings: &[Benefit], at: &At) -> Option<BenefitProgram> {
        self.text(benefit.title.as_ref(), &at.key("title"));
        let mut kinds: Vec<Option<BenefitKind>> = Vec::new();
        if let Some(waive) = &benefit.waive {
            kinds.push(self.waive(waive, &at.key("waive")).map(BenefitKind::Waive));
        }
        if let Some(defer) = &benefit.defer {
            kinds.push(self.defer(defer, &at.key("defer")).map(BenefitKind::Defer));
        }
        if let Some(suspend) = &benefit.suspend {
            kinds.push(self.suspend(suspend, siblings, &at.key("suspend")).map(BenefitKind::Suspend));
        }
        if let Some(pause) = &benefit.pause_interest {
            let at = at.key("pause_interest");
            let from = self.date(&pause.from, &at.key("from"), Anchors::ReliefEnd);
            let until = self.date(&pause.until, &at.key("until"), Anchors::ReliefEnd);
            kinds.push(from.zip(until).map(|(from, until)| BenefitKind::Rate { from, until, to: Rate::ZERO }));
        }
        if let Some(reduce) = &benefit.reduce_rate {
            let at = at.key("reduce_rate");
            let from = self.date(&reduce.from, &at.key("from"), Anchors::ReliefEnd);
            let until = self.date(&reduce.until, &at.key("until"), Anchors::ReliefEnd);
            let to = self.reduced_rate(reduce.to, &at.key("to"));
            kinds.push(from.zip(until).zip(to).map(|((from, until), to)| BenefitKind::Rate { from, until, to }));
        }
        if let Some(hold) = &benefit.hold {
            kinds.push(self.hold(hold, &at.key("hold")).map(BenefitKind::Hold));
        }
        if let Some(goodwill) = &benefit.goodwill {
            kinds.push(self.goodwill(goodwill, &at.key("goodwill").key("amount")).map(BenefitKind::Goodwill));
        }
        if let Some(extend) = &benefit.extend_window {
            let by = self.span(&extend.by, &at.key("extend_window").key("by"), Anchors::ReliefEnd);
            kinds.push(by.map(|by| BenefitKind::ExtendWindow { window: extend.window, by }));
        }
        let problem = match kinds.len() {
            1 => None,
            0 => Some(("the benefit grants nothing", format!("give one of {KINDS}"))),
            _ => Some((
                "the benefit is several things at once",
                "put each into a benefit of its own, with its own id".to_owned(),
            )),
        };
        if let Some((message, help)) = problem {
            self.report(Problem::error("benefit-form", at, message).help(help));
            return None;
        }
        let kind = kinds.into_iter().next()??;
        let consent = benefit.consent.unwrap_or(false);
        Some(BenefitProgram { id: benefit.id.clone(), title: benefit.title.clone(), consent, kind })
    }

    fn reduced_rate(&mut self, to: Rate, at: &At) -> Option<Rate> {
        if to.0 >= rust_decimal::Decimal::ONE {
            let help = to.0.checked_div(rust_decimal::Decimal::ONE_HUNDRED).map(|part| part.normalize());
            let message = format!("an annual rate of {to} is 100 % or more: that reduces nothing");
            let problem = Problem::error("rate-too-high", at, message);
            self.report(problem.maybe_help(help.map(|part| format!("for {to} % write \"{part}\""))));
            return None;
        }
        Some(to)
    }

    fn waive(&mut self, waive: &Waive, at: &At) -> Option<WaiveProgram> {
        let target = match (&waive.charges, &waive.interest) {
            (Some(charges), None) => {
                self.list(charges, "kind of charge", &at.key("charges"));
                (!charges.is_empty()).then(|| WaiveTarget::Charges(charges.clone()))
            }
            (None, Some(interest)) => self.interest(interest, &at.key("interest")).map(WaiveTarget::Interest),
            (charges, interest) => {
                if let (Some(_), Some(interest)) = (charges, interest) {
                    self.interest(interest, &at.key("interest"));
                }
                let message = if charges.is_some() {
                    "the waiver is of charges and of interest at once"
                } else {
                    "the waiver does not say what is waived"
                };
                let help =
                    "give either \"charges\", such as [\"late_fee\"], or \"interest\"; two waivers are two benefits";
                self.report(Problem::error("waive-form", at, message).help(help));
                None
            }
        };
        let accrued = self.window(waive.accrued.as_ref(), &at.key("accrued"), Anchors::ReliefEnd);
        let share = waive.share.map_or(Some(Rate::ONE), |share| self.share(share, &at.key("share")));
        let caps = self.caps(waive.cap.as_ref(), &at.key("cap"), Anchors::ReliefEnd);
        let borne_by = match &waive.borne_by {
            None => Some(None),
            Some(borne_by) => self.borne_by(borne_by, &at.key("borne_by")).map(Some),
        };
        let if_paid = waive.if_paid.unwrap_or(IfPaid::Leave);
        Some(WaiveProgram {
            target: target?,
            accrued: accrued?,
            share: share?,
            if_paid,
            caps: caps?,
            borne_by: borne_by?,
        })
    }

    fn interest(&mut self, interest: &InterestOf, at: &At) -> Option<RowChoice> {
        self.rows(&interest.which, interest.due.as_ref(), interest.instalments.as_ref(), at)
    }

    fn borne_by(&mut self, borne_by: &BorneBy, at: &At) -> Option<(Bearer, Option<String>)> {
        let agreement = borne_by.agreement.as_ref().filter(|agreement| !agreement.trim().is_empty());
        if borne_by.party != Bearer::Lender && agreement.is_none() {
            let who = if borne_by.party == Bearer::Guarantor { "the guarantor" } else { "the funder" };
            let message = format!("{who} bears this waiver, but no agreement says so");
            let problem = Problem::error("agreement-missing", at, message);
            self.report(problem.help("add \"agreement\" with the number that accounts carry in account.agreements"));
            return None;
        }
        Some((borne_by.party, agreement.cloned()))
    }

    fn rows(
        &mut self,
        which: &OneOrMany<Which>,
        due: Option<&WindowRule>,
        instalments: Option<&Quantity>,
        at: &At,
    ) -> Option<RowChoice> {
        self.list(which.as_slice(), "choice", &at.key("which"));
        let window = self.window(due, &at.key("due"), Anchors::Before);
        let count = match instalments {
            None => Some(None),
            Some(count) => {
                self.some_quantity(count, &at.key("instalments"), Measure::Instalments, Anchors::Before).map(Some)
            }
        };
        let due_in = which.as_slice().contains(&Which::DueIn);
        if due_in && due.is_none() {
            let message = "`due_in` needs the window in which the instalments fall due";
            let help = "add \"due\", such as {\"from\": \"incident_start\"}";
            self.report(Problem::error("due-missing", &at.key("which"), message).help(help));
        } else if !due_in && due.is_some() {
            let message = "`due` is read only for instalments that are `due_in` it";
            let help = "add \"due_in\" to `which`, or leave `due` out";
            self.report(Problem::error("due-out-of-window", &at.key("due"), message).help(help).on_name());
        }
        let which = which.as_slice().to_vec();
        Some(RowChoice { which, due: window?, instalments: count? })
    }

    fn caps(&mut self, caps: Option<&OneOrMany<Cap>>, at: &At, known: Anchors) -> Option<Vec<CapProgram>> {
        let Some(caps) = caps else { return Some(Vec::new()) };
        self.list(caps.as_slice(), "cap", at);
        let compiled = each(caps.as_slice(), |index, cap| {
            let at = entry(caps, at, index);
            let most = match (&cap.most, cap.amount.is_some() || cap.currency.is_some()) {
                (Some(most), false) => self.some_quantity(most, &at.key("most"), Measure::Amount, known),
                (None, true) => self.cap_amount(cap, &at),
                (most, _) => {
                    let message = if most.is_some() { "the cap is given twice" } else { "the cap has no amount" };
                    let help = "give either \"amount\" with \"currency\", or \"most\" with a quantity that depends";
                    self.report(Problem::error("cap-form", &at, message).help(help));
                    None
                }
            };
            Some(CapProgram { most: most?, per: cap.per })
        })?;
        self.one_per_currency(compiled.iter().map(|cap| (&cap.most, Some(cap.per))), caps.as_slice().len(), at);
        Some(compiled)
    }

    fn cap_amount(&mut self, cap: &Cap, at: &At) -> Option<QuantityExpr> {
        let money = self.money(cap.amount, cap.currency, at)?;
        if money.minor() == 0 {
            let problem = Problem::error("nothing-given", &at.key("amount"), "a cap of 0 lets nothing through");
            self.report(problem.help("write an amount above 0, or leave the benefit out"));
            return None;
        }
        Some(QuantityExpr::Amount(money))
    }

    /// In a list of amounts each currency stands once, for each of `per`.
    fn one_per_currency<'q>(
        &mut self,
        amounts: impl Iterator<Item = (&'q QuantityExpr, Option<CapPer>)>,
        count: usize,
        at: &At,
    ) {
        let mut seen = Vec::with_capacity(count);
        for (index, (amount, per)) in amounts.enumerate() {
            let currency = match amount {
                QuantityExpr::Amount(money) => Some(money.currency()),
                _ => None,
            };
            let first = seen.iter().position(|other| *other == (currency, per));
            seen.push((currency, per));
            let Some(first) = first else { continue };
            let (message, help) = match currency {
                Some(currency) => (format!("{currency} stands in the list twice"), "keep one entry per currency"),
                None => {
                    ("a quantity that depends already holds for every currency".to_owned(), "join the two with \"min\"")
                }
            };
            let problem = Problem::error("duplicate-currency", &at.index(index), message).help(help);
            self.report(problem.also(&at.index(first), "here first"));
        }
    }

    fn defer(&mut self, defer: &Defer, at: &At) -> Option<DeferProgram> {
        let rows = self.rows(&defer.which, defer.due.as_ref(), defer.instalments.as_ref(), at);
        if let Some(parts) = &defer.parts {
            self.list(parts, "part", &at.key("parts"));
        }
        let parts = defer.parts.clone().unwrap_or_else(|| vec![Part::Principal, Part::Interest, Part::Fees]);
        let caps = self.caps(defer.cap.as_ref(), &at.key("cap"), Anchors::Before);
        let date = self.optional_date(defer.date.as_ref(), &at.key("date"), Anchors::RowDue);
        match (defer.to, &defer.date) {
            (DeferTo::LaterDate, None) => {
                let message = "`later_date` does not say which date";
                let help = "add \"date\", such as {\"after\": \"due\", \"months\": 3}";
                self.report(Problem::error("date-missing", &at.key("to"), message).help(help));
            }
            (DeferTo::LaterDate, Some(_)) | (_, None) => {}
            (_, Some(_)) => {
                let message = "`date` is read only when `to` is \"later_date\"";
                let help = "write \"to\": \"later_date\", or leave `date` out";
                self.report(Problem::error("date-out-of-place", &at.key("date"), message).help(help).on_name());
            }
        }
        let extra_terms = match &defer.extra_terms {
            None => Some(None),
            Some(terms) => {
                if defer.to != DeferTo::Spread {
                    let message = "`extra_terms` is read only when `to` is \"spread\"";
                    let help = "write \"to\": \"spread\", or leave `extra_terms` out";
                    let problem = Problem::error("extra-terms-out-of-place", &at.key("extra_terms"), message);
                    self.report(problem.help(help).on_name());
                }
                self.quantity(terms, &at.key("extra_terms"), Measure::Instalments, Anchors::Before).map(Some)
            }
        };
        Some(DeferProgram {
            rows: rows?,
            parts,
            caps: caps?,
            to: defer.to,
            date: date?,
            extra_terms: extra_terms?,
            interest_on_top: defer.interest_on_top,
            arrears: defer.arrears,
        })
    }

    fn suspend(&mut self, suspend: &Suspend, siblings: &[Benefit], at: &At) -> Option<SuspendProgram> {
        let from = self.date(&suspend.from, &at.key("from"), Anchors::Before);
        let length = self.span(&suspend.length, &at.key("for"), Anchors::Before);
        let renew = match &suspend.renew {
            None => Some(None),
            Some(renew) => self.renew(renew, length.as_ref(), &at.key("renew")).map(Some),
        };
        let then = self.then(&suspend.then, siblings, &at.key("then"));
        Some(SuspendProgram {
            from: from?,
            length: length?,
            interest_on_top: suspend.interest_on_top,
            arrears: suspend.arrears,
            then: then?,
            renew: renew?,
        })
    }

    /// `due_at_end`, or a defer benefit of the same rule.
    fn then(&mut self, then: &str, siblings: &[Benefit], at: &At) -> Option<Option<String>> {
        if then == "due_at_end" {
            return Some(None);
        }
        let defers: Vec<&str> = siblings.iter().filter(|b| b.defer.is_some()).map(|b| b.id.as_str()).collect();
        if defers.contains(&then) {
            return Some(Some(then.to_owned()));
        }
        let other = siblings.iter().any(|benefit| benefit.id == then);
        let message = if other {
            format!("\"{then}\" is not a deferral")
        } else {
            format!("this rule has no deferral called \"{then}\"")
        };
        let help = match nearest(then, defers.iter().copied().chain(["due_at_end"])).or(defers.first().copied()) {
            Some(near) => {
                format!("did you mean \"{near}\"? Write \"due_at_end\" or the id of a defer benefit of this rule")
            }
            None => "write \"due_at_end\", or add a defer benefit to this rule and write its id".to_owned(),
        };
        self.report(Problem::error("unknown-deferral", at, message).help(help));
        None
    }

    fn renew(&mut self, renew: &Renew, first: Option<&SpanExpr>, at: &At) -> Option<RenewProgram> {
        let step = self.span(&renew.step, &at.key("step"), Anchors::Before);
        let total = self.span(&renew.total, &at.key("total"), Anchors::Before);
        let (step, total) = (step?, total?);
        for (span, what) in [(Some(&step), "one step"), (first, "the first time")] {
            let Some(span) = span else { continue };
            if let Some((most, least)) = same_unit(&total, span).filter(|(most, least)| most < least) {
                let message = format!("at most {most} in all is less than {what} ({least})");
                let help = "the total is counted from the first day, with the first time in it";
                self.report(Problem::error("renew-total", &at.key("total"), message).help(help));
                return None;
            }
        }
        Some(RenewProgram { step, total })
    }

    fn hold(&mut self, hold: &Hold, at: &At) -> Option<HoldProgram> {
        self.list(&hold.what, "thing that stops", &at.key("what"));
        let from = self.date(&hold.from, &at.key("from"), Anchors::ReliefEnd);
        let until = self.optional_date(hold.until.as_ref(), &at.key("until"), Anchors::ReliefEnd);
        let review_by = self.optional_date(hold.review_by.as_ref(), &at.key("review_by"), Anchors::ReliefEnd);
        if hold.until.is_none() && hold.review_by.is_none() {
            let message = "the hold has no last day, and nobody looks at it again";
            let help = "add \"until\", or for an open hold \"review_by\"";
            self.report(Problem::error("open-hold", at, message).help(help));
        }
        let reporting = hold.what.contains(&HoldKind::CreditReporting);
        for (key, given) in [("report_as", hold.report_as.is_some()), ("correct_past", hold.correct_past == Some(true))]
        {
            if given && !reporting {
                let message = format!("`{key}` is about credit reporting, which this hold does not stop");
                let help = format!("add \"credit_reporting\" to `what`, or leave `{key}` out");
                self.report(Problem::error("report-without-hold", &at.key(key), message).help(help).on_name());
            }
        }
        let renew = match &hold.renew {
            None => Some(None),
            Some(renew) => {
                if hold.until.is_none() {
                    let message = "a hold without a last day cannot be prolonged";
                    let help = "add \"until\", or leave `renew` out";
                    self.report(Problem::error("renew-open-hold", &at.key("renew"), message).help(help).on_name());
                }
                self.renew(renew, None, &at.key("renew")).map(Some)
            }
        };
        Some(HoldProgram {
            what: hold.what.clone(),
            from: from?,
            until: until?,
            review_by: review_by?,
            report_as: hold.report_as,
            correct_past: hold.correct_past.unwrap_or(false),
            renew: renew?,
        })
    }

    fn goodwill(&mut self, goodwill: &Goodwill, at: &At) -> Option<Vec<QuantityExpr>> {
        let amounts = goodwill.amount.as_slice();
        self.list(amounts, "amount", at);
        let compiled = each(amounts, |index, amount| {
            self.some_quantity(amount, &entry(&goodwill.amount, at, index), Measure::Amount, Anchors::ReliefEnd)
        })?;
        self.one_per_currency(compiled.iter().map(|amount| (amount, None)), amounts.len(), at);
        (!compiled.is_empty()).then_some(compiled)
    }
}

/// Two constant spans of the same unit, as numbers.
fn same_unit(a: &SpanExpr, b: &SpanExpr) -> Option<(i64, i64)> {
    match (a, b) {
        (SpanExpr::Days(QuantityExpr::Count(a)), SpanExpr::Days(QuantityExpr::Count(b)))
        | (SpanExpr::Months(QuantityExpr::Count(a)), SpanExpr::Months(QuantityExpr::Count(b))) => Some((*a, *b)),
        _ => None,
    }
}
