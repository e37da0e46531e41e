//! Schedule, interest and cost: sums are exact, orders hold, impossible input is an error.
#![no_main]

use arbitrary::Arbitrary;
use chrono::{Days, NaiveDate};
use forbear_engine::cost::{
    CashFlow, actuarial_apr, all_in_annual_cost, modification_loss, original_effective_rate, present_value,
};
use forbear_engine::dates::Window;
use forbear_engine::money::{Currency, Money, Rounding};
use forbear_engine::rate::{DayCount, Rate};
use forbear_engine::schedule::{
    Frequency, Kept, Method, RateCalendar, RateWindow, Terms, derive, level_instalment, simple_interest,
};
use libfuzzer_sys::fuzz_target;
use rust_decimal::Decimal;

#[derive(Debug, Arbitrary)]
struct Input {
    principal: i64,
    rate: (i64, u8),
    method: u8,
    day_count: u8,
    currency: u8,
    start: i32,
    first: u16,
    every: (bool, u32),
    count: u16,
    kept: (Option<i64>, Option<i64>),
    windows: Vec<(Option<i32>, Option<i32>, u32)>,
    weights: Vec<u64>,
    flows: Vec<(i32, i64)>,
    at: (i64, u8),
}

fn day(number: i32) -> NaiveDate {
    let begin = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day");
    begin.checked_add_days(Days::new(u64::from(number.unsigned_abs() % 120_000))).expect("a day")
}

fuzz_target!(|input: Input| {
    let currency = Currency::new(["CNY", "JPY", "KWD"][usize::from(input.currency % 3)]).expect("a currency");
    let money = |minor: i64| Money::new(minor, currency);
    let terms = Terms {
        currency,
        rate: Rate(Decimal::new(input.rate.0, u32::from(input.rate.1 % 29))),
        method: [Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly, Method::Flat]
            [usize::from(input.method % 4)],
        day_count: [DayCount::Month12, DayCount::Act365, DayCount::Act360, DayCount::Thirty360]
            [usize::from(input.day_count % 4)],
    };
    split(money(input.principal), &input.weights);
    let windows: Vec<RateWindow> = input.windows.iter().take(16).map(window).collect();
    let calendar = RateCalendar::new(&windows);
    let calendar = calendar.unwrap_or_default();
    let start = day(input.start);
    let first = start.checked_add_days(Days::new(u64::from(input.first))).expect("a day");
    let every = if input.every.0 { Frequency::Months(input.every.1) } else { Frequency::Days(input.every.1) };
    let mut flows: Vec<CashFlow> =
        input.flows.iter().take(64).map(|(on, amount)| CashFlow { on: day(*on), amount: *amount }).collect();
    if let Ok(dues) = every.dues(first, u32::from(input.count % 800)) {
        assert!(dues.is_sorted());
        schedule(&terms, money(input.principal), start, &dues, &calendar, &input);
        let kept = Kept { instalment: input.kept.0.map(money), flat_base: input.kept.1.map(money) };
        if let Ok(rows) = derive(&terms, money(input.principal), start, &dues, &calendar, kept) {
            let rows = rows.iter().take(120).filter_map(|row| Some((row.due, row.principal.add(&row.interest).ok()?)));
            let payments: Vec<CashFlow> = rows.map(|(due, sum)| CashFlow::payment(due, sum)).collect();
            if let Ok(rate) = original_effective_rate(money(input.principal), start, &payments) {
                worth(&payments, currency, rate, start);
            }
            flows.extend(payments);
        }
    }
    costs(&flows, currency, Decimal::new(input.at.0, u32::from(input.at.1 % 29)), start);
});

fn window((from, until, rate): &(Option<i32>, Option<i32>, u32)) -> RateWindow {
    RateWindow {
        window: Window { from: from.map(day), until: until.map(day) },
        rate: Rate(Decimal::new(i64::from(*rate), 9)),
    }
}

/// Parts sum to the whole, and none is further from its share than one unit.
fn split(whole: Money, weights: &[u64]) {
    let Ok(parts) = whole.allocate(weights) else { return };
    assert_eq!(parts.len(), weights.len());
    assert_eq!(parts.iter().map(|part| i128::from(part.minor())).sum::<i128>(), i128::from(whole.minor()));
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    for (part, weight) in parts.iter().zip(weights) {
        let share = u128::from(whole.minor().unsigned_abs()) * u128::from(*weight) / total;
        assert!(u128::from(part.minor().unsigned_abs()).abs_diff(share) <= 1, "{part} of {whole} by {weight}/{total}");
    }
}

/// Principal sums exactly, nothing is negative, dues are those given; without windows interest is that of the balance.
fn schedule(terms: &Terms, principal: Money, start: NaiveDate, dues: &[NaiveDate], calendar: &RateCalendar, input: &Input) {
    let kept = Kept {
        instalment: input.kept.0.map(|minor| Money::new(minor, terms.currency)),
        flat_base: input.kept.1.map(|minor| Money::new(minor, terms.currency)),
    };
    let _ = level_instalment(terms, principal, start, dues, calendar);
    let Ok(rows) = derive(terms, principal, start, dues, calendar, kept) else { return };
    assert_eq!(rows.len(), dues.len());
    assert_eq!(rows.iter().map(|row| i128::from(row.principal.minor())).sum::<i128>(), i128::from(principal.minor()));
    let mut balance = principal;
    let mut from = start;
    for (row, due) in rows.iter().zip(dues) {
        assert_eq!(row.due, *due);
        assert!(row.principal.minor() >= 0 && row.interest.minor() >= 0, "{row:?}");
        let base = if terms.method == Method::Flat { kept.flat_base.unwrap_or(principal) } else { balance };
        let interest = simple_interest(base, terms.rate, terms.day_count, from, *due, calendar);
        assert_eq!(interest, Ok(row.interest), "{from} {due}");
        balance = balance.sub(&row.principal).expect("a part of the balance");
        from = *due;
    }
    assert_eq!(balance.minor(), 0);
}

/// At the rate that balances them, payments are worth what was lent, but for the rate's sixteen decimals.
fn worth(payments: &[CashFlow], currency: Currency, rate: Decimal, on: NaiveDate) {
    if let Ok(value) = present_value(payments, currency, rate, on) {
        let face: i128 = payments.iter().map(|flow| -i128::from(flow.amount)).sum();
        assert!(rate < Decimal::ZERO || i128::from(value.minor()) <= face, "{value} of {face} at {rate}");
    }
}

fn costs(flows: &[CashFlow], currency: Currency, rate: Decimal, on: NaiveDate) {
    let mut turned = flows.to_vec();
    turned.reverse();
    assert_eq!(all_in_annual_cost(flows), all_in_annual_cost(&turned), "order does not matter");
    if let Ok(cost) = all_in_annual_cost(flows) {
        // Nobody loses more than everything, of which the last decimal may be rounded away.
        assert!(cost.effective >= Decimal::NEGATIVE_ONE, "{cost:?}");
        assert!(cost.nominal.is_sign_negative() == cost.effective.is_sign_negative() || cost.nominal.is_zero() || cost.effective.is_zero(), "{cost:?}");
    }
    let _ = actuarial_apr(flows);
    if let Ok(loss) = modification_loss(flows, flows, currency, rate, on) {
        assert_eq!(loss.minor(), 0, "nothing changed");
    }
    let amounts: Vec<Money> = flows.iter().map(|flow| Money::new(flow.amount, currency)).collect();
    for amount in amounts {
        let (up, down) = (amount.mul(rate, Rounding::HalfUp), amount.mul(rate, Rounding::Down));
        if let (Ok(up), Ok(down)) = (up, down) {
            assert!(up.minor().abs_diff(down.minor()) <= 1, "{up} {down}");
        }
    }
}
