//! The flagship policy over columns of a million accounts, without and with trace.
#![allow(missing_docs, clippy::as_conversions, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use forbear::cli::preview::sample;
use forbear_engine::account::Snapshots;
use forbear_engine::context::Context;
use forbear_engine::decide::eligibility::{Blocks, Columns, Plan, Planes};
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::region::RegionTree;

/// So many different accounts, each so many times.
const ACCOUNTS: u64 = 20_000;
const COPIES: usize = 50;

fn columns(criterion: &mut Criterion) {
    let text = include_str!("../policies/cn-natural-disaster/2024-05-01.json");
    let program = check(text, &CheckSettings::default()).program.unwrap();
    let declarations: [Declaration; 1] =
        [serde_json::from_str(include_str!("../declarations/cn-hunan-2024-06.json")).unwrap()];
    let (regions, today) = (RegionTree::builtin(), "2024-08-05".parse().unwrap());
    let declared = declarations.first().unwrap().as_of(today, regions).unwrap();
    let context = Context::on(today);
    let plan = Plan::bind(&program, &declared, None, &context, regions);
    let mut book = Snapshots::default();
    let accounts: Vec<_> = sample(ACCOUNTS, 1, None, today, &declarations).unwrap().accounts().collect();
    accounts.iter().for_each(|account| book.add(account).unwrap());
    let mut group = criterion.benchmark_group("columns");
    group.sample_size(20).throughput(Throughput::Elements(book.len() as u64));
    group.bench_function("read from accounts", |bench| {
        bench.iter(|| {
            let mut columns = Columns::of(black_box(&book));
            columns.load(&plan).unwrap();
            columns
        });
    });
    let mut all = Snapshots::default();
    (0..COPIES).flat_map(|_| &accounts).for_each(|account| all.add(account).unwrap());
    drop((book, accounts));
    let mut columns = Columns::of(&all);
    columns.load(&plan).unwrap();
    let blocks = Blocks::of(&plan, &columns);
    let mut room = blocks.room();
    group.throughput(Throughput::Elements(all.len() as u64));
    group.bench_function("told", |bench| {
        bench.iter(|| {
            for at in 0..blocks.len() {
                blocks.tell(at, &mut room).unwrap();
                black_box(&room.hits);
            }
        });
    });
    let mut trace: Vec<Planes> = Vec::new();
    group.bench_function("told with trace", |bench| {
        bench.iter(|| {
            trace.clear();
            for at in 0..blocks.len() {
                blocks.tell(at, &mut room).unwrap();
                trace.extend_from_slice(&room.tests);
            }
            black_box(&trace);
        });
    });
    group.finish();
}

criterion_group!(benches, columns);
criterion_main!(benches);
