//! Adjustments: what a benefit does to an account, in money and dates. They are data: the same list makes the
//! "after" of a decision, the overlay of relief that the core system has not yet confirmed, and a reversal.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::parts::Parts;
use crate::account::snapshot::{Bearer, ChargeKind};
use crate::money::{Currency, Money, MoneyError};
use crate::policy::document::{Arrears, HoldKind, IfPaid, ReportAs, WindowKind};
use crate::rate::Rate;

/// What a benefit does. The kinds are never mixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Adjustment {
    /// Owed and never paid: no longer owed.
    Waiver(Relieved),
    /// Paid: given back.
    Refund(Relieved),
    /// Paid: counted towards other instalments.
    Credit {
        /// What is given back.
        relieved: Relieved,
        /// Where it goes.
        to: Vec<Credited>,
    },
    /// Rows change.
    Schedule(ScheduleChange),
    /// A time without payments.
    Suspension(Suspension),
    /// The lender stops doing something.
    Hold(HoldChange),
    /// A longer time to withdraw or to pay.
    Window(WindowChange),
    /// Money given.
    Goodwill {
        /// How much.
        amount: Money,
    },
    /// Charges still to accrue inside an open window will be waived too.
    StandingOrder(StandingOrder),
}

impl Adjustment {
    /// Its place in the order of effect: waivers, interest, deferrals and suspensions, then what changes no row.
    /// Adjustments of one decision hold on the account in this order only.
    #[must_use]
    pub const fn turn(&self) -> u8 {
        match self {
            Self::Waiver(_) | Self::Refund(_) | Self::Credit { .. } => 0,
            Self::Schedule(ScheduleChange { cause: Cause::Rate, .. }) => 1,
            Self::Schedule(_) | Self::Suspension(_) => 2,
            Self::Hold(_) | Self::Window(_) | Self::Goodwill { .. } | Self::StandingOrder(_) => 3,
        }
    }
}

/// What a waiver or a refund is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A charge, by id.
    Charge(String),
    /// The interest of an instalment, by id.
    Interest(String),
}

/// Money relieved on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relieved {
    /// What it is of.
    pub target: Target,
    /// The charge's kind; none for interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<ChargeKind>,
    /// How much.
    pub amount: Money,
    /// Who bears it.
    pub bearer: Bearer,
    /// The agreement by which a guarantor or funder bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// For a charge that accrues: the last day that is relieved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<NaiveDate>,
}

/// Part of a credit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credited {
    /// The row, by id.
    pub row: String,
    /// What it pays.
    pub paid: Parts,
}

/// Rows change: each row before and after, so that it can be undone exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleChange {
    /// Why.
    pub cause: Cause,
    /// The rows that change, by id.
    pub changes: Vec<RowChange>,
    /// The instalments that the borrower was given, by the id of their origin.
    pub chosen: Vec<String>,
    /// What was moved out of the chosen instalments.
    pub deferred: Parts,
    /// Interest on top for the additional time, less what the new rows save.
    pub added_interest: Money,
    /// Interest not yet accrued that will never be charged.
    pub forgone_interest: Money,
    /// Unpaid interest that became principal.
    pub capitalised: Money,
    /// What happens to days past due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrears: Option<Arrears>,
    /// The last day of relief: the day before the first new due date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relief_end: Option<NaiveDate>,
}

/// Why rows change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Payments are moved.
    Deferral,
    /// Interest runs on during a suspension.
    Suspension,
    /// Interest is paused or reduced.
    Rate,
}

/// One row before and after; none where it did not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowChange {
    /// The row's id.
    pub row: String,
    /// Before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<RowState>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RowState>,
}

/// A row's dates and amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowState {
    /// The instalment it stems from.
    pub origin: String,
    /// When it is due.
    pub due_on: NaiveDate,
    /// All of it, the paid part included.
    pub owed: Parts,
    /// What is paid of it.
    pub paid: Parts,
}

/// A time without payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suspension {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The first day of the first suspension that this one prolongs.
    pub first_from: NaiveDate,
    /// The rows whose due dates lie inside, by the id of their origin.
    pub rows: Vec<String>,
    /// The defer benefit that follows; none: due the day after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// What happens to days past due.
    pub arrears: Arrears,
}

/// The lender stops doing something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldChange {
    /// What.
    pub what: Vec<HoldKind>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// For an open hold: when a person looks again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<NaiveDate>,
    /// How the account is reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_as: Option<ReportAs>,
    /// Reports already sent for days inside that have to be corrected, by their day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correct: Vec<NaiveDate>,
}

/// A longer time to withdraw or to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowChange {
    /// Which.
    pub window: WindowKind,
    /// Its last day before; for grace, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<NaiveDate>,
    /// Its last day after; for grace, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<NaiveDate>,
    /// By how many days.
    pub days: i64,
}

/// Charges still to accrue inside an open window will be waived too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandingOrder {
    /// Kinds of charges.
    pub charges: Vec<ChargeKind>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day; none while the end is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// How much of each charge.
    pub share: Rate,
    /// What happens to paid parts.
    pub if_paid: IfPaid,
    /// What is left of the account's cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_left: Option<Money>,
}

/// What a list of adjustments comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Amounts {
    /// Owed, never paid, no longer owed.
    pub waived: Money,
    /// Paid and given back, credits included.
    pub refunded: Money,
    /// Money given.
    pub goodwill: Money,
    /// Payments moved to later.
    pub deferred: Money,
    /// The principal in it.
    pub deferred_principal: Money,
    /// Interest added for additional time.
    pub added_interest: Money,
    /// Interest not yet accrued that will never be charged.
    pub forgone_interest: Money,
    /// Interest that became principal.
    pub capitalised: Money,
}

impl Amounts {
    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            waived: zero,
            refunded: zero,
            goodwill: zero,
            deferred: zero,
            deferred_principal: zero,
            added_interest: zero,
            forgone_interest: zero,
            capitalised: zero,
        }
    }

    /// The sums over adjustments; those in another currency are left out.
    pub fn of<'a>(
        adjustments: impl IntoIterator<Item = &'a Adjustment>,
        currency: Currency,
    ) -> Result<Self, MoneyError> {
        let mut sum = Self::zero(currency);
        for adjustment in adjustments {
            sum.count(adjustment, currency)?;
        }
        Ok(sum)
    }

    fn count(&mut self, adjustment: &Adjustment, currency: Currency) -> Result<(), MoneyError> {
        let in_currency = |money: &Money| money.currency() == currency;
        match adjustment {
            Adjustment::Waiver(relieved) if in_currency(&relieved.amount) => {
                self.waived = self.waived.add(&relieved.amount)?;
            }
            Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } if in_currency(&relieved.amount) => {
                self.refunded = self.refunded.add(&relieved.amount)?;
            }
            Adjustment::Goodwill { amount } if in_currency(amount) => self.goodwill = self.goodwill.add(amount)?,
            Adjustment::Schedule(change) if in_currency(&change.added_interest) => {
                self.deferred = self.deferred.add(&change.deferred.total()?)?;
                self.deferred_principal = self.deferred_principal.add(&change.deferred.principal)?;
                self.added_interest = self.added_interest.add(&change.added_interest)?;
                self.forgone_interest = self.forgone_interest.add(&change.forgone_interest)?;
                self.capitalised = self.capitalised.add(&change.capitalised)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Both together.
    pub fn add(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self {
            waived: self.waived.add(&other.waived)?,
            refunded: self.refunded.add(&other.refunded)?,
            goodwill: self.goodwill.add(&other.goodwill)?,
            deferred: self.deferred.add(&other.deferred)?,
            deferred_principal: self.deferred_principal.add(&other.deferred_principal)?,
            added_interest: self.added_interest.add(&other.added_interest)?,
            forgone_interest: self.forgone_interest.add(&other.forgone_interest)?,
            capitalised: self.capitalised.add(&other.capitalised)?,
        })
    }

    /// Waived, refunded and goodwill money: what is given for good.
    pub fn given(&self) -> Result<Money, MoneyError> {
        self.waived.add(&self.refunded)?.add(&self.goodwill)
    }
}
