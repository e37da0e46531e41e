//! What has to hold after every step, by a ledger that is kept in memory from how grants move.

use std::collections::BTreeMap;

use forbear::service::ServiceError;
use forbear::service::relief::report::{Cut, Of};
use forbear::store::grant::GrantRow;
use forbear::store::{self};
use forbear_engine::adjustment::{Adjustment, Target};

use super::act::Kind;
use super::world::World;

/// Where a grant goes from where it stands.
const MOVES: [(&str, &[&str]); 7] = [
    ("proposed", &["pending_approval", "approved", "rejected"]),
    ("pending_approval", &["approved", "rejected"]),
    ("approved", &["offered", "posted", "rejected"]),
    ("offered", &["accepted", "rejected"]),
    ("accepted", &["posted", "rejected"]),
    ("posted", &["confirmed", "rejected", "reversed"]),
    ("confirmed", &["reversed"]),
];

/// In it a grant has its place in limits and budgets.
pub const LIVE: [&str; 7] = ["proposed", "pending_approval", "approved", "offered", "accepted", "posted", "confirmed"];
pub const NOT_POSTED: [&str; 5] = ["proposed", "pending_approval", "approved", "offered", "accepted"];

/// The limits of the policies in tests/fixtures/model: cents of late fees for each borrower, instalments for each loan.
const FEES_OF_A_BORROWER: i64 = 12_000;
const INSTALMENTS: [(&str, usize); 2] = [("model-later", 2), ("model-maturity", 1)];

/// A ledger in memory, and the grants as they stood.
#[derive(Default)]
pub struct Ledger {
    sums: BTreeMap<(&'static str, String), i64>,
    states: BTreeMap<i64, GrantRow>,
    given: BTreeMap<i64, Given>,
    cuts: usize,
}

/// What a grant does, read once: it never changes.
struct Given {
    /// Of each charge, in cents.
    relieved: Vec<(String, i64)>,
    /// Instalments that are moved.
    moved: usize,
}

/// Ledger accounts that nothing but one amount of a grant moves.
const DEBITS: [&str; 7] = [
    "relief.waived",
    "relief.refunded",
    "relief.goodwill",
    "receivable.deferred",
    "income.added_interest",
    "relief.forgone",
    "loss.modification",
];

/// What a grant is in these accounts, by its amounts.
fn debits(grant: &GrantRow) -> [i64; 7] {
    [
        grant.waived,
        grant.refunded,
        grant.goodwill,
        grant.deferred,
        -grant.added_interest,
        grant.forgone_interest,
        grant.present_value_loss.unwrap_or(0),
    ]
}

fn is_posted(state: &str) -> bool {
    matches!(state, "posted" | "confirmed")
}

/// Whether one state can be reached from another, in any number of moves.
fn reaches(from: &str, to: &str) -> bool {
    from == to || MOVES.iter().any(|(own, next)| *own == from && next.iter().any(|next| reaches(next, to)))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

fn holds(what: impl Fn() -> String, so: bool) -> Result<(), String> {
    if so { Ok(()) } else { Err(what()) }
}

fn failed(error: ServiceError) -> String {
    format!("it cannot be looked at: {error}")
}

impl Ledger {
    /// Takes in how a grant stands now.
    fn follow(&mut self, now: &GrantRow, act: Kind) -> Result<(), String> {
        self.given.entry(now.id).or_insert_with(|| {
            let moved = adjustments(now).iter().map(chosen).sum();
            Given { relieved: relieved(now), moved }
        });
        let before = self.states.insert(now.id, now.clone());
        let from = before.as_ref().map_or("proposed", |row| row.state.as_str());
        let to = now.state.as_str();
        // What a policy approves by itself begins as approved.
        let begins = before.is_none() && now.people == 0 && reaches("approved", to);
        holds(|| format!("grant {} went from {from} to {to}", now.id), begins || reaches(from, to))?;
        if let Some(before) = &before {
            same("a grant's amounts change", &debits(now), &debits(before))?;
            same("what a grant does changes", &now.adjustments, &before.adjustments)?;
        }
        let was_posted = before.as_ref().is_some_and(|row| is_posted(&row.state));
        if from != to && before.is_some() {
            let by = match to {
                "confirmed" => Some(vec![Kind::Confirm]),
                "reversed" => Some(vec![Kind::Reverse, Kind::OptOut]),
                "rejected" if was_posted => Some(vec![Kind::Reject]),
                _ => None,
            };
            holds(|| format!("{act:?} made a grant {to}"), by.is_none_or(|by| by.contains(&act)))?;
        }
        if to == "posted" {
            holds(|| format!("{} of {} approved", now.approvals, now.people), now.approvals >= now.people)?;
        }
        let sign = i64::from(is_posted(to)) - i64::from(was_posted);
        for (ledger, amount) in DEBITS.into_iter().zip(debits(now)) {
            *self.sums.entry((ledger, now.currency.clone())).or_default() += sign * amount;
        }
        Ok(())
    }

    /// What the grants that were posted come to.
    fn sum(&self, ledger: &str, currency: &str) -> i64 {
        self.sums.iter().filter(|((own, of), _)| *own == ledger && of == currency).map(|(_, sum)| *sum).sum()
    }
}

impl World {
    /// Holds everything against the ledger in memory.
    pub fn check(&mut self, act: Kind) -> Result<(), String> {
        self.grants = self.service.grants(None, 0, 10_000).map_err(failed)?;
        let grants = std::mem::take(&mut self.grants);
        for grant in &grants {
            let known = self.ledger.states.get(&grant.id).is_some_and(|known| known.revision == grant.revision);
            if known {
                continue;
            }
            if !self.decided_on.contains_key(&grant.id) {
                let stamp = self.stamp(grant.account_id).map_err(failed)?;
                self.decided_on.insert(grant.id, stamp);
            }
            self.ledger.follow(grant, act)?;
        }
        self.grants = grants;
        self.check_books()?;
        self.check_reports()?;
        self.check_budget()?;
        self.check_limits()?;
        self.check_charges()
    }

    fn check_books(&self) -> Result<(), String> {
        let books = self.service.verify_books().map_err(failed)?;
        same("the books", &books.broken, &Vec::new())?;
        let mut of_currency: BTreeMap<&str, i64> = BTreeMap::new();
        for (ledger, currency, sum) in &books.balances {
            *of_currency.entry(currency).or_default() += sum;
            if DEBITS.contains(&ledger.as_str()) {
                same(ledger, sum, &self.ledger.sum(ledger, currency))?;
            }
        }
        for ((ledger, currency), sum) in &self.ledger.sums {
            let found = books.balances.iter().find(|(own, of, _)| own == ledger && of == currency);
            same(ledger, &found.map_or(0, |(_, _, sum)| *sum), sum)?;
        }
        holds(|| format!("sums by currency: {of_currency:?}"), of_currency.values().all(|sum| *sum == 0))
    }

    /// Reports come to the same, cut by one thing after the other.
    fn check_reports(&mut self) -> Result<(), String> {
        let cuts = [Cut::Declaration, Cut::Policy, Cut::Rule, Cut::Bearer, Cut::Day];
        self.ledger.cuts += 1;
        let cut = cuts[self.ledger.cuts % cuts.len()];
        let lines = self.service.report(cut, &Of::default()).map_err(failed)?;
        for currency in ["CNY", "USD"] {
            let own = lines.iter().filter(|line| line.currency == currency);
            let found =
                own.fold([0; 3], |sum, line| [sum[0] + line.waived, sum[1] + line.refunded, sum[2] + line.deferred]);
            let expected = ["relief.waived", "relief.refunded", "receivable.deferred"];
            let expected = expected.map(|ledger| self.ledger.sum(ledger, currency));
            same(&format!("the report by {cut:?}"), &found, &expected)?;
        }
        Ok(())
    }

    /// The budget is for late fees in CNY alone: nothing of it is set aside for what has not accrued yet.
    fn check_budget(&self) -> Result<(), String> {
        let standing = self.service.budget(self.budget.0).map_err(failed)?;
        let own = || self.grants.iter().filter(|grant| grant.policy == "model-fees" && grant.currency == "CNY");
        let sum = |of: &dyn Fn(&&GrantRow) -> bool| -> i64 {
            own().filter(of).map(|grant| grant.waived + grant.refunded).sum()
        };
        let taken = sum(&|grant| is_posted(&grant.state));
        let reserved = sum(&|grant| NOT_POSTED.contains(&grant.state.as_str()) && grant.waits_for.is_none());
        let waiting = own().filter(|grant| grant.waits_for.is_some()).count();
        same("the budget", &standing.row.amount, &self.budget.1)?;
        same("taken, reserved, waiting", &(standing.taken, standing.reserved), &(taken, reserved))?;
        same("what waits for money", &usize::try_from(standing.waiting).unwrap(), &waiting)?;
        holds(|| format!("{taken} and {reserved} of {}", self.budget.1), taken + reserved <= self.budget.1)
    }

    fn check_limits(&self) -> Result<(), String> {
        let live = || self.grants.iter().filter(|grant| LIVE.contains(&grant.state.as_str()));
        for party in ["P-1", "P-2"] {
            let of_party = |grant: &&GrantRow| self.loan_of(grant).is_some_and(|loan| loan.owed_by(party));
            let fees = live().filter(of_party).filter(|grant| grant.policy == "model-fees");
            let given: i64 = fees.map(|grant| grant.waived + grant.refunded).sum();
            holds(|| format!("{party} was given {given} of late fees"), given <= FEES_OF_A_BORROWER)?;
        }
        for loan in &self.loans {
            for (policy, most) in INSTALMENTS {
                let own = live().filter(|grant| grant.policy == policy);
                let own = own.filter(|grant| self.loan_of(grant).is_some_and(|of| of.number == loan.number));
                let moved: usize = own.map(|grant| self.ledger.given[&grant.id].moved).sum();
                holds(|| format!("{policy} moved {moved} instalments of {}", loan.number), moved <= most)?;
            }
        }
        Ok(())
    }

    /// No more is given of a charge than there is.
    fn check_charges(&self) -> Result<(), String> {
        let mut given: BTreeMap<(String, String), i64> = BTreeMap::new();
        for grant in self.grants.iter().filter(|grant| LIVE.contains(&grant.state.as_str())) {
            let Some(loan) = self.loan_of(grant) else { continue };
            for (charge, amount) in &self.ledger.given[&grant.id].relieved {
                *given.entry((loan.number.clone(), charge.clone())).or_default() += amount;
            }
        }
        for ((number, charge), given) in given {
            let loan = self.loans.iter().find(|loan| loan.number == number).unwrap();
            let there = loan.charge(&charge);
            holds(|| format!("{given} was given of the {there} of {charge} of {number}"), given <= there)?;
        }
        Ok(())
    }

    /// Every seal holds, and what was decided comes out the same again.
    pub fn check_log(&self) -> Result<(), String> {
        while self.service.seal_audit().map_err(failed)? > 0 {}
        let verified = self.service.verify_audit().map_err(failed)?;
        same("the log", &verified.broken, &Vec::new())?;
        for grant in self.grants.iter().rev().take(2) {
            let replayed = self.service.replay_decision(grant.decision_id).map_err(failed)?;
            holds(|| format!("another decision: {replayed:?}"), replayed.same)?;
        }
        for grant in &self.grants {
            let approvals = self.service.store.read(|conn| store::grant::approvals(conn, grant.id));
            let approvals = approvals.map_err(|error| error.to_string())?;
            same("approvals", &approvals.len(), &usize::try_from(grant.approvals).unwrap())?;
        }
        Ok(())
    }
}

pub fn adjustments(grant: &GrantRow) -> Vec<Adjustment> {
    serde_json::from_str(&grant.adjustments).unwrap()
}

/// Instalments that an adjustment moves.
fn chosen(adjustment: &Adjustment) -> usize {
    match adjustment {
        Adjustment::Schedule(change) => change.chosen.len(),
        _ => 0,
    }
}

/// What a grant gives of each charge, in cents.
pub fn relieved(grant: &GrantRow) -> Vec<(String, i64)> {
    let of = |adjustment| match adjustment {
        Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
            match relieved.target {
                Target::Charge(id) => Some((id, relieved.amount.minor())),
                Target::Interest(_) => None,
            }
        }
        _ => None,
    };
    adjustments(grant).into_iter().filter_map(of).collect()
}
