//! What cases exercise: every construct of the language that stands in a case's policies, what its account lacks, and
//! what came of it. A thing is counted once for each case.

use std::collections::BTreeSet;

use forbear_engine::adjustment::Adjustment;
use forbear_engine::decide::Decision;
use forbear_engine::decide::decision::TraceResult;
use forbear_engine::policy::facts::{CATALOGUE, FactId, FactRef};
use serde_json::Value;

use crate::generate::{Case, World};

/// Keys whose values are choices of the language; other keys count by themselves.
const CHOICES: &[&str] = &[
    "to",
    "interest_on_top",
    "arrears",
    "if_paid",
    "per",
    "scope",
    "hit_policy",
    "by",
    "due",
    "report_as",
    "what",
    "which",
    "parts",
    "party",
    "business_day",
    "who",
    "charges",
];

/// What stands in the policies of a world.
#[must_use]
pub fn of_world(world: &World) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    for policy in &world.policies {
        walk(&serde_json::to_value(policy).unwrap_or_default(), world, &mut met);
    }
    for declaration in &world.declarations {
        for amendment in &declaration.amendments {
            met.extend((!amendment.add.is_empty()).then(|| "declaration: added area".to_owned()));
            met.extend((!amendment.remove.is_empty()).then(|| "declaration: removed area".to_owned()));
            met.extend(amendment.incident_end.map(|_| "declaration: moved end".to_owned()));
        }
        let open = declaration.incident.end.is_none();
        met.extend(open.then(|| "declaration: open end".to_owned()));
    }
    met.extend((world.declarations.len() > 1).then(|| "declaration: several".to_owned()));
    met
}

fn walk(value: &Value, world: &World, met: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                met.insert(format!("key: {key}"));
                let texts: Vec<&str> = match value {
                    Value::String(text) => vec![text],
                    Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
                    _ => Vec::new(),
                };
                if CHOICES.contains(&key.as_str()) {
                    met.extend(texts.iter().map(|text| format!("{key}: {text}")));
                }
                if key == "fact" {
                    met.extend(texts.iter().map(|text| fact(text, world)));
                }
                walk(value, world, met);
            }
        }
        Value::Array(list) => list.iter().for_each(|one| walk(one, world, met)),
        _ => {}
    }
}

fn fact(name: &str, world: &World) -> String {
    let found = FactRef::find(name, &world.attributes);
    let name = found.map_or(name.to_owned(), |(fact, _)| match fact.id {
        FactId::Attribute => "attributes".to_owned(),
        _ => fact.entry().map_or(name.to_owned(), |entry| entry.name.to_owned()),
    });
    format!("fact: {name}")
}

/// What a case lacks and what came of it.
#[must_use]
pub fn of_case(world: &World, case: &Case, decision: &Decision) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    let account = &case.account;
    let lacks = [
        ("schedule", account.schedules.is_none()),
        ("charges", account.charges.is_none()),
        ("payments", account.payments.is_none()),
        ("parties", account.parties.is_none()),
        ("rate", account.terms.rate.is_none()),
        ("method", account.terms.method.is_none()),
    ];
    met.extend(lacks.iter().filter(|(_, lacks)| *lacks).map(|(what, _)| format!("account without {what}")));
    met.extend(case.request.is_none().then(|| "proactive".to_owned()));
    met.extend((!case.history.grants.is_empty()).then(|| "earlier relief".to_owned()));
    met.extend((!account.contains.is_empty()).then(|| "earlier relief in the snapshot".to_owned()));
    met.extend((!case.history.awaiting.is_empty()).then(|| "a decision that waits".to_owned()));
    met.extend((!case.context.facts.is_empty()).then(|| "facts set by hand".to_owned()));
    met.insert(format!("outcome: {}", decision.outcome.name()));
    met.extend((!decision.offers.is_empty()).then(|| "offers".to_owned()));
    for claim in &decision.policies {
        met.insert(format!("claim: {}", claim.outcome.name()));
        met.extend(claim.reasons.iter().map(|reason| format!("claim reason: {}", reason.code())));
        met.extend(claim.questions_exact.map(|exact| format!("questions exact: {exact}")));
        met.extend(claim.approval.as_ref().map(|approval| format!("approval: {}", approval.people)));
        met.extend(claim.awaiting.as_ref().map(|_| "awaiting".to_owned()));
        met.extend(claim.evidence.iter().map(|_| "evidence".to_owned()));
        for entry in &claim.trace {
            met.insert(format!("test: {}", result(entry.result)));
        }
        for benefit in &claim.benefits {
            let kind = kind(world, claim.version, &claim.policy, &benefit.benefit);
            met.insert(format!("{kind}: {}", benefit.outcome.name()));
            met.extend(benefit.reasons.iter().map(|reason| format!("benefit reason: {}", reason.code())));
            met.extend(benefit.adjustments.iter().map(|one| format!("adjustment: {}", adjustment(one))));
        }
    }
    met
}

const fn result(result: TraceResult) -> &'static str {
    match result {
        TraceResult::True => "true",
        TraceResult::False => "false",
        TraceResult::Unknown => "unknown",
        TraceResult::NotEvaluated => "not evaluated",
    }
}

fn kind(world: &World, version: u32, policy: &str, benefit: &str) -> &'static str {
    let own = world.policies.iter().find(|one| one.policy == policy && one.version == version);
    let found = own.and_then(|one| one.rules.iter().flat_map(|rule| &rule.benefits).find(|one| one.id == benefit));
    let Some(one) = found else { return "?" };
    let kinds = [
        ("waive", one.waive.is_some()),
        ("defer", one.defer.is_some()),
        ("suspend", one.suspend.is_some()),
        ("pause_interest", one.pause_interest.is_some()),
        ("reduce_rate", one.reduce_rate.is_some()),
        ("hold", one.hold.is_some()),
        ("goodwill", one.goodwill.is_some()),
    ];
    kinds.iter().find(|(_, is)| *is).map_or("extend_window", |(name, _)| name)
}

const fn adjustment(adjustment: &Adjustment) -> &'static str {
    match adjustment {
        Adjustment::Waiver(_) => "waiver",
        Adjustment::Refund(_) => "refund",
        Adjustment::Credit { .. } => "credit",
        Adjustment::Schedule(_) => "schedule",
        Adjustment::Suspension(_) => "suspension",
        Adjustment::Hold(_) => "hold",
        Adjustment::Window(_) => "window",
        Adjustment::Goodwill { .. } => "goodwill",
        Adjustment::StandingOrder(_) => "standing order",
    }
}

/// Everything that at least one case in a hundred has to meet. Left out: the reason `too_many_policies`, which needs six
/// policies on one account (a case of its own in the engine's tests); of a whole claim the reason `after_suspension`,
/// which needs a suspension that comes to nothing (of a benefit it is wanted); the lender's own facts count as one.
#[must_use]
pub fn wanted() -> Vec<String> {
    let mut wanted: Vec<String> = CATALOGUE
        .iter()
        .filter(|fact| !matches!(fact.id, FactId::ReliefEnd | FactId::RowDue))
        .map(|fact| format!("fact: {}", fact.name))
        .collect();
    wanted.push("fact: attributes".to_owned());
    wanted.extend(
        WANTED.iter().flat_map(|(group, things)| things.split(' ').map(move |thing| format!("{group}: {thing}"))),
    );
    wanted.extend(PLAIN.iter().map(|thing| (*thing).to_owned()));
    wanted
}

const WANTED: &[(&str, &str)] = &[
    ("key", "all any not is is_not in not_in at_least at_most above below within has known roles on who"),
    ("key", "after later_of earlier_of months days business_day business_days from until"),
    ("key", "up_to fact min minus share of choose interrupted"),
    (
        "key",
        "waive interest accrued share cap most if_paid borne_by agreement defer instalments parts extra_terms date",
    ),
    ("key", "suspend for then renew step total pause_interest reduce_rate hold review_by report_as correct_past"),
    ("key", "goodwill extend_window consent refer await evidence when limits count deferred_instalments amount window"),
    ("key", "approval automatic_up_to deferred_up_to two_people_above apply_by opt_out answer_within disaster"),
    ("key", "kinds severity declarations events"),
    ("hit_policy", "first all unique"),
    ("who", "any_party every_party"),
    ("business_day", "following preceding"),
    ("by", "request proactive borrower reviewer"),
    ("to", "end_of_term maturity spread next_due later_date"),
    ("interest_on_top", "none accrue capitalise"),
    ("arrears", "cure freeze run"),
    ("if_paid", "leave refund credit_next"),
    ("per", "charge account borrower"),
    ("scope", "event declaration any"),
    ("due", "before_decision before_posting on_demand"),
    ("report_as", "not_reported not_overdue as_at_start by_schedule"),
    ("what", "collections credit_reporting enforcement auto_debit"),
    ("which", "overdue due_in"),
    ("parts", "principal interest fees"),
    ("party", "lender guarantor funder"),
    ("charges", "late_fee penalty_interest compound_interest guarantee_fee service_fee returned_payment_fee"),
    ("charges", "early_repayment_fee collection_cost other_fee"),
    ("outcome", "granted declined needs_information referred"),
    ("claim", "granted declined needs_information referred"),
    (
        "claim reason",
        "not_eligible no_rule on_request_only proactive_only too_late nothing_to_relieve limit await_expired",
    ),
    ("claim reason", "refer absent no_cap_in_currency no_agreement questions evidence"),
    (
        "benefit reason",
        "nothing_to_relieve limit lost_to after_suspension offered refer absent no_cap_in_currency no_agreement",
    ),
    ("waive", "granted declined referred"),
    ("defer", "granted declined referred"),
    ("suspend", "granted declined"),
    ("pause_interest", "granted declined"),
    ("reduce_rate", "granted declined"),
    ("hold", "granted declined"),
    ("goodwill", "granted declined"),
    ("extend_window", "granted declined referred"),
    ("adjustment", "waiver refund credit schedule suspension hold window goodwill"),
    ("approval", "0 1 2"),
    ("test", "true false unknown"),
];

const PLAIN: &[&str] = &[
    "adjustment: standing order",
    "test: not evaluated",
    "questions exact: true",
    "awaiting",
    "evidence",
    "offers",
    "proactive",
    "earlier relief",
    "earlier relief in the snapshot",
    "a decision that waits",
    "facts set by hand",
    "account without schedule",
    "account without charges",
    "account without payments",
    "account without parties",
    "account without rate",
    "account without method",
    "declaration: added area",
    "declaration: removed area",
    "declaration: moved end",
    "declaration: open end",
    "declaration: several",
];
