//! Runs the cases of a policy and says what came out differently.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::coverage::Coverage;
use super::document::{Case, CaseFile, Expected, ExpectedBenefit};
use super::kept::{Kept, declaration_name, kept_form, policy_name};
use crate::account::{Account, OneSnapshot};
use crate::adjustment::{Adjustment, Amounts};
use crate::context::Context;
use crate::dates::Calendar;
use crate::decide::decision::{BenefitDecision, Claim};
use crate::decide::{Decision, Detail, Inputs, decide};
use crate::declaration::Declaration;
use crate::history::History;
use crate::money::{Amount, Currency};
use crate::policy::Program;
use crate::policy::facts::Attributes;
use crate::region::RegionTree;
use crate::request::Request;

/// A scenario with a case's changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    today: chrono::NaiveDate,
    #[serde(default)]
    declaration: Option<Declaration>,
    #[serde(default)]
    declarations: Vec<Declaration>,
    account: Account,
    #[serde(default)]
    request: Option<Request>,
    #[serde(default)]
    history: History,
    #[serde(default)]
    facts: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    calendar: Calendar,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    reviewer_choices: BTreeMap<String, u32>,
}

/// How one case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The case.
    pub name: String,
    /// What came out differently; empty when it passed.
    pub differences: Vec<String>,
}

/// Runs every case of a file; `versions` are all versions of the policy. What the cases exercise is added to the
/// coverage.
pub fn run(
    file: &CaseFile,
    versions: &[Program],
    attributes: &Attributes,
    regions: &RegionTree,
    coverage: &mut Coverage,
) -> Vec<CaseResult> {
    let run_one = |case: &Case| {
        let differences = match decide_case(file, case, versions, attributes, regions) {
            Ok(decision) => {
                let claim = own_claim(&decision, versions);
                if let Some(claim) = claim {
                    coverage.count(claim);
                }
                compare(&case.expect, &decision, claim)
            }
            Err(error) => vec![error],
        };
        CaseResult { name: case.name.clone(), differences }
    };
    file.cases.iter().map(run_one).collect()
}

/// Decides one case; an error says what in the scenario is wrong.
pub fn decide_case(
    file: &CaseFile,
    case: &Case,
    versions: &[Program],
    attributes: &Attributes,
    regions: &RegionTree,
) -> Result<Decision, String> {
    let given = given(file, case, attributes)?;
    let mut declared = Vec::new();
    for declaration in &given.declarations {
        if let Some(problem) = declaration.validate(regions).first() {
            return Err(format!("declaration {}: {} {}", declaration.declaration, problem.pointer, problem.message));
        }
        declared.push(declaration.as_of(given.context.today, regions).map_err(|error| error.to_string())?);
    }
    let account = OneSnapshot::of(&given.account).map_err(|error| error.to_string())?;
    let inputs = Inputs {
        policies: versions,
        declarations: &declared,
        account: account.snapshot(),
        request: given.request.as_ref(),
        history: &given.history,
        context: &given.context,
        regions,
        detail: Detail::Full,
    };
    decide(&inputs).map_err(|error| error.to_string())
}

/// One case with its decision, to be kept; and the declarations that it names.
pub fn keep_case(
    file: &CaseFile,
    case: &Case,
    versions: &[Program],
    attributes: &Attributes,
    regions: &RegionTree,
) -> Result<(Vec<Declaration>, Kept), String> {
    let decision = decide_case(file, case, versions, attributes, regions)?;
    let given = given(file, case, attributes)?;
    let kept = Kept {
        name: case.name.clone(),
        policies: versions.iter().map(|program| policy_name(&program.document)).collect(),
        declarations: given.declarations.iter().map(declaration_name).collect(),
        account: given.account,
        request: given.request,
        history: given.history,
        context: given.context,
        decision: kept_form(&decision).map_err(|error| error.to_string())?,
    };
    Ok((given.declarations, kept))
}

/// What a case is decided from.
struct Given {
    declarations: Vec<Declaration>,
    account: Account,
    request: Option<Request>,
    history: History,
    context: Context,
}

fn given(file: &CaseFile, case: &Case, attributes: &Attributes) -> Result<Given, String> {
    let mut json = file.given.clone();
    if let Some(patch) = &case.but {
        json_patch::merge(&mut json, patch);
    }
    let scenario: Scenario =
        serde_path_to_error::deserialize(json).map_err(|error| format!("the scenario cannot be read: {error}"))?;
    let Scenario { today, declaration, mut declarations, account, request, history, facts, calendar, .. } = scenario;
    let account = account.validated().map_err(|error| format!("the account is not possible: {error}"))?;
    declarations.extend(declaration);
    let mut own = attributes.clone();
    own.extend(scenario.attributes);
    let reviewer_choices = scenario.reviewer_choices;
    let context = Context { today, zone: None, calendar, attributes: own, facts, reviewer_choices };
    Ok(Given { declarations, account, request, history, context })
}

fn own_claim<'d>(decision: &'d Decision, versions: &[Program]) -> Option<&'d Claim> {
    let slug = versions.first().map(Program::slug)?;
    decision.policies.iter().filter(|claim| claim.policy == slug).max_by_key(|claim| claim.outcome)
}

fn compare(expected: &Expected, decision: &Decision, claim: Option<&Claim>) -> Vec<String> {
    let mut found = Differences(Vec::new());
    let Some(claim) = claim else {
        // The policy is not for this disaster, or no version was in force.
        let own = ["not_for_this_disaster".to_owned()];
        found.same_if("outcome", expected.outcome.as_ref(), &"declined".to_owned());
        found.all_of("because", &expected.because, &own);
        return found.0;
    };
    let mut reasons: Vec<String> = claim.reasons.iter().map(|reason| reason.code().to_owned()).collect();
    reasons.extend(claim.would_have_to_change.iter().flatten().cloned());
    let got = claim.outcome.name();
    if let Some(wanted) = expected.outcome.as_ref().filter(|wanted| *wanted != got) {
        let why = [reasons.as_slice(), claim.questions.as_slice()].concat().join(", ");
        let why = if why.is_empty() { why } else { format!(" because of {why}") };
        found.0.push(format!("outcome: expected {wanted:?}, got {got:?}{why}"));
    }
    found.all_of("because", &expected.because, &reasons);
    if let Some(rule) = &expected.rule {
        found.all_of("rule", std::slice::from_ref(rule), &claim.rules);
    }
    found.same_if("rules", expected.rules.as_ref(), &claim.rules);
    found.same_if("questions", expected.questions.as_ref(), &claim.questions);
    let evidence: Vec<String> = claim.evidence.iter().map(|one| one.kind.clone()).collect();
    found.same_if("evidence", expected.evidence.as_ref(), &evidence);
    found.same_if("approval", expected.approval.map(Some).as_ref(), &claim.approval.as_ref().map(|one| one.people));
    let offers: Vec<String> = decision.offers.iter().map(|offer| offer.offer.clone()).collect();
    found.same_if("offers", expected.offers.as_ref(), &offers);
    found.same_if("amendment", expected.amendment.as_ref(), &claim.amendment);
    let awaiting = claim.awaiting.as_ref().map(|one| one.tests.clone()).unwrap_or_default();
    found.same_if("awaiting", expected.awaiting.as_ref(), &awaiting);
    let currency = decision.before.principal.currency();
    for (id, wanted) in &expected.benefits {
        let benefit = claim.benefits.iter().find(|one| one.benefit == *id);
        let offer = decision.offers.iter().find(|offer| offer.benefit == *id);
        let offered = offer.map(|offer| offer.adjustments.as_slice()).unwrap_or_default();
        found.benefit(id, wanted, benefit, offered, currency);
    }
    found.0
}

struct Differences(Vec<String>);

impl Differences {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, wanted: &T, got: &T) {
        if wanted != got {
            self.0.push(format!("{what}: expected {wanted:?}, got {got:?}"));
        }
    }

    fn same_if<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, wanted: Option<&T>, got: &T) {
        if let Some(wanted) = wanted {
            self.same(what, wanted, got);
        }
    }

    fn all_of(&mut self, what: &str, wanted: &[String], got: &[String]) {
        for one in wanted.iter().filter(|one| !got.contains(one)) {
            self.0.push(format!("{what}: expected {one:?} among {got:?}"));
        }
    }

    fn benefit(
        &mut self,
        id: &str,
        wanted: &ExpectedBenefit,
        got: Option<&BenefitDecision>,
        offered: &[Adjustment],
        currency: Currency,
    ) {
        let at = |what: &str| format!("{id}.{what}");
        let outcome = got.map_or("absent", |one| one.outcome.name()).to_owned();
        self.same_if(&at("outcome"), wanted.outcome.as_ref(), &outcome);
        let reasons: Vec<String> =
            got.iter().flat_map(|one| &one.reasons).map(|reason| reason.code().to_owned()).collect();
        self.all_of(&at("because"), &wanted.because, &reasons);
        let own = got.map(|one| one.adjustments.as_slice()).unwrap_or_default();
        let adjustments = if own.is_empty() { offered } else { own };
        let Ok(sums) = Amounts::of(adjustments, currency) else { return };
        for (what, wanted, got) in [
            ("waived", wanted.waived, sums.waived),
            ("refunded", wanted.refunded, sums.refunded),
            ("goodwill", wanted.goodwill, sums.goodwill),
            ("deferred", wanted.deferred, sums.deferred),
            ("added_interest", wanted.added_interest, sums.added_interest),
            ("forgone_interest", wanted.forgone_interest, sums.forgone_interest),
            ("capitalised", wanted.capitalised, sums.capitalised),
        ] {
            if let Some(Amount(wanted)) = wanted
                && wanted != got.to_decimal()
            {
                self.0.push(format!("{}: expected {wanted}, got {}", at(what), got.to_decimal()));
            }
        }
        let days = adjustments.iter().find_map(days);
        self.same_if(&at("from"), wanted.from.map(Some).as_ref(), &days.and_then(|(from, _)| from));
        self.same_if(&at("until"), wanted.until.as_ref(), &days.and_then(|(_, until)| until));
        let standing = adjustments.iter().any(|one| matches!(one, Adjustment::StandingOrder(_)));
        self.same_if(&at("standing_order"), wanted.standing_order.as_ref(), &standing);
        if let Some(bearer) = wanted.bearer {
            let relieved = adjustments.iter().filter_map(|one| match one {
                Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
                    Some(relieved.bearer)
                }
                _ => None,
            });
            for other in relieved.filter(|other| *other != bearer) {
                self.same(&at("bearer"), &bearer, &other);
            }
        }
    }
}

/// First and last day of what an adjustment does.
fn days(adjustment: &Adjustment) -> Option<(Option<chrono::NaiveDate>, Option<chrono::NaiveDate>)> {
    match adjustment {
        Adjustment::Hold(hold) => Some((Some(hold.from), hold.until)),
        Adjustment::Suspension(suspension) => Some((Some(suspension.from), Some(suspension.until))),
        Adjustment::Window(window) => Some((window.before, window.after)),
        Adjustment::StandingOrder(order) => Some((order.from, order.until)),
        Adjustment::Schedule(change) => Some((None, change.relief_end)),
        _ => None,
    }
}
