//! Values and dates as a person reads them.

use std::fmt;

use chrono::NaiveDate;

use super::CellValue;
use super::values::middle;
use crate::declaration::Designation;
use crate::policy::facts::FactRef;
use crate::policy::program::DateExpr;
use crate::region::RegionTree;

impl fmt::Display for CellValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("not known"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Amount(money) => write!(f, "{money}"),
            Self::Rate(rate) => write!(f, "{rate}"),
            Self::Date(positions) => {
                let all: Vec<String> = positions.iter().map(|(anchor, day)| position(anchor.as_ref(), *day)).collect();
                f.write_str(&all.join(", "))
            }
            Self::Name(name) => write!(f, "\"{name}\""),
            Self::OtherName => f.write_str("any other name"),
            Self::Names(names) if names.is_empty() => f.write_str("none of them"),
            Self::Names(names) => f.write_str(&names.join(", ")),
            Self::Severity(severity) => f.write_str(severity.name()),
            Self::Designation(designation) => f.write_str(designation.map_or("none", Designation::name)),
            Self::Region(region) => {
                let tree = RegionTree::builtin();
                write!(f, "{} ({})", tree.code(*region), tree.full_name(*region))
            }
            Self::Several(values) => {
                let who = |at: usize| if at == 0 { "one borrower" } else { "another" };
                let all = values.iter().enumerate().map(|(at, value)| format!("{value} for {}", who(at)));
                f.write_str(&all.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn position(anchor: Option<&DateExpr>, day: NaiveDate) -> String {
    let Some(anchor) = anchor else { return day.to_string() };
    let days = day.signed_duration_since(middle()).num_days();
    match days {
        0 => date_text(anchor),
        _ => format!("{}{}", date_text(anchor), step(days, "day")),
    }
}

/// A date as a person reads it.
#[must_use]
pub fn date_text(date: &DateExpr) -> String {
    let list = |dates: &[DateExpr]| dates.iter().map(date_text).collect::<Vec<_>>().join(", ");
    match date {
        DateExpr::Day(day) => day.to_string(),
        DateExpr::Fact(fact) => fact_text(fact),
        DateExpr::Moved { base, months, days, .. } => {
            let mut text = date_text(base);
            for (by, unit) in [(months, "month"), (days, "day")] {
                text.push_str(&step(i64::from(*by), unit));
            }
            text
        }
        DateExpr::LaterOf(dates) => format!("the later of {}", list(dates)),
        DateExpr::EarlierOf(dates) => format!("the earlier of {}", list(dates)),
    }
}

fn step(by: i64, unit: &str) -> String {
    let sign = if by < 0 { '-' } else { '+' };
    match by.unsigned_abs() {
        0 => String::new(),
        1 => format!(" {sign} 1 {unit}"),
        many => format!(" {sign} {many} {unit}s"),
    }
}

fn fact_text(fact: &FactRef) -> String {
    fact.entry().and_then(|entry| entry.short).map_or_else(|| fact.name(), str::to_owned)
}
