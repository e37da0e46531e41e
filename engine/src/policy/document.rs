//! The policy document as its author writes it. Flat on purpose: an editor completes every key, and the
//! checker can say precisely what is wrong. [`super::compile`] turns it into something that cannot be wrong.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::snapshot::{Bearer, ChargeKind};
use crate::dates::BusinessDay;
use crate::declaration::{Kind, Severity};
use crate::money::{Amount, Currency, Money};
use crate::rate::Rate;
use crate::text::Text;

/// A relief policy: one version, immutable once effective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Forbear relief policy")]
pub struct Policy {
    /// Where the schema is, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The policy's name: lower-case words joined by hyphens.
    #[schemars(extend("pattern" = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub policy: String,
    /// Its version, from 1.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// What people call it.
    pub title: Text,
    /// What it is for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// The law, notice or guide that it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// The team that answers for it.
    pub owner: String,
    /// The day by which the owner looks at it again.
    pub review_by: NaiveDate,
    /// The days on which it may be chosen.
    pub effective: Effective,
    /// The disasters it is for; left out, every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disaster: Option<Disaster>,
    /// How relief starts.
    pub start: Start,
    /// Who may have it; left out, every account that a rule fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<Condition>,
    /// What happens when several rules hold.
    pub hit_policy: HitPolicy,
    /// What is granted to whom.
    #[schemars(length(min = 1))]
    pub rules: Vec<Rule>,
    /// How much and how often at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// When a person has to approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What the borrower has to show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// A public source of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is called, with its number and date.
    pub cite: String,
    /// Where to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The days on which a version is in force; both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Effective {
    /// The first day.
    pub from: NaiveDate,
    /// The last day; null or left out, until a newer version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// The disasters that a policy is for. What is left out does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disaster {
    /// Kinds of disaster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
    /// How grave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeverityBound>,
    /// Declarations by name, for a policy that was made for one disaster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declarations: Option<Vec<String>>,
    /// Events by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
}

/// A bound on severity; I is the gravest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityBound {
    /// This severity or a graver one: `III` means I to III.
    pub at_least: Severity,
}

/// How relief starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// On request, proactively, or both.
    #[schemars(length(min = 1))]
    pub by: Vec<StartBy>,
    /// The last day on which a request counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_by: Option<DateRule>,
    /// How long a borrower may undo proactive relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<DayCountRule>,
    /// The lender's own clock for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_within: Option<DayCountRule>,
}

/// So many days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DayCountRule {
    /// Calendar days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Working days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_days: Option<u32>,
}

/// Who moves first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartBy {
    /// The borrower asks.
    Request,
    /// The lender grants without being asked (免申即享).
    Proactive,
}

/// What happens when several rules hold (DMN's word).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HitPolicy {
    /// The first rule that holds.
    First,
    /// Every rule that holds.
    All,
    /// At most one can hold; two that could is an error of the policy.
    Unique,
}

/// A condition: `all`, `any` or `not` over others, or a test of one fact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A name for reasons and coverage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it demands, in the borrower's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// Every one holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Condition>>,
    /// At least one holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Condition>>,
    /// It does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Condition>>,
    /// The fact that is tested; `forbear facts` lists them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// For `area.designation` and `area.designations`: the addresses that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The day on which the fact is taken; the decision day when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<DateRule>,
    /// For a fact about a person: whether one borrower is enough or all must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// Equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Operand>,
    /// Different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_not: Option<Operand>,
    /// One of these.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub is_in: Option<Vec<Operand>>,
    /// None of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in: Option<Vec<Operand>>,
    /// This much or more (以上); for dates, this day or later; for severity, this grave or graver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Operand>,
    /// This much or less; for dates, this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Operand>,
    /// More than this; for dates, after this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Operand>,
    /// Less than this (以下); for dates, before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Operand>,
    /// A region inside one of these regions, or a date inside a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// A set that contains one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has: Option<OneOrMany<String>>,
    /// Whether the fact is known at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<bool>,
}

/// Whether one borrower is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// One of the borrowers is enough.
    AnyParty,
    /// It must hold for each of them.
    EveryParty,
}

/// What a fact is compared with; which form fits depends on the fact's type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Operand {
    /// For yes-or-no facts.
    Bool(bool),
    /// For counts and days.
    Int(i64),
    /// A name, a region code, a rate such as `"0.24"`, a date such as `"2026-06-01"`, or a date's name.
    Text(String),
    /// An amount.
    Money(Money),
    /// A computed date.
    Date(DateObject),
}

/// One value, or a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// Both forms as a slice.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What `within` takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Within {
    /// One region code.
    Region(String),
    /// Several region codes.
    Regions(Vec<String>),
    /// A window of days.
    Window(WindowRule),
}

/// A window; both ends included, an end left out is unbounded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowRule {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateRule>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateRule>,
}

/// A date: `"2026-06-01"`, a date's name such as `"incident_start"`, or one computed from others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DateRule {
    /// A day or a name.
    Text(String),
    /// A computation.
    Object(DateObject),
}

/// A date computed from others: one of `after`, `later_of`, `earlier_of`, then moved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateObject {
    /// The date to count from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<DateRule>>,
    /// The latest of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later_of: Option<Vec<DateRule>>,
    /// The earliest of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_of: Option<Vec<DateRule>>,
    /// Calendar months on (negative: back), month ends clamped; added before days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<i32>,
    /// Days on (negative: back).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
    /// Where a day that is not a working day goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_day: Option<BusinessDay>,
}

/// A count or an amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Quantity {
    /// Exactly this many.
    Count(u32),
    /// Something that depends.
    Object(Box<QuantityObject>),
}

/// A quantity that depends: exactly one of its forms.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantityObject {
    /// As many as there are, but at most this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u32>,
    /// A constant amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The amount's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The value of a fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// The smallest of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Vec<Quantity>>,
    /// The first less the second, never below zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minus: Option<Vec<Quantity>>,
    /// A share `of` an amount fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rate>,
    /// The amount fact that the share is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Left to somebody, within bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choose: Option<Choose>,
    /// The days of this window that fell into the incident period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<WindowRule>,
}

/// A number left to the borrower or the reviewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    /// At least.
    pub from: u32,
    /// At most.
    pub up_to: u32,
    /// Who chooses.
    pub by: Chooser,
    /// What holds when nothing is chosen.
    pub default: u32,
}

/// Who chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Chooser {
    /// The borrower, in the request.
    Borrower,
    /// The person who reviews it.
    Reviewer,
}

/// A stretch of time: days or calendar months.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Quantity>,
    /// Calendar months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<Quantity>,
}

/// One row of a policy: when it holds, and what it grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique in the policy.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// When it holds; left out, always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// How relief starts under this rule; what is left out is the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<RuleStart>,
    /// A person decides instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refer: Option<Refer>,
    /// What has to happen before anything is posted.
    #[serde(rename = "await", default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Await>,
    /// What it grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<Benefit>,
}

/// A rule's own start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleStart {
    /// On request, proactively, or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Vec<StartBy>>,
    /// The last day on which a request counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_by: Option<DateRule>,
    /// How long a borrower may undo proactive relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<DayCountRule>,
    /// The lender's own clock for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_within: Option<DayCountRule>,
}

/// A person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refer {
    /// Who: `reviewer`, `funder`, `guarantor`, or the lender's own desk.
    pub to: String,
    /// Why, in the borrower's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// What has to come true, and by when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Await {
    /// What has to come true.
    pub tests: Condition,
    /// The last day.
    pub by: DateRule,
}

/// What a rule grants: exactly one of its kinds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// Unique in the policy.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Whether the borrower has to agree before it is posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
    /// Charges or interest no longer owed, or paid back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waive: Option<Waive>,
    /// Payments moved to later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defer: Option<Defer>,
    /// A time without payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<Suspend>,
    /// A time without interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_interest: Option<PauseInterest>,
    /// A time at a lower rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_rate: Option<ReduceRate>,
    /// Something the lender stops doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Money given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodwill: Option<Goodwill>,
    /// A longer time to withdraw or to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_window: Option<ExtendWindow>,
}

/// Charges, or the interest of some instalments, that are no longer owed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waive {
    /// Kinds of charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<Vec<ChargeKind>>,
    /// Or: the interest of these instalments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<InterestOf>,
    /// The days on which a charge must have been assessed, or over which it accrued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrued: Option<WindowRule>,
    /// How much of each charge; the whole when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rate>,
    /// What happens to the part that is already paid; it is left when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_paid: Option<IfPaid>,
    /// At most so much; a list has one entry per currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<OneOrMany<Cap>>,
    /// Who bears it; left out, whoever earns the charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub borne_by: Option<BorneBy>,
}

/// Instalments whose interest is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestOf {
    /// Overdue ones, those due in a window, or both.
    pub which: OneOrMany<Which>,
    /// The window, for `due_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<WindowRule>,
    /// How many, oldest first; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalments: Option<Quantity>,
}

/// What happens to the paid part of what is waived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IfPaid {
    /// Nothing.
    Leave,
    /// It is paid back.
    Refund,
    /// It counts towards the next payment.
    CreditNext,
}

/// At most so much: an amount in a currency, or `most`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// A constant amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Its currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Or a quantity that depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Quantity>,
    /// For each charge, or for the account in this event.
    pub per: CapPer,
}

/// What a cap is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapPer {
    /// Each charge.
    Charge,
    /// The account: this benefit and event, refunds included, oldest charge first.
    Account,
}

/// Who bears a waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BorneBy {
    /// The lender, the guarantor or a funder.
    pub party: Bearer,
    /// The agreement that says so; needed for all but the lender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
}

/// Which instalments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Unpaid ones whose due date is past on the decision day.
    Overdue,
    /// Those due in the window `due`.
    DueIn,
}

/// Payments moved to later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defer {
    /// Overdue ones, those due in a window, or both.
    pub which: OneOrMany<Which>,
    /// The window, for `due_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<WindowRule>,
    /// How many, oldest first; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalments: Option<Quantity>,
    /// Which parts of them; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Part>>,
    /// At most so much money is moved; a list has one entry per currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<OneOrMany<Cap>>,
    /// Where they go.
    pub to: DeferTo,
    /// For `later_date`: the day; `due` is the row's own date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<DateRule>,
    /// For `spread`: additional instalments at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_terms: Option<Quantity>,
    /// What the additional time costs.
    pub interest_on_top: InterestOnTop,
    /// What happens to days past due.
    pub arrears: Arrears,
}

/// Parts of an instalment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Principal.
    Principal,
    /// Interest.
    Interest,
    /// Scheduled fees.
    Fees,
}

/// Where deferred payments go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeferTo {
    /// The chosen rows and all later ones move by the number of chosen rows.
    EndOfTerm,
    /// They become a balance due at the end.
    Maturity,
    /// They are spread over the rows to come, with `extra_terms` more.
    Spread,
    /// They are added to the next row.
    NextDue,
    /// They are due on `date`.
    LaterDate,
}

/// What additional time costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterestOnTop {
    /// Nothing.
    None,
    /// Simple interest on the unpaid principal of each moved row, over its old to its new due date.
    Accrue,
    /// The same sum added to principal, rows re-derived.
    Capitalise,
}

/// What happens to days past due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrears {
    /// Counted by the new schedule.
    Cure,
    /// They and the charges on overdue rows stand still until relief ends.
    Freeze,
    /// Both go on.
    Run,
}

/// A time without payments; the schedule stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// The first day.
    pub from: DateRule,
    /// How long.
    #[serde(rename = "for")]
    pub length: Span,
    /// What the additional time costs.
    pub interest_on_top: InterestOnTop,
    /// What happens to days past due.
    pub arrears: Arrears,
    /// What becomes of the payments inside: `due_at_end`, or the id of a defer benefit.
    pub then: String,
    /// Whether it can be prolonged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew: Option<Renew>,
}

/// How relief is prolonged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// By how much at a time.
    pub step: Span,
    /// At most this long in all, counted from the first day.
    pub total: Span,
}

/// A time without interest; both days included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseInterest {
    /// The first day.
    pub from: DateRule,
    /// The last day.
    pub until: DateRule,
}

/// A time at a lower rate; both days included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReduceRate {
    /// The first day.
    pub from: DateRule,
    /// The last day.
    pub until: DateRule,
    /// The annual rate inside; it never raises the contract's.
    pub to: Rate,
}

/// Something the lender stops doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// What.
    #[schemars(length(min = 1))]
    pub what: Vec<HoldKind>,
    /// The first day.
    pub from: DateRule,
    /// The last day; left out, until it is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateRule>,
    /// For an open hold: the day on which a person looks again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<DateRule>,
    /// How the account is reported meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_as: Option<ReportAs>,
    /// Whether reports already sent for the time inside are corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct_past: Option<bool>,
    /// Whether it can be prolonged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew: Option<Renew>,
}

/// What a hold stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldKind {
    /// 停催: collections.
    Collections,
    /// 征信保护: adverse credit reporting.
    CreditReporting,
    /// Lawsuits and repossession.
    Enforcement,
    /// Automatic debits.
    AutoDebit,
}

/// How an account is reported during a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportAs {
    /// Not at all.
    NotReported,
    /// As not overdue.
    NotOverdue,
    /// As it stood when the disaster began.
    AsAtStart,
    /// By the adjusted schedule.
    BySchedule,
}

/// Money given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goodwill {
    /// How much; a list has one entry per currency.
    pub amount: OneOrMany<Quantity>,
}

/// A longer time to withdraw or to pay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendWindow {
    /// Which window.
    pub window: WindowKind,
    /// By how much.
    pub by: Span,
}

/// Windows that can be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// 犹豫期: the time in which the borrower may withdraw.
    CoolingOff,
    /// The days after a due date in which payment is still in time.
    Grace,
}

/// How much and how often at most: exactly one of `count`, `deferred_instalments`, `amount`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Granted decisions under this policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Instalments deferred, by any policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred_instalments: Option<AtMost>,
    /// Waived, refunded and goodwill money under this policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The amount's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// For each account, or for the borrower with all of theirs.
    pub per: LimitPer,
    /// What else it counts; the event when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<LimitScope>,
    /// Only what was granted in the time before the decision day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<LimitWindow>,
}

/// A bound on a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtMost {
    /// This many or fewer.
    pub at_most: u32,
}

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitPer {
    /// The account's.
    Account,
    /// The borrower's, over all accounts.
    Borrower,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// What was granted for the same event.
    Event,
    /// What was granted for the same declaration.
    Declaration,
    /// What was granted for any event.
    Any,
}

/// A rolling time before the decision day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitWindow {
    /// Calendar months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// When a person has to approve. It measures waived, refunded and goodwill money and the loss in present value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Nobody, up to this; left out, a person always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic_up_to: Option<OneOrMany<Money>>,
    /// Deferred principal has its own bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred_up_to: Option<OneOrMany<Money>>,
    /// Two people, above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_people_above: Option<OneOrMany<Money>>,
}

/// What the borrower has to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What: `self_statement`, `photo`, `insurance_claim`, `income_proof`, or the lender's own.
    pub kind: String,
    /// By when.
    pub due: EvidenceDue,
    /// Only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

/// When evidence is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceDue {
    /// Before anything is decided.
    BeforeDecision,
    /// Before anything is posted.
    BeforePosting,
    /// Afterwards, when asked.
    OnDemand,
}
