//! Who somebody is and what they may do.

mod authenticate;
mod own;

use std::fmt;

pub use self::authenticate::{Credentials, token_hash};

use super::audit::Actor;

/// What somebody is for the lender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Works on cases.
    CareAgent,
    /// Declares disasters, opens channels.
    CareLead,
    /// Writes policies.
    PolicyAuthor,
    /// Puts policies in force.
    PolicyApprover,
    /// Looks at what waits.
    FinanceReviewer,
    /// Approves.
    FinanceApprover,
    /// Reads everything, changes nothing.
    Auditor,
    /// Owes a loan; sees only their own.
    Borrower,
    /// Another program: the core system, the lender's app.
    Service,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CareAgent,
        Self::CareLead,
        Self::PolicyAuthor,
        Self::PolicyApprover,
        Self::FinanceReviewer,
        Self::FinanceApprover,
        Self::Auditor,
        Self::Borrower,
        Self::Service,
    ];

    /// Its name outside.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CareAgent => "care_agent",
            Self::CareLead => "care_lead",
            Self::PolicyAuthor => "policy_author",
            Self::PolicyApprover => "policy_approver",
            Self::FinanceReviewer => "finance_reviewer",
            Self::FinanceApprover => "finance_approver",
            Self::Auditor => "auditor",
            Self::Borrower => "borrower",
            Self::Service => "service",
        }
    }

    /// By its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who, for the log and for maker and checker.
    pub actor: Actor,
    /// What they are.
    pub roles: Vec<Role>,
    /// For a borrower: the lender's number for the person.
    pub party: Option<String>,
}

impl Principal {
    /// Whether they are any of these.
    #[must_use]
    pub fn is_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// The borrower, if they are nothing but that.
    #[must_use]
    pub fn borrower(&self) -> Option<&str> {
        self.party.as_deref().filter(|_| self.roles == [Role::Borrower])
    }
}
