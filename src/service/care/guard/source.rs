//! What can stand in the way of a contact, one function for each: asked once for a page of accounts.
//!
//! | source | collections | marketing | service | letter |
//! |---|---|---|---|---|
//! | a hold of a grant | yes | | | |
//! | an opt-out | of collections | of marketing or messages | of messages | |
//! | a flag | yes | yes | where nobody is to be written to | its form |
//! | messages of the week | | yes | yes | |
//! | quiet hours | yes | yes | yes | |
//! | an open complaint on the account | yes | yes | | |
//!
//! What else is to stand in the way becomes one more function in `ALL`.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use forbear_engine::adjustment::{Adjustment, HoldChange};
use forbear_engine::policy::document::HoldKind;

use super::{Asked, Found, Page, Purpose, Reason, people};
use crate::service::care::flag::Flag;
use crate::service::relief::release::Held;
use crate::service::{Served, Service, ServiceError};
use crate::store::opt_out::{self, Of};
use crate::store::{Connection, complaint, contactable, flag, id, message};

/// A source of reasons.
pub(super) type Source = fn(&Service, &mut Connection, Asked, &Page, &mut Found) -> Served<()>;

/// All of them, in the order in which their reasons are named.
pub(super) const ALL: [Source; 6] = [holds, opt_outs, flags, week, quiet, complaints];

/// Messages of one person are counted over so many days.
const WEEK: TimeDelta = TimeDelta::days(7);

fn holds(service: &Service, conn: &mut Connection, asked: Asked, page: &Page, found: &mut Found) -> Served<()> {
    if asked.purpose != Purpose::Collections {
        return Ok(());
    }
    let day = service.clock.day(asked.at);
    let accounts: Vec<i64> = page.values().map(|own| own.account).collect();
    for row in contactable::holding(conn, &accounts)? {
        let adjustments: Vec<Adjustment> = serde_json::from_str(&row.adjustments).map_err(ServiceError::unknown)?;
        for change in adjustments.into_iter().filter_map(of_collections) {
            let held = Held { grant: row.grant, change, released_on: row.released_on, reason: None };
            if !held.on(day) {
                continue;
            }
            let until = held.change.until.and_then(|until| service.day_after(until));
            let of = Some(id::outside("grant", row.grant));
            found.accounts.entry(row.account).or_default().push(Reason { code: "hold", person: None, of, until });
        }
    }
    Ok(())
}

fn of_collections(adjustment: Adjustment) -> Option<HoldChange> {
    match adjustment {
        Adjustment::Hold(change) if change.what.contains(&HoldKind::Collections) => Some(change),
        _ => None,
    }
}

fn opt_outs(_: &Service, conn: &mut Connection, asked: Asked, page: &Page, found: &mut Found) -> Served<()> {
    let scopes: &[&str] = match asked.purpose {
        Purpose::Collections => &["collections"],
        Purpose::Marketing => &["messages", "marketing"],
        Purpose::Service => &["messages"],
        Purpose::Letter => return Ok(()),
    };
    if !opt_out::any(conn)? {
        return Ok(());
    }
    let mut by_phone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for debtor in page.values().flat_map(|own| &own.debtors) {
        if let Some(phone) = &debtor.phone {
            by_phone.entry(phone).or_default().push(&debtor.party);
        }
    }
    let of = Of { parties: people(page), phones: by_phone.keys().map(|phone| (*phone).to_owned()).collect() };
    let mut named: Vec<(String, String)> = Vec::new();
    for row in opt_out::in_force(conn, &of)?.into_iter().filter(|row| scopes.contains(&row.scope.as_str())) {
        let of_phone = row.phone_index.as_deref().and_then(|phone| by_phone.get(phone));
        let whose = row.party.as_deref().into_iter().chain(of_phone.into_iter().flatten().copied());
        named.extend(whose.map(|party| (party.to_owned(), row.scope.clone())));
    }
    // Said by a person and by their phone it is one reason.
    named.sort_unstable();
    named.dedup();
    for (party, scope) in named {
        found.of_person(&party, "opt_out", Some(scope), None);
    }
    Ok(())
}

fn flags(service: &Service, conn: &mut Connection, asked: Asked, page: &Page, found: &mut Found) -> Served<()> {
    if !flag::any(conn)? {
        return Ok(());
    }
    for row in flag::in_force(conn, &people(page), service.clock.day(asked.at))? {
        let Some(own) = Flag::known(&row.flag) else { continue };
        if own.bars(asked.purpose) {
            let until = row.until.and_then(|until| service.day_after(until));
            found.of_person(&row.party, "flag", Some(row.flag), until);
        } else if asked.purpose == Purpose::Letter {
            // The gravest form stands.
            let form = found.forms.entry(row.party).or_insert_with(|| own.form());
            if *form == "mild" {
                *form = own.form();
            }
        }
    }
    Ok(())
}

fn week(service: &Service, conn: &mut Connection, asked: Asked, page: &Page, found: &mut Found) -> Served<()> {
    if !matches!(asked.purpose, Purpose::Marketing | Purpose::Service) || !message::any(conn)? {
        return Ok(());
    }
    let weekly = usize::try_from(service.care.contact_rules.weekly).unwrap_or(usize::MAX);
    let since = asked.at.checked_sub_signed(WEEK).unwrap_or(asked.at);
    let mut sent: BTreeMap<String, Vec<NaiveDateTime>> = BTreeMap::new();
    for (party, at) in message::sent_since(conn, &people(page), since, asked.at)? {
        sent.entry(party).or_default().push(at);
    }
    for (party, mut times) in sent.into_iter().filter(|(_, times)| times.len() >= weekly) {
        times.sort_unstable();
        let oldest = times.len().checked_sub(weekly).and_then(|at| times.get(at));
        let until = oldest.and_then(|oldest| oldest.checked_add_signed(WEEK));
        found.of_person(&party, "weekly_cap", None, until);
    }
    Ok(())
}

/// Whoever complains is answered first.
fn complaints(_: &Service, conn: &mut Connection, asked: Asked, page: &Page, found: &mut Found) -> Served<()> {
    if !matches!(asked.purpose, Purpose::Collections | Purpose::Marketing) {
        return Ok(());
    }
    let accounts: Vec<i64> = page.values().map(|own| own.account).collect();
    for (account, complaint) in complaint::open_on(conn, &accounts)? {
        let of = Some(id::outside("complaint", complaint));
        found.accounts.entry(account).or_default().push(Reason { code: "complaint", person: None, of, until: None });
    }
    Ok(())
}

fn quiet(service: &Service, _: &mut Connection, asked: Asked, _: &Page, found: &mut Found) -> Served<()> {
    if asked.purpose == Purpose::Letter {
        return Ok(());
    }
    if let Some(until) = service.quiet_until(asked.at) {
        found.everybody.push(Reason { code: "quiet_hours", person: None, of: None, until: Some(until) });
    }
    Ok(())
}
