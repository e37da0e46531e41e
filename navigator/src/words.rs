//! Words of a plain text: Chinese ones by a dictionary, others by their spaces.

use jieba_rs::Jieba;

use crate::text::is_han;

/// Finds words. Making one reads the dictionary, which takes a while; using it does not.
pub struct Segmenter(Jieba);

impl Default for Segmenter {
    fn default() -> Self {
        Self(Jieba::new())
    }
}

impl Segmenter {
    /// The words of a plain text, in order.
    #[must_use]
    pub fn words<'t>(&self, plain: &'t str) -> Vec<&'t str> {
        let mut words = Vec::new();
        for mut rest in plain.split(' ') {
            while let Some(first) = rest.chars().next() {
                let chinese = is_han(first);
                let end = rest.find(|char| is_han(char) != chinese).unwrap_or(rest.len());
                let (run, after) = rest.split_at(end);
                if chinese {
                    words.extend(self.0.cut(run, true).into_iter().map(|token| token.word));
                } else {
                    words.push(run);
                }
                rest = after;
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_other_words_are_told_apart() {
        let segmenter = Segmenter::default();
        assert_eq!(segmenter.words("我想申请延期还款"), ["我", "想", "申请", "延期", "还款"]);
        assert_eq!(
            segmenter.words("app里找不到etc 0 pay later"),
            ["app", "里", "找", "不到", "etc", "0", "pay", "later"]
        );
        assert!(segmenter.words("").is_empty());
    }
}
