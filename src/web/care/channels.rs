//! Emergency channels: all of them, and how one is set.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;
use chrono::NaiveDate;
use forbear_engine::declaration::Severity;
use forbear_engine::text::Text;

use crate::api::channels::{ChannelResponse, shape};
use crate::api::problem::Problem;
use crate::api::shape::{PageQuery, id, next};
use crate::service::care::channel::hours::Hours;
use crate::service::care::channel::level::{Facts, ResponseTable};
use crate::service::care::channel::settings::Settings;
use crate::service::care::channel::{ChannelRow, Of};
use crate::service::care::drafting::kept;
use crate::service::reference::outside;
use crate::service::{Served, Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

const STATES: [&str; 4] = ["standby", "open", "standing_down", "closed"];

#[derive(Template)]
#[template(path = "care/channels.html")]
struct Channels {
    f: Frame,
    rows: Vec<(ChannelResponse, Settings)>,
    state: Option<String>,
    next: Option<String>,
    leads: bool,
}

/// All of them.
#[get("/care/channels")]
pub async fn show_all(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let asked = Fields::asked(&request);
    let query = PageQuery { after: asked.some("after"), limit: None, state: None };
    let (after, limit) = match query.read("channel") {
        Ok(read) => read,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    let state = asked.some("state").filter(|state| STATES.contains(&state.as_str()));
    let of = Of { state: state.clone(), declaration: None };
    let load = move |service: &Service, _: &_| {
        let rows = service.channels(&of, after, limit)?;
        let last = rows.last().map(|row| row.id);
        let with_settings = |row: ChannelRow| {
            let settings: Settings = kept(&row.settings)?;
            Ok((shape(service, row)?, settings))
        };
        Ok((rows.into_iter().map(with_settings).collect::<Served<Vec<_>>>()?, last))
    };
    visitor
        .show(load, |f, (rows, last)| {
            let (next, leads) = (next("channel", rows.len(), limit, last), super::leads(&f));
            Channels { f, rows, state, next, leads }
        })
        .await
}

/// A form of settings: for a new channel, or for one on standby.
#[derive(Template)]
#[template(path = "care/settings.html")]
struct SettingsPage {
    f: Frame,
    /// Where it is sent.
    action: String,
    revision: Option<i64>,
    declarations: Vec<String>,
    declaration: Option<String>,
    areas: Vec<String>,
    policies: Vec<(String, i32)>,
    table: ResponseTable,
    known: Option<Settings>,
}

impl SettingsPage {
    /// What stands in a field, where something does.
    fn known(&self, field: &str, otherwise: &str) -> String {
        let Some(known) = &self.known else { return otherwise.to_owned() };
        match field {
            "level_reason" => known.level_reason.clone().unwrap_or_default(),
            "hotline" => known.hotline.clone(),
            "queue" => known.queue.clone(),
            "sms_word" => known.sms_word.clone(),
            "banner_zh" => known.banner.chinese.clone().unwrap_or_default(),
            "banner_en" => known.banner.english.clone().unwrap_or_default(),
            "target_minutes" => known.target_minutes.to_string(),
            "capacity" => known.capacity.to_string(),
            "expires_on" => known.expires_on.to_string(),
            "stand_down_days" => known.stand_down_days.to_string(),
            "wind_down_days" => known.wind_down_days.to_string(),
            _ => otherwise.to_owned(),
        }
    }

    fn hours(&self, business: bool) -> String {
        let Some(known) = &self.known else { return "00:00-24:00".to_owned() };
        let spans = if business { &known.hours.business_days } else { &known.hours.other_days };
        spans.join(", ")
    }

    fn fact(&self, name: &str) -> String {
        let known = self.known.as_ref().and_then(|known| known.facts.get(name));
        known.map(u64::to_string).unwrap_or_default()
    }

    fn offers(&self, slug: &str) -> bool {
        self.known.as_ref().is_some_and(|known| known.policies.iter().any(|own| own == slug))
    }

    fn covers(&self, code: &str) -> bool {
        self.known.as_ref().is_some_and(|known| known.regions.iter().any(|own| own == code))
    }

    fn is_level(&self, level: &Severity) -> bool {
        self.known.as_ref().is_some_and(|known| known.level == Some(*level))
    }
}

/// What stands beside a form.
type Beside = (Vec<String>, Vec<String>, Vec<(String, i32)>, ResponseTable);

fn beside(service: &Service, declaration: Option<&str>, known: Option<&Settings>) -> Served<Beside> {
    let open = service.declarations(None)?.into_iter().filter(|row| row.state == "open").map(|row| row.slug);
    let mut areas: Vec<String> = match declaration {
        Some(slug) => service.declaration(slug)?.1.areas.into_iter().map(|area| area.region).collect(),
        None => Vec::new(),
    };
    for region in known.into_iter().flat_map(|known| &known.regions) {
        if !areas.contains(region) {
            areas.push(region.clone());
        }
    }
    Ok((open.collect(), areas, service.policies_to_offer()?, service.care().response.clone()))
}

/// For which disaster, and how it is set.
#[get("/care/channels/new")]
pub async fn new_form(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let declaration = Fields::asked(&request).some("declaration");
    let wanted = declaration.clone();
    visitor
        .show(
            move |service, _| beside(service, wanted.as_deref(), None),
            |f, (declarations, areas, policies, table)| {
                let action = "/care/channels".to_owned();
                SettingsPage {
                    f,
                    action,
                    revision: None,
                    declarations,
                    declaration,
                    areas,
                    policies,
                    table,
                    known: None,
                }
            },
        )
        .await
}

/// How one on standby is set.
#[get("/care/channels/{channel}/settings")]
pub async fn settings_form(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    let load = move |service: &Service, _: &_| {
        let (row, _) = service.channel(number)?;
        let known: Settings = kept(&row.settings)?;
        Ok((beside(service, Some(&row.declaration), Some(&known))?, row, known))
    };
    visitor
        .show(load, |f, ((declarations, areas, policies, table), row, known)| SettingsPage {
            f,
            action: format!("/care/channels/{channel}/settings"),
            revision: Some(row.revision),
            declarations,
            declaration: Some(row.declaration),
            areas,
            policies,
            table,
            known: Some(known),
        })
        .await
}

/// What a form sets; what is no number is none, which the service refuses by name.
fn read(fields: &Fields) -> Result<Settings, Problem> {
    let list = |name: &str| {
        let spans = fields.get(name).split([',', '，', '、']).map(str::trim);
        spans.filter(|span| !span.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let number = |name: &str| fields.get(name).parse::<u32>().unwrap_or_default();
    let days = |name: &str| {
        let wrong = |_| Problem::unreadable(&format!("/{name}"), "a whole number of days");
        fields.get(name).parse::<u32>().map_err(wrong)
    };
    let mut facts = Facts::new();
    for (name, value) in fields.under("fact:").filter(|(_, value)| !value.is_empty()) {
        let wrong = |_| Problem::unreadable(&format!("/facts/{name}"), "a whole number");
        facts.insert(name.to_owned(), value.parse().map_err(wrong)?);
    }
    let last: NaiveDate = fields
        .get("expires_on")
        .parse()
        .map_err(|_| Problem::unreadable("/expires_on", "the last day, such as 2026-12-31"))?;
    Ok(Settings {
        facts,
        level: Severity::ALL.into_iter().find(|level| level.name() == fields.get("level")),
        level_reason: fields.some("level_reason"),
        regions: fields.all("region").into_iter().map(str::to_owned).collect(),
        hours: Hours { business_days: list("business_days"), other_days: list("other_days") },
        hotline: fields.get("hotline").to_owned(),
        queue: fields.get("queue").to_owned(),
        sms_word: fields.get("sms_word").to_owned(),
        banner: Text { chinese: fields.some("banner_zh"), english: fields.some("banner_en") },
        target_minutes: number("target_minutes"),
        capacity: number("capacity"),
        policies: fields.all("policy").into_iter().map(str::to_owned).collect(),
        expires_on: last,
        stand_down_days: days("stand_down_days")?,
        wind_down_days: days("wind_down_days")?,
    })
}

/// Prepares a channel.
#[post("/care/channels")]
pub async fn prepare(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let settings = match read(&fields) {
        Ok(settings) => settings,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    let declaration = fields.get("declaration").to_owned();
    let channel: String = visitor
        .act(&fields, (declaration, settings), |service, conn, caller, (declaration, settings)| {
            let row = service.prepare_channel(conn, &caller.actor, declaration, settings)?;
            Ok(outside("channel", row.id))
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}

/// Sets one on standby otherwise.
#[post("/care/channels/{channel}/settings")]
pub async fn change(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let channel = path.into_inner();
    let Ok(number) = id("channel", &channel) else { return Err(visitor.turn(Problem::missing())) };
    let settings = match read(&fields) {
        Ok(settings) => settings,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    let seen: i64 = fields.get("revision").parse().unwrap_or(-1);
    visitor
        .act(&fields, (number, seen, settings), |service, conn, caller, (number, seen, settings)| {
            service.edit_channel(conn, &caller.actor, (*number, *seen), settings)?;
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(go(&format!("/care/channels/{channel}")))
}
