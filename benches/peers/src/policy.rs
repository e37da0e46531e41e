//! What all engines are asked: the declared areas, the days, and how an answer is written.

use anyhow::{Context, Result, ensure};
use chrono::{Datelike, NaiveDate};

/// The decision day.
pub const TODAY: &str = "2024-07-20";
/// The first day of the disaster, and the last day on which a loan may have been paid out.
pub const INCIDENT_START: &str = "2024-06-16";
/// The last day of the disaster.
pub const INCIDENT_END: &str = "2024-07-10";
/// The first day on which a loan may have been paid out.
pub const WINDOW_FROM: &str = "2023-08-01";

/// The 40 declared areas, as the first seven letters of the codes within: 14 prefectures of Hunan, 11 of Jiangxi,
/// 13 of Hubei and two of Guangxi.
pub const AREAS: [&str; 40] = [
    "CN-4301", "CN-4302", "CN-4303", "CN-4304", "CN-4305", "CN-4306", "CN-4307", "CN-4308", "CN-4309", "CN-4310",
    "CN-4311", "CN-4312", "CN-4313", "CN-4331", "CN-3601", "CN-3602", "CN-3603", "CN-3604", "CN-3605", "CN-3606",
    "CN-3607", "CN-3608", "CN-3609", "CN-3610", "CN-3611", "CN-4201", "CN-4202", "CN-4203", "CN-4205", "CN-4206",
    "CN-4207", "CN-4208", "CN-4209", "CN-4210", "CN-4211", "CN-4212", "CN-4213", "CN-4228", "CN-4502", "CN-4503",
];

/// What an engine says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// The number of the rule that holds, from 1; 0 when none does.
    pub rule: u8,
    /// What is waived, in cents; 0 when only the rule was asked for.
    pub cents: i64,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Which rule holds.
    Rule,
    /// Which rule holds, and what it waives.
    Money,
}

impl Ask {
    pub const ALL: [Self; 2] = [Self::Rule, Self::Money];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Money => "rule and money",
        }
    }
}

/// An answer as one number, which every engine can return without building anything.
const RULE: i64 = 1_000_000_000_000;

impl Answer {
    pub fn from_number(number: i64) -> Result<Self> {
        ensure!(number >= 0, "{number} is no answer");
        let rule = u8::try_from(number / RULE)?;
        Ok(Self { rule, cents: number % RULE })
    }

    /// The same without the money.
    pub fn rule_only(self) -> Self {
        Self { rule: self.rule, cents: 0 }
    }
}

/// A policy's text with the values of the declaration in their places, and what a rule answers in the places `$1`
/// to `$3`: its number, to which the expression in `money` is added where money is asked for.
pub fn text(template: &str, ask: Ask, money: [&str; 3]) -> Result<String> {
    let areas: Vec<String> = AREAS.iter().map(|area| format!("\"{area}\"")).collect();
    let mut text = template
        .replace("$WINDOW_FROM", &day_number(WINDOW_FROM)?.to_string())
        .replace("$WINDOW_UNTIL", &day_number(INCIDENT_START)?.to_string())
        .replace("$AREAS", &areas.join(", "));
    for (rule, money) in (1..).zip(money) {
        let number = rule * RULE;
        let answer = match ask {
            Ask::Rule => number.to_string(),
            Ask::Money => money.replace("$RULE", &number.to_string()),
        };
        text = text.replace(&format!("${rule}"), &answer);
    }
    Ok(text)
}

/// Days since 1970, as the peers are given them.
pub fn day_number(day: &str) -> Result<i64> {
    let day: NaiveDate = day.parse().with_context(|| day.to_owned())?;
    Ok(i64::from(day.num_days_from_ce() - 719_163))
}

/// What the rules waive, worked out plainly: a share of the fee, rounded half-up, at most what is unpaid, at most
/// the cap. For Cedar, which has no division, and as the yardstick for everybody.
pub fn waived(rule: u8, fee: i64, unpaid: i64) -> i64 {
    let (tenths, cap) = match rule {
        1 => (10, 50_000),
        2 => (8, 30_000),
        3 => (5, 20_000),
        _ => return 0,
    };
    ((fee * tenths + 5) / 10).min(unpaid).min(cap)
}
