//! The summary of a preview as JSON: the same tables as in print, whole.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::declaration::Declared;
use forbear_engine::policy::Program;
use forbear_engine::reason::Reason;
use forbear_engine::region::RegionTree;
use serde::Serialize;
use serde_json::{Value, json};

use super::export::bearer_name;
use super::tally::{Table, Tally};

/// What a preview was made of.
pub struct About<'a> {
    /// The decision day.
    pub today: NaiveDate,
    /// The policies.
    pub policies: &'a [Program],
    /// The declarations, as they stood on that day.
    pub declarations: &'a [Declared<'a>],
    /// What everybody is taken to answer; none: nobody asks.
    pub assumed: Option<&'a BTreeMap<String, Value>>,
    /// Snapshots that were set aside for a later one of the same account.
    pub superseded: u64,
    /// Snapshots that could not be read.
    pub bad_lines: u64,
}

/// The whole summary.
#[must_use]
pub fn summary(about: &About<'_>, tally: &Tally) -> Value {
    let regions = RegionTree::builtin();
    let policies: Vec<Value> = about
        .policies
        .iter()
        .map(|one| json!({"policy": one.slug(), "version": one.document.version, "digest": one.digest}))
        .collect();
    let declarations: Vec<Value> = about
        .declarations
        .iter()
        .map(|one| json!({"declaration": one.declaration, "event": one.event, "amendment": one.amendment}))
        .collect();
    let reasons: Vec<Value> = tally
        .reasons
        .iter()
        .map(|((part, key), (reason, accounts))| {
            let reason: &Reason = reason;
            json!({"part": part, "policy": key.policy, "benefit": key.benefit, "outcome": key.outcome,
                "reason": reason, "not_met": key.tests, "accounts": accounts})
        })
        .collect();
    let months = tally.deferred_by_month.iter();
    let months = months.map(|((part, _, month), money)| json!({"part": part, "month": month, "less_due": money}));
    let approvals = tally.approvals.iter();
    let approvals =
        approvals.map(|((part, people), count)| json!({"part": part, "people": people, "decisions": count}));
    json!({
        "today": about.today,
        "policies": policies,
        "declarations": declarations,
        "assumed": about.assumed,
        "accounts": tally.accounts,
        "people": tally.people,
        "superseded": about.superseded,
        "bad_lines": about.bad_lines,
        "endings": tally.endings,
        "decided": tally.decided,
        "total": table(&tally.total, |()| json!({})),
        "by_benefit": table(&tally.by_benefit, |key| json!(key)),
        "by_rule": table(&tally.by_rule, |key| json!(key)),
        "by_bearer": table(&tally.by_bearer, |bearer| json!({"bearer": bearer_name(*bearer)})),
        "by_region": table(&tally.by_region, |place| json!({
            "region": place.code(regions), "province": place.province(regions).code(regions)})),
        "reasons": reasons,
        "questions": counts(tally.questions.iter().map(|((part, fact), count)| (part, "fact", fact, count))),
        "offers": counts(tally.offers.iter().map(|((part, offer), count)| (part, "offer", offer, count))),
        "approvals": approvals.collect::<Vec<_>>(),
        "deferred_by_month": months.collect::<Vec<_>>(),
        "loss_unknown": tally.loss_unknown,
    })
}

fn counts<'t, P: Serialize + 't>(rows: impl Iterator<Item = (&'t P, &'static str, &'t String, &'t u64)>) -> Vec<Value> {
    rows.map(|(part, name, what, count)| json!({"part": part, name: what, "accounts": count})).collect()
}

/// One object a row: the part, the key's members, the figures.
fn table<K>(table: &Table<K>, key: impl Fn(&K) -> Value) -> Vec<Value> {
    let row = |((part, currency, own), figures): (&(_, forbear_engine::money::Currency, K), _)| {
        let mut row = json!({"part": part, "currency": currency.code()});
        for more in [key(own), json!(figures)] {
            if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
                row.extend(more);
            }
        }
        row
    };
    let rows: Vec<(&(super::Part, _, K), &_)> = table.iter().collect();
    rows.into_iter().map(row).collect()
}
