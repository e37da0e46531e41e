//! Near-duplicates: lines that say the same but for a slip.
//!
//! Two lines are compared in their plain form without spaces. Of the shorter one's characters up to 3 allow no edit, 4 to 7
//! one, 8 to 19 two, from 20 on a tenth of them. An edit puts in, takes out or changes one character.

use std::collections::BTreeMap;

use crate::lines::Line;
use crate::text::plain;

/// What is compared of a line.
#[derive(Debug, Clone)]
pub struct Key {
    text: String,
    length: usize,
    /// A bit for each of 64 classes of characters that it has: an edit changes two at most.
    has: u64,
}

impl Key {
    /// Of a text. One that cannot be read stands for itself.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text: String = plain(text).unwrap_or_else(|_| text.to_owned()).split_whitespace().collect();
        let has =
            text.chars().fold(0_u64, |has, char| has | (1_u64 << (u32::from(char).wrapping_mul(0x9e37_79b1) >> 26)));
        Self { length: text.chars().count(), text, has }
    }

    /// Whether both say the same but for a slip.
    #[must_use]
    pub fn is_near(&self, other: &Self) -> bool {
        let allowed = allowed(self.length.min(other.length));
        let bits = usize::try_from((self.has ^ other.has).count_ones()).unwrap_or_default();
        if self.length.abs_diff(other.length) > allowed || bits > allowed.saturating_mul(2) {
            return false;
        }
        self.text == other.text || (allowed > 0 && strsim::levenshtein(&self.text, &other.text) <= allowed)
    }
}

const fn allowed(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        8..=19 => 2,
        _ => length / 10,
    }
}

/// What was taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Removed {
    /// Near a line that is kept aside, whatever its label.
    pub near_aside: usize,
    /// The same as an earlier line, under whatever label.
    pub same: usize,
    /// Near an earlier line of the same label. (Under another label a small difference is what tells them apart.)
    pub near: usize,
}

/// The lines without near-duplicates: of each lot the first is left.
#[must_use]
pub fn without_near(lines: &[Line], aside: &[Line]) -> (Vec<Line>, Removed) {
    let aside: Vec<Key> = aside.iter().map(|line| Key::new(&line.text)).collect();
    let mut kept: Vec<Line> = Vec::with_capacity(lines.len());
    let mut seen = std::collections::BTreeSet::new();
    let mut of_label: BTreeMap<&str, Vec<Key>> = BTreeMap::new();
    let mut removed = Removed::default();
    for line in lines {
        let key = Key::new(&line.text);
        let before = of_label.entry(&line.label).or_default();
        let counted = if aside.iter().any(|other| other.is_near(&key)) {
            &mut removed.near_aside
        } else if seen.contains(&key.text) {
            &mut removed.same
        } else if before.iter().any(|other| other.is_near(&key)) {
            &mut removed.near
        } else {
            seen.insert(key.text.clone());
            before.push(key);
            kept.push(line.clone());
            continue;
        };
        *counted = counted.saturating_add(1);
    }
    (kept, removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearness_grows_with_length() {
        for (one, other, near) in [
            ("延期", "展期", false),
            ("延期！", "延 期", true),
            ("我要延期", "我想延期", true),
            ("我要延期", "我想展期", false),
            ("什么时候能批下来呢", "啥时候能批下来", false),
            ("how do i pay", "how do u pay?", true),
            ("how do i pay", "how can we pay", false),
            ("房子被水淹了这个月的贷款能不能往后推一推", "房子让水淹了这个月贷款能不能往后推一推", true),
        ] {
            assert_eq!(Key::new(one).is_near(&Key::new(other)), near, "{one} / {other}");
        }
    }

    #[test]
    fn of_each_lot_the_first_is_left() {
        let line = |label: &str, text: &str| Line { label: label.to_owned(), text: text.to_owned() };
        let lines = [
            line("a.b", "能减免利息吗"),
            line("a.b", "能减免利息么"),
            line("a.c", "能退免利息吗"),
            line("a.c", "能减免利息吗？"),
            line("a.c", "多久出结果呀"),
        ];
        let (kept, removed) = without_near(&lines, &[line("a.c", "多久出结果")]);
        assert_eq!(kept, [lines[0].clone(), lines[2].clone()]);
        assert_eq!(removed, Removed { near_aside: 1, same: 1, near: 1 });
    }
}
