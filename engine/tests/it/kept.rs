//! Kept decisions, made again. Whose relief changes stands in the changelog: `tests/it/kept.rs` of the program.

use forbear_engine::cases::Corpus;
use forbear_engine::region::RegionTree;

#[test]
fn every_kept_decision_is_made_again() {
    let mut differ = Vec::new();
    let mut decisions = 0;
    for entry in std::fs::read_dir("tests/kept").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let corpus = Corpus::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for kept in corpus.decisions() {
            decisions += 1;
            let again = corpus.replay(kept, RegionTree::builtin());
            let differences: String = again.differences.iter().map(|one| format!("\n  {one}")).collect();
            if !differences.is_empty() {
                differ.push(format!("{} · {}{differences}", path.display(), again.name));
            }
        }
    }
    assert!(decisions >= 300, "{decisions} kept decisions");
    let advice = "when that is right, `forbear replay engine/tests/kept --renew` keeps them as they are made now";
    assert!(differ.is_empty(), "{} decisions differ; {advice}\n{}", differ.len(), differ.join("\n"));
}
