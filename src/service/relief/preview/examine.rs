//! One account, decided proactively and, where asking may bring more, as if its borrower asked today.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::account::{Snapshot, Snapshots};
use forbear_engine::benefit::EngineError;
use forbear_engine::context::Context;
use forbear_engine::decide::decision::Claim;
use forbear_engine::decide::panel::{Memory, Panel};
use forbear_engine::decide::{Decision, Detail, Inputs, Outcome, decide};
use forbear_engine::declaration::Declared;
use forbear_engine::history::{Grant, GrantState, History};
use forbear_engine::policy::Program;
use forbear_engine::policy::document::StartBy;
use forbear_engine::reason::Reason;
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use serde_json::Value;

/// What a preview assumes that everybody who asks would answer: that the disaster hurt them, that it is over and
/// they can pay again, and that they cannot pay everything at once. Damage to a house or an insured loss is not
/// assumed: it would make everybody eligible wherever they live.
pub const ASSUMED: [(&str, bool); 6] = [
    ("request.hardship", true),
    ("request.income_lost", true),
    ("request.adverse_impact", true),
    ("request.hardship_resolved", true),
    ("request.can_resume", true),
    ("request.can_catch_up", false),
];

/// Everything that is the same for all accounts of a preview.
pub struct Preview<'a> {
    policies: &'a [Program],
    declarations: &'a [Declared<'a>],
    context: &'a Context,
    regions: &'a RegionTree,
    request: Option<&'a Request>,
    /// Nobody asks.
    proactive: Panel<'a>,
    /// Everybody asks who was given nothing.
    asking: Option<Panel<'a>>,
}

/// An account's decisions.
#[derive(Debug)]
pub struct Examined {
    /// Without a request.
    pub proactive: Decision,
    /// As if the borrower asked, with what was given proactively as history; none where asking cannot bring more.
    pub request: Option<Decision>,
}

/// What one thread keeps from one account to the next.
#[derive(Default)]
pub struct Memories {
    proactive: Memory,
    asking: Memory,
}

/// What everybody is assumed to ask, with their answers by fact.
#[must_use]
pub fn assumed_request(policies: &[Program], today: NaiveDate, mut answers: BTreeMap<String, Value>) -> Request {
    // An address that nobody reported is taken not to exist, so that it is not asked for.
    for fact in unreported_addresses(policies) {
        answers.entry(fact).or_insert(Value::Null);
    }
    Request { requested_on: today, via: None, answers, choices: BTreeMap::new(), evidence: Vec::new(), accepts: None }
}

impl<'a> Preview<'a> {
    /// `request` is what everybody is assumed to ask; none: nobody asks.
    #[must_use]
    pub fn new(
        policies: &'a [Program],
        declarations: &'a [Declared<'a>],
        context: &'a Context,
        regions: &'a RegionTree,
        request: Option<&'a Request>,
    ) -> Self {
        let panel = |request| Panel::bind(policies, declarations, request, context, regions, Detail::Reasons);
        Self {
            policies,
            declarations,
            context,
            regions,
            request,
            proactive: panel(None),
            asking: request.map(|request| panel(Some(request))),
        }
    }

    /// The declarations.
    #[must_use]
    pub const fn declarations(&self) -> &'a [Declared<'a>] {
        self.declarations
    }

    /// The regions.
    #[must_use]
    pub const fn regions(&self) -> &'a RegionTree {
        self.regions
    }

    /// Decides accounts, in order.
    ///
    /// # Errors
    /// For an account whose amounts or dates leave their range.
    pub fn examine(
        &self,
        accounts: &Snapshots,
        memories: &mut Memories,
        mut show: impl FnMut(Snapshot<'_>, Result<Examined, EngineError>),
    ) {
        let Memories { proactive, asking } = memories;
        self.proactive.decide_all(accounts, proactive, |account, decision| {
            let examined = decision.and_then(|proactive| {
                let request = match (self.request, &self.asking) {
                    (Some(request), Some(panel)) if self.may_ask(&proactive) => {
                        Some(self.ask(account, request, panel, asking, &proactive)?)
                    }
                    _ => None,
                };
                Ok(Examined { proactive, request })
            });
            show(account, examined);
        });
    }

    /// The decision on a request; of several offers the first is taken, so that its cost is counted.
    fn ask(
        &self,
        account: Snapshot<'_>,
        request: &Request,
        panel: &Panel<'_>,
        memory: &mut Memory,
        before: &Decision,
    ) -> Result<Decision, EngineError> {
        let history = History { grants: grants(before), awaiting: Vec::new() };
        let decide = |request: &Request| {
            decide(&Inputs {
                policies: self.policies,
                declarations: self.declarations,
                account,
                request: Some(request),
                history: &history,
                context: self.context,
                regions: self.regions,
                detail: Detail::Reasons,
            })
        };
        let decision = if history.grants.is_empty() { panel.decide(account, memory)? } else { decide(request)? };
        let Some(first) = decision.offers.first() else { return Ok(decision) };
        let accepted = decide(&Request { accepts: Some(first.offer.clone()), ..request.clone() })?;
        Ok(Decision { offers: decision.offers, ..accepted })
    }

    /// Whether asking may bring more: relief on request only, a question, or a policy with such a rule beside.
    fn may_ask(&self, decision: &Decision) -> bool {
        decision.policies.iter().any(|claim| match claim.outcome {
            Outcome::NeedsInformation => true,
            Outcome::Granted => self.has_more(claim),
            Outcome::Declined | Outcome::Referred => claim.reasons.contains(&Reason::OnRequestOnly),
        })
    }

    fn has_more(&self, claim: &Claim) -> bool {
        let own = |program: &&Program| program.slug() == claim.policy && program.document.version == claim.version;
        let program = self.policies.iter().find(own);
        program.is_some_and(|program| program.rules.iter().any(|rule| !rule.start.by.contains(&StartBy::Proactive)))
    }
}

/// What a decision gives, as the history of the next one.
fn grants(decision: &Decision) -> Vec<Grant> {
    let mut grants = Vec::new();
    // The loss is the decision's: it is put on the first grant, so that it counts once.
    let mut loss = decision.totals.present_value_loss;
    for claim in &decision.policies {
        for benefit in claim.benefits.iter().filter(|benefit| benefit.outcome == Outcome::Granted) {
            grants.push(Grant {
                grant: format!("{}/{}", claim.policy, benefit.benefit),
                decision: None,
                account: None,
                event: claim.event.clone(),
                declaration: claim.declaration.clone(),
                policy: claim.policy.clone(),
                version: claim.version,
                rule: benefit.rule.clone(),
                benefit: benefit.benefit.clone(),
                decided_on: decision.decided_on,
                state: GrantState::Approved,
                instruction: None,
                adjustments: benefit.adjustments.clone(),
                present_value_loss: loss.take(),
            });
        }
    }
    grants
}

/// The addresses that the policies look at and that a borrower could be asked for. Where people live is the lender's
/// to know: a missing home stays missing.
fn unreported_addresses(policies: &[Program]) -> Vec<String> {
    let slots = policies.iter().flat_map(|program| &program.slots);
    let roles = slots.flat_map(|slot| slot.fact.of.iter().chain(&slot.roles));
    let askable = roles.filter(|role| !matches!(role.as_str(), "home" | "id_card"));
    askable.map(|role| format!("area.{role}.region")).collect()
}
