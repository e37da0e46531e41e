//! Requests: received → needs_information ⇄ → decided → closed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::request::Request;
use rand::RngExt;
use serde_json::{Value, json};

use super::appeal::{self, Hearing};
use super::found::{Finding, found_for};
use super::history::{hold, hold_found};
use super::propose::{Act, waits_for_borrower};
use crate::service::access::Principal;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::account::{self, AccountRow};
use crate::store::case::{self, CaseRow};
use crate::store::decision::DecisionRow;
use crate::store::grant::{self, GrantRow};
use crate::store::request::{self, StepRow};
use crate::store::{Connection, decision, id, review};

pub use crate::store::request::RequestRow;

/// A request with what became of it.
pub struct Asked {
    /// The request.
    pub request: RequestRow,
    /// The case that it belongs to.
    pub case: CaseRow,
    /// The account's number.
    pub account: String,
    /// How it ends: as the decision in force says, or as a reviewer decided.
    pub outcome: Option<String>,
    /// The decision in force.
    pub decision: Option<DecisionRow>,
    /// Its grants.
    pub grants: Vec<GrantRow>,
    /// What happened, in order.
    pub steps: Vec<StepRow>,
    /// The request that it is the appeal against.
    pub appeal_of: Option<RequestRow>,
    /// The appeal against it.
    pub appeal: Option<RequestRow>,
    /// The last day to appeal against it, where that can be done.
    pub appeal_by: Option<NaiveDate>,
}

/// What a borrower says when asking.
#[derive(Debug, Clone, Default)]
pub struct NewRequest {
    /// The account.
    pub account: String,
    /// The disaster; any when none is named.
    pub declaration: Option<String>,
    /// How it came: app, page, hotline, sms, branch.
    pub via: Option<String>,
    /// What is said further.
    pub said: Said,
}

/// Answers, choices and evidence.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Answers, by fact.
    pub answers: BTreeMap<String, Value>,
    /// Numbers, by benefit.
    pub choices: BTreeMap<String, u32>,
    /// Kinds of evidence.
    pub evidence: Vec<String>,
    /// The offer that is taken.
    pub accepts: Option<String>,
}

impl Service {
    /// Takes a request and decides it.
    ///
    /// # Errors
    /// There is no such account, or what is said cannot be used.
    pub fn ask(&self, conn: &mut Connection, actor: &Actor, new: &NewRequest) -> Served<Asked> {
        let found = account::find(conn, &new.account)?.ok_or(ServiceError::Missing("account"))?;
        self.ask_of(conn, actor, &found, new)
    }

    /// The same, of an account that was just found.
    ///
    /// # Errors
    /// What is said cannot be used.
    pub fn ask_of(&self, conn: &mut Connection, actor: &Actor, of: &AccountRow, new: &NewRequest) -> Served<Asked> {
        let own = hold_found(conn, of)?;
        let mut body = Request {
            requested_on: self.clock.today(),
            via: new.via.clone(),
            answers: BTreeMap::new(),
            choices: BTreeMap::new(),
            evidence: Vec::new(),
            accepts: None,
        };
        add(&mut body, &new.said);
        let row = self.new_request(actor, own.id, new.declaration.clone(), &body)?;
        request::add(conn, &row)?;
        let case = self.join_request(conn, actor, &row)?;
        let received = self.step(conn, row.id, "received")?;
        let detail = json!({"account": own.number, "via": new.via});
        log(conn, row.created_at, actor, "request.receive", &id::outside("request", row.id), &detail)?;
        let decided = self.decide_anew(conn, actor, &own, row, &[])?;
        // Where nothing more is to come the case may be resolved: it is read again.
        if decided.made.outcome == Outcome::Declined.name() {
            return self.asked(conn, decided.row.id);
        }
        let known = Known { case, steps: vec![received, decided.step] };
        self.became(conn, decided.row, own.number, (Some(decided.made), decided.grants), known)
    }

    /// A request that has just come.
    pub(super) fn new_request(
        &self,
        actor: &Actor,
        account: i64,
        declaration: Option<String>,
        body: &Request,
    ) -> Served<RequestRow> {
        let now = self.clock.now();
        Ok(RequestRow {
            id: id::new_id(),
            case_number: case_number(),
            account_id: account,
            declaration,
            requested_on: body.requested_on,
            body: serde_json::to_string(body).map_err(ServiceError::unknown)?,
            state: "received".to_owned(),
            decision_id: None,
            appeal_of: None,
            answer_by: None,
            made_by: actor.person.clone(),
            created_at: now,
            changed_at: now,
            revision: 0,
        })
    }

    /// Adds what was asked for, and decides again.
    ///
    /// # Errors
    /// There is no such request, it is decided or closed, or what is said cannot be used.
    pub fn answer_request(&self, conn: &mut Connection, actor: &Actor, id: i64, said: &Said) -> Served<Asked> {
        let (own, mut row) = self.taken(conn, id)?;
        if row.state != "needs_information" {
            let message = format!("the request is {}: nothing was asked", row.state);
            return Err(ServiceError::conflict("wrong_state", message));
        }
        let mut body: Request = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
        add(&mut body, said);
        row.body = serde_json::to_string(&body).map_err(ServiceError::unknown)?;
        self.step(conn, id, "answered")?;
        log(conn, self.clock.now(), actor, "request.answer", &id::outside("request", id), &json!({}))?;
        self.decide_request(conn, actor, &own, row)
    }

    /// Ends a request whose relief is not posted: its borrower no longer wants it.
    ///
    /// # Errors
    /// There is no such request, or something of it is posted.
    pub fn withdraw_request(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<Asked> {
        let (_, mut row) = self.taken(conn, id)?;
        if row.state == "closed" {
            return self.asked(conn, id);
        }
        for grant in decided(conn, &row)? {
            if matches!(grant.state.as_str(), "posted" | "confirmed") {
                let message = "relief of this request is posted: it can be taken back, not withdrawn";
                return Err(ServiceError::conflict("posted_already", message));
            }
            if !matches!(grant.state.as_str(), "rejected" | "reversed") {
                self.end(conn, actor, grant, "grant.withdraw", "the borrower withdrew the request")?;
            }
        }
        if let Some(made) = row.decision_id {
            self.close_reviews(conn, actor, made)?;
        }
        row.state = "closed".to_owned();
        row.changed_at = self.clock.now();
        crate::service::policy::changed(request::update(conn, &row)?)?;
        self.step(conn, id, "withdrawn")?;
        log(conn, row.changed_at, actor, "request.withdraw", &id::outside("request", id), &json!({}))?;
        self.settle_request(conn, id)?;
        self.asked(conn, id)
    }

    /// Asks the borrower something that no policy asks: a reviewer wants to know.
    pub(in crate::service) fn ask_back(&self, conn: &mut Connection, id: i64, question: &str) -> Served<()> {
        let (_, mut row) = self.taken(conn, id)?;
        if row.state == "closed" {
            return Err(ServiceError::conflict("wrong_state", "the request is closed"));
        }
        row.state = "needs_information".to_owned();
        row.changed_at = self.clock.now();
        crate::service::policy::changed(request::update(conn, &row)?)?;
        let asked = StepRow {
            id: id::new_id(),
            request_id: id,
            kind: "question".to_owned(),
            at: row.changed_at,
            note: Some(question.to_owned()),
        };
        Ok(request::add_step(conn, &asked)?)
    }

    /// Tells the borrower that a reviewer turned something down, and ends the request where nothing of it is left.
    pub(in crate::service) fn turn_down(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (id, reviewed): (i64, i64),
        reason: &str,
    ) -> Served<()> {
        let (_, mut row) = self.taken(conn, id)?;
        if row.state == "closed" || row.decision_id != Some(reviewed) {
            return Ok(());
        }
        let pending = review::of_decision(conn, reviewed)?.iter().any(|one| one.is_pending() && one.kind != "sample");
        let given = decided(conn, &row)?.iter().any(|grant| !matches!(grant.state.as_str(), "rejected" | "reversed"));
        let now = self.clock.now();
        let kind = if pending || given { "partly_declined" } else { "declined" };
        let note = Some(reason.to_owned());
        request::add_step(conn, &StepRow { id: id::new_id(), request_id: id, kind: kind.to_owned(), at: now, note })?;
        if pending || given {
            return Ok(());
        }
        row.state = "closed".to_owned();
        row.answer_by = None;
        row.changed_at = now;
        crate::service::policy::changed(request::update(conn, &row)?)?;
        let detail = json!({"decision": id::outside("decision", reviewed), "reason": reason});
        log(conn, now, actor, "request.decline", &id::outside("request", id), &detail)?;
        self.settle_request(conn, id)
    }

    /// Decides a request on everything that was said so far.
    pub(in crate::service) fn decide_request(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        own: &AccountRow,
        row: RequestRow,
    ) -> Served<Asked> {
        let found = found_for(conn, row.decision_id)?;
        self.decide_request_with(conn, actor, own, row, &found)
    }

    /// The same, with what reviewers found.
    pub(super) fn decide_request_with(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        own: &AccountRow,
        row: RequestRow,
        found: &[Finding],
    ) -> Served<Asked> {
        let decided = self.decide_anew(conn, actor, own, row, found)?;
        let known = known(conn, decided.row.id)?;
        self.became(conn, decided.row, own.number.clone(), (Some(decided.made), decided.grants), known)
    }

    fn decide_anew(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        own: &AccountRow,
        mut row: RequestRow,
        found: &[Finding],
    ) -> Served<Decided> {
        if let Some(before) = row.decision_id {
            self.outdate(conn, actor, before)?;
        }
        let body = self.said_and_shown(conn, &row)?;
        let made = self.decide_account(conn, own, Some(&body), row.declaration.as_deref(), found)?;
        let hearing = self.hearing(conn, &row)?;
        let act = Act { actor, now: self.clock.now(), account: own, request: Some(row.id), hearing, unasked: false };
        let proposed = self.propose(conn, &act, &made)?;
        let grants = self.let_go(conn, actor, (own, &made.terms), proposed.grants)?;
        row.state = if waits_for_borrower(&made.decision) { "needs_information" } else { "decided" }.to_owned();
        row.decision_id = Some(proposed.decision.id);
        row.answer_by = made.decision.policies.iter().filter_map(|claim| claim.answer_by).min();
        row.changed_at = act.now;
        crate::service::policy::changed(request::update(conn, &row)?)?;
        let heard = hearing != Hearing::None && appeal::is_open(conn, proposed.decision.id)?;
        let step = self.step(conn, row.id, if heard { "under_review" } else { step_of(&made.decision) })?;
        let detail =
            json!({"decision": id::outside("decision", proposed.decision.id), "outcome": proposed.decision.outcome});
        log(conn, act.now, actor, "request.decide", &id::outside("request", row.id), &detail)?;
        row.revision = row.revision.saturating_add(1);
        if made.decision.outcome == Outcome::Declined {
            self.settle_request(conn, row.id)?;
        }
        Ok(Decided { row, made: proposed.decision, grants, step })
    }

    /// What a borrower said, with the evidence that was accepted.
    pub(super) fn said_and_shown(&self, conn: &mut Connection, row: &RequestRow) -> Served<Request> {
        let mut body: Request = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
        body.evidence = self.proven(conn, row, &body.evidence)?;
        Ok(body)
    }

    /// A request with its account, both taken until the transaction ends.
    pub(in crate::service) fn taken(&self, conn: &mut Connection, id: i64) -> Served<(AccountRow, RequestRow)> {
        let row = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
        let own = hold(conn, row.account_id)?;
        let row = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
        Ok((own, row))
    }

    pub(in crate::service) fn step(&self, conn: &mut Connection, request: i64, kind: &str) -> Served<StepRow> {
        let row =
            StepRow { id: id::new_id(), request_id: request, kind: kind.to_owned(), at: self.clock.now(), note: None };
        request::add_step(conn, &row)?;
        Ok(row)
    }

    /// A request with what became of it.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn request(&self, caller: &Principal, id: i64) -> Served<Asked> {
        self.store.read(|conn| {
            self.may_see_request(conn, caller, id)?;
            self.asked(conn, id)
        })
    }

    /// Whether a request is there for a caller.
    ///
    /// # Errors
    /// It is missing, or another's: both look the same.
    pub fn may_see_request(&self, conn: &mut Connection, caller: &Principal, id: i64) -> Served<()> {
        let row = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
        caller.may_see(conn, row.account_id)
    }

    pub(in crate::service) fn asked(&self, conn: &mut Connection, id: i64) -> Served<Asked> {
        let row = request::find(conn, id)?.ok_or(ServiceError::Missing("request"))?;
        let own = account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?;
        let decision = match row.decision_id {
            Some(id) => decision::find(conn, id)?,
            None => None,
        };
        let grants = decided(conn, &row)?;
        let known = known(conn, id)?;
        self.became(conn, row, own.number, (decision, grants), known)
    }

    /// What became of a request that is known, as are the decision in force, its grants, its case and its steps.
    fn became(
        &self,
        conn: &mut Connection,
        row: RequestRow,
        account: String,
        (decision, grants): (Option<DecisionRow>, Vec<GrantRow>),
        Known { case, steps }: Known,
    ) -> Served<Asked> {
        let turned_down = row.state == "closed" && appeal::stands(&steps).is_some_and(|step| step.kind == "declined");
        let outcome = match &decision {
            Some(_) if turned_down => Some("declined".to_owned()),
            Some(made) if row.appeal_of.is_some() && appeal::is_open(conn, made.id)? => Some("referred".to_owned()),
            decided => decided.as_ref().map(|decided| decided.outcome.clone()),
        };
        let appeal_of = match row.appeal_of {
            Some(first) => request::find(conn, first)?,
            None => None,
        };
        let appealed = steps.iter().any(|step| step.kind == "appealed");
        let appeal = if appealed { request::appeal_against(conn, row.id)? } else { None };
        let can_be_made = row.appeal_of.is_none() && appeal.is_none();
        let appeal_by = if can_be_made { self.declined_until(&steps) } else { None };
        Ok(Asked { request: row, case, account, outcome, decision, grants, steps, appeal_of, appeal, appeal_by })
    }
}

/// A request as it was just decided.
struct Decided {
    row: RequestRow,
    made: DecisionRow,
    grants: Vec<GrantRow>,
    step: StepRow,
}

/// The case of a request, and what happened to it, in order.
struct Known {
    case: CaseRow,
    steps: Vec<StepRow>,
}

fn known(conn: &mut Connection, request: i64) -> Served<Known> {
    let case = case::of_request(conn, request)?.ok_or_else(|| ServiceError::unknown("a request without a case"))?;
    Ok(Known { case, steps: request::steps(conn, request)? })
}

fn decided(conn: &mut Connection, row: &RequestRow) -> Served<Vec<GrantRow>> {
    Ok(match row.decision_id {
        Some(id) => grant::of_decision(conn, id)?,
        None => Vec::new(),
    })
}

/// Adds what is said to a request.
pub(in crate::service) fn add(body: &mut Request, said: &Said) {
    body.answers.extend(said.answers.clone());
    body.choices.extend(said.choices.clone());
    body.evidence.extend(said.evidence.iter().cloned());
    body.evidence.sort_unstable();
    body.evidence.dedup();
    if said.accepts.is_some() {
        body.accepts.clone_from(&said.accepts);
    }
}

fn step_of(decision: &Decision) -> &'static str {
    match decision.outcome {
        _ if waits_for_borrower(decision) => "information_needed",
        Outcome::Granted => "granted",
        Outcome::Declined => "declined",
        Outcome::Referred => "under_review",
        Outcome::NeedsInformation => "information_needed",
    }
}

/// Random, so that nobody finds another's: 60 bits, without letters that are taken for digits.
pub(in crate::service) fn case_number() -> String {
    let random: u64 = rand::rng().random();
    let text = id::outside("", i64::try_from(random >> 4).unwrap_or_default());
    let digits = text.trim_start_matches('_').to_uppercase();
    let (first, rest) = digits.split_at_checked(5).unwrap_or((digits.as_str(), ""));
    let (second, third) = rest.split_at_checked(4).unwrap_or((rest, ""));
    format!("{first}-{second}-{third}")
}
