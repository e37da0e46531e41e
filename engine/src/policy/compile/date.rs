//! Dates: days, date facts, and what is computed from them.

use chrono::NaiveDate;

use super::{Compiler, each};
use crate::policy::document::{DateObject, DateRule, WindowRule};
use crate::policy::facts::{AttributeKind, CATALOGUE, FactId, FactRef, FactType};
use crate::policy::nearest::did_you_mean;
use crate::policy::problem::{At, Problem};
use crate::policy::program::{DateExpr, WindowExpr};

/// Which dates are known at a place of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchors {
    /// Those that are known before the benefits are computed.
    Before,
    /// Also `relief_end`, which a deferral or suspension of the same decision sets.
    ReliefEnd,
    /// Also `due`, the row's own date.
    RowDue,
}

/// How far a date may be moved: a century.
const MOST_MONTHS: u32 = 1_200;
const MOST_DAYS: u32 = 36_525;

impl Compiler<'_> {
    pub(super) fn optional_date(
        &mut self,
        rule: Option<&DateRule>,
        at: &At,
        known: Anchors,
    ) -> Option<Option<DateExpr>> {
        match rule {
            None => Some(None),
            Some(rule) => self.date(rule, at, known).map(Some),
        }
    }

    pub(super) fn date(&mut self, rule: &DateRule, at: &At, known: Anchors) -> Option<DateExpr> {
        match rule {
            DateRule::Text(text) => self.named_date(text, at, known),
            DateRule::Object(object) => self.computed_date(object, at, known),
        }
    }

    /// A day such as `2026-06-01`, or the name of a date fact.
    pub(super) fn named_date(&mut self, text: &str, at: &At, known: Anchors) -> Option<DateExpr> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            let day = text.parse::<NaiveDate>().ok();
            if let Some(day) = day.filter(|day| day.to_string() == text) {
                return Some(DateExpr::Day(day));
            }
            let help = day.map_or_else(
                || "write the year, the month and the day as in \"2026-06-01\"; the day has to exist".to_owned(),
                |day| format!("write \"{day}\""),
            );
            self.report(Problem::error("bad-date", at, format!("\"{text}\" is not a date")).help(help));
            return None;
        }
        let Some((fact, of)) = FactRef::find(text, self.attributes) else {
            let names = self.date_names();
            let help = match text {
                "today" | "now" => Some("did you mean `decided_on`?".to_owned()),
                _ => did_you_mean(text, names.iter().map(String::as_str)),
            };
            let problem = Problem::error("unknown-date", at, format!("there is no date called \"{text}\""));
            self.report(problem.help("write a day such as \"2026-06-01\" or a date such as incident_start, incident_end, declared_on, requested_on or decided_on").maybe_help(help));
            return None;
        };
        if of != FactType::Date {
            let message = format!("`{text}` is {}, not a date", of.describe());
            let help = "write a day such as \"2026-06-01\" or the name of a date such as \"incident_start\"";
            self.report(Problem::error("not-a-date", at, message).help(help));
            return None;
        }
        self.anchor(&fact, at, known).then_some(DateExpr::Fact(fact))
    }

    /// Whether a date is known at this place; a problem when not.
    fn anchor(&mut self, fact: &FactRef, at: &At, known: Anchors) -> bool {
        let (code, message, help) = match fact.id {
            FactId::ReliefEnd if known != Anchors::ReliefEnd => (
                "relief-end-out-of-place",
                "`relief_end` is set by the deferral or suspension of the same decision, so it is not known here",
                "use it in a waive, hold, pause_interest, reduce_rate or extend_window benefit, or name another date",
            ),
            FactId::RowDue if known != Anchors::RowDue => (
                "due-out-of-place",
                "`due` is the date of one row, so it means something only in the `date` of a deferral to `later_date`",
                "name another date, such as account.next_due_on",
            ),
            // A test reads it of the addresses that its `on` chooses; a date has none to choose.
            FactId::AreaCountsFrom => (
                "area-date-out-of-place",
                "`counts_from` is read from a borrower's address, so it can be tested, but nothing is counted from it",
                "count from incident_start or declared_on, and compare counts_from with it in a condition",
            ),
            _ => return true,
        };
        self.report(Problem::error(code, at, message).help(help));
        false
    }

    /// Every name that a date can have, the short one where there is one.
    pub(super) fn date_names(&self) -> Vec<String> {
        let dates = CATALOGUE.iter().filter(|fact| fact.of == FactType::Date && !fact.name.contains('<'));
        let mut names: Vec<String> = dates.map(|fact| fact.short.unwrap_or(fact.name).to_owned()).collect();
        let own = self.attributes.iter().filter(|(_, own)| own.of == AttributeKind::Date);
        names.extend(own.map(|(name, _)| format!("attributes.{name}")));
        names
    }

    pub(super) fn computed_date(&mut self, object: &DateObject, at: &At, known: Anchors) -> Option<DateExpr> {
        let after = object.after.as_deref().map(|rule| self.date(rule, &at.key("after"), known));
        let later = object.later_of.as_deref().map(|rules| self.dates(rules, &at.key("later_of"), known));
        let earlier = object.earlier_of.as_deref().map(|rules| self.dates(rules, &at.key("earlier_of"), known));
        let forms: Vec<&str> =
            [("after", after.is_some()), ("later_of", later.is_some()), ("earlier_of", earlier.is_some())]
                .into_iter()
                .filter_map(|(name, given)| given.then_some(name))
                .collect();
        let base = match (after, later, earlier) {
            (Some(after), None, None) => after,
            (None, Some(later), None) => later.map(DateExpr::LaterOf),
            (None, None, Some(earlier)) => earlier.map(DateExpr::EarlierOf),
            _ => {
                let message = match forms.as_slice() {
                    [] => "the date does not say what it counts from".to_owned(),
                    several => format!("the date counts from several things at once: {}", several.join(", ")),
                };
                let help = "give exactly one of \"after\", \"later_of\" and \"earlier_of\", for example {\"after\": \"incident_end\", \"days\": 90}";
                self.report(Problem::error("date-form", at, message).help(help));
                None
            }
        };
        let moved = self.moved(object, at, forms == ["after"])?;
        let base = base?;
        let (months, days) = moved;
        if months == 0 && days == 0 && object.business_day.is_none() {
            return Some(base);
        }
        Some(DateExpr::Moved { base: Box::new(base), months, days, business_day: object.business_day })
    }

    fn moved(&mut self, object: &DateObject, at: &At, after: bool) -> Option<(i32, i32)> {
        let (months, days) = (object.months.unwrap_or(0), object.days.unwrap_or(0));
        let mut good = true;
        for (key, by, most) in [("months", months, MOST_MONTHS), ("days", days, MOST_DAYS)] {
            if by.unsigned_abs() > most {
                let message = format!("{by} {key} is more than a century");
                self.report(Problem::error("date-too-far", &at.key(key), message));
                good = false;
            }
        }
        if after && months == 0 && days == 0 && object.business_day.is_none() {
            let message = "without `days` or `months` this is the day itself, not a day after it";
            let help = "add \"days\": 1 for the next day, or write the date's name alone";
            self.report(Problem::warning("date-not-moved", at, message).help(help));
        }
        good.then_some((months, days))
    }

    fn dates(&mut self, rules: &[DateRule], at: &At, known: Anchors) -> Option<Vec<DateExpr>> {
        self.list(rules, "date", at);
        each(rules, |index, rule| self.date(rule, &at.index(index), known)).filter(|dates| !dates.is_empty())
    }

    /// A window; left out, it is unbounded at both ends.
    pub(super) fn window(&mut self, window: Option<&WindowRule>, at: &At, known: Anchors) -> Option<WindowExpr> {
        let Some(window) = window else { return Some(WindowExpr::default()) };
        if window.from.is_none() && window.until.is_none() {
            let problem =
                Problem::error("empty-window", at, "the window has no end on either side, so every day is in it");
            self.report(problem.help("give \"from\", \"until\" or both; the days they name are included"));
            return None;
        }
        let from = self.optional_date(window.from.as_ref(), &at.key("from"), known);
        let until = self.optional_date(window.until.as_ref(), &at.key("until"), known);
        Some(WindowExpr { from: from?, until: until? })
    }
}
