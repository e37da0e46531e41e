//! The second evaluator: it walks the documents, tries everything, and shares no computation with the engine. What it
//! comes to is written in the engine's own words for a decision, so that the two can be laid side by side.
//!
//! ```text
//! day       civil days            ledger     rows and charges, and what relief does to them
//! value     what is seen          fact area  where it is seen
//! condition tests and their truth settle     rules, questions
//! claim     one policy and event   decide     all of them
//! ground    what a benefit stands on: rows, interest
//! waive combine  defer  time       the benefits; work puts them in the order of effect
//! totals loss                      what it comes to
//! ```

pub mod area;
pub mod claim;
pub mod combine;
pub mod condition;
pub mod day;
pub mod decide;
pub mod defer;
pub mod fact;
pub mod ground;
pub mod interest;
pub mod ledger;
pub mod limits;
pub mod loss;
pub mod moment;
pub mod rows;
pub mod settle;
pub mod time;
pub mod totals;
pub mod value;
pub mod waive;
pub mod work;

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::context::Context;
use forbear_engine::history::{Grant, History};
use forbear_engine::policy::Policy;
use forbear_engine::request::Request;

use self::area::Standing;
use self::ledger::Ledger;

/// One policy, one declaration, one account: everything that a fact can be read from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The declaration as it stands.
    pub standing: &'a Standing,
    /// The account.
    pub account: &'a Account,
    /// Its rows and charges, with relief that the snapshot does not contain.
    pub ledger: &'a Ledger,
    /// The request.
    pub request: Option<&'a Request>,
    /// Earlier relief.
    pub history: &'a History,
    /// The circumstances.
    pub context: &'a Context,
    /// The day on which it was first decided.
    pub first_decided_on: NaiveDate,
    /// The last day of this decision's deferral or suspension.
    pub relief_end: Option<NaiveDate>,
}

impl<'a> Scene<'a> {
    /// The decision day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.context.today
    }

    /// Live grants to this account.
    pub fn own_grants(&self) -> impl Iterator<Item = &'a Grant> + use<'a> {
        own_grants(self.history, &self.account.account)
    }
}

/// Live grants to an account.
pub fn own_grants<'a>(history: &'a History, account: &str) -> impl Iterator<Item = &'a Grant> + use<'a> {
    let account = account.to_owned();
    let own = move |grant: &&Grant| grant.account.as_ref().is_none_or(|other| *other == account);
    history.grants.iter().filter(|grant| is_live(grant)).filter(own)
}

/// Proposed to confirmed: neither rejected nor reversed.
#[must_use]
pub fn is_live(grant: &Grant) -> bool {
    use forbear_engine::history::GrantState as S;
    !matches!(grant.state, S::Rejected | S::Reversed)
}
