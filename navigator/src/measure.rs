//! How well it does, on lines with labels that it was not trained on.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lines::Line;
use crate::navigate::{Navigator, Why};
use crate::questions::scenario;

/// A share: so many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// So many.
    pub of: usize,
    /// In all.
    pub all: usize,
}

impl Share {
    /// Counts one more.
    fn count(&mut self, yes: bool) {
        self.of = self.of.saturating_add(usize::from(yes));
        self.all = self.all.saturating_add(1);
    }

    /// In thousandths, rounded down.
    #[must_use]
    pub fn per_mille(self) -> usize {
        self.of.saturating_mul(1_000).checked_div(self.all).unwrap_or_default()
    }
}

/// One question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OfQuestion {
    /// Of its lines, how many found it.
    pub recall: Share,
    /// Of what was taken to it, how much is its own.
    pub precision: Share,
    /// Of its lines, how many went to a person.
    pub to_a_person: usize,
    /// What its other lines were taken for.
    pub taken_for: BTreeMap<String, usize>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Lines of questions that found their question. One that went to a person did not.
    pub question: Share,
    /// Lines of questions of which the scenario was named right, as an answer or as the queue of the person.
    pub scenario: Share,
    /// The same, where a line that went to a person counts as not found.
    pub scenario_answered: Share,
    /// Of what was answered, how much was right; lines of none of the questions included.
    pub answered_right: Share,
    /// Lines of none of the questions that went to a person.
    pub outside: Share,
    /// Chinese lines of questions that found theirs, and the others.
    pub chinese: Share,
    /// See there.
    pub english: Share,
    /// Lines of questions that went to a person, by why.
    pub refused: BTreeMap<&'static str, usize>,
    /// By label.
    pub questions: BTreeMap<String, OfQuestion>,
    /// What lines of none of the questions were taken for.
    pub outside_taken_for: BTreeMap<String, usize>,
}

/// Measures.
#[must_use]
pub fn measure(navigator: &Navigator, lines: &[Line]) -> Measured {
    let mut measured = Measured::default();
    for question in navigator.questions().all() {
        measured.questions.insert(question.label.clone(), OfQuestion::default());
    }
    for line in lines {
        let heard = navigator.hear(&line.text);
        if let Some(taken_for) = &heard.question {
            measured.answered_right.count(*taken_for == line.label);
            if let Some(own) = measured.questions.get_mut(taken_for) {
                own.precision.count(*taken_for == line.label);
            }
        }
        if navigator.questions().find(&line.label).is_some() {
            measured.of_a_question(line, heard.question.as_deref(), heard.scenario.as_deref(), heard.why);
        } else {
            measured.outside.count(heard.question.is_none());
            if let Some(taken_for) = heard.question {
                let count = measured.outside_taken_for.entry(taken_for).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    measured
}

impl Measured {
    fn of_a_question(&mut self, line: &Line, question: Option<&str>, named: Option<&str>, why: Option<Why>) {
        let found = question == Some(line.label.as_str());
        let right = named == Some(scenario(&line.label));
        self.question.count(found);
        self.scenario.count(right);
        self.scenario_answered.count(right && question.is_some());
        let chinese = line.text.chars().any(crate::text::is_han);
        if chinese {
            self.chinese.count(found)
        } else {
            self.english.count(found)
        }
        if let Some(why) = why {
            let count = self.refused.entry(why.name()).or_default();
            *count = count.saturating_add(1);
        }
        let Some(own) = self.questions.get_mut(&line.label) else { return };
        own.recall.count(found);
        match question {
            None => own.to_a_person = own.to_a_person.saturating_add(1),
            Some(other) if !found => {
                let count = own.taken_for.entry(other.to_owned()).or_default();
                *count = count.saturating_add(1);
            }
            Some(_) => {}
        }
    }

    /// What is taken for what, most often first.
    #[must_use]
    pub fn confusions(&self) -> Vec<(&str, &str, usize)> {
        let of = |(label, own)| {
            let (label, own): (&String, &OfQuestion) = (label, own);
            own.taken_for.iter().map(move |(other, count)| (label.as_str(), other.as_str(), *count))
        };
        let mut all: Vec<_> = self.questions.iter().flat_map(of).collect();
        all.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        all
    }
}
