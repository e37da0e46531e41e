//! What can be done, and what has to come of it: it is done, or refused for the reason that the model expects.

use std::collections::BTreeMap;

use forbear::service::access::{Principal, Role};
use forbear::service::account::Taken;
use forbear::service::relief::approve::Agreed;
use forbear::service::relief::ask::{NewRequest, Said};
use forbear::service::review::Verdict;
use forbear::service::{Served, ServiceError};
use forbear::store::grant::GrantRow;
use forbear::store::instruction::InstructionRow;
use forbear::store::request::RequestRow;
use forbear::store::{self, id};
use forbear_engine::adjustment::{Adjustment, Target};
use forbear_engine::declaration::{Amendment, IncidentEnd, Open};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::ledger::{NOT_POSTED, adjustments};
use super::world::{Stamp, World};
use crate::service::desk::actor;

/// A kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Report,
    ReportLate,
    Contain,
    Day,
    Amend,
    Close,
    Reopen,
    Ask,
    Answer,
    Accept,
    Withdraw,
    Give,
    Approve,
    Refuse,
    Reverse,
    OptOut,
    Confirm,
    Reject,
    Claim,
    Judge,
    Budget,
}

/// Every kind, with how often it is drawn beside the others.
const WEIGHTS: [(Kind, u32); 21] = [
    (Kind::Report, 5),
    (Kind::ReportLate, 3),
    (Kind::Contain, 26),
    (Kind::Day, 3),
    (Kind::Amend, 3),
    (Kind::Close, 3),
    (Kind::Reopen, 14),
    (Kind::Ask, 12),
    (Kind::Answer, 16),
    (Kind::Accept, 40),
    (Kind::Withdraw, 4),
    (Kind::Give, 14),
    (Kind::Approve, 14),
    (Kind::Refuse, 3),
    (Kind::Reverse, 8),
    (Kind::OptOut, 28),
    (Kind::Confirm, 22),
    (Kind::Reject, 6),
    (Kind::Claim, 3),
    (Kind::Judge, 6),
    (Kind::Budget, 5),
];

/// Every kind.
pub fn kinds() -> impl Iterator<Item = Kind> {
    WEIGHTS.into_iter().map(|(kind, _)| kind)
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::ReportLate => "report late",
            Self::Contain => "contain",
            Self::Day => "day",
            Self::Amend => "amend",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Ask => "ask",
            Self::Answer => "answer",
            Self::Accept => "accept",
            Self::Withdraw => "withdraw",
            Self::Give => "give",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Reverse => "reverse",
            Self::OptOut => "opt out",
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Claim => "claim",
            Self::Judge => "judge",
            Self::Budget => "budget",
        }
    }
}

/// Something that somebody does. The numbers choose of what there is, and how.
#[derive(Clone, Copy)]
pub struct Act {
    pub kind: Kind,
    which: u8,
    how: u8,
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({}, {})", self.kind, self.which, self.how)
    }
}

impl Act {
    /// The act, and others that may take its place: always the same.
    pub fn and_others(self) -> impl Iterator<Item = Self> {
        let mut dice = ChaCha8Rng::seed_from_u64(u64::from(self.which) << 8 | u64::from(self.how));
        std::iter::once(self).chain(std::iter::repeat_with(move || any_act(&mut dice)).take(40))
    }
}

/// An act at random.
pub fn any_act(dice: &mut impl RngExt) -> Act {
    let mut drawn = dice.random_range(0..WEIGHTS.iter().map(|(_, weight)| weight).sum());
    let found = WEIGHTS.iter().find(|(_, weight)| {
        let here = drawn < *weight;
        drawn = drawn.saturating_sub(*weight);
        here
    });
    Act { kind: found.unwrap().0, which: dice.random(), how: dice.random() }
}

/// What came of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Changed,
    /// As the model expects.
    Refused,
    /// There was nothing to do it to.
    Idle,
}

type Performed = Result<Done, String>;

/// One of some by a number: mostly of those that it suits, now and then any.
fn pick<T>(all: &[T], which: u8, suits: impl Fn(&T) -> bool) -> Option<&T> {
    let suited: Vec<&T> = all.iter().filter(|one| suits(one)).collect();
    let of = if which % 8 == 7 { all.iter().collect() } else { suited };
    of.get(usize::from(which) % of.len().max(1)).copied()
}

/// Whether it came as expected: done, or refused with this code.
fn met<T>(came: Served<T>, expected: Option<&str>) -> Performed {
    match (came, expected) {
        (Ok(_), None) => Ok(Done::Changed),
        (Err(error), Some(expected)) if code(&error) == Some(expected) => Ok(Done::Refused),
        (Ok(_), Some(expected)) => Err(format!("it was done, and not refused with {expected}")),
        (Err(error), _) => Err(format!("refused with {:?} ({error}), not {expected:?}", code(&error))),
    }
}

fn code(error: &ServiceError) -> Option<&'static str> {
    match error {
        ServiceError::Conflict { code, .. } => Some(code),
        ServiceError::Forbidden(_) => Some("forbidden"),
        _ => None,
    }
}

const CHECKERS: [&str; 4] = ["li", "wang", "zhang", "lead"];

impl World {
    pub fn perform(&mut self, act: Act) -> Performed {
        let Act { kind, which, how } = act;
        match kind {
            Kind::Report => self.report(which, how),
            Kind::ReportLate => self.report_late(which),
            Kind::Contain => self.contain(which),
            Kind::Day => {
                self.pass(1 + u64::from(how % 4));
                Ok(Done::Changed)
            }
            Kind::Amend => self.amend(how),
            Kind::Close if self.open => self.set_open(false),
            Kind::Reopen if !self.open => self.set_open(true),
            Kind::Close | Kind::Reopen => Ok(Done::Idle),
            Kind::Ask => self.ask(which, how),
            Kind::Answer => self.answer(which, how),
            Kind::Accept => self.accept(which, how),
            Kind::Withdraw => self.withdraw(which),
            Kind::Give => {
                let number = self.loans[usize::from(which) % self.loans.len()].number.clone();
                met(self.write(|conn| self.service.give_relief(conn, &actor("lead"), &number)), None)
            }
            Kind::Approve => self.approve(which, how),
            Kind::Refuse => self.refuse(which),
            Kind::Reverse => self.reverse(which),
            Kind::OptOut => self.opt_out(which),
            Kind::Confirm => self.instructed(which, None),
            Kind::Reject => self.instructed(which, Some("closed for the night")),
            Kind::Claim => self.claim(which, how),
            Kind::Judge => self.judge(which, how),
            Kind::Budget => self.change_budget(how),
        }
    }

    fn taken(&self, at: usize, before: &str) -> Performed {
        let report = &self.loans[at].report;
        let expected = if serde_json::to_string(report).unwrap() == before { Taken::Unchanged } else { Taken::Changed };
        match self.service.take_snapshot(report) {
            Ok(taken) if taken == expected => Ok(Done::Changed),
            Ok(taken) => Err(format!("the snapshot was {taken:?}, not {expected:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn report(&mut self, which: u8, how: u8) -> Performed {
        let at = usize::from(which) % self.loans.len();
        let before = serde_json::to_string(&self.loans[at].report).unwrap();
        self.loans[at].on(self.today, how.is_multiple_of(2));
        self.taken(at, &before)
    }

    fn report_late(&mut self, which: u8) -> Performed {
        let mut loan = self.loans[usize::from(which) % self.loans.len()].clone();
        loan.on(loan.report.as_of.pred_opt().unwrap(), false);
        match self.service.take_snapshot(&loan.report) {
            Ok(Taken::Late) => Ok(Done::Changed),
            other => Err(format!("{other:?} of a late snapshot")),
        }
    }

    /// The core system reports a loan with a waiver that it confirmed.
    fn contain(&mut self, which: u8) -> Performed {
        let number = |row: &InstructionRow| self.numbers[&row.account_id].clone();
        let known = |row: &InstructionRow| {
            let loan = self.loans.iter().find(|loan| loan.number == number(row)).unwrap();
            loan.report.contains.contains(&id::outside("instruction", row.id))
        };
        let of = |row: &InstructionRow| -> Vec<&GrantRow> {
            self.grants.iter().filter(|grant| grant.instruction_id == Some(row.id)).collect()
        };
        let relieves = |grant: &&GrantRow| {
            let of = |one: &Adjustment| {
                matches!(one, Adjustment::Waiver(_) | Adjustment::Refund(_) | Adjustment::StandingOrder(_))
            };
            grant.state == "confirmed" && adjustments(grant).iter().all(of)
        };
        let rows = self.instructions()?;
        let all: Vec<&InstructionRow> = rows
            .iter()
            .filter(|row| row.state == "confirmed" && row.kind == "apply" && !known(row))
            .filter(|row| of(row).iter().all(relieves))
            .collect();
        let Some(row) = all.get(usize::from(which) % all.len().max(1)) else { return self.contain_again() };
        let waived: Vec<(String, i64)> = of(row).into_iter().flat_map(waived).collect();
        let (number, instruction) = (number(row), id::outside("instruction", row.id));
        let at = self.loans.iter().position(|loan| loan.number == number).unwrap();
        let before = serde_json::to_string(&self.loans[at].report).unwrap();
        self.loans[at].on(self.today, false);
        self.loans[at].contain(&instruction, &waived);
        self.taken(at, &before)
    }

    /// The core system reports a loan again that contains relief already, with another late fee.
    fn contain_again(&mut self) -> Performed {
        let found = self.loans.iter().position(|loan| !loan.report.contains.is_empty());
        let Some(at) = found else { return Ok(Done::Idle) };
        let before = serde_json::to_string(&self.loans[at].report).unwrap();
        self.loans[at].on(self.today, true);
        self.taken(at, &before)
    }

    fn amend(&mut self, how: u8) -> Performed {
        let number = self.declaration.amendments.last().map_or(0, |last| last.number) + 1;
        let incident_end = match how % 3 {
            0 => None,
            1 => Some(IncidentEnd::On(self.today)),
            _ => Some(IncidentEnd::Open(Open::Open)),
        };
        let amendment = Amendment {
            number,
            on: self.today,
            add: Vec::new(),
            remove: Vec::new(),
            severity: None,
            incident_end,
            note: Some(format!("the {number}th")),
        };
        self.declaration.amendments.push(amendment);
        met(self.write(|conn| self.service.declare(conn, &actor("lead"), &self.declaration)), None)
    }

    fn set_open(&mut self, open: bool) -> Performed {
        self.open = open;
        let slug = self.declaration.declaration.clone();
        met(self.write(|conn| self.service.close_declaration(conn, &actor("lead"), &slug, self.open)), None)
    }

    fn ask(&mut self, which: u8, how: u8) -> Performed {
        let loan = &self.loans[usize::from(which) % self.loans.len()];
        let answers = match how % 6 {
            0 => BTreeMap::new(),
            1 => BTreeMap::from([("request.hardship".to_owned(), json!(false))]),
            _ => BTreeMap::from([("request.hardship".to_owned(), json!(true))]),
        };
        let choices = BTreeMap::from([("two".to_owned(), u32::from(how / 4 % 2) + 1)]);
        let said = Said { answers, choices, ..Said::default() };
        let new = NewRequest { account: loan.number.clone(), declaration: None, via: Some("app".to_owned()), said };
        let asked = self.write(|conn| self.service.ask(conn, &actor(&loan.parties[0]), &new));
        if let Ok(asked) = &asked {
            self.requests.push(asked.request.id);
        }
        met(asked, None)
    }

    /// A request by a number, with its grants: mostly one of those that it suits.
    fn asked(
        &self,
        which: u8,
        suits: impl Fn(&RequestRow, &[&GrantRow]) -> bool,
    ) -> Option<(RequestRow, Vec<&GrantRow>)> {
        let rows = self.service.store.read(|conn| {
            let rows = self.requests.iter().map(|id| Ok(store::request::find(conn, *id)?.unwrap()));
            rows.collect::<Result<Vec<_>, store::StoreError>>()
        });
        let with_grants = |row: RequestRow| {
            let own = |grant: &&GrantRow| Some(grant.decision_id) == row.decision_id;
            let grants = self.grants.iter().filter(own).collect::<Vec<_>>();
            (row, grants)
        };
        let all: Vec<_> = rows.unwrap().into_iter().map(with_grants).collect();
        pick(&all, which, |(row, grants)| suits(row, grants)).cloned()
    }

    fn answer(&mut self, which: u8, how: u8) -> Performed {
        let asks = |row: &RequestRow| row.state == "needs_information";
        let Some((row, _)) = self.asked(which, |row, _| asks(row)) else { return Ok(Done::Idle) };
        let expected = (!asks(&row)).then_some("wrong_state");
        let made = self.service.store.read(|conn| store::decision::find(conn, row.decision_id.unwrap_or_default()));
        let made = made.map_err(|error| error.to_string())?;
        let body = made.map(|row| serde_json::from_str::<serde_json::Value>(&row.body).unwrap());
        let offers = body.as_ref().and_then(|body| body["offers"].as_array().cloned()).unwrap_or_default();
        let accepts = offers.get(usize::from(how) % offers.len().max(1)).map(|offer| offer["offer"].clone());
        let accepts = accepts.and_then(|offer| offer.as_str().map(str::to_owned));
        let answers = BTreeMap::from([("request.hardship".to_owned(), json!(!how.is_multiple_of(4)))]);
        let said = Said { answers, accepts, ..Said::default() };
        met(self.write(|conn| self.service.answer_request(conn, &actor("borrower"), row.id, &said)), expected)
    }

    fn accept(&mut self, which: u8, how: u8) -> Performed {
        let offered = |grant: &&&GrantRow| grant.state == "offered";
        let suits = |_: &RequestRow, grants: &[&GrantRow]| grants.iter().any(|grant| offered(&grant));
        let Some((row, grants)) = self.asked(which, suits) else { return Ok(Done::Idle) };
        let first = grants.iter().find(offered);
        let shown = first.filter(|_| how % 8 != 7).map_or("something else", |grant| grant.shown_digest.as_str());
        let expected = match first {
            None => Some("nothing_offered"),
            Some(_) if how % 8 == 7 => Some("digest_differs"),
            Some(_) => None,
        };
        let came = self.write(|conn| self.service.accept_offers(conn, &actor("borrower"), row.id, shown));
        if let (Ok(agreed), Some(grant)) = (&came, first) {
            // What comes out the same on a newer report is agreed with all the same.
            if !self.open || matches!(agreed, Agreed::DecidedAgain(_)) {
                self.agreed(grant, agreed)?;
            }
        }
        met(came, expected)
    }

    /// Whether an agreement was bound to what still holds, and came out so.
    fn agreed<T>(&self, grant: &GrantRow, agreed: &Agreed<T>) -> Result<(), String> {
        let now: Stamp = self.stamp(grant.account_id).map_err(|error| error.to_string())?;
        let stale = self.decided_on.get(&grant.id) != Some(&now) || !self.open;
        let again = matches!(agreed, Agreed::DecidedAgain(_));
        if stale == again { Ok(()) } else { Err(format!("stale: {stale}, decided again: {again}")) }
    }

    fn withdraw(&mut self, which: u8) -> Performed {
        let Some((row, grants)) = self.asked(which, |row, _| row.state != "closed") else { return Ok(Done::Idle) };
        let posted = grants.iter().any(|grant| matches!(grant.state.as_str(), "posted" | "confirmed"));
        let expected = (posted && row.state != "closed").then_some("posted_already");
        met(self.write(|conn| self.service.withdraw_request(conn, &actor("borrower"), row.id)), expected)
    }

    fn approve(&mut self, which: u8, how: u8) -> Performed {
        let Some(grant) = pick(&self.grants, which, |grant| grant.state == "pending_approval") else {
            return Ok(Done::Idle);
        };
        let person = CHECKERS[usize::from(how) % CHECKERS.len()];
        let wrong = how / 4 % 8 == 7;
        let shown = if wrong { "something else" } else { grant.shown_digest.as_str() };
        let read = self.service.store.read(|conn| {
            let made = store::decision::find(conn, grant.decision_id)?;
            Ok::<_, store::StoreError>((made, store::grant::approvals(conn, grant.id)?))
        });
        let (made, approvals) = read.map_err(|error| error.to_string())?;
        let now = self.stamp(grant.account_id).map_err(|error| error.to_string())?;
        let stale = self.decided_on.get(&grant.id) != Some(&now) || !self.open;
        let expected = if grant.state != "pending_approval" {
            Some("wrong_state")
        } else if wrong {
            Some("digest_differs")
        } else if made.is_some_and(|row| row.made_by == person) {
            Some("forbidden")
        } else if !stale && approvals.iter().any(|one| one.person == person) {
            Some("approved_already")
        } else {
            None
        };
        let came = self.write(|conn| self.service.approve_grant(conn, &actor(person), grant.id, shown));
        if let Ok(agreed) = &came {
            self.agreed(grant, agreed)?;
        }
        met(came, expected)
    }

    fn refuse(&mut self, which: u8) -> Performed {
        let suits = |grant: &GrantRow| NOT_POSTED.contains(&grant.state.as_str());
        let Some(grant) = pick(&self.grants, which, suits) else { return Ok(Done::Idle) };
        let expected = (!suits(grant)).then_some("wrong_state");
        met(self.write(|conn| self.service.refuse_grant(conn, &actor("li"), grant.id, "not now")), expected)
    }

    /// Why a grant cannot be taken back. What the core system refused to take back is told to it once more.
    fn stands(&self, grant: &GrantRow) -> Result<Option<&'static str>, String> {
        let posted = |row: &GrantRow| matches!(row.state.as_str(), "posted" | "confirmed");
        let moves = |row: &GrantRow| row.deferred != 0 || row.added_interest != 0 || row.forgone_interest != 0;
        let later = |row: &&GrantRow| row.account_id == grant.account_id && row.id > grant.id && posted(row);
        if !posted(grant) {
            return Ok((!self.refused_by_the_core(grant)?).then_some("wrong_state"));
        }
        Ok((moves(grant) && self.grants.iter().filter(later).any(moves)).then_some("stood_on"))
    }

    /// Whether the core system has what was taken back, and its last word is that it keeps it.
    fn refused_by_the_core(&self, grant: &GrantRow) -> Result<bool, String> {
        let (all, name) = (self.instructions()?, format!("\"{}\"", id::outside("grant", grant.id)));
        let applied = all.iter().any(|row| Some(row.id) == grant.instruction_id && row.state != "rejected");
        let last = all.iter().rfind(|row| row.kind == "reverse" && row.body.contains(&name));
        Ok(applied && grant.state == "reversed" && last.is_some_and(|row| row.state == "rejected"))
    }

    fn reverse(&mut self, which: u8) -> Performed {
        let suits = |grant: &GrantRow| matches!(grant.state.as_str(), "posted" | "confirmed");
        let Some(grant) = pick(&self.grants, which, suits) else { return Ok(Done::Idle) };
        let expected = self.stands(grant)?;
        met(self.write(|conn| self.service.reverse_grant(conn, &actor("finance"), grant.id, "a mistake")), expected)
    }

    fn opt_out(&mut self, which: u8) -> Performed {
        let suits = |grant: &GrantRow| {
            matches!(grant.state.as_str(), "posted" | "confirmed")
                && grant.opt_out_by.is_some_and(|by| self.today <= by)
        };
        let Some(grant) = pick(&self.grants, which, suits) else { return Ok(Done::Idle) };
        let Some(loan) = self.loan_of(grant) else { return Ok(Done::Idle) };
        let party = loan.parties[0].clone();
        let borrower = Principal { actor: actor(&party), roles: vec![Role::Borrower], party: Some(party) };
        let expected = match grant.opt_out_by {
            None => Some("no_opt_out"),
            Some(by) if self.today > by => Some("too_late"),
            Some(_) => self.stands(grant)?,
        };
        met(self.write(|conn| self.service.opt_out(conn, &borrower, grant.id)), expected)
    }

    pub fn instructions(&self) -> Result<Vec<InstructionRow>, String> {
        self.service.instructions(None, 0, 10_000).map_err(|error| error.to_string())
    }

    fn instructed(&mut self, which: u8, refused: Option<&str>) -> Performed {
        let all = self.instructions()?;
        let suits = |row: &InstructionRow| row.state == "pending";
        let Some(row) = pick(&all, which, suits) else { return Ok(Done::Idle) };
        let to = if refused.is_some() { "rejected" } else { "confirmed" };
        let expected = (!suits(row) && row.state != to).then_some("answered_differently");
        met(self.write(|conn| self.service.answer_instruction(conn, &actor("core"), row.id, refused)), expected)
    }

    fn claim(&mut self, which: u8, how: u8) -> Performed {
        let all = self.service.reviews((None, None), 0, 500).map_err(|error| error.to_string())?;
        let suits = |row: &store::review::ReviewRow| matches!(row.state.as_str(), "open" | "returned");
        let Some(row) = pick(&all, which, suits) else { return Ok(Done::Idle) };
        let person = CHECKERS[usize::from(how) % CHECKERS.len()];
        let expected = match row.state.as_str() {
            "open" | "returned" => None,
            "claimed" => (row.claimed_by.as_deref() != Some(person)).then_some("claimed_already"),
            _ => Some("wrong_state"),
        };
        met(self.write(|conn| self.service.claim_review(conn, &actor(person), row.id)), expected)
    }

    /// What a review may be refused for depends on every grant of its decision; what comes of it is held as after any act.
    fn judge(&mut self, which: u8, how: u8) -> Performed {
        let all = self.service.reviews((None, None), 0, 500).map_err(|error| error.to_string())?;
        let suits = |row: &store::review::ReviewRow| matches!(row.state.as_str(), "open" | "returned" | "claimed");
        let Some(row) = pick(&all, which, suits) else { return Ok(Done::Idle) };
        let claimed = row.claimed_by.as_deref().filter(|_| row.state == "claimed");
        let person = claimed.unwrap_or(CHECKERS[usize::from(how) % CHECKERS.len()]).to_owned();
        let of_decision = self.grants.iter().find(|grant| grant.decision_id == row.decision_id);
        let verdict = match how / 4 % 4 {
            0 | 1 => {
                Verdict::Approve { shown: of_decision.map(|grant| grant.shown_digest.clone()).unwrap_or_default() }
            }
            2 => Verdict::Reject { reason: "not now".to_owned() },
            _ => Verdict::Return { question: "How long will it last?".to_owned() },
        };
        match self.write(|conn| self.service.judge_review(conn, &actor(&person), row.id, &verdict)) {
            Ok(_) => Ok(Done::Changed),
            Err(error) if code(&error).is_some() => Ok(Done::Refused),
            Err(error) => Err(format!("{verdict:?} came to {error}")),
        }
    }

    fn change_budget(&mut self, how: u8) -> Performed {
        let standing = self.service.budget(self.budget.0).map_err(|error| error.to_string())?;
        let amount = i64::from(how) * 300;
        let expected = (amount < standing.taken + standing.reserved).then_some("budget_used");
        self.set_budget(standing.row.revision, amount, expected)
    }

    pub fn set_budget(&mut self, seen: i64, amount: i64, expected: Option<&str>) -> Performed {
        let budget = self.budget.0;
        let came =
            self.write(|conn| self.service.change_budget(conn, &actor("finance"), budget, (seen, amount, "CNY")));
        if came.is_ok() {
            self.budget.1 = amount;
        }
        met(came, expected)
    }
}

/// What a grant waives of each charge, in cents.
fn waived(grant: &GrantRow) -> Vec<(String, i64)> {
    let of = |adjustment| match adjustment {
        Adjustment::Waiver(relieved) => match relieved.target {
            Target::Charge(id) => Some((id, relieved.amount.minor())),
            Target::Interest(_) => None,
        },
        _ => None,
    };
    adjustments(grant).into_iter().filter_map(of).collect()
}
