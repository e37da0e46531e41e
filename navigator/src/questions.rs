//! The questions that are answered, in their scenarios: `navigator/questions.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh: String,
    /// English.
    pub en: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `scenario.question`.
    pub label: String,
    /// The scenario's name.
    pub scenario: String,
    /// What its scenario is called.
    pub scenario_title: Both,
    /// What it is called.
    pub title: Both,
}

/// All questions, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions(Vec<Question>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    title: Both,
    questions: Map<String, Value>,
}

impl Questions {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it is not as it should be.
    pub fn read(text: &str) -> Result<Self, String> {
        let scenarios: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("questions: {error}"))?;
        let mut questions = Vec::new();
        for (scenario, value) in scenarios {
            let read: Scenario =
                serde_json::from_value(value).map_err(|error| format!("scenario {scenario}: {error}"))?;
            for (question, title) in read.questions {
                let label = format!("{scenario}.{question}");
                let title: Both =
                    serde_json::from_value(title).map_err(|error| format!("question {label}: {error}"))?;
                let scenario_title = read.title.clone();
                questions.push(Question { label, scenario: scenario.clone(), scenario_title, title });
            }
        }
        Ok(Self(questions))
    }

    /// In order.
    #[must_use]
    pub fn all(&self) -> &[Question] {
        &self.0
    }

    /// By label.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<&Question> {
        self.0.iter().find(|question| question.label == label)
    }
}

/// The scenario of a label.
#[must_use]
pub fn scenario(label: &str) -> &str {
    label.split('.').next().unwrap_or(label)
}
