//! Words on pages.

use std::path::{Path, PathBuf};

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            found.push(path);
        }
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn every_word_stands_in_both_languages_and_nothing_is_styled_or_scripted_inside() {
    let mut files = Vec::new();
    templates(Path::new("src/web"), &mut files);
    assert!(files.len() > 10, "{files:?}");
    let mut wrong = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        // Both texts of each pair; what is left is the same in every language.
        let mut rest = text.as_str();
        let mut bare = String::new();
        while let Some(at) = ["f.say(\"", "f.put(\""].iter().filter_map(|call| rest.find(call)).min() {
            bare.push_str(&rest[..at]);
            let after = &rest[at + 7..];
            let Some((zh, tail)) = after.split_once("\", \"") else {
                wrong.push(format!("{}: no pair at {}", path.display(), &after[..after.len().min(40)]));
                break;
            };
            let (en, tail) = tail.split_once('"').unwrap();
            if !is_chinese(zh) && zh.chars().any(char::is_alphabetic) || is_chinese(en) {
                wrong.push(format!("{}: {zh} / {en}", path.display()));
            }
            rest = tail;
        }
        bare.push_str(rest);
        for (at, line) in bare.lines().enumerate() {
            // The language's own name stands in itself.
            if is_chinese(line) {
                wrong.push(format!("{}: Chinese outside a pair, line {}", path.display(), at + 1));
            }
            for forbidden in [" style=", "<script>", "javascript:", " onclick", " onload", " onsubmit"] {
                if line.contains(forbidden) {
                    wrong.push(format!("{}: {forbidden} is forbidden by the policy of content", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
