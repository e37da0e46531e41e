//! Who somebody is and what they may do.
//!
//! ```text
//! name and password ──────────► sign_in ─┐
//! code to a phone, hand-off ──► borrower ┴► session ─► a cookie ─┐
//! token of a service ────────────────────────────────► token ────┼─► authenticate ─► Principal
//! bearer token of an issuer ─────────────────────────► issuer ───┘
//! ```
//!
//! Whoever is refused is not told why; the audit log is. Passwords, tokens and codes are kept as hashes alone.

pub mod borrower;
pub mod issuer;
mod own;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod token;
pub mod user;

use std::fmt;

use super::audit::Actor;
use super::{Served, Service};

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

/// What a caller sends.
#[derive(Clone, Default)]
pub struct Credentials {
    /// A bearer token: of a service, or of the issuer.
    pub bearer: Option<String>,
    /// The value of the session's cookie; it counts where there is no bearer token.
    pub session: Option<String>,
}

impl Service {
    /// Who a caller is that was known a moment ago, without a look at the store.
    #[must_use]
    pub fn recall(&self, sent: &Credentials) -> Option<Principal> {
        sent.bearer.as_deref().and_then(|text| self.recall_token(text))
    }

    /// Who a caller is; none when what they send is unknown, wrong, taken back or past, or nothing.
    ///
    /// # Errors
    /// The store fails.
    pub fn authenticate(&self, sent: &Credentials) -> Served<Option<Principal>> {
        match sent {
            Credentials { bearer: Some(text), .. } if text.starts_with(token::PREFIX) => {
                self.recall_token(text).map_or_else(|| self.by_token(text), |known| Ok(Some(known)))
            }
            Credentials { bearer: Some(text), .. } => self.by_issuer(text),
            Credentials { session: Some(cookie), .. } => self.by_session(cookie),
            Credentials { bearer: None, session: None } => Ok(None),
        }
    }
}

/// Roles as they are kept: names with spaces between.
fn names(roles: &[Role]) -> String {
    let mut names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}

/// Roles as they were kept.
fn roles(names: &str) -> Vec<Role> {
    names.split_whitespace().filter_map(Role::of).collect()
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
