//! `/v1/reports/care`: how people were served. Whole numbers; shares are decimals with four places, cut off, and left out where there is
//! nothing to share.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::desk::Desk;
use crate::api::problem::Problem;
use crate::service::care::contact::measuring::Figures;
use crate::service::care::reporting::{CareLine, Complaints, Cut, Days};

/// What a report is of.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CareReportQuery {
    /// all, via, channel or declaration.
    #[param(default = "all")]
    #[serde(default)]
    pub by: Option<String>,
    /// The first day on which people got in touch.
    #[serde(default)]
    pub from: Option<chrono::NaiveDate>,
    /// The last.
    #[serde(default)]
    pub until: Option<chrono::NaiveDate>,
    /// Of this declaration only.
    #[serde(default)]
    pub declaration: Option<String>,
}

/// Contacts and their cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactMeasures {
    /// How many there were.
    pub contacts: i64,
    /// How many were answered.
    pub answered: i64,
    /// How many wait.
    pub waiting: i64,
    /// Of those with a target, answered or too late, how many were answered within it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_within_target: Option<String>,
    /// Seconds to the first response: half of those that were answered had it by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<i64>,
    /// Nine of ten had it by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ninth_seconds: Option<i64>,
    /// Cases that they are about.
    pub cases: i64,
    /// How many are resolved.
    pub resolved: i64,
    /// Of the cases that are a day old or resolved sooner, how many were resolved within a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_within_day: Option<String>,
    /// Of the resolved cases, how many one contact resolved for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at_once: Option<String>,
    /// Contacts about something that somebody had been in touch about before.
    pub repeated: i64,
    /// Cases that were opened again.
    pub reopened: i64,
}

/// Complaints.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintMeasures {
    /// How many came.
    pub received: i64,
    /// How many are open.
    pub open: i64,
    /// How many of these should have been answered.
    pub overdue: i64,
    /// How many were answered.
    pub resolved: i64,
    /// How many were withdrawn.
    pub withdrawn: i64,
    /// How many were opened again.
    pub reopened: i64,
    /// Of those that were answered or are overdue, how many were answered in time and not opened again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properly_resolved: Option<String>,
    /// How many were rated.
    pub rated: i64,
    /// Of these, how many with 4 or 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// A line of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareReportLine {
    /// The part: all, a way of getting in touch, a channel, a declaration.
    pub key: String,
    /// Its contacts.
    pub contacts: ContactMeasures,
    /// Its complaints.
    pub complaints: ComplaintMeasures,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareReport {
    /// Its lines, by key.
    pub items: Vec<CareReportLine>,
}

/// A share with four places, cut off.
fn share(part: i64, of: i64) -> Option<String> {
    let share = part.saturating_mul(10_000).checked_div(of)?;
    Some(format!("{}.{:04}", share / 10_000, share % 10_000))
}

pub(in crate::api) fn measures(own: &Figures) -> ContactMeasures {
    ContactMeasures {
        contacts: own.contacts,
        answered: own.answered,
        waiting: own.waiting,
        answered_within_target: share(own.within_target, own.with_target),
        median_seconds: own.median_seconds,
        ninth_seconds: own.ninth_seconds,
        cases: own.cases,
        resolved: own.resolved,
        resolved_within_day: share(own.resolved_within_day, own.day_old),
        resolved_at_once: share(own.resolved_at_once, own.resolved),
        repeated: own.repeated,
        reopened: own.reopened,
    }
}

fn complaints(own: &Complaints) -> ComplaintMeasures {
    ComplaintMeasures {
        received: own.received,
        open: own.open,
        overdue: own.overdue,
        resolved: own.resolved,
        withdrawn: own.withdrawn,
        reopened: own.reopened,
        properly_resolved: share(own.properly, own.resolved.saturating_add(own.overdue)),
        rated: own.rated,
        content: share(own.content, own.rated),
    }
}

fn shape(line: CareLine) -> CareReportLine {
    CareReportLine { contacts: measures(&line.contacts), complaints: complaints(&line.complaints), key: line.key }
}

/// How people were served: contacts, their cases, complaints.
#[utoipa::path(tag = "reports", params(CareReportQuery),
    responses((status = 200, body = CareReport), (status = 400, body = Problem)))]
#[get("/reports/care")]
pub async fn care(desk: Desk, query: web::Query<CareReportQuery>) -> Result<web::Json<CareReport>, Problem> {
    let query = query.into_inner();
    let cut = match query.by.as_deref() {
        None | Some("all") => Cut::All,
        Some("via") => Cut::Via,
        Some("channel") => Cut::Channel,
        Some("declaration") => Cut::Declaration,
        Some(other) => {
            return Err(Problem::unreadable("", format!("by is all, via, channel or declaration, not {other}")));
        }
    };
    let of = Days { from: query.from, until: query.until, declaration: query.declaration };
    let lines = desk.read(move |service, _| service.care_report(cut, &of)).await?;
    Ok(web::Json(CareReport { items: lines.into_iter().map(shape).collect() }))
}
