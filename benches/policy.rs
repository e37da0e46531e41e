//! A policy from its text: checked as its author hands it in, and loaded as it is when the program starts.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use forbear_engine::policy::Policy;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::policy::compile::compile;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;

const FLAGSHIP: &str = include_str!("../policies/cn-natural-disaster/2024-05-01.json");

fn policy(criterion: &mut Criterion) {
    let regions = RegionTree::builtin();
    // What is made once per process, such as the schema's validator, is in the first check only.
    let begun = Instant::now();
    assert!(check(FLAGSHIP, &CheckSettings::default()).program.is_some());
    println!("the first check in the process: {:?}", begun.elapsed());
    let mut group = criterion.benchmark_group("policy");
    group.bench_function("check", |bench| bench.iter(|| check(black_box(FLAGSHIP), &CheckSettings::default())));
    group.bench_function("load", |bench| {
        bench.iter(|| {
            let document: Policy = serde_json::from_str(black_box(FLAGSHIP)).unwrap();
            compile(document, &Attributes::new(), regions).0.unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, policy);
criterion_main!(benches);
