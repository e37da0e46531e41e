//! Previews over the accounts that are kept: asked for, worked out in the background page by page, cancelled when nobody wants
//! them any more. One that is broken off, because the program ended, is begun again by whoever finds it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use forbear_engine::account::snapshots::Beside;
use forbear_engine::account::{Account, Snapshots};
use forbear_engine::context::Context;
use forbear_engine::region::RegionTree;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::examine::{ASSUMED, Preview, assumed_request};
use super::run::{Wanted, run};
use super::summary::{About, summary};
use super::tally::Tally;
use crate::service::audit::{Actor, log};
use crate::service::policy::changed;
use crate::service::policy::shelf::{compile, resolve};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, StoreError, account, declaration, id, policy, preview};

pub use crate::store::preview::PreviewRow;

/// Accounts that are read and decided at once: what bounds the memory.
const PAGE: i64 = 2_048;

/// Accounts that one core takes together.
const PART: usize = 256;

/// How long whoever runs a preview may be silent before somebody else begins it again.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct NewPreview {
    /// Declarations by name.
    pub declarations: Vec<String>,
    /// What everybody who may ask is taken to answer; none: the usual.
    pub answers: Option<BTreeMap<String, Value>>,
    /// Whether nobody asks.
    pub nobody_asks: bool,
    /// The decision day; today, or the version's first day where that is later.
    pub today: Option<NaiveDate>,
}

/// The same as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptPreview {
    /// The version, by digest.
    pub digest: String,
    /// Declarations, by name.
    pub declarations: Vec<String>,
    /// They, by digest.
    pub digests: Vec<String>,
    /// What everybody is taken to answer; none: nobody asks.
    pub assumed: Option<BTreeMap<String, Value>>,
    /// The decision day.
    pub today: NaiveDate,
}

impl Service {
    /// Asks for a preview of a version over the accounts that are kept.
    ///
    /// # Errors
    /// A name is unknown, nothing is declared by that day or the version is not in force on it, or the caller has a preview
    /// under way.
    pub fn ask_preview(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        key: (&str, i32),
        new: &NewPreview,
    ) -> Served<PreviewRow> {
        self.ask_preview_as(conn, (actor, &actor.id), key, new)
    }

    /// The same on behalf of something that has its own previews under way.
    pub(in crate::service) fn ask_preview_as(
        &self,
        conn: &mut Connection,
        (actor, caller): (&Actor, &str),
        (slug, version): (&str, i32),
        new: &NewPreview,
    ) -> Served<PreviewRow> {
        let own = policy::find(conn, slug, version)?.ok_or(ServiceError::Missing("policy version"))?;
        let today = new.today.unwrap_or_else(|| self.clock.today().max(own.effective_from));
        if today < own.effective_from || own.effective_until.is_some_and(|until| until < today) {
            let until = own.effective_until.map(|until| format!(" to {until}")).unwrap_or_default();
            let message =
                format!("{slug} {version} is in force from {}{until}: take a day of these", own.effective_from);
            return Err(ServiceError::invalid("/today", message));
        }
        let asked = KeptPreview {
            digest: own.digest,
            declarations: new.declarations.clone(),
            digests: named(conn, &new.declarations, today)?,
            assumed: if new.nobody_asks { None } else { Some(new.answers.clone().unwrap_or_else(usual)) },
            today,
        };
        if let Some(id) = preview::under_way(conn, caller)? {
            return Err(under_way(Some(id)));
        }
        let now = self.clock.now();
        let row = PreviewRow {
            id: id::new_id(),
            caller: caller.to_owned(),
            made_by: actor.person.clone(),
            policy: slug.to_owned(),
            version,
            asked: serde_json::to_string(&asked).map_err(ServiceError::unknown)?,
            state: "waiting".to_owned(),
            accounts: 0,
            decided: 0,
            failure: None,
            result: None,
            run_until: None,
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        preview::add(conn, &row).map_err(|error| match error {
            StoreError::Duplicate(_) => under_way(None),
            other => other.into(),
        })?;
        let detail = json!({"policy": slug, "version": version, "declarations": new.declarations});
        log(conn, now, actor, "preview.ask", &id::outside("preview", row.id), &detail)?;
        Ok(row)
    }

    /// A preview.
    ///
    /// # Errors
    /// There is none.
    pub fn preview(&self, id: i64) -> Served<PreviewRow> {
        self.store.read(|conn| preview::find(conn, id)?.ok_or(ServiceError::Missing("preview")))
    }

    /// Previews in the order in which they were asked for, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn previews(&self, after: i64, most: i64) -> Served<Vec<PreviewRow>> {
        Ok(self.store.read(|conn| preview::page(conn, after, most))?)
    }

    /// Ends a preview that is under way; whoever runs it stops at its next page. Said again it changes nothing.
    ///
    /// # Errors
    /// There is none of the caller's, or it has come to its end.
    pub fn cancel_preview(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<PreviewRow> {
        let row = preview::find(conn, id)?.filter(|row| row.caller == actor.id);
        let mut row = row.ok_or(ServiceError::Missing("preview"))?;
        match row.state.as_str() {
            "cancelled" => return Ok(row),
            "waiting" | "running" => {}
            state => {
                return Err(ServiceError::conflict("wrong_state", format!("the preview is {state}: it has ended")));
            }
        }
        row.state = "cancelled".to_owned();
        row.run_until = None;
        row.changed_at = self.clock.now();
        changed(preview::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, "preview.cancel", &id::outside("preview", id), &json!({}))?;
        preview::find(conn, id)?.ok_or(ServiceError::Missing("preview"))
    }

    /// Works out the next preview that waits, or was left; says whether there was one. When `stop` says so it is put back, to
    /// be begun again.
    ///
    /// # Errors
    /// The store fails. What fails in the preview itself is kept with it.
    pub fn run_preview(&self, stop: &dyn Fn() -> bool) -> Served<bool> {
        let claimed = self.store.write(|conn| {
            let Some(row) = preview::next(conn, self.clock.now())? else { return Ok(None) };
            let accounts = account::count(conn)?;
            let row = PreviewRow { state: "running".to_owned(), accounts, decided: 0, ..row };
            self.keep_preview(conn, row)
        })?;
        let Some(row) = claimed else { return Ok(false) };
        let mut at = row;
        match self.work_out(&mut at, stop) {
            Ok(()) => {}
            Err(error) => {
                tracing::error!(preview = at.id, %error, "a preview cannot be worked out");
                at.state = "failed".to_owned();
                at.failure = Some("it cannot be worked out: it has been logged".to_owned());
                self.store.write(|conn| self.keep_preview(conn, at.clone()))?;
            }
        }
        Ok(true)
    }

    fn work_out(&self, at: &mut PreviewRow, stop: &dyn Fn() -> bool) -> Served<()> {
        let asked: KeptPreview = serde_json::from_str(&at.asked).map_err(ServiceError::unknown)?;
        let (policies, declared) = self.store.read(|conn| {
            let policies = compile(conn, std::slice::from_ref(&asked.digest), &self.lender.attributes)?;
            Ok::<_, ServiceError>((policies, resolve(conn, &asked.digests, asked.today)?))
        })?;
        let context = Context {
            zone: Some(self.clock.zone().name().to_owned()),
            calendar: self.lender.calendar.clone(),
            attributes: self.lender.attributes.clone(),
            ..Context::on(asked.today)
        };
        let request = asked.assumed.clone().map(|answers| assumed_request(&policies, asked.today, answers));
        let all = Preview::new(&policies, &declared, &context, RegionTree::builtin(), request.as_ref());
        // Half of the cores: requests go on meanwhile.
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build().map_err(ServiceError::unknown)?;
        let (mut tally, mut unread, mut after) = (Tally::default(), 0_u64, 0_i64);
        loop {
            let page = self.store.read(|conn| account::reports(conn, after, PAGE))?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            let count = i64::try_from(page.len()).map_err(ServiceError::unknown)?;
            let (batch, bad) = pool.install(|| {
                let parts: Vec<(Snapshots, u64)> = page.par_chunks(PART).map(read).collect();
                let bad = parts.iter().fold(0_u64, |sum, (_, bad)| sum.saturating_add(*bad));
                let parts: Vec<Snapshots> = parts.into_iter().map(|(part, _)| part).collect();
                (run(&all, &parts, Wanted::default()), bad)
            });
            tally.merge(batch.map_err(ServiceError::unknown)?.tally).map_err(ServiceError::unknown)?;
            unread = unread.saturating_add(bad);
            at.decided = at.decided.saturating_add(count);
            if stop() {
                (at.state, at.run_until) = ("waiting".to_owned(), None);
                self.store.write(|conn| self.keep_preview(conn, at.clone()))?;
                return Ok(());
            }
            match self.store.write(|conn| self.keep_preview(conn, at.clone()))? {
                Some(kept) => *at = kept,
                // It was cancelled, or somebody else took it over.
                None => return Ok(()),
            }
        }
        let about = About {
            today: asked.today,
            policies: &policies,
            declarations: &declared,
            assumed: asked.assumed.as_ref(),
            superseded: 0,
            bad_lines: unread,
        };
        at.result = Some(summary(&about, &tally).to_string());
        at.state = "done".to_owned();
        self.store.write(|conn| self.keep_preview(conn, at.clone()))?;
        Ok(())
    }

    /// Keeps how far a preview is; none when somebody else changed it meanwhile.
    fn keep_preview(&self, conn: &mut Connection, mut row: PreviewRow) -> Served<Option<PreviewRow>> {
        let now = self.clock.now();
        row.changed_at = now;
        row.run_until = (row.state == "running").then(|| now.checked_add_signed(SILENCE).unwrap_or(now));
        if !preview::update(conn, &row)? {
            return Ok(None);
        }
        row.revision = row.revision.saturating_add(1);
        Ok(Some(row))
    }
}

/// Snapshots as they are kept, and how many could not be read.
fn read(page: &[(i64, String)]) -> (Snapshots, u64) {
    let (mut part, mut bad) = (Snapshots::default(), 0_u64);
    for (account, text) in page {
        if part.read_plain(text, Beside::Nothing) {
            continue;
        }
        let added = Account::from_json(text).map_err(|error| error.to_string());
        if let Err(reason) = added.and_then(|report| part.add(&report).map_err(|error| error.to_string())) {
            tracing::error!(account = %id::outside("account", *account), reason, "a kept snapshot cannot be read");
            bad = bad.saturating_add(1);
        }
    }
    (part, bad)
}

fn usual() -> BTreeMap<String, Value> {
    ASSUMED.iter().map(|(fact, value)| ((*fact).to_owned(), Value::from(*value))).collect()
}

/// Declarations by digest, one of which at least is declared by a day.
fn named(conn: &mut Connection, names: &[String], today: NaiveDate) -> Served<Vec<String>> {
    if names.is_empty() {
        return Err(ServiceError::invalid("/declarations", "name a declaration: a policy answers a disaster"));
    }
    let mut digests = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let missing = || ServiceError::invalid(&format!("/declarations/{at}"), format!("no declaration {name}"));
        digests.push(declaration::find(conn, name)?.ok_or_else(missing)?.digest);
    }
    let declared = resolve(conn, &digests, today)?;
    if !declared.iter().any(|one| one.declared_on <= today) {
        let days: Vec<String> =
            declared.iter().map(|one| format!("{} of {}", one.declaration, one.declared_on)).collect();
        let message = format!("on {today} nothing is declared yet: it is before {}", days.join(", "));
        return Err(ServiceError::invalid("/today", message));
    }
    Ok(digests)
}

fn under_way(id: Option<i64>) -> ServiceError {
    let which = id.map(|id| format!(" ({})", id::outside("preview", id))).unwrap_or_default();
    let message = format!("you have a preview under way{which}: cancel it, or wait for it");
    ServiceError::conflict("preview_under_way", message)
}
