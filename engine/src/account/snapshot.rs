//! The facts of an account snapshot. Names, phones and numbers of people are never in it.
//!
//! Amounts are decimal strings in the account's one currency. Dates are civil days in the lender's zone.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Amount, Currency};
use crate::rate::{DayCount, Rate};
pub use crate::schedule::{Frequency, Method};

/// One instalment loan, as of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The lender's stable number for the loan.
    pub account: String,
    /// The day that the snapshot describes (its close of business).
    pub as_of: NaiveDate,
    /// The currency of every amount in the snapshot.
    pub currency: Currency,
    /// The lender's product code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Where the loan stands on `as_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Earlier statuses, each from a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_history: Option<Vec<StatusFrom>>,
    /// What was agreed.
    #[serde(default)]
    pub terms: LoanTerms,
    /// Schedule versions; the one in force on a day is the latest known by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedules: Option<Vec<ScheduleVersion>>,
    /// Payments received, with what each paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payments: Option<Vec<Payment>>,
    /// Charges assessed, paid or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<Vec<Charge>>,
    /// The people on the loan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parties: Option<Vec<Party>>,
    /// Months past due as the core system counts them on `as_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_past_due: Option<u32>,
    /// What was sent to the credit bureau.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_reports: Option<Vec<CreditReport>>,
    /// Who funds the loan, and what share each carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funders: Option<Vec<FunderShare>>,
    /// Agreements by which a guarantor or funder bears waivers, by number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreements: Option<Vec<String>>,
    /// Other arrangements that bind the loan: `repayment_plan`, `trial_plan`, `workout_offer`, `liquidation_workout`,
    /// `recourse`, or the lender's own; an empty list says that there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrangements: Option<Vec<String>>,
    /// Whether it is the borrower's first loan with the lender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_loan: Option<bool>,
    /// Instructions that this snapshot already contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// The lender's own facts; their types stand in its attribute file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "super::read::unique_keys")]
    pub attributes: BTreeMap<String, serde_json::Value>,
}

/// Where a loan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being repaid, in arrears or not.
    Active,
    /// Called due for non-payment.
    Defaulted,
    /// Repaid in full.
    Settled,
    /// Written off; still owed.
    WrittenOff,
    /// Sold or handed to another servicer.
    Transferred,
    /// Approved, money not yet paid out.
    Pending,
    /// Cancelled before or within cooling-off.
    Cancelled,
}

impl Status {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Defaulted => "defaulted",
            Self::Settled => "settled",
            Self::WrittenOff => "written_off",
            Self::Transferred => "transferred",
            Self::Pending => "pending",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A status and the day from which it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusFrom {
    /// The status.
    pub status: Status,
    /// Its first day.
    pub from: NaiveDate,
}

/// The terms of the contract. Each is absent when not reported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoanTerms {
    /// What was lent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Amount>,
    /// The annual contract rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// How it is repaid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// How days become interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_count: Option<DayCount>,
    /// How far instalments lie apart; a month when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Frequency>,
    /// When the money was paid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disbursed_on: Option<NaiveDate>,
    /// The last day on which the borrower may withdraw (犹豫期).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooling_off_ends_on: Option<NaiveDate>,
    /// Days after a due date in which payment is still in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_days: Option<u16>,
    /// The fee deducted at or paid before disbursement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upfront_fee: Option<Amount>,
}

/// One version of the schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleVersion {
    /// From 1.
    pub version: u32,
    /// The first day on which it was in force.
    pub known_from: NaiveDate,
    /// Its rows, by due date.
    pub rows: Vec<Instalment>,
}

/// One row of a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instalment {
    /// Stable across versions: the same obligation keeps its id when it moves.
    pub id: String,
    /// When it is due.
    pub due_on: NaiveDate,
    /// Principal due.
    pub principal: Amount,
    /// Interest due.
    pub interest: Amount,
    /// Scheduled fees due with it; absent is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Amount>,
    /// What has been paid of it by `as_of`; absent is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Paid>,
    /// The day on which it was paid in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<NaiveDate>,
}

/// What was paid, part by part; a part left out is nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// Of the principal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Amount>,
    /// Of the interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<Amount>,
    /// Of the fees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Amount>,
}

/// A payment received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The lender's number for it.
    pub id: String,
    /// The day it counted.
    pub on: NaiveDate,
    /// How much.
    pub amount: Amount,
    /// What it paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<Allocation>>,
}

/// Part of a payment and what it paid: an instalment or a charge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// The instalment's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalment: Option<String>,
    /// The charge's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
    /// How much.
    pub amount: Amount,
}

/// A fee or a penalty, apart from the scheduled rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// Stable: the same charge keeps it when it grows.
    pub id: String,
    /// What it is.
    pub kind: ChargeKind,
    /// All of it so far, paid and waived parts included.
    pub amount: Amount,
    /// Paid so far; absent is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Amount>,
    /// Waived so far by the core system, the instructions in `contains` included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Amount>,
    /// The day it was charged, for a charge that is assessed at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed_on: Option<NaiveDate>,
    /// The days over which it grew, for a charge that accrues daily.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrual: Option<Accrual>,
    /// Who earns it, and so bears a waiver when the policy names nobody; the lender when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// The instalment it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalment: Option<String>,
    /// When it is to be paid; with its instalment when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
}

/// Kinds of charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// 违约金 / 滞纳金: for paying late.
    LateFee,
    /// 罚息: extra interest on what is overdue.
    PenaltyInterest,
    /// 复利: interest on unpaid interest.
    CompoundInterest,
    /// 担保费: the guarantor's.
    GuaranteeFee,
    /// 服务费: for running the loan.
    ServiceFee,
    /// For a payment that bounced.
    ReturnedPaymentFee,
    /// For repaying early.
    EarlyRepaymentFee,
    /// 催收 / legal costs.
    CollectionCost,
    /// Anything else.
    OtherFee,
}

/// The days over which a charge grew, and from what. All of it is needed to cut the charge at a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accrual {
    /// The first day that accrued.
    pub from: NaiveDate,
    /// The last day that accrued so far.
    pub until: NaiveDate,
    /// What it accrues on; absent is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Amount>,
    /// The annual rate at which it accrues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// How days become a part of the year; ACT/360 or ACT/365.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_count: Option<DayCount>,
}

/// Who earns a charge and bears its waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// The lender itself.
    Lender,
    /// The guarantor, under an agreement.
    Guarantor,
    /// A funder, under an agreement.
    Funder,
}

/// Somebody on the loan, without anything that names them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The lender's stable number for the person.
    pub party: String,
    /// Their part in the loan.
    pub role: PartyRole,
    /// Where they live, work, …, each from a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<Address>>,
    /// Whether they have lost their income.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_income: Option<bool>,
    /// Marks set once by care: `vulnerable`, `bereaved`, `hospitalised`, `injured`, `missing`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
}

/// A person's part in a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Owes the loan.
    #[default]
    Borrower,
    /// Owes it too.
    CoBorrower,
    /// Answers for it.
    Guarantor,
}

/// An address, as far as relief needs it: a region, from a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// `home`, `work`, `business`, `property`, `id_card` or the lender's own.
    pub role: String,
    /// A region code, current or abolished: `CN-410105`, `US-48201`.
    pub region: String,
    /// Its first day; absent is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    /// Where the lender has it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One report to a credit bureau.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditReport {
    /// The day it was sent.
    pub sent_on: NaiveDate,
    /// Whether it called the account overdue.
    pub overdue: bool,
}

/// A funder's part in a loan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunderShare {
    /// The funder's name with the lender.
    pub party: String,
    /// Its share, `"0.7"`.
    pub share: Rate,
}
