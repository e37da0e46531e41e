//! `/v1/reports/deferred-cash`: what deferrals and suspensions move from month to month.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::MoneyBody;
use super::sheet::{Cell, Form, Sheet};
use crate::service::Served;
use crate::service::relief::cash::{CashCut, CashSum, Of};

/// Principal, interest and fees.
#[derive(Debug, Serialize, ToSchema)]
pub struct CashParts {
    /// Principal.
    pub principal: MoneyBody,
    /// Interest.
    pub interest: MoneyBody,
    /// Fees.
    pub fees: MoneyBody,
}

/// A month.
#[derive(Debug, Serialize, ToSchema)]
pub struct CashLine {
    /// Such as 2021-07.
    pub month: String,
    /// The policy or the declaration, where lines are apart by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The currency.
    pub currency: String,
    /// What was to come in the month and does not.
    pub out: CashParts,
    /// What comes in the month instead of in another, without interest on top.
    pub into: CashParts,
    /// Interest on top that comes in the month.
    pub added_interest: MoneyBody,
}

/// Deferred cash by month.
#[derive(Debug, Serialize, ToSchema)]
pub struct CashResponse {
    /// By month, key and currency; months of which nothing moves are left out.
    pub items: Vec<CashLine>,
}

/// What the report is of.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CashQuery {
    /// month alone, or each month by policy or by declaration.
    #[param(default = "month")]
    #[serde(default)]
    pub by: Option<String>,
    /// The first day of posting.
    #[serde(default)]
    pub from: Option<chrono::NaiveDate>,
    /// The last.
    #[serde(default)]
    pub until: Option<chrono::NaiveDate>,
    /// Of this declaration only.
    #[serde(default)]
    pub declaration: Option<String>,
    /// json, csv or xlsx.
    #[param(default = "json")]
    #[serde(default)]
    pub format: Option<String>,
}

fn shape(sum: CashSum) -> CashLine {
    let money = |minor: i64| MoneyBody::of(minor, &sum.currency);
    let parts = |[principal, interest, fees]: [i64; 3]| CashParts {
        principal: money(principal),
        interest: money(interest),
        fees: money(fees),
    };
    CashLine {
        out: parts(sum.out),
        into: parts(sum.into),
        added_interest: money(sum.added_interest),
        month: sum.month,
        key: sum.key,
        currency: sum.currency.clone(),
    }
}

/// What deferrals and suspensions move out of which calendar month, and into which.
#[utoipa::path(tag = "reports", params(CashQuery),
    responses((status = 200, content((CashResponse = "application/json"), (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = 400, body = Problem)))]
#[get("/reports/deferred-cash")]
pub async fn deferred_cash(desk: Desk, query: web::Query<CashQuery>) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let cut = match query.by.as_deref() {
        None | Some("month") => CashCut::Month,
        Some("policy") => CashCut::Policy,
        Some("declaration") => CashCut::Declaration,
        Some(other) => {
            return Err(Problem::unreadable("", format!("by is month, policy or declaration, not {other}")));
        }
    };
    let form = Form::read(query.format.as_deref())?;
    let of = Of { from: query.from, until: query.until, declaration: query.declaration };
    let sums = desk.read(move |service, _| service.deferred_cash(cut, &of)).await?;
    match form {
        Form::Json => Ok(HttpResponse::Ok().json(CashResponse { items: sums.into_iter().map(shape).collect() })),
        Form::File(kind) => Sheet { name: "deferred-cash", head: &COLUMNS, rows: rows(&sums)? }.file(kind),
    }
}

const COLUMNS: [&str; 10] = [
    "month",
    "key",
    "currency",
    "principal_out",
    "interest_out",
    "fees_out",
    "principal_in",
    "interest_in",
    "fees_in",
    "added_interest",
];

fn rows(sums: &[CashSum]) -> Served<Vec<Vec<Cell>>> {
    let row = |sum: &CashSum| {
        let named = [sum.month.clone(), sum.key.clone().unwrap_or_default(), sum.currency.clone()];
        let mut cells: Vec<Cell> = named.into_iter().map(Cell::Text).collect();
        for minor in sum.out.into_iter().chain(sum.into).chain([sum.added_interest]) {
            cells.push(Cell::money(minor, &sum.currency)?);
        }
        Ok(cells)
    };
    sums.iter().map(row).collect()
}
