//! The clock of a complaint: 15 days from the day on which it came, 30 where it is complex, another 30 where it is very complex or there
//! are other special reasons, each said to whoever complains (银行业保险业消费投诉处理管理办法, 银保监会令2020年第3号). A lender may answer
//! sooner; it cannot give itself longer.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::{ComplaintRow, named, standing};
use crate::secret::Hidden;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError, StoreError};
use crate::store::{Connection, complaint};

/// Days of the clock as it begins, and as it is extended once and twice.
pub const FIRST: i32 = 15;
const COMPLEX: i32 = 30;
const LONGEST: i32 = 60;

/// Days before the last one on which somebody is warned: soon, and tomorrow.
const SOON: i64 = 5;
const TOMORROW: i64 = 1;

/// Complaints that are looked at together.
const BATCH: i64 = 500;

/// The last day of a clock.
#[must_use]
pub fn due(began_on: NaiveDate, days: i32) -> NaiveDate {
    let days = u64::try_from(days).unwrap_or_default();
    began_on.checked_add_days(Days::new(days)).unwrap_or(began_on)
}

/// How far warnings go on a day: 0 none, 1 soon, 2 tomorrow, 3 overdue.
#[must_use]
pub fn stage(due_on: NaiveDate, today: NaiveDate) -> i32 {
    match due_on.signed_duration_since(today).num_days() {
        left if left < 0 => 3,
        left if left <= TOMORROW => 2,
        left if left <= SOON => 1,
        _ => 0,
    }
}

impl Service {
    /// Gives a complaint more time: 30 days in all, then 60, the latter by somebody else than who gave it the 30. Whoever complains
    /// sees that in the progress.
    ///
    /// # Errors
    /// It is not open, its time is over, it has 60 already, the same person asks again, or no reason is given.
    pub fn extend_complaint(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        reason: &Hidden<String>,
    ) -> Served<ComplaintRow> {
        let mut row = standing(conn, id, &["open"])?;
        let today = self.clock.today();
        if today > row.due_on {
            let message = format!("its time was over on {}: answer it", row.due_on);
            return Err(ServiceError::conflict("overdue", message));
        }
        row.clock_days = match row.clock_days {
            FIRST => {
                row.extended_by = Some(actor.person.clone());
                COMPLEX
            }
            COMPLEX if row.extended_by.as_ref() == Some(&actor.person) => {
                let message = "you gave it 30 days: somebody else gives it the last";
                return Err(ServiceError::conflict("same_person", message));
            }
            COMPLEX => {
                row.extended_again_by = Some(actor.person.clone());
                LONGEST
            }
            _ => return Err(ServiceError::conflict("longest", "no complaint has more than 60 days")),
        };
        row.due_on = due(row.began_on, row.clock_days);
        row.warned = stage(row.due_on, today);
        self.say_of_complaint(conn, actor, &row, ("extension", "/reason"), reason)?;
        self.case_step(conn, row.case_id, "complaint_extended")?;
        let detail = json!({"days": row.clock_days, "due_on": row.due_on});
        self.keep_complaint(conn, actor, row, "complaint.extend", &detail)
    }

    /// Warns of complaints whose time is running out, and says when it is over; says of how many.
    ///
    /// # Errors
    /// The store fails.
    pub fn warn_of_complaints(&self) -> Served<usize> {
        let today = self.clock.today();
        let by = today.checked_add_days(Days::new(SOON.unsigned_abs())).unwrap_or(today);
        let due = self.store.read(|conn| complaint::due(conn, by, BATCH))?;
        let mut warned: usize = 0;
        for row in due.into_iter().filter(|row| stage(row.due_on, today) > row.warned) {
            let done = self.store.write(|conn| self.warn(conn, row.id, today));
            warned = warned.saturating_add(usize::from(match done {
                // Somebody else changed it at the same time.
                Err(ServiceError::Conflict { .. } | ServiceError::Store(StoreError::Busy)) => false,
                other => other?,
            }));
        }
        Ok(warned)
    }

    fn warn(&self, conn: &mut Connection, id: i64, today: NaiveDate) -> Served<bool> {
        let mut row = standing(conn, id, &["open"])?;
        let stage = stage(row.due_on, today);
        if stage <= row.warned {
            return Ok(false);
        }
        row.warned = stage;
        let name = ["", "soon", "tomorrow", "overdue"].get(usize::try_from(stage).unwrap_or_default()).copied();
        let name = name.unwrap_or_default();
        tracing::warn!(complaint = named(id), due_on = %row.due_on, stage = name, "a complaint has to be answered");
        let detail = json!({"stage": name, "due_on": row.due_on});
        log(conn, self.clock.now(), &Actor::system(), "complaint.warn", &named(id), &detail)?;
        self.keep_complaint(conn, &Actor::system(), row, "complaint.mark", &json!({"warned": stage}))?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_days_are_counted_from_the_day_it_came() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // 自收到之日起15日内: come on 29 July, answered by 13 August.
        assert_eq!(due(day("2021-07-29"), FIRST), day("2021-08-13"));
        assert_eq!(due(day("2021-07-29"), LONGEST), day("2021-09-27"));
        let stages = ["2021-08-07", "2021-08-08", "2021-08-11", "2021-08-12", "2021-08-13", "2021-08-14"];
        assert_eq!(stages.map(|today| stage(day("2021-08-13"), day(today))), [0, 1, 1, 2, 2, 3]);
    }
}
