//! Any bytes are accounts and bad lines, in the order of the file; accounts read mean the same in both forms.
#![no_main]

use forbear::core_system::{Read, csv, jsonl};
use forbear_engine::account::Account;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let reads: Vec<Read> = csv::Reader::with_limit(bytes, 4096).collect();
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    assert!(reads.len() <= lines + 1, "{} results of {lines} lines", reads.len());
    for bad in reads.iter().filter_map(|read| read.as_ref().err()) {
        assert!((1..=lines as u64).contains(&bad.line) && !bad.reason.is_empty(), "{bad:?}");
    }
    let accounts: Vec<Account> = reads.into_iter().flatten().collect();
    for account in &accounts {
        assert_eq!(account.validate(), []);
        let printed = serde_json::to_string(account).expect("an account prints");
        assert_eq!(jsonl::parse(1, &printed).as_ref(), Ok(account));
        // A text with a line break has no form in CSV; the writer says so.
        let mut table = Vec::new();
        if csv::write_csv(&mut table, [account.clone()]).is_ok() {
            let again: Vec<Read> = csv::Reader::new(table.as_slice()).collect();
            assert_eq!(again, [Ok(account.clone())], "{}", String::from_utf8_lossy(&table));
        }
    }
});
