//! How a channel is set, and what is wrong with that.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use forbear_engine::declaration::Severity;
use forbear_engine::region::RegionTree;
use forbear_engine::text::{Language, Text};
use serde::{Deserialize, Serialize};

use super::hours::Hours;
use super::level::Facts;
use crate::service::Problem;

/// How a channel is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is known of the disaster, by the names of the table of response levels.
    #[serde(default)]
    pub facts: Facts,
    /// The response level; left out, what the facts make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Severity>,
    /// Why it is another one than the facts make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_reason: Option<String>,
    /// For whom: regions in those of the declaration; left out, all of those.
    #[serde(default)]
    pub regions: Vec<String>,
    /// When somebody answers.
    pub hours: Hours,
    /// The number to call.
    pub hotline: String,
    /// The queue that calls go to.
    pub queue: String,
    /// The key word of messages.
    pub sms_word: String,
    /// What app and website show, in both languages.
    pub banner: Text,
    /// Minutes within which somebody answers, as it is aimed at.
    pub target_minutes: u32,
    /// Contacts that are dealt with in an hour.
    pub capacity: u32,
    /// The policies that are offered, by slug.
    pub policies: Vec<String>,
    /// The last day.
    pub expires_on: NaiveDate,
    /// Days after the end of the incident on which it stands down by itself.
    #[serde(default = "stand_down_days")]
    pub stand_down_days: u32,
    /// Days for which it then still answers, before it is closed.
    #[serde(default = "wind_down_days")]
    pub wind_down_days: u32,
}

const fn stand_down_days() -> u32 {
    30
}

const fn wind_down_days() -> u32 {
    7
}

/// Key words that mean something else already.
const RESERVED: [&str; 10] = ["progress", "进度", "stop", "退订", "td", "t", "help", "帮助", "yes", "no"];

impl Settings {
    /// The key word as it is compared: a person types it in any case.
    #[must_use]
    pub fn word(&self) -> String {
        self.sms_word.trim().to_lowercase()
    }

    /// What is wrong, by itself and on a day.
    #[must_use]
    pub fn problems(&self, today: NaiveDate) -> Vec<Problem> {
        let mut found: Vec<Problem> = Vec::new();
        let mut wrong = |pointer: &str, message: &str| {
            found.push(Problem { pointer: pointer.to_owned(), message: message.to_owned() });
        };
        let digits = self.hotline.chars().filter(char::is_ascii_digit).count();
        let of_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ');
        if !(3..=20).contains(&digits) || self.hotline.len() > 30 || !self.hotline.chars().all(of_number) {
            wrong("/hotline", "a number to call: 3 to 20 digits, with + - and blanks");
        }
        let of_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=60).contains(&self.queue.chars().count()) || !self.queue.chars().all(of_name) {
            wrong("/queue", "the queue's name: 1 to 60 letters, digits, - _ and .");
        }
        let word = self.word();
        if !(1..=20).contains(&word.chars().count()) || !word.chars().all(char::is_alphanumeric) {
            wrong("/sms_word", "a word of 1 to 20 letters and digits, in Chinese or English");
        }
        if RESERVED.contains(&word.as_str()) {
            wrong("/sms_word", "this word means something else in messages already: take another one");
        }
        for language in Language::ALL {
            let text = match language {
                Language::Chinese => self.banner.chinese.as_deref(),
                Language::English => self.banner.english.as_deref(),
            };
            let text = text.unwrap_or_default().trim();
            if !(1..=300).contains(&text.chars().count()) || text.chars().any(char::is_control) {
                wrong(&format!("/banner/{language}"), "what people read, in 1 to 300 characters on one line");
            }
        }
        for (pointer, number, most) in
            [("/target_minutes", self.target_minutes, 10_080), ("/capacity", self.capacity, 1_000_000)]
        {
            if !(1..=most).contains(&number) {
                wrong(pointer, &format!("a number from 1 to {most}"));
            }
        }
        for (pointer, days) in [("/stand_down_days", self.stand_down_days), ("/wind_down_days", self.wind_down_days)] {
            if days > 3_650 {
                wrong(pointer, "3650 days at most");
            }
        }
        if self.expires_on < today {
            wrong("/expires_on", "a day that is not past");
        }
        let names = |list: &[String]| list.iter().collect::<BTreeSet<_>>().len() == list.len() && list.len() <= 3_000;
        if self.policies.is_empty() || !names(&self.policies) {
            wrong("/policies", "name the policies that are offered, each once");
        }
        if !names(&self.regions) {
            wrong("/regions", "name each region once");
        }
        for (at, code) in self.regions.iter().enumerate() {
            if let Err(unknown) = RegionTree::builtin().find(code) {
                wrong(&format!("/regions/{at}"), &unknown.to_string());
            }
        }
        let hours = self.hours.problems().into_iter();
        found.extend(hours.map(|(pointer, message)| Problem { pointer, message }));
        found
    }
}
