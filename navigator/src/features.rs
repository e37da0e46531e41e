//! What a text is judged by: its characters in rows of up to three (Latin letters of three or four), its words, pairs of
//! words, and how it sounds, because a recogniser of speech writes 正信 for 征信. Each is known by a number only.

use pinyin::ToPinyin;

use crate::text::is_han;
use crate::words::Segmenter;

/// Of what kind a feature is: part of its number, so that a word and the same characters are two features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Characters,
    Word,
    Pair,
    /// Two words with one between them.
    Skip,
    Sound,
}

impl Kind {
    const fn mark(self) -> u8 {
        match self {
            Self::Characters => b'c',
            Self::Word => b'w',
            Self::Pair => b'p',
            Self::Skip => b's',
            Self::Sound => b'q',
        }
    }

    /// Of two, how much it counts: sounds repeat what characters say.
    const fn weight(self) -> u32 {
        match self {
            Self::Sound => 1,
            _ => 2,
        }
    }
}

/// A feature with how often it comes and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feature {
    /// Its number.
    pub number: u64,
    /// How often.
    pub count: u32,
    /// Of two.
    pub weight: u32,
}

/// The features of a plain text, by number, each once.
#[must_use]
pub fn features(segmenter: &Segmenter, plain: &str) -> Vec<Feature> {
    let mut found = Found(Vec::with_capacity(256));
    characters(plain, &mut found);
    words(&segmenter.words(plain), &mut found);
    sounds(plain, &mut found);
    let mut all = found.0;
    all.sort_unstable();
    let mut features: Vec<Feature> = Vec::with_capacity(all.len());
    for (number, weight) in all {
        match features.last_mut().filter(|last| last.number == number) {
            Some(last) => last.count = last.count.saturating_add(1),
            None => features.push(Feature { number, count: 1, weight }),
        }
    }
    features
}

struct Found(Vec<(u64, u32)>);

impl Found {
    fn add(&mut self, kind: Kind, parts: &[&str]) {
        let mut number = Number::new(kind.mark());
        for part in parts {
            number.take(part.as_bytes());
            number.take(b"_");
        }
        self.0.push((number.end(), kind.weight()));
    }
}

fn characters(plain: &str, found: &mut Found) {
    let framed: Vec<char> = std::iter::once(' ').chain(plain.chars()).chain(std::iter::once(' ')).collect();
    let mut bytes = [0_u8; 4];
    for length in 1..=4 {
        for row in framed.windows(length) {
            let chinese = row.iter().any(|char| is_han(*char));
            let wanted = if chinese { length <= 3 } else { length >= 3 };
            if wanted && row.iter().any(|char| *char != ' ') {
                let mut number = Number::new(Kind::Characters.mark());
                row.iter().for_each(|char| number.take(char.encode_utf8(&mut bytes).as_bytes()));
                found.0.push((number.end(), Kind::Characters.weight()));
            }
        }
    }
}

fn words(words: &[&str], found: &mut Found) {
    words.iter().for_each(|word| found.add(Kind::Word, &[word]));
    for pair in words.windows(2) {
        found.add(Kind::Pair, pair);
    }
    for three in words.windows(3) {
        if let [first, _, last] = three {
            found.add(Kind::Skip, &[first, last]);
        }
    }
}

fn sounds(plain: &str, found: &mut Found) {
    let sounds: Vec<Option<&str>> = plain.chars().map(|char| char.to_pinyin().map(|sound| sound.plain())).collect();
    for run in sounds.split(Option::is_none) {
        let run: Vec<&str> = run.iter().copied().flatten().collect();
        for length in 2..=3 {
            run.windows(length).for_each(|row| found.add(Kind::Sound, row));
        }
    }
}

/// A number for bytes: FNV-1a, stirred at the end so that its low bits can be used alone.
pub struct Number(u64);

impl Number {
    /// Begun with a mark.
    #[must_use]
    pub fn new(mark: u8) -> Self {
        let mut number = Self(0xcbf2_9ce4_8422_2325);
        number.take(&[mark]);
        number
    }

    /// Takes bytes in.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The number.
    #[must_use]
    pub fn end(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_rows_words_pairs_and_sounds() {
        let segmenter = Segmenter::default();
        // 延期: rows 延 期 延期 with the frame's space before and behind in rows of two and three, one word, one sound.
        // Rows: (延)(期); ( 延)(延期)(期 ); ( 延期)(延期 ) = 7; the word = 1; yan-qi = 1.
        assert_eq!(features(&segmenter, "延期").len(), 9);
        // pay: ( pa)(pay)(ay ); ( pay)(pay ) = 5; the word = 1.
        assert_eq!(features(&segmenter, "pay").len(), 6);
        assert!(features(&segmenter, "").is_empty());
    }

    #[test]
    fn what_sounds_alike_shares_its_sounds() {
        let segmenter = Segmenter::default();
        let (right, heard) = (features(&segmenter, "征信"), features(&segmenter, "正信"));
        let shared: Vec<&Feature> = right.iter().filter(|feature| heard.contains(feature)).collect();
        assert!(shared.iter().any(|feature| feature.weight == 1), "{shared:?}");
    }

    #[test]
    fn what_comes_twice_is_counted() {
        let found = features(&Segmenter::default(), "pay pay");
        assert!(found.iter().any(|feature| feature.count == 2));
        assert!(found.windows(2).all(|two| two[0].number < two[1].number));
    }
}
