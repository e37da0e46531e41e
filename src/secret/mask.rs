//! What a screen shows of a value: enough for somebody who knows it to tell that it is the right one.

/// A phone: `138****5678`. Of other numbers than Chinese mobiles the last four digits are left.
#[must_use]
pub fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mobile = digits.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(&digits);
    let ends = if mobile.len() == 11 && mobile.starts_with('1') && !text.starts_with("+1") { 3 } else { 0 };
    stars(mobile, ends, 4)
}

/// A name: the first letter, and always two stars, so that its length is not told: `张**`.
#[must_use]
pub fn name(text: &str) -> String {
    let first: String = text.trim().chars().take(1).collect();
    format!("{first}**")
}

/// An identity number: `4101**********123X`. Of shorter numbers than Chinese ones only the end is left.
#[must_use]
pub fn number(text: &str) -> String {
    let ends = if text.chars().count() >= 15 { 4 } else { 0 };
    stars(text, ends, 4)
}

/// Stars between the first and the last letters; nothing but stars where half of it would be shown.
fn stars(text: &str, first: usize, last: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    let shown = first.saturating_add(last);
    let middle = letters.len().saturating_sub(shown);
    if letters.len() < shown || middle < 4 {
        return "*".repeat(letters.len().max(4));
    }
    let (head, tail) = (letters.iter().take(first), letters.iter().skip(first.saturating_add(middle)));
    head.copied().chain(std::iter::repeat_n('*', middle)).chain(tail.copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_leave_the_ends() {
        assert_eq!(phone("13812345678"), "138****5678");
        assert_eq!(phone("+86 138-1234-5678"), "138****5678");
        assert_eq!(phone("+17135550123"), "*******0123");
        assert_eq!(phone("12345"), "*****");
        assert_eq!(name("张三"), "张**");
        assert_eq!(name("Maria Gonzalez"), "M**");
        assert_eq!(name(""), "**");
        assert_eq!(number("41010519900101123X"), "4101**********123X");
        assert_eq!(number("123456789"), "*****6789");
        assert_eq!(number("12"), "****");
    }
}
