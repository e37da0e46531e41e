//! `/v1/journal`: balanced entries, for the lender's ledger.

pub mod export;

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{MoneyBody, PageQuery, moment, next};
use crate::service::reference::outside;
use crate::service::relief::journal::{EntryRow, LineRow};

/// An entry: its lines sum to zero in each currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryResponse {
    /// Its id.
    pub entry: String,
    /// The grant it is of.
    pub grant: String,
    /// posting or reversal.
    pub kind: String,
    /// The day it counts.
    pub posted_on: chrono::NaiveDate,
    /// When it was written.
    pub at: String,
    /// Its lines.
    pub lines: Vec<LineResponse>,
}

/// A line: above zero a debit, below zero a credit.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineResponse {
    /// The ledger account.
    pub ledger: String,
    /// How much.
    pub amount: MoneyBody,
    /// Who bears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
    /// The kind of the charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
}

/// A page of entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryList {
    /// They, the first written first.
    pub items: Vec<EntryResponse>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaysQuery {
    /// The first day.
    #[serde(default)]
    pub from: Option<chrono::NaiveDate>,
    /// The last.
    #[serde(default)]
    pub until: Option<chrono::NaiveDate>,
    /// Goes on after this: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

/// A ledger account's sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceResponse {
    /// The ledger account.
    pub ledger: String,
    /// Its sum.
    pub amount: MoneyBody,
}

/// Sums of all ledger accounts; they sum to zero in each currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceList {
    /// They.
    pub items: Vec<BalanceResponse>,
}

/// Entries, in the order in which they were written.
#[utoipa::path(tag = "journal", params(DaysQuery), responses((status = 200, body = EntryList)))]
#[get("/journal")]
pub async fn list(desk: Desk, query: web::Query<DaysQuery>) -> Result<web::Json<EntryList>, Problem> {
    let page = PageQuery { after: query.after.clone(), limit: query.limit, state: None };
    let (after, limit) = page.read("entry")?;
    let rows = desk.read(move |service, _| service.journal((query.from, query.until), after, limit)).await?;
    let next = next("entry", rows.len(), limit, rows.last().map(|(entry, _)| entry.id));
    Ok(web::Json(EntryList { items: rows.into_iter().map(shape).collect(), next }))
}

fn shape((entry, lines): (EntryRow, Vec<LineRow>)) -> EntryResponse {
    EntryResponse {
        entry: outside("entry", entry.id),
        grant: outside("grant", entry.grant_id),
        kind: entry.kind,
        posted_on: entry.posted_on,
        at: moment(entry.at),
        lines: lines
            .into_iter()
            .map(|line| LineResponse {
                ledger: line.ledger,
                amount: MoneyBody::of(line.amount, &line.currency),
                bearer: line.bearer,
                charge: line.charge,
            })
            .collect(),
    }
}

/// Sums by ledger account and currency.
#[utoipa::path(tag = "journal", responses((status = 200, body = BalanceList)))]
#[get("/journal/balances")]
pub async fn balances(desk: Desk) -> Result<web::Json<BalanceList>, Problem> {
    let sums = desk.read(|service, _| service.balances()).await?;
    let items = sums
        .into_iter()
        .map(|(ledger, currency, sum)| BalanceResponse { ledger, amount: MoneyBody::of(sum, &currency) });
    Ok(web::Json(BalanceList { items: items.collect() }))
}
