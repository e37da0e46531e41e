//! Training: lines in, a model out. The same lines give the same bytes, on any machine and any number of threads: whole
//! numbers only, a fixed order, and classes that do not know of each other.

use rayon::prelude::*;

use crate::features::{Feature, Number, features};
use crate::lines::{Line, OUTSIDE, PERSON};
use crate::model::{Model, Sure};
use crate::near::{Removed, without_near};
use crate::questions::Questions;
use crate::svm::separate;
use crate::text::{is_han, plain};
use crate::weigh::{Rarity, Sparse};
use crate::words::Segmenter;

/// The table has two to this many places.
const BITS: u8 = 17;
/// Parts that each is judged by what the others teach.
const FOLDS: usize = 4;
/// A gate this much worse than the best, in thousandths, is as good: the standard error of a share of the thousand lines of
/// none of the questions.
const AS_GOOD: usize = 10;
/// Steps of confidence.
const STEPS: usize = 16;

/// What came of training.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Model,
    /// Lines that it was trained on.
    pub lines: usize,
    /// What was taken out before.
    pub removed: Removed,
    /// Lines that could not be read.
    pub unreadable: usize,
}

/// A line made ready.
struct Ready {
    class: usize,
    features: Vec<Feature>,
}

/// Trains on lines, near-duplicates of what is kept aside taken out.
///
/// # Errors
/// A question has no lines.
pub fn train(segmenter: &Segmenter, questions: &Questions, lines: &[Line], aside: &[Line]) -> Result<Trained, String> {
    let (lines, removed) = without_near(lines, aside);
    let mut classes: Vec<String> = questions.all().iter().map(|question| question.label.clone()).collect();
    classes.extend([OUTSIDE.to_owned(), PERSON.to_owned()]);
    if let Some(bare) = classes.iter().find(|class| !lines.iter().any(|line| line.label == **class)) {
        return Err(format!("no line of {bare} is left to train on"));
    }
    let ready: Vec<Option<Ready>> = lines.par_iter().map(|line| make_ready(segmenter, &classes, line)).collect();
    let unreadable = ready.iter().filter(|ready| ready.is_none()).count();
    let ready: Vec<Ready> = ready.into_iter().flatten().collect();
    let everything: Vec<&Ready> = ready.iter().collect();
    let mut model = learn(&classes, &everything, latin(&lines));
    (model.gate, model.sure) = judge(&classes, &ready);
    Ok(Trained { model, lines: ready.len(), removed, unreadable })
}

fn make_ready(segmenter: &Segmenter, classes: &[String], line: &Line) -> Option<Ready> {
    let class = classes.iter().position(|class| *class == line.label)?;
    let features = features(segmenter, &plain(&line.text).ok()?);
    Some(Ready { class, features })
}

fn learn(classes: &[String], ready: &[&Ready], latin: Vec<u32>) -> Model {
    let rarity = Rarity::count(BITS, ready.iter().map(|ready| ready.features.as_slice()));
    let vectors: Vec<Sparse> = ready.par_iter().map(|ready| rarity.vector(&ready.features)).collect();
    let plane = |class: usize| {
        let is_of: Vec<bool> = ready.iter().map(|ready| ready.class == class).collect();
        separate(rarity.by_place.len(), &vectors, &is_of)
    };
    let planes: Vec<_> = (0..classes.len()).into_par_iter().map(plane).collect();
    Model::new(classes.to_vec(), rarity, &planes, latin)
}

/// The gate and the steps of confidence, from lines that the model judging them has not seen.
fn judge(classes: &[String], ready: &[Ready]) -> (i32, Vec<Sure>) {
    let (mut outside, mut all) = (Vec::new(), Vec::new());
    for fold in 0..FOLDS {
        let (rest, own): (Vec<_>, Vec<_>) = ready.iter().enumerate().partition(|(at, _)| at % FOLDS != fold);
        let model = learn(classes, &rest.into_iter().map(|(_, ready)| ready).collect::<Vec<_>>(), Vec::new());
        for (_, ready) in own {
            let ranked = model.ranked(&model.rarity.vector(&ready.features));
            let lead = i32::try_from(ranked.lead()).unwrap_or(i32::MIN);
            let label = classes.get(ready.class).map_or(OUTSIDE, String::as_str);
            all.push((lead, ranked.questions.first().is_some_and(|(best, _)| *best == label)));
            if label == OUTSIDE || label == PERSON {
                outside.push(lead);
            }
        }
    }
    (gate(&all, &mut outside), steps(all))
}

/// Where to be sure: the share of question lines that are answered right and the share of other lines that go to a person
/// are added, and of the gates as good as the best one the lowest is taken, because it sends fewest people on.
fn gate(all: &[(i32, bool)], outside: &mut [i32]) -> i32 {
    outside.sort_unstable();
    let mut right: Vec<i32> = all.iter().filter(|(_, right)| *right).map(|(lead, _)| *lead).collect();
    right.sort_unstable();
    let asked = all.len().saturating_sub(outside.len()).max(1);
    let worth = |gate: i32| {
        let answered = right.len().saturating_sub(right.partition_point(|lead| *lead <= gate));
        let kept_out = outside.partition_point(|lead| *lead <= gate);
        let [answered, kept_out] =
            [answered.saturating_mul(1_000) / asked, kept_out.saturating_mul(1_000) / outside.len().max(1)];
        answered.saturating_add(kept_out)
    };
    let gates: Vec<(i32, usize)> = outside.iter().map(|gate| (*gate, worth(*gate))).collect();
    let best = gates.iter().map(|(_, worth)| *worth).max().unwrap_or_default();
    gates.iter().find(|(_, worth)| worth.saturating_add(AS_GOOD) >= best).map_or(0, |(gate, _)| *gate)
}

/// How many were right at each step of the lead; never fewer with a larger one.
fn steps(mut all: Vec<(i32, bool)>) -> Vec<Sure> {
    all.sort_unstable();
    let mut least = 0;
    let step = |part: &[(i32, bool)]| {
        let right = part.iter().filter(|(_, right)| *right).count();
        let share = right.saturating_mul(1_000).checked_div(part.len()).and_then(|share| u16::try_from(share).ok());
        least = share.unwrap_or_default().max(least);
        part.first().map(|(lead, _)| Sure { lead: *lead, per_mille: least })
    };
    all.chunks(all.len().div_ceil(STEPS).max(1)).filter_map(step).collect()
}

/// The numbers of all words in Latin letters.
fn latin(lines: &[Line]) -> Vec<u32> {
    let plain: Vec<String> = lines.iter().filter_map(|line| plain(&line.text).ok()).collect();
    let mut words: Vec<u32> = plain.iter().flat_map(|text| latin_words(text)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The numbers of the words in Latin letters of a plain text.
pub fn latin_words(plain: &str) -> impl Iterator<Item = u32> {
    let words = plain.split(|char| char == ' ' || char == '0' || is_han(char)).filter(|word| !word.is_empty());
    words.map(|word| {
        let mut number = Number::new(b'l');
        number.take(word.as_bytes());
        u32::try_from(number.end() & u64::from(u32::MAX)).unwrap_or_default()
    })
}
