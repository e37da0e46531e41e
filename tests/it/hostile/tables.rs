//! Accounts as CSV: one account of three rows, with a hostile row or header.

use forbear::core_system::{Read, csv};

use super::{Case, OK, compare};

const HEADER: &str = "record,account,as_of,currency,id,kind,amount,paid,region,role,party,product,attribute";

fn read(file: &[u8]) -> Result<(), String> {
    let reads: Vec<Read> = csv::Reader::with_limit(file, 1 << 16).collect();
    match reads.iter().find_map(|read| read.as_ref().err()) {
        Some(bad) => Err(bad.to_string()),
        None => Ok(()),
    }
}

/// Rows of account B, the fourth line of the file.
const ROWS: [Case<'_>; 32] = [
    ("charge,B,,,c1,late_fee,5,,,,,", OK),
    ("charge,B,,,c1,late_fee,5.00,-0,,,,", OK),
    ("charge,B,,,\"c,1\",late_fee,5,,,,,", OK),
    ("charge,B,,,\"c\"\"1\",late_fee,5,,,,,", OK),
    ("charge , B ,,, c1 , late_fee , 5 ,,,,,", OK),
    ("", OK),
    (" \t ", OK),
    ("charge,B,,,c1,late_fee,\"5,,,,,", "line 4: the quote at byte 24 is not closed"),
    ("charge,B,,,c1,late_fee,\"5\"5,,,,,", "line 4: `5,,,,,` follows a closing quote"),
    ("\"", "line 4: the quote at byte 1 is not closed"),
    ("charge,B,,,c1,late_fee,5", "line 4: 7 cells under 12 columns"),
    ("charge,B,,,c1,late_fee,5,,,,,,", "line 4: 13 cells under 12 columns"),
    (",,,,,,,,,,,", "line 4: "),
    ("charge;B;;;c1;late_fee;5;;;;;", "line 4: "),
    ("charge,B,,,c1,late_fee,5e0,,,,,", "line 4: charge, column `amount`: `5e0` is not"),
    ("charge,B,,,c1,late_fee,1e400,,,,,", "line 4: charge, column `amount`: `1e400` is not"),
    ("charge,B,,,c1,late_fee,NaN,,,,,", "line 4: charge, column `amount`: `NaN` is not"),
    ("charge,B,,,c1,late_fee,-5,,,,,", "line 4: charge, column `amount`: -5 is negative"),
    ("charge,B,,,c1,late_fee,9223372036854775808,,,,,", "line 4: charge, column `amount`: "),
    ("charge,B,,,c1,late_fee,\"1,000.00\",,,,,", "line 4: charge, column `amount`: `1,000.00` is not"),
    ("charge,B,,,c1,late_fee,５,,,,,", "line 4: charge, column `amount`: `５` is not"),
    ("charge,B,,,c1,late_fee,5.001,,,,,", "line 4: charge, column `amount`: `5.001` has more decimals"),
    ("charge,B,,,c1,late_fee,,,,,,", "line 4: charge"),
    ("charge,B,,,c1,late_fee,5,5.01,,,,", "line 4: charge, column `paid`: 5.01 paid and waived is more"),
    ("charge,B,,,c9,late_fee,5,,,,,", "c9"),
    ("charge,B,,,c\u{1b},late_fee,5,,,,,", "control characters"),
    ("charge,B,,,\u{feff}c1,late_fee,5,,,,,", OK),
    ("charge,B,2021-07-31,,c1,late_fee,5,,,,,", "line 4: column `as_of` says nothing"),
    ("charge,,,,c1,late_fee,5,,,,,", "line 4: no `account` row of ``"),
    ("address,B,,,,,,,CN-410105,home,P1,", "line 4: column `party`: no row above has `P1`"),
    ("account,B,2021-07-31,CNY,,,,,,,,", OK),
    ("=cmd|' /C calc'!A0,B,,,,,,,,,,", "line 4: column `record`: "),
];

#[test]
fn a_hostile_row_is_named_with_its_line() {
    let header = HEADER.trim_end_matches(",attribute");
    compare(ROWS.map(|(row, want)| {
        let around = |account: &str| format!("account,{account},2021-07-31,CNY,,,,,,,,\r\n");
        let [a, b, c] = ["A", "B", "C"].map(around);
        let file = format!("{header}\n{a}{b}{row}\ncharge,B,,,c9,late_fee,5,,,,,\n{c}");
        (row.to_owned(), want, read(file.as_bytes()))
    }));
}

#[test]
fn a_hostile_header_is_named() {
    let cases: [(&[u8], &str); 16] = [
        (b"", OK),
        (b"\n\r\n  \n", OK),
        (b"record,account\n", OK),
        (b"\xEF\xBB\xBFrecord,account\r\n", OK),
        (b"\xFF\xFEr\0e\0c\0o\0r\0d\0", "line 1: not UTF-8"),
        (b"record,account,\xd5\xcb\xba\xc5\n", "line 1: not UTF-8 (GBK?) at byte 16"),
        (b"account,as_of\n", "line 1: column `record` is missing"),
        (b"record,account,account\n", "line 1: column `account` is there twice"),
        (b"record;account;as_of\n", "line 1: the columns are separated by ';'"),
        (b"record\taccount\n", "line 1: "),
        (b"\"record,account\n", "line 1: the quote at byte 1 is not closed"),
        (b"record,account,curency\n", "did you mean `currency`?"),
        (b"record,account,\n", "line 1: unknown columns"),
        (b"Record,Account\n", "did you mean `record`?"),
        (b"record,account\raccount,A\r", "line 1: "),
        (b"{\"account\":\"A\"}\n", "line 1: unknown columns"),
    ];
    compare(cases.map(|(file, want)| (String::from_utf8_lossy(file).into_owned(), want, read(file))));
}
