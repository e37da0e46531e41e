//! Dates and windows of a policy in words, with the days that they came to.

use super::Voice;
use crate::dates::BusinessDay;
use crate::facts::Facts;
use crate::facts::moment::Moment;
use crate::policy::facts::FactRef;
use crate::policy::program::{DateExpr, WindowExpr};
use crate::text::Language;

impl Voice<'_> {
    /// A date in words; with facts, followed by its day: "90 days after the end of the disaster (2021-10-21)".
    #[must_use]
    pub fn date(&self, expr: &DateExpr, facts: Option<&Facts<'_>>) -> String {
        match self.dated(expr, facts) {
            (words, None) => words,
            (words, Some(day)) => self.say(format!("{words}（{day}）"), format!("{words} ({day})")),
        }
    }

    /// A date in words, and the day that it came to; an absolute day is its own words.
    pub(super) fn dated(&self, expr: &DateExpr, facts: Option<&Facts<'_>>) -> (String, Option<String>) {
        let moment = match expr {
            DateExpr::Day(_) => None,
            _ => facts.and_then(|facts| facts.date(expr).ok()?.ok()),
        };
        let day = moment.map(|moment| match moment {
            Moment::Day(day) => day.to_string(),
            Moment::NotYet => self.say("尚未确定", "not known yet"),
            Moment::Nothing => self.say("无", "none"),
        });
        (self.date_words(expr), day)
    }

    fn date_words(&self, expr: &DateExpr) -> String {
        match expr {
            DateExpr::Day(day) => day.to_string(),
            DateExpr::Fact(fact) => {
                let title = self.title(fact);
                self.say(title.clone(), format!("the {title}"))
            }
            DateExpr::Moved { base, months, days, business_day } => {
                let moved = self.moved(&self.date_words(base), *months, *days);
                match business_day {
                    None => moved,
                    Some(BusinessDay::Following) => {
                        self.say(format!("{moved}（遇节假日顺延）"), format!("{moved}, or the next working day"))
                    }
                    Some(BusinessDay::Preceding) => {
                        self.say(format!("{moved}（遇节假日提前）"), format!("{moved}, or the working day before"))
                    }
                }
            }
            DateExpr::LaterOf(dates) => self.of_several(dates, ["中较晚者", "the later of "]),
            DateExpr::EarlierOf(dates) => self.of_several(dates, ["中较早者", "the earlier of "]),
        }
    }

    fn of_several(&self, dates: &[DateExpr], [zh, en]: [&str; 2]) -> String {
        let list: Vec<String> = dates.iter().map(|date| self.date_words(date)).collect();
        let list = self.and(&list);
        self.say(format!("{list}{zh}"), format!("{en}{list}"))
    }

    fn moved(&self, base: &str, months: i32, days: i32) -> String {
        let step = |text: String, by: &str, forward: bool| match (self.language, forward) {
            (Language::Chinese, true) => format!("{text}后 {by}"),
            (Language::Chinese, false) => format!("{text}前 {by}"),
            (Language::English, true) => format!("{by} after {text}"),
            (Language::English, false) => format!("{by} before {text}"),
        };
        let count = |count: i32, unit| self.count(i64::from(count).abs(), unit);
        match (months, days) {
            (0, 0) => base.to_owned(),
            (months, 0) => step(base.to_owned(), &count(months, "months"), months > 0),
            (0, days) => step(base.to_owned(), &count(days, "days"), days > 0),
            (months, days) if (months > 0) == (days > 0) => {
                let (long, short) = (count(months, "months"), count(days, "days"));
                let both = self.say(format!("{long}又 {short}"), format!("{long} and {short}"));
                step(base.to_owned(), &both, months > 0)
            }
            (months, days) => {
                let text = step(base.to_owned(), &count(months, "months"), months > 0);
                step(text, &count(days, "days"), days > 0)
            }
        }
    }

    /// A window in words; both ends are included.
    #[must_use]
    pub fn window(&self, window: &WindowExpr, facts: Option<&Facts<'_>>) -> String {
        let end = |expr: &Option<DateExpr>| expr.as_ref().map(|expr| self.date(expr, facts));
        match (end(&window.from), end(&window.until)) {
            (Some(from), Some(until)) => self
                .say(format!("{from}至{until}（含首尾两日）"), format!("from {from} to {until}, both days included")),
            (Some(from), None) => self.say(format!("{from}起"), format!("from {from} on")),
            (None, Some(until)) => self.say(format!("截至{until}"), format!("until {until}")),
            (None, None) => self.say("任何时间", "at any time"),
        }
    }

    /// What a fact is called, without its role.
    #[must_use]
    pub fn title(&self, fact: &FactRef) -> String {
        match (fact.entry(), &fact.of) {
            (Some(entry), _) => self.language.of(entry.title).to_owned(),
            (None, Some(own)) => {
                self.attributes.get(own).map_or_else(|| fact.name(), |one| one.title.get(self.language).to_owned())
            }
            (None, None) => fact.name(),
        }
    }
}
