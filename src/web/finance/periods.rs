//! Periods: closed months, and the one that is closed next.

use actix_web::{HttpResponse, get, post};
use askama::Template;

use crate::api::periods::month;
use crate::service::access::Role;
use crate::service::relief::period::Periods;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "finance/periods.html")]
struct PeriodsPage {
    f: Frame,
    periods: Periods,
}

impl PeriodsPage {
    /// Whether the open month is over.
    fn is_over(&self) -> bool {
        self.periods.open.last() < self.f.today
    }

    fn may_close(&self) -> bool {
        self.f.is_any(&[Role::FinanceApprover])
    }
}

/// The months.
#[get("/finance/periods")]
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor.show(|service, _| service.periods(), |f, periods| PeriodsPage { f, periods }).await
}

/// Closes the month that comes next.
#[post("/finance/periods")]
pub async fn close(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let text = fields.get("period").to_owned();
    let month = match month("/period", &text) {
        Ok(month) => month,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    visitor
        .act(&fields, text, move |service, conn, caller, _| {
            service.close_period(conn, &caller.actor, month)?;
            Ok(())
        })
        .await?;
    Ok(go("/finance/periods"))
}
