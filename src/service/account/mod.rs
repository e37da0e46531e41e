//! Snapshots in: what the core system reports of each account, and who the people on it are.

pub mod person;

use forbear_engine::account::Account;
use forbear_engine::account::snapshot::PartyRole;
use forbear_engine::digest::digest;
use serde::Serialize;

use super::access::Principal;
use super::{Served, Service, ServiceError};
use crate::core_system::person::{Person, Reported};
use crate::core_system::{BadLine, csv, jsonl};
use crate::store::account::{self, AccountRow, SnapshotRow};
use crate::store::document::{self, DocumentRow};
use crate::store::grant::{self, GrantRow};
use crate::store::request::{self, RequestRow};
use crate::store::{Connection, guard, id, instruction};

/// What became of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// The first of its account.
    New,
    /// It took the place of another.
    Changed,
    /// It says what is known.
    Unchanged,
    /// A later one is in force: it is not taken.
    Late,
}

impl Service {
    /// Takes a snapshot, unless a later one is in force. One of the same day corrects what came before.
    ///
    /// # Errors
    /// The store fails.
    pub fn take_snapshot(&self, report: &Account) -> Served<Taken> {
        let body = serde_json::to_string(report).map_err(ServiceError::unknown)?;
        let digest = digest(report).ok_or_else(|| ServiceError::unknown("a snapshot has no canonical form"))?;
        self.store.write(|conn| self.take(conn, report, &body, &digest, &[]))
    }

    /// Takes a snapshot and who the people are: they are sealed, in the same transaction. They are kept also where the
    /// facts say what is known, and not where the snapshot is late.
    ///
    /// # Errors
    /// The store fails, or no keys are open.
    pub fn take_report(&self, reported: &Reported) -> Served<Taken> {
        let report = &reported.account;
        let body = serde_json::to_string(report).map_err(ServiceError::unknown)?;
        let digest = digest(report).ok_or_else(|| ServiceError::unknown("a snapshot has no canonical form"))?;
        self.store.write(|conn| {
            let taken = self.take(conn, report, &body, &digest, &reported.persons)?;
            if taken != Taken::Late {
                self.keep_persons(conn, report.as_of, &reported.persons)?;
            }
            Ok(taken)
        })
    }

    fn take(
        &self,
        conn: &mut Connection,
        report: &Account,
        body: &str,
        digest: &str,
        persons: &[Person],
    ) -> Served<Taken> {
        let now = self.clock.now();
        let mut guards = vec![format!("account:{}", report.account)];
        guards.extend(report.parties.iter().flatten().map(|party| format!("party:{}", party.party)));
        guards.extend(persons.iter().map(|person| format!("party:{}", person.party)));
        guards.sort_unstable();
        guards.dedup();
        guard::make(conn, &guards)?;
        guard::take(conn, &mut guards)?;
        let known = account::find(conn, &report.account)?;
        match &known {
            Some(known) if known.snapshot == digest => return Ok(Taken::Unchanged),
            Some(known) if known.as_of > report.as_of => return Ok(Taken::Late),
            _ => {}
        }
        document::keep(
            conn,
            &DocumentRow {
                digest: digest.to_owned(),
                kind: "snapshot".to_owned(),
                body: body.to_owned(),
                created_at: now,
            },
        )?;
        let row = AccountRow {
            id: known.as_ref().map_or_else(id::new_id, |row| row.id),
            number: report.account.clone(),
            as_of: report.as_of,
            currency: report.currency.code().to_owned(),
            product: report.product.clone(),
            status: report.status.map(|status| status.name().to_owned()),
            region: home(report),
            snapshot: digest.to_owned(),
            received_at: now,
            revision: known.as_ref().map_or(0, |row| row.revision),
            taken_by: None,
        };
        match &known {
            None => account::add(conn, &row)?,
            Some(_) => super::policy::changed(account::update(conn, &row)?)?,
        }
        let in_force = SnapshotRow {
            id: id::new_id(),
            account_id: row.id,
            digest: digest.to_owned(),
            as_of: report.as_of,
            received_at: now,
        };
        account::add_snapshot(conn, &in_force)?;
        account::set_parties(conn, row.id, &parties(report))?;
        self.draw_orders(conn, &row, report)?;
        Ok(if known.is_none() { Taken::New } else { Taken::Changed })
    }

    /// Takes a file of snapshots, line by line. What could not be read is named and left out; sent again, what is known is
    /// left as it is. Who the people are is taken where keys are open, and else dropped.
    ///
    /// # Errors
    /// The store fails: what came before is kept.
    pub fn take_snapshots(&self, format: SnapshotFormat, file: &[u8]) -> Served<Intake> {
        let mut done = Intake::default();
        let alone = |account| Reported { account, persons: Vec::new() };
        let reads: Box<dyn Iterator<Item = Result<Reported, BadLine>> + '_> = match format {
            SnapshotFormat::Jsonl if self.keys.is_some() => Box::new(jsonl::Reader::new(file).with_persons()),
            SnapshotFormat::Jsonl => Box::new(jsonl::Reader::new(file).map(move |read| read.map(alone))),
            SnapshotFormat::Csv => Box::new(csv::Reader::new(file).map(move |read| read.map(alone))),
        };
        for read in reads {
            let count = match read {
                Err(bad) => {
                    done.bad_lines.push(bad);
                    continue;
                }
                Ok(reported) => match self.take_report(&reported)? {
                    Taken::New => &mut done.new,
                    Taken::Changed => &mut done.changed,
                    Taken::Unchanged => &mut done.unchanged,
                    Taken::Late => &mut done.late,
                },
            };
            *count = count.saturating_add(1);
        }
        Ok(done)
    }

    /// An account as it stands.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn account(&self, caller: &Principal, number: &str) -> Served<Standing> {
        self.store.read(|conn| {
            let row = caller.account(conn, number)?;
            let report = report(conn, &row.snapshot)?;
            let grants = grant::of_accounts(conn, &[row.id])?.into_iter().map(|(grant, _)| grant).collect();
            let open = instruction::of_account(conn, row.id)?.into_iter().map(|one| one.id);
            let open_instructions =
                open.filter(|id| !report.contains.contains(&id::outside("instruction", *id))).collect();
            let snapshots = account::snapshots(conn, row.id)?;
            let requests = request::of_account(conn, row.id)?;
            Ok(Standing { row, report, snapshots, requests, grants, open_instructions })
        })
    }
}

/// The form of a file of snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotFormat {
    /// One account a line.
    Jsonl,
    /// One record a line.
    Csv,
}

/// What became of a file of snapshots.
#[derive(Debug, Default)]
pub struct Intake {
    /// Accounts that were not known.
    pub new: u64,
    /// Accounts with another snapshot than before.
    pub changed: u64,
    /// Accounts that say what is known.
    pub unchanged: u64,
    /// Snapshots older than what is known.
    pub late: u64,
    /// Lines that could not be read.
    pub bad_lines: Vec<BadLine>,
}

/// An account as it stands.
pub struct Standing {
    /// The account.
    pub row: AccountRow,
    /// The snapshot in force.
    pub report: Account,
    /// All that were in force, the first first.
    pub snapshots: Vec<SnapshotRow>,
    /// Requests, the first first.
    pub requests: Vec<RequestRow>,
    /// What was granted.
    pub grants: Vec<GrantRow>,
    /// Instructions that the snapshot does not contain.
    pub open_instructions: Vec<i64>,
}

/// A snapshot by its digest.
pub(super) fn report(conn: &mut Connection, digest: &str) -> Served<Account> {
    let text = document::body(conn, digest)?.ok_or_else(|| ServiceError::unknown("no text of a snapshot"))?;
    Account::from_json(&text).map_err(ServiceError::unknown)
}

fn parties(report: &Account) -> Vec<(String, String)> {
    let role = |role: PartyRole| match role {
        PartyRole::Borrower => "borrower",
        PartyRole::CoBorrower => "co_borrower",
        PartyRole::Guarantor => "guarantor",
    };
    report.parties.iter().flatten().map(|party| (party.party.clone(), role(party.role).to_owned())).collect()
}

/// Where the first borrower lives, as last reported.
fn home(report: &Account) -> Option<String> {
    let borrower = report.parties.iter().flatten().find(|party| party.role == PartyRole::Borrower)?;
    let homes = borrower.addresses.iter().flatten().filter(|address| address.role == "home");
    homes.max_by_key(|address| address.valid_from).map(|address| address.region.clone())
}
