//! Drafts: made of alerts, extended by later ones, looked at, edited and dropped by a care lead.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use forbear_engine::declaration::{Area, Declaration, Designation, Incident, Kind, Severity};
use forbear_engine::region::RegionTree;
use forbear_engine::text::{Language, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::reading::Read;
use crate::feed::alert::Format;
use crate::service::audit::{Actor, log};
use crate::service::policy::changed;
use crate::service::{Problem, Served, Service, ServiceError};
use crate::store::draft::{self, DraftRow, Of};
use crate::store::{Connection, id};

/// What the alerts of a draft said in sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What happened.
    pub kind: Option<Kind>,
    /// How grave it is at worst.
    pub severity: Option<Severity>,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
    /// Regions, by code.
    pub regions: BTreeSet<String>,
    /// What could not be matched.
    pub left: BTreeSet<String>,
}

/// What an alert says more than those before it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Change {
    /// What happened, where nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// A graver severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// An earlier first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<NaiveDate>,
    /// A later last day, or a first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// More regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// More that could not be matched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// What a care lead makes of a draft.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The event.
    pub event: String,
    /// What happened.
    pub kind: Option<Kind>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// Its title.
    pub title: Text,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
    /// Its areas.
    pub areas: Vec<Area>,
    /// What is still to be matched.
    pub left: Vec<String>,
}

impl Said {
    /// What an alert says.
    pub(super) fn of(service: &Service, read: &Read) -> Self {
        let starts_on = service.day_of(read.alert.onset.naive_utc());
        let ends_on = match read.alert.format {
            // An earthquake is over when it is told; its alert is kept for weeks.
            Format::Usgs => Some(starts_on),
            Format::Cap | Format::Nws | Format::OpenFema => {
                read.alert.expires.map(|at| service.day_of(at.naive_utc()).max(starts_on))
            }
        };
        Self {
            kind: read.alert.kind,
            severity: read.alert.severity,
            starts_on,
            ends_on,
            regions: read.regions.iter().cloned().collect(),
            left: read.left.iter().cloned().collect(),
        }
    }

    /// What another says more. Nothing that was said is taken back by it: it was warned of.
    pub(super) fn more(&self, other: &Self) -> Change {
        Change {
            kind: other.kind.filter(|_| self.kind.is_none()),
            severity: other.severity.filter(|new| self.severity.is_none_or(|known| *new < known)),
            starts_on: Some(other.starts_on).filter(|new| *new < self.starts_on),
            ends_on: other.ends_on.filter(|new| self.ends_on.is_none_or(|known| *new > known)),
            add: other.regions.difference(&self.regions).cloned().collect(),
            left: other.left.difference(&self.left).cloned().collect(),
        }
    }

    /// With a change.
    pub(super) fn take(&mut self, change: &Change) {
        self.kind = self.kind.or(change.kind);
        self.severity = change.severity.or(self.severity);
        self.starts_on = change.starts_on.unwrap_or(self.starts_on);
        self.ends_on = change.ends_on.or(self.ends_on);
        self.regions.extend(change.add.iter().cloned());
        self.left.extend(change.left.iter().cloned());
    }
}

impl Change {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it makes the disaster graver or wider.
    #[must_use]
    pub const fn is_worse(&self) -> bool {
        self.severity.is_some() || !self.add.is_empty()
    }
}

/// A region that an alert names; a care lead says where it was worse.
pub(super) fn area(region: &str) -> Area {
    Area {
        region: region.to_owned(),
        designation: Some(Designation::Affected),
        programmes: Vec::new(),
        counts_from: None,
    }
}

/// A title in both languages: the sender's words, else what happened.
pub(super) fn title(read: &Read) -> Text {
    let of = |language: Language, prefix: &str| {
        let own = read.alert.texts.iter().any(|text| text.language.to_lowercase().starts_with(prefix));
        let said = read.alert.title(prefix);
        let kind = read.alert.kind.unwrap_or(Kind::Other).title(language);
        let text = if own && !said.is_empty() { said } else { kind };
        Some(text.chars().take(200).collect::<String>())
    };
    Text { chinese: of(Language::Chinese, "zh"), english: of(Language::English, "en") }
}

/// Text of a draft that was kept as JSON.
///
/// # Errors
/// It is none: what is kept was damaged.
pub fn kept<T: DeserializeOwned>(text: &str) -> Served<T> {
    serde_json::from_str(text).map_err(ServiceError::unknown)
}

pub(super) fn keep(value: &impl Serialize) -> Served<String> {
    serde_json::to_string(value).map_err(ServiceError::unknown)
}

/// What stands in a draft changes by what its alerts say more; what a person took out stays out.
pub(super) fn apply(row: &mut DraftRow, change: &Change) -> Served<()> {
    if row.kind.is_none() {
        row.kind = change.kind.map(|kind| kind.name().to_owned());
    }
    if let Some(severity) = change.severity {
        row.severity = Some(severity.name().to_owned());
    }
    row.starts_on = change.starts_on.map_or(row.starts_on, |day| day.min(row.starts_on));
    row.ends_on = match (row.ends_on, change.ends_on) {
        (Some(known), Some(new)) => Some(known.max(new)),
        (known, new) => known.or(new),
    };
    let mut areas: Vec<Area> = kept(&row.areas)?;
    let there: BTreeSet<String> = areas.iter().map(|area| area.region.clone()).collect();
    areas.extend(change.add.iter().filter(|region| !there.contains(*region)).map(|region| area(region)));
    row.areas = keep(&areas)?;
    let mut left: BTreeSet<String> = kept(&row.left_over)?;
    left.extend(change.left.iter().cloned());
    row.left_over = keep(&left)?;
    Ok(())
}

/// A draft as it is named outside.
pub(super) fn named(draft: i64) -> String {
    id::outside("draft", draft)
}

impl Service {
    /// Drafts in the order in which they were made, after one.
    ///
    /// # Errors
    /// The store fails.
    pub fn drafts(&self, of: &Of, after: i64, most: i64) -> Served<Vec<DraftRow>> {
        Ok(self.store.read(|conn| draft::page(conn, of, after, most))?)
    }

    /// A draft.
    ///
    /// # Errors
    /// There is none.
    pub fn draft(&self, id: i64) -> Served<DraftRow> {
        self.store.read(|conn| found(conn, id))
    }

    /// The same within a transaction.
    ///
    /// # Errors
    /// There is none.
    pub fn draft_in(&self, conn: &mut Connection, id: i64) -> Served<DraftRow> {
        found(conn, id)
    }

    /// Changes what stands in a draft that waits.
    ///
    /// # Errors
    /// It does not wait, was changed since it was seen, or would be no declaration.
    pub fn edit_draft(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (id, seen): (i64, i64),
        edited: &Edited,
    ) -> Served<DraftRow> {
        let mut row = waiting(conn, id)?;
        changed(row.revision == seen)?;
        row.event.clone_from(&edited.event);
        row.kind = edited.kind.map(|kind| kind.name().to_owned());
        row.severity = edited.severity.map(|severity| severity.name().to_owned());
        row.title = keep(&edited.title)?;
        row.starts_on = edited.starts_on;
        row.ends_on = edited.ends_on;
        row.areas = keep(&edited.areas)?;
        row.left_over = keep(&edited.left)?;
        let problems = self.problems(&row)?;
        if !problems.is_empty() {
            return Err(ServiceError::Invalid(problems));
        }
        row.edited_by = Some(actor.person.clone());
        self.keep_draft(conn, actor, row, "draft.edit", &json!({"areas": edited.areas.len()}))
    }

    /// Drops a draft: it will be no declaration, unless its sender makes it graver or wider.
    ///
    /// # Errors
    /// It does not wait, or no reason is given.
    pub fn drop_draft(&self, conn: &mut Connection, actor: &Actor, id: i64, reason: &str) -> Served<DraftRow> {
        let mut row = waiting(conn, id)?;
        row.reason = Some(why(reason)?);
        row.state = "dropped".to_owned();
        row.decided_by = Some(actor.person.clone());
        self.keep_draft(conn, actor, row, "draft.drop", &json!({}))
    }

    /// Keeps a changed draft, and that it changed.
    pub(super) fn keep_draft(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: DraftRow,
        verb: &str,
        detail: &serde_json::Value,
    ) -> Served<DraftRow> {
        row.changed_at = self.clock.now();
        changed(draft::update(conn, &row)?)?;
        log(conn, row.changed_at, actor, verb, &named(row.id), detail)?;
        found(conn, row.id)
    }

    /// What stands in a draft, as a declaration; of an unknown kind as another one.
    pub(super) fn as_declaration(&self, row: &DraftRow, slug: &str) -> Served<Declaration> {
        let kind = |name: &str| kept::<Kind>(&format!("\"{name}\""));
        let severity = |name: &str| kept::<Severity>(&format!("\"{name}\""));
        Ok(Declaration {
            schema: None,
            declaration: slug.to_owned(),
            event: row.event.clone(),
            kind: row.kind.as_deref().map(kind).transpose()?.unwrap_or(Kind::Other),
            severity: row.severity.as_deref().map(severity).transpose()?,
            title: kept(&row.title)?,
            authority: Some(row.sender.clone()),
            sources: Vec::new(),
            declared_on: self.clock.today(),
            incident: Incident { start: row.starts_on, end: row.ends_on },
            areas: kept(&row.areas)?,
            amendments: Vec::new(),
        })
    }

    /// What is wrong with what stands in a draft, by its place in the body that changes it.
    fn problems(&self, row: &DraftRow) -> Served<Vec<Problem>> {
        let problems = self.as_declaration(row, "draft")?.validate(RegionTree::builtin());
        let place = |pointer: String| if pointer == "/incident/end" { "/ends_on".to_owned() } else { pointer };
        // A draft may be without areas as long as nobody knows where it is.
        let problems = problems.into_iter().filter(|problem| problem.pointer != "/areas");
        Ok(problems.map(|problem| Problem { pointer: place(problem.pointer), message: problem.message }).collect())
    }
}

pub(super) fn found(conn: &mut Connection, id: i64) -> Served<DraftRow> {
    draft::find(conn, id)?.ok_or(ServiceError::Missing("draft"))
}

/// A draft that waits for a care lead.
pub(super) fn waiting(conn: &mut Connection, id: i64) -> Served<DraftRow> {
    let row = found(conn, id)?;
    if row.state == "waiting" {
        return Ok(row);
    }
    let message = format!("the draft is {}: only one that waits can be changed, confirmed or dropped", row.state);
    Err(ServiceError::conflict("wrong_state", message))
}

/// A reason, which has to be one.
pub(super) fn why(reason: &str) -> Served<String> {
    let reason = reason.trim();
    if (1..=500).contains(&reason.chars().count()) {
        return Ok(reason.to_owned());
    }
    Err(ServiceError::invalid("/reason", "say why, in 1 to 500 characters"))
}
