//! Channels change by themselves: they stand down some days after the incident ended, or after their last day, and close
//! after that.

use chrono::{Days, NaiveDate};

use super::preparing::found;
use super::settings::Settings;
use crate::service::audit::Actor;
use crate::service::care::drafting::kept;
use crate::service::{Served, Service, ServiceError};
use crate::store::channel::{self, ChannelRow};
use crate::store::{Connection, StoreError};
use forbear_engine::region::RegionTree;

impl Service {
    /// Changes what is due; says how many changed.
    ///
    /// # Errors
    /// The store fails.
    pub fn turn_channels(&self) -> Served<usize> {
        let running = self.store.read(channel::running)?;
        let mut changed = 0_usize;
        for row in running {
            let turned = self.store.write(|conn| self.turn_channel(conn, row.id));
            changed = changed.saturating_add(usize::from(match turned {
                // Somebody else changed it at the same time.
                Err(ServiceError::Conflict { .. } | ServiceError::Store(StoreError::Busy)) => false,
                other => other?,
            }));
        }
        Ok(changed)
    }

    fn turn_channel(&self, conn: &mut Connection, id: i64) -> Served<bool> {
        let row = found(conn, id)?;
        let today = self.clock.today();
        let system = Actor::system();
        match row.state.as_str() {
            "open" => match self.why_to_stand_down(conn, &row, today)? {
                Some(reason) => self.stand_down(conn, &system, row, reason).map(|_| true),
                None => Ok(false),
            },
            "standing_down" => {
                let settings: Settings = kept(&row.settings)?;
                let since = row.standing_down_at.unwrap_or(row.changed_at);
                let last = after(self.day_of(since), settings.wind_down_days);
                if today <= last {
                    return Ok(false);
                }
                let reason = format!("it stood down for {} days", settings.wind_down_days);
                self.shut(conn, &system, row, reason).map(|_| true)
            }
            _ => Ok(false),
        }
    }

    /// Why an open channel stands down on a day; none as long as it is needed.
    fn why_to_stand_down(&self, conn: &mut Connection, row: &ChannelRow, today: NaiveDate) -> Served<Option<String>> {
        let (declared, document) = self.declaration_in(conn, &row.declaration)?;
        if declared.state != "open" {
            return Ok(Some("its declaration was closed".to_owned()));
        }
        if row.expires_on < today {
            return Ok(Some(format!("its last day was {}", row.expires_on)));
        }
        if row.kept_open_until.is_some_and(|until| today <= until) {
            return Ok(None);
        }
        let settings: Settings = kept(&row.settings)?;
        let standing = document.as_of(today.max(document.declared_on), RegionTree::builtin());
        let end = standing.map_err(ServiceError::unknown)?.incident.until;
        let due = end.filter(|end| after(*end, settings.stand_down_days) < today);
        Ok(due.map(|end| format!("the incident ended on {end}, more than {} days ago", settings.stand_down_days)))
    }
}

fn after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(day)
}
