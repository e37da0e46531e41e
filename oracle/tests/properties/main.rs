//! Laws that hold for every decision, tried on generated cases: `oracle::generate` makes each from its seed, so that a
//! range of seeds can be run anywhere and again.
//!
//! `FORBEAR_CASES` seeds (1,000 when it is left out) from `FORBEAR_SEED` on (0) are tried. Every law says of each case
//! whether it concerns it; a law that concerns hardly any case proves nothing and fails.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod again;
mod document;
mod flips;
mod ground;
mod money;
mod order;
mod place;
mod unread;

use std::collections::BTreeMap;

use forbear_oracle::generate::{CASES_PER_WORLD, World};

use self::ground::{Ground, Law, Verdict};

const LAWS: &[Law] = &[
    Law { name: "owed changes by what is relieved, added and moved, part by part", check: money::conserves },
    Law { name: "a change of rows keeps principal but for what it capitalises", check: money::keeps_principal },
    Law { name: "nothing owed is negative", check: money::never_negative },
    Law { name: "no date before the incident", check: money::dates_after_start },
    Law { name: "a grant that is reversed leaves no trace", check: again::reversal_is_identity },
    Law { name: "deciding again gives nothing more", check: again::gives_nothing_more },
    Law { name: "deciding twice gives the same", check: again::same_twice },
    Law { name: "the order of inputs changes nothing", check: order::of_inputs },
    Law { name: "the order of keys changes nothing", check: order::of_keys },
    Law { name: "a policy that is printed and read is the same", check: document::round_trip },
    Law { name: "facts that nobody reads change nothing", check: unread::facts },
    Law { name: "what is not asked changes nothing", check: unread::questions },
    Law { name: "one more area makes nobody ineligible", check: place::more_area },
    Law { name: "what would have to change does change it", check: flips::would_change },
];

/// What a run came to, by law: cases concerned, and the first that broke it.
#[derive(Default)]
struct Tally {
    concerned: BTreeMap<&'static str, u64>,
    broken: BTreeMap<&'static str, Vec<String>>,
    undecided: u64,
}

fn given(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// The cases of one world in a range of seeds.
fn run(number: u64, first: u64, last: u64, tally: &mut Tally) {
    let world = World::of(number);
    let seeds = number * CASES_PER_WORLD..(number + 1) * CASES_PER_WORLD;
    for seed in seeds.filter(|seed| (first..last).contains(seed)) {
        let Some(ground) = Ground::of(&world, seed) else {
            tally.undecided += 1;
            continue;
        };
        for law in LAWS {
            match (law.check)(&ground) {
                Verdict::NotConcerned => {}
                Verdict::Held => *tally.concerned.entry(law.name).or_default() += 1,
                Verdict::Broken(why) => {
                    *tally.concerned.entry(law.name).or_default() += 1;
                    tally.broken.entry(law.name).or_default().push(format!("seed {seed}: {why}"));
                }
            }
        }
    }
}

#[test]
fn every_law_holds() {
    let first = given("FORBEAR_SEED", 0);
    let last = first + given("FORBEAR_CASES", 1_000);
    let worlds: Vec<u64> = (first / CASES_PER_WORLD..=(last - 1) / CASES_PER_WORLD).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut whole = Tally::default();
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let part = |at: usize| {
            let worlds = &worlds;
            scope.spawn(move || {
                let mut tally = Tally::default();
                worlds.iter().skip(at).step_by(threads).for_each(|number| run(*number, first, last, &mut tally));
                tally
            })
        };
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    for tally in tallies {
        tally.concerned.into_iter().for_each(|(name, count)| *whole.concerned.entry(name).or_default() += count);
        tally.broken.into_iter().for_each(|(name, more)| whole.broken.entry(name).or_default().extend(more));
        whole.undecided += tally.undecided;
    }
    let cases = last - first;
    println!("seeds {first} to {}; {} cannot be decided", last - 1, whole.undecided);
    let mut wrong = Vec::new();
    for law in LAWS {
        let concerned = whole.concerned.get(law.name).copied().unwrap_or(0);
        let broken = whole.broken.get(law.name).map(Vec::as_slice).unwrap_or_default();
        println!("{}: {concerned} cases, {} broken", law.name, broken.len());
        let shown: Vec<&str> = broken.iter().take(3).map(String::as_str).collect();
        if !broken.is_empty() {
            wrong.push(format!("{}: {} of {concerned}\n{}", law.name, broken.len(), shown.join("\n")));
        } else if cases >= 10_000 && concerned * 100 < cases {
            // Fewer cases are of too few policies to say.
            wrong.push(format!("{}: only {concerned} of {cases} cases concern it", law.name));
        }
    }
    // What cannot be decided for want of range proves nothing.
    assert!(whole.undecided * 20 <= cases, "{} of {cases} cannot be decided", whole.undecided);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
