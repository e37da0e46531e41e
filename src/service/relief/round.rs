//! Rounds: relief without being asked for all whom a declaration concerns, account by account in the background.
//!
//! | kind | begun by | accounts | what each gets |
//! |---|---|---|---|
//! | proactive | care | all that are kept | what the policies give of their own accord |
//! | amended | an amendment | those with relief under the declaration that stands | what it adds to what they were given |
//!
//! Each account is decided in a transaction of its own, which also keeps how far the round is: broken off anywhere it goes on
//! behind the last account that got something. Nothing is kept of accounts that get nothing. What was taken back, or
//! released, is not given again by a round.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::request::Request;
use serde_json::json;

use super::appeal::Hearing;
use super::decide::Made;
use super::found::{Finding, found_for};
use super::history::hold;
use super::propose::{Act, granted, waits_for_borrower};
use crate::service::audit::{Actor, log};
use crate::service::policy::changed;
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::{Connection, StoreError, account, decision, declaration, grant, id, request, round};

pub use crate::store::round::RoundRow;

/// Accounts between two looks at whether the round still goes on.
const PAGE: i64 = 100;

/// Whoever runs a round and says nothing for so long is gone.
const SILENCE: TimeDelta = TimeDelta::minutes(5);

/// For whom a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For everybody.
    Proactive,
    /// For those who were given something before an amendment.
    Amended,
}

impl Kind {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proactive => "proactive",
            Self::Amended => "amended",
        }
    }
}

/// What an account is decided anew for: a request, or of the lender's own accord.
struct Origin {
    request: Option<(i64, Request)>,
    hearing: Hearing,
    found: Vec<Finding>,
}

/// What a round did with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Passed {
    Nothing,
    Referred,
    Given,
}

impl Service {
    /// Begins a round for a declaration.
    ///
    /// # Errors
    /// There is no such declaration or it is closed, or a round for it is under way.
    pub fn begin_round(&self, conn: &mut Connection, actor: &Actor, slug: &str) -> Served<RoundRow> {
        let declared = declaration::find(conn, slug)?.ok_or(ServiceError::Missing("declaration"))?;
        if declared.state != "open" {
            let message = format!("the declaration is {}: it decides nothing", declared.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        if let Some(known) = round::under_way(conn, slug, Kind::Proactive.name())? {
            return Err(under_way(Some(known.id)));
        }
        let accounts = account::count(conn)?;
        self.add_round(conn, actor, slug, Kind::Proactive, accounts)
    }

    /// Begins a round for those who were given something before an amendment, if anybody was; one that is under way begins
    /// anew.
    pub(in crate::service) fn follow_amendment(&self, conn: &mut Connection, actor: &Actor, slug: &str) -> Served<()> {
        let accounts = grant::count_under(conn, slug)?;
        if accounts == 0 {
            return Ok(());
        }
        match round::under_way(conn, slug, Kind::Amended.name())? {
            Some(known) => {
                let again = RoundRow { state: "waiting".to_owned(), after_account: 0, accounts, passed: 0, ..known };
                changed(self.keep_round(conn, again)?.is_some())
            }
            None => self.add_round(conn, actor, slug, Kind::Amended, accounts).map(|_| ()),
        }
    }

    fn add_round(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        slug: &str,
        kind: Kind,
        accounts: i64,
    ) -> Served<RoundRow> {
        let now = self.clock.now();
        let row = RoundRow {
            id: id::new_id(),
            declaration: slug.to_owned(),
            kind: kind.name().to_owned(),
            caller: actor.id.clone(),
            made_by: actor.person.clone(),
            state: "waiting".to_owned(),
            after_account: 0,
            accounts,
            passed: 0,
            given: 0,
            referred: 0,
            failed: 0,
            run_until: None,
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        round::add(conn, &row).map_err(|error| match error {
            StoreError::Duplicate(_) => under_way(None),
            other => other.into(),
        })?;
        let detail = json!({"declaration": slug, "kind": row.kind});
        log(conn, now, actor, "round.begin", &id::outside("round", row.id), &detail)?;
        Ok(row)
    }

    /// A round.
    ///
    /// # Errors
    /// There is none.
    pub fn round(&self, id: i64) -> Served<RoundRow> {
        self.store.read(|conn| round::find(conn, id)?.ok_or(ServiceError::Missing("round")))
    }

    /// Rounds in the order in which they were begun, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn rounds(&self, after: i64, most: i64) -> Served<Vec<RoundRow>> {
        Ok(self.store.read(|conn| round::page(conn, after, most))?)
    }

    /// Ends a round that is under way; what it gave stays. Said again it changes nothing.
    ///
    /// # Errors
    /// There is none, or it has come to its end.
    pub fn cancel_round(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<RoundRow> {
        let row = round::find(conn, id)?.ok_or(ServiceError::Missing("round"))?;
        match row.state.as_str() {
            "cancelled" => return Ok(row),
            "waiting" | "running" => {}
            state => return Err(ServiceError::conflict("wrong_state", format!("the round is {state}: it has ended"))),
        }
        changed(self.keep_round(conn, RoundRow { state: "cancelled".to_owned(), ..row })?.is_some())?;
        log(conn, self.clock.now(), actor, "round.cancel", &id::outside("round", id), &json!({}))?;
        round::find(conn, id)?.ok_or(ServiceError::Missing("round"))
    }

    /// Goes on with the next round that waits, or was left, to its end; says whether there was one. When `stop` says so it
    /// is put back where it is.
    ///
    /// # Errors
    /// The store fails. An account that cannot be decided is logged, counted and passed over.
    pub fn run_round(&self, stop: &dyn Fn() -> bool) -> Served<bool> {
        let claimed = self.store.write(|conn| {
            let Some(row) = round::next(conn, self.clock.now())? else { return Ok(None) };
            self.keep_round(conn, RoundRow { state: "running".to_owned(), ..row })
        })?;
        let Some(mut at) = claimed else { return Ok(false) };
        loop {
            let page = self.store.read(|conn| match at.kind.as_str() {
                "amended" => grant::accounts_under(conn, &at.declaration, at.after_account, PAGE),
                _ => account::ids(conn, at.after_account, PAGE),
            })?;
            let stopped = stop();
            if page.is_empty() || stopped {
                at.state = if page.is_empty() { "done" } else { "waiting" }.to_owned();
                self.store.write(|conn| self.keep_round(conn, at.clone()))?;
                return Ok(true);
            }
            for account in page {
                match self.pass(&at, account) {
                    Ok(kept) => at = kept,
                    // It was cancelled, or somebody else took it over.
                    Err(_) if self.round(at.id)?.revision != at.revision => return Ok(true),
                    Err(error) => {
                        let account = id::outside("account", account);
                        tracing::error!(round = at.id, account, %error, "an account cannot be decided");
                        at.failed = at.failed.saturating_add(1);
                    }
                }
                at.after_account = account;
                at.passed = at.passed.saturating_add(1);
            }
            match self.store.write(|conn| self.keep_round(conn, at.clone()))? {
                Some(kept) => at = kept,
                None => return Ok(true),
            }
        }
    }

    /// Decides one account, and gives it what it is to get: the round as it stands then.
    fn pass(&self, at: &RoundRow, account: i64) -> Served<RoundRow> {
        // Most get nothing: they are looked at without taking anybody's place.
        let seen = self.store.read(|conn| {
            let own = account::get(conn, account)?.ok_or(ServiceError::Missing("account"))?;
            let mut seen = Passed::Nothing;
            for origin in self.origins(conn, at, &own)? {
                let made = self.decide_for(conn, at, &own, &origin)?;
                seen = seen.max(self.comes_to(conn, &own, &made)?);
            }
            Ok::<_, ServiceError>(seen)
        })?;
        match seen {
            Passed::Nothing => return Ok(at.clone()),
            Passed::Referred => return Ok(RoundRow { referred: at.referred.saturating_add(1), ..at.clone() }),
            Passed::Given => {}
        }
        self.store.write(|conn| {
            let own = hold(conn, account)?;
            let mut given = false;
            for origin in self.origins(conn, at, &own)? {
                given |= self.give_for(conn, at, &own, &origin)?;
            }
            if !given {
                return Ok(at.clone());
            }
            // Behind this account, so that it is counted once wherever the round breaks off.
            let (given, passed) = (at.given.saturating_add(1), at.passed.saturating_add(1));
            let kept = self.keep_round(conn, RoundRow { given, passed, after_account: account, ..at.clone() })?;
            let message = "the round was ended, or somebody else goes on with it";
            let kept = kept.ok_or_else(|| ServiceError::conflict("round_changed", message))?;
            Ok::<_, ServiceError>(RoundRow { passed: at.passed, ..kept })
        })
    }

    /// For what an account is decided.
    fn origins(&self, conn: &mut Connection, at: &RoundRow, own: &AccountRow) -> Served<Vec<Origin>> {
        if at.kind == Kind::Proactive.name() {
            return Ok(vec![Origin { request: None, hearing: Hearing::None, found: Vec::new() }]);
        }
        // Of each request the last decision that gave something.
        let mut last: BTreeMap<Option<i64>, i64> = BTreeMap::new();
        for (row, _) in grant::of_accounts(conn, &[own.id])? {
            let stands = matches!(row.state.as_str(), "posted" | "confirmed") && row.declaration == at.declaration;
            if stands {
                let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
                last.insert(made.request_id, made.id);
            }
        }
        let mut origins = Vec::new();
        for (asked, made) in last {
            let mut origin = Origin { request: None, hearing: Hearing::None, found: found_for(conn, Some(made))? };
            if let Some(asked) = asked {
                let row = request::find(conn, asked)?.ok_or(ServiceError::Missing("request"))?;
                let mut body: Request = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
                body.evidence = self.proven(conn, &row, &body.evidence)?;
                origin.hearing = self.hearing(conn, &row)?;
                origin.request = Some((asked, body));
            }
            origins.push(origin);
        }
        Ok(origins)
    }

    fn decide_for(&self, conn: &mut Connection, at: &RoundRow, own: &AccountRow, origin: &Origin) -> Served<Made> {
        let body = origin.request.as_ref().map(|(_, body)| body);
        self.decide_account(conn, own, body, Some(&at.declaration), &origin.found)
    }

    /// Gives what a decision for an origin gives; says whether that was anything.
    fn give_for(&self, conn: &mut Connection, at: &RoundRow, own: &AccountRow, origin: &Origin) -> Served<bool> {
        let made = self.decide_for(conn, at, own, origin)?;
        if self.comes_to(conn, own, &made)? != Passed::Given {
            return Ok(false);
        }
        let actor = Actor { id: at.caller.clone(), person: at.made_by.clone() };
        let asked = origin.request.as_ref().map(|(id, _)| *id);
        let (now, hearing) = (self.clock.now(), origin.hearing);
        let act = Act { actor: &actor, now, account: own, request: asked, hearing, unasked: true };
        let proposed = self.propose(conn, &act, &made)?;
        self.let_go(conn, &actor, (own, &made.terms), proposed.grants)?;
        if let Some(asked) = asked {
            self.step(conn, asked, "amended")?;
        }
        Ok(true)
    }

    fn comes_to(&self, conn: &mut Connection, own: &AccountRow, made: &Made) -> Served<Passed> {
        let decision: &Decision = &made.decision;
        if decision.outcome == Outcome::Referred {
            return Ok(Passed::Referred);
        }
        if waits_for_borrower(decision) {
            return Ok(Passed::Nothing);
        }
        for (claim, benefit) in granted(decision) {
            if !self.was_taken_back(conn, own, (claim, benefit))? {
                return Ok(Passed::Given);
            }
        }
        Ok(Passed::Nothing)
    }

    /// Keeps how far a round is; none when somebody else changed it meanwhile.
    fn keep_round(&self, conn: &mut Connection, mut row: RoundRow) -> Served<Option<RoundRow>> {
        let now = self.clock.now();
        row.changed_at = now;
        row.run_until = (row.state == "running").then(|| now.checked_add_signed(SILENCE).unwrap_or(now));
        if !round::update(conn, &row)? {
            return Ok(None);
        }
        row.revision = row.revision.saturating_add(1);
        Ok(Some(row))
    }
}

fn under_way(id: Option<i64>) -> ServiceError {
    let which = id.map(|id| format!(" ({})", id::outside("round", id))).unwrap_or_default();
    ServiceError::conflict("round_under_way", format!("a round for this declaration is under way{which}"))
}
