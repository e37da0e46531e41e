//! One policy through Forbear and five other engines: that they agree on every account, and how long each takes.

mod blocks;
mod book;
mod cedar;
mod cel;
mod columns;
mod datalogic;
mod forbear;
mod peer;
mod policy;
mod rego;
mod rounds;
#[cfg(feature = "zen")]
mod zen;

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::json;

use book::{Book, Entry};
use forbear::Snapshot;
use peer::{Form, Peer};
use policy::{Answer, Ask};
use rounds::Lane;

/// How many accounts all engines have to agree on.
const ACCOUNTS: u64 = 10_000;
/// How many accounts the columns have.
const ROWS: u64 = 1_000_000;
const ROUNDS: usize = 15;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => compare(&[]),
        ["only", names @ ..] => compare(names),
        ["columns", folder] => write_columns(Path::new(folder)),
        ["account", number] => {
            for entry in Book::of(std::iter::once(number.parse()?))?.entries() {
                println!("{}\n{}\n{}", entry.flat, entry.brief, entry.whole);
            }
            Ok(())
        }
        _ => bail!(
            "without arguments it compares; `only NAME …` compares some; `columns FOLDER` writes {ROWS} accounts for openfisca.py; `account NUMBER` prints one"
        ),
    }
}

/// All engines, or those whose names begin so.
fn compare(only: &[&str]) -> Result<()> {
    let book = Book::of(1..=ACCOUNTS)?;
    let book = book.entries();
    let expected = expected(&book)?;
    describe(&expected);
    let mut peers: Vec<(Ask, Box<dyn Peer + '_>)> = Vec::new();
    for ask in Ask::ALL {
        peers.push((ask, Box::new(forbear::Forbear::new(&book, ask, Snapshot::Brief)?)));
        peers.push((ask, Box::new(forbear::Forbear::new(&book, ask, Snapshot::Whole)?)));
        peers.push((ask, Box::new(datalogic::Datalogic::new(&book, ask)?)));
        #[cfg(feature = "zen")]
        for shape in [zen::Shape::Expression, zen::Shape::Table] {
            peers.push((ask, Box::new(zen::Zen::new(&book, ask, shape)?)));
        }
        peers.push((ask, Box::new(rego::Rego::new(&book, ask)?)));
        peers.push((ask, Box::new(cel::Cel::new(&book, ask)?)));
        peers.push((ask, Box::new(cedar::Cedar::new(&book, ask)?)));
    }
    peers.retain(|(_, peer)| only.is_empty() || only.iter().any(|name| peer.name().starts_with(name)));
    let lanes = rounds::run(&mut peers, &expected, ROUNDS)?;
    println!("All engines agree on all {ACCOUNTS} accounts, rule and money, in every form.\n");
    print(&lanes);
    drop(peers);
    let columns = blocks::run(&book, &expected, ROWS as usize / book.len(), ROUNDS)?;
    println!(
        "forbear, columns of {ROWS} accounts: rule {:.2} ns, with trace {:.2} ns; reading accounts into columns {:.0} ns\n",
        columns.told, columns.traced, columns.load
    );
    println!("{}", json!(lanes.iter().map(Lane::json).collect::<Vec<_>>()));
    Ok(())
}

/// Columns of a million accounts with Forbear's answers.
fn write_columns(folder: &Path) -> Result<()> {
    columns::write(folder, ROWS, |block| {
        let mut answers = Vec::new();
        forbear::Forbear::new(block, Ask::Money, Snapshot::Whole)?.decide(Form::Loaded, &mut answers)?;
        Ok(answers)
    })?;
    println!("{ROWS} accounts are in {}", folder.display());
    Ok(())
}

/// What the policy says of each account, written out plainly from the flat record.
fn expected(book: &[Entry<'_>]) -> Result<Vec<Answer>> {
    let from = policy::day_number(policy::WINDOW_FROM)?;
    let until = policy::day_number(policy::INCIDENT_START)?;
    let one = |entry: &Entry<'_>| {
        let flat = entry.record()?;
        let any = |names: &[&str], of: &[&str]| names.iter().any(|name| of.contains(name));
        let eligible = ["flood", "typhoon", "storm"].contains(&flat.kind)
            && flat.severity <= 3
            && flat.status == "active"
            && ["cash_loan", "instalment", "car_loan"].contains(&flat.product)
            && (from..=until).contains(&flat.disbursed_on)
            && policy::AREAS.contains(&flat.prefecture)
            && flat.days_past_due <= 60
            && !any(&flat.arrangements, &["workout_offer", "liquidation_workout"]);
        let rule = if !eligible {
            0
        } else if any(&flat.flags, &["injured", "bereaved", "hospitalised"]) {
            1
        } else if flat.principal <= 5_000_000 && flat.days_past_due <= 30 {
            2
        } else if flat.rate <= 2_400 {
            3
        } else {
            0
        };
        Ok(Answer { rule, cents: policy::waived(rule, flat.fee, flat.fee_unpaid) })
    };
    book.iter().map(one).collect()
}

/// How the accounts are spread over the rules.
fn describe(expected: &[Answer]) {
    let count = |rule| expected.iter().filter(|answer| answer.rule == rule).count();
    let cents: i64 = expected.iter().map(|answer| answer.cents).sum();
    println!(
        "{} accounts: rule 1 {}, rule 2 {}, rule 3 {}, none {}; {}.{:02} waived",
        expected.len(),
        count(1),
        count(2),
        count(3),
        count(0),
        cents / 100,
        cents % 100
    );
}

fn print(lanes: &[Lane]) {
    for ask in Ask::ALL {
        for form in Form::ALL {
            let of: Vec<&Lane> = lanes.iter().filter(|lane| lane.ask == ask && lane.form == form).collect();
            let ours = of.iter().find(|lane| lane.engine == "forbear").map(|lane| lane.median());
            println!("{}, {}", ask.name(), form.name());
            println!("  {:<26} {:>12} {:>12} {:>8}", "engine", "median ns", "least ns", "ratio");
            for lane in &of {
                let ratio = ours.map(|ours| format!("{:.1}", lane.median() / ours)).unwrap_or_default();
                println!("  {:<26} {:>12.1} {:>12.1} {:>8}", lane.engine, lane.median(), lane.least(), ratio);
            }
            println!();
        }
    }
}
