//! Deciding over what is kept, and keeping what a decision was made from.

use std::sync::Arc;

use forbear_engine::account::{Account, OneSnapshot};
use forbear_engine::context::Context;
use forbear_engine::decide::{Decision, Detail, Inputs, decide};
use forbear_engine::declaration::Declared;
use forbear_engine::digest::digest;
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use serde::{Deserialize, Serialize};

use super::found::{Finding, apply};
use super::history::history;
use super::renew::Renewal;
use crate::service::access::Principal;
use crate::service::account::report;
use crate::service::policy::shelf::{Terms, compile, resolve};
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::decision::DecisionRow;
use crate::store::{Connection, decision};

/// What a decision was made from: documents by digest, the rest in full.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptInputs {
    /// Versions of policies.
    pub policies: Vec<String>,
    /// Declarations.
    pub declarations: Vec<String>,
    /// Of these only the one that the request was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// The account's snapshot.
    pub snapshot: String,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Earlier relief.
    pub history: History,
    /// The circumstances.
    pub context: Context,
    /// Of all that the policies grant only the next step of this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<Renewal>,
    /// What reviewers found; what of it counted stands in the circumstances too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Finding>,
}

/// A decision with what it was made from.
pub struct Made {
    /// The decision.
    pub decision: Decision,
    /// It, as it is kept.
    pub body: String,
    /// SHA-256 of that in canonical form: what whoever approves or agrees has seen.
    pub body_digest: String,
    /// What it was made from.
    pub inputs: KeptInputs,
    /// What everybody was decided by at that time.
    pub terms: Arc<Terms>,
}

/// A kept decision, made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The digest of the decision as it was kept.
    pub kept: String,
    /// The digest of the decision as it is made now.
    pub now: String,
    /// Whether both are the same, byte for byte.
    pub same: bool,
    /// The engine that made it then.
    pub engine: Option<String>,
}

impl Service {
    /// Decides on an account with everything that is kept about it.
    ///
    /// # Errors
    /// The store fails, or amounts leave their range.
    pub(in crate::service) fn decide_account(
        &self,
        conn: &mut Connection,
        account: &AccountRow,
        request: Option<&Request>,
        only: Option<&str>,
        found: &[Finding],
    ) -> Served<Made> {
        self.decide_as(conn, account, |inputs| {
            inputs.request = request.cloned();
            inputs.declaration = only.map(str::to_owned);
            inputs.found = found.to_vec();
        })
    }

    /// Decides on an account with everything that is kept about it, and what is set besides.
    pub(super) fn decide_as(
        &self,
        conn: &mut Connection,
        account: &AccountRow,
        set: impl FnOnce(&mut KeptInputs),
    ) -> Served<Made> {
        let today = self.clock.today();
        let terms = self.shelf.terms(conn)?;
        let programs = self.shelf.policies(conn, &terms, &self.lender.attributes)?;
        let declared = self.shelf.declarations(conn, &terms, today)?;
        let mut inputs = KeptInputs {
            policies: terms.policies.clone(),
            declarations: terms.declarations.clone(),
            declaration: None,
            snapshot: account.snapshot.clone(),
            request: None,
            history: history(conn, account)?,
            context: Context {
                zone: Some(self.clock.zone().name().to_owned()),
                calendar: self.lender.calendar.clone(),
                attributes: self.lender.attributes.clone(),
                ..Context::on(today)
            },
            renews: None,
            found: Vec::new(),
        };
        set(&mut inputs);
        let report = report(conn, &account.snapshot)?;
        apply(&mut inputs, &declared, &report)?;
        let mut decision = again(&programs, &declared, &report, &inputs, |_, decision| Ok(decision))?;
        let (body, body_digest) = shown(&mut decision)?;
        Ok(Made { decision, body, body_digest, inputs, terms })
    }

    /// Makes a kept decision again from what it was made from.
    ///
    /// # Errors
    /// There is none, or what it was made from is gone.
    pub fn replay_decision(&self, id: i64) -> Served<Replayed> {
        self.store.read(|conn| {
            let row = decision::find(conn, id)?.ok_or(ServiceError::Missing("decision"))?;
            let kept = Kept::load(conn, &row)?;
            let now = kept.tell(|_, decision| Ok(shown(&mut decision.clone())?.1))?;
            let receipt: serde_json::Value = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
            Ok(Replayed {
                same: now == row.body_digest,
                kept: row.body_digest,
                now,
                engine: receipt.pointer("/receipt/engine").and_then(|name| name.as_str()).map(str::to_owned),
            })
        })
    }

    /// A kept decision.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn decision(&self, caller: &Principal, id: i64) -> Served<DecisionRow> {
        self.store.read(|conn| {
            let row = decision::find(conn, id)?.ok_or(ServiceError::Missing("decision"))?;
            caller.may_see(conn, row.account_id)?;
            Ok(row)
        })
    }
}

/// What a kept decision was made from, loaded.
pub(super) struct Kept {
    inputs: KeptInputs,
    programs: Vec<Program>,
    declared: Vec<Declared<'static>>,
    pub(super) report: Account,
}

impl Kept {
    pub(super) fn load(conn: &mut Connection, row: &DecisionRow) -> Served<Self> {
        let inputs: KeptInputs = serde_json::from_str(&row.inputs).map_err(ServiceError::unknown)?;
        let programs = compile(conn, &inputs.policies, &inputs.context.attributes)?;
        let declared = resolve(conn, &inputs.declarations, inputs.context.today)?;
        let report = report(conn, &inputs.snapshot)?;
        Ok(Self { inputs, programs, declared, report })
    }

    /// The decision, made again, with what it was made from, for whoever puts it into words.
    pub(super) fn tell<T>(&self, tell: impl FnOnce(&Inputs<'_>, &Decision) -> Served<T>) -> Served<T> {
        again(&self.programs, &self.declared, &self.report, &self.inputs, |inputs, decision| tell(inputs, &decision))
    }
}

/// A decision as it is kept, and the digest of what is shown of it.
fn shown(decision: &mut Decision) -> Served<(String, String)> {
    let body = serde_json::to_string(decision).map_err(ServiceError::unknown)?;
    // What is compared leaves the engine's name out; it stands in the receipt.
    let engine = decision.receipt.as_mut().map(|receipt| std::mem::take(&mut receipt.engine));
    let shown = digest(decision);
    if let (Some(receipt), Some(engine)) = (&mut decision.receipt, engine) {
        receipt.engine = engine;
    }
    let body_digest = shown.ok_or_else(|| ServiceError::unknown("a decision has no canonical form"))?;
    Ok((body, body_digest))
}

fn again<T>(
    programs: &[Program],
    declared: &[Declared<'static>],
    report: &Account,
    inputs: &KeptInputs,
    tell: impl FnOnce(&Inputs<'_>, Decision) -> Served<T>,
) -> Served<T> {
    let one = OneSnapshot::of(report).map_err(ServiceError::unknown)?;
    let declarations = match &inputs.declaration {
        None => declared,
        Some(name) => declared.iter().find(|one| one.declaration == *name).map_or(&[][..], std::slice::from_ref),
    };
    let renewing: Option<Vec<Program>> = inputs.renews.as_ref().map(|renewal| renewal.of(programs));
    let asked = Inputs {
        policies: renewing.as_deref().unwrap_or(programs),
        declarations,
        account: one.snapshot(),
        request: inputs.request.as_ref(),
        history: &inputs.history,
        context: &inputs.context,
        regions: RegionTree::builtin(),
        detail: Detail::Full,
    };
    let decision = decide(&asked)
        .map_err(|error| ServiceError::invalid("", format!("account {} cannot be decided: {error}", report.account)))?;
    tell(&asked, decision)
}
