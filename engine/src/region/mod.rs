//! Regions: where people live and where disasters are declared.
//!
//! ```text
//! pack     the built-in data: lines of text to rows
//! tree     codes to dense numbers; ancestor-or-self in constant time
//! history  codes that were abolished or lost land: where an address recorded under one lies today
//! ```
//!
//! Codes are `CN-` with six digits of GB/T 2260 (`CN-410000` province, `CN-410100` prefecture, `CN-410105` county) and
//! `US-` with FIPS digits (`US-48` state, `US-48201` county); the roots are `CN` and `US`.

mod history;
mod pack;
mod tree;

use std::fmt;

pub use tree::RegionTree;

/// A region's dense number: regions are numbered in preorder, so that what is within a region is one range.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct RegionId(u32);

impl RegionId {
    /// The number as an index into a table with [`RegionTree::len`] entries.
    #[must_use]
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// How large a region is.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Level {
    /// `CN`, `US`.
    Country,
    /// A Chinese province, a state of the US.
    Province,
    /// A Chinese prefecture.
    Prefecture,
    /// A county, or what counts as one.
    County,
}

/// Whether an address lies in an area.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Membership {
    /// All that the address's code can mean lies in the area.
    Inside,
    /// None of it does.
    Outside,
    /// Some of it does: a person has to look.
    Ambiguous,
}

/// A code that no pack has.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct UnknownRegion {
    /// The code as it was written.
    pub code: String,
    /// A code that may have been meant: the same in the usual form, or the region that would hold it.
    pub nearest: Option<Nearest>,
}

/// What may have been meant by an unknown code.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Nearest {
    /// Its code.
    pub code: String,
    /// Its full name.
    pub name: String,
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no region has the code \"{}\"", self.code)?;
        match &self.nearest {
            Some(Nearest { code, name }) => write!(f, "; the nearest is \"{code}\" ({name})"),
            None => {
                write!(f, "; write CN- and six digits of GB/T 2260, or US- and two (state) or five (county) of FIPS")
            }
        }
    }
}

impl std::error::Error for UnknownRegion {}
