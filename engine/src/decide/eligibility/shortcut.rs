//! A condition told straight from an account, as far as its tests can be.
//!
//! Parts are told in the order of what they cost: that decides nothing, since whatever is not known here is told wholly in the long way.

use chrono::NaiveDate;

use super::plan::{Node, Plan};
use super::quick::Quick;
use crate::account::Snapshot;
use crate::decide::truth::Truth;

/// A condition told straight from an account.
pub(super) enum Shortcut<'p> {
    /// A test that holds, or one that does not.
    Test {
        quick: Quick<'p>,
        negate: bool,
    },
    Not(Box<Shortcut<'p>>),
    All(Vec<Shortcut<'p>>),
    Any(Vec<Shortcut<'p>>),
    Fixed(bool),
    /// There is none.
    Longer,
}

impl<'p> Shortcut<'p> {
    pub fn of(plan: &Plan<'p>, node: &Node) -> Self {
        let several = |parts: &[Node]| {
            let mut parts: Vec<Self> = parts.iter().map(|part| Self::of(plan, part)).collect();
            parts.sort_by_key(Self::cost);
            parts
        };
        match node {
            Node::Test(test) => {
                Quick::of(plan, *test).map_or(Self::Longer, |quick| Self::Test { quick, negate: false })
            }
            Node::Not(part) => match Self::of(plan, part) {
                Self::Test { quick, negate } => Self::Test { quick, negate: !negate },
                part => Self::Not(Box::new(part)),
            },
            Node::All(parts) => Self::All(several(parts)),
            Node::Any(parts) => Self::Any(several(parts)),
            Node::Fixed(Truth::Unknown) => Self::Longer,
            Node::Fixed(truth) => Self::Fixed(*truth == Truth::True),
        }
    }

    fn cost(&self) -> u8 {
        match self {
            Self::Fixed(_) => 0,
            Self::Test { quick, .. } => quick.cost(),
            Self::Not(part) => part.cost(),
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).max().unwrap_or(0),
            Self::Longer => u8::MAX,
        }
    }

    /// Whether it holds for an account; none where that has to be told the long way.
    #[inline]
    pub fn tell(&self, account: Snapshot<'_>, today: NaiveDate) -> Option<bool> {
        match self {
            Self::Test { quick, negate } => quick.tell(account, today).map(|holds| holds != *negate),
            Self::Not(part) => part.tell(account, today).map(|holds| !holds),
            Self::All(parts) => Self::each(parts, false, account, today),
            Self::Any(parts) => Self::each(parts, true, account, today),
            Self::Fixed(holds) => Some(*holds),
            Self::Longer => None,
        }
    }

    #[inline]
    fn each(parts: &[Self], decisive: bool, account: Snapshot<'_>, today: NaiveDate) -> Option<bool> {
        for part in parts {
            let holds = match part {
                Self::Test { quick, negate } => quick.tell(account, today)? != *negate,
                part => part.tell(account, today)?,
            };
            if holds == decisive {
                return Some(decisive);
            }
        }
        Some(!decisive)
    }
}
