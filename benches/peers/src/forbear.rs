//! Forbear: the policy checked and compiled once, the declaration as it stands on the decision day.

use anyhow::{Result, anyhow, bail};
use forbear_engine::account::Account;
use forbear_engine::context::Context;
use forbear_engine::decide::{Decision, Detail, Inputs, decide};
use forbear_engine::declaration::{Declaration, Declared};
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::region::RegionTree;
use serde_json::json;

use crate::book::Entry;
use crate::peer::{Form, Peer};
use crate::policy::{AREAS, Answer, Ask, INCIDENT_END, INCIDENT_START, TODAY};

/// Which snapshots are decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshot {
    /// What the peers' records say, and nothing else.
    Brief,
    /// Twelve rows and other charges.
    Whole,
}

pub struct Forbear<'a> {
    snapshot: Snapshot,
    programs: Vec<Program>,
    declared: Vec<Declared<'static>>,
    history: History,
    context: Context,
    accounts: Vec<Account>,
    texts: Vec<&'a str>,
    ask: Ask,
}

impl<'a> Forbear<'a> {
    pub fn new(book: &'a [Entry], ask: Ask, snapshot: Snapshot) -> Result<Self> {
        let texts: Vec<&str> = book
            .iter()
            .map(|entry| match snapshot {
                Snapshot::Brief => entry.brief.as_str(),
                Snapshot::Whole => entry.whole.as_str(),
            })
            .collect();
        let accounts = texts.iter().map(|text| Ok(Account::from_json(text)?)).collect::<Result<_>>()?;
        Ok(Self {
            snapshot,
            programs: vec![program()?],
            declared: vec![declaration()?.as_of(TODAY.parse()?, RegionTree::builtin())?],
            history: History::default(),
            context: Context::on(TODAY.parse()?),
            accounts,
            texts,
            ask,
        })
    }

    fn decision(&self, account: &Account, detail: Detail) -> Result<Decision> {
        let inputs = Inputs {
            policies: &self.programs,
            declarations: &self.declared,
            account,
            request: None,
            history: &self.history,
            context: &self.context,
            regions: RegionTree::builtin(),
            detail,
        };
        decide(&inputs).map_err(|error| anyhow!("{error}"))
    }

    fn answer(&self, decision: &Decision) -> Result<Answer> {
        let [claim] = decision.policies.as_slice() else { bail!("{} claims", decision.policies.len()) };
        if !claim.questions.is_empty() {
            bail!("{}: {:?} are unknown", decision.account, claim.questions);
        }
        let rule = match claim.rules.first().map(String::as_str) {
            None => 0,
            Some("vulnerable") => 1,
            Some("small") => 2,
            Some("other") => 3,
            Some(other) => bail!("rule {other}"),
        };
        let cents = if self.ask == Ask::Money { decision.totals.amounts.waived.minor() } else { 0 };
        Ok(Answer { rule, cents })
    }
}

fn program() -> Result<Program> {
    let checked = check(include_str!("../policies/forbear.json"), &CheckSettings::default());
    checked.program.ok_or_else(|| anyhow!("{:?}", checked.problems))
}

fn declaration() -> Result<Declaration> {
    let areas: Vec<_> =
        AREAS.iter().map(|area| json!({"region": format!("{area}00"), "designation": "affected"})).collect();
    Ok(serde_json::from_value(json!({
        "declaration": "flood", "event": "flood", "kind": "flood", "severity": "II",
        "title": {"zh-CN": "洪水", "en": "Flood"}, "declared_on": "2024-06-20",
        "incident": {"start": INCIDENT_START, "end": INCIDENT_END}, "areas": areas
    }))?)
}

impl Peer for Forbear<'_> {
    fn name(&self) -> String {
        match self.snapshot {
            Snapshot::Brief => "forbear".to_owned(),
            Snapshot::Whole => "forbear, whole snapshot".to_owned(),
        }
    }

    fn can(&self, _: Form) -> bool {
        true
    }

    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()> {
        for (account, text) in self.accounts.iter().zip(&self.texts) {
            let decision = match form {
                Form::Loaded => self.decision(account, Detail::Lean)?,
                Form::Traced => self.decision(account, Detail::Full)?,
                Form::Text => self.decision(&Account::from_json(text)?, Detail::Lean)?,
            };
            answers.push(self.answer(&decision)?);
        }
        Ok(())
    }
}
