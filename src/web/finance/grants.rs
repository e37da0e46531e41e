//! Grants: all, or those of a state.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::api::problem::Problem;
use crate::service::reference::{inside, outside};
use crate::service::relief::propose::GrantRow;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

/// Grants on a page.
const PAGE: i64 = 50;

/// Where a grant can stand.
const STATES: [&str; 9] =
    ["proposed", "pending_approval", "approved", "offered", "accepted", "posted", "confirmed", "rejected", "reversed"];

#[derive(Template)]
#[template(path = "finance/grants.html")]
struct Grants {
    f: Frame,
    rows: Vec<GrantRow>,
    state: String,
    next: Option<String>,
}

impl Grants {
    fn grant(&self, row: &GrantRow) -> String {
        outside("grant", row.id)
    }
}

/// The grants.
#[get("/finance/grants")]
pub async fn list(visitor: Visitor, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse, Turned> {
    let fields = Fields::from(query);
    let state = fields.get("state").to_owned();
    let after = match fields.get("after") {
        "" => Some(0),
        text => inside("grant", text),
    };
    let Some(after) = after.filter(|_| state.is_empty() || STATES.contains(&state.as_str())) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let of = Some(state.clone()).filter(|state| !state.is_empty());
    visitor
        .show(
            move |service, _| service.grants(of.as_deref(), after, PAGE),
            move |f, rows| {
                let full = i64::try_from(rows.len()).is_ok_and(|found| found >= PAGE);
                let next = rows.last().filter(|_| full).map(|row| outside("grant", row.id));
                Grants { f, rows, state, next }
            },
        )
        .await
}
