//! Columns: the facts and the answers as files for OpenFisca.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::book::{Book, Entry, Flat};
use crate::policy::{self, AREAS, Answer};

/// The facts, in the order of [`numbers`].
const FACTS: [&str; 13] = [
    "kind",
    "severity",
    "status",
    "product",
    "disbursed_on",
    "prefecture",
    "days_past_due",
    "arrangements",
    "flags",
    "principal",
    "rate",
    "fee",
    "fee_unpaid",
];
const KINDS: [&str; 3] = ["flood", "typhoon", "storm"];
const STATUSES: [&str; 4] = ["active", "settled", "defaulted", "written_off"];
const PRODUCTS: [&str; 5] = ["cash_loan", "instalment", "car_loan", "mortgage", "card"];
const ARRANGEMENTS: [&str; 3] = ["workout_offer", "liquidation_workout", "repayment_plan"];
const FLAGS: [&str; 4] = ["injured", "bereaved", "hospitalised", "vulnerable"];

/// A record as numbers: names by their place in a list, sets as bits.
fn numbers(flat: &Flat<'_>) -> Result<[i64; 13]> {
    let place = |of: &[&str], name: &str| {
        let at = of.iter().position(|one| *one == name).with_context(|| format!("{name} is in no list"))?;
        Ok::<_, anyhow::Error>(at as i64)
    };
    let bits = |of: &[&str], names: &[&str]| -> Result<i64> {
        names.iter().try_fold(0, |bits, name| Ok(bits | 1 << place(of, name)?))
    };
    Ok([
        place(&KINDS, flat.kind)?,
        flat.severity,
        place(&STATUSES, flat.status)?,
        place(&PRODUCTS, flat.product)?,
        flat.disbursed_on,
        code(flat.prefecture)?,
        flat.days_past_due,
        bits(&ARRANGEMENTS, &flat.arrangements)?,
        bits(&FLAGS, &flat.flags)?,
        flat.principal,
        flat.rate,
        flat.fee,
        flat.fee_unpaid,
    ])
}

fn code(area: &str) -> Result<i64> {
    Ok(area.trim_start_matches("CN-").parse()?)
}

/// Writes the columns of accounts 1 to `rows`, with what `decide` answers for each block of them.
pub fn write(
    folder: &Path,
    rows: u64,
    mut decide: impl FnMut(&[Entry<'_>]) -> Result<Vec<Answer>>,
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let areas: Vec<i64> = AREAS.iter().map(|area| code(area)).collect::<Result<_>>()?;
    let fixed = json!({
        "facts": FACTS, "kinds": [0, 1, 2], "active": 0, "products": [0, 1, 2], "areas": areas, "workouts": 3, "vulnerable": 7,
        "window": [policy::day_number(policy::WINDOW_FROM)?, policy::day_number(policy::INCIDENT_START)?]
    });
    fs::write(folder.join("columns.json"), fixed.to_string())?;
    let mut files = Vec::new();
    for name in FACTS.iter().chain(&["rule", "cents"]) {
        files.push(BufWriter::new(File::create(folder.join(format!("{name}.i64")))?));
    }
    let mut first = 1;
    while first <= rows {
        let last = rows.min(first + 9_999);
        let block = Book::of(first..=last)?;
        let block = block.entries();
        let answers = decide(&block)?;
        if answers.len() != block.len() {
            bail!("{} answers for {} accounts", answers.len(), block.len());
        }
        for (entry, answer) in block.iter().zip(answers) {
            let numbers = numbers(&entry.record()?)?;
            let all = numbers.into_iter().chain([i64::from(answer.rule), answer.cents]);
            for (file, number) in files.iter_mut().zip(all) {
                file.write_all(&number.to_le_bytes())?;
            }
        }
        first = last + 1;
    }
    files.iter_mut().try_for_each(|file| Ok(file.flush()?))
}
