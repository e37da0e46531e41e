//! A channel is prepared: checked, given its level, previewed. Nobody is told of it yet.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use forbear_engine::declaration::{Declaration, Severity};
use forbear_engine::digest::digest;
use forbear_engine::region::{RegionId, RegionTree};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::settings::Settings;
use crate::service::audit::{Actor, log};
use crate::service::care::drafting::{keep, kept};
use crate::service::policy::changed;
use crate::service::relief::preview::kept::{NewPreview, PreviewRow};
use crate::service::{Problem, Served, Service, ServiceError};
use crate::store::channel::{self, ChannelRow, Of};
use crate::store::{Connection, draft, id, policy, preview};

/// A preview of a policy for a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPreview {
    /// The policy.
    pub policy: String,
    /// The version that is in effect.
    pub version: i32,
    /// The preview.
    pub preview: i64,
}

impl Service {
    /// Prepares a channel for a declaration, and asks for the previews of what it offers.
    ///
    /// # Errors
    /// It is set wrongly, or its declaration is closed.
    pub fn prepare_channel(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        declaration: &str,
        settings: &Settings,
    ) -> Served<ChannelRow> {
        let (declared, document) = self.declared(conn, declaration)?;
        let (settings, level) = self.settled(conn, &document, settings)?;
        let now = self.clock.now();
        let id = id::new_id();
        let row = ChannelRow {
            id,
            declaration: declaration.to_owned(),
            event: declared,
            level: level.name().to_owned(),
            sms_word: settings.word(),
            settings: keep(&settings)?,
            digest: seen(declaration, level, &settings)?,
            previews: keep(&self.ask_for(conn, actor, (id, declaration), &settings)?)?,
            state: "standby".to_owned(),
            made_by: actor.person.clone(),
            approved_by: None,
            opened_by: None,
            unseen: None,
            reason: None,
            alerted_at: draft::alerted(conn, declaration)?,
            opened_at: None,
            standing_down_at: None,
            closed_at: None,
            expires_on: settings.expires_on,
            kept_open_until: None,
            created_at: now,
            changed_at: now,
            revision: 0,
        };
        channel::add(conn, &row)?;
        let detail = json!({"declaration": declaration, "level": row.level, "digest": row.digest});
        log(conn, now, actor, "channel.prepare", &named(id), &detail)?;
        self.preview_campaign(conn, actor, &row)?;
        Ok(row)
    }

    /// Sets a channel on standby otherwise. Whoever approved it approved something else: that is taken back.
    ///
    /// # Errors
    /// It is not on standby, was changed since it was seen, or is set wrongly.
    pub fn edit_channel(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (id, revision): (i64, i64),
        settings: &Settings,
    ) -> Served<ChannelRow> {
        let mut row = standing(conn, id, &["standby"])?;
        changed(row.revision == revision)?;
        let (_, document) = self.declared(conn, &row.declaration)?;
        let (settings, level) = self.settled(conn, &document, settings)?;
        for old in kept::<Vec<ChannelPreview>>(&row.previews)? {
            self.drop_preview(conn, old.preview)?;
        }
        row.previews = keep(&self.ask_for(conn, actor, (id, &row.declaration), &settings)?)?;
        row.level = level.name().to_owned();
        row.sms_word = settings.word();
        row.digest = seen(&row.declaration, level, &settings)?;
        row.settings = keep(&settings)?;
        row.expires_on = settings.expires_on;
        row.made_by.clone_from(&actor.person);
        row.approved_by = None;
        let detail = json!({"level": row.level, "digest": row.digest});
        let edited = self.keep_channel(conn, actor, row, "channel.edit", &detail)?;
        self.preview_campaign(conn, actor, &edited)?;
        Ok(edited)
    }

    /// The policies that are in effect today, each with its version: what a channel may offer.
    ///
    /// # Errors
    /// The store fails.
    pub fn policies_to_offer(&self) -> Served<Vec<(String, i32)>> {
        let today = self.clock.today();
        self.store.read(|conn| {
            let slugs: BTreeSet<String> = policy::list(conn, None)?.into_iter().map(|row| row.slug).collect();
            let version = |slug: String| Ok(in_effect(conn, &slug, today)?.map(|version| (slug, version)));
            slugs.into_iter().map(version).filter_map(Served::transpose).collect()
        })
    }

    /// Channels in the order in which they were made, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn channels(&self, of: &Of, after: i64, most: i64) -> Served<Vec<ChannelRow>> {
        Ok(self.store.read(|conn| channel::page(conn, of, after, most))?)
    }

    /// A channel with its previews.
    ///
    /// # Errors
    /// There is none.
    pub fn channel(&self, id: i64) -> Served<(ChannelRow, Vec<PreviewRow>)> {
        self.store.read(|conn| {
            let row = found(conn, id)?;
            let previews = previews_of(conn, &row)?;
            Ok((row, previews))
        })
    }

    /// The event of an open declaration, and what it says.
    fn declared(&self, conn: &mut Connection, slug: &str) -> Served<(String, Declaration)> {
        let (row, document) = self.declaration_in(conn, slug).map_err(|error| match error {
            ServiceError::Missing(_) => ServiceError::invalid("/declaration", format!("no declaration {slug}")),
            other => other,
        })?;
        if row.state != "open" {
            let message = format!("{slug} is closed: nothing is decided under it any more");
            return Err(ServiceError::conflict("declaration_closed", message));
        }
        Ok((row.event, document))
    }

    /// Settings that can be used, with what was left out, and the level.
    fn settled(
        &self,
        conn: &mut Connection,
        document: &Declaration,
        settings: &Settings,
    ) -> Served<(Settings, Severity)> {
        let today = self.clock.today();
        let mut problems = settings.problems(today);
        let tree = RegionTree::builtin();
        let declared = document.as_of(today.max(document.declared_on), tree).map_err(ServiceError::unknown)?;
        let areas: Vec<RegionId> = declared.areas.iter().map(|area| area.region).collect();
        let mut settings = settings.clone();
        if settings.regions.is_empty() {
            settings.regions = areas.iter().map(|area| tree.code(*area).to_owned()).collect();
        }
        for (at, code) in settings.regions.iter().enumerate() {
            let inside = |region: RegionId| areas.iter().any(|area| tree.is_within(region, *area));
            if tree.known(code).is_some_and(|region| !inside(region)) {
                let message = format!("{code} lies in no area of {}", document.declaration);
                problems.push(Problem { pointer: format!("/regions/{at}"), message });
            }
        }
        for (at, slug) in settings.policies.iter().enumerate() {
            if in_effect(conn, slug, today)?.is_none() {
                let message = format!("no version of {slug} is in effect today");
                problems.push(Problem { pointer: format!("/policies/{at}"), message });
            }
        }
        let by_table = self.care.response.level(&settings.facts)?;
        let level = settings.level.or(by_table);
        let reason = settings.level_reason.as_deref().unwrap_or_default().trim();
        if level.is_none() {
            let message = "the facts make no level: say which it is, and why in level_reason";
            problems.push(Problem { pointer: "/level".to_owned(), message: message.to_owned() });
        } else if level != by_table && !(1..=500).contains(&reason.chars().count()) {
            let made = by_table.map_or("no level".to_owned(), |level| format!("level {}", level.name()));
            let message = format!("the facts make {made}: say why it is another one, in 1 to 500 characters");
            problems.push(Problem { pointer: "/level_reason".to_owned(), message });
        }
        match level.filter(|_| problems.is_empty()) {
            Some(level) => Ok((settings, level)),
            None => Err(ServiceError::Invalid(problems)),
        }
    }

    /// Asks what each policy would give to whom.
    fn ask_for(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (id, declaration): (i64, &str),
        settings: &Settings,
    ) -> Served<Vec<ChannelPreview>> {
        let today = self.clock.today();
        let mut asked = Vec::new();
        for slug in &settings.policies {
            let version = in_effect(conn, slug, today)?.ok_or(ServiceError::Missing("policy version"))?;
            let new = NewPreview { declarations: vec![declaration.to_owned()], ..NewPreview::default() };
            let caller = format!("{}:{slug}", named(id));
            let row = self.ask_preview_as(conn, (actor, &caller), (slug, version), &new)?;
            asked.push(ChannelPreview { policy: slug.clone(), version, preview: row.id });
        }
        Ok(asked)
    }

    /// Ends a preview that nobody wants any more.
    fn drop_preview(&self, conn: &mut Connection, id: i64) -> Served<()> {
        let Some(mut row) = preview::find(conn, id)? else { return Ok(()) };
        if matches!(row.state.as_str(), "waiting" | "running") {
            row.state = "cancelled".to_owned();
            row.run_until = None;
            row.changed_at = self.clock.now();
            changed(preview::update(conn, &row)?)?;
        }
        Ok(())
    }

    /// Keeps a changed channel, and that it changed.
    pub(super) fn keep_channel(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ChannelRow,
        verb: &str,
        detail: &serde_json::Value,
    ) -> Served<ChannelRow> {
        row.changed_at = self.clock.now();
        changed(channel::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, verb, &named(row.id), detail)?;
        found(conn, row.id)
    }
}

/// The version of a policy that is in effect on a day.
pub(super) fn in_effect(conn: &mut Connection, slug: &str, today: NaiveDate) -> Served<Option<i32>> {
    let rows = policy::list(conn, Some(slug))?.into_iter();
    let rows = rows.filter(|row| matches!(row.state.as_str(), "approved" | "effective" | "superseded"));
    let on_day =
        rows.filter(|row| row.effective_from <= today && row.effective_until.is_none_or(|until| today <= until));
    Ok(on_day.max_by_key(|row| (row.effective_from, row.version)).map(|row| row.version))
}

/// What whoever approves or opens a channel saw.
fn seen(declaration: &str, level: Severity, settings: &Settings) -> Served<String> {
    let shown = json!({"declaration": declaration, "level": level, "settings": settings});
    digest(&shown).ok_or_else(|| ServiceError::unknown("a channel has no canonical form"))
}

/// The previews of a channel, in the order of its policies.
pub(super) fn previews_of(conn: &mut Connection, row: &ChannelRow) -> Served<Vec<PreviewRow>> {
    let mut found = Vec::new();
    for one in kept::<Vec<ChannelPreview>>(&row.previews)? {
        found.extend(preview::find(conn, one.preview)?);
    }
    Ok(found)
}

/// A channel as it is named outside.
pub(super) fn named(channel: i64) -> String {
    id::outside("channel", channel)
}

pub(super) fn found(conn: &mut Connection, id: i64) -> Served<ChannelRow> {
    channel::find(conn, id)?.ok_or(ServiceError::Missing("channel"))
}

/// A channel in one of some states.
pub(super) fn standing(conn: &mut Connection, id: i64, states: &[&str]) -> Served<ChannelRow> {
    let row = found(conn, id)?;
    if states.contains(&row.state.as_str()) {
        return Ok(row);
    }
    let message = format!("the channel is {}: this needs one that is {}", row.state, states.join(" or "));
    Err(ServiceError::conflict("wrong_state", message))
}
