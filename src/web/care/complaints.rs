//! Complaints with their clocks: given to somebody, given more time, answered with what they came from, opened again.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Serialize;

use crate::api::problem::Problem;
use crate::api::shape::{PageQuery, id, next};
use crate::secret::{Hidden, token};
use crate::service::access::Role;
use crate::service::care::complaint::clock::stage;
use crate::service::care::complaint::resolving::{RESOLUTIONS, Root};
use crate::service::care::complaint::{CLASSES, ComplaintRow, Of};
use crate::service::care::contact::words::Said;
use crate::service::reference::{inside, outside};
use crate::service::{Served, Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

const STATES: [&str; 3] = ["open", "resolved", "withdrawn"];
const ROOTS: [&str; 6] = ["policy", "channel", "staff", "system", "third_party", "unfounded"];

impl Frame {
    /// A class of complaints.
    #[must_use]
    pub fn class<'t>(&self, class: &'t str) -> &'t str {
        let known = CLASSES.iter().find(|(name, _)| *name == class);
        known.map_or(class, |(_, words)| self.language.of(*words))
    }

    /// How long a clock has left, in words, with how that is marked.
    #[must_use]
    pub fn left(&self, due_on: &NaiveDate) -> (&'static str, String) {
        let days = due_on.signed_duration_since(self.today).num_days();
        let mark = match stage(*due_on, self.today) {
            0 => "good",
            1 => "warn",
            _ => "bad",
        };
        let said = match days {
            0 => self.say("今天到期", "due today").to_owned(),
            1 => self.say("明天到期", "due tomorrow").to_owned(),
            days if days < 0 => self.put("已逾期{}天", "{} days overdue", days.saturating_abs()),
            days => self.put("还有{}天", "{} days left", days),
        };
        (mark, said)
    }
}

#[derive(Template)]
#[template(path = "care/complaints.html")]
struct Complaints {
    f: Frame,
    rows: Vec<ComplaintRow>,
    state: String,
    next: Option<String>,
}

impl Complaints {
    fn named(&self, id: &i64) -> String {
        outside("complaint", *id)
    }
}

/// All of them, the first that came first.
#[get("/care/complaints")]
pub async fn show_all(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let asked = Fields::asked(&request);
    let query = PageQuery { after: asked.some("after"), limit: None, state: None };
    let (after, limit) = match query.read("complaint") {
        Ok(read) => read,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    let state = Some(asked.get("state")).filter(|state| STATES.contains(state)).unwrap_or("open").to_owned();
    let of = Of { state: Some(state.clone()), ..Of::default() };
    visitor
        .show(
            move |service, _| service.complaints(&of, after, limit),
            |f, rows| {
                let next = next("complaint", rows.len(), limit, rows.last().map(|row| row.id));
                Complaints { f, rows, state, next }
            },
        )
        .await
}

#[derive(Template)]
#[template(path = "care/complaint.html")]
struct ComplaintPage {
    f: Frame,
    complaint: String,
    row: ComplaintRow,
    case: String,
    case_number: String,
    /// What was said; only for whoever works on it.
    words: Vec<Said>,
    works: bool,
    leads: bool,
}

impl ComplaintPage {
    fn root(&self) -> Option<String> {
        let kind = self.row.root_kind.as_deref()?;
        let mut said = self.f.word("root", kind).into_owned();
        if let (Some(slug), Some(version)) = (&self.row.root_policy, self.row.root_version) {
            said = format!("{said} {slug} {version}");
        }
        if let Some(channel) = self.row.root_channel_id {
            said = format!("{said} {}", outside("channel", channel));
        }
        Some(said)
    }
}

/// One complaint.
#[get("/care/complaints/{complaint}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let complaint = path.into_inner();
    let Ok(number) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    let about = complaint.clone();
    let load = move |service: &Service, caller: &crate::service::access::Principal| {
        let (row, case_number) = service.complaint(caller, number)?;
        // Who only looks on does not read what people said.
        let works = caller.is_any(&[Role::CareAgent, Role::CareLead]);
        let words = if works { service.words_of(&caller.actor, row.case_id, Some(&about))? } else { Vec::new() };
        Ok((row, case_number, words, works))
    };
    visitor
        .show(load, |f, (row, case_number, words, works)| {
            let (case, leads) = (outside("case", row.case_id), super::leads(&f));
            ComplaintPage { f, complaint, row, case, case_number, words, works, leads }
        })
        .await
}

/// Gives it to somebody, or to nobody.
#[post("/care/complaints/{complaint}/assign")]
pub async fn assign(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let complaint = path.into_inner();
    let Ok(number) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (number, fields.some("to")), |service, conn, caller, (number, to)| {
            service.assign_complaint(conn, &caller.actor, *number, to.as_deref())?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/complaints/{complaint}")))
}

/// Gives it more time.
#[post("/care/complaints/{complaint}/extend")]
pub async fn extend(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let complaint = path.into_inner();
    let Ok(number) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    let reason = Hidden::text(fields.get("reason"));
    visitor
        .act(&fields, (number, token::hash(reason.show())), move |service, conn, caller, (number, _)| {
            service.extend_complaint(conn, &caller.actor, *number, &reason)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/complaints/{complaint}")))
}

/// How a form says what it came from.
#[derive(Serialize)]
struct Answered {
    number: i64,
    resolution: String,
    kind: String,
    policy: Option<String>,
    version: Option<i32>,
    channel: Option<String>,
    /// Of the answer, which may name somebody, its digest.
    answer: String,
}

impl Answered {
    fn root(&self) -> Served<Root> {
        let wrong = |pointer: &str, message: &str| ServiceError::invalid(pointer, message);
        match self.kind.as_str() {
            "policy" => match (&self.policy, self.version) {
                (Some(slug), Some(version)) => Ok(Root::Policy(slug.clone(), version)),
                _ => Err(wrong("/root", "name the policy and its version")),
            },
            "channel" => {
                let named = self.channel.as_deref().and_then(|text| inside("channel", text));
                named.map(Root::Channel).ok_or_else(|| wrong("/root/channel", "name a channel: channel_…"))
            }
            "staff" => Ok(Root::Staff),
            "system" => Ok(Root::System),
            "third_party" => Ok(Root::ThirdParty),
            "unfounded" => Ok(Root::Unfounded),
            _ => Err(wrong("/root/kind", "policy, channel, staff, system, third_party or unfounded")),
        }
    }
}

/// Answers it.
#[post("/care/complaints/{complaint}/resolve")]
pub async fn resolve(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let complaint = path.into_inner();
    let Ok(number) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    let answer = Hidden::text(fields.get("answer"));
    let said = Answered {
        number,
        resolution: fields.get("resolution").to_owned(),
        kind: fields.get("root").to_owned(),
        policy: fields.some("policy"),
        version: fields.get("version").parse().ok(),
        channel: fields.some("channel"),
        answer: token::hash(answer.show()),
    };
    visitor
        .act(&fields, said, move |service, conn, caller, said| {
            let how = (said.resolution.as_str(), &said.root()?, &answer);
            service.resolve_complaint(conn, &caller.actor, said.number, how)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/complaints/{complaint}")))
}

/// Opens it again.
#[post("/care/complaints/{complaint}/reopen")]
pub async fn reopen(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let complaint = path.into_inner();
    let Ok(number) = id("complaint", &complaint) else { return Err(visitor.turn(Problem::missing())) };
    let reason = Hidden::text(fields.get("reason"));
    visitor
        .act(&fields, (number, token::hash(reason.show())), move |service, conn, caller, (number, _)| {
            service.reopen_complaint(conn, caller, *number, &reason)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/complaints/{complaint}")))
}
