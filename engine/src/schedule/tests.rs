use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;

use super::*;
use crate::dates::Window;
use crate::money::{Currency, Money, MoneyError};
use crate::rate::{DayCount, Rate};

fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn terms(method: Method, rate: &str, day_count: DayCount) -> Terms {
    Terms { currency: Currency::USD, rate: Rate(rate.parse().unwrap()), method, day_count }
}

fn pause(from: &str, until: &str, rate: &str) -> RateWindow {
    let window = Window { from: Some(d(from)), until: Some(d(until)) };
    RateWindow { window, rate: Rate(rate.parse().unwrap()) }
}

fn rows(list: &[DerivedRow]) -> Vec<(String, String)> {
    list.iter().map(|r| (r.principal.to_decimal().to_string(), r.interest.to_decimal().to_string())).collect()
}

fn pairs(principal: &[&str], interest: &[&str]) -> Vec<(String, String)> {
    principal.iter().zip(interest).map(|(p, i)| ((*p).to_owned(), (*i).to_owned())).collect()
}

/// Apache Fineract's progressive loan: 100 at 7 %, six months, and the same with interest paused.
#[test]
fn fineract_progressive_loan_to_the_cent() {
    let terms = terms(Method::EqualInstalment, "0.07", DayCount::Month12);
    let dues = Frequency::MONTHLY.dues(d("2024-02-01"), 6).unwrap();
    let (start, principal) = (d("2024-01-01"), usd("100.00"));
    assert_eq!(level_instalment(&terms, principal, start, &dues, &RateCalendar::EMPTY), Ok(usd("17.01")));

    let plain = derive(&terms, principal, start, &dues, &RateCalendar::EMPTY, Kept::default()).unwrap();
    assert_eq!(plain.iter().map(|r| r.interest.minor()).sum::<i64>(), 205);

    let paused = RateCalendar::new(&[pause("2024-02-10", "2024-03-10", "0")]).unwrap();
    let kept = Kept { instalment: Some(usd("17.01")), flat_base: None };
    let list = derive(&terms, principal, start, &dues, &paused, kept).unwrap();
    let principal = ["16.43", "16.88", "16.73", "16.72", "16.82", "16.42"];
    let interest = ["0.58", "0.13", "0.28", "0.29", "0.19", "0.10"];
    assert_eq!(rows(&list), pairs(&principal, &interest));
    assert_eq!(list.iter().map(|r| r.interest.minor()).sum::<i64>(), 157);
    let last = list.last().unwrap();
    assert_eq!(last.principal.add(&last.interest), Ok(usd("16.52")));
}

#[test]
fn flat_rescheduled_over_more_terms() {
    let terms = terms(Method::Flat, "0", DayCount::Month12);
    let kept = Kept { flat_base: Some(usd("3000.00")), ..Kept::default() };
    let dues = Frequency::MONTHLY.dues(d("2024-02-01"), 3).unwrap();
    let list = derive(&terms, usd("3000.00"), d("2024-01-01"), &dues, &RateCalendar::EMPTY, kept).unwrap();
    assert_eq!(rows(&list), pairs(&["1000.00"; 3], &["0.00"; 3]));
    let dues = Frequency::MONTHLY.dues(d("2024-03-01"), 4).unwrap();
    let list = derive(&terms, usd("2000.00"), d("2024-02-01"), &dues, &RateCalendar::EMPTY, kept).unwrap();
    assert_eq!(rows(&list), pairs(&["500.00"; 4], &["0.00"; 4]));
}

#[test]
fn every_method_and_day_count_by_hand() {
    let table = [
        // 1000/3 is 333.33, the last row takes 333.34. 1 % a month on 1000, 666.67, 333.34.
        (Method::EqualPrincipal, "0.12", DayCount::Month12, ["333.33", "333.33", "333.34"], ["10.00", "6.67", "3.33"]),
        (Method::Flat, "0.12", DayCount::Month12, ["333.33", "333.33", "333.34"], ["10.00", "10.00", "10.00"]),
        (Method::InterestOnly, "0.12", DayCount::Month12, ["0.00", "0.00", "1000.00"], ["10.00", "10.00", "10.00"]),
        // 31, 28 and 31 days at 0.01 % of 1000 a day.
        (Method::InterestOnly, "0.0365", DayCount::Act365, ["0.00", "0.00", "1000.00"], ["3.10", "2.80", "3.10"]),
        (Method::InterestOnly, "0.036", DayCount::Act360, ["0.00", "0.00", "1000.00"], ["3.10", "2.80", "3.10"]),
        (Method::InterestOnly, "0.036", DayCount::Thirty360, ["0.00", "0.00", "1000.00"], ["3.00", "3.00", "3.00"]),
        // 1000 / (1/1.01 + 1/1.01² + 1/1.01³) = 1000 / 2.9409852 = 340.02; 340.02 − 10.00, 340.02 − 6.70; the rest.
        (Method::EqualInstalment, "0.12", DayCount::Month12, ["330.02", "333.32", "336.66"], ["10.00", "6.70", "3.37"]),
        (Method::EqualInstalment, "0", DayCount::Act365, ["333.33", "333.33", "333.34"], ["0.00", "0.00", "0.00"]),
    ];
    let dues = Frequency::MONTHLY.dues(d("2023-02-01"), 3).unwrap();
    for (method, rate, day_count, principal, interest) in table {
        let terms = terms(method, rate, day_count);
        let list = derive(&terms, usd("1000.00"), d("2023-01-01"), &dues, &RateCalendar::EMPTY, Kept::default());
        assert_eq!(rows(&list.unwrap()), pairs(&principal, &interest), "{method:?} {rate} {day_count:?}");
    }
}

#[test]
fn month_ends_do_not_drift_and_carry_whole_months() {
    let dues = Frequency::MONTHLY.dues(d("2023-01-31"), 4).unwrap();
    assert_eq!(dues, [d("2023-01-31"), d("2023-02-28"), d("2023-03-31"), d("2023-04-30")]);
    assert_eq!(Frequency::WEEKLY.nth_due(d("2024-02-26"), 1), Ok(d("2024-03-04")));
    let terms = terms(Method::InterestOnly, "0.12", DayCount::Month12);
    let list = derive(&terms, usd("100.00"), d("2022-12-31"), &dues, &RateCalendar::EMPTY, Kept::default()).unwrap();
    assert!(list.iter().all(|r| r.interest == usd("1.00")), "{list:?}");
}

#[test]
fn interest_on_top_of_twelve_rows_moved_three_months() {
    let rate = Rate("0.12".parse().unwrap());
    let total: i64 = (0..12)
        .map(|n| {
            let old = Frequency::MONTHLY.nth_due(d("2024-01-31"), n).unwrap();
            let new = Frequency::MONTHLY.nth_due(d("2024-01-31"), n + 3).unwrap();
            let added = simple_interest(usd("100.00"), rate, DayCount::Month12, old, new, &RateCalendar::EMPTY);
            assert_eq!(added, Ok(usd("3.00")), "{old} {new}");
            added.unwrap().minor()
        })
        .sum();
    assert_eq!(total, 3600);
}

#[test]
fn overlapping_windows_take_the_lowest_rate() {
    // June has 30 days. 1 to 10 June at 1.8 %, 6 to 15 June paused: 15 days at 3.6 %, 5 at 1.8 %, 10 at 0:
    // 1000 × 3.6 %/12 = 3.00 a month, 0.10 a day: 1.50 + 0.25.
    let list = [pause("2023-06-01", "2023-06-10", "0.018"), pause("2023-06-06", "2023-06-15", "0")];
    let calendar = RateCalendar::new(&list).unwrap();
    let rate = Rate("0.036".parse().unwrap());
    let got = simple_interest(usd("1000.00"), rate, DayCount::Month12, d("2023-05-31"), d("2023-06-30"), &calendar);
    assert_eq!(got, Ok(usd("1.75")));
    assert!(matches!(
        RateCalendar::new(&[pause("2023-06-10", "2023-06-01", "0")]),
        Err(ScheduleError::WindowBackwards(..))
    ));
    let open = RateWindow { window: Window::default(), rate: Rate::ZERO };
    let always = RateCalendar::new(&[open]).unwrap();
    let got = simple_interest(usd("1000.00"), rate, DayCount::Act365, d("2023-05-31"), d("2023-06-30"), &always);
    assert_eq!(got, Ok(usd("0.00")));
}

#[test]
fn an_exact_half_goes_up() {
    // 1.50 × 12 %/12 is 0.015.
    let rate = Rate("0.12".parse().unwrap());
    let got =
        simple_interest(usd("1.50"), rate, DayCount::Month12, d("2024-01-01"), d("2024-02-01"), &RateCalendar::EMPTY);
    assert_eq!(got, Ok(usd("0.02")));
}

#[test]
fn hostile_terms_are_errors() {
    let wild = terms(Method::EqualInstalment, "9999", DayCount::Month12);
    let all = Money::new(i64::MAX, Currency::USD);
    let none = &RateCalendar::EMPTY;
    let dues = Frequency::MONTHLY.dues(d("2024-02-01"), 600).unwrap();
    let start = d("2024-01-01");
    assert_eq!(
        derive(&wild, all, start, &dues, none, Kept::default()),
        Err(ScheduleError::Money(MoneyError::Overflow))
    );
    assert!(derive(&wild, usd("100.00"), start, &dues, none, Kept::default()).is_ok());
    let huge = Terms { rate: Rate(Decimal::MAX), ..wild };
    assert!(derive(&huge, usd("100.00"), start, &dues, none, Kept::default()).is_err());
    assert_eq!(Frequency::WEEKLY.dues(start, 100_000), Err(ScheduleError::TooManyRows(100_000)));
    assert_eq!(Frequency::Months(u32::MAX).nth_due(start, u32::MAX), Err(ScheduleError::BeyondCalendar));
    assert_eq!(Frequency::Days(0).nth_due(start, 1), Err(ScheduleError::EmptyPeriod));
    let many = vec![start; 100_000];
    assert_eq!(derive(&wild, all, start, &many, none, Kept::default()), Err(ScheduleError::TooManyRows(100_000)));
    assert!(matches!(
        derive(&wild, usd("1.00"), start, &[start], none, Kept::default()),
        Err(ScheduleError::NotAscending(1, ..))
    ));
    assert_eq!(derive(&wild, usd("1.00"), start, &[], none, Kept::default()), Err(ScheduleError::NoDues));
    assert!(matches!(
        derive(&wild, usd("-1.00"), start, &dues, none, Kept::default()),
        Err(ScheduleError::Negative(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(20_210_720), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn principal_sums_and_interest_is_never_negative(
        principal in 0_i64..10_000_000_000,
        count in 1_u32..61,
        rate in 0_i64..4000,
        method in prop::sample::select(vec![
            Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly, Method::Flat,
        ]),
        day_count in prop::sample::select(vec![
            DayCount::Month12, DayCount::Act365, DayCount::Act360, DayCount::Thirty360,
        ]),
        frequency in prop::sample::select(vec![Frequency::MONTHLY, Frequency::Months(3), Frequency::Days(14)]),
        (offset, pause_from, pause_days) in (0_i64..400, 0_i64..600, 0_i64..200),
    ) {
        let first = crate::dates::add_days(d("2023-01-15"), offset).unwrap();
        let dues = frequency.dues(first, count).unwrap();
        let from = crate::dates::add_days(d("2023-01-01"), pause_from);
        let window = Window { from, until: crate::dates::add_days(from.unwrap(), pause_days) };
        let calendar = RateCalendar::new(&[RateWindow { window, rate: Rate::ZERO }]).unwrap();
        let terms = Terms {
            currency: Currency::CNY, rate: Rate(Decimal::new(rate, 4)), method, day_count,
        };
        let principal = Money::new(principal, Currency::CNY);
        let list = derive(&terms, principal, d("2023-01-01"), &dues, &calendar, Kept::default()).unwrap();
        prop_assert_eq!(list.iter().map(|r| r.principal.minor()).sum::<i64>(), principal.minor());
        prop_assert!(list.iter().all(|r| r.interest.minor() >= 0 && r.principal.minor() >= 0));
        prop_assert!(list.iter().map(|r| r.due).eq(dues.iter().copied()));
        // All rows but the last are level, in what the method levels.
        let (_, body) = list.split_last().unwrap();
        let level: Vec<i64> = match method {
            Method::EqualInstalment => body.iter().map(|r| r.principal.minor() + r.interest.minor()).collect(),
            _ => body.iter().map(|r| r.principal.minor()).collect(),
        };
        // Too little principal for its interest or for a unit a row ends a loan early: see `derive`.
        let ordinary = body.iter().all(|r| r.principal.minor() > 0);
        if ordinary && principal.minor() > 1_000_000 {
            prop_assert!(level.windows(2).all(|w| w[0] == w[1]), "{level:?}");
        }
    }
}
