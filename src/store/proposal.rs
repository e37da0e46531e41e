//! What senders changed after a draft was confirmed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::proposals;
use super::{Connection, Stored};

/// A proposal.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = proposals, treat_none_as_default_value = false)]
pub struct ProposalRow {
    /// Its id.
    pub id: i64,
    /// The draft.
    pub draft_id: i64,
    /// The alert that it comes of.
    pub alert_id: i64,
    /// amend or withdraw.
    pub kind: String,
    /// What would change.
    pub change: String,
    /// waiting, accepted or dismissed.
    pub state: String,
    /// Why it was dismissed.
    pub reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
}

/// Adds a proposal.
pub fn add(conn: &mut Connection, row: &ProposalRow) -> Stored<()> {
    diesel::insert_into(proposals::table).values(row).execute(conn)?;
    Ok(())
}

/// A proposal of a draft.
pub fn find(conn: &mut Connection, draft: i64, id: i64) -> Stored<Option<ProposalRow>> {
    let own = proposals::table.find(id).filter(proposals::draft_id.eq(draft));
    Ok(own.select(ProposalRow::as_select()).first(conn).optional()?)
}

/// Proposals in the order in which they were made, after one, of one draft or of all.
pub fn page(
    conn: &mut Connection,
    draft: Option<i64>,
    state: Option<&str>,
    after: i64,
    most: i64,
) -> Stored<Vec<ProposalRow>> {
    let mut query = proposals::table.filter(proposals::id.gt(after)).into_boxed();
    if let Some(draft) = draft {
        query = query.filter(proposals::draft_id.eq(draft));
    }
    if let Some(state) = state {
        query = query.filter(proposals::state.eq(state.to_owned()));
    }
    Ok(query.order(proposals::id).limit(most).select(ProposalRow::as_select()).load(conn)?)
}

/// Ends a proposal that waits; says whether it did.
pub fn decide(conn: &mut Connection, row: &ProposalRow) -> Stored<bool> {
    let own = proposals::table.find(row.id).filter(proposals::state.eq("waiting"));
    let changed = diesel::update(own)
        .set((
            proposals::state.eq(&row.state),
            proposals::reason.eq(&row.reason),
            proposals::decided_by.eq(&row.decided_by),
            proposals::changed_at.eq(row.changed_at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
