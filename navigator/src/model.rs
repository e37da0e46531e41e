//! What training leaves: for each place of the table the classes that it speaks for or against, and when to be sure.
//! Weights are a signed byte each, scaled by class; the small ones are left out.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::lines::{OUTSIDE, PERSON};
use crate::questions::scenario;
use crate::svm::Plane;
use crate::weigh::{ONE, Rarity, Sparse, index};

/// The first bytes of a file; the last one is the version of the form.
const MARK: [u8; 5] = *b"FNAV\x01";
/// A byte's largest weight.
const TOP: i64 = 127;
/// Weights below it are left out.
const LEAST: i64 = 2;

/// How sure one may be from a lead on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sure {
    /// From this lead over the outside classes on, in parts of 2^20.
    pub lead: i32,
    /// Of a thousand lines with such a lead this many were right.
    pub per_mille: u16,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Labels, in order of their numbers.
    pub classes: Vec<String>,
    /// How rare features are.
    pub rarity: Rarity,
    /// Where the entries of each place begin; one more than there are places.
    starts: Vec<u32>,
    entries: Vec<(u8, i8)>,
    scales: Vec<i32>,
    biases: Vec<i32>,
    /// The least lead with which a question is answered.
    pub gate: i32,
    /// Rising.
    pub sure: Vec<Sure>,
    /// Numbers of the words in Latin letters that lines have; rising.
    pub latin: Vec<u32>,
}

impl Model {
    /// From a plane for each class.
    #[must_use]
    pub fn new(classes: Vec<String>, rarity: Rarity, planes: &[Plane], latin: Vec<u32>) -> Self {
        let largest =
            |plane: &Plane| plane.weights.iter().map(|weight| weight.saturating_abs()).max().unwrap_or(1).max(1);
        let scales: Vec<i32> = planes.iter().map(largest).collect();
        let (mut starts, mut entries) = (vec![0_u32], Vec::new());
        for place in 0..rarity.by_place.len() {
            for ((number, plane), scale) in (0_u8..).zip(planes).zip(&scales) {
                let weight = plane.weights.get(place).copied().unwrap_or_default();
                let byte = rounded(i64::from(weight).saturating_mul(TOP), i64::from(*scale));
                if byte.saturating_abs() >= LEAST {
                    entries.push((number, i8::try_from(byte).unwrap_or_default()));
                }
            }
            starts.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        }
        let biases = planes.iter().map(|plane| plane.bias).collect();
        Self { classes, rarity, starts, entries, scales, biases, gate: 0, sure: Vec::new(), latin }
    }

    /// The score of each class, in parts of 2^20.
    #[must_use]
    pub fn scores(&self, text: &Sparse) -> Vec<i64> {
        let mut sums = vec![0_i64; self.classes.len()];
        for (place, part) in text {
            let at = index(*place);
            let (start, end) = (self.starts.get(at), self.starts.get(at.saturating_add(1)));
            let (Some(start), Some(end)) = (start, end) else { continue };
            for (class, byte) in self.entries.get(index(*start)..index(*end)).unwrap_or_default() {
                if let Some(sum) = sums.get_mut(usize::from(*class)) {
                    *sum = sum.saturating_add(i64::from(*byte).saturating_mul(i64::from(*part)));
                }
            }
        }
        let whole = |((sum, scale), bias): ((i64, &i32), &i32)| {
            rounded(sum.saturating_mul(i64::from(*scale)), TOP.saturating_mul(i64::from(ONE)))
                .saturating_add(i64::from(*bias))
        };
        sums.into_iter().zip(&self.scales).zip(&self.biases).map(whole).collect()
    }

    /// The questions by score, best first, and the scores of outside and person.
    #[must_use]
    pub fn ranked(&self, text: &Sparse) -> Ranked<'_> {
        let scores = self.scores(text);
        let mut ranked = Ranked { questions: Vec::with_capacity(scores.len()), outside: i64::MIN, person: i64::MIN };
        for (class, score) in self.classes.iter().zip(scores) {
            match class.as_str() {
                OUTSIDE => ranked.outside = score,
                PERSON => ranked.person = score,
                question => ranked.questions.push((question, score)),
            }
        }
        ranked.questions.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        // The scenario is told before the question: what is said may be near several questions of one.
        if let Some(voted) = voted(&ranked.questions)
            && let Some(at) = ranked.questions.iter().position(|(label, _)| scenario(label) == voted)
        {
            ranked.questions.get_mut(..=at).unwrap_or_default().rotate_right(1);
        }
        ranked
    }

    /// Of a thousand answers with such a lead, how many are right.
    #[must_use]
    pub fn confidence(&self, lead: i64) -> u16 {
        let below = self.sure.iter().rev().find(|sure| i64::from(sure.lead) <= lead).or(self.sure.first());
        below.map_or(0, |sure| sure.per_mille)
    }

    /// As a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = File(MARK.to_vec());
        file.0.push(self.rarity.bits);
        file.count(self.classes.len());
        for ((class, scale), bias) in self.classes.iter().zip(&self.scales).zip(&self.biases) {
            file.count(class.len());
            file.0.extend(class.as_bytes());
            file.0.extend(scale.to_le_bytes());
            file.0.extend(bias.to_le_bytes());
        }
        file.0.extend(self.gate.to_le_bytes());
        file.count(self.sure.len());
        for sure in &self.sure {
            file.0.extend(sure.lead.to_le_bytes());
            file.0.extend(sure.per_mille.to_le_bytes());
        }
        file.count(self.latin.len());
        self.latin.iter().for_each(|word| file.0.extend(word.to_le_bytes()));
        for (rare, ends) in self.rarity.by_place.iter().zip(self.starts.windows(2)) {
            let [start, end] = ends else { continue };
            let row = self.entries.get(index(*start)..index(*end)).unwrap_or_default();
            file.0.extend(rare.to_le_bytes());
            file.0.push(u8::try_from(row.len()).unwrap_or(u8::MAX));
            for (class, byte) in row {
                file.0.push(*class);
                file.0.extend(byte.to_le_bytes());
            }
        }
        file.0
    }

    /// From a file.
    ///
    /// # Errors
    /// It is none, of another version, or cut off.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut rest = bytes.strip_prefix(&MARK).ok_or("no model of this version: train it anew")?;
        read_body(&mut rest).filter(|_| rest.is_empty()).ok_or("the model is cut off or goes on behind its end")
    }
}

/// Classes by score.
#[derive(Debug)]
pub struct Ranked<'m> {
    /// The best of the likeliest scenario, then all others, best first.
    pub questions: Vec<(&'m str, i64)>,
    /// Belongs to none.
    pub outside: i64,
    /// Asks for a person.
    pub person: i64,
}

impl Ranked<'_> {
    /// By how much the best question leads over both outside classes.
    #[must_use]
    pub fn lead(&self) -> i64 {
        let best = self.questions.first().map_or(i64::MIN / 4, |(_, score)| *score);
        best.saturating_sub(self.outside.max(self.person).max(i64::MIN / 4))
    }
}

/// The scenario that its questions speak for, together: each with the cube of what its score is above minus one. (Judged on
/// lines left out of training: the best question alone finds the scenario one per cent of lines less often.)
fn voted<'m>(questions: &[(&'m str, i64)]) -> Option<&'m str> {
    let mut votes: BTreeMap<&str, i64> = BTreeMap::new();
    for (label, score) in questions {
        let above = score.saturating_add(1 << 20).max(0) >> 6;
        let vote = votes.entry(scenario(label)).or_default();
        *vote = vote.saturating_add(above.saturating_mul(above).saturating_mul(above));
    }
    votes.into_iter().rev().max_by_key(|(_, vote)| *vote).map(|(scenario, _)| scenario)
}

/// The SHA-256 digest of a file, as hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn rounded(number: i64, by: i64) -> i64 {
    let half = if number < 0 { by / -2 } else { by / 2 };
    number.saturating_add(half).checked_div(by).unwrap_or_default()
}

struct File(Vec<u8>);

impl File {
    fn count(&mut self, count: usize) {
        self.0.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

fn number(rest: &mut &[u8]) -> Option<i32> {
    take(rest).map(i32::from_le_bytes)
}

/// How many follow; no more than there can be.
fn count(rest: &mut &[u8]) -> Option<usize> {
    let count = usize::try_from(u32::from_le_bytes(take(rest)?)).ok()?;
    (count <= rest.len()).then_some(count)
}

fn read_body(rest: &mut &[u8]) -> Option<Model> {
    let [bits] = take(rest)?;
    if bits > 24 {
        return None;
    }
    let (mut classes, mut scales, mut biases) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count(rest)? {
        let length = count(rest)?;
        let (name, after) = rest.split_at_checked(length)?;
        *rest = after;
        classes.push(std::str::from_utf8(name).ok()?.to_owned());
        scales.push(number(rest)?);
        biases.push(number(rest)?);
    }
    let gate = number(rest)?;
    let (mut sure, mut latin) = (Vec::new(), Vec::new());
    for _ in 0..count(rest)? {
        sure.push(Sure { lead: number(rest)?, per_mille: u16::from_le_bytes(take(rest)?) });
    }
    for _ in 0..count(rest)? {
        latin.push(u32::from_le_bytes(take(rest)?));
    }
    let (mut by_place, mut starts, mut entries) = (Vec::new(), vec![0_u32], Vec::new());
    for _ in 0..(1_usize << bits) {
        by_place.push(u16::from_le_bytes(take(rest)?));
        let [length] = take(rest)?;
        for _ in 0..length {
            let [class, byte] = take(rest)?;
            entries.push((class, i8::from_le_bytes([byte])));
        }
        starts.push(u32::try_from(entries.len()).ok()?);
    }
    Some(Model { classes, rarity: Rarity { bits, by_place }, starts, entries, scales, biases, gate, sure, latin })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        let rarity = Rarity { bits: 1, by_place: vec![256, 300] };
        let plane = |first, second, bias| Plane { weights: vec![first, second], bias };
        let planes = [plane(1_270, -40, 5), plane(10, 2_540, -7)];
        let model = Model::new(vec!["a.b".to_owned(), OUTSIDE.to_owned()], rarity, &planes, vec![3, 9]);
        Model { gate: -4, sure: vec![Sure { lead: 0, per_mille: 500 }, Sure { lead: 9, per_mille: 900 }], ..model }
    }

    #[test]
    fn scores_are_those_of_the_planes_but_for_what_is_small() {
        // Bytes: 127 and −4 of 1,270; 10 of 2,540 is half of one of 127ths: left out. One unit of each place:
        assert_eq!(model().scores(&vec![(0, ONE)]), [1_270 + 5, -7]);
        assert_eq!(model().scores(&vec![(1, ONE)]), [-40 + 5, 2_540 - 7]);
        assert_eq!(model().confidence(-3), 500);
        assert_eq!(model().confidence(9), 900);
    }

    #[test]
    fn a_file_is_read_as_written_and_a_broken_one_refused() {
        let bytes = model().to_bytes();
        assert_eq!(Model::read(&bytes), Ok(model()));
        for end in 0..bytes.len() {
            assert!(Model::read(&bytes[..end]).is_err(), "{end}");
        }
        assert!(Model::read(&[bytes.as_slice(), b"x"].concat()).is_err());
    }
}
