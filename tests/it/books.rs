//! Readers of accounts: one bad line costs one line, whatever is in it.

use std::collections::HashMap;

use chrono::NaiveDate;
use forbear::core_system::book::{Book, Came, Snapshots};
use forbear::core_system::sample::{Country, Defect, SampleSpec, Tally};
use forbear::core_system::{BadLine, Read, csv, jsonl};
use forbear_engine::account::Account;
use forbear_engine::account::snapshot::PartyRole;
use forbear_engine::region::RegionTree;
use rust_decimal::Decimal;

const HEAD: &str = r#"{"account":"A1","as_of":"2021-07-31","currency":"CNY""#;

fn good(account: &str) -> String {
    format!(r#"{{"account":"{account}","as_of":"2021-07-31","currency":"CNY"}}"#)
}

fn outcome(read: &Read) -> Result<&str, (u64, &str)> {
    read.as_ref().map(|account| account.account.as_str()).map_err(|bad| (bad.line, bad.reason.as_str()))
}

/// Hostile lines, and a part of what is said of each.
fn hostile_json() -> Vec<(Vec<u8>, &'static str)> {
    let line = |rest: &str| format!("{HEAD}{rest}").into_bytes();
    vec![
        (b"not json".to_vec(), "expected"),
        (b"[]".to_vec(), "one account as a JSON object"),
        (line(""), "EOF while parsing"),
        (line(r#","product":"unterminated"#), "EOF while parsing a string"),
        (line(r#","charges":5}"#), "/charges: invalid type"),
        (line(r#","charges":[{"id":"c","kind":"late_fee","amount":"-1"}]}"#), "/charges/0/amount: -1 is negative"),
        (line(r#","charges":[{"id":"c","kind":"late_fee","amount":1e400}]}"#), "number out of range"),
        (line(r#","attributes":{"x":1e400}}"#), "number out of range"),
        (line(r#","product":"\ud800"}"#), "unexpected end of hex escape"),
        (line(r#","currency":"CNY"}"#), "`currency` is given twice"),
        (line(r#","attributes":{"x":1,"x":2}}"#), "`x` is given twice"),
        (line(r#","person":{"name":"x"},"person":{}}"#), "`person` is given twice"),
        (line(r#","chargs":[]}"#), "did you mean `charges`?"),
        (line("}\0"), "trailing characters"),
        (b"\0\0\0".to_vec(), "expected"),
        (line(&format!(r#","product":"{}"}}"#, "x".repeat(5000))), "longer than 4096 bytes"),
        ([HEAD.as_bytes(), br#","product":""#, b"\xce\xca\xcc\xe2", br#""}"#].concat(), "not UTF-8 (GBK?) at byte 66"),
        ("[".repeat(4000).into_bytes(), "one account as a JSON object"),
        (line(&format!(r#","attributes":{{"x":{}"#, "[".repeat(3000))), "recursion limit"),
    ]
}

#[test]
fn a_hostile_json_line_is_one_bad_line() {
    let cases = hostile_json();
    let mut file = b"\xEF\xBB\xBF".to_vec();
    for (at, (line, _)) in cases.iter().enumerate() {
        file.extend_from_slice(good(&format!("G{at}")).as_bytes());
        file.extend_from_slice(b"\r\n");
        file.extend_from_slice(line);
        file.push(b'\n');
    }
    file.extend_from_slice(b"\n  \n");
    file.extend_from_slice(good("last").as_bytes());
    let reads: Vec<Read> = jsonl::Reader::with_limit(file.as_slice(), 4096).collect();
    assert_eq!(reads.len(), cases.len() * 2 + 1);
    for (at, (line, want)) in cases.iter().enumerate() {
        assert_eq!(outcome(&reads[at * 2]), Ok(format!("G{at}").as_str()));
        let (number, reason) = outcome(&reads[at * 2 + 1]).unwrap_err();
        let text = String::from_utf8_lossy(line);
        assert_eq!(number, u64::try_from(at * 2 + 2).unwrap(), "{text}");
        assert!(reason.contains(want), "{text}: {reason}");
    }
    assert_eq!(outcome(&reads[cases.len() * 2]), Ok("last"));
}

#[test]
fn the_person_is_dropped_and_the_facts_are_kept() {
    let line = r#"{"person":{"name":"x","phones":["1"]},"account":"A1","as_of":"2021-07-31","currency":"CNY"}"#;
    let account = jsonl::parse(1, line).unwrap();
    assert_eq!(serde_json::to_string(&account).unwrap(), format!("{},\"terms\":{{}}}}", HEAD));
    // Inside the facts it is an unknown key like any other.
    let bad = jsonl::parse(7, &format!(r#"{HEAD},"terms":{{"person":{{}}}}}}"#)).unwrap_err();
    assert!(bad.line == 7 && bad.reason.starts_with("/terms/person: `person` is not known here"), "{bad}");
}

const HEADER: &str = "record,account,as_of,currency,id,kind,amount,paid,region,role,party,product";

/// One account of three rows for each hostile row: the account is refused at that row, its neighbours are read.
#[test]
fn a_hostile_csv_row_costs_its_account_only() {
    let cases: [(&[u8], &str); 12] = [
        (b"charge,B,,,c1,late_fee,\"5,,,,,", "the quote at byte 24 is not closed"),
        (b"charge,B,,,c1,late_fee,\"5\"x,,,,,", "follows a closing quote"),
        (b"charge,B,,,c1,late_fee,5", "7 cells under 12 columns"),
        (b"charge,B,,,c1,late_fee,-5,,,,,", "charge, column `amount`: -5 is negative"),
        (b"charge,B,,,c1,late_fee,5,6,,,,", "charge, column `paid`: 6 paid and waived is more than the 5"),
        (b"charge,B,,,c1,latefee,5,,,,,", "column `kind`: `latefee` is not known here: did you mean `late_fee`?"),
        (b"charge,B,,,,late_fee,5,,,,,", "charge: `id` is missing"),
        (b"charge,B,2021-01-01,,c1,late_fee,5,,,,,", "column `as_of` says nothing in a row of `charge`"),
        (b"chrage,B,,,c1,late_fee,5,,,,,", "`chrage` is no kind of row (did you mean `charge`?)"),
        (b"address,B,,,,,,,CN-410105,home,P9,", "column `party`: no row above has `P9`"),
        (b"charge,B,,,\xce\xca,late_fee,5,,,,,", "not UTF-8 (GBK?) at byte 12"),
        (b"charge,B,,,c\0,late_fee,5,,,,,", "control characters"),
    ];
    for (row, want) in cases {
        let around = |account: &str| format!("account,{account},2021-07-31,CNY,,,,,,,,\r\n");
        let [a, b, c] = ["A", "B", "C"].map(around);
        let tail = "charge,B,,,c9,late_fee,5,,,,,\n";
        let file = [HEADER.as_bytes(), b"\n", a.as_bytes(), b.as_bytes(), row, b"\n", tail.as_bytes(), c.as_bytes()];
        let reads: Vec<Read> = csv::Reader::new(file.concat().as_slice()).collect();
        let text = String::from_utf8_lossy(row);
        assert_eq!(reads.len(), 3, "{text}: {reads:?}");
        assert_eq!((outcome(&reads[0]), outcome(&reads[2])), (Ok("A"), Ok("C")), "{text}");
        let (line, reason) = outcome(&reads[1]).expect_err(&text);
        assert!(line == 4 && reason.contains(want), "{text}: {line} {reason}");
    }
}

#[test]
fn a_lost_account_row_costs_that_account_only() {
    let file = format!(
        "{HEADER}\naccount,A,2021-07-31,CNY,,,,,,,,\naccount,\"B\ncharge,B,,,c1,late_fee,5,,,,,\naccount,C,2021-07-31,CNY,,,,,,,,\n"
    );
    let reads: Vec<Read> = csv::Reader::new(file.as_bytes()).collect();
    let lines: Vec<_> = reads.iter().map(|read| outcome(read).map_err(|(line, _)| line)).collect();
    assert_eq!(lines, [Ok("A"), Err(3), Ok("C")]);
}

#[test]
fn a_wrong_csv_header_ends_the_file() {
    let cases = [
        ("record,account,as_of,curency\n", "unknown columns, nothing was read: `curency` (did you mean `currency`?)"),
        ("account,as_of\n", "column `record` is missing"),
        ("record;account;as_of\n", "separated by ';'"),
        ("record,account,account\n", "column `account` is there twice"),
    ];
    for (header, want) in cases {
        let reads: Vec<Read> = csv::Reader::new(format!("{header}account,A,x,x\n").as_bytes()).collect();
        assert_eq!(reads.len(), 1, "{header}");
        let (line, reason) = outcome(&reads[0]).unwrap_err();
        assert!(line == 1 && reason.contains(want), "{header}: {reason}");
    }
}

#[test]
fn the_latest_snapshot_of_an_account_is_kept() {
    let line = |account: &str, as_of: &str, product: &str| {
        format!(r#"{{"account":"{account}","as_of":"{as_of}","currency":"CNY","product":"{product}"}}"#)
    };
    let file = [
        line("A", "2021-07-31", "first"),
        line("B", "2021-07-31", "only"),
        "oops".to_owned(),
        line("A", "2021-07-31", "same day, further down"),
        line("A", "2021-07-30", "late"),
    ]
    .join("\n");
    let book: Book = jsonl::Reader::new(file.as_bytes()).collect();
    let kept: Vec<_> = book.accounts.iter().map(|a| (a.account.as_str(), a.product.as_deref().unwrap())).collect();
    assert_eq!(kept, [("A", "same day, further down"), ("B", "only")]);
    assert_eq!(book.superseded, 2);
    assert!(matches!(book.bad_lines.as_slice(), [BadLine { line: 3, .. }]));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.jsonl");
    std::fs::write(&path, &file).unwrap();
    assert_eq!(Book::read(&path).unwrap(), book);
    let came: Vec<Came> = Snapshots::new(jsonl::Reader::new(file.as_bytes())).flatten().map(|(_, came)| came).collect();
    assert_eq!(came, [Came::First, Came::First, Came::Correction, Came::Late]);
}

fn spec(country: Country, size: u64) -> SampleSpec {
    let as_of = NaiveDate::from_ymd_opt(2021, 7, 31).unwrap_or_default();
    SampleSpec { seed: 7, size, country, as_of, around: vec!["CN-410700".to_owned()] }
}

#[test]
fn a_sample_book_is_the_same_each_time_and_every_account_is_possible() {
    let spec = spec(Country::Both, 640);
    let mut tally = Tally::default();
    for number in 0..spec.blocks() {
        let block = spec.block(number);
        assert_eq!(block, spec.block(number));
        tally.add(&block.tally);
        for account in &block.snapshots {
            assert_eq!(account.validate(), [], "{}", account.account);
        }
    }
    assert_eq!(tally.accounts, 640);
    assert!((64..=160).contains(&tally.defective), "{tally:?}");
    assert_eq!(tally.defects.len(), Defect::ALL.len(), "{tally:?}");
    let other = SampleSpec { seed: 8, ..spec.clone() };
    assert_ne!(spec.block(0).snapshots, other.block(0).snapshots);
    // An account does not depend on how many come after it.
    let longer = SampleSpec { size: 9000, ..spec.clone() };
    assert_eq!(spec.block(0), longer.block(0));
}

#[test]
fn sums_of_a_sample_account_agree() {
    let mut checked = 0;
    for account in spec(Country::Both, 640).accounts() {
        let Some(schedule) = account.schedules.as_ref().and_then(|all| all.last()) else { continue };
        let principal: Decimal = schedule.rows.iter().map(|row| row.principal.0).sum();
        assert_eq!(account.terms.principal.unwrap().0, principal, "{}", account.account);
        let Some(payments) = &account.payments else { continue };
        let mut given: HashMap<(bool, &str), Decimal> = HashMap::new();
        for payment in payments {
            let parts = payment.to.as_ref().unwrap();
            assert_eq!(payment.amount.0, parts.iter().map(|part| part.amount.0).sum::<Decimal>());
            assert!(payment.on <= account.as_of);
            for part in parts {
                let key = (part.charge.is_some(), part.charge.as_deref().or(part.instalment.as_deref()).unwrap());
                *given.entry(key).or_default() += part.amount.0;
            }
        }
        for row in &schedule.rows {
            let paid = row.paid.clone().unwrap();
            let parts = [paid.principal, paid.interest, paid.fees];
            let sum: Decimal = parts.iter().flatten().map(|amount| amount.0).sum();
            assert_eq!(sum, given.get(&(false, row.id.as_str())).copied().unwrap_or_default(), "{}", account.account);
            let due = row.principal.0 + row.interest.0 + row.fees.map_or(Decimal::ZERO, |fees| fees.0);
            assert_eq!(row.paid_on.is_some(), sum == due, "{} {}", account.account, row.id);
        }
        for charge in account.charges.iter().flatten() {
            let Some(paid) = charge.paid else { continue };
            let sum = given.get(&(true, charge.id.as_str())).copied().unwrap_or_default();
            assert_eq!(paid.0, sum, "{} {}", account.account, charge.id);
        }
        checked += 1;
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn what_is_written_is_read_again() {
    let mut accounts: Vec<Account> = spec(Country::Both, 200).accounts().collect();
    // What the sample has none of: attributes, lists reported as empty, words that need quotes.
    let odd = r#"{"account":"odd, \"one\"","as_of":"2021-07-31","currency":"CNY","contains":["i;1","i2"],"agreements":[],
        "attributes":{"a":"5","b":5,"c":{"d":[1,null]},"e":"甲,乙","f":[]},"parties":[{"party":"p","role":"borrower",
        "addresses":[],"flags":["injured","missing"]}],"payments":[{"id":"1","on":"2021-07-01","amount":"0","to":[]}],
        "charges":[],"schedules":[{"version":1,"known_from":"2021-07-01","rows":[]}],"terms":{"every":{"days":7}}}"#;
    accounts.push(Account::from_json(odd).unwrap());
    let (mut json, mut table) = (Vec::new(), Vec::new());
    jsonl::write_jsonl(&mut json, accounts.clone()).unwrap();
    csv::write_csv(&mut table, accounts.clone()).unwrap();
    let read: Result<Vec<Account>, BadLine> = jsonl::Reader::new(json.as_slice()).collect();
    assert_eq!(read.unwrap(), accounts);
    let read: Result<Vec<Account>, BadLine> = csv::Reader::new(table.as_slice()).collect();
    assert_eq!(read.unwrap(), accounts);
}

#[test]
fn regions_of_the_sample_are_known_but_for_the_defect() {
    let wrong = ["CN-419999", "410105", "河南省郑州市金水区", "US-48999", "48201", "Harris County, TX"];
    let tree = RegionTree::builtin();
    let (mut near, mut homes) = (0, 0);
    for account in spec(Country::Both, 640).accounts() {
        for party in account.parties.iter().flatten() {
            for address in party.addresses.iter().flatten() {
                let region = address.region.as_str();
                assert!(tree.find(region).is_ok() || wrong.contains(&region), "{region}");
                let present = address.role == "home" && address.valid_until.is_none();
                let home = present && party.role == PartyRole::Borrower && region.starts_with("CN-");
                homes += usize::from(home);
                near += usize::from(home && region.starts_with("CN-4107"));
            }
        }
    }
    assert!(near * 2 > homes, "six homes in ten lie where the book leans: {near} of {homes}");
}

/// The guide shows one account in both forms.
#[test]
fn the_examples_of_the_guide_mean_the_same() {
    let guide = include_str!("../../docs/accounts.md");
    let block = |language: &str| {
        let start = guide.split(&format!("```{language}\n")).nth(1).unwrap();
        start.split("```").next().unwrap().to_owned()
    };
    let json = Account::from_json(&block("json")).unwrap();
    let table: Result<Vec<Account>, BadLine> = csv::Reader::new(block("csv").as_bytes()).collect();
    assert_eq!(table.unwrap(), [json]);
}
