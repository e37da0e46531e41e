//! Budgets: how much was given, is set aside, is left; made and changed here.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::api::problem::Problem;
use crate::api::shape::{MoneyBody, id};
use crate::service::access::Role;
use crate::service::reference::outside;
use crate::service::relief::budget::{Alert, NewBudget, Standing};
use crate::service::{Served, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// The length of a bar.
const LENGTH: i64 = 400;

#[derive(Template)]
#[template(path = "finance/budgets.html")]
struct Budgets {
    f: Frame,
    all: Vec<Standing>,
}

/// The part of a budget that an amount is, of so many; cut off.
fn part(amount: i64, of: i64, parts: i64) -> i64 {
    let share = i128::from(amount.max(0)).saturating_mul(i128::from(parts)).checked_div(i128::from(of));
    share.and_then(|share| i64::try_from(share).ok()).map_or(0, |share| share.min(parts))
}

impl Budgets {
    fn budget(&self, one: &Standing) -> String {
        outside("budget", one.row.id)
    }

    fn may_change(&self) -> bool {
        self.f.is_any(&[Role::FinanceApprover])
    }

    fn taken_to(&self, one: &Standing) -> i64 {
        part(one.taken, one.row.amount, LENGTH)
    }

    fn used_to(&self, one: &Standing) -> i64 {
        part(one.taken.saturating_add(one.reserved), one.row.amount, LENGTH)
    }

    fn reserved_long(&self, one: &Standing) -> i64 {
        self.used_to(one).saturating_sub(self.taken_to(one))
    }

    /// How much is used, in hundredths.
    fn percent(&self, one: &Standing) -> i64 {
        let used = one.taken.saturating_add(one.reserved);
        if one.row.amount <= 0 { 100 } else { part(used, one.row.amount, 100) }
    }

    /// How full it is: how it is marked, and in words.
    fn fullness(&self, one: &Standing) -> (&'static str, &'static str) {
        let say = |zh, en| self.f.say(zh, en);
        match one.alert() {
            Alert::None => ("good", say("低于 80 %", "below 80 %")),
            Alert::Near => ("warn", say("已达 80 %", "80 % reached")),
            Alert::Almost => ("bad", say("已达 95 %", "95 % reached")),
            Alert::Empty => ("bad", say("已用完", "nothing is left")),
        }
    }

    /// An amount as a form takes it.
    fn plain(&self, one: &Standing) -> String {
        MoneyBody::of(one.row.amount, &one.row.currency).amount
    }
}

/// All of them.
#[get("/finance/budgets")]
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor.show(|service, _| service.budgets(), |f, all| Budgets { f, all }).await
}

/// What a form says of a budget.
#[derive(Serialize, Deserialize)]
struct Said {
    declaration: Option<String>,
    policy: Option<String>,
    bearer: Option<String>,
    amount: String,
    currency: String,
}

impl Said {
    fn of(fields: &Fields) -> Self {
        let named = |name| Some(fields.get(name).to_owned()).filter(|text| !text.is_empty());
        Self {
            declaration: named("declaration"),
            policy: named("policy"),
            bearer: named("bearer"),
            amount: fields.get("amount").to_owned(),
            currency: fields.get("currency").to_owned(),
        }
    }

    /// The amount in minor units: nothing or more.
    fn minor(&self) -> Served<i64> {
        let given = MoneyBody { amount: self.amount.clone(), currency: self.currency.clone() };
        let wrong = || ServiceError::invalid("/amount", "an amount such as 500000.00, and a currency such as CNY");
        let minor = given.read("/amount").map_err(|_| wrong())?.minor();
        if minor < 0 { Err(ServiceError::invalid("/amount", "a budget holds nothing or more")) } else { Ok(minor) }
    }
}

/// Makes one.
#[post("/finance/budgets")]
pub async fn make(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let said = Said::of(&fields);
    if said.bearer.as_deref().is_some_and(|bearer| !["lender", "guarantor", "funder"].contains(&bearer)) {
        return Err(visitor.turn(Problem::unreadable("/bearer", "a bearer is lender, guarantor or funder")));
    }
    visitor
        .act(&fields, said, |service, conn, caller, said| {
            let new = NewBudget {
                declaration: said.declaration.clone(),
                policy: said.policy.clone(),
                bearer: said.bearer.clone(),
                currency: said.currency.clone(),
                amount: said.minor()?,
            };
            service.make_budget(conn, &caller.actor, &new)?;
            Ok(())
        })
        .await?;
    Ok(go("/finance/budgets"))
}

/// Changes how much one holds, if it is as it was shown.
#[post("/finance/budgets/{budget}")]
pub async fn change(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let (Ok(budget), Ok(seen)) = (id("budget", &path), fields.get("seen").parse::<i64>()) else {
        return Err(visitor.turn(Problem::missing()));
    };
    visitor
        .act(&fields, Said::of(&fields), move |service, conn, caller, said| {
            service.change_budget(conn, &caller.actor, budget, (seen, said.minor()?, &said.currency))?;
            Ok(())
        })
        .await?;
    Ok(go("/finance/budgets"))
}
