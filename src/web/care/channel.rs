//! One emergency channel: how it is set and why, whom it helps and what that costs, whom it tells; approved, opened, extended, stood
//! down, closed; and how it does meanwhile.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use chrono::NaiveDate;
use forbear_engine::money::Money;
use serde_json::Value;

use crate::api::channels::{ChannelPreviewResponse, ChannelResponse, whole};
use crate::api::contact::reporting::ContactMeasures;
use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::access::{Principal, Role};
use crate::service::care::channel::ChannelRow;
use crate::service::care::channel::level::ResponseTable;
use crate::service::care::channel::settings::Settings;
use crate::service::care::drafting::kept;
use crate::service::care::outreach::campaign::Steer;
use crate::service::relief::budget::Standing;
use crate::service::{Served, Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// What a row of a preview comes to.
struct Cost {
    part: String,
    area: String,
    people: String,
    accounts: String,
    given_up: String,
    deferred: String,
    loss: String,
}

/// What the page is made of.
struct Loaded {
    row: ChannelRow,
    shown: ChannelResponse,
    settings: Settings,
    table: ResponseTable,
    /// Contacts of the last hour.
    arrived: i64,
    budgets: Vec<Standing>,
}

#[derive(Template)]
#[template(path = "care/channel.html")]
struct ChannelPage {
    f: Frame,
    channel: String,
    shown: ChannelResponse,
    measured: Option<ContactMeasures>,
    row: ChannelRow,
    settings: Settings,
    table: ResponseTable,
    arrived: i64,
    budgets: Vec<Standing>,
    leads: bool,
    /// Whether whoever looks set it: somebody else approves.
    own: bool,
}

impl ChannelPage {
    fn runs(&self) -> bool {
        matches!(self.shown.state.as_str(), "open" | "standing_down")
    }

    fn needs_second(&self) -> bool {
        matches!(self.shown.level.as_str(), "I" | "II")
    }

    /// Whether something of the preview is still being worked out.
    fn is_worked_out(&self) -> bool {
        let previews = self.shown.previews.iter().flatten();
        let campaigns = self.shown.outreach.iter().flatten();
        previews.into_iter().all(|preview| !matches!(preview.state.as_str(), "waiting" | "running"))
            && campaigns.into_iter().all(|campaign| campaign.complete)
    }

    fn all_done(&self) -> bool {
        self.shown.previews.iter().flatten().all(|preview| preview.state == "done")
    }

    /// What makes the level: facts that reach its numbers.
    fn why(&self) -> Vec<String> {
        let row = self.table.levels.iter().find(|row| row.level.name() == self.shown.level);
        let met = row.into_iter().flat_map(|row| &row.any).filter_map(|bound| {
            let known = self.settings.facts.get(&bound.fact).filter(|known| **known >= bound.at_least)?;
            let title = self.table.facts.get(&bound.fact).map_or(bound.fact.as_str(), |title| self.f.text(title));
            Some(format!("{title}{}{known} ≥ {}", self.f.say("：", ": "), bound.at_least))
        });
        met.collect()
    }

    fn title<'t>(&'t self, fact: &'t str) -> &'t str {
        self.table.facts.get(fact).map_or(fact, |title| self.f.text(title))
    }

    fn money(&self, value: Option<&Value>) -> String {
        let read = value.and_then(|value| serde_json::from_value::<Money>(value.clone()).ok());
        read.map_or_else(|| "—".to_owned(), |money| self.f.money(&money))
    }

    /// Given up for good: waived, given back, given on top, and interest that will never be charged.
    fn given_up(&self, row: &Value) -> String {
        let parts = ["waived", "refunded", "goodwill", "forgone_interest"];
        let mut parts = parts
            .iter()
            .map(|name| row.get(name).and_then(|value| serde_json::from_value::<Money>(value.clone()).ok()));
        let sum = parts
            .next()
            .flatten()
            .and_then(|first| parts.try_fold(first, |sum, part| part.and_then(|part| sum.add(&part).ok())));
        sum.map_or_else(|| "—".to_owned(), |sum| self.f.money(&sum))
    }

    /// The rows of a table of a preview: all together, or by area.
    fn costs(&self, preview: &ChannelPreviewResponse, table: &str) -> Vec<Cost> {
        let rows = preview.result.as_ref().and_then(|result| result.get(table)).and_then(Value::as_array);
        let text = |row: &Value, name: &str| match row.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let cost = |row: &Value| Cost {
            part: self.f.word("part", &text(row, "part")).into_owned(),
            area: self.f.region(&text(row, "region")),
            people: text(row, "people"),
            accounts: text(row, "accounts"),
            given_up: self.given_up(row),
            deferred: self.money(row.get("deferred")),
            loss: self.money(row.get("present_value_loss")),
        };
        rows.into_iter().flatten().map(cost).collect()
    }

    /// How much of a budget is set aside or given, in hundredths.
    fn used(&self, budget: &Standing) -> i64 {
        let used = budget.reserved.saturating_add(budget.taken).saturating_mul(100);
        used.checked_div(budget.row.amount).unwrap_or(100)
    }

    fn budget_mark(&self, budget: &Standing) -> (&'static str, &str) {
        match budget.alert().name() {
            "empty" => ("bad", self.f.say("已用尽", "empty")),
            "almost" => ("bad", self.f.say("即将用尽", "almost empty")),
            "near" => ("warn", self.f.say("接近上限", "nearly used")),
            _ => ("good", self.f.say("充足", "enough left")),
        }
    }

    fn budget_for(&self, budget: &Standing) -> String {
        let all = || self.f.say("全部", "all").to_owned();
        let of = |part: &Option<String>| part.clone().unwrap_or_else(all);
        format!("{} · {}", of(&budget.row.declaration), of(&budget.row.policy))
    }

    /// Whether so many contacts are more than can be dealt with in an hour.
    fn is_full(&self) -> bool {
        self.arrived > i64::from(self.settings.capacity)
    }
}

fn load(service: &Service, caller: &Principal, channel: i64) -> Served<Loaded> {
    let (row, previews) = service.channel(channel)?;
    let settings: Settings = kept(&row.settings)?;
    // What the lender's money comes to is for those who may read the reports.
    let budgets = if caller.is_any(&[Role::CareLead, Role::Auditor, Role::Service]) {
        let meant = |budget: &Standing| {
            budget.row.declaration.as_ref().is_none_or(|own| *own == row.declaration)
                && budget.row.policy.as_ref().is_none_or(|own| settings.policies.contains(own))
        };
        service.budgets()?.into_iter().filter(meant).collect()
    } else {
        Vec::new()
    };
    Ok(Loaded {
        shown: whole(service, row.clone(), previews)?,
        table: service.care().response.clone(),
        arrived: service.arrived_in_an_hour(channel)?,
        row,
        settings,
        budgets,
    })
}

/// The page.
#[get("/care/channels/{channel}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .show(
            move |service, caller| load(service, caller, number),
            |f, found| {
                let Loaded { row, mut shown, settings, table, arrived, budgets } = found;
                let leads = super::leads(&f);
                let own = f.who.as_ref().is_some_and(|who| who.actor.person == row.made_by);
                let measured = shown.measures.contacts.take();
                ChannelPage { f, channel, shown, measured, row, settings, table, arrived, budgets, leads, own }
            },
        )
        .await
}

/// Approves what was shown, as a second person.
#[post("/care/channels/{channel}/approve")]
pub async fn approve(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, fields.get("digest").to_owned()), |service, conn, caller, (number, digest)| {
            service.approve_channel(conn, &caller.actor, *number, digest)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}

/// Opens it as it was shown.
#[post("/care/channels/{channel}/open")]
pub async fn open(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    let said = (number, fields.get("digest").to_owned(), fields.some("without_preview"));
    visitor
        .act(&fields, said, |service, conn, caller, (number, digest, hurry)| {
            service.open_channel(conn, &caller.actor, *number, (digest, hurry.as_deref()))?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}

/// Lets it go on until a later day.
#[post("/care/channels/{channel}/extend")]
pub async fn extend(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    let until: Option<NaiveDate> = fields.get("expires_on").parse().ok();
    visitor
        .act(
            &fields,
            (number, until, fields.get("reason").to_owned()),
            |service, conn, caller, (number, until, reason)| {
                let until = until.ok_or_else(|| ServiceError::invalid("/expires_on", "say until which day"))?;
                service.extend_channel(conn, &caller.actor, *number, (until, reason))?;
                Ok(())
            },
        )
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}

/// Lets it stand down.
#[post("/care/channels/{channel}/stand-down")]
pub async fn stand_down(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, fields.get("reason").to_owned()), |service, conn, caller, (number, reason)| {
            service.stand_channel_down(conn, &caller.actor, *number, reason)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}

/// Closes it.
#[post("/care/channels/{channel}/close")]
pub async fn close(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, fields.get("reason").to_owned()), |service, conn, caller, (number, reason)| {
            service.close_channel(conn, &caller.actor, *number, reason)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}

/// Pauses, resumes or ends what people are told.
#[post("/care/channels/{channel}/outreach")]
pub async fn steer(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    let said = (number, fields.get("do").to_owned(), fields.get("reason").to_owned());
    visitor
        .act(&fields, said, |service, conn, caller, (number, way, reason)| {
            let way = match way.as_str() {
                "pause" => Steer::Pause,
                "resume" => Steer::Resume,
                "cancel" => Steer::Cancel,
                _ => return Err(ServiceError::invalid("/do", "pause, resume or cancel")),
            };
            service.steer_campaigns(conn, &caller.actor, (*number, way, Some(reason.as_str())))?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}
