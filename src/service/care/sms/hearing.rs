//! What a message says, as far as that can be told from the words alone: commands, yes and no, numbers, days, places.

use chrono::{Datelike, NaiveDate};
use forbear_engine::policy::facts::FactType;
use forbear_engine::region::{Level, RegionTree};
use forbear_engine::text::Language;
use serde_json::{Value, json};

/// The longest message that is read: ten parts of a Chinese one.
pub const LONGEST: usize = 670;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// No more messages.
    Stop,
    /// Messages again.
    Resume,
    /// A person.
    Person,
    /// What one can write.
    Help,
    /// Where a case stands: its number and the end of a phone, where they are given.
    Progress(Option<String>, Option<String>),
    /// A complaint in these words.
    Complain(String),
}

/// Why a message is not read.
#[must_use]
pub fn unreadable(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("the message is empty");
    }
    if text.chars().count() > LONGEST {
        return Some("a message has 670 characters at most");
    }
    if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
        return Some("the message has control characters in it");
    }
    let turns = |letter: char| matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(turns) {
        return Some("the message changes the direction of writing: what one sees is not what it says");
    }
    let unseen = |letter: char| matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    text.chars().any(unseen).then_some("the message has characters in it that stand for nothing")
}

/// One width, one case, no blanks at the ends, none that are invisible.
#[must_use]
pub fn plain(text: &str) -> String {
    let visible = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}');
    let narrow = |letter: char| match u32::from(letter) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide.saturating_sub(0xFEE0)).unwrap_or(letter),
        0x3000 => ' ',
        _ => letter,
    };
    let text: String = text.chars().filter(visible).map(narrow).flat_map(char::to_lowercase).collect();
    let ends = |letter: char| letter.is_whitespace() || "。.!！?？,，、;；\"'“”".contains(letter);
    text.trim_matches(ends).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The language of a text: Chinese where a Chinese character is in it, none where no letter is.
#[must_use]
pub fn language(text: &str) -> Option<Language> {
    if text.chars().any(forbear_navigator::text::is_han) {
        return Some(Language::Chinese);
    }
    text.chars().any(|letter| letter.is_ascii_alphabetic()).then_some(Language::English)
}

const STOP: [&str; 12] = [
    "退订",
    "td",
    "t",
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "quit",
    "end",
    "停止短信",
    "不要再发短信",
    "取消订阅",
];
const RESUME: [&str; 7] = ["订阅", "恢复短信", "恢复", "start", "unstop", "resume", "subscribe"];
const PERSON: [&str; 8] = ["人工", "转人工", "人工服务", "找人工", "agent", "person", "human", "operator"];
const HELP: [&str; 5] = ["帮助", "help", "info", "菜单", "menu"];
const PROGRESS: [&str; 6] = ["进度查询", "查进度", "进度", "progress", "status", "查询"];
const COMPLAIN: [&str; 3] = ["我要投诉", "投诉", "complaint"];

/// The command in a plain text.
#[must_use]
pub fn command(text: &str) -> Option<Command> {
    if STOP.contains(&text) {
        return Some(Command::Stop);
    }
    if RESUME.contains(&text) {
        return Some(Command::Resume);
    }
    if PERSON.contains(&text) {
        return Some(Command::Person);
    }
    if HELP.contains(&text) {
        return Some(Command::Help);
    }
    if let Some(rest) = after(text, &PROGRESS) {
        let mut parts = rest.split(' ').filter(|part| !part.is_empty());
        // A sentence that begins with the word is for the navigator.
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        return match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Some(Command::Progress(None, None)),
            (Some(case), end, None) if number(case) && end.is_none_or(number) => {
                Some(Command::Progress(Some(case.to_owned()), end.map(str::to_owned)))
            }
            _ => None,
        };
    }
    let words = after(text, &COMPLAIN)?.trim_start_matches([':', '：', ',', '，', ' ']);
    (!words.is_empty()).then(|| Command::Complain(words.to_owned()))
}

/// What follows one of some words, where a text begins with one.
fn after<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let rest = words.iter().find_map(|word| text.strip_prefix(word).map(|rest| (word, rest)));
    let (word, rest) = rest?;
    // An English word ends where it ends.
    let goes_on = word.is_ascii() && rest.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    (!goes_on).then(|| rest.trim())
}

const YES: [&str; 16] =
    ["是", "是的", "对", "对的", "好", "好的", "可以", "嗯", "同意", "确认", "有", "能", "y", "yes", "ok", "agree"];
const NO: [&str; 14] =
    ["否", "不", "不是", "不对", "没有", "没", "不同意", "不能", "不可以", "不要", "不用", "n", "no", "disagree"];

/// Yes or no; none where it is neither.
#[must_use]
pub fn yes_or_no(text: &str) -> Option<bool> {
    if YES.contains(&text) {
        return Some(true);
    }
    NO.contains(&text).then_some(false)
}

/// A whole number.
#[must_use]
pub fn number(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(['个', '期', '月', '天', '次']);
    let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// A day: 2021-07-20, 2021/7/20, 2021年7月20日, 20210720, and without its year the last such day.
#[must_use]
pub fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let spaced: String = text.chars().map(|letter| if letter.is_ascii_digit() { letter } else { ' ' }).collect();
    let known = text.chars().all(|letter| letter.is_ascii_digit() || "-/.年月日号 ".contains(letter));
    let parts: Vec<&str> = spaced.split_whitespace().filter(|_| known).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [whole] if parts.first().is_some_and(|part| part.len() == 8) => {
            NaiveDate::from_ymd_opt(i32::try_from(whole / 10_000).ok()?, whole / 100 % 100, whole % 100)
        }
        [month, day] => {
            let year = today.year();
            let this = NaiveDate::from_ymd_opt(year, *month, *day).filter(|found| *found <= today);
            this.or_else(|| NaiveDate::from_ymd_opt(year.checked_sub(1)?, *month, *day))
        }
        [year, month, day] if (1900..=2200).contains(year) => {
            NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, *month, *day)
        }
        _ => None,
    }
}

/// An amount of money, as its decimal text: 500, 1,200.50元, ￥300, 2万.
#[must_use]
pub fn amount(text: &str) -> Option<String> {
    let bare = text.trim_start_matches(['¥', '￥', '$']).trim_end_matches("rmb").trim_end_matches("cny");
    let bare = bare.trim_end_matches(['元', '块', ' ']).replace(',', "");
    let (digits, thousands) = match bare.strip_suffix('万') {
        Some(digits) => (digits.to_owned(), true),
        None => (bare, false),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let of_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=9).contains(&whole.len()) || part.len() > 2 || !of_digits(whole) || !of_digits(part) {
        return None;
    }
    let hundredths: u64 = format!("{whole}{part:0<2}").parse().ok()?;
    let hundredths = if thousands { hundredths.checked_mul(10_000)? } else { hundredths };
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// A region, by its six digits, its code or its name; none where there is none or more than one. 无 and `none` say that there is no such
/// address.
#[must_use]
pub fn region(text: &str) -> Option<Option<String>> {
    if matches!(text, "无" | "没有" | "none" | "no") {
        return Some(None);
    }
    let tree = RegionTree::builtin();
    let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let code = if digits { format!("CN-{text}") } else { text.to_uppercase() };
    if let Some(found) = tree.known(&code) {
        return Some(Some(tree.code(found).to_owned()));
    }
    let named = |id| {
        let (own, full) = (tree.name(id).to_lowercase(), tree.full_name(id).to_lowercase());
        let province = full.ends_with(text) && text.ends_with(&own);
        own == text || province || (text.chars().count() >= 2 && own.strip_suffix(['区', '县', '市']) == Some(text))
    };
    let below = tree.ids().filter(|id| !matches!(tree.level(*id), Level::Country) && named(*id));
    let found: Vec<_> = below.filter(|id| tree.is_current(*id)).collect();
    match found.as_slice() {
        [only] => Some(Some(tree.code(*only).to_owned())),
        _ => None,
    }
}

/// An answer to a fact's question, as the engine reads it, and as it is said back where it could be misread.
#[must_use]
pub fn answer(of: FactType, text: &str, today: NaiveDate) -> Option<(Value, Option<String>)> {
    match of {
        FactType::Bool => yes_or_no(text).map(|yes| (json!(yes), None)),
        FactType::Count(_) => number(text).map(|count| (json!(count), None)),
        FactType::Date => day(text, today).map(|day| (json!(day.to_string()), Some(day.to_string()))),
        FactType::Amount => amount(text).map(|amount| (json!(amount), Some(amount))),
        FactType::Region | FactType::Designation => region(text).map(|code| {
            let said = code.as_deref().and_then(|code| RegionTree::builtin().known(code));
            let said = said.map(|id| RegionTree::builtin().full_name(id));
            (json!(code), said)
        }),
        FactType::Name(names) => names.iter().find(|name| **name == text).map(|name| (json!(name), None)),
        FactType::Rate | FactType::Names(_) | FactType::Severity => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2021, 7, 29).unwrap()
    }

    #[test]
    fn commands_are_heard_in_both_languages_and_sentences_are_not_taken_for_them() {
        let heard = |text: &str| command(&plain(text));
        for text in ["退订", "TD", " stop. ", "ＳＴＯＰ", "Unsubscribe!"] {
            assert_eq!(heard(text), Some(Command::Stop), "{text}");
        }
        assert_eq!(heard("START"), Some(Command::Resume));
        assert_eq!(heard("转人工！"), Some(Command::Person));
        let progress = |case: Option<&str>, end: Option<&str>| {
            Some(Command::Progress(case.map(str::to_owned), end.map(str::to_owned)))
        };
        assert_eq!(heard("进度"), progress(None, None));
        assert_eq!(heard("进度 0ABCD-EFGH-JKMN"), progress(Some("0abcd-efgh-jkmn"), None));
        assert_eq!(heard("Progress 0abcd-efgh-jkmn 5678"), progress(Some("0abcd-efgh-jkmn"), Some("5678")));
        assert_eq!(heard("投诉：催收半夜打电话"), Some(Command::Complain("催收半夜打电话".to_owned())));
        for text in ["stop the calls please", "进度怎么样了", "progressive", "投诉", "我不想退订"] {
            assert_eq!(heard(text), None, "{text}");
        }
    }

    #[test]
    fn answers_are_read_as_people_type_them() {
        for (text, said) in
            [("是", Some(true)), ("好的。", Some(true)), ("YES", Some(true)), ("不同意", Some(false)), ("也许", None)]
        {
            assert_eq!(yes_or_no(&plain(text)), said, "{text}");
        }
        for text in ["2021-07-20", "2021/7/20", "2021年7月20日", "20210720", "7月20日", "7-20"] {
            assert_eq!(day(text, today()).map(|day| day.to_string()).as_deref(), Some("2021-07-20"), "{text}");
        }
        assert_eq!(
            day("8月20日", today()).map(|day| day.to_string()).as_deref(),
            Some("2020-08-20"),
            "the last such day"
        );
        for text in ["2021-02-30", "20", "soon", "1-2-3-4"] {
            assert_eq!(day(text, today()), None, "{text}");
        }
        for (text, said) in [("500", "500.00"), ("1,200.50元", "1200.50"), ("￥300", "300.00"), ("1.5万", "15000.00")]
        {
            assert_eq!(amount(&plain(text)).as_deref(), Some(said), "{text}");
        }
        for text in ["", "-5", "1e9", "5.123", "一千"] {
            assert_eq!(amount(text), None, "{text}");
        }
        for text in ["金水区", "410105", "cn-410105", "郑州市金水区", "金水"] {
            assert_eq!(region(text), Some(Some("CN-410105".to_owned())), "{text}");
        }
        // There is a 朝阳区 in Beijing and one in Changchun.
        assert_eq!((region("朝阳区"), region("亚特兰蒂斯"), region("无")), (None, None, Some(None)));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert!(["是", "房子淹了\n怎么办", "😭"].into_iter().all(|text| unreadable(text).is_none()));
        for text in ["", " \n", "a\u{0}b", "a\u{1b}[2J", "\u{202e}开否", "\u{e000}", &"长".repeat(671)] {
            assert!(unreadable(text).is_some(), "{text:?}");
        }
    }
}
