//! Policies: texts that are no JSON, JSON that is no policy, and values that nobody can mean.

use forbear_engine::policy::check::{CheckSettings, Checked, check};
use forbear_engine::policy::problem::Level;

use super::{Case, OK, compare};

/// What is said first, as `line:column code pointer`; accepted when there is no error.
fn read(text: &str) -> Result<(), String> {
    let checked: Checked = check(text, &CheckSettings::default());
    assert_eq!(checked.program.is_none(), checked.has_errors(), "{text}");
    let errors = checked.problems.iter().filter(|found| found.problem.level == Level::Error);
    let said: Vec<String> = errors
        .map(|found| {
            assert!(text.get(found.span.clone()).is_some() && !found.problem.message.is_empty(), "{text}");
            format!("{}:{} {} {}", found.line, found.column, found.problem.code, found.problem.pointer)
        })
        .collect();
    if said.is_empty() { Ok(()) } else { Err(said.join("; ")) }
}

const TEXTS: [Case<'_>; 52] = [
    ("", "empty-file"),
    (" \r\n\t ", "empty-file"),
    ("\u{feff}", "byte-order-mark"),
    ("\u{feff}{}", "byte-order-mark"),
    ("{\"a\":\"\u{0}\"}", "1:7 nul-byte"),
    ("\u{0}", "1:1 nul-byte"),
    ("null", "1:1 not-an-object"),
    ("true", "1:1 not-an-object"),
    ("7", "1:1 not-an-object"),
    ("\"policy\"", "1:1 not-an-object"),
    ("[]", "1:1 not-an-object"),
    ("[{}]", "1:1 not-an-object"),
    ("{}", "missing-key"),
    ("{", "1:1 unclosed"),
    ("[", "1:1 unclosed"),
    ("}", "1:1 "),
    ("{]", "1:2 "),
    ("[}", "1:2 "),
    ("{\"a\"}", "missing-colon"),
    ("{\"a\":}", "1:"),
    ("{,}", "extra-comma"),
    ("{\"a\":1,}", "trailing-comma"),
    ("{\"a\":1,,\"b\":2}", "extra-comma"),
    ("{\"a\":1 \"b\":2}", "missing-comma"),
    ("{} {}", "more-than-one-value"),
    ("{}x", "1:3 "),
    ("// c\n{}", "1:1 comment"),
    ("/* c", "1:1 comment"),
    ("{'a':1}", "1:2 single-quotes"),
    ("{a:1}", "1:2 unquoted-word"),
    ("{“a”:1}", "1:2 curly-quotes"),
    ("{\"a\"：1}", "1:5 wide-sign"),
    ("{\"a\":NaN}", "1:6 "),
    ("{\"a\":Infinity}", "1:6 "),
    ("{\"a\":-Infinity}", "1:6 "),
    ("{\"a\":+1}", "1:6 bad-number"),
    ("{\"a\":.5}", "1:6 bad-number"),
    ("{\"a\":1.}", "1:6 bad-number"),
    ("{\"a\":01}", "1:7 missing-comma"),
    ("{\"a\":-}", "1:7 bad-number"),
    ("{\"a\":1e}", "1:8 bad-number"),
    ("{\"a\":0x1f}", "1:6 bad-number"),
    ("{\"a\":1e400}", "1:6 fractional-number /a"),
    ("{\"a\":9223372036854775808}", "1:6 number-too-large /a"),
    ("{\"a\":\"\\ud800\"}", "1:7 bad-escape"),
    ("{\"a\":\"\\udc00\"}", "1:7 bad-escape"),
    ("{\"a\":\"\\u12\"}", "1:7 bad-escape"),
    ("{\"a\":\"\\x41\"}", "1:7 bad-escape"),
    ("{\"a\":\"x", "1:6 unclosed"),
    ("{\n\"a\":\"x\n\"}", "2:7 control-character /a"),
    ("{\r\"a\":1,\r\"a\":2\r}", "duplicate-key /a"),
    ("{\"a\":{\"b\":[{\"c\":1,\"c\":2}]}}", "1:19 duplicate-key /a/b/0/c"),
];

#[test]
fn what_is_no_policy_is_named() {
    compare(TEXTS.map(|(text, want)| (text.to_owned(), want, read(text))));
}

/// A policy that is right, in one line; the cases change it in one place.
const RIGHT: &str = r#"{"policy":"flood","version":1,"title":{"zh-CN":"洪涝","en":"Flood"},"owner":"care","review_by":"2027-06-30","effective":{"from":"2026-06-01"},"disaster":{"kinds":["flood"],"severity":{"at_least":"III"}},"start":{"by":["request"]},"eligible":{"all":[{"fact":"account.status","in":["active"]},{"fact":"area.home.region","on":"incident_start","within":["CN-410000"]},{"fact":"account.days_past_due","on":"incident_start","at_most":30}]},"hit_policy":"first","rules":[{"id":"r","benefits":[{"id":"fees","waive":{"charges":["late_fee"],"share":"0.5","cap":{"amount":"500.00","currency":"CNY","per":"account"},"if_paid":"leave"}}]}],"limits":[{"count":1,"per":"account","scope":"event"}]}"#;

/// What stands there, what is put in its place, and what is said.
const CHANGES: [(&str, &str, &str); 64] = [
    ("", "", OK),
    ("\"version\":1", "\"version\":0", "/version"),
    ("\"version\":1", "\"version\":-1", "/version"),
    ("\"version\":1", "\"version\":-0", "/version"),
    ("\"version\":1", "\"version\":1.0", "fractional-number /version"),
    ("\"version\":1", "\"version\":1e400", "fractional-number /version"),
    ("\"version\":1", "\"version\":\"1\"", "wrong-type /version"),
    ("\"version\":1", "\"version\":null", "wrong-type /version"),
    ("\"version\":1", "\"version\":2147483648", "number-too-large /version"),
    ("\"version\":1", "\"version\":9223372036854775808", "number-too-large /version"),
    ("\"policy\":\"flood\"", "\"policy\":\"\"", "/policy"),
    ("\"policy\":\"flood\"", "\"policy\":\"Flood relief\"", "/policy"),
    ("\"policy\":\"flood\"", "\"policy\":\"-flood\"", "/policy"),
    ("\"policy\":\"flood\"", "\"policy\":\"洪涝\"", "/policy"),
    ("\"policy\":\"flood\"", "\"policy\":\"../flood\"", "/policy"),
    ("\"policy\":\"flood\"", "\"policy\":\"a\\u0000\"", "/policy"),
    ("\"policy\":\"flood\"", "\"policy\":7", "wrong-type /policy"),
    ("\"owner\":\"care\"", "\"owner\":\"\"", "/owner"),
    ("\"owner\":\"care\"", "\"owner\":\" \"", "/owner"),
    ("\"owner\":\"care\"", "\"ownr\":\"care\"", "unknown-key /ownr"),
    ("\"owner\":\"care\"", "\"owner\":\"care\",\"__proto__\":{}", "unknown-key /__proto__"),
    ("\"title\":{\"zh-CN\":\"洪涝\",\"en\":\"Flood\"}", "\"title\":{}", "/title"),
    ("\"title\":{\"zh-CN\":\"洪涝\",\"en\":\"Flood\"}", "\"title\":\"Flood\"", "wrong-type /title"),
    ("\"title\":{\"zh-CN\":\"洪涝\",\"en\":\"Flood\"}", "\"title\":[]", "wrong-type /title"),
    ("\"2027-06-30\"", "\"2027-06-31\"", "/review_by"),
    ("\"2027-06-30\"", "\"99999-01-01\"", "/review_by"),
    ("\"2027-06-30\"", "20270630", "/review_by"),
    ("\"2027-06-30\"", "\"2027-6-30\"", "/review_by"),
    ("\"2027-06-30\"", "\"\"", "/review_by"),
    ("\"2026-06-01\"", "\"2026-02-30\"", "/effective/from"),
    ("\"2026-06-01\"", "\"0000-00-00\"", "/effective/from"),
    (
        "\"effective\":{\"from\":\"2026-06-01\"}",
        "\"effective\":{\"from\":\"2026-06-01\",\"until\":\"2026-05-31\"}",
        "/effective",
    ),
    ("\"effective\":{\"from\":\"2026-06-01\"}", "\"effective\":[\"2026-06-01\"]", "wrong-type /effective"),
    ("[\"flood\"]", "[]", "/disaster/kinds"),
    ("[\"flood\"]", "[\"floods\"]", "/disaster/kinds/0"),
    ("[\"flood\"]", "\"flood\"", "wrong-type /disaster/kinds"),
    ("\"III\"", "\"V\"", "/disaster/severity/at_least"),
    ("\"III\"", "3", "/disaster/severity/at_least"),
    ("{\"by\":[\"request\"]}", "{\"by\":[]}", "/start/by"),
    ("{\"by\":[\"request\"]}", "{\"by\":[\"request\",\"request\"]}", OK),
    ("\"first\"", "\"any\"", "/hit_policy"),
    ("\"account.status\"", "\"account.statu\"", "unknown-fact"),
    ("\"account.status\"", "\"\"", "unknown-fact"),
    ("\"account.status\"", "\"account.status\\n\"", "unknown-fact"),
    ("\"in\":[\"active\"]", "\"in\":[]", "/eligible/all/0"),
    ("\"in\":[\"active\"]", "\"in\":[7]", "/eligible/all/0"),
    ("\"in\":[\"active\"]", "\"in\":\"active\"", "/eligible/all/0"),
    ("\"in\":[\"active\"]", "\"at_least\":\"active\"", "/eligible/all/0"),
    ("\"in\":[\"active\"]", "\"in\":[\"active\"],\"is\":\"active\"", "/eligible/all/0"),
    ("[\"CN-410000\"]", "[\"410000\"]", "unknown-region"),
    ("[\"CN-410000\"]", "[\"CN-999999\"]", "unknown-region"),
    ("[\"CN-410000\"]", "[\"\"]", "unknown-region"),
    ("\"at_most\":30", "\"at_most\":\"30\"", "/eligible/all/2"),
    ("\"at_most\":30", "\"at_most\":-1", "/eligible/all/2"),
    ("\"at_most\":30", "\"at_most\":30.5", "fractional-number /eligible/all/2/at_most"),
    ("\"share\":\"0.5\"", "\"share\":\"-0.5\"", "/rules/0/benefits/0/waive/share"),
    ("\"share\":\"0.5\"", "\"share\":\"1.5\"", "/rules/0/benefits/0/waive/share"),
    ("\"share\":\"0.5\"", "\"share\":0.5", "fractional-number /rules/0/benefits/0/waive/share"),
    ("\"share\":\"0.5\"", "\"share\":\"NaN\"", "/rules/0/benefits/0/waive/share"),
    ("\"500.00\"", "\"-500.00\"", "/rules/0/benefits/0/waive/cap"),
    ("\"500.00\"", "\"500.001\"", "/rules/0/benefits/0/waive/cap"),
    ("\"500.00\"", "\"1e400\"", "/rules/0/benefits/0/waive/cap"),
    ("\"500.00\"", "\"99999999999999999999\"", "/rules/0/benefits/0/waive/cap"),
    ("\"count\":1", "\"count\":-1", "/limits/0"),
];

#[test]
fn a_wrong_value_is_named_with_its_place() {
    compare(CHANGES.map(|(old, new, want)| {
        assert!(RIGHT.contains(old), "{old}");
        (new.to_owned(), want, read(&RIGHT.replacen(old, new, 1)))
    }));
}
