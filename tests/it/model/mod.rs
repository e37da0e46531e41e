//! A model of relief: sequences of whatever people, borrowers and the core system may do, in any order, held after every
//! step against a ledger in memory.
//!
//! | part | what it does |
//! |---|---|
//! | [`act`] | what can be done, and what has to come of it |
//! | [`world`] | the policies, the disaster, the loans, and what the core system would report of them |
//! | [`ledger`] | what has to hold after every step |
//! | [`settle`] | what has to come of it in the end, when everybody does their part |

mod act;
mod ledger;
mod settle;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use self::act::{Act, Done, Kind, any_act};
use self::world::{Template, World};
use crate::databases::{Database, postgres, sqlite};

/// Steps of a sequence.
const STEPS: usize = 50;

/// Sequences where nothing else is said: what a build without optimisation does in half a minute.
const SEQUENCES: u64 = 60;

/// How often each act was done, and how often it was rightly refused.
type Census = BTreeMap<&'static str, (u32, u32)>;

/// A number that whoever runs the test may give.
fn given(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// Follows the sequences of these seeds on every core; says how often each act was done. What fails is made shorter first.
fn run(database: &Database, sequences: u64) -> Census {
    let template = Template::make(database);
    let first = given("FORBEAR_SEED", 0);
    let next = AtomicU64::new(first);
    let (census, failed): (Mutex<Census>, Mutex<Option<String>>) = Default::default();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while failed.lock().unwrap().is_none() {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first + sequences {
                        return;
                    }
                    let mut counted = Census::new();
                    let acts = acts(seed);
                    if follow(&template, &acts, &mut counted).is_err() {
                        failed.lock().unwrap().get_or_insert(shortened(&template, acts, seed));
                    }
                    let mut census = census.lock().unwrap();
                    for (name, (done, refused)) in counted {
                        let all = census.entry(name).or_default();
                        *all = (all.0 + done, all.1 + refused);
                    }
                }
            });
        }
    });
    if let Some(failed) = failed.into_inner().unwrap() {
        panic!("{failed}");
    }
    census.into_inner().unwrap()
}

/// A sequence is a function of its seed alone.
fn acts(seed: u64) -> Vec<Act> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    (0..STEPS).map(|_| any_act(&mut dice)).collect()
}

/// What fails, without the acts that it fails without; with why.
fn shortened(template: &Template, mut acts: Vec<Act>, seed: u64) -> String {
    let fails = |acts: &[Act]| follow(template, acts, &mut Census::new()).err();
    let mut part = acts.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < acts.len() {
            let mut fewer = acts.clone();
            fewer.drain(at..(at + part).min(acts.len()));
            if fails(&fewer).is_some() { acts = fewer } else { at += part }
        }
        if part == 1 {
            break;
        }
        part = part.div_ceil(2);
    }
    let (at, reason) = fails(&acts).unwrap_or((0, "not every time".to_owned()));
    format!("FORBEAR_SEED={seed} FORBEAR_SEQUENCES=1: step {at} of {acts:?}: {reason}")
}

/// One sequence; where it fails, the step and why.
fn follow(template: &Template, acts: &[Act], census: &mut Census) -> Result<(), (usize, String)> {
    let mut world = World::like(template);
    for (at, act) in acts.iter().enumerate() {
        let (kind, done) = perform(&mut world, *act).map_err(|reason| (at, reason))?;
        let count = census.entry(kind.name()).or_default();
        match done {
            Done::Changed => count.0 += 1,
            Done::Refused => count.1 += 1,
            Done::Idle => continue,
        }
        world.check(kind).map_err(|reason| (at, reason))?;
    }
    world.settle().map_err(|reason| (acts.len(), reason))
}

/// An act; where there is nothing to do it to, another instead.
fn perform(world: &mut World, act: Act) -> Result<(Kind, Done), String> {
    for act in act.and_others() {
        let done = world.perform(act).map_err(|reason| format!("{}: {reason}", act.kind.name()))?;
        if done != Done::Idle {
            return Ok((act.kind, done));
        }
    }
    Ok((act.kind, Done::Idle))
}

fn counted(name: &str, census: &Census) {
    let all: u32 = census.values().map(|(done, refused)| done + refused).sum();
    println!("{name}: {all} steps");
    for (act, (done, refused)) in census {
        println!("  {act:<12} {done:>7} done {refused:>7} refused");
    }
    for act in act::kinds() {
        let done = census.get(act.name()).map_or(0, |count| count.0);
        // Few sequences say little of what happens seldom.
        assert!(
            done * 100 >= all || all < 2_000,
            "{name}: {} was done {done} times in {all} steps, under 1 %",
            act.name()
        );
    }
}

#[test]
fn whatever_happens_in_whatever_order_the_books_agree() {
    let census = run(&sqlite(), given("FORBEAR_SEQUENCES", SEQUENCES));
    counted("SQLite", &census);
}

#[test]
fn whatever_happens_in_whatever_order_the_books_agree_on_postgres() {
    let Some(database) = postgres() else { return };
    let census = run(&database, given("FORBEAR_SEQUENCES", SEQUENCES) / 10);
    counted("PostgreSQL", &census);
}
