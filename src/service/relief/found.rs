//! What reviewers find out: facts that the core system does not report, and numbers that policies leave to them.
//!
//! A finding is kept with what a decision was made from, and goes with its request into every later decision. It stands in
//! for what is missing only: once the core system reports the fact, that counts.

use std::collections::BTreeMap;

use forbear_engine::account::{Account, OneSnapshot};
use forbear_engine::declaration::Declared;
use forbear_engine::facts::Facts;
use forbear_engine::facts::value::{Seen, Value as Known};
use forbear_engine::policy::facts::{Attributes, FactGroup, FactRef};
use forbear_engine::policy::program::Slot;
use forbear_engine::region::RegionTree;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::appeal::Hearing;
use super::decide::KeptInputs;
use super::propose::Act;
use crate::service::account::report;
use crate::service::audit::Actor;
use crate::service::policy::shelf::resolve;
use crate::service::{Served, Service, ServiceError};
use crate::store::decision::DecisionRow;
use crate::store::{Connection, account, decision, document, request};

/// What a reviewer found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Values, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
    /// Numbers, by benefit or `policy/benefit`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, u32>,
    /// Who found it: a maker of whatever is granted on it.
    pub by: String,
    /// How it is known.
    pub reason: String,
}

impl Service {
    /// Decides again with what a reviewer found, and says which decision it is.
    pub(in crate::service) fn decide_with(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        before: &DecisionRow,
        finding: &Finding,
    ) -> Served<i64> {
        let inputs = kept_inputs(before)?;
        let finding = checked(conn, &inputs, finding)?;
        let own = account::get(conn, before.account_id)?.ok_or(ServiceError::Missing("account"))?;
        let mut found = inputs.found;
        found.push(finding);
        let Some(id) = before.request_id else {
            self.outdate(conn, actor, before.id)?;
            let made = self.decide_unasked(conn, &own, before, &found)?;
            let act = Act {
                actor,
                now: self.clock.now(),
                account: &own,
                request: None,
                hearing: Hearing::None,
                unasked: false,
            };
            let proposed = self.propose(conn, &act, &made)?;
            self.let_go(conn, actor, (&own, &made.terms), proposed.grants)?;
            return Ok(proposed.decision.id);
        };
        let asked = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
        if asked.state == "closed" || asked.decision_id != Some(before.id) {
            let message = "the request is closed, or was decided anew since: there is nothing to decide here";
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let asked = self.decide_request_with(conn, actor, &own, asked, &found)?;
        asked.request.decision_id.ok_or(ServiceError::Missing("decision"))
    }
}

/// What reviewers found for a decision.
pub(super) fn found_for(conn: &mut Connection, decision: Option<i64>) -> Served<Vec<Finding>> {
    let Some(id) = decision else { return Ok(Vec::new()) };
    let row = decision::find(conn, id)?.ok_or(ServiceError::Missing("decision"))?;
    Ok(kept_inputs(&row)?.found)
}

/// Whether somebody found what a decision was made on.
pub(super) fn found_by(row: &DecisionRow, person: &str) -> Served<bool> {
    Ok(kept_inputs(row)?.found.iter().any(|finding| finding.by == person))
}

/// What a decision was made from.
pub(in crate::service) fn kept_inputs(row: &DecisionRow) -> Served<KeptInputs> {
    serde_json::from_str(&row.inputs).map_err(ServiceError::unknown)
}

/// Puts into the circumstances what was found and is still not reported; of several findings the last counts.
pub(super) fn apply(inputs: &mut KeptInputs, declared: &[Declared<'static>], report: &Account) -> Served<()> {
    for finding in inputs.found.clone() {
        for (name, value) in finding.facts {
            let Some(slot) = slot(&name, &inputs.context.attributes) else { continue };
            if reported(&slot, inputs, declared, report)?.is_none() {
                inputs.context.facts.insert(name, value);
            }
        }
        inputs.context.reviewer_choices.extend(finding.choices);
    }
    Ok(())
}

fn slot(name: &str, attributes: &Attributes) -> Option<Slot> {
    let (fact, of) = FactRef::find(name, attributes)?;
    Some(Slot { fact, of, on: None, roles: Vec::new() })
}

/// What is reported of a fact already, by the account alone; none where any of it is missing.
fn reported(
    slot: &Slot,
    inputs: &KeptInputs,
    declared: &[Declared<'static>],
    report: &Account,
) -> Served<Option<String>> {
    let one = OneSnapshot::of(report).map_err(ServiceError::unknown)?;
    let bare = forbear_engine::context::Context { facts: BTreeMap::new(), ..inputs.context.clone() };
    let Some(declared) = declared.first() else { return Ok(None) };
    let facts = Facts {
        snapshot: one.snapshot(),
        position: None,
        declared,
        request: None,
        history: &inputs.history,
        context: &bare,
        regions: RegionTree::builtin(),
        first_decided_on: bare.today,
        relief_end: None,
    };
    let seen = facts.see(slot).map_err(ServiceError::unknown)?;
    let known = |one: &Seen<'_>| matches!(one, Seen::Known(_));
    Ok((!seen.is_empty() && seen.iter().all(known)).then(|| slot.fact.name()))
}

/// A finding as it is kept, or every reason why it cannot be used.
fn checked(conn: &mut Connection, inputs: &KeptInputs, finding: &Finding) -> Served<Finding> {
    let declared = resolve(conn, &inputs.declarations, inputs.context.today)?;
    let report = report(conn, &inputs.snapshot)?;
    let mut kept = Finding { facts: BTreeMap::new(), ..finding.clone() };
    if finding.facts.is_empty() && finding.choices.is_empty() {
        return Err(ServiceError::invalid("/facts", "say what you found: facts, or numbers left to the reviewer"));
    }
    for (name, value) in &finding.facts {
        let wrong = |message: String| ServiceError::invalid(&pointer("facts", name), message);
        let slot = slot(name, &inputs.context.attributes).ok_or_else(|| wrong(format!("no fact is called {name}")))?;
        let group = slot.fact.id.group();
        if !matches!(group, FactGroup::Account | FactGroup::Area | FactGroup::Borrower | FactGroup::Attribute) {
            return Err(wrong(format!("{name} is not the core system's to report: a reviewer cannot find it")));
        }
        let currency = OneSnapshot::of(&report).map_err(ServiceError::unknown)?.snapshot().currency();
        let read = Known::from_json(value, slot.of, currency, RegionTree::builtin());
        if value.is_null() || read.is_err() {
            return Err(wrong(format!("{value} is not {}", slot.of.describe())));
        }
        if reported(&slot, inputs, &declared, &report)?.is_some() {
            return Err(wrong(format!("{name} is reported by the core system: have it reported anew if it is wrong")));
        }
        kept.facts.insert(slot.fact.name(), value.clone());
    }
    for (name, number) in &finding.choices {
        let bounds = bounds(conn, inputs, name)?;
        let wrong = |message: String| Err(ServiceError::invalid(&pointer("choices", name), message));
        if bounds.is_empty() {
            return wrong(format!("no policy leaves a number of {name} to the reviewer"));
        }
        if let Some((from, up_to)) =
            bounds.into_iter().find(|(from, up_to)| !(*from..=*up_to).contains(&u64::from(*number)))
        {
            return wrong(format!("{number} is outside what the policy leaves: from {from} to {up_to}"));
        }
    }
    Ok(kept)
}

/// A JSON pointer to a key, escaped as RFC 6901 wants it.
fn pointer(of: &str, key: &str) -> String {
    format!("/{of}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The bounds of each number of a benefit that a policy leaves to the reviewer.
fn bounds(conn: &mut Connection, inputs: &KeptInputs, name: &str) -> Served<Vec<(u64, u64)>> {
    let mut bounds = Vec::new();
    for digest in &inputs.policies {
        let text = document::body(conn, digest)?.ok_or(ServiceError::Missing("policy"))?;
        let policy: Value = serde_json::from_str(&text).map_err(ServiceError::unknown)?;
        let slug = policy.get("policy").and_then(Value::as_str).unwrap_or_default();
        let rules = policy.get("rules").and_then(Value::as_array).into_iter().flatten();
        let benefits = rules.filter_map(|rule| rule.get("benefits")?.as_array()).flatten();
        for benefit in benefits {
            let id = benefit.get("id").and_then(Value::as_str).unwrap_or_default();
            if id == name || name.strip_prefix(slug).and_then(|rest| rest.strip_prefix('/')) == Some(id) {
                collect(benefit, &mut bounds);
            }
        }
    }
    Ok(bounds)
}

fn collect(within: &Value, bounds: &mut Vec<(u64, u64)>) {
    match within {
        Value::Array(items) => items.iter().for_each(|item| collect(item, bounds)),
        Value::Object(keys) => {
            for (key, item) in keys {
                let number = |name: &str| item.get(name).and_then(Value::as_u64);
                let reviewer = key == "choose" && item.get("by").and_then(Value::as_str) == Some("reviewer");
                match (number("from"), number("up_to")) {
                    (Some(from), Some(up_to)) if reviewer => bounds.push((from, up_to)),
                    _ => collect(item, bounds),
                }
            }
        }
        _ => {}
    }
}
