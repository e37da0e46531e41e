//! Recorded runs: `forbear-oracle agree --seeds 0..10000000 --state FILE`.
//!
//! Compares engine and oracle on a range of seeds on every core, block after block. What is done is kept in the state
//! file, so that a run that was stopped goes on where it was.
#![allow(clippy::as_conversions)]

use std::io::Write;
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use forbear_oracle::generate::{Case, World};
use forbear_oracle::run::{Tally, seeds, shown};
use forbear_oracle::statistics::wanted;
use serde::{Deserialize, Serialize};

/// Seeds between two writes of the state.
const BLOCK: u64 = 64 * 1_024;

/// What is kept between runs.
#[derive(Serialize, Deserialize)]
struct State {
    seeds: Range<u64>,
    next: u64,
    seconds: u64,
    tally: Tally,
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("{problem}\nusage: forbear-oracle agree --seeds 0..1000000 [--state FILE]");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let after = |name: &str| arguments.iter().skip_while(|one| *one != name).nth(1);
    if arguments.first().map(String::as_str) != Some("agree") {
        return Err("there is one command: agree".to_owned());
    }
    let range = after("--seeds").and_then(|text| text.split_once("..")).ok_or("--seeds FROM..TO is missing")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text}: {error}"));
    let range = number(range.0)?..number(range.1)?;
    let file = after("--state");
    let mut state = State { seeds: range.clone(), next: range.start, seconds: 0, tally: Tally::default() };
    if let Some(text) = file.and_then(|file| std::fs::read_to_string(file).ok()) {
        state = serde_json::from_str(&text).map_err(|error| format!("the state file: {error}"))?;
        if state.seeds != range {
            return Err(format!("the state file is of the seeds {:?}", state.seeds));
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    while state.next < range.end {
        let began = Instant::now();
        let block = state.next..range.end.min((state.next / BLOCK + 1) * BLOCK);
        state.tally.add(seeds(block.clone(), threads, &report));
        state.next = block.end;
        state.seconds += (began.elapsed().as_millis() as u64).div_ceil(1000);
        if let Some(file) = file {
            keep(file, &state).map_err(|error| format!("{file}: {error}"))?;
        }
        eprintln!("{} cases, {} differ, {} s", state.tally.cases, state.tally.differing.len(), state.seconds);
    }
    print(&state);
    Ok(if state.tally.differing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whole or not at all: a run may be killed while it writes.
fn keep(file: &str, state: &State) -> std::io::Result<()> {
    let part = format!("{file}.part");
    let mut out = std::fs::File::create(&part)?;
    out.write_all(&serde_json::to_vec(state)?)?;
    out.sync_all()?;
    std::fs::rename(part, file)
}

fn report(world: &World, case: &Case, differences: &[String]) {
    println!("seed {}\n{}\n{}", case.seed, differences.join("\n"), shown(world, case));
}

fn print(state: &State) {
    let Tally { cases, differing, policies: [accepted, refused], met } = &state.tally;
    for (thing, count) in met {
        println!("{count:>10} {}.{:02} % {thing}", count * 100 / cases.max(&1), count * 10_000 / cases.max(&1) % 100);
    }
    let rare = wanted().into_iter().filter(|thing| met.get(thing).copied().unwrap_or(0) * 100 < *cases);
    println!("under 1 %: {:?}", rare.collect::<Vec<_>>());
    println!("policies: {accepted} accepted, {refused} refused while they were made");
    println!("seeds {:?}: {cases} cases, {} differ {differing:?}, {} s", state.seeds, differing.len(), state.seconds);
}
