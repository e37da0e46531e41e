//! Any line is an account or a reason; an account read is valid, and is read again as printed.
#![no_main]

use chrono::NaiveDate;
use forbear::core_system::jsonl;
use forbear_engine::account::{OneSnapshot, Position};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let account = match jsonl::parse(1, text) {
        Ok(account) => account,
        Err(bad) => return assert!(!bad.reason.is_empty()),
    };
    assert_eq!(account.validate(), []);
    let mut printed = Vec::new();
    jsonl::append(&mut printed, &account).expect("an account prints");
    let printed = std::str::from_utf8(&printed).expect("JSON is UTF-8");
    assert_eq!(jsonl::parse(1, printed).as_ref(), Ok(&account));
    let day = NaiveDate::from_ymd_opt(2024, 7, 1).expect("a day");
    let own = OneSnapshot::of(&account).expect("an account that was read has amounts of its currency");
    assert_eq!(own.snapshot().to_account(), account, "nothing is lost in codes");
    for row in Position::of(own.snapshot(), day).rows.iter().flatten() {
        assert!(row.unpaid().is_ok_and(|left| left.principal.minor() >= 0 && left.interest.minor() >= 0));
    }
});
