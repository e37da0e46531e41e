//! Where facts come from.

use super::facts::FactId;

/// Where facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactGroup {
    /// The account.
    Account,
    /// A person who owes it.
    Borrower,
    /// An address and what is declared of it.
    Area,
    /// The declaration.
    Declaration,
    /// The request.
    Request,
    /// Earlier relief.
    History,
    /// The circumstances.
    Context,
    /// The lender's own.
    Attribute,
}

impl FactId {
    /// Where it comes from.
    #[must_use]
    pub const fn group(self) -> FactGroup {
        match self {
            Self::BorrowerWithoutIncome | Self::BorrowerFlags => FactGroup::Borrower,
            Self::AreaRegion | Self::AreaDesignation | Self::AreaDesignations | Self::AreaCountsFrom => FactGroup::Area,
            Self::DeclarationKind
            | Self::DeclarationSeverity
            | Self::DeclarationIncidentStart
            | Self::DeclarationIncidentEnd
            | Self::DeclarationDeclaredOn => FactGroup::Declaration,
            Self::RequestMade
            | Self::RequestVia
            | Self::RequestRequestedOn
            | Self::RequestHardship
            | Self::RequestIncomeLost
            | Self::RequestInsuredLoss
            | Self::RequestPropertyDamaged
            | Self::RequestAdverseImpact
            | Self::RequestEvacuated
            | Self::RequestHardshipResolved
            | Self::RequestCanResume
            | Self::RequestCanCatchUp
            | Self::RequestEvidence => FactGroup::Request,
            Self::HistoryGrants
            | Self::HistoryGrantsForEvent
            | Self::HistoryDeferralsForEvent
            | Self::HistoryDeferredInstalments
            | Self::HistoryLastDeferralOn
            | Self::HistoryLastReliefEndsOn => FactGroup::History,
            Self::DecidedOn
            | Self::ProcessingMonthStart
            | Self::ProcessingMonthEnd
            | Self::ReliefEnd
            | Self::RowDue => FactGroup::Context,
            Self::Attribute => FactGroup::Attribute,
            _ => FactGroup::Account,
        }
    }
}
