//! Options side by side, with what each does to every payment and to the cost; and consent.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use forbear_engine::explain::amount::percent;
use forbear_engine::explain::compare::{Comparison, Side};
use rust_decimal::Decimal;

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::relief::approve::Agreed;
use crate::service::relief::ask::Said;
use crate::service::relief::told::{Choice, Told};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// Something that can be chosen, or agreed with.
pub(super) struct Choosable {
    /// `policy/benefit`; empty for what is granted in any case.
    pub name: String,
    pub title: String,
    pub effects: Vec<String>,
    pub comparison: Comparison,
}

#[derive(Template)]
#[template(path = "relief/options.html")]
struct Options {
    f: Frame,
    request: String,
    told: Told,
    options: Vec<Choosable>,
    /// What is agreed with, by its digest; none while something has to be chosen first.
    shown: Option<String>,
}

/// How a comparison is written.
pub(in crate::web) struct Table<'a> {
    pub f: &'a Frame,
}

impl Table<'_> {
    /// A yearly cost as a percentage.
    pub fn cost(&self, side: &Side) -> String {
        let nominal: Option<Decimal> = side.annual_cost.as_ref().map(|cost| cost.nominal);
        nominal.map_or_else(|| "—".to_owned(), |rate| percent(rate, 2))
    }

    pub fn day(&self, day: &Option<chrono::NaiveDate>) -> String {
        day.as_ref().map_or_else(|| "—".to_owned(), |day| self.f.day(day))
    }
}

/// What is granted or offered, each with its comparison.
pub(super) fn choosable(f: &Frame, told: &Told) -> Vec<Choosable> {
    let (Some(spoken), Some(compared)) = (&told.spoken, &told.compared) else { return Vec::new() };
    if compared.offers.is_empty() {
        let granted =
            spoken.claims.iter().flat_map(|claim| &claim.benefits).filter(|benefit| !benefit.effects.is_empty());
        let mut effects: Vec<String> = Vec::new();
        for effect in granted.flat_map(|benefit| &benefit.effects) {
            if !effects.contains(effect) {
                effects.push(effect.clone());
            }
        }
        let title = f.say("您将得到", "What you get").to_owned();
        return vec![Choosable { name: String::new(), title, effects, comparison: compared.granted.clone() }];
    }
    let offers = spoken.offers.iter().filter_map(|offer| {
        let comparison = compared.offers.iter().find(|known| known.offer == offer.offer)?.comparison.clone();
        Some(Choosable {
            name: offer.offer.clone(),
            title: offer.title.clone(),
            effects: offer.effects.clone(),
            comparison,
        })
    });
    offers.collect()
}

/// The options.
#[get("/relief/cases/{request}/options")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    visitor
        .show(
            move |service, caller| service.tell_request(caller, number, language),
            |f, told| {
                let options = choosable(&f, &told);
                let shown = told.asked.grants.iter().find(|grant| grant.state == "offered");
                let shown = shown.map(|grant| grant.shown_digest.clone());
                Options { request, options, shown, told, f }
            },
        )
        .await
}

/// Chooses one, or another number of payments.
#[post("/relief/cases/{request}/options")]
pub async fn choose(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let accepts = Some(fields.get("offer").to_owned()).filter(|offer| !offer.is_empty());
    let choices: Vec<(String, u32)> = fields
        .under("choice:")
        .filter_map(|(benefit, number)| Some((benefit.to_owned(), number.parse().ok()?)))
        .collect();
    visitor
        .act(&fields, (number, accepts, choices), |service, conn, caller, (number, accepts, choices)| {
            service.may_see_request(conn, caller, *number)?;
            let choices = choices.iter().cloned().collect();
            let said = Said { accepts: accepts.clone(), choices, ..Said::default() };
            service.answer_request(conn, &caller.actor, *number, &said)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/relief/cases/{request}")))
}

/// Agrees with what was shown.
#[post("/relief/cases/{request}/consent")]
pub async fn consent(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    if fields.get("agree") != "yes" {
        return Ok(go(&format!("/relief/cases/{request}/options")));
    }
    let shown = fields.get("shown").to_owned();
    let done: bool = visitor
        .act(&fields, (number, shown), |service, conn, caller, (number, shown)| {
            service.may_see_request(conn, caller, *number)?;
            Ok(matches!(service.accept_offers(conn, &caller.actor, *number, shown)?, Agreed::Done(_)))
        })
        .await?;
    // The loan was reported anew since: what is offered now is shown before anybody agrees with it.
    Ok(go(&if done { format!("/relief/cases/{request}") } else { format!("/relief/cases/{request}/options") }))
}

/// Whether a number is the one that stands.
pub(super) fn is_chosen(choice: &Choice, number: &u32) -> bool {
    choice.chosen == *number
}
