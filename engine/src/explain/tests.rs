//! Sentences in both languages, and comparisons worked out by hand.

use serde_json::json;

use super::Voice;
use super::compare::{Comparison, compare};
use crate::account::Account;
use crate::account::parts::Parts;
use crate::account::snapshot::{Bearer, ChargeKind};
use crate::adjustment::{Adjustment, Cause, Relieved, RowChange, RowState, ScheduleChange, Target};
use crate::history::History;
use crate::money::{Currency, Money};
use crate::policy::Program;
use crate::policy::compile::compile;
use crate::policy::facts::Attributes;
use crate::reason::Reason;
use crate::region::RegionTree;
use crate::text::Language;

fn voice(language: Language, attributes: &Attributes) -> Voice<'_> {
    Voice { language, regions: RegionTree::builtin(), attributes }
}

/// A policy whose eligibility is one condition.
fn program(condition: &serde_json::Value, attributes: &Attributes) -> Program {
    let policy = json!({
        "policy": "p", "version": 1, "title": {"zh-CN": "政策", "en": "Policy"}, "owner": "o", "review_by": "2030-01-01",
        "effective": {"from": "2020-01-01"}, "start": {"by": ["request"]}, "eligible": condition, "hit_policy": "first",
        "rules": [{"id": "r", "benefits": [{"id": "b", "goodwill": {"amount": {"amount": "1.00", "currency": "CNY"}}}]}]
    });
    let (program, problems) = compile(serde_json::from_value(policy).unwrap(), attributes, RegionTree::builtin());
    program.unwrap_or_else(|| panic!("{condition}: {problems:?}"))
}

#[test]
fn tests_are_sentences() {
    let own = json!({"staff": {"type": "bool", "title": {"zh-CN": "本机构员工", "en": "staff of the lender"}}});
    let attributes: Attributes = serde_json::from_value(own).unwrap();
    let cases = [
        (
            json!({"fact": "account.days_past_due", "on": "incident_start", "at_most": 30}),
            "逾期天数（灾害开始日）不超过 30 天",
            "days past due on the start of the disaster: at most 30 days",
        ),
        (
            json!({"fact": "history.grants_for_event", "below": 1}),
            "本次灾害已获纾困次数少于 1 次",
            "earlier grants for this event: less than 1 grant",
        ),
        (
            json!({"fact": "account.principal", "at_most": {"amount": "200000.00", "currency": "CNY"}}),
            "借款本金不超过 200,000.00元",
            "amount borrowed: at most CNY 200,000.00",
        ),
        (json!({"fact": "account.rate", "above": "0.0725"}), "年利率超过 7.25%", "annual rate: more than 7.25%"),
        (
            json!({"fact": "account.disbursed_on", "at_most": {"after": "incident_start", "months": -1, "days": -3}}),
            "放款日不晚于灾害开始日前 1 个月又 3 天",
            "disbursement date: on or before 1 month and 3 days before the start of the disaster",
        ),
        (
            json!({"fact": "account.status", "not_in": ["settled", "written_off"]}),
            "账户状态不为已结清或已核销",
            "account status: not settled or written off",
        ),
        (json!({"fact": "request.hardship", "is": true}), "还款困难：是", "hardship: yes"),
        (json!({"fact": "attributes.staff", "is_not": true}), "本机构员工：否", "staff of the lender: no"),
        (
            json!({"fact": "area.designation", "roles": ["home", "work"], "on": "2021-07-17", "at_least": "affected"}),
            "住所或工作地的灾区等级（2021-07-17）为受灾地区或更重",
            "designation of the home or workplace on 2021-07-17: affected area or graver",
        ),
        (
            json!({"fact": "area.work.region", "who": "every_party", "within": ["CN-410100", "US-48"]}),
            "每位借款人的工作地所在地在河南省郑州市（CN-410100）或Texas（US-48）之内",
            "region of the workplace, for every borrower: in 河南省郑州市 (CN-410100) or Texas (US-48)",
        ),
        (
            json!({"fact": "area.home.counts_from", "within": {"from": "2021-07-17", "until": "incident_end"}}),
            "住所的灾区认定起始日在2021-07-17至灾害结束日（含首尾两日）之间",
            "day from which the area counts (of the home): from 2021-07-17 to the end of the disaster, both days included",
        ),
        (
            json!({"fact": "declaration.severity", "at_least": "III"}),
            "灾害级别为III级或更重",
            "severity: III or graver",
        ),
        (
            json!({"fact": "borrower.flags", "has": ["injured", "night_shift"]}),
            "客户标识包含受伤或night_shift",
            "care flags: includes injured or night_shift",
        ),
        (json!({"fact": "account.last_paid_on", "known": true}), "最近还款日已知", "date of the last payment: known"),
        (
            json!({"fact": "request.via", "is": "app", "message": {"zh-CN": "通过手机申请", "en": "Asked for by phone"}}),
            "通过手机申请",
            "Asked for by phone",
        ),
    ];
    for (condition, zh, en) in cases {
        let program = program(&condition, &attributes);
        let said = |language| voice(language, &attributes).sentence(&program, &program.tests[0], None);
        assert_eq!((said(Language::Chinese).as_str(), said(Language::English).as_str()), (zh, en), "{condition}");
    }
}

#[test]
fn what_is_missing_is_said_in_chinese_too() {
    let attributes = Attributes::new();
    let cases = [
        ("the schedule is not reported", "缺少数据：未报送还款计划"),
        ("what is paid of charge c-7 is not reported", "缺少数据：未报送费用 c-7 的已付金额"),
        ("account.reported_overdue is not reported", "缺少数据：未报送征信报送逾期"),
        ("request.income_lost", "缺少数据：未报送收入减少"),
    ];
    for (what, zh) in cases {
        let reason = Reason::Absent { what: what.to_owned() };
        assert_eq!(voice(Language::Chinese, &attributes).reason(&reason, None, &[]), zh);
        let en = voice(Language::English, &attributes).reason(&reason, None, &[]);
        assert_eq!(en, format!("data is missing: {what}"));
    }
    let question = voice(Language::English, &attributes).question("area.work.region");
    assert_eq!(question.text, "In which county was your workplace?");
    let question = voice(Language::Chinese, &attributes).question("area.work.region");
    assert_eq!(question.text, "您当时的工作地在哪个县（市、区）？");
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn parts(principal: i64, interest: i64) -> Parts {
    Parts { principal: cny(principal), interest: cny(interest), fees: cny(0) }
}

/// Rows of (principal, interest) in yuan, due on the first of each month from February 2024; none is paid.
fn loan(rows: &[(i64, i64)], lent: i64) -> Account {
    let row = |(at, (principal, interest)): (usize, &(i64, i64))| {
        json!({"id": format!("r{at}"), "due_on": due(at), "principal": format!("{principal}.00"),
            "interest": format!("{interest}.00"), "paid": {}})
    };
    let rows: Vec<_> = rows.iter().enumerate().map(row).collect();
    let account = json!({
        "account": "A", "as_of": "2024-01-01", "currency": "CNY",
        "terms": {"principal": format!("{lent}.00"), "disbursed_on": "2024-01-01"},
        "schedules": [{"version": 1, "known_from": "2024-01-01", "rows": rows}],
        "charges": [
            {"id": "g", "kind": "guarantee_fee", "amount": "5.00", "paid": "0.00", "assessed_on": "2024-01-01", "instalment": "r0"},
            {"id": "l", "kind": "late_fee", "amount": "9.00", "paid": "4.00", "assessed_on": "2024-01-01", "due_on": "2024-01-15"}
        ]
    });
    serde_json::from_value(account).unwrap()
}

/// The first of February 2024 and so many months on.
fn due(at: usize) -> String {
    format!("{}-{:02}-01", 2024 + (at + 1) / 12, (at + 1) % 12 + 1)
}

/// Every row moves by a number of months, with interest on top in yuan.
fn moved(rows: &[(i64, i64)], by: usize, on_top: i64) -> Adjustment {
    let change = |(at, (principal, interest)): (usize, &(i64, i64))| {
        let state = |at: usize, interest: i64| RowState {
            origin: format!("r{at}"),
            due_on: due(at).parse().unwrap(),
            owed: parts(principal * 100, interest * 100),
            paid: parts(0, 0),
        };
        let after = RowState { origin: format!("r{at}"), ..state(at + by, interest + on_top) };
        RowChange { row: format!("r{at}"), before: Some(state(at, *interest)), after: Some(after) }
    };
    let count = i64::try_from(rows.len()).unwrap();
    Adjustment::Schedule(ScheduleChange {
        cause: Cause::Deferral,
        changes: rows.iter().enumerate().map(change).collect(),
        chosen: vec!["r0".to_owned()],
        deferred: parts(0, 0),
        added_interest: cny(on_top * 100 * count),
        forgone_interest: cny(0),
        capitalised: cny(0),
        arrears: None,
        relief_end: None,
    })
}

fn compared(rows: &[(i64, i64)], lent: i64, adjustments: &[Adjustment]) -> Comparison {
    let today = "2024-01-20".parse().unwrap();
    compare(&loan(rows, lent), &History::default(), adjustments, today).unwrap()
}

#[test]
fn rows_of_120_110_100_move_on_by_one() {
    let rows = [(100, 20), (100, 10), (100, 0)];
    let waiver = Adjustment::Waiver(Relieved {
        target: Target::Charge("l".to_owned()),
        charge: Some(ChargeKind::LateFee),
        amount: cny(500),
        bearer: Bearer::Lender,
        agreement: None,
        through: None,
    });
    let found = compared(&rows, 300, &[moved(&rows, 1, 0), waiver]);
    // The late fee (9 less 4 paid) was due on 15 January and is gone; the guarantee fee follows its row.
    let want = [
        ("2024-01-15", 500, 0),
        ("2024-02-01", 12_500, 0),
        ("2024-03-01", 11_000, 12_500),
        ("2024-04-01", 10_000, 11_000),
        ("2024-05-01", 0, 10_000),
    ];
    let days: Vec<_> =
        found.days.iter().map(|day| (day.on.to_string(), day.before.total.minor(), day.after.total.minor())).collect();
    let want: Vec<_> = want.map(|(on, before, after)| (on.to_owned(), before, after)).to_vec();
    assert_eq!(days, want);
    assert!(found.days[0].overdue && !found.days[1].overdue);
    let (before, after) = (&found.before, &found.after);
    assert_eq!((before.to_pay.guarantee_fee, after.to_pay.guarantee_fee), (cny(500), cny(500)));
    assert_eq!((before.to_pay.total, after.to_pay.total), (cny(34_000), cny(33_500)));
    assert_eq!((before.maturity_on, after.maturity_on), ("2024-04-01".parse().ok(), "2024-05-01".parse().ok()));
    assert!(before.annual_cost.unwrap().effective > after.annual_cost.unwrap().effective);
    assert_eq!(before.apr, None);
}

#[test]
fn twelve_hundreds_at_one_percent_deferred_by_three_months_cost_36_more() {
    // 12 × 100 principal, interest of 1 % a month on what is outstanding: 12, 11, …, 1: 78 in all.
    let rows: Vec<(i64, i64)> = (0..12).map(|at| (100, 12 - at)).collect();
    // Every row's 100 for three months at 1 %: 3.00 each, 36.00 in all.
    let found = compared(&rows, 1200, &[moved(&rows, 3, 3)]);
    assert_eq!(found.before.to_pay.interest, cny(7_800));
    assert_eq!(found.after.to_pay.interest, cny(11_400));
    assert_eq!(found.after.next_due_on, "2024-05-01".parse().ok());
    assert_eq!(found.after.maturity_on, "2025-04-01".parse().ok());
    // Without charges the loan costs exactly its contract rate: 12 % a year.
    let mut account = loan(&rows, 1200);
    account.charges = Some(Vec::new());
    let plain = compare(&account, &History::default(), &[], "2024-01-20".parse().unwrap()).unwrap();
    assert_eq!(plain.before, plain.after);
    assert_eq!(plain.before.annual_cost.unwrap().nominal.round_dp(10), rust_decimal::Decimal::new(12, 2));
}
