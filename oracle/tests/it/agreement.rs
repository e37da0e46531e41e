//! Engine and oracle on seeds in order. `FORBEAR_CASES` says on how many.

use forbear_oracle::generate::{Case, World};
use forbear_oracle::run::{seeds, shown};
use forbear_oracle::statistics::wanted;

fn report(world: &World, case: &Case, differences: &[String]) {
    println!("seed {}\n{}\n{}", case.seed, differences.join("\n"), shown(world, case));
}

#[test]
fn engine_and_oracle_agree_on_cases_that_meet_every_construct() {
    let cases = std::env::var("FORBEAR_CASES").map_or(10_000, |text| text.parse().expect("FORBEAR_CASES is a number"));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let tally = seeds(0..cases, threads, &report);
    assert_eq!(tally.cases, cases);
    assert!(tally.differing.is_empty(), "they differ on {:?}", tally.differing);
    // Fewer cases are of too few policies to say how often a thing is met.
    if cases < 10_000 {
        return;
    }
    let rare = wanted().into_iter().filter(|thing| tally.met.get(thing).copied().unwrap_or(0) * 100 < cases);
    let rare: Vec<String> = rare.collect();
    assert!(rare.is_empty(), "in less than one case in a hundred: {rare:?}");
}
