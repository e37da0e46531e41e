//! The end of a sequence: everybody does their part until nothing waits. Whatever happened before, each loan then has
//! exactly the relief that its policies give.

use forbear::service::ServiceError;
use forbear::store::grant::GrantRow;

use super::act::Kind;
use super::ledger::LIVE;
use super::world::{Loan, World};
use crate::service::desk::{actor, staff};

/// Rounds after which nothing may wait any more: a decision that is made again needs another one.
const ROUNDS: usize = 6;

/// What a borrower may be given of late fees in all, in cents, as tests/fixtures/model/fees.json says.
const FEES_OF_A_BORROWER: i64 = 12_000;

impl World {
    /// Does what is left to do, and holds what every loan was given in the end.
    pub fn settle(&mut self) -> Result<(), String> {
        if !self.open {
            self.open = true;
            let slug = self.declaration.declaration.clone();
            self.done(|world| world.write(|conn| world.service.close_declaration(conn, &actor("lead"), &slug, true)))?;
        }
        let standing = self.service.budget(self.budget.0).map_err(|error| error.to_string())?;
        self.set_budget(standing.row.revision, 100_000_000, None)?;
        for at in 0..self.loans.len() {
            self.loans[at].on(self.today, false);
            self.loans[at].contain_nothing();
            self.done(|world| world.service.take_snapshot(&world.loans[at].report))?;
        }
        // What was decided on older reports and waits for nobody's approval ends when it is decided again.
        for _ in 0..ROUNDS {
            self.check(Kind::Confirm)?;
            self.everybody_agrees()?;
            for number in self.loans.iter().map(|loan| loan.number.clone()).collect::<Vec<_>>() {
                self.done(|world| {
                    world.write(|conn| world.service.give_relief(conn, &actor("lead"), &number).map(|_| ()))
                })?;
            }
            self.check(Kind::Give)?;
            if !self.grants.iter().any(waits) {
                self.confirm_all()?;
                self.check(Kind::Confirm)?;
                self.check_log()?;
                return self.check_relief();
            }
        }
        let waiting: Vec<_> = self.grants.iter().filter(|grant| waits(grant)).collect();
        Err(format!("it still waits: {waiting:#?}"))
    }

    fn done<T>(&self, work: impl FnOnce(&Self) -> forbear::service::Served<T>) -> Result<T, String> {
        work(self).map_err(|error| format!("in the end: {error}"))
    }

    /// Whatever waits is approved by two people or accepted. An agreement with what does not hold any more decides again.
    fn everybody_agrees(&self) -> Result<(), String> {
        for id in self.grants.iter().map(|grant| grant.id) {
            for person in ["zhou", "wu", "zheng"] {
                let row = self.done(|world| world.service.grant(&staff(), id))?;
                if row.state != "pending_approval" {
                    break;
                }
                let came = self.write(|conn| self.service.approve_grant(conn, &actor(person), id, &row.shown_digest));
                // Whoever had it decided again proposed it.
                if !matches!(came, Ok(_) | Err(ServiceError::Forbidden(_))) {
                    self.done(|_| came)?;
                }
            }
        }
        for request in &self.requests {
            let asked = self.done(|world| world.service.request(&staff(), *request))?;
            if let Some(grant) = asked.grants.iter().find(|grant| grant.state == "offered") {
                self.done(|world| {
                    world.write(|conn| {
                        let accepted =
                            world.service.accept_offers(conn, &actor("borrower"), *request, &grant.shown_digest);
                        accepted.map(|_| ())
                    })
                })?;
            }
        }
        Ok(())
    }

    fn confirm_all(&self) -> Result<(), String> {
        for row in self.instructions()?.iter().filter(|row| row.state == "pending") {
            self.done(|world| {
                world.write(|conn| world.service.answer_instruction(conn, &actor("core"), row.id, None).map(|_| ()))
            })?;
        }
        Ok(())
    }

    /// Penalty interest of the window is waived to the cent; late fees are, or its borrowers had all they may.
    fn check_relief(&self) -> Result<(), String> {
        let given = |of: &dyn Fn(&&GrantRow) -> bool| -> i64 {
            let live = self.grants.iter().filter(|grant| LIVE.contains(&grant.state.as_str()));
            live.filter(of).map(|grant| grant.waived + grant.refunded).sum()
        };
        for loan in &self.loans {
            let own = |grant: &&GrantRow, policy: &str| {
                grant.policy == policy && self.loan_of(grant).is_some_and(|of| of.number == loan.number)
            };
            let penalty = given(&|grant| own(grant, "model-penalty"));
            if penalty != loan.penalty_in_window() {
                let expected = loan.penalty_in_window();
                return Err(format!("{penalty} of the penalty interest of {}, not {expected}", loan.number));
            }
            let fees = given(&|grant| own(grant, "model-fees"));
            // The limit of a loan with two borrowers counts what either of them was given.
            let shared = |of: &Loan| loan.parties.iter().any(|party| of.owed_by(party));
            let of_borrowers = given(&|grant| grant.policy == "model-fees" && self.loan_of(grant).is_some_and(shared));
            let all_had = of_borrowers >= FEES_OF_A_BORROWER;
            if fees != loan.late_fees() && !all_had {
                return Err(format!("{fees} of the late fees of {}, not {}", loan.number, loan.late_fees()));
            }
        }
        Ok(())
    }
}

fn waits(grant: &GrantRow) -> bool {
    matches!(grant.state.as_str(), "proposed" | "pending_approval" | "approved" | "accepted" | "offered")
}
