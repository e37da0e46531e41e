//! Files of snapshots, taken in while they come.

use std::io::{self, BufRead, BufReader, Read};

use forbear::core_system::csv::write_csv;
use forbear::core_system::jsonl::write_jsonl;
use forbear::service::account::import::{ImportRow, NewImport, SnapshotFormat};
use forbear::service::{Service, ServiceError};
use forbear_engine::account::Account;
use sha2::{Digest, Sha256};

use super::desk::{account, actor, service, staff};
use crate::databases::on_both;

const DAY: &str = "2021-07-29";

/// Loans like the sample's.
fn loans(count: usize) -> Vec<Account> {
    let one = |at: usize| Account { account: format!("L-{at:04}"), ..account("samples/account-zhengzhou.json") };
    (0..count).map(one).collect()
}

fn jsonl(accounts: &[Account]) -> Vec<u8> {
    let mut out = Vec::new();
    write_jsonl(&mut out, accounts.to_vec()).unwrap();
    out
}

fn csv(accounts: &[Account]) -> Vec<u8> {
    let mut out = Vec::new();
    write_csv(&mut out, accounts.to_vec()).unwrap();
    out
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A connection that does something in its middle, and may break off there.
struct Middle<'a> {
    left: &'a [u8],
    until: usize,
    act: Box<dyn FnMut() -> io::Result<()> + 'a>,
}

impl Read for Middle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.until == 0 {
            (self.act)()?;
            self.until = usize::MAX;
        }
        let most = into.len().min(self.until);
        let read = self.left.read(&mut into[..most])?;
        self.until -= read;
        Ok(read)
    }
}

fn breaks_off(content: &[u8], after: usize) -> impl BufRead + '_ {
    let act = Box::new(|| Err(io::Error::new(io::ErrorKind::UnexpectedEof, "gone")));
    BufReader::new(Middle { left: content, until: after, act })
}

fn take(service: &Service, format: SnapshotFormat, digest: Option<&str>, source: impl BufRead) -> ImportRow {
    let new = NewImport { format, content_digest: digest.map(str::to_owned) };
    service.take_stream(&actor("core"), &new, source).unwrap()
}

#[test]
fn a_file_that_breaks_off_goes_on_where_it_was() {
    on_both(|database| {
        let service = service(database, DAY);
        let content = jsonl(&loans(600));
        let digest = sha256(&content);
        // In the middle of the 401st line: each line is as long as the others.
        let line = content.len() / 600;
        let broken = take(&service, SnapshotFormat::Jsonl, Some(&digest), breaks_off(&content, 400 * line + 77));
        assert_eq!((broken.state.as_str(), broken.lines, broken.bytes), ("broken", 400, 400 * line as i64));
        assert_eq!((broken.added, broken.bad, &broken.digest), (400, 0, &None), "half a line is no line");
        let whole = take(&service, SnapshotFormat::Jsonl, Some(&digest), content.as_slice());
        assert_eq!((whole.id, whole.state.as_str(), whole.digest.as_ref()), (broken.id, "done", Some(&digest)));
        // What was taken in before is passed over unread: nothing of it is counted as unchanged.
        assert_eq!((whole.added, whole.unchanged, whole.lines), (600, 0, 600));

        // Without a digest, or when it is done, it is read anew, and what is known is left as it is.
        for digest in [None, Some(digest.as_str())] {
            let again = take(&service, SnapshotFormat::Jsonl, digest, content.as_slice());
            assert_ne!(again.id, whole.id);
            assert_eq!((again.added, again.changed, again.unchanged, again.repeated), (0, 0, 600, 0));
        }
        let standing = service.account(&staff(), "L-0599").unwrap();
        assert_eq!(standing.snapshots.len(), 1, "nothing was taken twice");
    });
}

#[test]
fn a_table_that_breaks_off_within_an_account_loses_no_row() {
    on_both(|database| {
        let service = service(database, DAY);
        let accounts = loans(5);
        let content = csv(&accounts);
        let digest = sha256(&content);
        // Some rows behind the beginning of the fourth account.
        let begins = String::from_utf8(content.clone()).unwrap().find("account,L-0003").unwrap();
        let broken = take(&service, SnapshotFormat::Csv, Some(&digest), breaks_off(&content, begins + 1_000));
        assert_eq!((broken.state.as_str(), broken.added, broken.bad), ("broken", 3, 0));
        assert_eq!(broken.bytes, begins as i64);
        let whole = take(&service, SnapshotFormat::Csv, Some(&digest), content.as_slice());
        assert_eq!((whole.id, whole.state.as_str(), whole.added), (broken.id, "done", 5));
        assert_eq!((whole.unchanged, whole.bad, whole.bytes), (0, 0, content.len() as i64));
        // Every account is as it is in the other form.
        let same = take(&service, SnapshotFormat::Jsonl, None, jsonl(&accounts).as_slice());
        assert_eq!((same.unchanged, same.added), (5, 0));
    });
}

#[test]
fn a_sending_that_is_overtaken_stops() {
    on_both(|database| {
        let service = service(database, DAY);
        let content = jsonl(&loans(600));
        let digest = sha256(&content);
        let new = NewImport { format: SnapshotFormat::Jsonl, content_digest: Some(digest.clone()) };
        // The first sender's connection hangs, as the second one sends the same and is done.
        let act = Box::new(|| {
            let second = take(&service, SnapshotFormat::Jsonl, Some(&digest), content.as_slice());
            assert_eq!((second.state.as_str(), second.added), ("done", 600));
            Ok(())
        });
        let hangs = BufReader::new(Middle { left: &content, until: content.len() / 2, act });
        let Err(ServiceError::Conflict { code, .. }) = service.take_stream(&actor("core"), &new, hangs) else {
            panic!()
        };
        assert_eq!(code, "sent_anew");
        let [only] = service.imports(0, 10).unwrap().try_into().unwrap();
        assert_eq!((only.state.as_str(), only.added, only.lines), ("done", 600, 600));
    });
}

#[test]
fn a_content_that_is_another_than_its_sender_says_is_found_out() {
    on_both(|database| {
        let service = service(database, DAY);
        let content = jsonl(&loans(3));
        let wrong = sha256(b"something else");
        let row = take(&service, SnapshotFormat::Jsonl, Some(&wrong), content.as_slice());
        assert_eq!((row.state.as_str(), row.added, row.digest), ("differs", 3, Some(sha256(&content))));
        // Shorter than what is taken in of it already.
        let digest = sha256(&jsonl(&loans(300)));
        take(&service, SnapshotFormat::Jsonl, Some(&digest), breaks_off(&jsonl(&loans(300)), 100_000));
        let row = take(&service, SnapshotFormat::Jsonl, Some(&digest), &b"{}\n"[..]);
        assert_eq!((row.state.as_str(), row.bad), ("differs", 0));
    });
}

#[test]
fn what_is_bad_late_or_repeated_is_named_by_its_line() {
    on_both(|database| {
        let service = service(database, DAY);
        let later = account("samples/account-zhengzhou.json");
        let earlier = Account { as_of: "2021-07-27".parse().unwrap(), ..later.clone() };
        let corrected = Account { product: Some("another".to_owned()), ..later.clone() };
        let other = Account { account: "L-2".to_owned(), ..later.clone() };
        let mut content = jsonl(std::slice::from_ref(&later));
        content.extend(b"\nno account\n");
        content.extend(jsonl(&[earlier, other, corrected.clone(), corrected]));
        content.extend(b"{\"account\": \"L-3\"}");
        let row = take(&service, SnapshotFormat::Jsonl, None, content.as_slice());
        assert_eq!((row.added, row.changed, row.unchanged, row.late, row.repeated, row.bad), (2, 1, 1, 1, 2, 2));
        assert_eq!(row.lines, 8);
        let lines = service.import_lines(row.id, None, 0, 50).unwrap();
        let named: Vec<(i64, &str)> = lines.iter().map(|line| (line.line, line.kind.as_str())).collect();
        assert_eq!(named, [(3, "bad"), (4, "late"), (6, "repeated"), (7, "repeated"), (8, "bad")]);
        assert_eq!(lines[1].account.as_deref(), Some("ZZ-20210220-01"));
        assert!(lines[1].reason.contains("2021-07-27") && lines[2].reason.contains("took its place"));
        let page = service.import_lines(row.id, Some("bad"), 3, 1).unwrap();
        assert_eq!(page.iter().map(|line| line.line).collect::<Vec<_>>(), [8]);
    });
}
