use serde_json::{Value, json};

use super::*;
use crate::policy::program::{BenefitKind, DateExpr, Expr, Literal, Op};

fn flood() -> Value {
    serde_json::from_str(include_str!("../../../tests/check/flood.json")).unwrap()
}

fn compiled(value: Value) -> (Option<Program>, Vec<Problem>) {
    let attributes: Attributes = serde_json::from_value(json!({
        "staff": {"type": "bool", "title": {"en": "Staff", "zh-CN": "员工"}},
        "joined_on": {"type": "date", "title": {"en": "Joined", "zh-CN": "入会日"}}
    }))
    .unwrap();
    let document: Policy = serde_json::from_value(value).unwrap();
    compile(document, &attributes, RegionTree::builtin())
}

/// The policy with other members: (pointer, value); null takes a member out.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut policy = flood();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match policy.pointer_mut(parent).unwrap() {
            Value::Object(members) if value.is_null() => drop(members.remove(key)),
            Value::Object(members) => drop(members.insert(key.to_owned(), value.clone())),
            Value::Array(entries) => match key.parse::<usize>() {
                Ok(at) if at < entries.len() => entries[at] = value.clone(),
                _ => entries.push(value.clone()),
            },
            _ => panic!("{pointer}"),
        }
    }
    policy
}

/// Codes and places of the problems, as `code pointer`.
fn problems(changes: &[(&str, Value)]) -> Vec<String> {
    let (program, problems) = compiled(with(changes));
    let refused = problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(program.is_none(), refused, "{problems:#?}");
    problems.iter().map(|problem| format!("{} {}", problem.code, problem.pointer)).collect()
}

#[test]
fn the_example_compiles() {
    let (program, problems) = compiled(flood());
    assert_eq!(problems, []);
    let program = program.unwrap();
    let ids: Vec<&str> = program.tests.iter().map(|test| test.id.as_str()).collect();
    assert_eq!(ids, ["eligible/0", "eligible/1", "eligible/2", "dpd", "rules/severe/0", "evidence/0/0"]);
    // area.designation over the same roles and day stands once; `is` and `is_not` read the same slot.
    assert_eq!(program.slots.len(), 5);
    assert_eq!(program.tests[4].slot, program.tests[5].slot);
    assert_eq!(program.tests[3].op, Op::AtMost(Literal::Count(30)));
    assert_eq!(program.tests[3].pointer, "/eligible/all/2");
    let any = Expr::Any(vec![Expr::Test(1), Expr::Test(2)]);
    assert_eq!(program.eligible, Expr::All(vec![Expr::Test(0), any, Expr::Test(3)]));
    assert_eq!(program.rules[1].when, Expr::always());
    assert_eq!(program.rules[1].start.by, program.document.start.by);
    assert!(program.rules[0].start.apply_by.is_some(), "the rule takes over what it leaves out");
    let BenefitKind::Waive(waive) = &program.rules[0].benefits[0].kind else { panic!() };
    assert!(matches!(&waive.accrued.until, Some(DateExpr::Moved { days: 60, .. })));
}

#[test]
fn the_digest_is_of_the_content() {
    let digest = |value| compiled(value).0.unwrap().digest;
    let plain = digest(flood());
    assert_eq!(plain.len(), 64);
    assert_eq!(digest(with(&[("/$schema", json!("../policy.schema.json"))])), plain);
    assert_ne!(digest(with(&[("/version", json!(4))])), plain);
}

#[test]
fn a_group_names_its_tests() {
    let message = json!({"en": "In the area", "zh-CN": "在灾区"});
    let (program, problems) =
        compiled(with(&[("/eligible/all/1/id", json!("area")), ("/eligible/all/1/message", message)]));
    assert_eq!(problems, []);
    let program = program.unwrap();
    let ids: Vec<&str> = program.tests.iter().map(|test| test.id.as_str()).collect();
    assert_eq!(&ids[..4], ["eligible/0", "area/0", "area/1", "dpd"]);
    assert_eq!(program.tests[2].message.as_ref().and_then(|text| text.english.as_deref()), Some("In the area"));
    assert_eq!(program.tests[0].message, None);
}

#[test]
fn conditions_are_checked() {
    let cases: &[(Value, &[&str])] = &[
        (json!({"fact": "account.dayspast_due", "is": 3}), &["unknown-fact /fact"]),
        (json!({"fact": "attributes.stuff", "is": true}), &["unknown-fact /fact"]),
        (json!({"fact": "attributes.staff", "is": true}), &[]),
        (json!({"fact": "attributes.joined_on", "at_least": {"after": "incident_start", "months": -3}}), &[]),
        (json!({"fact": "area.designation", "is": "severe"}), &["roles-missing /fact"]),
        (json!({"fact": "area.home.designation", "roles": ["home"], "is": "severe"}), &["roles-out-of-place /roles"]),
        (json!({"fact": "area.hme.designation", "is": "severe"}), &["unusual-role /fact"]),
        (json!({"fact": "account.status", "who": "any_party", "is": "active"}), &["not-a-person /who"]),
        (json!({"fact": "account.product", "on": "incident_start", "is": "X"}), &["not-dated /on"]),
        (json!({"fact": "account.status", "at_least": "active"}), &["operator-type /at_least"]),
        (json!({"fact": "account.days_past_due", "has": "x"}), &["operator-type /has"]),
        (json!({"fact": "account.days_past_due", "within": "CN"}), &["operator-type /within"]),
        (json!({"fact": "account.days_past_due", "at_most": "30"}), &["wrong-type /at_most"]),
        (json!({"fact": "account.days_past_due", "at_most": -1}), &["negative-count /at_most"]),
        (json!({"fact": "account.arrears", "below": 500}), &["wrong-type /below"]),
        (json!({"fact": "account.rate", "below": "30%"}), &["wrong-type /below"]),
        (json!({"fact": "account.rate", "below": "24"}), &["high-rate /below"]),
        (json!({"fact": "account.first_loan", "is": "yes"}), &["wrong-type /is"]),
        (json!({"fact": "account.status", "in": ["active", "acitve"]}), &["unknown-name /in/1"]),
        (json!({"fact": "account.status", "in": []}), &["empty-list /in"]),
        (json!({"fact": "account.status", "in": ["active", "active"]}), &["repeated-entry /in/1"]),
        (json!({"fact": "area.home.region", "within": ["CN-410100", "CN-419999"]}), &["unknown-region /within/1"]),
        (json!({"fact": "area.home.region", "within": {"from": "incident_start"}}), &["wrong-type /within"]),
        (json!({"fact": "account.disbursed_on", "within": "CN"}), &["wrong-type /within"]),
        (json!({"fact": "account.disbursed_on", "within": {}}), &["empty-window /within"]),
        (json!({"fact": "account.disbursed_on", "below": "2026-02-30"}), &["bad-date /below"]),
        (json!({"fact": "account.disbursed_on", "below": "incident_begin"}), &["unknown-date /below"]),
        (json!({"fact": "account.disbursed_on", "below": "account.status"}), &["not-a-date /below"]),
        (json!({"fact": "account.disbursed_on", "below": "relief_end"}), &["relief-end-out-of-place /below"]),
        (json!({"fact": "account.disbursed_on", "below": "due"}), &["due-out-of-place /below"]),
        (json!({"fact": "account.disbursed_on", "below": "area.home.counts_from"}), &["area-date-out-of-place /below"]),
        (json!({"fact": "area.home.counts_from", "below": "declared_on"}), &[]),
        (json!({"fact": "account.disbursed_on", "below": {"days": 3}}), &["date-form /below"]),
        (json!({"fact": "account.disbursed_on", "below": {"after": "incident_start"}}), &["date-not-moved /below"]),
        (json!({"fact": "account.disbursed_on", "below": {"later_of": []}}), &["empty-list /below/later_of"]),
        (json!({"fact": "declaration.severity", "at_least": 3}), &["wrong-type /at_least"]),
        (json!({"fact": "account.status", "is": "active", "is_not": "settled"}), &["operator-count "]),
        (json!({"fact": "account.status"}), &["operator-count "]),
        (json!({}), &["condition-form "]),
        (json!({"fact": "account.status", "is": "active", "all": []}), &["condition-form ", "empty-all /all"]),
        (json!({"any": []}), &["empty-any /any"]),
        (json!({"all": []}), &["empty-all /all"]),
        (
            json!({"not": {"fact": "request.made", "is": true}, "is": 3, "who": "any_party"}),
            &["key-out-of-place /who", "key-out-of-place /is"],
        ),
        (json!({"id": "dpd", "fact": "request.made", "is": true}), &[]),
        (json!({"id": "a b", "fact": "request.made", "is": true}), &["bad-id /id"]),
        (
            json!({"all": [{"id": "x", "fact": "request.made", "is": true}, {"id": "x", "fact": "request.made", "is": 1}]}),
            &["duplicate-id /all/1/id", "wrong-type /all/1/is"],
        ),
        (json!({"fact": "request.made", "is": true, "message": {"en": "Asked"}}), &["missing-translation /message"]),
    ];
    for (condition, want) in cases {
        let want: Vec<String> = want.iter().map(|one| one.replacen(' ', " /eligible", 1)).collect();
        assert_eq!(problems(&[("/eligible", condition.clone())]), want, "{condition}");
    }
}

/// A benefit of a kind with these keys, over the least that the kind needs.
fn benefit(kind: &str, least: Value, more: &Value) -> Value {
    let mut keys = least;
    keys.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"id": "b", kind: keys})
}

fn assert_benefits(cases: &[(Value, &[&str])]) {
    for (benefit, want) in cases {
        let want: Vec<String> = want.iter().map(|one| one.replacen(' ', " /rules/1/benefits/0", 1)).collect();
        assert_eq!(problems(&[("/rules/1/benefits/0", benefit.clone())]), want, "{benefit}");
    }
}

#[test]
fn waivers_are_checked() {
    let waive = |more: Value| benefit("waive", json!({"charges": ["late_fee"]}), &more);
    let cny = json!({"amount": "5.00", "currency": "CNY", "per": "account"});
    assert_benefits(&[
        (waive(json!({"share": "0"})), &["share-out-of-range /waive/share"]),
        (waive(json!({"share": "30"})), &["share-out-of-range /waive/share"]),
        (waive(json!({"interest": {"which": "overdue"}})), &["waive-form /waive"]),
        (waive(json!({"charges": []})), &["empty-list /waive/charges"]),
        (waive(json!({"borne_by": {"party": "guarantor"}})), &["agreement-missing /waive/borne_by"]),
        (waive(json!({"borne_by": {"party": "lender"}})), &[]),
        (waive(json!({"cap": [cny, cny]})), &["repeated-entry /waive/cap/1", "duplicate-currency /waive/cap/1"]),
        (
            waive(json!({"cap": {"amount": "5.001", "currency": "CNY", "per": "charge"}})),
            &["bad-amount /waive/cap/amount"],
        ),
        (waive(json!({"cap": {"amount": "5.00", "per": "charge"}})), &["amount-without-currency /waive/cap"]),
        (waive(json!({"cap": {"per": "charge"}})), &["cap-form /waive/cap"]),
        (waive(json!({"cap": {"most": {"up_to": 3}, "per": "charge"}})), &["quantity-type /waive/cap/most/up_to"]),
        (
            waive(json!({"cap": {"most": {"share": "0.5", "of": "account.days_past_due"}, "per": "charge"}})),
            &["quantity-type /waive/cap/most/of"],
        ),
        (waive(json!({"cap": {"most": {"share": "0.5"}, "per": "charge"}})), &["share-of /waive/cap/most"]),
    ]);
}

#[test]
fn deferrals_are_checked() {
    let least = json!({"which": "overdue", "to": "end_of_term", "interest_on_top": "none", "arrears": "cure"});
    let defer = |more: Value| benefit("defer", least.clone(), &more);
    assert_benefits(&[
        (defer(json!({"date": "incident_end"})), &["date-out-of-place /defer/date"]),
        (defer(json!({"to": "later_date"})), &["date-missing /defer/to"]),
        (defer(json!({"to": "later_date", "date": {"after": "due", "months": 3}})), &[]),
        (defer(json!({"extra_terms": 3})), &["extra-terms-out-of-place /defer/extra_terms"]),
        (defer(json!({"which": ["due_in"]})), &["due-missing /defer/which"]),
        (defer(json!({"due": {"from": "incident_start"}})), &["due-out-of-window /defer/due"]),
        (defer(json!({"parts": []})), &["empty-list /defer/parts"]),
        (defer(json!({"instalments": 0})), &["nothing-given /defer/instalments"]),
        (defer(json!({"instalments": {"fact": "account.arrears"}})), &["quantity-type /defer/instalments/fact"]),
        (defer(json!({"instalments": {"minus": [12, {"fact": "history.deferred_instalments"}]}})), &[]),
        (defer(json!({"instalments": {"minus": [12]}})), &["minus-of-two /defer/instalments/minus"]),
        (
            defer(json!({"instalments": {"up_to": 3, "fact": "account.instalments_left"}})),
            &["quantity-form /defer/instalments"],
        ),
        (
            defer(json!({"instalments": {"choose": {"from": 3, "up_to": 1, "by": "borrower", "default": 2}}})),
            &["choose-bounds /defer/instalments/choose"],
        ),
        (
            defer(json!({"instalments": {"choose": {"from": 1, "up_to": 3, "by": "borrower", "default": 4}}})),
            &["choose-bounds /defer/instalments/choose/default"],
        ),
    ]);
}

#[test]
fn other_benefits_are_checked() {
    let hold = |more: Value| benefit("hold", json!({"what": ["collections"], "from": "incident_start"}), &more);
    let suspend = json!({"from": "incident_start", "for": {"months": 3}, "interest_on_top": "none", "arrears": "freeze", "then": "pay-latr"});
    assert_benefits(&[
        (hold(json!({})), &["open-hold /hold"]),
        (hold(json!({"until": "relief_end"})), &[]),
        (hold(json!({"until": "relief_end", "report_as": "by_schedule"})), &["report-without-hold /hold/report_as"]),
        (
            hold(json!({"review_by": "incident_end", "renew": {"step": {"days": 30}, "total": {"days": 20}}})),
            &["renew-open-hold /hold/renew", "renew-total /hold/renew/total"],
        ),
        (json!({"id": "b", "suspend": suspend}), &["unknown-deferral /suspend/then"]),
        (json!({"id": "b"}), &["benefit-form "]),
        (json!({"id": "b", "goodwill": {"amount": 5}}), &["amount-without-currency /goodwill/amount"]),
        (
            json!({"id": "b", "extend_window": {"window": "cooling_off", "by": {"days": {"interrupted": {"from": "account.disbursed_on", "until": "account.cooling_off_ends_on"}}}}}),
            &[],
        ),
        (json!({"id": "b", "extend_window": {"window": "grace", "by": {}}}), &["span-form /extend_window/by"]),
        (
            json!({"id": "b", "reduce_rate": {"from": "incident_start", "until": "incident_end", "to": "3"}}),
            &["rate-too-high /reduce_rate/to"],
        ),
        (json!({"id": "fees", "goodwill": {"amount": {"amount": "5", "currency": "CNY"}}}), &["duplicate-id /id"]),
    ]);
}

#[test]
fn the_rest_is_checked() {
    let cny = json!({"amount": "5.00", "currency": "CNY"});
    let cases: &[(&str, Value, &str)] = &[
        ("/policy", json!("CN Flood"), "bad-slug /policy"),
        ("/version", json!(0), "bad-version /version"),
        ("/title", json!({"en": "Flood relief"}), "missing-translation /title"),
        ("/sources", json!([{"cite": "a", "url": "ftp://x"}]), "bad-url /sources/0/url"),
        ("/effective", json!({"from": "2026-06-01", "until": "2026-05-31"}), "ends-before-it-begins /effective/until"),
        ("/disaster", json!({"kinds": []}), "empty-list /disaster/kinds"),
        ("/start", json!({"by": []}), "empty-list /start/by"),
        ("/start", json!({"by": ["request"], "opt_out": {}}), "day-count /start/opt_out"),
        ("/start", json!({"by": ["request"], "apply_by": "relief_end"}), "relief-end-out-of-place /start/apply_by"),
        ("/rules/1/id", json!("severe"), "duplicate-id /rules/1/id"),
        ("/rules/1/benefits", json!([]), "empty-list /rules/1"),
        ("/rules/1/title", json!({"zh-CN": "受灾"}), "missing-translation /rules/1/title"),
        ("/limits", json!([{"per": "account"}]), "limit-form /limits/0"),
        ("/limits", json!([{"count": 0, "per": "account"}]), "nothing-given /limits/0/count"),
        ("/limits", json!([{"amount": "5", "per": "account"}]), "amount-without-currency /limits/0"),
        ("/limits", json!([{"count": 1, "per": "account", "window": {}}]), "span-form /limits/0/window"),
        ("/approval", json!({"deferred_up_to": [cny, cny]}), "duplicate-currency /approval/deferred_up_to/1"),
        (
            "/approval",
            json!({"automatic_up_to": {"amount": "6.00", "currency": "CNY"}, "two_people_above": cny}),
            "approval-order /approval/two_people_above",
        ),
    ];
    for (pointer, value, want) in cases {
        assert_eq!(problems(&[(pointer, value.clone())]), [*want], "{pointer} {value}");
    }
    let all: Vec<String> =
        problems(&[("/version", json!(0)), ("/rules/1/benefits", json!([])), ("/eligible", json!({}))]);
    assert_eq!(all, ["bad-version /version", "condition-form /eligible", "empty-list /rules/1"], "all at once");
}
