//! What a grant is in the ledger: balanced lines, debits above zero.
//!
//! | what | debit | credit |
//! |---|---|---|
//! | waiver of a charge, of interest | `relief.waived` | `receivable.charges`, `receivable.interest` |
//! | refund | `relief.refunded` | `payable.borrower` |
//! | refund credited to later rows | `relief.refunded` | `receivable.rows` |
//! | goodwill | `relief.goodwill` | `payable.borrower` |
//! | payments moved to later | `receivable.deferred` | `receivable.rows` |
//! | interest on top | `receivable.interest` | `income.added_interest` |
//! | interest that will never be charged | `relief.forgone` | `receivable.unaccrued` |
//! | interest that becomes principal | `receivable.principal` | `receivable.interest` |
//! | loss in present value (IFRS 9 5.4.3, CAS 22) | `loss.modification` | `allowance.modification` |

use forbear_engine::account::snapshot::Bearer;
use forbear_engine::adjustment::{Adjustment, Relieved, Target};
use forbear_engine::money::Money;

use crate::service::{Served, ServiceError};
use crate::store::grant::GrantRow;
use crate::store::journal::LineRow;

/// The lines of a grant's posting.
///
/// # Errors
/// What is kept of the grant cannot be read.
pub fn posting(grant: &GrantRow, entry: i64) -> Served<Vec<LineRow>> {
    let adjustments: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).map_err(ServiceError::unknown)?;
    let mut book = Book { entry, currency: &grant.currency, lines: Vec::new() };
    for adjustment in &adjustments {
        match adjustment {
            Adjustment::Waiver(relieved) => {
                let credit = match relieved.target {
                    Target::Charge(_) => "receivable.charges",
                    Target::Interest(_) => "receivable.interest",
                };
                book.relieved("relief.waived", credit, relieved);
            }
            Adjustment::Refund(relieved) => book.relieved("relief.refunded", "payable.borrower", relieved),
            Adjustment::Credit { relieved, .. } => book.relieved("relief.refunded", "receivable.rows", relieved),
            Adjustment::Goodwill { amount } => {
                book.pair(("relief.goodwill", "payable.borrower"), amount, Some("lender"), None);
            }
            Adjustment::Schedule(change) => {
                let deferred = change.deferred.total().map_err(ServiceError::unknown)?;
                book.pair(("receivable.deferred", "receivable.rows"), &deferred, None, None);
                book.pair(("receivable.interest", "income.added_interest"), &change.added_interest, None, None);
                book.pair(("relief.forgone", "receivable.unaccrued"), &change.forgone_interest, None, None);
                book.pair(("receivable.principal", "receivable.interest"), &change.capitalised, None, None);
            }
            Adjustment::Suspension(_) | Adjustment::Hold(_) | Adjustment::Window(_) | Adjustment::StandingOrder(_) => {}
        }
    }
    book.minor(("loss.modification", "allowance.modification"), grant.present_value_loss.unwrap_or(0), None, None);
    Ok(book.lines)
}

/// The lines that take a posting back.
#[must_use]
pub fn reversal(posting: &[LineRow], entry: i64) -> Vec<LineRow> {
    let back = |line: &LineRow| LineRow { entry_id: entry, amount: line.amount.saturating_neg(), ..line.clone() };
    posting.iter().map(back).collect()
}

struct Book<'a> {
    entry: i64,
    currency: &'a str,
    lines: Vec<LineRow>,
}

impl Book<'_> {
    fn relieved(&mut self, debit: &str, credit: &str, relieved: &Relieved) {
        let charge = relieved.charge.and_then(|kind| serde_json::to_value(kind).ok());
        let charge = charge.as_ref().and_then(|kind| kind.as_str()).unwrap_or("interest");
        self.pair((debit, credit), &relieved.amount, Some(bearer(relieved.bearer)), Some(charge));
    }

    fn pair(&mut self, ledgers: (&str, &str), amount: &Money, bearer: Option<&str>, charge: Option<&str>) {
        self.minor(ledgers, amount.minor(), bearer, charge);
    }

    fn minor(&mut self, (debit, credit): (&str, &str), amount: i64, bearer: Option<&str>, charge: Option<&str>) {
        if amount == 0 {
            return;
        }
        for (ledger, amount) in [(debit, amount), (credit, amount.saturating_neg())] {
            self.lines.push(LineRow {
                entry_id: self.entry,
                line: i32::try_from(self.lines.len()).unwrap_or(i32::MAX).saturating_add(1),
                ledger: ledger.to_owned(),
                currency: self.currency.to_owned(),
                amount,
                bearer: bearer.map(str::to_owned),
                charge: charge.map(str::to_owned),
            });
        }
    }
}

/// The name of a bearer.
#[must_use]
pub const fn bearer(bearer: Bearer) -> &'static str {
    match bearer {
        Bearer::Lender => "lender",
        Bearer::Guarantor => "guarantor",
        Bearer::Funder => "funder",
    }
}
