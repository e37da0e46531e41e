//! What borrowers show: files of requests, and their contents, once each, sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::prepared::{add, load, run};
use super::schema::{evidence, evidence_contents as contents};
use super::{Connection, Stored};

/// A content, sealed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = contents, treat_none_as_default_value = false)]
pub struct ContentRow {
    /// SHA-256 of it.
    pub hash: String,
    /// What it is, as its own bytes say.
    pub media_type: String,
    /// How long it is.
    pub bytes: i64,
    /// It, sealed; none once erased.
    pub sealed: Option<Vec<u8>>,
    /// The version of the key that sealed it.
    pub key_version: Option<i64>,
    /// When it first came.
    pub created_at: NaiveDateTime,
    /// When it was erased.
    pub erased_at: Option<NaiveDateTime>,
}

/// A file of a request.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = evidence, treat_none_as_default_value = false)]
pub struct EvidenceRow {
    /// Its id.
    pub id: i64,
    /// The request.
    pub request_id: i64,
    /// The account.
    pub account_id: i64,
    /// Whose it is: the lender's number for the person.
    pub party: String,
    /// What it is to prove, as policies name it.
    pub kind: String,
    /// SHA-256 of its content.
    pub hash: String,
    /// What its sender called it, sealed; none where nothing was said, and once erased.
    pub name: Option<Vec<u8>>,
    /// The version of the key that sealed the name.
    pub key_version: Option<i64>,
    /// received, accepted or refused.
    pub state: String,
    /// Who sent it.
    pub made_by: String,
    /// Who accepted or refused it.
    pub judged_by: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it came.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub changed_at: NaiveDateTime,
    /// When it was erased.
    pub erased_at: Option<NaiveDateTime>,
    /// How often it changed.
    pub revision: i64,
}

/// What a file is, without its content.
#[derive(Debug, Clone)]
pub struct Media {
    /// What it is, as its own bytes say.
    pub media_type: String,
    /// How long it is.
    pub bytes: i64,
}

/// Whether a content is kept and can be opened.
pub fn is_kept(conn: &mut Connection, hash: &str) -> Stored<bool> {
    let kept = contents::table.find(hash).filter(contents::sealed.is_not_null());
    Ok(kept.count().get_result::<i64>(conn)? > 0)
}

/// Keeps a content, in place of an erased one.
pub fn keep(conn: &mut Connection, row: &ContentRow) -> Stored<()> {
    let made = add!(conn, diesel::insert_into(contents::table).values(row).on_conflict_do_nothing())?;
    if made == 0 {
        reseal(conn, row)?;
    }
    Ok(())
}

/// Puts a content in the place of what is kept of it.
pub fn reseal(conn: &mut Connection, row: &ContentRow) -> Stored<()> {
    run!(
        conn,
        diesel::update(contents::table.find(&row.hash)).set((
            contents::sealed.eq(&row.sealed),
            contents::key_version.eq(row.key_version),
            contents::erased_at.eq(row.erased_at),
        ))
    )?;
    Ok(())
}

/// A content.
pub fn content(conn: &mut Connection, hash: &str) -> Stored<Option<ContentRow>> {
    Ok(contents::table.find(hash).select(ContentRow::as_select()).first(conn).optional()?)
}

/// Adds a file.
pub fn add(conn: &mut Connection, row: &EvidenceRow) -> Stored<()> {
    add!(conn, diesel::insert_into(evidence::table).values(row))?;
    Ok(())
}

/// A file.
pub fn find(conn: &mut Connection, id: i64) -> Stored<Option<EvidenceRow>> {
    Ok(evidence::table.find(id).select(EvidenceRow::as_select()).first(conn).optional()?)
}

/// Kinds of the files of a request that were accepted and are still there.
pub fn accepted(conn: &mut Connection, request: i64) -> Stored<Vec<String>> {
    let found = evidence::table
        .filter(evidence::request_id.eq(request))
        .filter(evidence::state.eq("accepted"))
        .filter(evidence::erased_at.is_null());
    Ok(load!(conn, found.select(evidence::kind))?)
}

/// Files of a request with what each is, the first first.
pub fn of_request(conn: &mut Connection, request: i64) -> Stored<Vec<(EvidenceRow, Media)>> {
    let found = evidence::table
        .inner_join(contents::table)
        .filter(evidence::request_id.eq(request))
        .order(evidence::id)
        .select((EvidenceRow::as_select(), contents::media_type, contents::bytes));
    let rows: Vec<(EvidenceRow, String, i64)> = found.load(conn)?;
    Ok(rows.into_iter().map(|(row, media_type, bytes)| (row, Media { media_type, bytes })).collect())
}

/// Files of a person that are not erased.
pub fn of_party(conn: &mut Connection, party: &str) -> Stored<Vec<EvidenceRow>> {
    let found = evidence::table.filter(evidence::party.eq(party)).filter(evidence::erased_at.is_null());
    Ok(found.order(evidence::id).select(EvidenceRow::as_select()).load(conn)?)
}

/// Whether any file that is not erased has a content.
pub fn is_used(conn: &mut Connection, hash: &str) -> Stored<bool> {
    let using = evidence::table.filter(evidence::hash.eq(hash)).filter(evidence::erased_at.is_null());
    Ok(using.count().get_result::<i64>(conn)? > 0)
}

/// Changes a file, if it still is as it was; says whether it did.
pub fn update(conn: &mut Connection, row: &EvidenceRow) -> Stored<bool> {
    let own = evidence::table.find(row.id).filter(evidence::revision.eq(row.revision));
    let changed = run!(
        conn,
        diesel::update(own).set((
            evidence::name.eq(&row.name),
            evidence::key_version.eq(row.key_version),
            evidence::state.eq(&row.state),
            evidence::judged_by.eq(&row.judged_by),
            evidence::reason.eq(&row.reason),
            evidence::changed_at.eq(row.changed_at),
            evidence::erased_at.eq(row.erased_at),
            evidence::revision.eq(row.revision.saturating_add(1)),
        ))
    )?;
    Ok(changed == 1)
}

/// How many contents and names are sealed under each key.
pub fn by_key(conn: &mut Connection) -> Stored<Vec<(i64, i64)>> {
    let of_contents = contents::table.filter(contents::key_version.is_not_null()).group_by(contents::key_version);
    let mut counts: Vec<(Option<i64>, i64)> =
        of_contents.select((contents::key_version, diesel::dsl::count_star())).load(conn)?;
    let of_names = evidence::table.filter(evidence::key_version.is_not_null()).group_by(evidence::key_version);
    counts
        .extend(of_names.select((evidence::key_version, diesel::dsl::count_star())).load::<(Option<i64>, i64)>(conn)?);
    Ok(counts.into_iter().filter_map(|(version, rows)| Some((version?, rows))).collect())
}

/// Contents that are sealed under one of these keys, by hash.
pub fn contents_under(conn: &mut Connection, versions: &[i64], most: i64) -> Stored<Vec<String>> {
    let found = contents::table.filter(contents::key_version.eq_any(versions)).order(contents::hash).limit(most);
    Ok(found.select(contents::hash).load(conn)?)
}

/// Files whose name is sealed under one of these keys.
pub fn names_under(conn: &mut Connection, versions: &[i64], most: i64) -> Stored<Vec<EvidenceRow>> {
    let found = evidence::table.filter(evidence::key_version.eq_any(versions)).order(evidence::id).limit(most);
    Ok(found.select(EvidenceRow::as_select()).load(conn)?)
}
