//! Rows and charges of an account in minor units, and what relief does to them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::account::parts::Parts;
use forbear_engine::account::snapshot::{Accrual, Bearer, ChargeKind, ScheduleVersion};
use forbear_engine::adjustment::{Adjustment, Cause, Relieved, RowState, ScheduleChange, Suspension, Target};
use forbear_engine::history::Grant;
use forbear_engine::money::{Amount, Currency, Money};

use super::day;

/// Principal, interest, fees.
pub type Three = [i64; 3];

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// The instalment it stems from.
    pub origin: String,
    /// When it is due.
    pub due: NaiveDate,
    /// All of it.
    pub owed: Three,
    /// What is paid of it.
    pub paid: Three,
    /// Whether what is paid is known.
    pub paid_known: bool,
    /// Interest that relief took off.
    pub relieved: i64,
}

/// A charge.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ChargeKind,
    /// All of it.
    pub amount: i64,
    /// Paid.
    pub paid: i64,
    /// Whether that is known.
    pub paid_known: bool,
    /// No longer owed.
    pub waived: i64,
    /// When it was charged.
    pub assessed_on: Option<NaiveDate>,
    /// How it grew.
    pub accrual: Option<Accrual>,
    /// Who earns it.
    pub bearer: Bearer,
    /// When it is to be paid.
    pub due_on: Option<NaiveDate>,
}

/// Rows, charges and times without payments.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Of every amount.
    pub currency: Currency,
    /// Rows by due date and id.
    pub rows: Option<Vec<Row>>,
    /// Charges.
    pub charges: Option<Vec<Line>>,
    /// Times without payments.
    pub suspensions: Vec<Suspension>,
}

/// Minor units of an amount of a document.
#[must_use]
pub fn minor(amount: Amount, currency: Currency) -> i64 {
    let scaled = amount.0 * rust_decimal::Decimal::from(10_i64.pow(currency.decimals()));
    i64::try_from(scaled.trunc()).unwrap()
}

/// The parts of a document as three numbers.
#[must_use]
pub fn three(parts: &Parts) -> Three {
    [parts.principal.minor(), parts.interest.minor(), parts.fees.minor()]
}

/// Three numbers as parts.
#[must_use]
pub fn parts(three: Three, currency: Currency) -> Parts {
    let [principal, interest, fees] = three.map(|minor| Money::new(minor, currency));
    Parts { principal, interest, fees }
}

/// Number by number.
#[must_use]
pub fn sum(a: Three, b: Three) -> Three {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// Number by number.
#[must_use]
pub fn less(a: Three, b: Three) -> Three {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// The version in force on a day: the latest known by then, else the first.
#[must_use]
pub fn in_force(versions: &[ScheduleVersion], on: NaiveDate) -> Option<&ScheduleVersion> {
    let mut found = versions.first();
    let mut best = None;
    for version in versions.iter().filter(|version| version.known_from <= on) {
        if best.is_none_or(|known| (version.known_from, version.version) >= known) {
            best = Some((version.known_from, version.version));
            found = Some(version);
        }
    }
    found
}

impl Row {
    /// What is still to be paid.
    #[must_use]
    pub fn unpaid(&self) -> Three {
        less(self.owed, self.paid)
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.unpaid() == [0; 3]
    }

    /// As adjustments write it.
    #[must_use]
    pub fn state(&self, currency: Currency) -> RowState {
        RowState {
            origin: self.origin.clone(),
            due_on: self.due,
            owed: parts(self.owed, currency),
            paid: parts(self.paid, currency),
        }
    }
}

impl Line {
    /// What is still to be paid.
    #[must_use]
    pub fn unpaid(&self) -> i64 {
        (self.amount - self.paid - self.waived).max(0)
    }

    /// The day that puts charges in order.
    #[must_use]
    pub fn dated(&self) -> Option<NaiveDate> {
        self.accrual.as_ref().map(|accrual| accrual.from).or(self.assessed_on).or(self.due_on)
    }
}

impl Ledger {
    /// As the core system reported it.
    #[must_use]
    pub fn of(account: &Account, today: NaiveDate) -> Self {
        let currency = account.currency;
        let number = |amount: Option<Amount>| amount.map_or(0, |amount| minor(amount, currency));
        let version = account.schedules.as_deref().and_then(|versions| in_force(versions, today));
        let rows = version.map(|version| {
            let row = |row: &forbear_engine::account::snapshot::Instalment| {
                let owed = [minor(row.principal, currency), minor(row.interest, currency), number(row.fees)];
                let paid = match &row.paid {
                    Some(paid) => [number(paid.principal), number(paid.interest), number(paid.fees)],
                    None if row.paid_on.is_some() => owed,
                    None => [0; 3],
                };
                let paid_known = row.paid.is_some() || row.paid_on.is_some();
                let (id, origin, due) = (row.id.clone(), row.id.clone(), row.due_on);
                Row { id, origin, due, owed, paid, paid_known, relieved: 0 }
            };
            version.rows.iter().map(row).collect()
        });
        let charges = account.charges.as_ref().map(|charges| {
            let line = |charge: &forbear_engine::account::snapshot::Charge| Line {
                id: charge.id.clone(),
                kind: charge.kind,
                amount: minor(charge.amount, currency),
                paid: number(charge.paid),
                paid_known: charge.paid.is_some(),
                waived: number(charge.waived),
                assessed_on: charge.assessed_on,
                accrual: charge.accrual.clone(),
                bearer: charge.bearer.unwrap_or(Bearer::Lender),
                due_on: charge.due_on,
            };
            charges.iter().map(line).collect()
        });
        let mut ledger = Self { currency, rows, charges, suspensions: Vec::new() };
        ledger.order();
        ledger
    }

    fn order(&mut self) {
        if let Some(rows) = &mut self.rows {
            rows.sort_by_key(|row| (row.due, row.id.clone()));
        }
    }

    /// With live grants that the snapshot does not contain: oldest first, each decision in the order of effect.
    #[must_use]
    pub fn overlaid<'a>(mut self, account: &Account, grants: impl Iterator<Item = &'a Grant>) -> Self {
        let all = grants.flat_map(|grant| grant.adjustments.iter().map(move |one| (grant, one)));
        let mut all: Vec<(&Grant, &Adjustment)> = all.collect();
        all.sort_by_key(|(grant, one)| (grant.decided_on, turn(one)));
        for (grant, one) in all {
            let contained = grant.instruction.as_ref().is_some_and(|id| account.contains.contains(id));
            match one {
                Adjustment::Schedule(change) if contained => self.name_origins(change),
                Adjustment::Suspension(_) => self.apply(one),
                _ if !contained => self.apply(one),
                _ => {}
            }
        }
        self
    }

    fn name_origins(&mut self, change: &ScheduleChange) {
        for row in self.rows.iter_mut().flatten() {
            for made in change.changes.iter().filter(|made| made.row == row.id).take(1) {
                if let Some(after) = &made.after {
                    row.origin.clone_from(&after.origin);
                }
            }
        }
    }

    /// Does what an adjustment says.
    pub fn apply(&mut self, adjustment: &Adjustment) {
        match adjustment {
            Adjustment::Waiver(relieved) => self.relieve(relieved, false),
            Adjustment::Refund(relieved) => self.relieve(relieved, true),
            Adjustment::Credit { relieved, to } => {
                self.relieve(relieved, true);
                for credited in to {
                    for row in self.rows.iter_mut().flatten().filter(|row| row.id == credited.row) {
                        row.paid = sum(row.paid, three(&credited.paid));
                    }
                }
            }
            Adjustment::Schedule(change) => self.change(change),
            Adjustment::Suspension(suspension) => self.suspensions.push(suspension.clone()),
            _ => {}
        }
    }

    fn relieve(&mut self, relieved: &Relieved, was_paid: bool) {
        let amount = relieved.amount.minor();
        match &relieved.target {
            Target::Charge(id) => {
                for line in self.charges.iter_mut().flatten().filter(|line| line.id == *id) {
                    line.waived += amount;
                    line.paid -= if was_paid { amount } else { 0 };
                }
            }
            Target::Interest(id) => {
                for row in self.rows.iter_mut().flatten().filter(|row| row.id == *id) {
                    row.owed[1] -= amount;
                    row.relieved += amount;
                    row.paid[1] -= if was_paid { amount } else { 0 };
                }
            }
        }
    }

    fn change(&mut self, change: &ScheduleChange) {
        let rows = self.rows.get_or_insert_default();
        for one in &change.changes {
            let at = rows.iter().position(|row| row.id == one.row);
            match (at, &one.after) {
                (Some(at), Some(after)) => {
                    let row = &mut rows[at];
                    match &one.before {
                        Some(before) => {
                            row.owed = sum(row.owed, less(three(&after.owed), three(&before.owed)));
                            row.paid = sum(row.paid, less(three(&after.paid), three(&before.paid)));
                        }
                        None => (row.owed, row.paid) = (three(&after.owed), three(&after.paid)),
                    }
                    (row.due, row.origin) = (after.due_on, after.origin.clone());
                }
                (Some(at), None) => drop(rows.remove(at)),
                (None, Some(after)) => rows.push(Row {
                    id: one.row.clone(),
                    origin: after.origin.clone(),
                    due: after.due_on,
                    owed: three(&after.owed),
                    paid: three(&after.paid),
                    paid_known: true,
                    relieved: 0,
                }),
                (None, None) => {}
            }
        }
        self.order();
    }

    /// The day on which a row has to be paid: a suspension that holds it moves it behind its end.
    #[must_use]
    pub fn payable(&self, due: NaiveDate) -> NaiveDate {
        self.suspensions
            .iter()
            .fold(due, |at, one| if one.from <= at && at <= one.until { day::plus(one.until, 1).unwrap() } else { at })
    }

    /// Unpaid charges by kind.
    #[must_use]
    pub fn unpaid_charges(&self) -> BTreeMap<ChargeKind, i64> {
        let mut sums = BTreeMap::new();
        for line in self.charges.iter().flatten() {
            *sums.entry(line.kind).or_default() += line.unpaid();
        }
        sums
    }

    /// Rows, none when none are reported.
    #[must_use]
    pub fn all_rows(&self) -> &[Row] {
        self.rows.as_deref().unwrap_or_default()
    }
}

/// The place of an adjustment in the order of effect.
#[must_use]
pub fn turn(adjustment: &Adjustment) -> u8 {
    match adjustment {
        Adjustment::Waiver(_) | Adjustment::Refund(_) | Adjustment::Credit { .. } => 0,
        Adjustment::Schedule(change) if change.cause == Cause::Rate => 1,
        Adjustment::Schedule(_) | Adjustment::Suspension(_) => 2,
        _ => 3,
    }
}
