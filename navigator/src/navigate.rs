//! From what a person says to a question, or to a person and why.

use serde::Serialize;

use crate::lines::{OUTSIDE, PERSON};
use crate::model::{Model, digest};
use crate::person;
use crate::questions::{Questions, scenario};
use crate::text::{is_han, plain};
use crate::train::latin_words;
use crate::weigh::Sparse;
use crate::words::Segmenter;

/// The model that is shipped.
pub const SHIPPED: &[u8] = include_bytes!("../model.bin");
/// The questions that are shipped.
pub const QUESTIONS: &str = include_str!("../questions.json");
/// How many are named behind the best.
const RUNNERS_UP: usize = 3;
/// Words in other Latin letters than English, from which on it is another language.
const FEW_WORDS: usize = 3;

/// Why a person takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was asked for.
    AskedForPerson,
    /// No question is far enough ahead.
    Unsure,
    /// It belongs to none of the questions.
    Outside,
    /// Nothing can be made of it: empty, too long, another script or language.
    Unreadable,
}

impl Why {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AskedForPerson => "asked_for_person",
            Self::Unsure => "unsure",
            Self::Outside => "outside",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A question that it may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Near {
    /// `scenario.question`.
    pub question: String,
    /// Its score, in thousandths: one is sure, minus one sure not.
    pub score: i64,
}

/// What was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// The question; none: a person takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The scenario it is most likely about, also where a person takes over: whose queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Of a thousand such answers, how many are right.
    pub confidence: u16,
    /// Why a person takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// What comes next, best first; where a person takes over, with the best.
    pub runners_up: Vec<Near>,
}

/// Takes what is said to a question. Made once, used by many threads.
pub struct Navigator {
    segmenter: Segmenter,
    model: Model,
    questions: Questions,
    digest: String,
}

impl Navigator {
    /// With what is shipped.
    ///
    /// # Errors
    /// Model and questions do not belong together.
    pub fn shipped() -> Result<Self, String> {
        Self::new(SHIPPED, Questions::read(QUESTIONS)?)
    }

    /// With a model in a file.
    ///
    /// # Errors
    /// It cannot be read, or knows other questions.
    pub fn new(model: &[u8], questions: Questions) -> Result<Self, String> {
        let read = Model::read(model)?;
        let labels = questions.all().iter().map(|question| question.label.as_str()).chain([OUTSIDE, PERSON]);
        if !read.classes.iter().map(String::as_str).eq(labels) {
            return Err("the model was trained for other questions: train it anew".to_owned());
        }
        Ok(Self { segmenter: Segmenter::default(), model: read, questions, digest: digest(model) })
    }

    /// The questions.
    #[must_use]
    pub const fn questions(&self) -> &Questions {
        &self.questions
    }

    /// SHA-256 of the model's file: its version.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What a person says.
    #[must_use]
    pub fn hear(&self, text: &str) -> Heard {
        let Ok(plain) = plain(text) else { return person(Why::Unreadable) };
        let asked_for = person::is_asked_for(&plain);
        if !asked_for && self.is_another_language(&plain) {
            return person(Why::Unreadable);
        }
        let heard = self.judge(&self.model.rarity.vector(&crate::features::features(&self.segmenter, &plain)));
        // What else was said still tells whose queue it is.
        if asked_for { Heard { question: None, why: Some(Why::AskedForPerson), ..heard } } else { heard }
    }

    fn judge(&self, vector: &Sparse) -> Heard {
        let ranked = self.model.ranked(vector);
        let lead = ranked.lead();
        let Some((best, score)) = ranked.questions.first().copied() else { return person(Why::Outside) };
        let why = if lead > i64::from(self.model.gate) {
            None
        } else if score > ranked.outside.max(ranked.person) {
            Some(Why::Unsure)
        } else if ranked.person > ranked.outside {
            Some(Why::AskedForPerson)
        } else {
            Some(Why::Outside)
        };
        let behind = ranked.questions.iter().skip(usize::from(why.is_none())).take(RUNNERS_UP);
        Heard {
            question: why.is_none().then(|| best.to_owned()),
            scenario: Some(scenario(best).to_owned()),
            confidence: self.model.confidence(lead),
            why,
            runners_up: behind
                .map(|(label, score)| Near { question: (*label).to_owned(), score: thousandths(*score) })
                .collect(),
        }
    }

    /// Whether most of it are words in Latin letters that no line has.
    fn is_another_language(&self, plain: &str) -> bool {
        if plain.chars().any(is_han) {
            return false;
        }
        let (all, known) = latin_words(plain).fold((0_usize, 0_usize), |(all, known), word| {
            let found = self.model.latin.binary_search(&word).is_ok();
            (all.saturating_add(1), known.saturating_add(usize::from(found)))
        });
        all >= FEW_WORDS && known.saturating_mul(2) < all
    }
}

fn thousandths(score: i64) -> i64 {
    score.saturating_mul(1_000) >> 20
}

fn person(why: Why) -> Heard {
    Heard { question: None, scenario: None, confidence: 0, why: Some(why), runners_up: Vec::new() }
}
