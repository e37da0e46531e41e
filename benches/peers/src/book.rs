//! The accounts: each as a flat record with the facts ready made, for the peers, and as snapshots, for Forbear.

use anyhow::{Context, Result};
use chrono::{Datelike, Days, Months, NaiveDate};
use forbear_engine::region::{Level, RegionTree};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::policy::{AREAS, INCIDENT_START, TODAY, day_number};

/// The facts that the policy reads, worked out beforehand: dates are day numbers, amounts cents, rates hundredths of
/// a percent, the region is cut to the length of the declared areas, and days past due are counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flat<'a> {
    pub kind: &'a str,
    pub severity: i64,
    pub status: &'a str,
    pub product: &'a str,
    pub disbursed_on: i64,
    pub prefecture: &'a str,
    pub days_past_due: i64,
    #[serde(borrow)]
    pub arrangements: Vec<&'a str>,
    #[serde(borrow)]
    pub flags: Vec<&'a str>,
    pub principal: i64,
    pub rate: i64,
    pub fee: i64,
    pub fee_unpaid: i64,
}

/// One account in its forms.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The flat record as JSON text.
    pub flat: &'a str,
    /// A snapshot with what the flat record says and nothing else, as JSON text.
    pub brief: &'a str,
    /// A snapshot as a core system sends it, with 12 rows and other charges, as JSON text.
    pub whole: &'a str,
}

impl<'a> Entry<'a> {
    pub fn record(&self) -> Result<Flat<'a>> {
        Ok(serde_json::from_str(self.flat)?)
    }
}

/// Texts one behind the other, as the lines of a file are once it is read.
#[derive(Default)]
struct Lines {
    text: String,
    ends: Vec<usize>,
}

impl Lines {
    fn add(&mut self, line: &str) {
        self.text.push_str(line);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }
}

/// Accounts: the texts of each form together, so that every engine reads through a file of its own.
#[derive(Default)]
pub struct Book {
    flat: Lines,
    brief: Lines,
    whole: Lines,
}

impl Book {
    /// The accounts with these numbers.
    pub fn of(numbers: impl Iterator<Item = u64>) -> Result<Self> {
        let (places, mut book) = (Places::new(), Self::default());
        for number in numbers {
            let [flat, brief, whole] = texts(number, &places)?;
            book.flat.add(&flat);
            book.brief.add(&brief);
            book.whole.add(&whole);
        }
        Ok(book)
    }

    pub fn entries(&self) -> Vec<Entry<'_>> {
        let snapshots = self.brief.iter().zip(self.whole.iter());
        self.flat.iter().zip(snapshots).map(|(flat, (brief, whole))| Entry { flat, brief, whole }).collect()
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `bound`.
    fn below(&mut self, bound: i64) -> i64 {
        (self.next() % u64::try_from(bound).expect("bounds are small")) as i64
    }

    fn percent(&mut self, chance: i64) -> bool {
        self.below(100) < chance
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as i64) as usize]
    }
}

/// Counties, within the declared areas and outside.
struct Places {
    inside: Vec<&'static str>,
    outside: Vec<&'static str>,
}

impl Places {
    fn new() -> Self {
        let tree = RegionTree::builtin();
        let mut places = Self { inside: Vec::new(), outside: Vec::new() };
        for code in tree.ids().filter(|id| tree.level(*id) == Level::County).map(|id| tree.code(id)) {
            // The others are from provinces that gave no county away to a declared one: to a prefix, a county whose code
            // was abolished does not lie where it went.
            if AREAS.contains(&code.get(..7).unwrap_or_default()) {
                places.inside.push(code);
            } else if ["CN-33", "CN-41"].contains(&code.get(..5).unwrap_or_default()) {
                places.outside.push(code);
            }
        }
        places
    }
}

/// The account with a number in its forms, flat, brief and whole; the same on every machine.
fn texts(number: u64, places: &Places) -> Result<[String; 3]> {
    let mut dice = Dice(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let start: NaiveDate = INCIDENT_START.parse()?;
    let today: NaiveDate = TODAY.parse()?;
    let status = if dice.percent(94) { "active" } else { dice.pick(&["settled", "defaulted", "written_off"]) };
    let product = if dice.percent(88) {
        dice.pick(&["cash_loan", "instalment", "car_loan"])
    } else {
        dice.pick(&["mortgage", "card"])
    };
    // From two weeks after the disaster began back to 14 months before: both ends of the window are crossed.
    let disbursed_on = (start + Days::new(14)) - Days::new(dice.below(440) as u64);
    let region = if dice.percent(55) { dice.pick(&places.inside) } else { dice.pick(&places.outside) };
    let rows = 12;
    let due = |row: u32| {
        let first = disbursed_on.checked_add_months(Months::new(row + 1)).context("a date out of range")?;
        first.with_day(disbursed_on.day().min(28)).context("a day out of range")
    };
    // The oldest unpaid row: most often the first that is due after the disaster began, else one to three before it.
    let upcoming = (0..rows).find(|row| due(*row).is_ok_and(|day| day > start)).unwrap_or(rows - 1);
    let behind = match dice.below(100) {
        0..70 => 0,
        70..85 => 1,
        85..94 => 2,
        _ => 3,
    };
    let unpaid_from = upcoming.saturating_sub(behind);
    let oldest = due(unpaid_from)?;
    let days_past_due = (start - oldest).num_days().max(0);
    let each = 5_000 + 100 * dice.below(14_000);
    let principal = each * i64::from(rows - unpaid_from);
    let rate = 600 + 100 * dice.below(31);
    let (fee, paid) = if dice.percent(80) {
        let fee = 1 + dice.below(90_000);
        (fee, if dice.percent(30) { dice.below(fee + 1) } else { 0 })
    } else {
        (0, 0)
    };
    let flags: Vec<&str> = match dice.below(100) {
        0..10 => vec!["injured"],
        10..14 => vec!["vulnerable", "bereaved"],
        14..30 => vec!["vulnerable"],
        _ => Vec::new(),
    };
    let arrangements: Vec<&str> = match dice.below(100) {
        0..4 => vec!["workout_offer"],
        4..12 => vec!["repayment_plan"],
        _ => Vec::new(),
    };
    let flat = Flat {
        kind: "flood",
        severity: 2,
        status,
        product,
        disbursed_on: day_number(&disbursed_on.to_string())?,
        prefecture: &region[..7],
        days_past_due,
        arrangements: arrangements.clone(),
        flags: flags.clone(),
        principal,
        rate,
        fee,
        fee_unpaid: fee - paid,
    };
    let mut charges = Vec::new();
    if fee > 0 {
        let assessed = start + Days::new(dice.below(30) as u64);
        charges.push(json!({"id": "c1", "kind": "late_fee", "amount": amount(fee), "paid": amount(paid), "assessed_on": assessed}));
    }
    let party = json!({"party": "p1", "role": "borrower", "flags": flags, "addresses": [
        {"role": "home", "region": region, "valid_from": "2020-01-01"}]});
    let snapshot = |rows: Vec<Value>, charges: &[Value], terms: Value| {
        json!({
            "account": format!("A-{number}"), "as_of": today, "currency": "CNY", "product": product, "status": status,
            "terms": terms, "schedules": [{"version": 1, "known_from": disbursed_on, "rows": rows}],
            "charges": charges, "parties": [party], "arrangements": arrangements
        })
        .to_string()
    };
    let rate_text = format!("0.{rate:04}");
    let brief_terms = json!({"rate": rate_text, "disbursed_on": disbursed_on});
    let one = json!({"id": "r1", "due_on": oldest, "principal": amount(principal), "interest": "0.00", "paid": {}});
    let brief = snapshot(vec![one], &charges, brief_terms);
    let terms = json!({"principal": amount(each * i64::from(rows)), "rate": rate_text, "method": "equal_principal",
        "day_count": "month/12", "every": {"months": 1}, "disbursed_on": disbursed_on, "grace_days": 3});
    let mut all = Vec::new();
    for row in 0..rows {
        let due_on = due(row)?;
        let interest = amount(each * i64::from(rows - row) * rate / 120_000);
        let mut one = json!({"id": format!("r{}", row + 1), "due_on": due_on, "principal": amount(each), "interest": interest, "paid": {}});
        if row < unpaid_from {
            one["paid"] = json!({"principal": amount(each), "interest": interest});
            one["paid_on"] = json!(due_on);
        }
        all.push(one);
    }
    let before = start - Days::new(40);
    charges.push(json!({"id": "c2", "kind": "late_fee", "amount": "35.00", "paid": "35.00", "assessed_on": before}));
    charges.push(json!({"id": "c3", "kind": "guarantee_fee", "amount": "20.00", "paid": "0.00", "assessed_on": before, "bearer": "guarantor"}));
    let whole = snapshot(all, &charges, terms);
    Ok([serde_json::to_string(&flat)?, brief, whole])
}

fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
