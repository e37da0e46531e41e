//! Kept decisions, made again: what a new engine would decide differently, before it is released.

use anyhow::{Context, ensure};
use forbear_engine::cases::kept::{Corpus, Kept, Line, Replayed};
use forbear_engine::digest::digest;
use forbear_engine::region::RegionTree;
use rayon::prelude::*;

/// How many digits of a digest name it.
const DIGITS: usize = 12;

/// Decides every kept decision again, in the order of the corpus.
#[must_use]
pub fn replay(corpus: &Corpus, regions: &RegionTree) -> Vec<Replayed> {
    let kept: Vec<&Kept> = corpus.decisions().collect();
    kept.par_iter().map(|kept| corpus.replay(kept, regions)).collect()
}

/// The corpus as text, with each decision as it is made now.
///
/// # Errors
/// A decision cannot be made any longer: it has to be taken out by hand.
pub fn renewed(corpus: &Corpus, replayed: &[Replayed]) -> anyhow::Result<String> {
    let mut made = replayed.iter();
    let mut text = String::new();
    for line in corpus.lines() {
        let mut line = line.clone();
        if let Line::Decision(kept) = &mut line {
            let again = made.next().filter(|again| again.name == kept.name);
            let now = again.and_then(|again| again.now.clone());
            ensure!(now.is_some(), "{} cannot be decided any longer: take it out, or repair its inputs", kept.name);
            kept.decision = now.unwrap_or_default();
        }
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
    }
    Ok(text)
}

/// What names the corpora as they are: the first digits of the SHA-256 of all their lines. An entry of the changelog
/// names it, so that no decision changes without a word on whose relief that is.
///
/// # Errors
/// A line has no canonical JSON.
pub fn seal<'c>(corpora: impl IntoIterator<Item = &'c Corpus>) -> anyhow::Result<String> {
    let lines: Vec<&[Line]> = corpora.into_iter().map(Corpus::lines).collect();
    let digest = digest(&lines).context("a kept decision has no canonical JSON")?;
    Ok(digest.chars().take(DIGITS).collect())
}
