//! What is large: refused at a bound, or read in time that grows with its length; built here, never kept as files.

use std::io::{self, BufRead};

use forbear::core_system::{Read, csv, jsonl};
use forbear::feed::openfema;
use forbear_engine::account::Account;
use forbear_engine::declaration::Declaration;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::region::RegionTree;

const GOOD: &str = r#"{"account":"A1","as_of":"2021-07-31","currency":"CNY"}"#;

/// A head, one byte a billion times, and a tail, of which only a block is ever held.
struct Endless {
    head: io::Cursor<Vec<u8>>,
    block: Vec<u8>,
    left: usize,
    tail: io::Cursor<Vec<u8>>,
}

impl Endless {
    fn new(head: &str, byte: u8, tail: &str) -> Self {
        let cursor = |text: &str| io::Cursor::new(text.as_bytes().to_vec());
        Self { head: cursor(head), block: vec![byte; 1 << 20], left: 1 << 30, tail: cursor(tail) }
    }
}

impl io::Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Endless {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let block = self.left.min(self.block.len());
        match self.head.fill_buf()? {
            [] if block > 0 => Ok(&self.block[..block]),
            [] => self.tail.fill_buf(),
            _ => self.head.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        if (self.head.position() as usize) < self.head.get_ref().len() {
            self.head.consume(count);
        } else if self.left > 0 {
            self.left -= count;
        } else {
            self.tail.consume(count);
        }
    }
}

#[test]
fn a_line_of_a_gigabyte_is_one_bad_line() {
    let book = Endless::new(r#"{"account":""#, b'x', &format!("\"}}\n{GOOD}\n"));
    let reads: Vec<Read> = jsonl::Reader::new(book).collect();
    let [Err(bad), Ok(good)] = reads.as_slice() else { panic!("{reads:?}") };
    assert_eq!(bad.to_string(), "line 1: longer than 16777216 bytes: one account a line");
    assert_eq!(good.account, "A1");
}

#[test]
fn a_quote_that_a_gigabyte_does_not_close_costs_one_account() {
    let head = "record,account,as_of,currency\naccount,A,2021-07-31,CNY\naccount,\"";
    let table = Endless::new(head, b' ', "\naccount,C,2021-07-31,CNY\n");
    let reads: Vec<Read> = csv::Reader::new(table).collect();
    let said: Vec<String> = reads
        .iter()
        .map(|read| read.as_ref().map_or_else(ToString::to_string, |account| account.account.clone()))
        .collect();
    // Whose line it was cannot be told: the account that it stands in is refused with it.
    assert_eq!(said, ["line 3: longer than 16777216 bytes: one account a line", "C"]);
}

#[test]
fn lists_of_a_hundred_thousand_are_bounded() {
    let list = |entry: &dyn Fn(usize) -> String| (0..100_000).map(entry).collect::<Vec<_>>().join(",");
    let with = |members: &str| format!("{},{members}}}", GOOD.trim_end_matches('}'));
    let cases = [
        (
            with(&format!("\"charges\":[{}]", list(&|n| format!(r#"{{"id":"{n}","kind":"late_fee","amount":"1"}}"#)))),
            "/charges: 100000 entries: at most 10000 are read",
        ),
        (
            with(&format!("\"parties\":[{}]", list(&|n| format!(r#"{{"party":"{n}","role":"borrower"}}"#)))),
            "/parties: 100000 entries: at most 1000 are read",
        ),
        (
            with(&format!(
                "\"schedules\":[{{\"version\":1,\"known_from\":\"2021-01-01\",\"rows\":[{}]}}]",
                list(&|n| format!(r#"{{"id":"{n}","due_on":"2021-01-01","principal":"1","interest":"0"}}"#))
            )),
            "/schedules/0/rows: 100000 entries: at most 1200 are read",
        ),
        (with(&format!("\"contains\":[{}]", list(&|n| format!("\"{n}\"")))), "/contains: 100000 entries"),
        (with(&format!("\"contains\":[{}]", list(&|_| "\"i\"".to_owned()))), "/contains: 100000 entries"),
        (
            with(&format!("\"attributes\":{{{}}}", list(&|n| format!("\"{n}\":1")))),
            "/attributes: 100000 entries: at most 1000 are read",
        ),
        (with(&list(&|n| format!("\"k{n}\":1"))), "/k0: `k0` is not known here"),
        (with(&list(&|_| "\"product\":\"x\"".to_owned())), "`product` is given twice"),
    ];
    for (text, want) in cases {
        let error = Account::from_json(&text).unwrap_err().to_string();
        assert!(error.starts_with(want), "{}", error.chars().take(300).collect::<String>());
    }
}

#[test]
fn what_stands_deep_is_refused_at_a_bound() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [128, 100_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let with = |key: &str| format!("{},\"{key}\":{deep}}}", GOOD.trim_end_matches('}'));
            for key in ["attributes", "product", "terms", "schedules"] {
                assert!(Account::from_json(&with(key)).is_err(), "{key}");
            }
            // What is under `person` is passed over, but not to any depth.
            assert!(jsonl::parse(1, &with("person")).unwrap_err().reason.contains("recursion limit"));
            let error = Account::from_json(&with("attributes")).unwrap_err().to_string();
            assert!(error.contains("recursion limit") || error.contains("sequence"), "{error}");
            let checked = check(&deep, &CheckSettings::default());
            assert_eq!(checked.problems[0].problem.code, "too-deep");
            assert!(serde_json::from_str::<Declaration>(&format!("{{\"title\":{deep}}}")).is_err());
            let list = format!("[{{\"disasterNumber\":{deep}}}]");
            assert!(openfema::read(&list, RegionTree::builtin()).is_err());
        }
    }
}

#[test]
fn a_long_policy_is_read_to_its_end() {
    let checked = |text: &str| check(text, &CheckSettings::default());
    let many = |entry: &str| vec![entry; 100_000].join(",");
    for text in [
        format!("{{\"rules\":[{}]}}", many("{}")),
        format!("{{\"sources\":[{}]}}", many("1")),
        format!("{{{}}}", many("\"policy\":\"a\"")),
        format!("{{\"eligible\":{{\"all\":[{}]}}}}", many("{\"fact\":\"account.status\",\"is\":\"active\"}")),
        format!("{{\"rules\":[{}]}}", vec!["{}"; 5_000].join(",")),
        format!("{{{}}}", vec!["\"a\":1"; 15_000].join(",")),
        format!("{{\"limits\":[{}]}}", vec!["{\"cuont\":1}"; 5_000].join(",")),
        format!("{{\"policy\":\"{}\"}}", "x".repeat(1 << 20)),
        format!("{{\"{}\":1}}", "x".repeat(1 << 20)),
    ] {
        let checked = checked(&text);
        assert!(checked.has_errors() && checked.program.is_none());
        assert!(checked.problems.iter().all(|found| found.span.end <= text.len()));
    }
}

#[test]
fn a_hundred_thousand_areas_are_read_once() {
    let areas = vec![r#"{"region":"CN-410100"}"#; 100_000].join(",");
    let text = format!(
        r#"{{"declaration":"d","event":"e","kind":"flood","title":{{}},"declared_on":"2021-07-21","incident":{{"start":"2021-07-17"}},"areas":[{areas}]}}"#
    );
    let document: Declaration = serde_json::from_str(&text).unwrap();
    let problems = document.validate(RegionTree::builtin());
    assert_eq!(problems.len(), 99_999);
    assert!(
        problems[99_998].to_string().starts_with("/areas/99999/region: CN-410100 is designated already, at /areas/0")
    );
    let row = "4706,OK,DR,2023-04-24,Tornado,2023-04-19,,40,027,Cleveland\n";
    let header = "disasterNumber,state,declarationType,declarationDate,incidentType,incidentBeginDate,incidentEndDate,fipsStateCode,fipsCountyCode,designatedArea\n";
    let import = openfema::read(&format!("{header}{}", row.repeat(100_000)), RegionTree::builtin()).unwrap();
    assert_eq!((import.rows, import.areas, import.exceptions.len()), (100_000, 1, 99_999));
}
