//! Snapshots in: what the core system reports of each account, and who the people on it are; one, or a file of them
//! (`import`).

pub mod import;
pub mod person;

use forbear_engine::account::Account;
use forbear_engine::account::snapshot::PartyRole;
use forbear_engine::digest::digest;
use serde::Serialize;

use super::access::Principal;
use super::relief::release::{Held, holds};
use super::{Served, Service, ServiceError};
use crate::core_system::person::{Person, Reported};
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
        self.store.write(|conn| {
            hold(conn, &mut names(report, &[]))?;
            Ok(self.take(conn, &Said { report, body: &body, digest: &digest, by: None })?.0)
        })
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
            hold(conn, &mut names(report, &reported.persons))?;
            let (taken, _) = self.take(conn, &Said { report, body: &body, digest: &digest, by: None })?;
            if taken != Taken::Late {
                self.keep_persons(conn, report.as_of, &reported.persons)?;
            }
            Ok(taken)
        })
    }

    /// Takes a snapshot; says what became of it, and whether the same import brought the account before. Guards have to be
    /// taken.
    fn take(&self, conn: &mut Connection, said: &Said<'_>) -> Served<(Taken, bool)> {
        let Said { report, body, digest, by } = *said;
        let now = self.clock.now();
        let known = account::find(conn, &report.account)?;
        let repeated = by.is_some() && known.as_ref().is_some_and(|known| known.taken_by == by);
        match &known {
            Some(known) if known.snapshot == digest => return Ok((Taken::Unchanged, repeated)),
            Some(known) if known.as_of > report.as_of => return Ok((Taken::Late, repeated)),
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
            taken_by: by,
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
        Ok((if known.is_none() { Taken::New } else { Taken::Changed }, repeated))
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
            let holds = holds(conn, row.id)?;
            Ok(Standing { row, report, snapshots, requests, grants, holds, open_instructions })
        })
    }
}

/// What a snapshot says.
#[derive(Clone, Copy)]
struct Said<'a> {
    report: &'a Account,
    /// It, as it is kept.
    body: &'a str,
    /// Its digest.
    digest: &'a str,
    /// The import that brings it.
    by: Option<i64>,
}

/// The guards of a snapshot: of its account, and of everybody that it names.
fn names(report: &Account, persons: &[Person]) -> Vec<String> {
    let mut guards = vec![format!("account:{}", report.account)];
    guards.extend(report.parties.iter().flatten().map(|party| format!("party:{}", party.party)));
    guards.extend(persons.iter().map(|person| format!("party:{}", person.party)));
    guards
}

/// Takes guards until the transaction ends; those that are missing are made.
fn hold(conn: &mut Connection, names: &mut Vec<String>) -> Served<()> {
    names.sort_unstable();
    names.dedup();
    guard::make(conn, names)?;
    Ok(guard::take(conn, names)?)
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
    /// What is or was held for it.
    pub holds: Vec<Held>,
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
