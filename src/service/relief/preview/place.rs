//! Where an account is counted.

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::account::snapshot::{Address, PartyRole};
use forbear_engine::region::{Level, RegionId, RegionTree};

/// Where an account is counted: where its first borrower lived when the incident began, else where the mortgaged
/// house, the business or the workplace was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A region, as its code was recorded.
    In(RegionId),
    /// The code is in no pack.
    UnknownCode,
    /// No address is reported for that day.
    NotReported,
}

/// Roles, the one that counts most first.
const ROLES: [&str; 4] = ["home", "property", "business", "work"];

/// The place of an account on a day.
#[must_use]
pub fn place(account: &Account, on: NaiveDate, regions: &RegionTree) -> Place {
    let parties = account.parties.iter().flatten();
    let borrowers = parties.filter(|party| matches!(party.role, PartyRole::Borrower | PartyRole::CoBorrower));
    let addresses: Vec<&Address> = borrowers.flat_map(|party| party.addresses.iter().flatten()).collect();
    let held = |address: &&&Address| {
        address.valid_from.is_none_or(|from| from <= on) && address.valid_until.is_none_or(|until| on <= until)
    };
    let latest = |role: &str| {
        let own = addresses.iter().filter(|address| address.role == role).filter(held);
        // Of two of the same day, the borrower who stands first.
        own.rev().max_by_key(|address| address.valid_from)
    };
    match ROLES.into_iter().find_map(latest) {
        None => Place::NotReported,
        Some(address) => regions.find(&address.region).map_or(Place::UnknownCode, Place::In),
    }
}

impl Place {
    /// The province or state that holds it; itself where there is none.
    #[must_use]
    pub fn province(self, regions: &RegionTree) -> Self {
        let Self::In(id) = self else { return self };
        let mut chain = std::iter::successors(Some(id), |id| regions.parent(*id));
        Self::In(chain.find(|id| regions.level(*id) == Level::Province).unwrap_or(id))
    }

    /// The region's code; empty where there is none.
    #[must_use]
    pub fn code(self, regions: &RegionTree) -> &str {
        match self {
            Self::In(id) => regions.code(id),
            Self::UnknownCode | Self::NotReported => "",
        }
    }
}
