//! Reconciliation: journal, grants and reports side by side, and whether they agree, in words.

use actix_web::{HttpResponse, get};
use askama::Template;

use crate::service::relief::verify::{Books, Reconciled};
use crate::service::review::sample::Agreement;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "finance/reconciliation.html")]
struct Reconciliation {
    f: Frame,
    books: Books,
    lines: Vec<Reconciled>,
    looks: Vec<Agreement>,
}

impl Reconciliation {
    /// Whether everything agrees.
    fn agrees(&self) -> bool {
        self.books.broken.is_empty() && self.lines.iter().all(Reconciled::agrees)
    }

    /// How many of those looked at again would have been decided so, of how many.
    fn share(&self, line: &Agreement) -> String {
        let judged = line.agreed.saturating_add(line.disagreed);
        match line.agreed.saturating_mul(1_000).checked_div(judged) {
            None => "—".to_owned(),
            Some(share) => format!("{}.{} %", share / 10, share % 10),
        }
    }
}

/// The books, looked through now.
#[get("/finance/reconciliation")]
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Turned> {
    visitor
        .show(
            |service, _| Ok((service.reconcile()?, service.agreement(None)?)),
            |f, ((books, lines), looks)| Reconciliation { f, books, lines, looks },
        )
        .await
}
