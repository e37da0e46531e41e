//! A paid part that is given back as payments to come.

use chrono::NaiveDate;

use super::ground::EngineError;
use crate::account::parts::Parts;
use crate::account::position::Position;
use crate::adjustment::{Adjustment, Credited, Relieved};
use crate::money::Money;
use crate::policy::document::Part;

/// A credit pays the rows to come, the next one first: fees, interest, principal; what no row can take is refunded.
pub fn credit(
    position: &Position,
    today: Option<NaiveDate>,
    refunded: &Relieved,
) -> Result<Vec<Adjustment>, EngineError> {
    let mut left = refunded.amount;
    let mut to = Vec::new();
    for row in position.rows.iter().flatten() {
        let comes = today.is_none_or(|today| position.payable_on(row.state.due_on) >= today);
        if left.minor() <= 0 || !comes || !row.paid_known {
            continue;
        }
        let unpaid = row.unpaid()?;
        let mut paid = Parts::zero(position.currency);
        for part in [Part::Fees, Part::Interest, Part::Principal] {
            let size = Money::new(unpaid.get(part).minor().clamp(0, left.minor()), position.currency);
            left = left.sub(&size)?;
            paid = paid.with(part, size);
        }
        if !paid.is_zero() {
            to.push(Credited { row: row.id.clone(), paid });
        }
    }
    let mut done = Vec::new();
    if !to.is_empty() {
        let relieved = Relieved { amount: refunded.amount.sub(&left)?, ..refunded.clone() };
        done.push(Adjustment::Credit { relieved, to });
    }
    if left.minor() > 0 {
        done.push(Adjustment::Refund(Relieved { amount: left, ..refunded.clone() }));
    }
    Ok(done)
}
