//! A decision: what every policy says of an account, what changes, and why.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::account::snapshot::Bearer;
use crate::adjustment::{Adjustment, Amounts};
use crate::money::Money;
use crate::policy::document::EvidenceDue;
use crate::reason::Reason;

/// What is decided for one account. The same inputs give the same bytes on every machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The account.
    pub account: String,
    /// The day.
    pub decided_on: NaiveDate,
    /// The best outcome of all policies.
    pub outcome: Outcome,
    /// What each policy says, by event and name.
    pub policies: Vec<Claim>,
    /// Several ways to the same end, of which the borrower takes one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// What it comes to.
    pub totals: Totals,
    /// What is owed before and after.
    pub before: Owed,
    /// After.
    pub after: Owed,
    /// How it was made; with full detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

impl Decision {
    /// Its JSON, on one line.
    ///
    /// # Errors
    /// None that is known: every part of a decision can be written.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        // Most decisions fit, so that nothing has to be moved while it grows.
        let mut text = Vec::with_capacity(2 << 10);
        serde_json::to_writer(&mut text, self)?;
        Ok(text)
    }
}

/// How a decision or a benefit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Not now; the reason says why.
    Declined,
    /// A person looks.
    Referred,
    /// The borrower has to answer something.
    NeedsInformation,
    /// Granted.
    Granted,
}

impl Outcome {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Referred => "referred",
            Self::NeedsInformation => "needs_information",
            Self::Granted => "granted",
        }
    }
}

/// What one policy says of the account for one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its canonical JSON.
    pub digest: String,
    /// The event.
    pub event: String,
    /// The declaration.
    pub declaration: String,
    /// The amendment of the declaration that was used; 0 is the original.
    pub amendment: u32,
    /// How it ends.
    pub outcome: Outcome,
    /// Why, unless it is granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The rules that hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Facts to ask the borrower for, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// Whether the questions were found by trying every completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions_exact: Option<bool>,
    /// For a decline: the smallest sets of tests that would have to come out differently; one of them is enough.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_have_to_change: Vec<Vec<String>>,
    /// Each benefit of the rules that hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<BenefitDecision>,
    /// What has to come true before anything is posted, and by when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<AwaitingDecision>,
    /// What has to be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceRequest>,
    /// For proactive relief: the last day on which it may be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_out_by: Option<NaiveDate>,
    /// The lender's own clock for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<NaiveDate>,
    /// Who has to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalDecision>,
    /// Every test with what it saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<TraceEntry>,
}

/// What is decided about one benefit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenefitDecision {
    /// The rule.
    pub rule: String,
    /// The benefit.
    pub benefit: String,
    /// How it ends.
    pub outcome: Outcome,
    /// Why, unless it is granted without more ado.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Whether the borrower has to agree first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub consent: bool,
    /// What it does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

/// One of several ways to move or suspend payments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Offer {
    /// `policy/benefit`: what a request accepts.
    pub offer: String,
    /// The policy.
    pub policy: String,
    /// The rule.
    pub rule: String,
    /// The benefit.
    pub benefit: String,
    /// Interest on top.
    pub added_cost: Money,
    /// The first payment after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_payment_on: Option<NaiveDate>,
    /// What it would do.
    pub adjustments: Vec<Adjustment>,
}

/// What a decision comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Totals {
    /// Sums over all adjustments.
    #[serde(flatten)]
    pub amounts: Amounts,
    /// Loss in present value of the rows at the original effective rate (IFRS 9 5.4.3, CAS 22); below zero, a gain.
    /// None when the terms do not allow it to be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present_value_loss: Option<Money>,
    /// Waived and refunded, by who bears it.
    pub by_bearer: BTreeMap<Bearer, Money>,
    /// Payments that fall due less or more in a month, by its first day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deferred_by_month: BTreeMap<NaiveDate, Money>,
}

/// What is owed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Owed {
    /// Unpaid principal.
    pub principal: Money,
    /// Unpaid interest.
    pub interest: Money,
    /// Unpaid scheduled fees.
    pub fees: Money,
    /// Unpaid charges.
    pub charges: Money,
    /// Days past due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_past_due: Option<i64>,
    /// The next payment's day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due_on: Option<NaiveDate>,
    /// The last payment's day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maturity_on: Option<NaiveDate>,
}

/// What has to come true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AwaitingDecision {
    /// The rule.
    pub rule: String,
    /// Tests that do not hold yet.
    pub tests: Vec<String>,
    /// The last day.
    pub by: NaiveDate,
}

/// What has to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceRequest {
    /// What.
    pub kind: String,
    /// By when.
    pub due: EvidenceDue,
    /// Whether it is there.
    pub supplied: bool,
}

/// Who has to approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalDecision {
    /// How many people; none: at once.
    pub people: u8,
    /// Waived, refunded and goodwill money and loss in present value, with earlier grants for the event.
    pub measured: Money,
    /// Deferred principal, with earlier grants for the event.
    pub deferred: Money,
}

/// One test of the trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceEntry {
    /// The test.
    pub test: String,
    /// Where it stands in the policy.
    pub pointer: String,
    /// What it came to.
    pub result: TraceResult,
    /// What it saw; one for each borrower where the fact is about a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<serde_json::Value>,
    /// Why it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<crate::facts::value::Gap>,
}

/// What a test came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceResult {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be told.
    Unknown,
    /// The decision did not depend on it.
    NotEvaluated,
}

/// How a decision was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The engine's version; left out where it is empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub engine: String,
    /// SHA-256 of the inputs' canonical JSON (RFC 8785).
    pub inputs: String,
}
