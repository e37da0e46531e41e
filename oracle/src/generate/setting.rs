//! The disaster that a world's documents are about, and the days and amounts on which everything may turn.

use chrono::{Months, NaiveDate};

use crate::dice::{Dice, shifted};

/// The days of a disaster and the days on which it is decided.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The first day of the incident.
    pub start: NaiveDate,
    /// Its last day; none while it goes on.
    pub end: Option<NaiveDate>,
    /// The day of the declaration.
    pub declared_on: NaiveDate,
    /// Decision days, ascending.
    pub days: Vec<NaiveDate>,
}

/// Places that addresses, areas and policies name: counties, what holds them, codes that were abolished or shared
/// out, another country.
pub const REGIONS: &[&str] = &[
    "CN-410105",
    "CN-410102",
    "CN-410100",
    "CN-410000",
    "CN-410702",
    "CN-410700",
    "CN-410105",
    "CN-410102",
    "CN-371200",
    "CN-371202",
    "CN-370116",
    "CN-130323",
    "CN-130306",
    "CN-310115",
    "US-48201",
    "US-48",
    "US-09110",
];

/// Roles of addresses, one of them the lender's own.
pub const ROLES: &[&str] = &["home", "home", "work", "business", "property", "id_card", "farm"];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Setting {
    /// Rolls a disaster: month ends, leap days and year ends among its days.
    pub fn roll(dice: &mut Dice) -> Self {
        let starts = ["2024-05-01", "2024-02-29", "2024-01-31", "2023-12-31", "2024-06-30", "2023-02-28", "2024-03-15"];
        let start = day(*dice.pick(&starts));
        let length = *dice.pick(&[0, 1, 4, 14, 30, 45]);
        let end = dice.some(70, |_| shifted(start, length));
        let declared_on = shifted(start, *dice.pick(&[0, 0, 1, 3]));
        let mut days = vec![
            shifted(start, *dice.pick(&[3, 5, 10])),
            shifted(start, *dice.pick(&[19, 20, 30, 31, 46])),
            shifted(start, *dice.pick(&[58, 60, 61, 90, 91, 120])),
        ];
        if let Some(end) = end.filter(|end| *end > shifted(declared_on, 1)) {
            days.push(shifted(end, *dice.pick(&[-1, 0, 1])));
        }
        days.sort_unstable();
        days.dedup();
        Self { start, end, declared_on, days }
    }

    /// A day on which something may turn: an end of the incident or a decision day, or one beside it, or some months off.
    pub fn near(&self, dice: &mut Dice) -> NaiveDate {
        let end = self.end.unwrap_or(shifted(self.start, 20));
        let base = match dice.below(6) {
            0 | 1 => self.start,
            2 => end,
            3 => self.declared_on,
            _ => *dice.pick(&self.days),
        };
        let base = match dice.below(6) {
            0 => base + Months::new(1),
            1 => base - Months::new(1),
            _ => base,
        };
        shifted(base, *dice.pick(&[0, 0, 0, -1, 1, 5, -10, 30]))
    }
}
