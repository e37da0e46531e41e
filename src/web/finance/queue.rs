//! The queue: what waits for a person, the oldest first.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::api::problem::Problem;
use crate::service::access::Role;
use crate::service::reference::{inside, outside};
use crate::service::review::bulk::Look;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

/// Reviews on a page.
const PAGE: i64 = 50;

/// Where a review can stand.
const STATES: [&str; 5] = ["open", "claimed", "returned", "approved", "rejected"];

const KINDS: [&str; 4] = ["referral", "threshold", "sample", "appeal"];

#[derive(Template)]
#[template(path = "finance/queue.html")]
struct Queue {
    f: Frame,
    looks: Vec<Look>,
    /// Where reviews stand that are shown; empty for all.
    state: String,
    kind: String,
    next: Option<String>,
}

impl Queue {
    fn review(&self, look: &Look) -> String {
        outside("review", look.row.id)
    }

    fn may_approve(&self) -> bool {
        self.f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover])
    }
}

/// The queue. What is open is shown where nothing is said.
#[get("/finance")]
pub async fn queue(visitor: Visitor, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse, Turned> {
    let fields = Fields::from(query);
    let state = match fields.get("state") {
        "" => "open",
        "any" => "",
        other => other,
    };
    let (state, kind) = (state.to_owned(), fields.get("kind").to_owned());
    let fits = |text: &str, known: &[&str]| text.is_empty() || known.contains(&text);
    let after = match fields.get("after") {
        "" => Some(0),
        text => inside("review", text),
    };
    let Some(after) = after.filter(|_| fits(&state, &STATES) && fits(&kind, &KINDS)) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let of = (state.clone(), kind.clone());
    visitor
        .show(
            move |service, caller| {
                let named = |text: &'_ String| Some(text.clone()).filter(|text| !text.is_empty());
                let (state, kind) = (named(&of.0), named(&of.1));
                service.look_at_queue(caller, (state.as_deref(), kind.as_deref()), after, PAGE)
            },
            move |f, looks| {
                let full = i64::try_from(looks.len()).is_ok_and(|found| found >= PAGE);
                let next = looks.last().filter(|_| full).map(|look| outside("review", look.row.id));
                Queue { f, looks, state, kind, next }
            },
        )
        .await
}
