//! `/v1/feeds`: where alerts are read from, and how that goes.

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;
use super::shape::moment;
use crate::service::care::FeedRow;

/// A feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedResponse {
    /// Its name.
    pub feed: String,
    /// Where it is read from.
    pub source: String,
    /// Whether it is in the configuration; one that is not is not read.
    pub configured: bool,
    /// When it was last read, or tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    /// When that last went well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good_at: Option<String>,
    /// Why it last did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How often in a row it did not.
    pub failures: i32,
    /// When it is read next.
    pub next_at: String,
    /// Alerts that were taken in.
    pub taken: i64,
    /// Alerts that were known already.
    pub repeated: i64,
    /// Alerts that were refused.
    pub refused: i64,
    /// Messages that tell of no disaster.
    pub slight: i64,
}

/// Feeds.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedList {
    /// They.
    pub items: Vec<FeedResponse>,
}

fn shape(row: FeedRow) -> FeedResponse {
    FeedResponse {
        feed: row.name,
        source: row.source,
        configured: row.configured,
        read_at: row.read_at.map(moment),
        good_at: row.good_at.map(moment),
        failure: row.failure,
        failures: row.failures,
        next_at: moment(row.next_at),
        taken: row.taken,
        repeated: row.repeated,
        refused: row.refused,
        slight: row.slight,
    }
}

/// All of them, by name.
#[utoipa::path(tag = "care", responses((status = 200, body = FeedList)))]
#[get("/feeds")]
pub async fn list(desk: Desk) -> Result<web::Json<FeedList>, Problem> {
    let rows = desk.read(|service, _| service.feeds()).await?;
    Ok(web::Json(FeedList { items: rows.into_iter().map(shape).collect() }))
}
