//! `/v1/reports`: what was given, from totals kept with the journal.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::Desk;
use super::problem::Problem;
use super::shape::{MoneyBody, moment};
use super::sheet::{Cell, Form, Sheet};
use crate::service::Served;
use crate::service::relief::report::{Cut, Line, Of};

/// A line of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportLine {
    /// The part: a declaration, a policy with its version, a rule, a region, a bearer, a day.
    pub key: String,
    /// Owed, never paid, no longer owed.
    pub waived: MoneyBody,
    /// Paid and given back.
    pub refunded: MoneyBody,
    /// Money given.
    pub goodwill: MoneyBody,
    /// Payments moved to later.
    pub deferred: MoneyBody,
    /// Interest on top.
    pub added_interest: MoneyBody,
    /// Interest that will never be charged.
    pub forgone_interest: MoneyBody,
    /// Loss in present value (IFRS 9, CAS 22); below zero, a gain.
    pub modification_loss: MoneyBody,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportResponse {
    /// Its lines, by key and currency.
    pub items: Vec<ReportLine>,
}

/// What a report is of.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// declaration, policy, rule, region, bearer or day.
    #[param(default = "declaration")]
    #[serde(default)]
    pub by: Option<String>,
    /// The first day.
    #[serde(default)]
    pub from: Option<chrono::NaiveDate>,
    /// The last.
    #[serde(default)]
    pub until: Option<chrono::NaiveDate>,
    /// A month such as 2021-07, in place of the days.
    #[serde(default)]
    pub period: Option<String>,
    /// Of this declaration only.
    #[serde(default)]
    pub declaration: Option<String>,
    /// json, csv or xlsx.
    #[param(default = "json")]
    #[serde(default)]
    pub format: Option<String>,
}

fn shape(line: &Line) -> ReportLine {
    let money = |minor: i64| MoneyBody::of(minor, &line.currency);
    ReportLine {
        key: line.key.clone(),
        waived: money(line.waived),
        refunded: money(line.refunded),
        goodwill: money(line.goodwill),
        deferred: money(line.deferred),
        added_interest: money(line.added_interest),
        forgone_interest: money(line.forgone_interest),
        modification_loss: money(line.modification_loss),
    }
}

type Days = (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

/// The days of a query: its own, or those of its month.
fn days(query: &ReportQuery) -> Result<Days, Problem> {
    let Some(period) = &query.period else { return Ok((query.from, query.until)) };
    if query.from.is_some() || query.until.is_some() {
        return Err(Problem::unreadable("", "give a period, or days, not both"));
    }
    let month = super::periods::month("", period)?;
    Ok((Some(month.first()), Some(month.last())))
}

/// What was given.
#[utoipa::path(tag = "reports", params(ReportQuery),
    responses((status = 200, content((ReportResponse = "application/json"), (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 400, body = Problem)))]
#[get("/reports/relief")]
pub async fn relief(desk: Desk, query: web::Query<ReportQuery>) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let cut = match query.by.as_deref() {
        None | Some("declaration") => Cut::Declaration,
        Some("policy") => Cut::Policy,
        Some("rule") => Cut::Rule,
        Some("region") => Cut::Region,
        Some("bearer") => Cut::Bearer,
        Some("day") => Cut::Day,
        Some(other) => {
            let known = "declaration, policy, rule, region, bearer or day";
            return Err(Problem::unreadable("", format!("by is {known}, not {other}")));
        }
    };
    let form = Form::read(query.format.as_deref())?;
    let (from, until) = days(&query)?;
    let of = Of { from, until, declaration: query.declaration };
    let lines = desk.read(move |service, _| service.report(cut, &of)).await?;
    match form {
        Form::Json => Ok(HttpResponse::Ok().json(ReportResponse { items: lines.iter().map(shape).collect() })),
        Form::File(kind) => Sheet { name: "relief", head: &COLUMNS, rows: rows(&lines)? }.file(kind),
    }
}

/// What has waited equally long.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgeLine {
    /// referral, threshold, sample or appeal.
    pub kind: String,
    /// So many whole days at least, and fewer than the next line has.
    pub from_days: i64,
    /// How many reviews.
    pub count: u64,
    /// What they come to.
    pub amount: MoneyBody,
    /// When the first of them came.
    pub oldest: String,
}

/// How long what waits has waited.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgeingResponse {
    /// By kind and age; ages that nothing has are left out.
    pub items: Vec<AgeLine>,
}

/// Pending reviews by kind and age: from 0, 1, 3, 7 and 14 days on.
#[utoipa::path(tag = "reports", responses((status = 200, body = AgeingResponse)))]
#[get("/reports/ageing")]
pub async fn ageing(desk: Desk) -> Result<web::Json<AgeingResponse>, Problem> {
    let ages = desk.read(|service, _| service.ageing()).await?;
    let items = ages.into_iter().map(|age| AgeLine {
        amount: MoneyBody::of(age.amount, &age.currency),
        kind: age.kind,
        from_days: age.from_days,
        count: age.count,
        oldest: moment(age.oldest),
    });
    Ok(web::Json(AgeingResponse { items: items.collect() }))
}

/// How often those who looked again agreed with what was posted without anybody's approval.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementLine {
    /// The policy.
    pub policy: String,
    /// Drawn by lot.
    pub drawn: u64,
    /// Not looked at yet.
    pub waiting: u64,
    /// Would have been decided so.
    pub agreed: u64,
    /// Would have been decided otherwise.
    pub disagreed: u64,
    /// Of those looked at, the share that would have been decided so: `0.9750`; none before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
}

/// The figures of second looks.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementResponse {
    /// By policy.
    pub items: Vec<AgreementLine>,
}

/// Of what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AgreementQuery {
    /// Of one declaration only.
    #[serde(default)]
    pub declaration: Option<String>,
}

/// Second looks at what was posted without anybody's approval, by policy: how often people agreed.
#[utoipa::path(tag = "reports", params(AgreementQuery), responses((status = 200, body = AgreementResponse)))]
#[get("/reports/agreement")]
pub async fn agreement(desk: Desk, query: web::Query<AgreementQuery>) -> Result<web::Json<AgreementResponse>, Problem> {
    let query = query.into_inner();
    let lines = desk.read(move |service, _| service.agreement(query.declaration.as_deref())).await?;
    let items = lines.into_iter().map(|line| {
        let judged = line.agreed.saturating_add(line.disagreed);
        // In ten-thousandths, cut off.
        let share = line.agreed.saturating_mul(10_000).checked_div(judged);
        AgreementLine {
            drawn: judged.saturating_add(line.waiting),
            waiting: line.waiting,
            agreed: line.agreed,
            disagreed: line.disagreed,
            agreement: share.map(|share| format!("{}.{:04}", share / 10_000, share % 10_000)),
            policy: line.policy,
        }
    });
    Ok(web::Json(AgreementResponse { items: items.collect() }))
}

const COLUMNS: [&str; 9] = [
    "key",
    "currency",
    "waived",
    "refunded",
    "goodwill",
    "deferred",
    "added_interest",
    "forgone_interest",
    "modification_loss",
];

fn rows(lines: &[Line]) -> Served<Vec<Vec<Cell>>> {
    let row = |line: &Line| {
        let amounts = [
            line.waived,
            line.refunded,
            line.goodwill,
            line.deferred,
            line.added_interest,
            line.forgone_interest,
            line.modification_loss,
        ];
        let mut cells = vec![Cell::Text(line.key.clone()), Cell::Text(line.currency.clone())];
        for minor in amounts {
            cells.push(Cell::money(minor, &line.currency)?);
        }
        Ok(cells)
    };
    lines.iter().map(row).collect()
}
