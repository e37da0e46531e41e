//! One draft: where it is and how that was found, what its alerts say; edited, confirmed or dropped.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use chrono::NaiveDate;
use forbear_engine::declaration::{Area, Designation, Kind, Severity};
use forbear_engine::text::Text;
use serde::{Deserialize, Serialize};

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::care::drafting::{Edited, kept};
use crate::service::care::mapping::{Map, Whose};
use crate::service::care::{AlertRow, DraftRow, ProposalRow};
use crate::service::reference::outside;
use crate::service::{Served, Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// Alerts whose words are shown, at most: the last.
const SHOWN: usize = 20;
const MOST: i64 = 500;

/// What an alert says in a language.
#[derive(Deserialize)]
struct Words {
    language: String,
    event: String,
    headline: Option<String>,
    description: Option<String>,
    instruction: Option<String>,
}

/// An alert's content, as far as it is read here.
#[derive(Deserialize)]
struct Content {
    texts: Vec<Words>,
}

/// How a region was found.
#[derive(Clone, Deserialize)]
struct How {
    by: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    code: String,
    /// How much of it lies in the alert's outline; a whole number as a decimal.
    #[serde(default)]
    percent: serde_json::Value,
}

#[derive(Deserialize)]
struct Placed {
    regions: BTreeMap<String, How>,
}

/// What the page is made of.
struct Loaded {
    row: DraftRow,
    title: Text,
    areas: Vec<Area>,
    left: Vec<String>,
    how: BTreeMap<String, How>,
    alerts: Vec<(AlertRow, Vec<Words>)>,
    count: usize,
    proposals: Vec<ProposalRow>,
    map: Map,
}

#[derive(Template)]
#[template(path = "care/draft.html")]
struct DraftPage {
    f: Frame,
    draft: String,
    found: Loaded,
    leads: bool,
}

impl DraftPage {
    fn how(&self, code: &str) -> String {
        match self.found.how.get(code) {
            Some(how) if how.by == "code" => format!("{} {} {}", self.f.say("代码", "code"), how.system, how.code),
            Some(how) => {
                let percent = how.percent.to_string();
                let percent = percent.trim_end_matches(".0");
                self.f.put("按轮廓：其{}%在预警范围内", "by outline: {} % of it lies inside", percent)
            }
            None => self.f.say("由工作人员填写", "a person said so").to_owned(),
        }
    }

    fn proposal(&self, row: &ProposalRow) -> String {
        outside("proposal", row.id)
    }

    /// What its sender changed, in words.
    fn change(&self, row: &ProposalRow) -> String {
        let change: serde_json::Value = serde_json::from_str(&row.change).unwrap_or_default();
        let mut said = Vec::new();
        if row.kind == "withdraw" || row.kind == "close" {
            said.push(self.f.say("发送者撤回", "its sender withdrew it").to_owned());
        }
        for (name, zh, en) in [
            ("kind", "类型：{}", "kind: {}"),
            ("severity", "升为{}级", "now level {}"),
            ("starts_on", "自{}起", "from {} on"),
            ("ends_on", "至{}止", "until {}"),
        ] {
            if let Some(value) = change.get(name).and_then(|value| value.as_str()) {
                said.push(self.f.put(zh, en, value));
            }
        }
        let added = change.get("add").and_then(|list| list.as_array()).into_iter().flatten();
        let added: Vec<String> = added.filter_map(|code| Some(self.f.region(code.as_str()?))).collect();
        if !added.is_empty() {
            said.push(self.f.put("新增地区：{}", "more areas: {}", added.join(self.f.say("、", "; "))));
        }
        let left = change.get("left").and_then(|list| list.as_array()).into_iter().flatten();
        said.extend(
            left.filter_map(|text| text.as_str()).map(|text| self.f.put("未匹配：{}", "not matched: {}", text)),
        );
        if said.is_empty() { row.kind.replace('_', " ") } else { said.join(self.f.say("；", "; ")) }
    }

    fn is(&self, area: &Area, designation: &Designation) -> bool {
        area.designation == Some(*designation)
    }
}

fn load(service: &Service, draft: i64) -> Served<Loaded> {
    let row = service.draft(draft)?;
    let alerts = service.alerts(Some(draft), 0, MOST)?;
    let mut how = BTreeMap::new();
    for alert in &alerts {
        how.extend(kept::<Placed>(&alert.placed)?.regions);
    }
    let count = alerts.len();
    let words = |alert: AlertRow| kept::<Content>(&alert.body).map(|content| (alert, content.texts));
    Ok(Loaded {
        title: kept(&row.title)?,
        areas: kept(&row.areas)?,
        left: kept(&row.left_over)?,
        map: service.map_of(std::slice::from_ref(&row))?,
        proposals: service.proposals(Some(draft), None, 0, MOST)?,
        alerts: alerts.into_iter().rev().take(SHOWN).map(words).collect::<Served<_>>()?,
        how,
        count,
        row,
    })
}

/// The page.
#[get("/care/drafts/{draft}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let draft = path.into_inner();
    let Ok(number) = id("draft", &draft) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .show(
            move |service, _| load(service, number),
            |f, found| {
                let leads = super::leads(&f);
                DraftPage { f, draft, found, leads }
            },
        )
        .await
}

/// What a form changes of a draft.
#[derive(Serialize)]
struct Changes {
    revision: i64,
    event: String,
    kind: Option<Kind>,
    severity: Option<Severity>,
    title: Text,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    /// Regions with how they are marked; `out`: left out.
    areas: BTreeMap<String, String>,
    more: Vec<String>,
    matched: bool,
}

impl Changes {
    fn of(fields: &Fields) -> Self {
        let title = Text { chinese: fields.some("title_zh"), english: fields.some("title_en") };
        Self {
            revision: fields.get("revision").parse().unwrap_or(-1),
            event: fields.get("event").to_owned(),
            kind: Kind::ALL.iter().copied().find(|kind| kind.name() == fields.get("kind")),
            severity: Severity::ALL.into_iter().find(|grade| grade.name() == fields.get("severity")),
            title,
            starts_on: fields.get("starts_on").parse().ok(),
            ends_on: fields.get("ends_on").parse().ok(),
            areas: fields.under("area:").map(|(code, mark)| (code.to_owned(), mark.to_owned())).collect(),
            more: fields.get("more").split_whitespace().map(str::to_owned).collect(),
            matched: fields.get("matched") == "yes",
        }
    }

    fn edited(&self, row: &DraftRow) -> Served<Edited> {
        let marked = |name: &str| Designation::ALL.into_iter().find(|known| known.name() == name);
        let mut areas: Vec<Area> = kept(&row.areas)?;
        areas.retain(|area| self.areas.get(&area.region).is_none_or(|mark| mark != "out"));
        for area in &mut areas {
            let said = self.areas.get(&area.region).and_then(|mark| marked(mark));
            area.designation = said.or(area.designation);
        }
        for code in &self.more {
            if !areas.iter().any(|area| area.region == *code) {
                let (region, designation) = (code.clone(), Some(Designation::Affected));
                areas.push(Area { region, designation, programmes: Vec::new(), counts_from: None });
            }
        }
        let starts_on = self.starts_on.ok_or_else(|| ServiceError::invalid("/starts_on", "say the first day"))?;
        Ok(Edited {
            event: self.event.clone(),
            kind: self.kind,
            severity: self.severity,
            title: self.title.clone(),
            starts_on,
            ends_on: self.ends_on,
            areas,
            left: if self.matched { Vec::new() } else { kept(&row.left_over)? },
        })
    }
}

/// Changes what stands in it.
#[post("/care/drafts/{draft}/edit")]
pub async fn edit(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let draft = path.into_inner();
    let Ok(number) = id("draft", &draft) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, Changes::of(&fields)), |service, conn, caller, (number, changes)| {
            let row = service.draft_in(conn, *number)?;
            let edited = changes.edited(&row)?;
            service.edit_draft(conn, &caller.actor, (*number, changes.revision), &edited)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/drafts/{draft}")))
}

/// It is a disaster: it is declared.
#[post("/care/drafts/{draft}/confirm")]
pub async fn confirm(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let draft = path.into_inner();
    let Ok(number) = id("draft", &draft) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, fields.some("declaration")), |service, conn, caller, (number, name)| {
            service.confirm_draft(conn, &caller.actor, *number, name.as_deref())?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/drafts/{draft}")))
}

/// It is none, or is declared otherwise.
#[post("/care/drafts/{draft}/drop")]
pub async fn discard(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let draft = path.into_inner();
    let Ok(number) = id("draft", &draft) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, fields.get("reason").to_owned()), |service, conn, caller, (number, reason)| {
            service.drop_draft(conn, &caller.actor, *number, reason)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/drafts/{draft}")))
}

/// Takes or dismisses what its sender changed since.
#[post("/care/drafts/{draft}/proposals/{proposal}")]
pub async fn decide(
    visitor: Visitor,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, Turned> {
    let (draft, proposal) = path.into_inner();
    let (Ok(number), Ok(proposal)) = (id("draft", &draft), id("proposal", &proposal)) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let reason = (fields.get("do") != "accept").then(|| fields.get("reason").to_owned());
    visitor
        .act(&fields, (number, proposal, reason), |service, conn, caller, (number, proposal, reason)| {
            match reason {
                None => service.accept_proposal(conn, &caller.actor, (*number, *proposal))?,
                Some(reason) => service.dismiss_proposal(conn, &caller.actor, (*number, *proposal), reason)?,
            };
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/drafts/{draft}")))
}
