//! Short messages: how many a text takes, and what in it makes people think of fraud.

/// Letters of one short message, and of each of several, in the alphabet of GSM (3GPP TS 23.038) and in UTF-16.
const GSM: (usize, usize) = (160, 153);
const WIDE: (usize, usize) = (70, 67);

/// Short messages that a text takes.
#[must_use]
pub fn parts(text: &str) -> usize {
    let septets: Option<usize> = text.chars().map(septets).sum();
    let (units, (alone, of_several)) = match septets {
        Some(units) => (units, GSM),
        None => (text.encode_utf16().count(), WIDE),
    };
    if units <= alone { 1 } else { units.div_ceil(of_several) }
}

/// Places that a letter takes in GSM's alphabet; none where it is not in there. Those with accents are left out: gateways differ.
fn septets(letter: char) -> Option<usize> {
    match letter {
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        '`' => None,
        ' '..='~' | '\n' | '£' => Some(1),
        _ => None,
    }
}

/// What nobody is asked for in a message.
const SECRETS: [&str; 20] = [
    "password",
    "passcode",
    "pin",
    "verification code",
    "security code",
    "one-time code",
    "otp",
    "card number",
    "cvv",
    "log in",
    "login",
    "sign in",
    "密码",
    "验证码",
    "校验码",
    "口令",
    "卡号",
    "登录",
    "登陆",
    "code",
];

/// The first word of a text that stands for a secret.
#[must_use]
pub fn secret_in(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    SECRETS.into_iter().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
            let after = after.strip_prefix(word).unwrap_or_default();
            // `pin` is no part of `opinion`; Chinese has no blanks.
            !word.is_ascii() || !(is_letter(before.chars().next_back()) || is_letter(after.chars().next()))
        })
    })
}

/// The first link of a text that does not lead to one of these hosts in a way that nobody can listen to, with the name of what
/// is wrong.
#[must_use]
pub fn stranger_in<'a>(text: &'a str, hosts: &[&str]) -> Option<(&'static str, &'a str)> {
    let of_link =
        |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '<' | '>' | '(' | ')' | ',' | ';');
    text.split(|letter| !of_link(letter)).map(|word| word.trim_end_matches(['.', ':', '!', '?'])).find_map(|word| {
        if let Some(rest) = word.strip_prefix("https://") {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            return (!hosts.contains(&host)).then_some(("foreign_link", word));
        }
        (word.contains("://") || is_host(word.split('/').next().unwrap_or_default())).then_some(("insecure_link", word))
    })
}

/// Whether a word looks like the name of a host: phones make a link of it.
fn is_host(word: &str) -> bool {
    let Some((name, top)) = word.rsplit_once('.') else { return false };
    let in_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    top.len() >= 2
        && top.chars().all(|letter| letter.is_ascii_alphabetic())
        && !name.is_empty()
        && name.chars().all(in_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_as_many_as_the_standard_says() {
        assert_eq!((parts(&"a".repeat(160)), parts(&"a".repeat(161)), parts(&"a".repeat(306))), (1, 2, 2));
        assert_eq!((parts(&"a".repeat(307)), parts(&"€".repeat(80)), parts(&"€".repeat(81))), (3, 1, 2));
        assert_eq!((parts(&"灾".repeat(70)), parts(&"灾".repeat(71)), parts(&"灾".repeat(134))), (1, 2, 2));
        assert_eq!((parts(&"灾".repeat(135)), parts(""), parts("é")), (3, 1, 1));
        // One letter of another alphabet makes all of it wide.
        assert_eq!(parts(&format!("{}灾", "a".repeat(70))), 2);
    }

    #[test]
    fn secrets_and_strange_links_are_found() {
        assert_eq!(secret_in("Enter your PIN now"), Some("pin"));
        assert_eq!(secret_in("in our opinion, spinning"), None);
        assert_eq!(secret_in("请回复验证码"), Some("验证码"));
        assert_eq!(secret_in("Call 400-800-1234."), None);
        let own = ["bank.example"];
        let found = |text| stranger_in(text, &own).map(|(name, _)| name);
        assert_eq!(found("See https://bank.example/relief. Call 400-800-1234"), None);
        assert_eq!(found("See https://bank.example.evil.com/relief"), Some("foreign_link"));
        assert_eq!(found("See https://bank.example@evil.com/"), Some("foreign_link"));
        assert_eq!(found("See http://bank.example/relief"), Some("insecure_link"));
        assert_eq!(found("点击bit.ly/x领取"), Some("insecure_link"));
        assert_eq!(found("Until 2026-12-31. Reply YES. e.g. now"), None);
    }
}
