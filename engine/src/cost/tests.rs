use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;

use super::*;
use crate::dates::{add_days, add_months};
use crate::money::{Currency, Rounding};
use crate::rate::{DayCount, Rate};
use crate::schedule::{Frequency, Kept, Method, RateCalendar, Terms, derive};

fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn flow(on: &str, amount: &str) -> CashFlow {
    CashFlow { on: d(on), amount: usd(amount).minor() }
}

/// `count` payments: the first on a day, each the next so many months (or, negative, days) later.
fn pay(amount: &str, count: i64, first: &str, step: i64) -> Vec<CashFlow> {
    let on = |n| if step > 0 { add_months(d(first), n * step) } else { add_days(d(first), n * -step) };
    (0..count).map(|n| CashFlow::payment(on(n).unwrap(), usd(amount))).collect()
}

/// Two payments each month.
fn pay_twice_a_month(amount: &str, months: i64, first: &str, second: &str) -> [Vec<CashFlow>; 2] {
    [pay(amount, months, first, 1), pay(amount, months, second, 1)]
}

fn percent(rate: Decimal, decimals: u32) -> String {
    format!("{:.*}", usize::try_from(decimals).unwrap(), (rate * Decimal::ONE_HUNDRED).round_dp(decimals))
}

/// Appendix J (c)(6)(i): every four weeks, but where a month would see two payments the second waits two weeks more.
fn pay_once_a_month(amount: &str, count: usize, first: &str) -> Vec<CashFlow> {
    let next = |on: &NaiveDate| {
        let next = add_days(*on, 28).unwrap();
        add_days(next, if next.month() == on.month() { 14 } else { 0 })
    };
    let days = std::iter::successors(Some(d(first)), next).take(count);
    days.map(|on| CashFlow::payment(on, usd(amount))).collect()
}

fn lent(on: &str, amount: &str, payments: &[Vec<CashFlow>]) -> Vec<CashFlow> {
    let mut flows = payments.concat();
    flows.push(flow(on, amount));
    flows
}

fn check_examples(examples: &[(&str, &str, Vec<CashFlow>)]) {
    for (example, want, flows) in examples {
        let apr = actuarial_apr(flows).unwrap();
        assert_eq!(percent(apr.rate, 2), *want, "example {example}: {apr:?}");
    }
}

/// The worked examples of 12 CFR 1026 Appendix J (c), regular but for the first or last, with the answers printed there.
#[test]
fn appendix_j_examples_in_one_rhythm() {
    let irregular =
        [pay("449.36", 1, "1978-03-01", 1), pay("465", 18, "1978-05-01", 2), pay("200", 1, "1981-05-01", 1)];
    let odd_ends = [pay("250", 1, "1978-02-10", 1), pay("230", 22, "1978-03-10", 1), pay("280", 1, "1980-01-10", 1)];
    check_examples(&[
        ("(4)(i)", "10.90", lent("1978-01-10", "5000", &odd_ends)),
        ("(1)(i)", "9.69", lent("1978-01-10", "5000", &[pay("230", 24, "1978-02-10", 1)])),
        ("(1)(ii)", "11.82", lent("1978-02-10", "6000", &[pay("200", 36, "1978-04-01", 1)])),
        ("(1)(iii)", "10.34", lent("1978-02-23", "5000", &pay_twice_a_month("219.17", 12, "1978-03-01", "1978-03-16"))),
        ("(1)(iv)", "8.97", lent("1978-05-23", "10000", &[pay("385", 40, "1978-10-01", 3)])),
        ("(1)(v)", "14.96", lent("1978-03-20", "500", &[pay("17.60", 30, "1978-04-21", -7)])),
        (
            "(2)(i)",
            "10.08",
            lent("1978-01-10", "5000", &[pay("250", 1, "1978-02-10", 1), pay("230", 23, "1978-03-10", 1)]),
        ),
        (
            "(2)(ii)",
            "28.50",
            lent("1978-03-18", "400", &[pay("39.50", 1, "1978-04-20", 1), pay("38.31", 11, "1978-05-18", -28)]),
        ),
        (
            "(3)(i)",
            "10.50",
            lent("1978-01-10", "5000", &[pay("230", 23, "1978-02-10", 1), pay("280", 1, "1980-01-10", 1)]),
        ),
        (
            "(3)(ii)",
            "12.22",
            lent("1978-04-03", "200", &[pay("9.50", 19, "1978-04-11", -14), pay("30", 1, "1979-01-02", 1)]),
        ),
        ("(4)(ii)", "7.30", lent("1978-01-10", "8000", &irregular)),
    ]);
}

/// As above: one payment only, and payments skipped. By hand: (5)(i) is 80/1000 × 365/255, (5)(ii) 44/1000 × 2,
/// (5)(iii) the root of (1 + i)(1 + i/2) = 1.13519, (5)(iv) √1.24 − 1.
#[test]
fn appendix_j_examples_of_one_payment_and_of_skipped_ones() {
    let skipped = [
        pay("1000", 3, "1978-09-15", 1),
        pay("2000", 1, "1979-03-15", 1),
        pay("750", 3, "1979-09-15", 1),
        pay("1000", 1, "1980-02-01", 1),
    ];
    check_examples(&[
        ("(5)(i)", "11.45", lent("1978-01-03", "1000", &[pay("1080", 1, "1978-09-15", 1)])),
        ("(5)(ii)", "8.80", lent("1978-07-15", "1000", &[pay("1044", 1, "1979-01-15", 1)])),
        ("(5)(iii)", "8.76", lent("1978-01-17", "1000", &[pay("1135.19", 1, "1979-07-17", 1)])),
        ("(5)(iv)", "11.36", lent("1978-01-03", "1000", &[pay("1240", 1, "1980-01-03", 1)])),
        ("(6)(i)", "12.00", lent("1978-01-25", "2135", &[pay_once_a_month("100", 24, "1978-02-20")])),
        ("(6)(ii)", "10.22", lent("1978-03-03", "7350", &skipped)),
    ]);
}

#[test]
fn unit_periods_from_dates() {
    let days = |list: &[&str]| list.iter().map(|day| d(day)).collect::<Vec<_>>();
    let table = [
        // Month ends of one series are whole months apart.
        (UnitPeriod::Months(1), days(&["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"])),
        // Four weeks, although the first of them is a month too.
        (UnitPeriod::Days(28), days(&["2023-02-01", "2023-03-01", "2023-03-29", "2023-04-26"])),
        (UnitPeriod::SemiMonth, days(&["2023-01-15", "2023-01-31", "2023-02-15", "2023-02-28"])),
        (UnitPeriod::Days(1), days(&["2023-01-01", "2023-01-02", "2023-01-03"])),
        // Equally often: the shorter.
        (UnitPeriod::Months(1), days(&["2023-01-01", "2023-02-01", "2023-03-01", "2023-05-01", "2023-07-01"])),
        // Nothing twice: 43 and 66 days are 54.5 on average, eight weeks are 56, two months 60.8.
        (UnitPeriod::Days(56), days(&["2023-01-01", "2023-02-13", "2023-04-20"])),
        // Ten days are neither weeks nor months, however often: a week is three days from them, two are four.
        (UnitPeriod::Days(7), days(&["2023-01-01", "2023-01-11", "2023-01-21", "2023-01-31"])),
        (UnitPeriod::Months(12), days(&["2023-01-01", "2025-07-01"])),
    ];
    for (want, dates) in table {
        let (start, payments) = dates.split_first().unwrap();
        assert_eq!(UnitPeriod::of(*start, &[*start], payments), want, "{dates:?}");
    }
    let third = Decimal::ONE / Decimal::from(3);
    let table = [
        // Back from 30 June to 30 April is two months; from 20 April that leaves ten days.
        (UnitPeriod::Months(1), "2023-04-20", "2023-06-30", 30, (2, third)),
        // 28 February stands for the 31st: back to 31 January.
        (UnitPeriod::Months(1), "2023-01-31", "2023-02-28", 31, (1, Decimal::ZERO)),
        (UnitPeriod::Months(12), "2023-01-01", "2025-05-01", 1, (2, third)),
        (UnitPeriod::Months(12), "2022-12-31", "2025-03-14", 14, (2, Decimal::from(73) / Decimal::from(365))),
    ];
    for (period, from, to, month_day, want) in table {
        assert_eq!(period.between(d(from), d(to), month_day), want, "{from} {to}");
    }
}

/// The example on Microsoft's page of the XIRR function: 37.3362535 %.
#[test]
fn effective_cost_as_xirr() {
    let flows = [
        flow("2008-01-01", "10000"),
        flow("2008-03-01", "-2750"),
        flow("2008-10-30", "-4250"),
        flow("2009-02-15", "-3250"),
        flow("2009-04-01", "-2750"),
    ];
    let cost = all_in_annual_cost(&flows).unwrap();
    assert_eq!(percent(cost.effective, 6), "37.336253"); // published as 0.373362535, cut there
    assert_eq!(cost.periods_per_year, 12);
}

#[test]
fn annual_costs_by_hand() {
    let loan = |payments: &[(&str, &str)]| {
        let mut flows = vec![flow("2023-01-01", "100")];
        flows.extend(payments.iter().map(|(on, amount)| flow(on, amount)));
        all_in_annual_cost(&flows).unwrap()
    };
    let table = [
        // One payment after a year of 365 days.
        (loan(&[("2024-01-01", "-110")]), "10.0000", "10.0000", 1),
        (loan(&[("2024-01-01", "-90")]), "-10.0000", "-10.0000", 1),
        (loan(&[("2024-01-01", "-100")]), "0.0000", "0.0000", 1),
        // 1 % in four weeks, 13 times a year: 1.01^(365/28) − 1 = exp(13.0357 × 0.00995033) − 1 = 0.138498.
        (loan(&[("2023-01-29", "-101")]), "13.0000", "13.8498", 13),
        // 60 after one and after two months: i = (0.6 + √(0.36 + 2.4))/2 − 1 = 0.130662386, times 12.
        // By days, 60/q³¹ + 60/q⁵⁹ = 100, bisected: q³⁶⁵ = 4.446453918.
        (loan(&[("2023-02-01", "-60"), ("2023-03-01", "-60")]), "156.7949", "344.6454", 12),
    ];
    for (cost, nominal, effective, periods) in table {
        assert_eq!(percent(cost.nominal, 4), nominal);
        assert_eq!(percent(cost.effective, 4), effective);
        assert_eq!(cost.periods_per_year, periods);
    }
    // A fee taken on the day counts against the advance: 100 − 10 against 99 a year later is 10 %.
    let flows = [flow("2023-01-01", "100"), flow("2023-01-01", "-10"), flow("2024-01-01", "-99")];
    assert_eq!(percent(effective_annual_rate(&flows).unwrap(), 8), "10.00000000");
}

#[test]
fn values_and_losses_by_hand() {
    let tenth = Decimal::new(1, 1);
    let on = d("2023-01-01");
    let before = [flow("2024-01-01", "-110"), flow("2022-12-01", "-5")];
    // 110/1.1 is 100; what is already due counts in full.
    assert_eq!(present_value(&before, Currency::USD, tenth, on), Ok(usd("105.00")));
    // A year later (two times 365 days) 110/1.21 is 90.909.
    let after = [flow("2024-12-31", "-110"), flow("2022-12-01", "-5")];
    assert_eq!(modification_loss(&before, &after, Currency::USD, tenth, on), Ok(usd("9.09")));
    assert_eq!(modification_loss(&after, &before, Currency::USD, tenth, on), Ok(usd("-9.09")));
    let zero = modification_loss(&before, &after, Currency::USD, Decimal::ZERO, on);
    assert_eq!(zero, Ok(usd("0.00")));
    let rate = original_effective_rate(usd("100.00"), on, &[flow("2024-01-01", "-110")]);
    assert_eq!(rate, Ok(tenth));
    // 30 × 365 days at 24 %: 10¹³ minor units × 1.24³⁰ are worth 10¹³, to the unit.
    let (far, start) = (add_days(on, 365 * 30).unwrap(), usd("100000000000.00"));
    let grown = start.mul(root::power(Decimal::new(124, 2), 30).unwrap(), Rounding::HalfUp).unwrap();
    let worth = present_value(&[CashFlow::payment(far, grown)], Currency::USD, Decimal::new(24, 2), on);
    assert_eq!(worth, Ok(start));
}

#[test]
fn hostile_flows_are_errors() {
    let (a, b) = (flow("2023-01-01", "100"), flow("2023-06-15", "-110"));
    let cost = |flows: &[CashFlow]| all_in_annual_cost(flows).map(|cost| cost.nominal);
    assert_eq!(cost(&[]), Err(CostError::OneSided));
    assert_eq!(cost(&[a, a]), Err(CostError::OneSided));
    assert_eq!(cost(&[a, CashFlow { amount: -10_000, ..a }]), Err(CostError::OneSided));
    assert_eq!(cost(&[b, CashFlow { on: d("2024-01-01"), ..a }]), Err(CostError::PaymentFirst(b.on)));
    assert_eq!(cost(&vec![a; 20_000]), Err(CostError::TooManyFlows(20_000)));
    let (first, last) = (NaiveDate::MIN, NaiveDate::MAX);
    for amount in [1, i64::MAX] {
        let ends = [CashFlow { on: first, amount }, CashFlow { on: last, amount: -1 }];
        let _ = all_in_annual_cost(&ends);
        let _ = actuarial_apr(&ends);
        let _ = present_value(&ends, Currency::USD, Decimal::MAX, first);
        let _ = present_value(&ends, Currency::USD, Decimal::new(-999_999, 6), first);
    }
    let sudden = [CashFlow { on: a.on, amount: 1 }, CashFlow { on: d("2023-01-02"), amount: -i64::MAX }];
    assert!(all_in_annual_cost(&sudden).is_err());
    assert_eq!(actuarial_apr(&[a, flow("2023-06-15", "-90")]), Err(CostError::NoCharge));
    // As much is paid as was advanced: a rate of nothing, which is no error.
    assert!(actuarial_apr(&[a, flow("2023-06-15", "-100")]).unwrap().rate.is_zero());
    assert_eq!(
        present_value(&[b], Currency::USD, Decimal::NEGATIVE_ONE, a.on),
        Err(CostError::RateTooLow(Decimal::NEGATIVE_ONE))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(20_210_720), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_schedule_without_fees_costs_its_rate(
        principal in 1_000_000_i64..100_000_000_000,
        count in 1_u32..121,
        rate in 0_i64..3600,
        day in 0_i64..31,
        method in prop::sample::select(vec![Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly]),
    ) {
        let start = add_days(d("2023-01-01"), day).unwrap();
        let dues: Vec<NaiveDate> = (1..=count).map(|n| Frequency::MONTHLY.nth_due(start, n).unwrap()).collect();
        let rate = Decimal::new(rate, 4);
        let terms = Terms { currency: Currency::CNY, rate: Rate(rate), method, day_count: DayCount::Month12 };
        let principal = Money::new(principal, Currency::CNY);
        let rows = derive(&terms, principal, start, &dues, &RateCalendar::EMPTY, Kept::default()).unwrap();
        let payments: Vec<CashFlow> =
            rows.iter().map(|row| CashFlow::payment(row.due, row.principal.add(&row.interest).unwrap())).collect();
        let mut flows = payments.clone();
        flows.push(CashFlow::advance(start, principal));

        let cost = all_in_annual_cost(&flows).unwrap();
        // One payment long after the advance is annualised over its own longer period; monthly ones by the month. Of
        // an interest-only loan without interest nothing but the last payment is left.
        let one_payment = count == 1 || (rate.is_zero() && method == Method::InterestOnly);
        if !one_payment {
            prop_assert!((cost.nominal - rate).abs() < Decimal::new(1, 4), "{} for {}", cost.nominal, rate);
            let apr = actuarial_apr(&flows).unwrap();
            prop_assert_eq!(apr.unit_period, UnitPeriod::Months(1));
            prop_assert!((apr.rate - rate).abs() < Decimal::new(1, 4), "{} for {}", apr.rate, rate);
        }
        let effective = original_effective_rate(principal, start, &payments).unwrap();
        prop_assert!((effective - cost.effective).abs() < Decimal::new(1, 14));
        let worth = present_value(&payments, Currency::CNY, effective, start).unwrap();
        prop_assert!((worth.minor() - principal.minor()).abs() <= 1, "{worth} for {principal}");
    }
}

#[test]
fn every_error_says_what_is_wrong() {
    for (error, part) in [
        (CostError::TooManyFlows(99_999), "99999 cash flows"),
        (CostError::OneSided, "a payment on different days"),
        (CostError::PaymentFirst("2024-06-01".parse().unwrap()), "on 2024-06-01"),
        (CostError::NoCharge, "less than the advances"),
        (CostError::NoRate, "no rate"),
        (CostError::RateTooLow(Decimal::NEGATIVE_ONE), "rate -1"),
        (CostError::Overflow, "too large"),
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
}
