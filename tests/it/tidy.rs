//! The house rules: who may name whom, how long files and functions may grow.

use std::path::{Path, PathBuf};

/// What each room of the service may name with `use crate::…`. A room that is not listed may name everything.
const SERVICE: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("config", &[]),
    ("secret", &["secret"]),
    ("store", &["store", "secret"]),
    ("core_system", &["core_system", "secret"]),
    ("feed", &["feed", "secret"]),
    ("sender", &["sender", "core_system", "secret"]),
    ("service", &["service", "store", "core_system", "feed", "sender", "secret", "clock"]),
    ("api", &["api", "service", "secret"]),
    ("web", &["web", "api", "service", "secret"]),
];

/// Rooms of the engine from the ground up: each may name itself and the ones before it.
const ENGINE: &[&str] = &[
    "money",
    "dates",
    "rate",
    "text",
    "digest",
    "region",
    "declaration",
    "schedule",
    "cost",
    "policy",
    "account",
    "adjustment",
    "history",
    "request",
    "context",
    "reason",
    "facts",
    "benefit",
    "decide",
    "cases",
    "explain",
];

/// Arrows that point up inside the engine, each with its reason.
const ALLOWED_UP: &[(&str, &str)] = &[
    // A snapshot says what charges there are; a policy names their kinds and the parts of a row.
    ("policy", "account"),
    // A position applies adjustments and overlays grants.
    ("account", "adjustment"),
    ("account", "history"),
    // A gap in what is known is a reason.
    ("reason", "facts"),
];

/// Rooms of the navigator from the ground up: each may name itself and the ones before it.
const NAVIGATOR: &[&str] = &[
    "text",
    "words",
    "features",
    "weigh",
    "questions",
    "lines",
    "near",
    "svm",
    "model",
    "train",
    "person",
    "navigate",
    "measure",
    "answers",
];

const MOST_LINES: usize = 500;
const MOST_LINES_OF_A_FUNCTION: usize = 70;

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The room of a file: the first folder or file name under `src`.
fn room(path: &Path, base: &str) -> String {
    let inside = path.strip_prefix(base).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms that a file names, with the line. Unit tests at the end of a file may name what they like.
fn named(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        for rest in code.split("crate::").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !name.is_empty() && name.starts_with(|c: char| c.is_ascii_lowercase()) {
                found.push((at + 1, name));
            }
        }
    }
    found
}

#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    for path in sources("engine/src") {
        let own = room(&path, "engine/src");
        if own == "lib" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let floor = |name: &str| ENGINE.iter().position(|room| *room == name);
        assert!(floor(&own).is_some(), "engine/src/{own}: give it a floor in the table of this test");
        for (line, name) in named(&text) {
            let up = floor(&name) > floor(&own);
            if up && !ALLOWED_UP.contains(&(own.as_str(), name.as_str())) {
                wrong.push(format!("{}:{line} names `{name}`, which stands above `{own}`", path.display()));
            }
        }
    }
    for path in sources("navigator/src") {
        let own = room(&path, "navigator/src");
        let floor = |name: &str| NAVIGATOR.iter().position(|room| *room == name);
        assert!(
            own == "lib" || floor(&own).is_some(),
            "navigator/src/{own}: give it a floor in the table of this test"
        );
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, name) in named(&text).into_iter().filter(|(_, name)| own != "lib" && floor(name) > floor(&own)) {
            wrong.push(format!("{}:{line} names `{name}`, which stands above `{own}`", path.display()));
        }
    }
    for path in sources("src") {
        let own = room(&path, "src");
        let Some((_, may)) = SERVICE.iter().find(|(room, _)| *room == own) else { continue };
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, name) in named(&text).into_iter().filter(|(_, name)| !may.contains(&name.as_str())) {
            wrong.push(format!("{}:{line} names `{name}`; `{own}` may name {may:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_and_the_navigator_do_no_input_or_output() {
    let forbidden = [
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::time",
        "std::process",
        "Utc::now",
        "Local::now",
        "println!",
    ];
    let mut wrong = Vec::new();
    for path in ["engine/src", "navigator/src"].into_iter().flat_map(sources) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = forbidden.iter().find(|word| code.contains(**word)) {
                wrong.push(format!("{}:{} uses {word}", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = Vec::new();
    for path in ["engine/src", "navigator/src", "src", "oracle"].into_iter().flat_map(sources) {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > MOST_LINES {
            wrong.push(format!("{} has {} lines", path.display(), lines.len()));
        }
        for (at, line) in lines.iter().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]")) {
            let indent = line.len() - line.trim_start().len();
            let head = line.trim_start().trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
            let head = head.trim_start_matches("pub ").trim_start_matches("const ");
            if !head.starts_with("fn ") {
                continue;
            }
            // rustfmt closes a function at the indent of its head.
            let end = lines.iter().skip(at).position(|line| *line == format!("{}}}", " ".repeat(indent)));
            if end.is_some_and(|length| length + 1 > MOST_LINES_OF_A_FUNCTION) {
                wrong.push(format!("{}:{} has {} lines", path.display(), at + 1, end.unwrap_or_default() + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
