//! The summary of a preview as JSON: the same tables as in print, whole.

use forbear_engine::reason::Reason;
use forbear_engine::region::RegionTree;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Done, Job};
use crate::service::relief::preview::export::bearer_name;
use crate::service::relief::preview::tally::Table;

/// The whole summary.
pub fn json(job: &Job<'_>, done: &Done) -> Value {
    let tally = &done.tally;
    let (regions, today) = (RegionTree::builtin(), job.context.today);
    let policies: Vec<Value> = job
        .policies
        .iter()
        .map(|one| json!({"policy": one.slug(), "version": one.document.version, "digest": one.digest}))
        .collect();
    let declarations: Vec<Value> = job
        .declarations
        .iter()
        .filter_map(|one| one.as_of(today, regions).ok())
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
        "today": today,
        "policies": policies,
        "declarations": declarations,
        "assumed": job.answers,
        "accounts": tally.accounts,
        "people": tally.people,
        "superseded": job.source.superseded(),
        "bad_lines": job.source.bad_lines().1,
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
    let rows: Vec<(&(crate::service::relief::preview::Part, _, K), &_)> = table.iter().collect();
    rows.into_iter().map(row).collect()
}
