//! One case with its decision, and how it is decided again with something changed.

use forbear_engine::account::{Account, OneSnapshot};
use forbear_engine::adjustment::Adjustment;
use forbear_engine::benefit::EngineError;
use forbear_engine::context::Context;
use forbear_engine::decide::{Decision, Detail, Inputs, Outcome, decide};
use forbear_engine::declaration::Declaration;
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use forbear_oracle::generate::{Case, World};
use serde_json::Value;

/// What a law says of a case.
pub enum Verdict {
    NotConcerned,
    Held,
    Broken(String),
}

impl Verdict {
    pub fn of(holds: bool, why: impl FnOnce() -> String) -> Self {
        if holds { Self::Held } else { Self::Broken(why()) }
    }
}

pub struct Law {
    pub name: &'static str,
    pub check: fn(&Ground<'_>) -> Verdict,
}

pub struct Ground<'w> {
    pub world: &'w World,
    pub case: Case,
    pub decision: Decision,
}

/// The inputs of a decision that a law may change.
#[derive(Clone)]
pub struct Changed {
    pub programs: Vec<Program>,
    pub declarations: Vec<Declaration>,
    pub account: Account,
    pub request: Option<Request>,
    pub history: History,
    pub context: Context,
}

impl Changed {
    pub fn decide(&self) -> Result<Decision, EngineError> {
        let regions = RegionTree::builtin();
        let declared: Vec<_> =
            self.declarations.iter().map(|one| one.as_of(self.context.today, regions).unwrap()).collect();
        decide(&Inputs {
            policies: &self.programs,
            declarations: &declared,
            account: OneSnapshot::of(&self.account)?.snapshot(),
            request: self.request.as_ref(),
            history: &self.history,
            context: &self.context,
            regions,
            detail: Detail::Full,
        })
    }
}

impl<'w> Ground<'w> {
    /// None when amounts or dates leave their range, or the account is one that no reader would let in.
    pub fn of(world: &'w World, seed: u64) -> Option<Self> {
        let case = world.case(seed);
        Account::from_json(&serde_json::to_string(&case.account).unwrap()).ok()?;
        let decision = inputs(world, &case).decide().ok()?;
        Some(Self { world, case, decision })
    }

    pub fn changed(&self) -> Changed {
        inputs(self.world, &self.case)
    }

    /// The policies' texts, to see what they name.
    pub fn policy_text(&self) -> String {
        self.world.policies.iter().map(|policy| serde_json::to_string(policy).unwrap()).collect()
    }
}

fn inputs(world: &World, case: &Case) -> Changed {
    Changed {
        programs: world.programs.clone(),
        declarations: world.declarations.clone(),
        account: case.account.clone(),
        request: case.request.clone(),
        history: case.history.clone(),
        context: case.context.clone(),
    }
}

/// A decision as JSON, without its receipt: it names the inputs.
pub fn bare(decision: &Decision) -> Value {
    let mut value = serde_json::to_value(decision).unwrap();
    value.as_object_mut().unwrap().remove("receipt");
    value
}

/// Where two decisions differ, or that they do not.
pub fn same(was: &Decision, is: &Decision) -> Verdict {
    let found = forbear_engine::cases::difference::differences(&bare(was), &bare(is));
    let lines: Vec<String> = found.iter().take(6).map(ToString::to_string).collect();
    Verdict::of(found.is_empty(), || lines.join("\n  "))
}

/// What is granted.
pub fn granted(decision: &Decision) -> impl Iterator<Item = &Adjustment> {
    let benefits = decision.policies.iter().flat_map(|claim| &claim.benefits);
    benefits.filter(|benefit| benefit.outcome == Outcome::Granted).flat_map(|benefit| &benefit.adjustments)
}
