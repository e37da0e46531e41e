//! `forbear decide`, `explain` and `facts`, as a person reads them.

use assert_cmd::Command;

/// The sample account and the flood that hit it. Its loan: 12 × 1,000 principal at 1 % a month from 2021-03-20, r1 to
/// r3 paid; a guarantee fee of 20 with every instalment.
const ZHENGZHOU: &[&str] = &[
    "--declaration",
    "declarations/cn-henan-2021-07.json",
    "--account",
    "samples/account-zhengzhou.json",
    "--today",
    "2021-07-29",
];
const HENAN: &[&str] = &["--policies", "policies/cn-henan-2021-07-consumer-finance"];
const CHOICE: &[&str] = &["--policies", "tests/fixtures/decide/2026-06-01.json"];

fn forbear(parts: &[&[&str]]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forbear"));
    command.args(parts.concat()).assert().get_output().clone()
}

/// What is printed, digests left out: they change with every input.
fn said(parts: &[&[&str]]) -> String {
    let output = forbear(parts);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let words = text.split(' ').map(|word| {
        let digest = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
        match word.split_once('\n') {
            Some((first, rest)) if digest(first) => format!("<digest>\n{rest}"),
            None if digest(word) => "<digest>".to_owned(),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// By hand: the late fee of 25 July is 35, of which 10 are paid: 25 waived and 10 credited to the next instalment, that
/// of 20 August (interest first: 70 becomes 60); the one of 25 June came before the flood and stays. Penalty interest
/// of 0.50 a day (1,000 × 18 % / 360) from 17 to 28 July: 12 days, 6.00 of 19.00. r4 and r5 (1,090 + 1,080) move to
/// August and September, all later ones by two months; charges and guarantee fees go with their instalments.
#[test]
fn granted_with_a_deferral() {
    let request: &[&str] = &["--request", "samples/request-hardship.json"];
    insta::assert_snapshot!("granted_en", said(&[&["decide"], HENAN, ZHENGZHOU, request]));
    insta::assert_snapshot!("granted_zh", said(&[&["decide"], HENAN, ZHENGZHOU, request, &["--lang", "zh-CN"]]));
}

/// By hand: unpaid principal of the 19 rows from September 2017 on is 16,502.95; 6 % for a year on each row, rounded
/// row by row: 990.21. The Regulation Z rate counts the fee of 600 kept back from 30,000.
#[test]
fn granted_without_being_asked_in_dollars() {
    let houston: &[&str] = &[
        "decide",
        "--policies",
        "policies/us-sba-harvey-2017",
        "--declaration",
        "declarations/us-harvey-2017.json",
        "--account",
        "samples/account-houston.json",
        "--today",
        "2017-09-08",
    ];
    insta::assert_snapshot!("houston_en", said(&[houston]));
}

#[test]
fn declined_with_what_would_have_to_change() {
    let late: &[&str] = &["--answer", "request.income_lost=no", "--fact", "account.days_past_due=45"];
    insta::assert_snapshot!("declined_en", said(&[&["decide"], CHOICE, ZHENGZHOU, late]));
    insta::assert_snapshot!("declined_zh", said(&[&["decide"], CHOICE, ZHENGZHOU, late, &["--lang", "zh-CN"]]));
}

#[test]
fn asks_what_it_has_to_know() {
    let unknown: &[&str] = &["--requested-on", "2021-07-29"];
    insta::assert_snapshot!("asks_en", said(&[&["decide"], CHOICE, ZHENGZHOU, unknown]));
    insta::assert_snapshot!("asks_zh", said(&[&["decide"], CHOICE, ZHENGZHOU, unknown, &["--lang", "zh-CN"]]));
}

/// By hand: three instalments later, 9 rows of 1,000 for three months at 1 %: 270. At the end: 1,000 + 90 and
/// 1,000 + 80 added to the last payment, 1,030 + 2,170 = 3,200; the charges of those two stay where they were.
#[test]
fn offers_stand_side_by_side() {
    let lost: &[&str] = &["--answer", "request.income_lost=yes"];
    insta::assert_snapshot!("offers_en", said(&[&["decide"], CHOICE, ZHENGZHOU, lost]));
    insta::assert_snapshot!("offers_zh", said(&[&["decide"], CHOICE, ZHENGZHOU, lost, &["--lang", "zh-CN"]]));
    let json = forbear(&[&["decide", "--json"], CHOICE, ZHENGZHOU, lost]).stdout;
    let decision: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(decision["outcome"], "granted");
    let after = &decision["comparison"]["offers"][1]["comparison"]["after"];
    assert_eq!(after["to_pay"]["interest"]["amount"], "720.00");
}

#[test]
fn explains_every_condition() {
    insta::assert_snapshot!("explain_en", said(&[&["explain"], HENAN, ZHENGZHOU]));
    insta::assert_snapshot!(
        "explain_zh",
        said(&[&["explain"], CHOICE, ZHENGZHOU, &["--lang", "zh-CN", "--via", "app"]])
    );
}

#[test]
fn what_cannot_be_used_is_one_clear_line() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["--fact", "account.dayspastdue=3"],
            "forbear: --fact: there is no fact account.dayspastdue; the nearest is account.days_past_due; `forbear facts` lists them all\n",
        ),
        (
            &["--answer", "request.hardship=maybe"],
            "forbear: --answer: request.hardship: \"maybe\" is not true or false\n",
        ),
        (
            &["--requested-on", "2021-08-01"],
            "forbear: the request is of 2021-08-01, after the decision day 2021-07-29: give a later --today\n",
        ),
        (&["--history", "nowhere.json"], "forbear: cannot read nowhere.json: No such file or directory (os error 2)\n"),
    ];
    for (wrong, want) in cases {
        let output = forbear(&[&["decide"], CHOICE, ZHENGZHOU, wrong]);
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(2), *want));
    }
}

#[test]
fn lists_the_facts() {
    assert!(said(&[&["facts", "area.home.reg"]]).starts_with("area.<role>.region · "));
    let nothing = forbear(&[&["facts", "nosuch"]]);
    let message = String::from_utf8(nothing.stderr).unwrap();
    assert_eq!((nothing.status.code(), nothing.stdout.is_empty()), (Some(1), true));
    assert_eq!(message, "no fact has \"nosuch\" in its name; `forbear facts` lists them all\n");
    let text = said(&[&["facts", "days_past_due", "--lang", "zh-CN"]]);
    assert!(text.starts_with("account.days_past_due · 逾期天数\n"), "{text}");
    let json = forbear(&[&["facts", "--json"]]).stdout;
    let facts: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
    assert!(facts.iter().any(|fact| fact["fact"] == "area.<role>.designation" && fact["question"].is_string()));
}
