//! `/v1/budgets`: money that may be given.

use actix_web::http::StatusCode;
use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Desk, json, tagged};
use super::problem::Problem;
use super::shape::{MoneyBody, id, moment};
use crate::service::reference::outside;
use crate::service::relief::budget::{NewBudget, Standing};

/// A budget to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetBody {
    /// The declaration it is for; any when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// The policy it is for; any when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// lender, guarantor or funder; anybody when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
    /// All of it.
    pub amount: MoneyBody,
}

/// How much a budget is to hold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountBody {
    /// All of it.
    pub amount: MoneyBody,
}

/// A budget as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetResponse {
    /// Its id.
    pub budget: String,
    /// The declaration it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// The policy it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Who bears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
    /// All of it.
    pub amount: MoneyBody,
    /// Set aside for what is not posted yet, and for what will probably be drawn on standing orders.
    pub reserved: MoneyBody,
    /// The latter.
    pub expected: MoneyBody,
    /// Given.
    pub taken: MoneyBody,
    /// What is left.
    pub left: MoneyBody,
    /// none, near (80 in 100 used), almost (95) or empty.
    pub alert: String,
    /// Grants that wait for money.
    pub waiting: i64,
    /// When it last changed.
    pub changed_at: String,
}

/// Budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetList {
    /// They.
    pub items: Vec<BudgetResponse>,
}

fn shape(standing: &Standing) -> BudgetResponse {
    let row = &standing.row;
    let money = |minor: i64| MoneyBody::of(minor, &row.currency);
    BudgetResponse {
        budget: outside("budget", row.id),
        declaration: row.declaration.clone(),
        policy: row.policy.clone(),
        bearer: row.bearer.clone(),
        amount: money(row.amount),
        reserved: money(standing.reserved),
        expected: money(standing.expected),
        taken: money(standing.taken),
        left: money(standing.left()),
        alert: standing.alert().name().to_owned(),
        waiting: standing.waiting,
        changed_at: moment(row.changed_at),
    }
}

/// All of them.
#[utoipa::path(tag = "budgets", responses((status = 200, body = BudgetList)))]
#[get("/budgets")]
pub async fn list(desk: Desk) -> Result<web::Json<BudgetList>, Problem> {
    let all = desk.read(|service, _| service.budgets()).await?;
    Ok(web::Json(BudgetList { items: all.iter().map(shape).collect() }))
}

/// One. Its `ETag` is what a change is bound to.
#[utoipa::path(tag = "budgets", responses((status = 200, body = BudgetResponse), (status = 404, body = Problem)))]
#[get("/budgets/{budget}")]
pub async fn one(desk: Desk, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let budget = id("budget", &path)?;
    let standing = desk.read(move |service, _| service.budget(budget)).await?;
    Ok(tagged(standing.row.revision, &shape(&standing)))
}

/// Makes a budget.
#[utoipa::path(tag = "budgets", request_body = BudgetBody,
    responses((status = 201, body = BudgetResponse), (status = 400, body = Problem)))]
#[post("/budgets")]
pub async fn make(desk: Desk, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: BudgetBody = json(&body)?;
    let amount = positive(&body.amount)?;
    if body.bearer.as_deref().is_some_and(|bearer| !["lender", "guarantor", "funder"].contains(&bearer)) {
        return Err(Problem::unreadable("/bearer", "a bearer is lender, guarantor or funder"));
    }
    let mut made = desk
        .once(StatusCode::CREATED, body, move |service, conn, caller, body| {
            let new = NewBudget {
                declaration: body.declaration.clone(),
                policy: body.policy.clone(),
                bearer: body.bearer.clone(),
                currency: body.amount.currency.clone(),
                amount,
            };
            Ok(shape(&service.make_budget(conn, &caller.actor, &new)?))
        })
        .await?;
    made.headers_mut().insert(ETAG, actix_web::http::header::HeaderValue::from_static("\"0\""));
    Ok(made)
}

/// Changes how much it holds; never below what is used. What waits for money goes on.
#[utoipa::path(tag = "budgets", request_body = AmountBody,
    responses((status = 200, body = BudgetResponse), (status = 409, body = Problem), (status = 428, body = Problem)))]
#[put("/budgets/{budget}")]
pub async fn change(desk: Desk, path: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (budget, body): (_, AmountBody) = (id("budget", &path)?, json(&body)?);
    let (amount, seen) = (positive(&body.amount)?, desk.seen()?);
    desk.once(StatusCode::OK, body, move |service, conn, caller, body| {
        let change = (seen, amount, body.amount.currency.as_str());
        Ok(shape(&service.change_budget(conn, &caller.actor, budget, change)?))
    })
    .await
}

fn positive(amount: &MoneyBody) -> Result<i64, Problem> {
    let money = amount.read("/amount")?;
    if money.minor() < 0 {
        return Err(Problem::unreadable("/amount/amount", "a budget holds nothing or more"));
    }
    Ok(money.minor())
}
