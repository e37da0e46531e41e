//! What was said, made plain: one width, one script, lower case, no digits to tell apart, nothing invisible.

use unicode_normalization::UnicodeNormalization;

/// More than this nobody says at once; what is longer is not looked at.
pub const MOST_CHARACTERS: usize = 2_000;

/// Why nothing can be made of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// No letter is in it.
    Empty,
    /// It has more than [`MOST_CHARACTERS`].
    TooLong,
    /// It changes the direction of writing, so that what one sees is not what it says.
    Directions,
    /// It is written in letters that are neither Chinese nor Latin.
    OtherScript,
}

/// Sounds that say nothing.
const FILLERS: [&str; 7] = ["um", "uh", "erm", "hmm", "umm", "uhh", "er"];
const CHINESE_FILLERS: [char; 2] = ['嗯', '呃'];

/// The plain form: letters and a `0` for every number, words apart by one space.
///
/// # Errors
/// Nothing can be made of it.
pub fn plain(text: &str) -> Result<String, Unreadable> {
    let mut letters = 0_usize;
    let mut foreign = 0_usize;
    for (at, char) in text.chars().enumerate() {
        if at >= MOST_CHARACTERS {
            return Err(Unreadable::TooLong);
        }
        if turns_direction(char) {
            return Err(Unreadable::Directions);
        }
        if char.is_alphabetic() {
            letters = letters.saturating_add(1);
            foreign = foreign.saturating_add(usize::from(!is_read(char)));
        }
    }
    if letters == 0 {
        return Err(Unreadable::Empty);
    }
    if foreign.saturating_mul(4) > letters {
        return Err(Unreadable::OtherScript);
    }
    let one_width: String = text.chars().filter(|char| !is_invisible(*char)).nfkc().collect();
    let words = spaced(&fast2s::convert(&one_width.to_lowercase()));
    if words.chars().any(char::is_alphabetic) { Ok(words) } else { Err(Unreadable::Empty) }
}

fn spaced(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut number = false;
    for char in text.chars() {
        let digit = char.is_numeric() && !char.is_alphabetic();
        if digit && number {
            continue;
        }
        number = digit;
        match char {
            '\'' | '’' => {}
            _ if digit => words.push('0'),
            _ if CHINESE_FILLERS.contains(&char) => words.push(' '),
            _ if char.is_alphabetic() => words.push(char),
            _ => words.push(' '),
        }
    }
    let said: Vec<&str> = words.split_whitespace().filter(|word| !FILLERS.contains(word)).collect();
    said.join(" ")
}

/// A Chinese character.
#[must_use]
pub fn is_han(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Chinese or Latin, full-width letters included.
fn is_read(char: char) -> bool {
    is_han(char) || matches!(char, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}

fn turns_direction(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_plain() {
        let table = [
            ("Ｈｅｌｌｏ，ＷＯＲＬＤ！", "hello world"),
            ("我想申請延期還款", "我想申请延期还款"),
            ("嗯 那个 我 3,200 块", "那个 我 0 0 块"),
            ("I can't  pay $1200 um, now", "i cant pay 0 now"),
            ("延\u{200b}期", "延期"),
            ("tab\tand\nline\u{0}", "tab and line"),
        ];
        for (said, expected) in table {
            assert_eq!(plain(said).as_deref(), Ok(expected), "{said}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let long = "延期".repeat(500_000);
        let table = [
            ("", Unreadable::Empty),
            (" \u{0}\u{1}\u{7f}\n", Unreadable::Empty),
            ("🔥🔥🌊", Unreadable::Empty),
            ("12345 ???", Unreadable::Empty),
            ("嗯", Unreadable::Empty),
            ("Скажите, пожалуйста", Unreadable::OtherScript),
            ("返済を延期したいのですが", Unreadable::OtherScript),
            ("대출 상환을 연기하고 싶어요", Unreadable::OtherScript),
            ("أريد تأجيل السداد", Unreadable::OtherScript),
            ("pay \u{202e}later", Unreadable::Directions),
            ("\u{2066}延期\u{2069}", Unreadable::Directions),
            (long.as_str(), Unreadable::TooLong),
        ];
        for (said, expected) in table {
            assert_eq!(plain(said), Err(expected), "{:.40}", said);
        }
    }

    #[test]
    fn two_thousand_characters_are_read_and_one_more_is_not() {
        assert!(plain(&"还".repeat(2_000)).is_ok());
        assert_eq!(plain(&"还".repeat(2_001)), Err(Unreadable::TooLong));
    }
}
