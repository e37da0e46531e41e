//! Facts on the command line: `request.hardship=yes`, `account.days_past_due=45`.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use forbear_engine::facts::value::Value;
use forbear_engine::money::Currency;
use forbear_engine::policy::facts::{Attributes, FactRef, FactType, names};
use forbear_engine::region::RegionTree;
use serde_json::{Value as Json, json};

/// Splits `name=value`.
///
/// # Errors
/// There is no `=`, or nothing before it.
pub fn split(text: &str) -> anyhow::Result<(&str, &str)> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim(), value.trim())),
        _ => bail!("\"{text}\" is not of the form name=value"),
    }
}

/// A fact and its value from `name=value`.
///
/// # Errors
/// There is no such fact, or the value is not of its type; the text says what would be right.
pub fn fact(text: &str, attributes: &Attributes, currency: Currency) -> anyhow::Result<(String, Json)> {
    let (name, value) = split(text)?;
    let (fact, of) = find(name, attributes)?;
    let json = read(value, of);
    check(name, &json, of, currency)?;
    Ok((fact.name(), json))
}

/// Refuses answers of a request that the engine could not read.
///
/// # Errors
/// The first one that names no fact or is not of its type.
pub fn check_all(answers: &BTreeMap<String, Json>, attributes: &Attributes, currency: Currency) -> anyhow::Result<()> {
    answers.iter().try_for_each(|(name, json)| check(name, json, find(name, attributes)?.1, currency))
}

fn check(name: &str, json: &Json, of: FactType, currency: Currency) -> anyhow::Result<()> {
    let read = Value::from_json(json, of, currency, RegionTree::builtin());
    read.map(drop).map_err(|wrong| anyhow!("{name}: {}", wrong.words(RegionTree::builtin())))
}

fn find(name: &str, attributes: &Attributes) -> anyhow::Result<(FactRef, FactType)> {
    FactRef::find(name, attributes).ok_or_else(|| {
        let known = names(attributes);
        let near = known.iter().map(|known| (strsim::osa_distance(known, name), known)).min();
        let near = near.map(|(_, near)| format!("; the nearest is {near}")).unwrap_or_default();
        anyhow!("there is no fact {name}{near}; `forbear facts` lists them all")
    })
}

/// What is typed, as the JSON that the engine reads.
fn read(text: &str, of: FactType) -> Json {
    match (of, text) {
        (_, "null") | (FactType::Region | FactType::Date, "none") => Json::Null,
        (FactType::Bool, "yes" | "true" | "是") => json!(true),
        (FactType::Bool, "no" | "false" | "否") => json!(false),
        (FactType::Count(_), _) => text.parse::<i64>().map_or_else(|_| json!(text), |count| json!(count)),
        (FactType::Names(_), _) => {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            json!(names.collect::<Vec<_>>())
        }
        _ => json!(text),
    }
}
