//! A policy compiled: names resolved, literals typed, nothing left that could be wrong. It is what decides.
//!
//! Every test of the policy stands once in [`Program::tests`], every fact that is read, with its day and its
//! roles, once in [`Program::slots`]; conditions are trees of test numbers. A decision fills the slots, turns
//! each test into true, false or unknown, and folds the trees.

use chrono::NaiveDate;

use super::document::{
    Approval, Arrears, CapPer, Chooser, DayCountRule, DeferTo, Effective, EvidenceDue, HitPolicy, HoldKind, IfPaid,
    InterestOnTop, LimitPer, LimitScope, Part, Policy, Refer, ReportAs, StartBy, Which, Who, WindowKind,
};
use super::facts::{FactRef, FactType};
use crate::account::snapshot::{Bearer, ChargeKind};
use crate::dates::BusinessDay;
use crate::declaration::{Designation, Kind, Severity};
use crate::money::Money;
use crate::rate::Rate;
use crate::region::RegionId;
use crate::text::Text;

/// A compiled policy version.
#[derive(Debug, Clone)]
pub struct Program {
    /// The document it was made from; texts are read from it.
    pub document: Policy,
    /// SHA-256 of the document's canonical JSON (RFC 8785), in hexadecimal.
    pub digest: String,
    /// Facts that are read.
    pub slots: Vec<Slot>,
    /// Tests, in document order.
    pub tests: Vec<Test>,
    /// The disasters it is for.
    pub disaster: DisasterFilter,
    /// Who may have it.
    pub eligible: Expr,
    /// What happens when several rules hold.
    pub hit_policy: HitPolicy,
    /// What is granted to whom.
    pub rules: Vec<RuleProgram>,
    /// How much and how often at most.
    pub limits: Vec<LimitProgram>,
    /// What has to be shown.
    pub evidence: Vec<EvidenceProgram>,
}

impl Program {
    /// The policy's name.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.document.policy
    }

    /// The days on which it may be chosen.
    #[must_use]
    pub fn effective(&self) -> &Effective {
        &self.document.effective
    }

    /// When a person has to approve.
    #[must_use]
    pub fn approval(&self) -> Option<&Approval> {
        self.document.approval.as_ref()
    }
}

/// The disasters a policy is for; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct DisasterFilter {
    /// Kinds.
    pub kinds: Option<Vec<Kind>>,
    /// This grave or graver.
    pub severity: Option<Severity>,
    /// Declarations by name.
    pub declarations: Option<Vec<String>>,
    /// Events by name.
    pub events: Option<Vec<String>>,
}

/// A fact that is read: which one, on which day, over which addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// The fact.
    pub fact: FactRef,
    /// Its type.
    pub of: FactType,
    /// The day; `None` is the decision day.
    pub on: Option<DateExpr>,
    /// For `area.designation` and `area.designations`: the roles.
    pub roles: Vec<String>,
}

/// A condition over test numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// Every one holds; none is true.
    All(Vec<Expr>),
    /// At least one holds; none is false.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A test, by its place in [`Program::tests`].
    Test(usize),
}

impl Expr {
    /// Always true.
    #[must_use]
    pub const fn always() -> Self {
        Self::All(Vec::new())
    }

    /// The tests it consists of, in document order.
    #[must_use]
    pub fn tests(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect(&self, into: &mut Vec<usize>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(into)),
            Self::Not(part) => part.collect(into),
            Self::Test(test) => into.push(*test),
        }
    }
}

/// A test of one fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its name: the document's `id`, else made from its place.
    pub id: String,
    /// Where it stands in the document (a JSON Pointer).
    pub pointer: String,
    /// What it demands, in the author's words.
    pub message: Option<Text>,
    /// The fact, by its place in [`Program::slots`].
    pub slot: usize,
    /// Whether one borrower is enough or all must match.
    pub who: Who,
    /// The comparison.
    pub op: Op,
}

/// A comparison with literals of the fact's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Equal.
    Is(Literal),
    /// Different.
    IsNot(Literal),
    /// One of these.
    In(Vec<Literal>),
    /// None of these.
    NotIn(Vec<Literal>),
    /// This much or more; this day or later; this grave or graver.
    AtLeast(Literal),
    /// This much or less; this day or earlier; this grave or lighter.
    AtMost(Literal),
    /// More than this.
    Above(Literal),
    /// Less than this.
    Below(Literal),
    /// Inside one of these regions.
    WithinRegions(Vec<RegionId>),
    /// Inside this window.
    WithinWindow(WindowExpr),
    /// A set that contains one of these.
    Has(Vec<String>),
    /// Whether the fact is known.
    Known(bool),
}

/// A literal of a fact's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Yes or no.
    Bool(bool),
    /// A count.
    Count(i64),
    /// An amount.
    Amount(Money),
    /// A rate.
    Rate(Rate),
    /// A date, possibly computed.
    Date(DateExpr),
    /// A name.
    Name(String),
    /// A severity.
    Severity(Severity),
    /// A designation; `None` is outside the disaster area.
    Designation(Option<Designation>),
    /// A region.
    Region(RegionId),
}

/// A date to compute.
#[derive(Debug, Clone, PartialEq)]
pub enum DateExpr {
    /// A day.
    Day(NaiveDate),
    /// A date fact.
    Fact(FactRef),
    /// Another date, moved: months first (clamped), then days, then to a working day.
    Moved {
        /// From where.
        base: Box<DateExpr>,
        /// Calendar months.
        months: i32,
        /// Days.
        days: i32,
        /// Where a day that is not a working day goes.
        business_day: Option<BusinessDay>,
    },
    /// The latest of several.
    LaterOf(Vec<DateExpr>),
    /// The earliest of several.
    EarlierOf(Vec<DateExpr>),
}

/// A window to compute; both ends included.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WindowExpr {
    /// The first day.
    pub from: Option<DateExpr>,
    /// The last day.
    pub until: Option<DateExpr>,
}

/// A number or an amount to compute.
#[derive(Debug, Clone, PartialEq)]
pub enum QuantityExpr {
    /// Exactly this many.
    Count(i64),
    /// At most this many.
    UpTo(i64),
    /// An amount.
    Amount(Money),
    /// A count fact or an amount fact.
    Fact(FactRef),
    /// The smallest.
    Min(Vec<QuantityExpr>),
    /// The first less the second, never below zero.
    Minus(Box<QuantityExpr>, Box<QuantityExpr>),
    /// A share of an amount fact, half-up.
    Share(Rate, FactRef),
    /// Left to somebody.
    Choose {
        /// At least.
        from: i64,
        /// At most.
        up_to: i64,
        /// When nothing is chosen.
        default: i64,
        /// Who chooses.
        by: Chooser,
    },
    /// Days of the window inside the incident period.
    Interrupted(WindowExpr),
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub enum SpanExpr {
    /// Days.
    Days(QuantityExpr),
    /// Calendar months.
    Months(QuantityExpr),
}

/// How relief starts under a rule, the policy's own settings filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct StartProgram {
    /// On request, proactively, or both.
    pub by: Vec<StartBy>,
    /// The last day on which a request counts.
    pub apply_by: Option<DateExpr>,
    /// How long a borrower may undo proactive relief.
    pub opt_out: Option<DayCountRule>,
    /// The lender's own clock.
    pub answer_within: Option<DayCountRule>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleProgram {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Option<Text>,
    /// When it holds.
    pub when: Expr,
    /// How it starts.
    pub start: StartProgram,
    /// A person decides instead.
    pub refer: Option<Refer>,
    /// What has to come true first, and by when.
    pub awaits: Option<(Expr, DateExpr)>,
    /// What it grants.
    pub benefits: Vec<BenefitProgram>,
}

/// What a rule grants.
#[derive(Debug, Clone, PartialEq)]
pub struct BenefitProgram {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Option<Text>,
    /// Whether the borrower has to agree.
    pub consent: bool,
    /// What it is.
    pub kind: BenefitKind,
}

/// The kinds of benefits.
#[derive(Debug, Clone, PartialEq)]
pub enum BenefitKind {
    /// Charges or interest no longer owed.
    Waive(WaiveProgram),
    /// Payments moved to later.
    Defer(DeferProgram),
    /// A time without payments.
    Suspend(SuspendProgram),
    /// A time at another rate (zero is a pause); both days included.
    Rate {
        /// The first day.
        from: DateExpr,
        /// The last day.
        until: DateExpr,
        /// The annual rate inside.
        to: Rate,
    },
    /// Something the lender stops doing.
    Hold(HoldProgram),
    /// Money given; one entry per currency, or one that depends.
    Goodwill(Vec<QuantityExpr>),
    /// A longer time to withdraw or to pay.
    ExtendWindow {
        /// Which.
        window: WindowKind,
        /// By how much.
        by: SpanExpr,
    },
}

/// What is waived: charges of some kinds, or the interest of some instalments.
#[derive(Debug, Clone, PartialEq)]
pub enum WaiveTarget {
    /// Charges of these kinds.
    Charges(Vec<ChargeKind>),
    /// Interest of these instalments.
    Interest(RowChoice),
}

/// Charges or interest no longer owed.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiveProgram {
    /// What.
    pub target: WaiveTarget,
    /// The days on which a charge was assessed or accrued.
    pub accrued: WindowExpr,
    /// How much of each.
    pub share: Rate,
    /// What happens to the paid part.
    pub if_paid: IfPaid,
    /// At most so much; empty is no cap.
    pub caps: Vec<CapProgram>,
    /// Who bears it, and by which agreement; `None` is whoever earns the charge.
    pub borne_by: Option<(Bearer, Option<String>)>,
}

/// At most so much.
#[derive(Debug, Clone, PartialEq)]
pub struct CapProgram {
    /// How much; a constant amount holds for its own currency only.
    pub most: QuantityExpr,
    /// For each charge, or for the account.
    pub per: CapPer,
}

/// Which instalments, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct RowChoice {
    /// Overdue, due in the window, or both.
    pub which: Vec<Which>,
    /// The window.
    pub due: WindowExpr,
    /// How many; `None` is all.
    pub instalments: Option<QuantityExpr>,
}

/// Payments moved to later.
#[derive(Debug, Clone, PartialEq)]
pub struct DeferProgram {
    /// Which rows.
    pub rows: RowChoice,
    /// Which parts; never empty.
    pub parts: Vec<Part>,
    /// At most so much money; empty is no cap.
    pub caps: Vec<CapProgram>,
    /// Where they go.
    pub to: DeferTo,
    /// For a later date: which.
    pub date: Option<DateExpr>,
    /// For a spread: more instalments.
    pub extra_terms: Option<QuantityExpr>,
    /// What the additional time costs.
    pub interest_on_top: InterestOnTop,
    /// What happens to days past due.
    pub arrears: Arrears,
}

/// A time without payments.
#[derive(Debug, Clone, PartialEq)]
pub struct SuspendProgram {
    /// The first day.
    pub from: DateExpr,
    /// How long.
    pub length: SpanExpr,
    /// What the additional time costs.
    pub interest_on_top: InterestOnTop,
    /// What happens to days past due.
    pub arrears: Arrears,
    /// The defer benefit that follows; `None` is due at the end.
    pub then: Option<String>,
    /// Whether it can be prolonged.
    pub renew: Option<RenewProgram>,
}

/// How relief is prolonged.
#[derive(Debug, Clone, PartialEq)]
pub struct RenewProgram {
    /// By how much at a time.
    pub step: SpanExpr,
    /// At most this long in all, from the first day.
    pub total: SpanExpr,
}

/// Something the lender stops doing.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldProgram {
    /// What.
    pub what: Vec<HoldKind>,
    /// The first day.
    pub from: DateExpr,
    /// The last day; `None` until it is released.
    pub until: Option<DateExpr>,
    /// The day on which a person looks again.
    pub review_by: Option<DateExpr>,
    /// How the account is reported.
    pub report_as: Option<ReportAs>,
    /// Whether past reports are corrected.
    pub correct_past: bool,
    /// Whether it can be prolonged.
    pub renew: Option<RenewProgram>,
}

/// What a limit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitMeasure {
    /// Granted decisions under this policy.
    Count(i64),
    /// Instalments deferred, by any policy.
    DeferredInstalments(i64),
    /// Waived, refunded and goodwill money under this policy.
    Amount(Money),
}

/// How much and how often at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitProgram {
    /// Where it stands in the document.
    pub pointer: String,
    /// What it measures.
    pub measure: LimitMeasure,
    /// Whose.
    pub per: LimitPer,
    /// What else it counts.
    pub scope: LimitScope,
    /// Only what was granted in so many months and days before the decision day.
    pub window: Option<(u32, u32)>,
}

/// What has to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceProgram {
    /// What.
    pub kind: String,
    /// By when.
    pub due: EvidenceDue,
    /// Only when this holds.
    pub when: Expr,
}
