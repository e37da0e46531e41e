//! Previewing a book: what the flagship policy would do to 20,000 sample accounts after a declared flood.
#![allow(missing_docs, clippy::as_conversions, clippy::indexing_slicing, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use forbear::cli::preview::{answers, sample};
use forbear::service::relief::preview::examine::{Preview, assumed_request};
use forbear::service::relief::preview::run::{Wanted, run};
use forbear_engine::account::{Account, Snapshots};
use forbear_engine::context::Context;
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::region::RegionTree;

const ACCOUNTS: u64 = 20_000;

fn preview(criterion: &mut Criterion) {
    let text = include_str!("../policies/cn-natural-disaster/2024-05-01.json");
    let policies = [check(text, &CheckSettings::default()).program.unwrap()];
    let declarations: Vec<Declaration> =
        vec![serde_json::from_str(include_str!("../declarations/cn-hunan-2024-06.json")).unwrap()];
    let (regions, today) = (RegionTree::builtin(), "2024-08-05".parse().unwrap());
    let declared = [declarations[0].as_of(today, regions).unwrap()];
    let context = Context::on(today);
    let book: Vec<Account> = sample(ACCOUNTS, 1, None, today, &declarations).unwrap().accounts().collect();
    let parts: Vec<Snapshots> = book.chunks(512).map(part).collect();
    let mut group = criterion.benchmark_group("preview");
    group.sample_size(10).throughput(Throughput::Elements(book.len() as u64));
    for (name, assume) in [("nobody asks", "none"), ("everybody asks who may", "requests")] {
        let request = answers(assume).unwrap().map(|answers| assumed_request(&policies, today, answers));
        let preview = Preview::new(&policies, &declared, &context, regions, request.as_ref());
        group.bench_function(name, |bench| {
            bench.iter_batched(
                || (),
                |()| run(&preview, black_box(&parts), Wanted::default()).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// What one core takes together.
fn part(accounts: &[Account]) -> Snapshots {
    let mut part = Snapshots::default();
    accounts.iter().for_each(|account| part.add(account).unwrap());
    part
}

criterion_group!(benches, preview);
criterion_main!(benches);
