//! Approving many: first what is about to happen, in figures; then it is done, each by itself.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use forbear_engine::money::Money;
use forbear_engine::policy::document::OneOrMany;

use crate::api::grants::decided_again;
use crate::api::problem::Problem;
use crate::service::ServiceError;
use crate::service::reference::{inside, outside};
use crate::service::relief::approve::Agreed;
use crate::service::review::bulk::{About, Look};
use crate::service::review::{ReviewRow, Verdict};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// Reviews that are approved together, at most.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "finance/bulk.html")]
struct Bulk {
    f: Frame,
    about: About,
}

impl Bulk {
    fn review(&self, look: &Look) -> String {
        outside("review", look.row.id)
    }

    /// Those that can be approved.
    fn ready(&self) -> usize {
        self.about.looks.iter().filter(|look| look.hinders.is_none()).count()
    }

    /// A bound of a policy, in the currency of a group.
    fn bound(&self, bound: &Option<OneOrMany<Money>>, currency: &str) -> String {
        let mut own = bound.iter().flat_map(OneOrMany::as_slice).filter(|money| money.currency().code() == currency);
        own.next().map_or_else(|| "—".to_owned(), |money| self.f.money(money))
    }
}

/// What approving the marked reviews would do.
#[get("/finance/approve")]
pub async fn ask(visitor: Visitor, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse, Turned> {
    let fields = Fields::from(query);
    let mut ids = Vec::new();
    for text in fields.all("review") {
        let Some(review) = inside("review", text) else { return Err(visitor.turn(Problem::missing())) };
        if !ids.contains(&review) {
            ids.push(review);
        }
    }
    if ids.len() > MOST {
        let detail = format!("at most {MOST} reviews are approved together");
        return Err(visitor.turn(Problem::unreadable("", detail)));
    }
    if ids.is_empty() {
        let (_, _) = visitor.peek(|_, _| Ok(())).await?;
        return Ok(go("/finance"));
    }
    visitor.show(move |service, caller| service.about_to_approve(caller, &ids), |f, about| Bulk { f, about }).await
}

/// What became of one.
enum Judged {
    Done(ReviewRow),
    Left(Problem),
}

#[derive(Template)]
#[template(path = "finance/bulk_done.html")]
struct BulkDone {
    f: Frame,
    judged: Vec<(String, Judged)>,
}

impl BulkDone {
    /// Those that were approved.
    fn done(&self) -> usize {
        self.judged.iter().filter(|(_, one)| matches!(one, Judged::Done(_))).count()
    }
}

/// Approves what was shown. One that cannot be is named and left; the others are approved.
#[post("/finance/approve")]
pub async fn approve(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let seen: Vec<(String, String)> =
        fields.under("seen:").map(|(review, shown)| (review.to_owned(), shown.to_owned())).take(MOST).collect();
    let (visitor, (who, judged)) = visitor
        .each(&fields, move |service, caller| {
            let judged = seen.into_iter().map(|(review, shown)| {
                let verdict = Verdict::Approve { shown };
                let done = inside("review", &review)
                    .ok_or(ServiceError::Missing("review"))
                    .and_then(|id| service.store.write(|conn| service.judge_review(conn, &caller.actor, id, &verdict)));
                let done = match done {
                    Ok(Agreed::Done(row)) => Judged::Done(row),
                    Ok(Agreed::DecidedAgain(decision)) => Judged::Left(decided_again(decision).into()),
                    Err(error) => Judged::Left(error.into()),
                };
                (review, done)
            });
            Ok(judged.collect())
        })
        .await?;
    visitor.shown_to(who, |f| BulkDone { f, judged })
}
