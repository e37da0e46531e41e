//! Hostile input of every kind: each case is refused with words that say where and why, or accepted as written here.

mod accounts;
mod declarations;
mod disasters;
mod large;
mod policies;
mod tables;

/// A case: the input, and what must be said of it; `OK` when it is to be accepted.
pub type Case<'a> = (&'a str, &'a str);

/// For input that looks hostile and is right.
pub const OK: &str = "";

/// Holds what came out against what must; all differences at once.
pub fn compare<'a>(cases: impl IntoIterator<Item = (String, &'a str, Result<(), String>)>) {
    let mut wrong = Vec::new();
    for (input, want, got) in cases {
        let input: String = input.chars().take(200).collect();
        match got {
            Ok(()) if want == OK => {}
            Ok(()) => wrong.push(format!("{input}\n    accepted, not refused with: {want}")),
            Err(message) if want != OK && message.contains(want) => {}
            Err(message) => wrong.push(format!("{input}\n    wanted: {want}\n    got:    {message}")),
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
