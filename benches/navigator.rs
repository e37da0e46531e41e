//! An utterance from text to question: short and long, Chinese and English.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use forbear_navigator::navigate::Navigator;

const SAID: [(&str, &str); 4] = [
    ("short, Chinese", "能晚点还吗"),
    ("short, English", "can i pay later"),
    (
        "long, Chinese",
        "我家大棚让台风掀了 今年的菜一棵没剩 银行那边又来短信说下周二要扣款 你们看能不能先别扣 等我缓一缓再说",
    ),
    (
        "long, English",
        "so the creek came up overnight and took the truck and now I can't get to work, what do I have to do to push this month's payment back",
    ),
];

fn navigator(criterion: &mut Criterion) {
    let navigator = Navigator::shipped().unwrap();
    let mut group = criterion.benchmark_group("navigator");
    for (name, said) in SAID {
        group.bench_function(name, |bench| bench.iter(|| navigator.hear(black_box(said))));
    }
    group.finish();
}

criterion_group!(benches, navigator);
criterion_main!(benches);
