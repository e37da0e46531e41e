//! How long it takes from the JSON text of a snapshot to a validated account, by each reader:
//! `cargo run --release -p forbear-engine --example read_account`. The best of many rounds, in nanoseconds.
#![allow(clippy::unwrap_used, reason = "a measurement of texts that are written here")]

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use forbear_engine::account::Account;
use forbear_engine::account::read::read_json;
use forbear_engine::account::snapshots::{Beside, Snapshots};

const ROUNDS: u32 = 400;
const READS: u32 = 500;

/// A snapshot with so many rows in its schedule.
fn snapshot(rows: u32) -> String {
    let row = |n: u32| {
        let (year, month) = (2024 + n / 12, n % 12 + 1);
        format!(
            r#"{{"id":"{}","due_on":"{year}-{month:02}-05","principal":"1000.00","interest":"80.00","paid":{{"principal":"1000.00"}}}}"#,
            n + 1
        )
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        r#"{{"account":"A-000123","as_of":"2026-06-30","currency":"CNY","product":"consumer","status":"active","terms":{{"principal":"12000.00"}},"schedules":[{{"version":1,"known_from":"2024-01-05","rows":[{}]}}],"parties":[{{"party":"P1","role":"borrower","addresses":[{{"role":"home","region":"CN-410105"}}]}}]}}"#,
        rows.join(",")
    )
}

fn best(read: impl Fn()) -> u128 {
    let round = |_| {
        let begin = Instant::now();
        (0..READS).for_each(|_| read());
        begin.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or(Duration::MAX).as_nanos() / u128::from(READS)
}

fn main() {
    for rows in [1, 3, 36] {
        let text = snapshot(rows);
        let all = RefCell::new(Snapshots::default());
        let direct = best(|| {
            let mut all = all.borrow_mut();
            all.clear();
            assert!(black_box(all.read_plain(black_box(&text), Beside::Nothing)));
        });
        let account = best(|| drop(black_box(Account::from_json(black_box(&text)).unwrap())));
        let careful = best(|| {
            let account: Account = read_json(black_box(&text)).unwrap();
            drop(black_box(account.validated().unwrap()));
        });
        println!(
            "{rows} rows, {} bytes: in codes {direct} ns, as an account {account} ns, careful {careful} ns",
            text.len()
        );
    }
}
