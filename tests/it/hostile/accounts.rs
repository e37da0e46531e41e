//! Account snapshots as JSON, alone and as lines of a book.

use forbear::core_system::jsonl;
use forbear_engine::account::Account;

use super::{Case, OK, compare};

/// Texts that are no account at all.
const WHOLE: [Case<'_>; 34] = [
    ("", "EOF while parsing"),
    (" \t ", "EOF while parsing"),
    ("null", "one account as a JSON object"),
    ("true", "one account as a JSON object"),
    ("7", "one account as a JSON object"),
    ("-0", "one account as a JSON object"),
    ("1e400", "number out of range"),
    ("\"A1\"", "one account as a JSON object"),
    ("[]", "one account as a JSON object"),
    ("{", "EOF while parsing an object"),
    ("}", "expected value"),
    ("{}", "`account` is missing"),
    ("{]", "key must be a string"),
    ("{,}", "key must be a string"),
    ("{\"account\"}", "expected `:`"),
    ("{\"account\":}", "expected value"),
    ("{\"account\":\"A\",}", "trailing comma"),
    ("{'account':'A'}", "key must be a string"),
    ("{account:\"A\"}", "key must be a string"),
    ("{“account”:\"A\"}", "key must be a string"),
    ("{\"account\"：\"A\"}", "expected `:`"),
    ("// an account\n{}", "expected value"),
    ("NaN", "expected value"),
    ("Infinity", "expected value"),
    ("\u{feff}{}", "expected value"),
    ("\u{0}", "expected value"),
    ("{\"account\":\"A\u{0}\"}", "/account: control character"),
    ("{\"account\":\"A\n\"}", "/account: control character"),
    ("{\"account\":\"\\ud800\"}", "/account: "),
    ("{\"account\":\"\\udc00\\ud800\"}", "/account: lone leading surrogate"),
    ("{\"account\":\"\\u12\"}", "/account: invalid escape"),
    ("{\"account\":\"\\x41\"}", "/account: invalid escape"),
    ("{\"account\":\"A\"} x", "is missing"),
    ("{\"account\":{\"account\":{}}}", "/account: invalid type: map"),
];

/// Members after the three that must be there.
const MEMBERS: [Case<'_>; 78] = [
    ("", OK),
    ("\"product\":\"\"", OK),
    ("\"product\":null", OK),
    ("\"product\":\"\\u8d37\\ud83d\\ude00\"", OK),
    ("\"product\":5", "/product: `5` is a bare number: write it in quotes"),
    ("\"product\":[\"x\"]", "/product: invalid type: sequence"),
    ("\"as_of\":\"2021-07-31\"", "`as_of` is given twice"),
    ("\"status\":\"Active\"", "did you mean `active`?"),
    ("\"status\":{\"active\":null}", OK),
    ("\"status\":1", "/status: "),
    ("\"status_history\":{}", "/status_history: invalid type: map"),
    ("\"status_history\":[null]", "/status_history/0: invalid type: null"),
    ("\"status_history\":[{\"status\":\"active\"}]", "/status_history/0: `from` is missing"),
    ("\"terms\":null", "/terms: invalid type: null"),
    ("\"terms\":[]", "/terms: is a list: write an object"),
    ("\"terms\":{}", OK),
    ("\"terms\":{\"principal\":\"0\"}", OK),
    ("\"terms\":{\"principal\":\"-0\"}", OK),
    ("\"terms\":{\"principal\":\"-0.01\"}", "/terms/principal: -0.01 is negative"),
    ("\"terms\":{\"principal\":100}", "/terms/principal: `100` is a bare number"),
    ("\"terms\":{\"principal\":1e400}", "/terms/principal: number out of range"),
    ("\"terms\":{\"principal\":NaN}", "/terms/principal: "),
    ("\"terms\":{\"principal\":-0}", "/terms/principal: "),
    ("\"terms\":{\"principal\":\"NaN\"}", "`NaN` is not"),
    ("\"terms\":{\"principal\":\"1e3\"}", "`1e3` is not"),
    ("\"terms\":{\"principal\":\"\"}", "`` is not"),
    ("\"terms\":{\"principal\":\"-\"}", "`-` is not"),
    ("\"terms\":{\"principal\":\"--1\"}", "`--1` is not"),
    ("\"terms\":{\"principal\":\"1-\"}", "`1-` is not"),
    ("\"terms\":{\"principal\":\".\"}", "`.` is not"),
    ("\"terms\":{\"principal\":\"1.\"}", "`1.` is not"),
    ("\"terms\":{\"principal\":\".5\"}", "`.5` is not"),
    ("\"terms\":{\"principal\":\"1.2.3\"}", "`1.2.3` is not"),
    ("\"terms\":{\"principal\":\"1,000.00\"}", "`1,000.00` is not"),
    ("\"terms\":{\"principal\":\"¥100\"}", "`¥100` is not"),
    ("\"terms\":{\"principal\":\"１００\"}", "`１００` is not"),
    ("\"terms\":{\"principal\":\" 100\"}", "` 100` is not"),
    ("\"terms\":{\"principal\":\"0x10\"}", "`0x10` is not"),
    ("\"terms\":{\"principal\":\"100.000\"}", OK),
    ("\"terms\":{\"principal\":\"100.001\"}", "/terms/principal: `100.001` has more decimals than CNY has"),
    ("\"terms\":{\"principal\":\"92233720368547758.07\"}", OK),
    ("\"terms\":{\"principal\":\"92233720368547758.08\"}", "/terms/principal: "),
    ("\"terms\":{\"principal\":\"9223372036854775808\"}", "/terms/principal: "),
    ("\"terms\":{\"principal\":\"79228162514264337593543950336\"}", "is not"),
    ("\"terms\":{\"rate\":0.12}", "/terms/rate: `0.12` is a bare number"),
    ("\"terms\":{\"rate\":\"-0.12\"}", "`-0.12` is not a rate"),
    ("\"terms\":{\"rate\":\"12%\"}", "`12%` is not a rate"),
    ("\"terms\":{\"rate\":\"12\"}", "/terms/rate: 12 is more than 1,000 % a year"),
    ("\"terms\":{\"grace_days\":-1}", "/terms/grace_days: "),
    ("\"terms\":{\"grace_days\":65536}", "/terms/grace_days: "),
    ("\"terms\":{\"grace_days\":1.5}", "/terms/grace_days: "),
    ("\"terms\":{\"grace_days\":\"3\"}", "/terms/grace_days: "),
    ("\"terms\":{\"every\":{\"months\":0}}", "/terms/every: is 0"),
    ("\"terms\":{\"every\":{\"months\":4294967296}}", "/terms/every"),
    ("\"terms\":{\"every\":\"months\"}", "/terms/every"),
    ("\"terms\":{\"every\":{\"weeks\":1}}", "/terms/every: "),
    ("\"terms\":{\"disbursed_on\":\"2021-02-30\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":\"99999-01-01\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":\"0000-00-00\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":\"0001-01-01\"}", "not between the years 1900 and 2200"),
    ("\"terms\":{\"disbursed_on\":\"2201-01-01\"}", "not between the years 1900 and 2200"),
    ("\"terms\":{\"disbursed_on\":\"-2021-01-01\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":\"2021/01/01\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":\"2021-01-01T00:00:00Z\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":\"\"}", "/terms/disbursed_on: "),
    ("\"terms\":{\"disbursed_on\":20210101}", "/terms/disbursed_on: "),
    ("\"schedules\":[{\"version\":-1,\"known_from\":\"2021-01-01\",\"rows\":[]}]", "/schedules/0/version: "),
    (
        "\"schedules\":[{\"version\":9223372036854775808,\"known_from\":\"2021-01-01\",\"rows\":[]}]",
        "/schedules/0/version: ",
    ),
    ("\"schedules\":[{\"version\":1,\"known_from\":\"2021-01-01\",\"rows\":null}]", "/schedules/0/rows: "),
    ("\"schedules\":[[1,\"2021-01-01\",[]]]", "/schedules/0: is a list: write an object"),
    ("\"charges\":[{\"id\":7,\"kind\":\"late_fee\",\"amount\":\"1\"}]", "/charges/0/id: `7` is a bare number"),
    (
        "\"charges\":[{\"id\":\"c\",\"kind\":\"late_fee\",\"amount\":\"1\",\"paid\":\"1.01\"}]",
        "/charges/0/paid: 1.01 paid and waived is more",
    ),
    (
        "\"payments\":[{\"id\":\"p\",\"on\":\"2021-01-01\",\"amount\":\"1\",\"to\":[{}]}]",
        "/payments/0/to/0: `amount` is missing",
    ),
    ("\"parties\":[{\"party\":\"p\",\"role\":\"owner\"}]", "/parties/0/role: `owner` is not known here"),
    ("\"parties\":[{\"party\":\"\u{a0}p\",\"role\":\"borrower\"}]", "/parties/0/party: "),
    ("\"attributes\":{\"a\":1e400}", "number out of range"),
    ("\"attributes\":[[\"a\",1]]", "/attributes: invalid type: sequence"),
    ("\"constructor\":{},\"__proto__\":{}", "/constructor: `constructor` is not known here"),
];

fn read(text: &str) -> Result<(), String> {
    jsonl::parse(1, text).map(|_| ()).map_err(|bad| bad.reason)
}

#[test]
fn what_is_no_account_is_named() {
    compare(WHOLE.map(|(text, want)| (text.to_owned(), want, read(text))));
}

#[test]
fn every_wrong_member_is_named_with_its_place() {
    compare(MEMBERS.map(|(members, want)| {
        let comma = if members.is_empty() { "" } else { "," };
        let text = format!(r#"{{"account":"A1","as_of":"2021-07-31","currency":"CNY"{comma}{members}}}"#);
        // Alone and as a line of a book the same is said; only the line knows no place for an unknown key at the top.
        let alone = Account::from_json(&text).map(|_| ()).map_err(|error| error.to_string());
        let line = read(&text);
        assert_eq!(alone.is_ok(), line.is_ok(), "{text}");
        assert!(alone.as_ref().err().unwrap_or(&String::new()).ends_with(&line.err().unwrap_or_default()), "{text}");
        (members.to_owned(), want, alone)
    }));
}

#[test]
fn the_three_that_must_be_there_are_looked_at() {
    let cases = [
        (r#"{"account":null,"as_of":"2021-07-31","currency":"CNY"}"#, "/account: invalid type: null"),
        (r#"{"account":"","as_of":"2021-07-31","currency":"CNY"}"#, "/account: is empty"),
        (r#"{"account":" A","as_of":"2021-07-31","currency":"CNY"}"#, "/account: "),
        (r#"{"account":"A\u0000","as_of":"2021-07-31","currency":"CNY"}"#, "/account: "),
        (r#"{"account":"账户 1","as_of":"2021-07-31","currency":"CNY"}"#, OK),
        (r#"{"account":"A","as_of":"2021-02-29","currency":"CNY"}"#, "/as_of: "),
        (r#"{"account":"A","as_of":"1899-12-31","currency":"CNY"}"#, "/as_of: 1899-12-31 is not between"),
        (r#"{"account":"A","as_of":"2021-07-31","currency":"cny"}"#, "/currency: "),
        (r#"{"account":"A","as_of":"2021-07-31","currency":"RMB￥"}"#, "/currency: "),
        (r#"{"account":"A","as_of":"2021-07-31","currency":""}"#, "/currency: "),
        (
            r#"{"account":"A","as_of":"2021-07-31","currency":"JPY","terms":{"principal":"1.5"}}"#,
            "more decimals than JPY",
        ),
        (r#"{"terms":{"principal":"1.500"},"account":"A","as_of":"2021-07-31","currency":"KWD"}"#, OK),
        (r#"{"account":"A","as_of":"2021-07-31","currency":"CNY"}{}"#, "trailing characters"),
        (r#"{"account":"A","as_of":"2021-07-31","currency":"CNY"},"#, "trailing characters"),
        ("{\"account\":\"A\",\r\"as_of\":\"2021-07-31\",\r\n\"currency\":\"CNY\"}\r", OK),
    ];
    compare(cases.map(|(text, want)| (text.to_owned(), want, read(text))));
}
