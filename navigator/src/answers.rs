//! What is answered: `navigator/answers.json`. Each question has an answer in general words, and may have one that cites
//! what is live, which is said only where everything that it cites is known.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::lines::PERSON;
use crate::questions::{Both, Questions};

/// The answers that are shipped.
pub const ANSWERS: &str = include_str!("../answers.json");

/// What an answer may cite.
pub const PLACES: [&str; 6] = ["case", "step", "answer_by", "policy_title", "declaration_title", "apply_by"];
/// Two text messages of Chinese, and of English.
const LONGEST: [usize; 2] = [134, 306];

/// What follows an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing: it is answered.
    Answer,
    /// A request can be opened.
    OpenRequest,
    /// The case's progress is read.
    ReadProgress,
    /// A complaint is taken.
    TakeComplaint,
    /// A person takes over.
    HandToPerson,
}

impl Action {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::OpenRequest => "open_request",
            Self::ReadProgress => "read_progress",
            Self::TakeComplaint => "take_complaint",
            Self::HandToPerson => "hand_to_person",
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What follows.
    pub action: Action,
    /// In general words.
    pub general: Both,
    /// What cites what is live, as `{case}`.
    #[serde(default)]
    pub live: Option<Both>,
}

/// What is known, by what it may be cited as.
pub type Live = BTreeMap<&'static str, String>;

impl Answer {
    /// In a language, with what is live where all of it is known.
    #[must_use]
    pub fn say(&self, chinese: bool, live: &Live) -> String {
        let pick = |both: &Both| if chinese { both.zh.clone() } else { both.en.clone() };
        let filled = self.live.as_ref().and_then(|both| fill(&pick(both), live));
        filled.unwrap_or_else(|| pick(&self.general))
    }
}

/// The text with everything put in; none where something is not known.
fn fill(text: &str, live: &Live) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    for part in text.split_inclusive('}') {
        match part.strip_suffix('}').and_then(|part| part.split_once('{')) {
            Some((before, place)) => {
                filled.push_str(before);
                filled.push_str(live.get(place)?);
            }
            None => filled.push_str(part),
        }
    }
    Some(filled)
}

/// All answers, by question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers(BTreeMap<String, Answer>);

impl Answers {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// Everything that is wrong, a line each.
    pub fn read(text: &str, questions: &Questions) -> Result<Self, String> {
        let answers: BTreeMap<String, Answer> =
            serde_json::from_str(text).map_err(|error| format!("answers: {error}"))?;
        let mut wrong = Vec::new();
        let labels = questions.all().iter().map(|question| question.label.as_str()).chain([PERSON]);
        wrong
            .extend(labels.filter(|label| !answers.contains_key(*label)).map(|label| format!("{label} has no answer")));
        for (label, answer) in &answers {
            if label != PERSON && questions.find(label).is_none() {
                wrong.push(format!("{label} is no question of questions.json"));
            }
            wrong.extend(check(answer).into_iter().map(|problem| format!("{label}: {problem}")));
        }
        if wrong.is_empty() { Ok(Self(answers)) } else { Err(wrong.join("\n")) }
    }

    /// Of a question, or of `person`.
    #[must_use]
    pub fn of(&self, label: &str) -> Option<&Answer> {
        self.0.get(label)
    }
}

fn check(answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, both) in [("general", Some(&answer.general)), ("live", answer.live.as_ref())] {
        let Some(both) = both else { continue };
        let mut cited = Vec::new();
        for ((language, text), longest) in [("zh-CN", &both.zh), ("en", &both.en)].into_iter().zip(LONGEST) {
            let place = format!("{name} {language}");
            if text.trim().is_empty() {
                wrong.push(format!("{place} is empty"));
            }
            if text.chars().count() > longest {
                wrong.push(format!("{place} has more than {longest} characters, which are two text messages"));
            }
            if ["://", "www.", "http"].iter().any(|link| text.to_lowercase().contains(link)) {
                wrong.push(format!("{place} has a link: people are told not to trust those"));
            }
            match places(text) {
                Ok(places) => cited.push(places),
                Err(problem) => wrong.push(format!("{place}: {problem}")),
            }
        }
        match (name, cited.as_slice()) {
            ("general", cited) if cited.iter().any(|places| !places.is_empty()) => {
                wrong.push("general cites what may not be known; put that into live".to_owned());
            }
            ("live", [zh, en]) if zh != en => wrong.push("live cites other things in zh-CN than in en".to_owned()),
            ("live", [zh, _]) if zh.is_empty() => wrong.push("live cites nothing: leave it out".to_owned()),
            _ => {}
        }
    }
    wrong
}

/// What a text cites.
fn places(text: &str) -> Result<BTreeSet<&str>, String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (_, from) = rest.split_at(at);
        let inside = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let (place, after) = inside.ok_or("a brace stands alone")?;
        if !PLACES.contains(&place) {
            return Err(format!("{{{place}}} is unknown; there are {}", PLACES.join(", ")));
        }
        found.insert(place);
        rest = after;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::navigate::QUESTIONS;

    fn one(answer: &str) -> Result<Answers, String> {
        let questions =
            r#"{"a": {"title": {"zh-CN": "甲", "en": "A"}, "questions": {"b": {"zh-CN": "乙", "en": "B"}}}}"#;
        let person = r#"{"action": "hand_to_person", "general": {"zh-CN": "好", "en": "ok"}}"#;
        Answers::read(&format!(r#"{{"a.b": {answer}, "person": {person}}}"#), &Questions::read(questions).unwrap())
    }

    #[test]
    fn what_is_shipped_is_whole() {
        let questions = Questions::read(QUESTIONS).unwrap();
        let answers = Answers::read(ANSWERS, &questions).unwrap();
        assert!(questions.all().iter().all(|question| answers.of(&question.label).is_some()));
    }

    #[test]
    fn what_is_live_is_said_only_when_all_of_it_is_known() {
        let answers = one(r#"{"action": "answer", "general": {"zh-CN": "一般", "en": "in general"},
                "live": {"zh-CN": "{case}：{step}。", "en": "{case}: {step}."}}"#)
        .unwrap();
        let answer = answers.of("a.b").unwrap();
        let mut live = Live::from([("case", "K7".to_owned())]);
        assert_eq!(answer.say(false, &live), "in general");
        live.insert("step", "已收到 {case}".to_owned());
        assert_eq!(answer.say(true, &live), "K7：已收到 {case}。");
    }

    #[test]
    fn wrong_answers_are_refused_with_the_reason() {
        let table = [
            (r#"{"action": "answer", "general": {"zh-CN": "好"}}"#, "missing field `en`"),
            (r#"{"action": "call", "general": {"zh-CN": "好", "en": "ok"}}"#, "unknown variant `call`"),
            (r#"{"action": "answer", "general": {"zh-CN": " ", "en": "ok"}}"#, "a.b: general zh-CN is empty"),
            (
                r#"{"action": "answer", "general": {"zh-CN": "{case}", "en": "ok"}}"#,
                "general cites what may not be known",
            ),
            (
                r#"{"action": "answer", "general": {"zh-CN": "好", "en": "ok"}, "live": {"zh-CN": "{kase}", "en": "{case}"}}"#,
                "a.b: live zh-CN: {kase} is unknown; there are case, step",
            ),
            (
                r#"{"action": "answer", "general": {"zh-CN": "好", "en": "ok"}, "live": {"zh-CN": "{case}", "en": "ok"}}"#,
                "cites other things",
            ),
            (r#"{"action": "answer", "general": {"zh-CN": "好}", "en": "ok"}}"#, "a brace stands alone"),
            (r#"{"action": "answer", "general": {"zh-CN": "见 https://x.cn", "en": "ok"}}"#, "has a link"),
        ];
        for (answer, expected) in table {
            let error = one(answer).unwrap_err();
            assert!(error.contains(expected), "{answer}: {error}");
        }
        let questions = Questions::read(QUESTIONS).unwrap();
        assert!(Answers::read("{}", &questions).unwrap_err().contains("safety.distress has no answer"));
    }
}
