//! What came in from the feeds: drafts that wait, on a list and on a map; events; what was refused.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use forbear_engine::declaration::Area;

use crate::api::shape::{PageQuery, next};
use crate::service::Served;
use crate::service::care::drafting::kept;
use crate::service::care::mapping::{Map, Whose};
use crate::service::care::{DraftRow, FeedRow, Of, ProposalRow, RefusalRow};
use crate::service::reference::outside;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

/// Drafts on a page: so many can be told apart on a map.
const DRAFTS: i64 = 50;

/// Proposals and drafts that are counted, at most.
const COUNTED: i64 = 500;

/// States that a list is narrowed to.
const STATES: [&str; 4] = ["waiting", "confirmed", "dropped", "withdrawn"];

/// An event with what gathers under it.
#[derive(Default)]
struct Event {
    waiting: usize,
    declarations: Vec<String>,
}

/// What the page is made of.
struct Loaded {
    drafts: Vec<(DraftRow, Vec<Area>)>,
    map: Map,
    events: BTreeMap<String, Event>,
    proposals: Vec<ProposalRow>,
    feeds: Vec<FeedRow>,
    refused: usize,
}

#[derive(Template)]
#[template(path = "care/alerts.html")]
struct Alerts {
    f: Frame,
    drafts: Vec<(DraftRow, Vec<Area>)>,
    map: Map,
    events: BTreeMap<String, Event>,
    proposals: Vec<ProposalRow>,
    feeds: Vec<FeedRow>,
    refused: usize,
    state: String,
    event: Option<String>,
    next: Option<String>,
    leads: bool,
}

impl Alerts {
    fn draft(&self, id: &i64) -> String {
        outside("draft", *id)
    }

    /// The first areas in words, and how many more there are.
    fn places(&self, areas: &[Area]) -> String {
        let named: Vec<String> = areas.iter().take(3).map(|area| self.f.region(&area.region)).collect();
        let text = named.join(self.f.say("、", "; "));
        match areas.len().saturating_sub(3) {
            0 => text,
            more => text + &self.f.put("，另有{}处", "; {} more", more),
        }
    }
}

fn load(service: &crate::service::Service, of: &Of, after: i64) -> Served<Loaded> {
    let rows = service.drafts(of, after, DRAFTS)?;
    let map = service.map_of(&rows)?;
    let mut events: BTreeMap<String, Event> = BTreeMap::new();
    let waiting = Of { state: Some("waiting".to_owned()), event: None };
    for row in service.drafts(&waiting, 0, COUNTED)? {
        let event = events.entry(row.event).or_default();
        event.waiting = event.waiting.saturating_add(1);
    }
    for row in service.declarations(None)?.into_iter().filter(|row| row.state == "open") {
        events.entry(row.event).or_default().declarations.push(row.slug);
    }
    let with_areas = |row: DraftRow| kept(&row.areas).map(|areas| (row, areas));
    Ok(Loaded {
        drafts: rows.into_iter().map(with_areas).collect::<Served<_>>()?,
        map,
        events,
        proposals: service.proposals(None, Some("waiting"), 0, COUNTED)?,
        feeds: service.feeds()?,
        refused: service.refused_alerts(0, COUNTED)?.len(),
    })
}

/// The page.
#[get("/care")]
pub async fn show(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let asked = Fields::asked(&request);
    let query = PageQuery { after: asked.some("after"), limit: Some(DRAFTS), state: None };
    let (after, limit) = match query.read("draft") {
        Ok(read) => read,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    let state = Some(asked.get("state")).filter(|state| STATES.contains(state)).unwrap_or("waiting").to_owned();
    let event = asked.some("event");
    let of = Of { state: Some(state.clone()), event: event.clone() };
    visitor
        .show(
            move |service, _| load(service, &of, after),
            |f, found| {
                let Loaded { drafts, map, events, proposals, feeds, refused } = found;
                let next = next("draft", drafts.len(), limit, drafts.last().map(|(row, _)| row.id));
                let leads = super::leads(&f);
                Alerts { f, drafts, map, events, proposals, feeds, refused, state, event, next, leads }
            },
        )
        .await
}

#[derive(Template)]
#[template(path = "care/refused.html")]
struct Refused {
    f: Frame,
    rows: Vec<RefusalRow>,
    next: Option<String>,
}

/// What was refused, by name.
#[get("/care/refused")]
pub async fn refusals(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let query = PageQuery { after: Fields::asked(&request).some("after"), limit: None, state: None };
    let (after, limit) = match query.read("refusal") {
        Ok(read) => read,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    visitor
        .show(
            move |service, _| service.refused_alerts(after, limit),
            |f, rows| {
                let next = next("refusal", rows.len(), limit, rows.last().map(|row| row.id));
                Refused { f, rows, next }
            },
        )
        .await
}
