//! A small world to decide in: one flood in Henan, one account in Zhengzhou, one policy at a time.

use forbear_engine::account::{Account, OneSnapshot, Position};
use forbear_engine::adjustment::Adjustment;
use forbear_engine::context::Context;
use forbear_engine::decide::decision::BenefitDecision;
use forbear_engine::decide::{Decision, Detail, Inputs, Outcome, decide};
use forbear_engine::declaration::Declaration;
use forbear_engine::history::{Grant, GrantState, History};
use forbear_engine::policy::compile::compile;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::{Policy, Program};
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use serde_json::{Value, json};

pub struct World {
    pub policies: Vec<Program>,
    pub declarations: Vec<Declaration>,
    pub account: Account,
    pub request: Option<Request>,
    pub history: History,
    pub context: Context,
}

/// A policy with these rules, for anyone who asks.
pub fn policy(slug: &str, patch: &Value) -> Program {
    let mut document = json!({
        "policy": slug, "version": 1, "title": {"zh-CN": "测试", "en": "Test"}, "owner": "tests",
        "review_by": "2030-01-01", "effective": {"from": "2020-01-01"}, "start": {"by": ["request"]},
        "hit_policy": "first", "rules": []
    });
    for (key, value) in patch.as_object().unwrap() {
        document[key] = value.clone();
    }
    let document: Policy = serde_json::from_value(document).unwrap();
    let (program, problems) = compile(document, &Attributes::new(), RegionTree::builtin());
    program.unwrap_or_else(|| panic!("{problems:?}"))
}

/// A policy with one rule that always holds and one benefit, `b`.
pub fn one_benefit(benefit: &Value) -> Program {
    policy("p", &json!({"rules": [{"id": "r", "benefits": [with_id("b", benefit)]}]}))
}

pub fn with_id(id: &str, benefit: &Value) -> Value {
    let mut benefit = benefit.clone();
    benefit["id"] = json!(id);
    benefit
}

pub fn flood() -> Declaration {
    serde_json::from_value(json!({
        "declaration": "flood", "event": "flood", "kind": "flood", "severity": "II",
        "title": {"zh-CN": "洪水", "en": "Flood"}, "declared_on": "2024-05-02",
        "incident": {"start": "2024-05-01", "end": "2024-05-31"},
        "areas": [{"region": "CN-410100", "designation": "severe"}, {"region": "CN-410700", "designation": "affected"}]
    }))
    .unwrap()
}

/// Rows due on the first of months from 2024-`first`; nothing paid.
pub fn rows(first: u32, amounts: &[(&str, &str)]) -> Value {
    let row = |(at, (principal, interest)): (usize, &(&str, &str))| {
        let month = first as usize - 1 + at;
        let due = format!("{}-{:02}-01", 2024 + month / 12, month % 12 + 1);
        json!({"id": format!("i{}", at + 1), "due_on": due, "principal": principal, "interest": interest, "paid": {}})
    };
    Value::Array(amounts.iter().enumerate().map(row).collect())
}

/// An account in Zhengzhou as of 20 May 2024.
pub fn account(patch: &Value) -> Account {
    let mut account = json!({
        "account": "a", "as_of": "2024-05-20", "currency": "CNY", "status": "active",
        "terms": {"rate": "0.12", "method": "equal_instalment", "day_count": "month/12", "every": {"months": 1}},
        "schedules": [{"version": 1, "known_from": "2024-01-01", "rows": []}],
        "charges": [], "payments": [], "credit_reports": [],
        "parties": [{"party": "p", "role": "borrower",
                     "addresses": [{"role": "home", "region": "CN-410105", "valid_from": "2020-01-01"}]}]
    });
    for (key, value) in patch.as_object().unwrap() {
        match (key.as_str(), value) {
            ("rows", rows) => account["schedules"][0]["rows"] = rows.clone(),
            ("terms", Value::Object(terms)) => {
                for (term, value) in terms {
                    account["terms"][term] = value.clone();
                }
            }
            _ => account[key] = value.clone(),
        }
    }
    Account::from_json(&account.to_string()).unwrap()
}

impl World {
    pub fn new(policies: Vec<Program>, account: Account) -> Self {
        let today = "2024-05-20".parse().unwrap();
        let request = serde_json::from_value(json!({"requested_on": "2024-05-20"})).unwrap();
        Self {
            policies,
            declarations: vec![flood()],
            account,
            request: Some(request),
            history: History::default(),
            context: Context::on(today),
        }
    }

    pub fn on(mut self, today: &str) -> Self {
        self.context.today = today.parse().unwrap();
        if let Some(request) = &mut self.request {
            request.requested_on = self.context.today;
        }
        self
    }

    pub fn answer(mut self, fact: &str, value: Value) -> Self {
        self.request.as_mut().unwrap().answers.insert(fact.to_owned(), value);
        self
    }

    /// The account in codes.
    pub fn snapshot(&self) -> OneSnapshot {
        OneSnapshot::of(&self.account).unwrap()
    }

    pub fn decide(&self) -> Decision {
        let regions = RegionTree::builtin();
        let today = self.context.today;
        let declared: Vec<_> = self.declarations.iter().map(|one| one.as_of(today, regions).unwrap()).collect();
        let account = self.snapshot();
        let inputs = Inputs {
            policies: &self.policies,
            declarations: &declared,
            account: account.snapshot(),
            request: self.request.as_ref(),
            history: &self.history,
            context: &self.context,
            regions,
            detail: Detail::Full,
        };
        decide(&inputs).unwrap()
    }

    /// Makes what a decision granted part of the history, posted today.
    pub fn grant(&mut self, decision: &Decision) {
        for claim in &decision.policies {
            // An offer that nobody took is granted nothing yet.
            let posted = |one: &&BenefitDecision| one.outcome == Outcome::Granted && !one.adjustments.is_empty();
            for benefit in claim.benefits.iter().filter(posted) {
                let number = self.history.grants.len() + 1;
                self.history.grants.push(Grant {
                    grant: format!("g{number}"),
                    decision: Some(format!("d-{}-{}", claim.policy, decision.decided_on)),
                    account: None,
                    event: claim.event.clone(),
                    declaration: claim.declaration.clone(),
                    policy: claim.policy.clone(),
                    version: claim.version,
                    rule: benefit.rule.clone(),
                    benefit: benefit.benefit.clone(),
                    decided_on: decision.decided_on,
                    state: GrantState::Posted,
                    instruction: Some(format!("ins{number}")),
                    adjustments: benefit.adjustments.clone(),
                    present_value_loss: None,
                });
            }
        }
    }

    /// The position after everything granted so far and now.
    pub fn after(&self, decision: &Decision) -> Position {
        let account = self.snapshot();
        let position = Position::of(account.snapshot(), self.context.today);
        let mut position = position.overlay(account.snapshot(), self.history.own("a")).unwrap();
        for adjustment in granted(decision) {
            position.apply(adjustment).unwrap();
        }
        position
    }

    /// The rows after a decision: due date, principal, interest, fees.
    pub fn rows_after(&self, decision: &Decision) -> Vec<(String, String, String)> {
        let position = self.after(decision);
        let line = |row: &forbear_engine::account::position::Row| {
            let owed = row.state.owed;
            (
                row.state.due_on.to_string(),
                owed.principal.to_decimal().to_string(),
                owed.interest.to_decimal().to_string(),
            )
        };
        position.rows.unwrap().iter().map(line).collect()
    }
}

/// What is granted, in the order of effect.
pub fn granted(decision: &Decision) -> Vec<&Adjustment> {
    let claims = decision.policies.iter().flat_map(|claim| &claim.benefits);
    let granted = claims.filter(|one| one.outcome == Outcome::Granted).flat_map(|one| &one.adjustments);
    let mut granted: Vec<&Adjustment> = granted.collect();
    granted.sort_by_key(|one| one.turn());
    granted
}

pub fn benefit<'d>(decision: &'d Decision, id: &str) -> &'d BenefitDecision {
    let mut all = decision.policies.iter().flat_map(|claim| &claim.benefits);
    all.find(|one| one.benefit == id).unwrap_or_else(|| panic!("no {id} in {decision:#?}"))
}

pub fn reasons(decision: &Decision) -> Vec<&'static str> {
    decision.policies.iter().flat_map(|claim| &claim.reasons).map(forbear_engine::reason::Reason::code).collect()
}

pub fn cents(text: &str) -> i64 {
    (text.parse::<rust_decimal::Decimal>().unwrap() * rust_decimal::Decimal::from(100)).try_into().unwrap()
}
