//! Who the people on an account are, as the core system says it beside the facts: read from the same line, handed over
//! separately, and never seen by the engine.

use forbear_engine::account::Account;
use serde::Deserialize;

use super::BadLine;
use super::jsonl::parse;
use crate::secret::Hidden;

/// Somebody: what is not said is absent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The lender's number for the person, as among the account's parties.
    pub party: String,
    /// What they are called.
    pub name: Option<Hidden<String>>,
    /// Their phone.
    pub phone: Option<Hidden<String>>,
    /// The number of their identity card, or what stands for it.
    pub id_number: Option<Hidden<String>>,
    /// What they read: `zh-CN`, `en`.
    pub language: Option<String>,
}

/// What a line says: the facts, and who the people are.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The facts.
    pub account: Account,
    /// The people; none when the line says nothing of them.
    pub persons: Vec<Person>,
}

/// People on one account, at most.
const MOST: usize = 100;

/// Bytes of a name, a phone or a number, at most.
const LONGEST: usize = 400;

#[derive(Deserialize)]
struct Beside {
    person: Option<Persons>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Persons {
    parties: Vec<Person>,
}

/// Reads one line with the people in it.
///
/// # Errors
/// The account cannot be read, or what is under `person` cannot; that is never repeated.
pub fn parse_with_persons(line: u64, text: &str) -> Result<Reported, BadLine> {
    let account = parse(line, text)?;
    let bad = |reason: String| BadLine { line, reason };
    let beside: Beside = serde_json::from_str(text).map_err(|error| {
        bad(format!(
            "/person: not read at byte {}: write {{\"parties\": [{{\"party\", \"name\", \"phone\", \"id_number\", \
             \"language\"}}]}}, each a text and each once",
            error.column()
        ))
    })?;
    let persons = beside.person.map(|person| person.parties).unwrap_or_default();
    if persons.len() > MOST {
        return Err(bad(format!("/person/parties: more than {MOST} people")));
    }
    for (at, person) in persons.iter().enumerate() {
        if let Some(reason) = wrong(&account, person, persons.get(..at).unwrap_or_default()) {
            return Err(bad(format!("/person/parties/{at}: {reason}")));
        }
    }
    Ok(Reported { account, persons })
}

/// What is wrong with somebody.
fn wrong(account: &Account, person: &Person, before: &[Person]) -> Option<&'static str> {
    let texts = [&person.name, &person.phone, &person.id_number];
    let lengths = texts.into_iter().flatten().map(|text| text.show().len());
    let known = |parties: &Vec<_>| {
        parties.iter().any(|party: &forbear_engine::account::snapshot::Party| party.party == person.party)
    };
    if account.parties.as_ref().is_some_and(|parties| !known(parties)) {
        return Some("its `party` is not among the account's parties");
    }
    if before.iter().any(|other| other.party == person.party) {
        return Some("its `party` is given twice");
    }
    let language = person.language.as_ref().map_or(0, String::len);
    if lengths.chain([language, person.party.len()]).any(|length| length > LONGEST) {
        return Some("a text of it is longer than 400 bytes");
    }
    None
}
