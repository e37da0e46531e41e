//! Care: alerts from outside become drafts of declarations, which wait for a care lead.
//!
//! ```text
//! feeding (files, folders, addresses) ─► bytes
//!
//! bytes ─► reading (read, known?, placed) ─► taking ─► draft (one for each incident of a sender)
//!                                              │          └─ gathering: under one event
//!                                              └─► refused, by name
//! draft ─► edited ─► confirmed ─► declaration ◄─ amended, where a person accepts what the sender changed since
//!       └► dropped, withdrawn
//! ```
//!
//! [`channel`] is what is opened for a declaration, [`outreach`] how people hear of it; [`contact`]s of people come through it, each in
//! a [`case`], and so do [`complaint`]s and text messages ([`sms`]). [`flag`] is what one has to mind of people, [`guard`] whom one may
//! contact. Nothing here declares or opens anything by itself.

pub mod case;
pub mod channel;
pub mod complaint;
pub mod confirming;
pub mod contact;
pub mod drafting;
pub mod feeding;
pub mod flag;
pub mod gathering;
pub mod guard;
pub mod mapping;
pub mod outreach;
pub mod proposing;
pub mod reading;
pub mod reporting;
pub mod sms;
pub mod taking;

pub use crate::store::alert::{AlertRow, RefusalRow};
pub use crate::store::draft::{DraftRow, Of};
pub use crate::store::feed::FeedRow;
pub use crate::store::flag::FlagRow;
pub use crate::store::proposal::ProposalRow;

use std::sync::Arc;

use self::channel::level::ResponseTable;
use self::contact::script::{self, Script};
use self::outreach::settings::{ContactRules, Outreach};
use crate::secret::Hidden;

/// What a lender sets of care.
#[derive(Debug, Clone)]
pub struct CareSettings {
    /// Which facts make which response level.
    pub response: ResponseTable,
    /// Who is told of channels, by name.
    pub subscribers: Vec<String>,
    /// The words that are read to callers before somebody acts for them.
    pub scripts: Vec<Script>,
    /// What the gateway signs the messages with that come in; none where none do.
    pub gateway: Option<Hidden<Vec<u8>>>,
    /// When and how often somebody may be contacted.
    pub contact_rules: ContactRules,
    /// What people are told when a channel opens; none where they are told nothing.
    pub outreach: Option<Arc<Outreach>>,
}

impl Default for CareSettings {
    fn default() -> Self {
        Self {
            response: ResponseTable::shipped(),
            subscribers: Vec::new(),
            scripts: script::shipped(),
            gateway: None,
            contact_rules: ContactRules::default(),
            outreach: None,
        }
    }
}
