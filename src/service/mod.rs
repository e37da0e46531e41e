//! Use cases: load, decide, save. Each is one transaction, or a read.
//!
//! | room | what it does |
//! |---|---|
//! | [`policy`] | versions: drafted, checked, submitted, approved, in force, withdrawn; the shelf of compiled ones |
//! | [`event`] | declarations: made, amended, closed |
//! | [`navigator`] | what a person says taken to a question, answered from what is in force and from their case |
//! | [`account`] | snapshots in; who people are, sealed |
//! | [`relief`] | requests, decisions, grants: proposed, approved, posted, confirmed, reversed; budgets; the journal |
//! | [`audit`] | the log of what happened, sealed |
//! | [`review`] | what waits for a person |
//! | [`standing`] | counts of what waits |
//! | [`access`] | who somebody is and what they may do |

pub mod access;
pub mod account;
pub mod audit;
pub mod error;
pub mod event;
pub mod navigator;
pub mod once;
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
use self::policy::shelf::Shelf;
use crate::clock::Clock;
use crate::secret::KeyRing;
use crate::store::Store;

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
    keys: Option<Arc<KeyRing>>,
    access: Arc<AccessSettings>,
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
            keys: None,
            access: Arc::new(AccessSettings::default()),
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

    /// The keys.
    fn keys(&self) -> Served<&KeyRing> {
        self.keys.as_deref().ok_or_else(|| ServiceError::unknown("the file of keys is not open"))
    }
}
