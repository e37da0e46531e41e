//! Runs of many seeds: engine and oracle side by side, world after world.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use forbear_engine::account::OneSnapshot;
use forbear_engine::decide::{Detail, Inputs, decide};
use forbear_engine::declaration::Declared;
use forbear_engine::region::RegionTree;
use serde::{Deserialize, Serialize};

use crate::differences::differences;
use crate::generate::{CASES_PER_WORLD, Case, World};
use crate::naive::area::Standing;
use crate::naive::decide as naive;
use crate::statistics::{of_case, of_world};

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Cases that both decided.
    pub cases: u64,
    /// Seeds on which they differ; where the engine failed, too.
    pub differing: Vec<u64>,
    /// Policies that the checker accepted, and refused on the way.
    pub policies: [u64; 2],
    /// In how many cases each thing was met.
    pub met: BTreeMap<String, u64>,
}

impl Tally {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.differing.extend(other.differing);
        self.differing.sort_unstable();
        for (sum, more) in self.policies.iter_mut().zip(other.policies) {
            *sum += more;
        }
        for (thing, count) in other.met {
            *self.met.entry(thing).or_default() += count;
        }
    }
}

/// Lays engine and oracle side by side on one case: the differences, or the engine's error.
#[must_use]
pub fn compare(
    world: &World,
    declared: &[Declared<'_>],
    standings: &[Standing],
    case: &Case,
    tally: &mut Tally,
) -> Vec<String> {
    let account = match OneSnapshot::of(&case.account) {
        Ok(account) => account,
        Err(error) => return vec![format!("the engine fails: {error}")],
    };
    let inputs = Inputs {
        policies: &world.programs,
        declarations: declared,
        account: account.snapshot(),
        request: case.request.as_ref(),
        history: &case.history,
        context: &case.context,
        regions: RegionTree::builtin(),
        // The receipt of full detail costs more than all the rest; traces are compared on some of the cases.
        detail: if case.seed.is_multiple_of(4) { Detail::Full } else { Detail::Reasons },
    };
    let engine = match decide(&inputs) {
        Ok(engine) => engine,
        Err(error) => return vec![format!("the engine fails: {error}")],
    };
    let verdict = naive::decide(&world.policies, standings, case, engine.totals.present_value_loss);
    for thing in of_case(world, case, &engine) {
        *tally.met.entry(thing).or_default() += 1;
    }
    differences(&engine, &verdict)
}

/// Everything of one case as JSON, for a person.
#[must_use]
pub fn shown(world: &World, case: &Case) -> String {
    let line = |name: &str, value: serde_json::Result<String>| format!("{name}: {}\n", value.unwrap_or_default());
    let policies = line("policies", serde_json::to_string(&world.policies));
    let declarations = line("declarations", serde_json::to_string(&world.declarations));
    policies + &declarations + &line("case", serde_json::to_string(case))
}

/// The part of a range of seeds that lies in one world; `report` is told of each difference.
pub fn world(number: u64, seeds: &Range<u64>, report: &(dyn Fn(&World, &Case, &[String]) + Sync)) -> Tally {
    let world = World::of(number);
    let own = number * CASES_PER_WORLD..(number + 1) * CASES_PER_WORLD;
    let mut days: BTreeMap<NaiveDate, (Vec<Declared<'_>>, Vec<Standing>)> = BTreeMap::new();
    for day in &world.setting.days {
        days.insert(*day, (world.declared(*day), naive::standings(&world.declarations, *day)));
    }
    let mut tally = Tally { policies: [world.policies.len() as u64, u64::from(world.refused)], ..Tally::default() };
    for seed in own.start.max(seeds.start)..own.end.min(seeds.end) {
        let case = world.case(seed);
        let (declared, standings) = &days[&case.context.today];
        let found = compare(&world, declared, standings, &case, &mut tally);
        if !found.is_empty() {
            tally.differing.push(seed);
            report(&world, &case, &found);
        }
        tally.cases += 1;
    }
    for thing in of_world(&world) {
        *tally.met.entry(thing).or_default() += tally.cases;
    }
    tally
}

/// A range of seeds on some threads; each takes the next world when it is done with one.
pub fn seeds(seeds: Range<u64>, threads: usize, report: &(dyn Fn(&World, &Case, &[String]) + Sync)) -> Tally {
    let next = AtomicU64::new(seeds.start / CASES_PER_WORLD);
    let last = seeds.end.div_ceil(CASES_PER_WORLD);
    let run = || {
        let mut tally = Tally::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= last {
                return tally;
            }
            tally.add(world(number, &seeds, report));
        }
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let mut tally = Tally::default();
        for one in running {
            tally.add(one.join().expect("a thread that compares does not panic"));
        }
        tally
    })
}
