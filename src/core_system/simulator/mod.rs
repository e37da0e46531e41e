//! A small core system for trying Forbear out. It holds loans and does what it is told, as core systems do: most of it
//! at once, some of it days later, some after it began and broke off, some twice, and some not at all. It reconciles:
//! in the end each loan has every instruction on it once, and says so.

mod loan;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::adjustment::Adjustment;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use self::loan::{Way, work};

/// What it is told.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Instruction {
    /// Its id.
    pub instruction: String,
    /// To do it, or to undo it.
    pub kind: Kind,
    /// The loan.
    pub account: String,
    /// What is granted.
    pub grants: Vec<Carried>,
}

/// To do it, or to undo it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Relief is to be done.
    Apply,
    /// Relief that was done is to be undone.
    Reverse,
    /// A hold ends before its time.
    Release,
}

/// A grant in an instruction.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Carried {
    /// Its id.
    pub grant: String,
    /// What it does.
    pub adjustments: Vec<Adjustment>,
}

/// What it says of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It will not be done, and why.
    Refused(String),
}

/// What comes of a turn.
#[derive(Debug, Default)]
pub struct Turn {
    /// Answers, in the order of the instructions; one that was taken twice is answered twice.
    pub answers: Vec<(String, Answer)>,
    /// Loans as they are now: each contains what it was told and is done.
    pub snapshots: Vec<Account>,
}

/// How it takes an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    AtOnce,
    /// Some turns later.
    Late,
    /// The same again, as if it had not been taken.
    Twice,
    /// It does the first grant and breaks off; reconciling finds the rest.
    InPart,
    NotAtAll,
}

/// Turns that pass before what is late is done.
const LATE: u32 = 3;

/// The core system.
#[derive(Debug, Default)]
pub struct Simulator {
    loans: BTreeMap<String, Account>,
    open: BTreeMap<String, Open>,
}

/// An instruction that is under way.
#[derive(Debug, Default)]
struct Open {
    turns: u32,
    done: BTreeSet<String>,
    /// The loan before any of it was done.
    before: Option<Account>,
}

impl Simulator {
    /// Does what it is told, in this order; `loan` says how a loan is that it does not hold yet. An instruction that is
    /// not answered is told again the next time.
    pub fn turn(
        &mut self,
        day: NaiveDate,
        told: &[Instruction],
        mut loan: impl FnMut(&str) -> Option<Account>,
    ) -> Turn {
        let (mut turn, mut waits) = (Turn::default(), BTreeSet::new());
        for instruction in told {
            // What comes later for a loan waits for what came before.
            if waits.contains(&instruction.account) {
                continue;
            }
            if !self.loans.contains_key(&instruction.account)
                && let Some(found) = loan(&instruction.account)
            {
                self.loans.insert(instruction.account.clone(), found);
            }
            let Some(answer) = self.take(instruction, day) else {
                waits.insert(instruction.account.clone());
                continue;
            };
            self.open.remove(&instruction.instruction);
            let times = if mood(&instruction.instruction) == Mood::Twice { 2 } else { 1 };
            turn.answers.extend(std::iter::repeat_n((instruction.instruction.clone(), answer.clone()), times));
            if answer == Answer::Done
                && let Some(own) = self.loans.get(&instruction.account)
            {
                turn.snapshots.retain(|other: &Account| other.account != own.account);
                turn.snapshots.push(own.clone());
            }
        }
        turn
    }

    /// One instruction; none while it is not done.
    fn take(&mut self, told: &Instruction, day: NaiveDate) -> Option<Answer> {
        let Some(own) = self.loans.get_mut(&told.account) else {
            return Some(Answer::Refused("there is no such loan".to_owned()));
        };
        if own.contains.contains(&told.instruction) {
            return Some(Answer::Done);
        }
        let open = self.open.entry(told.instruction.clone()).or_default();
        open.turns = open.turns.saturating_add(1);
        // Holds are nothing that the loan says, so that the end of one changes nothing in it.
        let way = if told.kind == Kind::Apply { Way::Do } else { Way::Undo };
        let mood = mood(&told.instruction);
        match mood {
            Mood::Late if open.turns <= LATE => return None,
            // Whoever did it has to undo it.
            Mood::NotAtAll if way == Way::Do => return Some(Answer::Refused("the loan is being migrated".to_owned())),
            _ => {}
        }
        for grant in &told.grants {
            // Reconciling: what is done already is not done again.
            if !open.done.insert(grant.grant.clone()) {
                continue;
            }
            let before = open.before.get_or_insert_with(|| own.clone());
            if let Err(reason) = work(own, &grant.adjustments, way, day) {
                // What is refused is refused whole.
                own.clone_from(before);
                return Some(Answer::Refused(reason));
            }
            if mood == Mood::InPart && open.turns == 1 {
                return None;
            }
        }
        own.as_of = own.as_of.max(day);
        own.contains.push(told.instruction.clone());
        Some(Answer::Done)
    }
}

/// The same for an instruction on every machine.
fn mood(instruction: &str) -> Mood {
    let first = Sha256::digest(instruction.as_bytes()).first().copied().unwrap_or_default();
    match first {
        0..=139 => Mood::AtOnce,
        140..=179 => Mood::Late,
        180..=209 => Mood::Twice,
        210..=239 => Mood::InPart,
        240.. => Mood::NotAtAll,
    }
}

#[cfg(test)]
mod tests {
    use forbear_engine::money::Amount;
    use serde_json::json;

    use super::*;

    fn account() -> Account {
        Account::from_json(include_str!("../../../samples/account-zhengzhou.json")).unwrap()
    }

    /// An instruction of that mood, with a grant that waives 10.00 of a late fee and one that moves a row by a day.
    fn told(wanted: Mood) -> Instruction {
        let loan = account();
        let row = loan.schedules.as_ref().unwrap().last().unwrap().rows.last().unwrap();
        let money = |amount: &str| json!({"amount": amount, "currency": "CNY"});
        let relieved =
            json!({"kind": "waiver", "target": {"charge": "late-r4"}, "amount": money("10.00"), "bearer": "lender"});
        let parts = |principal: &str| json!({"currency": "CNY", "principal": principal, "interest": "0", "fees": "0"});
        let state = |due: NaiveDate, principal: &str| json!({"origin": row.id, "due_on": due, "owed": parts(principal), "paid": parts("0")});
        let (from, to) = (state(row.due_on, "0"), state(row.due_on.succ_opt().unwrap(), "5.00"));
        let change = json!({
            "kind": "schedule", "cause": "deferral", "changes": [{"row": row.id, "before": from, "after": to}],
            "chosen": [], "deferred": parts("0"), "added_interest": money("0"), "forgone_interest": money("0"),
            "capitalised": money("0"),
        });
        let name = (0..).map(|number| format!("instruction_{number}")).find(|name| mood(name) == wanted).unwrap();
        serde_json::from_value(json!({
            "instruction": name, "kind": "apply", "account": loan.account, "sequence": 1,
            "grants": [{"grant": "grant_1", "adjustments": [relieved]}, {"grant": "grant_2", "adjustments": [change]}],
        }))
        .unwrap()
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2021, 8, 1).unwrap()
    }

    fn waived(loan: &Account) -> Amount {
        loan.charges.as_ref().unwrap().iter().find(|charge| charge.id == "late-r4").unwrap().waived.unwrap_or_default()
    }

    /// Turns until something is answered.
    fn answered(simulator: &mut Simulator, told: &Instruction) -> (usize, Turn) {
        (1..9)
            .map(|turns| (turns, simulator.turn(day(), std::slice::from_ref(told), |_| Some(account()))))
            .find(|(_, turn)| !turn.answers.is_empty())
            .unwrap()
    }

    #[test]
    fn in_the_end_everything_is_done_once() {
        // Turns and answers, by what is written of each mood above.
        for (wanted, turns, answers) in
            [(Mood::AtOnce, 1, 1), (Mood::Late, 4, 1), (Mood::Twice, 1, 2), (Mood::InPart, 2, 1)]
        {
            let mut simulator = Simulator::default();
            let told = told(wanted);
            let (took, turn) = answered(&mut simulator, &told);
            assert_eq!((took, turn.answers.len()), (turns, answers), "{wanted:?}");
            let [after] = turn.snapshots.as_slice() else { panic!("{wanted:?}") };
            let before = account();
            assert_eq!(waived(after).0 - waived(&before).0, "10.00".parse().unwrap(), "{wanted:?}");
            assert_eq!(after.schedules.as_ref().unwrap().len(), before.schedules.as_ref().unwrap().len() + 1);
            assert_eq!(after.contains, [told.instruction.as_str()]);
            let text = serde_json::to_string(after).unwrap();
            assert_eq!(Account::from_json(&text).as_ref(), Ok(after), "it can be read again");
            // Told once more, it says so and does nothing.
            let (_, again) = answered(&mut simulator, &told);
            assert_eq!(&again.snapshots[0], after);
        }
    }

    #[test]
    fn what_it_will_not_do_leaves_the_loan_alone() {
        let mut simulator = Simulator::default();
        let (_, turn) = answered(&mut simulator, &told(Mood::NotAtAll));
        assert!(matches!(turn.answers.as_slice(), [(_, Answer::Refused(_))]) && turn.snapshots.is_empty());
        assert_eq!(simulator.loans.values().next(), Some(&account()));
    }

    #[test]
    fn what_cannot_be_done_whole_is_not_done_at_all() {
        for wanted in [Mood::AtOnce, Mood::InPart] {
            let mut simulator = Simulator::default();
            let mut told = told(wanted);
            let Adjustment::Schedule(change) = &mut told.grants[1].adjustments[0] else { panic!() };
            change.changes[0].row = "no such row".to_owned();
            let (_, turn) = answered(&mut simulator, &told);
            let refused = Answer::Refused("there is no instalment no such row".to_owned());
            assert_eq!(turn.answers, [(told.instruction.clone(), refused)], "{wanted:?}");
            assert_eq!(simulator.loans.values().next(), Some(&account()), "{wanted:?}");
        }
    }

    #[test]
    fn undone_it_is_as_before_but_for_what_it_contains() {
        let mut simulator = Simulator::default();
        let mut told = told(Mood::AtOnce);
        let (_, done) = answered(&mut simulator, &told);
        told.kind = Kind::Reverse;
        told.instruction.push('r');
        let (_, undone) = answered(&mut simulator, &told);
        let (before, after) = (account(), &undone.snapshots[0]);
        assert_ne!(before.charges, done.snapshots[0].charges);
        let last = |loan: &Account| {
            let rows = &loan.schedules.as_ref().unwrap().last().unwrap().rows;
            rows.iter().map(|row| (row.id.clone(), row.due_on, row.principal)).collect::<Vec<_>>()
        };
        assert_eq!(last(after), last(&before));
        assert_eq!(waived(after), waived(&before));
        assert_eq!(after.contains.len(), 2);
    }
}
