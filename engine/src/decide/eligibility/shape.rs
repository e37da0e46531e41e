//! A condition over tests that stand as bits, so that most are told by comparing masks.

use super::plan::Node;
use super::sweep::{Bits, bit};
use crate::decide::truth::Truth;

/// A condition over tests that stand as bits: all of its parts, or any of them. `not` stands at the tests alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// Tests that are to hold.
    yes: u64,
    /// Tests that are not to hold.
    no: u64,
    others: Vec<Shape>,
    /// What one part decides: false where all are to hold, true where any is.
    decisive: bool,
    /// Whether a part cannot be told.
    open: bool,
}

impl Shape {
    /// Of a condition.
    pub fn of(node: &Node) -> Self {
        let mut whole = Self::empty(false);
        whole.add(node, false);
        match whole.others.pop() {
            // It is its only part.
            Some(only) if whole == Self::empty(false) => only,
            Some(last) => {
                whole.others.push(last);
                whole
            }
            None => whole,
        }
    }

    const fn empty(decisive: bool) -> Self {
        Self { yes: 0, no: 0, others: Vec::new(), decisive, open: false }
    }

    /// Adds a part, or its opposite.
    fn add(&mut self, part: &Node, negate: bool) {
        let (parts, decisive) = match part {
            Node::Test(test) => {
                let bit = bit(*test);
                *(if negate { &mut self.no } else { &mut self.yes }) |= bit;
                self.open |= bit == 0;
                return;
            }
            Node::Not(part) => return self.add(part, !negate),
            Node::Fixed(Truth::Unknown) => {
                self.open = true;
                return;
            }
            Node::Fixed(truth) => (&[][..], (*truth == Truth::True) == negate),
            Node::All(parts) => (parts.as_slice(), negate),
            Node::Any(parts) => (parts.as_slice(), !negate),
        };
        let mut own = Self::empty(decisive);
        parts.iter().for_each(|part| own.add(part, negate));
        self.others.push(own);
    }

    /// The tests that it has.
    pub fn tests(&self) -> u64 {
        self.others.iter().fold(self.yes | self.no, |sum, part| sum | part.tests())
    }

    /// Whether it is told wherever all of its tests are.
    pub fn is_closed(&self) -> bool {
        !self.open && self.others.iter().all(Self::is_closed)
    }

    /// Whether it holds, where all of its tests are told; without a branch that depends on them.
    #[inline]
    pub fn holds(&self, holds: u64) -> bool {
        // What decides is a test that fails, or one that holds.
        let decides = holds ^ u64::from(self.decisive).wrapping_sub(1);
        let decided = (self.yes & decides) | (self.no & !decides) != 0;
        (decided | (!self.others.is_empty() && self.other_decides(holds))) == self.decisive
    }

    #[inline(never)]
    fn other_decides(&self, holds: u64) -> bool {
        self.others.iter().any(|part| part.holds(holds) == self.decisive)
    }

    /// What it comes to.
    #[inline]
    pub fn truth(&self, told: Bits) -> Truth {
        let fails = !(told.holds | told.open);
        let (yes, no) = if self.decisive { (told.holds, fails) } else { (fails, told.holds) };
        if (self.yes & yes) | (self.no & no) != 0 {
            return Truth::from(self.decisive);
        }
        let open = self.open | (told.open & (self.yes | self.no) != 0);
        if self.others.is_empty() && !open { Truth::from(!self.decisive) } else { self.of_others(told, open) }
    }

    #[inline(never)]
    fn of_others(&self, told: Bits, mut open: bool) -> Truth {
        for part in &self.others {
            match part.truth(told) {
                Truth::Unknown => open = true,
                truth if truth == Truth::from(self.decisive) => return truth,
                _ => {}
            }
        }
        if open { Truth::Unknown } else { Truth::from(!self.decisive) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(node: &Node, told: Bits) -> Truth {
        match node {
            Node::Fixed(truth) => *truth,
            Node::Test(test) if *test > 63 || told.open & bit(*test) != 0 => Truth::Unknown,
            Node::Test(test) => Truth::from(told.holds & bit(*test) != 0),
            Node::Not(part) => plain(part, told).negate(),
            Node::All(parts) => parts.iter().fold(Truth::True, |sum, part| sum.and(plain(part, told))),
            Node::Any(parts) => parts.iter().fold(Truth::False, |sum, part| sum.or(plain(part, told))),
        }
    }

    #[test]
    fn a_shape_comes_to_what_its_condition_does() {
        let not = |node: Node| Node::Not(Box::new(node));
        let mut nodes: Vec<Node> = [Truth::True, Truth::False, Truth::Unknown].map(Node::Fixed).into();
        nodes.extend([0, 1, 2, 3, 64].map(Node::Test));
        for _ in 0..2 {
            let some = |from: usize, step: usize| -> Vec<Node> {
                nodes.iter().skip(from).step_by(step).take(3).cloned().collect()
            };
            let mut next = Vec::new();
            for (from, step) in [(0, 1), (0, 3), (1, 2), (2, 5), (3, 1), (4, 2), (5, 7), (3, 11)] {
                next.extend([Node::All(some(from, step)), Node::Any(some(from, step))]);
                next.extend([not(Node::All(some(from, step))), not(Node::Any(some(from, step)))]);
            }
            nodes.extend(next);
        }
        nodes.extend([Node::All(Vec::new()), Node::Any(Vec::new())]);
        for node in &nodes {
            let shape = Shape::of(node);
            for (holds, open) in (0..16).flat_map(|holds| (0..16).map(move |open| (holds & !open, open))) {
                let told = Bits { holds, open };
                if open == 0 && shape.is_closed() {
                    assert_eq!(Truth::from(shape.holds(holds)), plain(node, told), "{node:?} with {told:?}");
                }
                assert_eq!(shape.truth(told), plain(node, told), "{node:?} with {told:?}");
            }
        }
    }
}
