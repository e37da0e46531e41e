//! Which instalments a benefit is about, as they stood before this event's relief by any policy.

use chrono::NaiveDate;

use super::ground::{EngineError, Ground};
use crate::account::position::Row;
use crate::money::MoneyError;
use crate::policy::document::Which;
use crate::policy::program::RowChoice;
use crate::reason::Reason;

/// The chosen rows: those that earlier relief for the event already gave, and the ones to add.
pub struct ChosenRows<'a> {
    /// Rows to add, oldest first.
    pub added: Vec<&'a Row>,
    /// All of them, earlier ones included.
    pub all: Vec<&'a Row>,
}

impl<'a> Ground<'a> {
    /// Chooses rows, oldest first. Rows fully paid are skipped and not counted, unless earlier relief moved them, or,
    /// with `emptied`, relieved or credited them: a waiver counts what it emptied, a deferral finds it as paid.
    pub fn choose(&self, choice: &RowChoice, emptied: bool) -> Result<Result<ChosenRows<'a>, Reason>, EngineError> {
        let Some(rows) = self.position.rows.as_deref() else {
            return Ok(Err(Reason::Absent { what: "the schedule is not reported".to_owned() }));
        };
        let window = match self.facts.window(&choice.due)? {
            Ok(window) => window,
            Err(gap) => return Ok(Err(gap.into())),
        };
        let today = self.today();
        let fits = |due: NaiveDate| {
            choice.which.iter().any(|which| match which {
                Which::Overdue => due < today,
                Which::DueIn => !window.empty && window.window.contains(due),
            })
        };
        let mut candidates = Vec::new();
        for row in rows.iter().filter(|row| !self.given.made.contains(&row.id)) {
            let due = self.given.due_before(row);
            if !fits(due) {
                continue;
            }
            if !row.paid_known {
                return Ok(Err(Reason::Absent {
                    what: format!("what is paid of instalment {} is not reported", row.id),
                }));
            }
            if !row.is_paid()?
                || (emptied && self.given.has_touched(&row.id))
                || self.given.chosen.contains(&row.state.origin)
            {
                candidates.push((due, row));
            }
        }
        candidates.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        let mut all: Vec<&Row> = candidates.into_iter().map(|(_, row)| row).collect();
        if let Some(quantity) = &choice.instalments {
            match self.quantity(quantity)? {
                Ok(count) => {
                    let gone = self.given.gone(rows).filter(|due| fits(*due)).count();
                    let gone = i64::try_from(gone).map_err(|_| MoneyError::Overflow)?;
                    let count = count.count().unwrap_or(0).saturating_sub(gone);
                    limit_origins(&mut all, count, |row| {
                        let place = (self.given.due_before(row), row.id.as_str());
                        self.given.merged(rows).filter(|other| fits(other.0) && *other < place).count()
                    });
                }
                Err(gap) => return Ok(Err(gap.into())),
            }
        }
        let added = all.iter().copied().filter(|row| !self.given.chosen.contains(&row.state.origin)).collect();
        Ok(Ok(ChosenRows { added, all }))
    }
}

/// Keeps the rows of the first so many instalments; the parts of one instalment count once. `before` says how many
/// others stand before a row and count too.
pub fn limit_origins(rows: &mut Vec<&Row>, count: i64, before: impl Fn(&Row) -> usize) {
    let mut origins: Vec<String> = Vec::new();
    rows.retain(|row| {
        if origins.contains(&row.state.origin) {
            return true;
        }
        let place = origins.len().saturating_add(before(row));
        let room = i64::try_from(place).is_ok_and(|place| place < count);
        if room {
            origins.push(row.state.origin.clone());
        }
        room
    });
}
