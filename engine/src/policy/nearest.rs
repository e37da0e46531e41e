//! The nearest right name for a wrong one.

/// A word that is longer is no slip of the pen, and comparing it would take long.
const MOST_LETTERS: usize = 200;

/// The candidate that was most likely meant, when one is near enough to be worth naming: at most a third of the
/// letters differ (a swap of neighbours counts once), or it starts alike and reads alike (Jaro-Winkler, over 0.85). Words
/// of one or two letters are only near to themselves.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MOST_LETTERS {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let wanted = plain(word);
    let short = wanted.chars().count() < 3;
    let mut best: Option<(usize, &str)> = None;
    let mut alike: Vec<&str> = Vec::new();
    for candidate in candidates {
        let other = plain(candidate);
        let distance = strsim::damerau_levenshtein(&wanted, &other);
        let near =
            distance == 0 || !short && distance <= (wanted.chars().count().max(other.chars().count()) / 3).max(1);
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
        if !short && is_alike(&wanted, &other) {
            alike.push(candidate);
        }
    }
    best.map(|(_, candidate)| candidate).or_else(|| alike.first().copied())
}

// strsim compares in floating point; the threshold is only for advice, never for money.
#[allow(clippy::float_arithmetic)]
fn is_alike(a: &str, b: &str) -> bool {
    strsim::jaro_winkler(a, b) > 0.85
}

/// `did you mean …?`, when something is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|found| format!("did you mean `{found}`?"))
}

/// As [`did_you_mean`], else the whole list of what is allowed.
pub fn one_of(word: &str, candidates: &[&str]) -> String {
    did_you_mean(word, candidates.iter().copied()).unwrap_or_else(|| format!("write one of {}", candidates.join(", ")))
}
