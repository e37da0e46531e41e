//! Use cases: load, decide, save. Each is one transaction, or a read.
//!
//! | room | what it does |
//! |---|---|
//! | [`policy`] | versions: drafted, checked, submitted, approved, in force, withdrawn; the shelf of compiled ones |
//! | [`event`] | declarations: made, amended, closed |
//! | [`navigator`] | what a person says taken to a question, answered from what is in force and from their case |
//! | [`account`] | snapshots in; who people are, sealed |
//! | [`relief`] | requests, decisions, grants: proposed, approved, posted, confirmed, reversed; budgets; the journal |
//! | [`evidence`] | what borrowers show: taken, judged, shown, erased |
//! | [`audit`] | the log of what happened, sealed |
//! | [`outbox`] | what goes out to others, tried again until they have it |
//! | [`care`] | alerts taken in, drafts of declarations, emergency channels, outreach, whom one may contact; contacts, cases, complaints, messages that come in |
//! | [`chronicle`] | what became of a disaster, or of a year |
//! | [`review`] | what waits for a person |
//! | [`standing`] | counts of what waits |
//! | [`access`] | who somebody is and what they may do |

pub mod access;
pub mod account;
pub mod audit;
pub mod care;
pub mod chronicle;
pub mod error;
pub mod event;
pub mod evidence;
pub mod navigator;
pub mod once;
pub mod outbox;
pub mod policy;
pub mod relief;
pub mod review;
pub mod standing;

use std::sync::Arc;

use forbear_engine::dates::Calendar;
use forbear_engine::policy::facts::Attributes;

pub use self::error::{Problem, Served, ServiceError};
pub use crate::store::Connection as Conn;
pub use crate::store::StoreError;
pub use crate::store::id as reference;

use self::access::settings::AccessSettings;
use self::access::token::Tokens;
use self::care::CareSettings;
use self::policy::shelf::Shelf;
use self::relief::settings::ReliefSettings;
use self::relief::stateless::{Grounds, Ready};
use crate::clock::Clock;
use crate::secret::KeyRing;
use crate::store::Store;
use crate::store::recall::Recall;

/// What every use case works with.
#[derive(Clone)]
pub struct Service {
    /// What is kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The lender's own facts and working days.
    pub lender: Arc<Lender>,
    shelf: Arc<Shelf>,
    grounds: Arc<Recall<Grounds, Arc<Ready>>>,
    tokens: Arc<Tokens>,
    keys: Option<Arc<KeyRing>>,
    access: Arc<AccessSettings>,
    relief: Arc<ReliefSettings>,
    care: Arc<CareSettings>,
}

/// What a lender sets once.
#[derive(Debug, Clone, Default)]
pub struct Lender {
    /// The types of its own facts.
    pub attributes: Attributes,
    /// Its working days.
    pub calendar: Calendar,
}

impl Service {
    /// Over a store.
    #[must_use]
    pub fn new(store: Store, clock: Clock, lender: Lender) -> Self {
        Self {
            store,
            clock,
            lender: Arc::new(lender),
            shelf: Arc::new(Shelf::default()),
            grounds: Arc::default(),
            tokens: Arc::default(),
            keys: None,
            access: Arc::new(AccessSettings::default()),
            relief: Arc::new(ReliefSettings::default()),
            care: Arc::new(CareSettings::default()),
        }
    }

    /// With the keys that seal who people are. Without them nobody's name is taken or read.
    #[must_use]
    pub fn with_keys(self, keys: KeyRing) -> Self {
        Self { keys: Some(Arc::new(keys)), ..self }
    }

    /// With the lender's settings of who gets in.
    #[must_use]
    pub fn with_access(self, access: AccessSettings) -> Self {
        Self { access: Arc::new(access), ..self }
    }

    /// With the lender's settings of how requests are taken and looked at.
    #[must_use]
    pub fn with_relief(self, relief: ReliefSettings) -> Self {
        Self { relief: Arc::new(relief), ..self }
    }

    /// With the lender's settings of care.
    #[must_use]
    pub fn with_care(self, care: CareSettings) -> Self {
        Self { care: Arc::new(care), ..self }
    }

    /// The lender's settings of care.
    #[must_use]
    pub fn care(&self) -> &CareSettings {
        &self.care
    }

    /// The keys.
    fn keys(&self) -> Served<&KeyRing> {
        self.keys.as_deref().ok_or_else(|| ServiceError::unknown("the file of keys is not open"))
    }
}
