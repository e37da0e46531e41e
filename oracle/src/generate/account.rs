//! Accounts: what a core system may report, and what it may leave out.

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::account::snapshot::{
    Address, Bearer, CreditReport, FunderShare, LoanTerms, Method, Party, PartyRole, Status, StatusFrom,
};
use forbear_engine::money::{Amount, Currency, Money};
use forbear_engine::rate::{DayCount, Rate};
use forbear_engine::schedule::Frequency;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::charge::charges;
use super::schedule::{payments, schedules};
use super::setting::{REGIONS, ROLES, Setting};
use crate::dice::{Dice, shifted};

/// An amount of so many cents.
#[must_use]
pub fn amount(minor: i64) -> Amount {
    Amount::from(Money::new(minor, Currency::CNY))
}

/// One account as of about a decision day.
pub fn account(dice: &mut Dice, setting: &Setting, today: NaiveDate) -> Account {
    let as_of = shifted(today, *dice.pick(&[0, 0, 0, 0, 0, -1, -3, 1]));
    let terms = terms(dice, setting);
    let schedules = dice.some(97, |dice| schedules(dice, setting, &terms, today));
    let payments = match &schedules {
        Some(versions) => dice.some(88, |dice| payments(dice, setting, versions, as_of)),
        None => dice.some(50, |_| Vec::new()),
    };
    let charges = dice.some(97, |dice| charges(dice, setting, schedules.as_deref().unwrap_or_default()));
    let changed = shifted(setting.start, *dice.pick(&[-20, 0, 1, 10]));
    let (now, then) = (status(dice), status(dice));
    let history = |_: &mut Dice| {
        let first = StatusFrom { status: then, from: shifted(setting.start, -300) };
        vec![first, StatusFrom { status: now, from: changed }]
    };
    Account {
        account: "a".to_owned(),
        as_of,
        currency: if dice.chance(93) { Currency::CNY } else { Currency::USD },
        product: dice.some(85, |dice| (*dice.pick(&["p1", "p2"])).to_owned()),
        status: dice.some(97, |_| now),
        status_history: dice.some(35, history),
        terms,
        schedules,
        payments,
        charges,
        parties: dice.some(97, |dice| parties(dice, setting)),
        months_past_due: dice.some(20, |dice| dice.below(4) as u32),
        credit_reports: dice.some(75, |dice| reports(dice, setting)),
        funders: dice.some(60, funders),
        agreements: dice.some(80, |dice| names(dice, &["g-1", "g-2", "f-1"])),
        arrangements: dice.some(70, |dice| names(dice, &["repayment_plan", "trial_plan"])),
        first_loan: dice.some(80, |dice| dice.chance(50)),
        contains: Vec::new(),
        attributes: attributes(dice, setting),
    }
}

fn status(dice: &mut Dice) -> Status {
    let rare = [Status::Settled, Status::WrittenOff, Status::Transferred, Status::Pending, Status::Cancelled];
    match dice.below(20) {
        0..=15 => Status::Active,
        16 | 17 => Status::Defaulted,
        _ => *dice.pick(&rare),
    }
}

fn terms(dice: &mut Dice, setting: &Setting) -> LoanTerms {
    let methods = [Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly, Method::Flat];
    let counts = [DayCount::Month12, DayCount::Month12, DayCount::Act365, DayCount::Act360, DayCount::Thirty360];
    let rates = ["0", "0.0435", "0.12", "0.12", "0.12", "0.2399", "0.18"];
    LoanTerms {
        principal: dice.some(93, |dice| amount(*dice.pick(&[10_000, 30_000, 99_999]))),
        rate: dice.some(96, |dice| Rate((*dice.pick(&rates)).parse::<Decimal>().unwrap())),
        method: dice.some(95, |dice| *dice.pick(&methods)),
        day_count: dice.some(95, |dice| *dice.pick(&counts)),
        every: dice.some(40, |dice| *dice.pick(&[Frequency::Months(1), Frequency::Days(14), Frequency::Months(2)])),
        disbursed_on: dice.some(92, |dice| shifted(setting.start, *dice.pick(&[-200, -90, -35, -3]))),
        cooling_off_ends_on: dice.some(50, |dice| setting.near(dice)),
        grace_days: dice.some(20, |_| 3),
        upfront_fee: dice.some(10, |_| amount(500)),
    }
}

fn names(dice: &mut Dice, of: &[&str]) -> Vec<String> {
    of.iter().filter(|_| dice.chance(55)).map(|name| (*name).to_owned()).collect()
}

fn reports(dice: &mut Dice, setting: &Setting) -> Vec<CreditReport> {
    let count = dice.below(4);
    (0..count).map(|_| CreditReport { sent_on: setting.near(dice), overdue: dice.chance(60) }).collect()
}

fn funders(dice: &mut Dice) -> Vec<FunderShare> {
    let share = |text: &str| Rate(text.parse().unwrap());
    let two = vec![
        FunderShare { party: "bank-a".to_owned(), share: share("0.7") },
        FunderShare { party: "bank-b".to_owned(), share: share("0.3") },
    ];
    let count = dice.below(3);
    two.into_iter().take(count).collect()
}

fn parties(dice: &mut Dice, setting: &Setting) -> Vec<Party> {
    let count = *dice.pick(&[1, 1, 1, 2, 2, 3]);
    let roles = [PartyRole::Borrower, PartyRole::CoBorrower, PartyRole::Guarantor];
    let mut made = Vec::new();
    for at in 0..count {
        let role = if at == 0 && dice.chance(97) { PartyRole::Borrower } else { *dice.pick(&roles) };
        made.push(Party {
            party: format!("p{at}"),
            role,
            addresses: dice.some(94, |dice| addresses(dice, setting)),
            without_income: dice.some(70, |dice| dice.chance(50)),
            flags: dice.some(80, |dice| names(dice, &["injured", "bereaved", "vulnerable"])),
        });
    }
    made
}

fn addresses(dice: &mut Dice, setting: &Setting) -> Vec<Address> {
    let mut made = Vec::new();
    let mut roles = ROLES.to_vec();
    roles.dedup();
    for role in roles {
        let usual = if role == "home" { 95 } else { 50 };
        if !dice.chance(usual) {
            continue;
        }
        let moved = dice.chance(20);
        // The day of the move: about when the disaster began.
        let on = shifted(setting.start, *dice.pick(&[-1, 0, 1, 5]));
        let first = dice.some(85, |dice| shifted(setting.start, *dice.pick(&[-4000, -1500, -300])));
        let until = (moved && dice.chance(60)).then(|| shifted(on, -1));
        made.push(address(dice, role, first, until));
        if moved {
            made.push(address(dice, role, Some(on), None));
        }
    }
    made
}

fn address(dice: &mut Dice, role: &str, valid_from: Option<NaiveDate>, valid_until: Option<NaiveDate>) -> Address {
    let region = match dice.below(50) {
        0 => "CN-999999",
        1..=30 => *dice.pick(&REGIONS[..6]),
        _ => *dice.pick(REGIONS),
    };
    let valid_until = valid_until.filter(|until| valid_from.is_none_or(|from| from <= *until));
    Address { role: role.to_owned(), region: region.to_owned(), valid_from, valid_until, source: None }
}

fn attributes(dice: &mut Dice, setting: &Setting) -> std::collections::BTreeMap<String, Value> {
    let mut made = std::collections::BTreeMap::new();
    let values = [
        ("insured", json!(dice.chance(60))),
        ("visits", json!(dice.below(5))),
        ("extra", json!(super::amount::text(super::amount::size(dice)))),
        ("score", json!(dice.pick(&["0.12", "0.5", "0.18"]))),
        ("since", json!(setting.near(dice))),
        ("segment", json!(dice.pick(&["a", "b", "c"]))),
        ("tags", json!(dice.few(&["a", "b", "c"], 2))),
        ("branch", json!(dice.pick(REGIONS))),
    ];
    for (name, value) in values {
        match dice.below(40) {
            0..=27 => drop(made.insert(name.to_owned(), value)),
            28 => drop(made.insert(name.to_owned(), Value::Null)),
            29 => drop(made.insert(name.to_owned(), json!({"not": "of its type"}))),
            _ => {}
        }
    }
    made
}

/// Who earns a charge.
pub fn bearer(dice: &mut Dice) -> Option<Bearer> {
    dice.some(40, |dice| *dice.pick(&[Bearer::Lender, Bearer::Guarantor, Bearer::Guarantor, Bearer::Funder]))
}
