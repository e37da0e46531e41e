//! Where an account is counted.

use chrono::NaiveDate;
use forbear_engine::account::Snapshot;
use forbear_engine::account::snapshots::ReportedAddress;
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
pub fn place(account: Snapshot<'_>, on: NaiveDate) -> Place {
    // Of one role the latest, of two of the same day the first borrower's; of several roles the first.
    let mut found: Option<(usize, ReportedAddress<'_>)> = None;
    for address in account.addresses_of_borrowers() {
        let held =
            address.valid_from.is_none_or(|from| from <= on) && address.valid_until.is_none_or(|until| on <= until);
        let role = ROLES.iter().position(|role| *role == address.role);
        let (Some(role), true) = (role, held) else { continue };
        if found.is_none_or(|(known, best)| (role, best.valid_from) < (known, address.valid_from)) {
            found = Some((role, address));
        }
    }
    found.map_or(Place::NotReported, |(_, address)| address.lies_in.map_or(Place::UnknownCode, Place::In))
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
