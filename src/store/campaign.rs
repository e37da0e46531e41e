//! Campaigns: what is told on an occasion of a channel, and how far its audience is gone through.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::campaigns;
use super::{Connection, Stored};

/// A campaign.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = campaigns, treat_none_as_default_value = false)]
pub struct CampaignRow {
    /// Its id.
    pub id: i64,
    /// The channel.
    pub channel_id: i64,
    /// The event.
    pub event: String,
    /// opening or reminder.
    pub kind: String,
    /// preview, running, paused or cancelled.
    pub state: String,
    /// What is said, by language and variant.
    pub texts: String,
    /// The last person who was looked at.
    pub after_party: String,
    /// What was counted of the audience.
    pub tally: String,
    /// When the last one was looked at.
    pub built_at: Option<NaiveDateTime>,
    /// Until when whoever builds it has to say that they still do.
    pub run_until: Option<NaiveDateTime>,
    /// Why it was paused or cancelled.
    pub reason: Option<String>,
    /// Who made it.
    pub made_by: String,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// How often it changed.
    pub revision: i64,
}

/// Adds a campaign; a second one of a channel and kind is a duplicate.
pub fn add(conn: &mut Connection, row: &CampaignRow) -> Stored<()> {
    add!(conn, diesel::insert_into(campaigns::table).values(row))?;
    Ok(())
}

/// A campaign.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<CampaignRow>> {
    Ok(campaigns::table.find(id).select(CampaignRow::as_select()).first(conn).optional()?)
}

/// The campaigns of a channel, the first first.
pub fn of_channel(conn: &mut Connection, channel: i64) -> Stored<Vec<CampaignRow>> {
    let found = campaigns::table.filter(campaigns::channel_id.eq(channel)).order(campaigns::id);
    Ok(found.select(CampaignRow::as_select()).load(conn)?)
}

/// Those that were cancelled since a moment.
pub fn cancelled_since(conn: &mut Connection, since: NaiveDateTime) -> Stored<Vec<CampaignRow>> {
    let found = campaigns::table.filter(campaigns::state.eq("cancelled")).filter(campaigns::changed_at.ge(since));
    Ok(found.select(CampaignRow::as_select()).load(conn)?)
}

/// Some campaigns.
pub fn some(conn: &mut Connection, ids: &[i64]) -> Stored<Vec<CampaignRow>> {
    Ok(campaigns::table.filter(campaigns::id.eq_any(ids)).select(CampaignRow::as_select()).load(conn)?)
}

/// The first that is not built and that nobody builds; those that run come before previews, so that nobody waits for one.
pub fn next(conn: &mut Connection, now: NaiveDateTime) -> Stored<Option<CampaignRow>> {
    for state in ["running", "preview"] {
        let free = campaigns::run_until.is_null().or(campaigns::run_until.lt(now));
        let found = campaigns::table
            .filter(campaigns::built_at.is_null())
            .filter(campaigns::state.eq(state))
            .filter(free)
            .order(campaigns::id)
            .select(CampaignRow::as_select())
            .first(conn)
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Changes a campaign, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &CampaignRow) -> Stored<bool> {
    let own = campaigns::table.find(row.id).filter(campaigns::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            campaigns::state.eq(&row.state),
            campaigns::texts.eq(&row.texts),
            campaigns::after_party.eq(&row.after_party),
            campaigns::tally.eq(&row.tally),
            campaigns::built_at.eq(row.built_at),
            campaigns::run_until.eq(row.run_until),
            campaigns::reason.eq(&row.reason),
            campaigns::changed_at.eq(row.changed_at),
            campaigns::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}
