//! What people are told: texts with places for facts, in files, checked when they are read. A text that could be taken for fraud,
//! or does not warn of it, is refused by name.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use forbear_engine::text::{Language, Text};
use serde::{Deserialize, Serialize};

use super::short::{parts, secret_in, stranger_in};

/// The texts of one language, as a file has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    language: Language,
    /// Short messages that one text may take, at most.
    parts: usize,
    /// The warning of fraud that every text holds.
    warning: String,
    /// How one gets no more of them.
    stop: String,
    opening: Opening,
    reminder: Reminder,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    /// For those who have to ask.
    ask: String,
    /// For those who were given something already.
    given: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reminder {
    ask: String,
}

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where: `en/opening/ask`.
    pub place: String,
    /// The name of the refusal.
    pub name: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.name, self.message)
    }
}

/// All texts, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    files: BTreeMap<Language, TemplateFile>,
    lender: Text,
}

/// Texts of a campaign with the facts in them: by language, then by variant.
pub type Filled = BTreeMap<String, BTreeMap<String, String>>;

/// What is filled in of a channel.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// What happened, in both languages.
    pub event: Text,
    /// The number to call.
    pub hotline: String,
    /// The key word.
    pub word: String,
    /// The last day to ask.
    pub apply_by: NaiveDate,
}

/// Letters of an event's name that are shown, at most.
const LONGEST_EVENT: usize = 40;

/// Hotline and key word, at their longest (see the settings of channels): a word in Chinese, which makes the whole message long.
const LONGEST_HOTLINE: &str = "000-000-000-000-000-000-000-00";
const LONGEST_WORD: &str = "灾后纾困申请灾后纾困申请灾后纾困申请灾后";

/// What may stand in braces.
const PLACES: [&str; 7] = ["lender", "event", "hotline", "word", "apply_by", "warning", "stop"];

impl Templates {
    /// The texts that come with the program.
    ///
    /// # Errors
    /// See [`Templates::read`]: with a long name of the lender they may grow too long.
    pub fn shipped(lender: &Text) -> Result<Self, Refused> {
        let files = [include_str!("../../../../outreach/zh-CN.toml"), include_str!("../../../../outreach/en.toml")];
        Self::read(&files, lender, &[])
    }

    /// Reads a file for each language. `hosts` are those that a link may lead to.
    ///
    /// # Errors
    /// A text is refused: where, by which name and why.
    pub fn read(files: &[&str], lender: &Text, hosts: &[&str]) -> Result<Self, Refused> {
        let refused = |place: &str, name, message: String| Refused { place: place.to_owned(), name, message };
        let mut read = BTreeMap::new();
        for text in files {
            let file: TemplateFile =
                toml::from_str(text).map_err(|error| refused("outreach", "unreadable", error.to_string()))?;
            if read.insert(file.language, file).is_some() {
                return Err(refused("outreach", "language_twice", "one file for each language".to_owned()));
            }
        }
        let templates = Self { files: read, lender: lender.clone() };
        for language in Language::ALL {
            let place = language.to_string();
            let file = templates
                .files
                .get(&language)
                .ok_or_else(|| refused(&place, "language_missing", "texts are needed in zh-CN and in en".to_owned()))?;
            if lender.get(language).trim().is_empty() {
                return Err(refused(&place, "lender_missing", "say how the lender is called".to_owned()));
            }
            file.check(&place).map_err(|(name, message)| refused(&place, name, message))?;
            for (kind, variant, text) in file.texts() {
                let place = format!("{place}/{kind}/{variant}");
                templates.check(file, text, hosts).map_err(|(name, message)| refused(&place, name, message))?;
            }
        }
        Ok(templates)
    }

    /// The texts of an occasion with facts in them.
    #[must_use]
    pub fn fill(&self, kind: &str, facts: &Facts) -> Filled {
        let of = |file: &TemplateFile| {
            let texts = file.texts().into_iter().filter(|(own, ..)| *own == kind);
            texts.map(|(_, variant, text)| (variant.to_owned(), self.filled(file, text, facts))).collect()
        };
        self.files.iter().map(|(language, file)| (language.to_string(), of(file))).collect()
    }

    fn filled(&self, file: &TemplateFile, text: &str, facts: &Facts) -> String {
        let event: String = facts.event.get(file.language).chars().take(LONGEST_EVENT).collect();
        let fill = [
            ("lender", self.lender.get(file.language)),
            ("event", &event),
            ("hotline", &facts.hotline),
            ("word", &facts.word),
            ("apply_by", &facts.apply_by.to_string()),
            ("warning", &file.warning),
            ("stop", &file.stop),
        ];
        // Once from left to right, so that what stands in a fact stays as it is.
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(fill.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    fn check(&self, file: &TemplateFile, text: &str, hosts: &[&str]) -> Result<(), (&'static str, String)> {
        let named: Vec<&str> = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default()).collect();
        if let Some(unknown) = named.iter().find(|name| !PLACES.contains(name)) {
            return Err(("unknown_place", format!("{{{unknown}}} is none of {}", PLACES.join(", "))));
        }
        for (needed, name, why) in [
            ("warning", "warning_missing", "a message has to warn of fake relief: put {warning} into it"),
            ("stop", "stop_missing", "a message has to say how one gets no more of them: put {stop} into it"),
            ("lender", "lender_missing", "a message has to say who sends it: put {lender} into it"),
            ("event", "event_missing", "a message has to say what it is about: put {event} into it"),
            ("hotline", "way_missing", "a message has to say whom to call: put {hotline} into it"),
        ] {
            if !named.contains(&needed) {
                return Err((name, why.to_owned()));
            }
        }
        if let Some(word) = secret_in(text) {
            let message = format!("“{word}”: no message asks for a secret, or leads to a page that does");
            return Err(("asks_for_secret", message));
        }
        if let Some((name, link)) = stranger_in(text, hosts) {
            return Err((name, format!("{link}: a link begins with https:// and leads to a host of outreach.links")));
        }
        if text.chars().any(char::is_control) {
            return Err(("control_character", "a text stands on one line".to_owned()));
        }
        let longest = Facts {
            event: Text { chinese: Some("灾".repeat(LONGEST_EVENT)), english: Some("W".repeat(LONGEST_EVENT)) },
            hotline: LONGEST_HOTLINE.to_owned(),
            word: LONGEST_WORD.to_owned(),
            apply_by: NaiveDate::default(),
        };
        let takes = parts(&self.filled(file, text, &longest));
        if takes > file.parts {
            let message = format!("with the longest facts it takes {takes} short messages: {} at most", file.parts);
            return Err(("too_long", message));
        }
        Ok(())
    }
}

/// Short messages that a file may allow for one text.
const MOST_PARTS: usize = 8;

impl TemplateFile {
    fn texts(&self) -> [(&'static str, &'static str, &str); 3] {
        [
            ("opening", "ask", &self.opening.ask),
            ("opening", "given", &self.opening.given),
            ("reminder", "ask", &self.reminder.ask),
        ]
    }

    /// What is wrong with the warning, and with how to stop.
    fn check(&self, language: &str) -> Result<(), (&'static str, String)> {
        let said = self.warning.to_lowercase();
        let denies = ["never", "do not", "will not", "不会", "绝不", "从不"].iter().any(|word| said.contains(word));
        if !denies || secret_in(&self.warning).is_none() {
            let message = "the warning says that nobody is asked for a password or a code".to_owned();
            return Err(("warning_missing", message));
        }
        let stop = self.stop.to_lowercase();
        if !["stop", "退订"].iter().any(|word| stop.contains(word)) {
            return Err(("stop_missing", format!("{language}: stop names STOP or 退订, which are understood")));
        }
        if !(1..=MOST_PARTS).contains(&self.parts) {
            return Err(("parts", format!("a number from 1 to {MOST_PARTS}")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: &str = include_str!("../../../../outreach/zh-CN.toml");
    const EN: &str = include_str!("../../../../outreach/en.toml");

    fn lender() -> Text {
        Text::both("示例银行", "Example Bank")
    }

    #[test]
    fn the_shipped_texts_are_filled() {
        let templates = Templates::shipped(&lender()).unwrap();
        let facts = Facts {
            event: Text::both("河南“7·20”特大暴雨", "the {hotline} floods in Henan"),
            hotline: "400-800-1234".to_owned(),
            word: "河南救助".to_owned(),
            apply_by: "2026-12-31".parse().unwrap(),
        };
        let opening = templates.fill("opening", &facts);
        assert_eq!(
            opening["zh-CN"]["ask"],
            "【示例银行】河南“7·20”特大暴雨期间，您可申请延期还款、减免息费，2026-12-31前有效，不收费用。致电400-800-1234或回复“河南救助”即可办理。\
             我们绝不会索要密码、验证码或转账，谨防冒充。拒收请回复退订"
        );
        assert_eq!(
            opening["en"]["given"],
            "Example Bank: because of the {hotline} floods in Henan we have given you relief on your loan; you need not ask. To see \
             it or for more help call 400-800-1234 or reply 河南救助 until 2026-12-31. We never ask for a password, code or \
             transfer: beware of fraud. Reply STOP to opt out."
        );
        assert_eq!(templates.fill("reminder", &facts)["en"].len(), 1);
        // A name that nobody expected is cut, so that the message stays as long as it was checked to be.
        let long = Facts { event: Text::both(&"灾".repeat(300), ""), ..facts };
        assert_eq!(templates.fill("opening", &long)["zh-CN"]["ask"].matches('灾').count(), 40);
    }

    #[test]
    fn what_could_be_taken_for_fraud_is_refused_by_name() {
        let refused = |from: &str, to: &str| {
            assert!(EN.contains(from), "{from}");
            let en = EN.replacen(from, to, 1);
            let refused = Templates::read(&[ZH, &en], &lender(), &["bank.example"]).unwrap_err();
            (refused.place, refused.name)
        };
        let ask = "en/opening/ask".to_owned();
        assert_eq!(
            refused("{word}. {warning} {stop}\"\ngiven", "{code}. {warning} {stop}\"\ngiven"),
            (ask.clone(), "unknown_place")
        );
        assert_eq!(refused("{warning} {stop}\"\ngiven", "{stop}\"\ngiven"), (ask.clone(), "warning_missing"));
        assert_eq!(refused("{warning} {stop}\"\ngiven", "{warning}\"\ngiven"), (ask.clone(), "stop_missing"));
        assert_eq!(refused("{lender}: after", "After"), (ask.clone(), "lender_missing"));
        assert_eq!(refused("after {event}", "after the floods"), (ask.clone(), "event_missing"));
        assert_eq!(refused("Call {hotline} or reply", "Reply"), (ask.clone(), "way_missing"));
        assert_eq!(
            refused("Call {hotline} or reply {word}.", "Call {hotline} or enter your PIN at https://bank.example."),
            (ask.clone(), "asks_for_secret")
        );
        assert_eq!(
            refused("or reply {word}.", "or see https://bank.example.evil.com/relief."),
            (ask.clone(), "foreign_link")
        );
        assert_eq!(refused("or reply {word}.", "or see http://bank.example."), (ask.clone(), "insecure_link"));
        assert_eq!(refused("free of charge", &"free of charge ".repeat(9)), (ask, "too_long"));
        let whole = "en".to_owned();
        assert_eq!(
            refused("We never ask for a password, code or transfer: beware", "Beware"),
            (whole.clone(), "warning_missing")
        );
        assert_eq!(refused("Reply STOP to opt out", "Call to opt out"), (whole.clone(), "stop_missing"));
        assert_eq!(refused("parts = 6", "parts = 9"), (whole, "parts"));
        assert_eq!(refused("[reminder]", "[later]").1, "unreadable");
        let of = |files: &[&str]| Templates::read(files, &lender(), &[]).unwrap_err().name;
        assert_eq!((of(&[ZH]), of(&[ZH, ZH])), ("language_missing", "language_twice"));
        assert_eq!(Templates::read(&[ZH, EN], &Text::default(), &[]).unwrap_err().name, "lender_missing");
        // A link to a host of the lender's is taken.
        let en = EN.replacen("or reply {word}.", "or see https://bank.example/relief.", 1);
        Templates::read(&[ZH, &en], &lender(), &["bank.example"]).unwrap();
    }
}
