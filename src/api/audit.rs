//! `/v1/audit`: what happened, and the head of its seals.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{PageQuery, kept, moment, next};
use crate::service::Served;
use crate::service::audit::{EntryRow, Filter};
use crate::service::reference::outside;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditResponse {
    /// Its id.
    pub entry: String,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What they did.
    pub verb: String,
    /// To what.
    pub object: String,
    /// More about it.
    pub detail: Value,
    /// The seal that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<i64>,
}

/// A page of what happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditList {
    /// The first first.
    pub items: Vec<AuditResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The last seal: what is anchored elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadResponse {
    /// Its number; 0 before the first.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

/// What of it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// To what.
    #[serde(default)]
    pub object: Option<String>,
    /// Who.
    #[serde(default)]
    pub actor: Option<String>,
    /// What they did.
    #[serde(default)]
    pub verb: Option<String>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// What happened, the first first.
#[utoipa::path(tag = "audit", params(AuditQuery), responses((status = 200, body = AuditList)))]
#[get("/audit")]
pub async fn list(desk: Desk, query: web::Query<AuditQuery>) -> Result<web::Json<AuditList>, Problem> {
    let query = query.into_inner();
    let page = PageQuery { after: query.after, limit: query.limit, state: None };
    let (after, limit) = page.read("audit")?;
    let filter = Filter { object: query.object, actor: query.actor, verb: query.verb };
    let rows = desk.read(move |service, _| service.audit(&filter, after, limit)).await?;
    let next = next("audit", rows.len(), limit, rows.last().map(|row| row.id));
    let items = rows.into_iter().map(shape).collect::<Served<_>>()?;
    Ok(web::Json(AuditList { items, next }))
}

fn shape(row: EntryRow) -> Served<AuditResponse> {
    Ok(AuditResponse {
        entry: outside("audit", row.id),
        at: moment(row.at),
        actor: row.actor,
        verb: row.verb,
        object: row.object,
        detail: kept(&row.detail)?,
        seal: row.seal,
    })
}

/// The last seal.
#[utoipa::path(tag = "audit", responses((status = 200, body = HeadResponse)))]
#[get("/audit/head")]
pub async fn head(desk: Desk) -> Result<web::Json<HeadResponse>, Problem> {
    let head = desk.read(|service, _| service.audit_head()).await?;
    Ok(web::Json(HeadResponse { number: head.number, hash: head.hash }))
}
