//! Forbear: the policy checked and compiled once, and bound to the declaration as it stands on the decision day.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use forbear_engine::account::snapshots::Beside;
use forbear_engine::account::{Snapshot as Account, Snapshots};
use forbear_engine::context::Context;
use forbear_engine::decide::eligibility::{Block, Blocks, Columns, Plan, Scratch, Verdict};
use forbear_engine::decide::{Detail, Inputs, decide};
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

impl Snapshot {
    pub fn text<'a>(self, entry: &Entry<'a>) -> &'a str {
        match self {
            Self::Brief => entry.brief,
            Self::Whole => entry.whole,
        }
    }
}

/// The policy and what it is bound to; one for the whole run.
pub struct Bound {
    policies: &'static [Program],
    declared: &'static [Declared<'static>],
    context: &'static Context,
    history: History,
    pub plan: Plan<'static>,
}

impl Bound {
    pub fn new() -> Result<Self> {
        let checked = check(include_str!("../policies/forbear.json"), &CheckSettings::default());
        let program = checked.program.ok_or_else(|| anyhow!("{:?}", checked.problems))?;
        let regions = RegionTree::builtin();
        let today = TODAY.parse()?;
        // They live as long as the process.
        let policies: &'static [Program] = Box::leak(Box::new([program]));
        let declared: &'static [Declared<'static>] = Box::leak(Box::new([declaration()?.as_of(today, regions)?]));
        let context: &'static Context = Box::leak(Box::new(Context::on(today)));
        let plan = Plan::bind(&policies[0], &declared[0], None, context, regions);
        Ok(Self { policies, declared, context, history: History::default(), plan })
    }

    /// What is waived, by the whole decision; made for hits only.
    fn waived(&self, account: Account<'_>) -> Result<i64> {
        let decision = decide(&Inputs {
            policies: self.policies,
            declarations: self.declared,
            account,
            request: None,
            history: &self.history,
            context: self.context,
            regions: RegionTree::builtin(),
            detail: Detail::Lean,
        })
        .map_err(|error| anyhow!("{error}"))?;
        Ok(decision.totals.amounts.waived.minor())
    }
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

/// The number of a verdict's rule.
fn rule(verdict: Verdict) -> Result<u8> {
    match verdict {
        Verdict::NotEligible | Verdict::NoRule => Ok(0),
        Verdict::Hit(at) => Ok(u8::try_from(at + 1)?),
        Verdict::Open => bail!("something is unknown"),
    }
}

pub struct Forbear<'a> {
    snapshot: Snapshot,
    bound: Bound,
    scratch: Scratch,
    accounts: Snapshots,
    /// One account at a time, read from its text.
    read: Snapshots,
    texts: Vec<&'a str>,
    ask: Ask,
}

impl<'a> Forbear<'a> {
    pub fn new(book: &'a [Entry<'a>], ask: Ask, snapshot: Snapshot) -> Result<Self> {
        let texts: Vec<&str> = book.iter().map(|entry| snapshot.text(entry)).collect();
        let accounts = loaded(&texts)?;
        let bound = Bound::new()?;
        let scratch = Scratch::of(&bound.plan);
        Ok(Self { snapshot, bound, scratch, accounts, read: Snapshots::default(), texts, ask })
    }
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
        let Self { bound, scratch, accounts, read, texts, ask, .. } = self;
        let mut answer = |account: Account<'_>| -> Result<Answer> {
            let verdict = match form {
                Form::Traced => bound.plan.screen_traced(account, scratch)?,
                Form::Loaded | Form::Text => bound.plan.screen(account, scratch)?,
            };
            let rule = match rule(verdict) {
                Ok(rule) => rule,
                Err(error) => return Err(error.context(account.number().to_owned())),
            };
            let cents = if rule > 0 && *ask == Ask::Money { bound.waived(account)? } else { 0 };
            Ok(Answer { rule, cents })
        };
        if form == Form::Text {
            for text in texts {
                read.clear();
                ensure!(read.read_plain(text, Beside::Nothing), "{text} is not read");
                answers.push(answer(read.get(0).context("an account")?)?);
            }
        } else {
            for account in accounts.iter() {
                answers.push(answer(account)?);
            }
        }
        Ok(())
    }
}

/// Accounts read from their texts.
pub fn loaded(texts: &[&str]) -> Result<Snapshots> {
    let mut accounts = Snapshots::default();
    for text in texts {
        ensure!(accounts.read_plain(text, Beside::Nothing), "{text} is not read");
    }
    Ok(accounts)
}

/// Verdicts on columns that were loaded beforehand. The trace is part of what a block tells: planes of bits, one pair
/// for each test.
pub struct Told<'b> {
    blocks: Blocks<'b>,
    room: Block,
}

impl<'b> Told<'b> {
    pub fn new(bound: &'b Bound, columns: &'b Columns<'b>) -> Self {
        let blocks = Blocks::of(&bound.plan, columns);
        let room = blocks.room();
        Self { blocks, room }
    }

    /// All blocks, each told into the same room; `each` sees the verdicts of one.
    pub fn tell(&mut self, mut each: impl FnMut(&Block) -> Result<()>) -> Result<()> {
        for at in 0..self.blocks.len() {
            self.blocks.tell(at, &mut self.room)?;
            each(&self.room)?;
        }
        Ok(())
    }
}

/// The numbers of the rules of a block.
pub fn rules(block: &Block, rules: &mut Vec<u8>) -> Result<()> {
    for row in 0..block.len {
        rules.push(rule(block.verdict(row))?);
    }
    Ok(())
}
