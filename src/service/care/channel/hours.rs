//! When somebody answers: times of day on working days and on other days, by the lender's calendar.

use chrono::{NaiveDateTime, NaiveTime, Timelike};
use forbear_engine::dates::Calendar;
use serde::{Deserialize, Serialize};

/// Times of day, each as `08:00-20:00`; the last minute of one that ends at `24:00` is 23:59.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// On working days, make-up ones among them.
    #[serde(default)]
    pub business_days: Vec<String>,
    /// On weekends and holidays.
    #[serde(default)]
    pub other_days: Vec<String>,
}

/// Stretches of a day, at most.
const MOST: usize = 6;

impl Hours {
    /// What is wrong with them: where, and what would be right.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (name, spans) in [("business_days", &self.business_days), ("other_days", &self.other_days)] {
            if spans.len() > MOST {
                found.push((format!("/hours/{name}"), format!("{MOST} stretches of a day at most")));
            }
            let mut last = 0;
            for (at, text) in spans.iter().enumerate() {
                match span(text).filter(|(from, until)| *from >= last && from < until) {
                    Some((_, until)) => last = until,
                    None => {
                        let message = "a stretch such as 08:00-20:00, after the one before; 24:00 is midnight";
                        found.push((format!("/hours/{name}/{at}"), message.to_owned()));
                    }
                }
            }
        }
        if self.business_days.is_empty() && self.other_days.is_empty() {
            found.push(("/hours".to_owned(), "say when somebody answers".to_owned()));
        }
        found
    }

    /// Whether somebody answers at a local time.
    #[must_use]
    pub fn answered_at(&self, local: NaiveDateTime, calendar: &Calendar) -> bool {
        let working = calendar.is_business_day(local.date());
        let spans = if working { &self.business_days } else { &self.other_days };
        let minute = local.hour().saturating_mul(60).saturating_add(local.minute());
        spans.iter().filter_map(|text| span(text)).any(|(from, until)| from <= minute && minute < until)
    }
}

/// Minutes of the day from and until.
fn span(text: &str) -> Option<(u32, u32)> {
    let minutes = |time: &str| {
        if time == "24:00" {
            return Some(24 * 60);
        }
        let time = Some(time).filter(|time| time.len() == 5)?;
        let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
        Some(time.hour().saturating_mul(60).saturating_add(time.minute()))
    };
    let (from, until) = text.split_once('-')?;
    Some((minutes(from)?, minutes(until)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(business_days: &[&str], other_days: &[&str]) -> Hours {
        let own = |spans: &[&str]| spans.iter().map(|span| (*span).to_owned()).collect();
        Hours { business_days: own(business_days), other_days: own(other_days) }
    }

    #[test]
    fn working_days_are_the_calendars() {
        let calendar: Calendar = serde_json::from_str(include_str!("../../../../calendars/cn.json")).unwrap();
        let own = hours(&["08:00-12:00", "13:30-24:00"], &["10:00-16:00"]);
        let answered = |at: &str| own.answered_at(at.parse().unwrap(), &calendar);
        // A Tuesday.
        assert_eq!(
            ["07:59:59", "08:00:00", "11:59:59", "12:00:00", "13:30:00", "23:59:59"]
                .map(|time| answered(&format!("2026-07-21T{time}"))),
            [false, true, true, false, true, true]
        );
        // Saturday 10 October 2026 is worked, for Wednesday the 7th of the holidays; Saturday the 17th is not.
        assert!(answered("2026-10-10T08:00:00") && !answered("2026-10-17T08:00:00") && answered("2026-10-17T10:00:00"));
        assert!(!answered("2026-10-07T08:00:00") && answered("2026-10-07T15:59:00"));
    }

    #[test]
    fn what_is_no_time_of_day_is_named() {
        let places = |own: &Hours| own.problems().into_iter().map(|(place, _)| place).collect::<Vec<_>>();
        assert!(places(&hours(&["00:00-24:00"], &["00:00-24:00"])).is_empty());
        assert_eq!(places(&hours(&[], &[])), ["/hours"]);
        let wrong = hours(
            &["8:00-20:00", "09:00-09:00", "10:00-12:00", "11:00-13:00"],
            &["20:00-08:00", "00:00-25:00", "24:00-24:00", "all"],
        );
        let b = |at: usize| format!("/hours/business_days/{at}");
        let o = |at: usize| format!("/hours/other_days/{at}");
        assert_eq!(places(&wrong), [b(0), b(1), b(3), o(0), o(1), o(2), o(3)]);
        assert_eq!(places(&hours(&["00:00-01:00"; 7], &[]))[0], "/hours/business_days");
    }
}
