//! One sample loan without a defect.

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::Account;
use forbear_engine::account::snapshot::{
    Frequency, FunderShare, LoanTerms, Method, ScheduleVersion, Status, StatusFrom,
};
use forbear_engine::dates::{add_days, add_months};
use forbear_engine::money::Currency;
use forbear_engine::rate::{DayCount, Rate};
use rust_decimal::Decimal;

use super::dice::{Dice, back};
use super::history::{Habit, Past, Teller, amount, credit_reports};
use super::people::parties;
use super::plan::{Plan, Row, share_of};
use super::product::{CN, Product, US};
use super::{Country, SampleSpec};

/// The loan of a number in the book.
pub(super) fn loan(dice: &mut Dice, spec: &SampleSpec, index: u64) -> Option<Account> {
    let country = match spec.country {
        Country::Both if dice.permille(500) => Country::Us,
        Country::Both => Country::Cn,
        one => one,
    };
    let (list, currency, mark): (&[Product], _, _) =
        if country == Country::Us { (&US, Currency::USD, 'U') } else { (&CN, Currency::CNY, 'C') };
    let product = dice.weighted(list, |product| product.weight)?;
    let status = status(dice);
    let plan = plan(dice, spec, product, currency, status);
    let mut rows = plan.rows();
    let number = format!("{mark}{:09}", index.saturating_add(1));
    let parties = parties(dice, spec, country, product, &number);
    let moved = (dice.permille(30)).then(|| move_rows(dice, &mut rows, spec.as_of)).flatten();
    let done = rows.last().is_some_and(|row| row.due_on <= spec.as_of);
    let status = if status == Status::Settled && !done { Status::Active } else { status };
    let habit = habit(dice, spec, product, country, &plan, status);
    let past = Teller { dice, plan: &plan, habit: &habit, past: Past::default() }.tell(&rows);
    let begun = (status != Status::Pending).then_some(plan.start);
    let joint = dice.permille(product.funders);
    let mut account = Account {
        account: number,
        as_of: spec.as_of,
        currency,
        product: Some(product.code.to_owned()),
        status: Some(status),
        status_history: begun.map(|from| vec![StatusFrom { status: Status::Active, from }]),
        terms: terms(dice, &plan, product, country, begun),
        schedules: Some(versions(&plan, &past, moved, spec.as_of)),
        credit_reports: begun.map(|begun| credit_reports(&past.rows, begun, spec.as_of)),
        payments: Some(past.payments),
        charges: Some(past.charges),
        parties: Some(parties),
        months_past_due: None,
        funders: joint.then(|| funders(dice)),
        agreements: (habit.guarantee_fee > 0).then(|| vec![format!("GA-{:02}", dice.between(1, 12))]),
        arrangements: Some(Vec::new()),
        first_loan: Some(dice.permille(300)),
        contains: Vec::new(),
        attributes: Default::default(),
    };
    let behind = overdue(&account);
    account.months_past_due = (country == Country::Us || dice.permille(500)).then_some(behind);
    settle_status(dice, &mut account, behind);
    Some(account)
}

/// Most loans are being repaid.
fn status(dice: &mut Dice) -> Status {
    match dice.below(1000) {
        0..15 => Status::Settled,
        15..20 => Status::Pending,
        20..23 => Status::Cancelled,
        23..28 => Status::Transferred,
        _ => Status::Active,
    }
}

/// Loans that are far behind are called due or written off; cancelled ones owe nothing.
fn settle_status(dice: &mut Dice, account: &mut Account, behind: u32) {
    let as_of = account.as_of;
    let new = match account.status {
        Some(Status::Active) if behind >= 6 && dice.permille(400) => Status::WrittenOff,
        Some(Status::Active) if behind >= 4 && dice.permille(500) => Status::Defaulted,
        Some(other) => other,
        None => return,
    };
    account.status = Some(new);
    if new == Status::Cancelled {
        (account.schedules, account.payments, account.charges) = (Some(vec![]), Some(vec![]), Some(vec![]));
        (account.credit_reports, account.months_past_due) = (Some(vec![]), None);
    }
    if !matches!(new, Status::Active | Status::Pending)
        && let Some(history) = &mut account.status_history
    {
        let last = history.last().map_or(as_of, |status| status.from);
        history.push(StatusFrom { status: new, from: dice.days_before(as_of, 0, 20).max(last) });
    }
}

/// How many due rows of the last version are unpaid.
fn overdue(account: &Account) -> u32 {
    let rows = account.schedules.iter().flatten().last().map(|schedule| schedule.rows.as_slice()).unwrap_or_default();
    let count = rows.iter().filter(|row| row.due_on < account.as_of && row.paid_on.is_none()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Size, rate and dates: begun so long before the day that the loan stands somewhere in its life.
fn plan(dice: &mut Dice, spec: &SampleSpec, product: &Product, currency: Currency, status: Status) -> Plan {
    let (least, most, step) = product.principal;
    let steps = most.saturating_sub(least).checked_div(step).unwrap_or(0);
    // The lesser of two throws: small loans are more common than large ones.
    let size = dice.between(0, steps).min(dice.between(0, steps)).saturating_mul(step).saturating_add(least);
    let free = product.code == "consumer_instalment" && dice.permille(60);
    let basis_points = if free { 0 } else { dice.between(product.rate.0, product.rate.1) };
    let method = *dice.pick(product.methods, &Method::EqualInstalment);
    let months = *dice.pick(product.terms, &12);
    let fortnightly = product.code == "cash_loan" && dice.permille(60);
    let length = i64::from(months);
    let elapsed = match status {
        Status::Settled if length <= 72 => length.saturating_add(1),
        Status::Cancelled => 0,
        _ if dice.permille(60) => 0,
        _ => dice.between(0, length.min(110).saturating_sub(1)),
    };
    let begun = match status {
        Status::Pending => add_days(spec.as_of, 3).unwrap_or(spec.as_of),
        Status::Cancelled => dice.days_before(spec.as_of, 5, 25),
        _ => dice.days_before(add_months(spec.as_of, elapsed.saturating_neg()).unwrap_or(spec.as_of), 1, 30),
    };
    let day_count = *dice.pick(product.day_counts, &DayCount::Act360);
    let (every, first_due) = if fortnightly {
        (Frequency::Days(14), add_days(begun, 14).unwrap_or(begun))
    } else {
        // On a long loan the interest of a longer first period would exceed the level instalment.
        let due = first_due(dice, begun);
        (Frequency::Months(1), if months > 72 { add_months(begun, 1).unwrap_or(due) } else { due })
    };
    Plan {
        currency,
        principal: size.saturating_mul(100),
        rate: Decimal::new(basis_points, 4).normalize(),
        method,
        day_count: if fortnightly { DayCount::Act360 } else { day_count },
        every,
        start: begun,
        first_due,
        count: if fortnightly { months.saturating_mul(2) } else { months },
    }
}

/// A month later, or for every fourth loan the lender's own day of the month, at least twenty days off.
fn first_due(dice: &mut Dice, begun: NaiveDate) -> NaiveDate {
    let month_later = add_months(begun, 1).unwrap_or(begun);
    if !dice.permille(250) {
        return month_later;
    }
    let day = *dice.pick(&[1, 10, 15, 20], &15);
    let fixed = month_later.with_day(day).unwrap_or(month_later);
    if fixed.signed_duration_since(begun).num_days() >= 20 { fixed } else { add_months(fixed, 1).unwrap_or(fixed) }
}

/// Moves a due row and all later ones by a month, as an earlier relief did; what comes back is the first moved
/// row and the due dates before.
fn move_rows(dice: &mut Dice, rows: &mut [Row], as_of: NaiveDate) -> Option<(usize, Vec<NaiveDate>)> {
    let due = rows.iter().filter(|row| row.due_on <= as_of).count();
    let last = i64::try_from(due).ok().filter(|due| *due >= 2)?.saturating_sub(1);
    let first = usize::try_from(dice.between(1, last)).ok()?;
    let before = rows.iter().map(|row| row.due_on).collect();
    for row in rows.iter_mut().skip(first) {
        row.due_on = add_months(row.due_on, 1).unwrap_or(row.due_on);
    }
    Some((first, before))
}

fn versions(
    plan: &Plan,
    past: &Past,
    moved: Option<(usize, Vec<NaiveDate>)>,
    as_of: NaiveDate,
) -> Vec<ScheduleVersion> {
    let sold = plan.start.min(as_of);
    let now = past.rows.clone();
    let Some((first, dues)) = moved else {
        return vec![ScheduleVersion { version: 1, known_from: sold, rows: now }];
    };
    let known_from = dues.get(first).map_or(sold, |due| back(*due, 5)).max(sold);
    let mut before = now.clone();
    before.iter_mut().zip(dues).for_each(|(row, due)| row.due_on = due);
    vec![
        ScheduleVersion { version: 1, known_from: sold, rows: before },
        ScheduleVersion { version: 2, known_from, rows: now },
    ]
}

fn habit(
    dice: &mut Dice,
    spec: &SampleSpec,
    product: &Product,
    country: Country,
    plan: &Plan,
    status: Status,
) -> Habit {
    let behind = match dice.below(1000) {
        _ if status == Status::Settled => 0,
        0..75 => 1,
        75..110 => 2,
        110..130 => 3,
        130..145 => dice.between(4, 9),
        _ => 0,
    };
    let china = country == Country::Cn;
    // A guarantee costs 0.2 % to 0.6 % of what was lent, each period.
    let guaranteed = dice.permille(product.guarantee_fee);
    let guarantee_fee = share_of(plan.principal, Decimal::new(dice.between(20, 60), 4), plan.currency);
    let flat = if dice.permille(500) { dice.between(10, 50).saturating_mul(100) } else { 0 };
    let serviced = product.code == "consumer_instalment" && dice.permille(150);
    Habit {
        as_of: spec.as_of,
        behind: usize::try_from(behind).unwrap_or(0),
        often_late: dice.permille(180),
        grace_days: product.grace_days.map_or(0, i64::from),
        row_fee: if product.code == "auto" && dice.permille(300) { 1_000 } else { 0 },
        guarantee_fee: if guaranteed { guarantee_fee } else { 0 },
        late_fee: china.then_some(flat),
        penalty: china,
        compound: china && dice.permille(150),
        service_fee: if serviced && status != Status::Pending { 6_000 } else { 0 },
    }
}

fn terms(dice: &mut Dice, plan: &Plan, product: &Product, country: Country, begun: Option<NaiveDate>) -> LoanTerms {
    let cooling_off = match (country, product.code) {
        (Country::Us, "mortgage") => Some(3),
        (Country::Cn, "consumer_instalment" | "cash_loan") if dice.permille(400) => Some(15),
        _ => None,
    };
    let upfront = country == Country::Us && dice.permille(300);
    let fee = share_of(plan.principal, Decimal::new(dice.between(5, 30), 3), plan.currency);
    LoanTerms {
        principal: Some(amount(plan.principal, plan.currency)),
        rate: Some(Rate(plan.rate)),
        method: Some(plan.method),
        day_count: Some(plan.day_count),
        every: (plan.every != Frequency::Months(1)).then_some(plan.every),
        disbursed_on: begun,
        cooling_off_ends_on: cooling_off.and_then(|days| add_days(begun?, days)),
        grace_days: product.grace_days,
        upfront_fee: upfront.then(|| amount(fee, plan.currency)),
    }
}

fn funders(dice: &mut Dice) -> Vec<FunderShare> {
    let bank = dice.between(5, 8);
    let own = Decimal::new(10_i64.saturating_sub(bank), 1);
    vec![
        FunderShare { party: format!("bank-{}", dice.between(1, 6)), share: Rate(Decimal::new(bank, 1)) },
        FunderShare { party: "own".to_owned(), share: Rate(own) },
    ]
}
