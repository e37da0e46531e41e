//! Two readers of an account: the direct one accepts nothing that the careful one refuses, and reads it the same.

use forbear_engine::account::read::read_json;
use forbear_engine::account::snapshots::{Beside, Snapshots};
use forbear_engine::account::{Account, OneSnapshot};
use serde_json::{Map, Value, json};

/// An account with every key, each part once.
fn whole() -> Value {
    json!({
        "account": "A-1", "as_of": "2021-07-31", "currency": "CNY", "product": "贷", "status": "written_off",
        "status_history": [{"status": "pending", "from": "2020-01-01"}, {"status": "active", "from": "2020-01-02"}],
        "terms": {"principal": "1200.00", "rate": "0.12", "method": "equal_principal", "day_count": "month/12",
                  "every": {"months": 1}, "disbursed_on": "2020-01-02", "cooling_off_ends_on": "2020-01-12",
                  "grace_days": 3, "upfront_fee": "5"},
        "schedules": [
            {"version": 1, "known_from": "2020-01-02", "rows": [
                {"id": "1", "due_on": "2021-06-10", "principal": "600.00", "interest": "12.00", "fees": "1.00",
                 "paid": {"principal": "600.00", "interest": "12.00", "fees": "0.5"}, "paid_on": "2021-06-10"},
                {"id": "10", "due_on": "2021-07-10", "principal": "600.00", "interest": "6.00", "paid": {}}]},
            {"version": 2, "known_from": "2020-02-02", "rows": []}],
        "payments": [{"id": "p1", "on": "2021-06-10", "amount": "612.00",
                      "to": [{"instalment": "1", "amount": "600"}, {"charge": "c1", "amount": "12"}]}],
        "charges": [{"id": "c1", "kind": "late_fee", "amount": "20.00", "paid": "12", "waived": "8.00",
                     "assessed_on": "2021-06-11", "bearer": "guarantor", "instalment": "1", "due_on": "2021-07-01"},
                    {"id": "c2", "kind": "penalty_interest", "amount": "6.30", "accrual": {"from": "2021-07-11",
                     "until": "2021-07-31", "basis": "600.00", "rate": "0.18", "day_count": "ACT/360"}}],
        "parties": [{"party": "b", "role": "borrower", "without_income": true, "flags": ["injured"], "addresses": [
                        {"role": "home", "region": "CN-410105", "valid_from": "2018-03-01", "valid_until": "2022-01-01",
                         "source": "app"}]},
                    {"party": "g", "role": "guarantor"}],
        "months_past_due": 1, "credit_reports": [{"sent_on": "2021-07-01", "overdue": false}],
        "funders": [{"party": "f", "share": "0.7"}], "agreements": ["g1"], "arrangements": [], "first_loan": true,
        "contains": ["i1", "i2"], "attributes": {"a": "x", "n": 1.5, "l": [null, {"d": -0}]}
    })
}

/// By the direct reader.
fn read_plain(text: &str, beside: Beside) -> Option<Account> {
    let mut all = Snapshots::default();
    // Something before it, so that no place is the first one.
    assert!(all.read_plain(r#"{"account":"x","as_of":"2020-01-01","currency":"USD","charges":[]}"#, Beside::Nothing));
    all.read_plain(text, beside).then(|| all.get(1).unwrap().to_account())
}

/// Whether the direct reader read it; where it does, the careful one reads the same, to the last digit.
fn agrees(text: &str) -> bool {
    let Some(account) = read_plain(text, Beside::Nothing) else { return false };
    let careful = read_json::<Account>(text).and_then(Account::validated);
    let careful = careful.unwrap_or_else(|error| panic!("{text}\nis refused: {error}"));
    assert_eq!(serde_json::to_string(&account).unwrap(), serde_json::to_string(&careful).unwrap(), "{text}");
    assert_eq!(account, careful, "{text}");
    assert_eq!(OneSnapshot::of(&careful).unwrap().snapshot().to_account(), careful, "{text}");
    true
}

#[test]
fn every_key_is_read_directly() {
    let whole = whole();
    assert!(agrees(&whole.to_string()));
    assert!(agrees(&serde_json::to_string_pretty(&whole).unwrap().replace('\n', "\r\n")));
    for key in whole.as_object().unwrap().keys() {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().shift_remove(key);
        let needed = ["account", "as_of", "currency"].contains(&key.as_str());
        assert_eq!(agrees(&part.to_string()), !needed, "{key}");
    }
}

#[test]
fn one_byte_may_be_anything() {
    let text = whole().to_string();
    let mut read = 0;
    for (at, old) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + old.len_utf8()..]);
        for sign in ["", "\"", "\\", "0", "-", ".", "\u{1}", "}", "]", ",", "灾"] {
            read += usize::from(agrees(&format!("{before}{sign}{after}")));
        }
        for sign in ["0", ",", " "] {
            read += usize::from(agrees(&format!("{before}{old}{sign}{after}")));
        }
    }
    assert!(read > 500, "{read}");
}

/// Every place of a value, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let entries: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(n, entry)| (n.to_string(), entry)).collect(),
        Value::Object(members) => members.iter().map(|(key, entry)| (key.clone(), entry)).collect(),
        _ => Vec::new(),
    };
    for (key, entry) in entries {
        let place = format!("{at}/{key}");
        places(entry, &place, found);
        found.push(place);
    }
}

/// Values that are right in one place and wrong in the next; as text, for JSON's own type has no `1e400`.
const ODD: [&str; 46] = [
    "null",
    "true",
    "0",
    "1",
    "-1",
    "-0",
    "007",
    "1.0",
    "1e2",
    "1e400",
    "65536",
    "4294967296",
    "9223372036854775808",
    "[]",
    "[null]",
    "[[]]",
    "{}",
    r#"{"a":1,"a":2}"#,
    r#"{"months":2}"#,
    r#"{"months":0}"#,
    r#"{"days":14,"months":1}"#,
    r#""""#,
    r#"" ""#,
    r#"" x""#,
    r#""x\u0000""#,
    r#""\u4e00""#,
    r#""\ud800""#,
    r#""-1""#,
    r#""-0""#,
    r#""+1""#,
    r#""1.""#,
    r#"".5""#,
    r#""1e2""#,
    r#""0.001""#,
    r#""1.2000""#,
    r#""99999999999999""#,
    r#""999999999999999""#,
    r#""79228162514264337593543950336""#,
    r#""2021-02-29""#,
    r#""2021-2-3""#,
    r#""1899-12-31""#,
    r#""2200-12-31""#,
    r#""99999-01-01""#,
    r#""10.1""#,
    r#""USD""#,
    r#""JPY""#,
];

#[test]
fn any_value_may_stand_anywhere() {
    let whole = whole();
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    let mut read = 0;
    for place in &found {
        let mut marked = whole.clone();
        *marked.pointer_mut(place).unwrap() = json!("<here>");
        let (before, after) =
            marked.to_string().split_once("\"<here>\"").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        for odd in ODD {
            read += usize::from(agrees(&format!("{before}{odd}{after}")));
        }
        // The same member twice, and one that nobody knows.
        if let Some((object, key)) = place.rsplit_once('/') {
            let mut longer = whole.clone();
            let parent = if object.is_empty() { Some(&mut longer) } else { longer.pointer_mut(object) };
            if let Some(Value::Object(members)) = parent {
                let value = members[key].clone();
                members.insert("<here>".to_owned(), value);
                for name in [key, "unknown"] {
                    // What the lender's own facts hold is any JSON.
                    let own = object.starts_with("/attributes") && (name == "unknown" || object != "/attributes");
                    assert_eq!(agrees(&longer.to_string().replace("<here>", name)), own, "{place} {name}");
                }
            }
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn the_person_is_passed_over() {
    let text = |person: &str| format!(r#"{{"person":{person},"account":"A1","as_of":"2021-07-31","currency":"CNY"}}"#);
    let right = [r#"{"name":"\u5f20\ud83d","n":[-1.5e-3,0,null,true,{}]}"#, "7", "null"];
    let wrong = [r#"{"name":"\x"}"#, "01", "1.", "-", "1e", "[1,]", "{,}", "nul", "\"\u{1}\"", r#""\u12g4""#, "{1:2}"];
    for person in right {
        assert!(read_plain(&text(person), Beside::Person).is_some(), "{person}");
        assert!(read_plain(&text(person), Beside::Nothing).is_none(), "{person}");
    }
    for person in wrong {
        assert!(read_plain(&text(person), Beside::Person).is_none(), "{person}");
    }
    let twice = format!("{},\"person\":{{}}}}", text("{}").trim_end_matches('}'));
    assert!(read_plain(&twice, Beside::Person).is_none());
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(read_plain(&text(&deep), Beside::Person).is_none());
}

/// Lists that contradict themselves; the careful reader names what is wrong, the direct one leaves them to it.
#[test]
fn contradictions_are_left_to_the_careful_reader() {
    let changes = [
        ("/status_history/1/from", json!("2019-12-31")),
        ("/schedules/1/version", json!(1)),
        ("/schedules/1/known_from", json!("2020-01-01")),
        ("/schedules/0/rows/1/id", json!("1")),
        ("/schedules/0/rows/1/due_on", json!("2021-06-09")),
        ("/schedules/0/rows/0/paid/principal", json!("600.01")),
        ("/schedules/0/rows/0/paid/fees", json!("1.01")),
        ("/payments/0/amount", json!("611.99")),
        ("/payments/0/to/0/charge", json!("c1")),
        ("/charges/0/waived", json!("8.01")),
        ("/charges/1/id", json!("c1")),
        ("/charges/1/accrual/until", json!("2021-07-10")),
        ("/charges/1/accrual/day_count", json!("30/360")),
        ("/charges/1/accrual/rate", json!("10.1")),
        ("/parties/1/party", json!("b")),
        ("/parties/0/addresses/0/valid_until", json!("2018-02-28")),
        ("/funders/0/share", json!("1.0001")),
        ("/contains/1", json!("i1")),
    ];
    for (place, value) in changes {
        let mut wrong = whole();
        match wrong.pointer_mut(place) {
            Some(slot) => *slot = value,
            None => {
                let (object, key) = place.rsplit_once('/').unwrap();
                let members: &mut Map<String, Value> = wrong.pointer_mut(object).unwrap().as_object_mut().unwrap();
                members.insert(key.to_owned(), value);
            }
        }
        let text = wrong.to_string();
        assert!(read_plain(&text, Beside::Nothing).is_none(), "{place}");
        let error = Account::from_json(&text).unwrap_err().to_string();
        assert!(error.contains(place.split('/').nth(1).unwrap()), "{place}: {error}");
    }
}
