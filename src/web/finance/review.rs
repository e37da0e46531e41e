//! One review: what was decided and why, what has to be found, and what the one who looks says.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;
use forbear_engine::policy::facts::{FactRef, FactType};
use serde::{Deserialize, Serialize};

use crate::api::grants::decided_again;
use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::access::Role;
use crate::service::reference::outside;
use crate::service::relief::approve::Agreed;
use crate::service::relief::propose::GrantRow;
use crate::service::relief::told_decision::{ToldDecision, Wanted};
use crate::service::review::Verdict;
use crate::service::review::bulk::Look;
use crate::service::{Served, Service, ServiceError};
use crate::web::evidence::{File, files};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::relief::answer::value;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

#[derive(Template)]
#[template(path = "finance/review.html")]
struct ReviewPage {
    f: Frame,
    review: String,
    look: Look,
    told: ToldDecision,
    files: Vec<File>,
}

impl ReviewPage {
    fn of(&self, row: &GrantRow) -> String {
        outside("grant", row.id)
    }

    fn path(&self) -> String {
        format!("/finance/reviews/{}", self.review)
    }

    /// Whether whoever looks may judge it.
    fn may_judge(&self) -> bool {
        self.look.row.is_pending() && self.f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover])
    }

    fn sees_grants(&self) -> bool {
        self.f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover, Role::Auditor])
    }

    /// Whether it is decided with what a reviewer finds.
    fn wants_finding(&self) -> bool {
        matches!(self.look.row.kind.as_str(), "referral" | "appeal")
            && (!self.told.wanted.is_empty() || !self.told.choices.is_empty())
    }

    /// The names that a value is one of; none where it is written freely.
    fn names(&self, wanted: &Wanted) -> &'static [&'static str] {
        match wanted.of {
            FactType::Bool => &["yes", "no"],
            FactType::Name(names) => names,
            FactType::Severity => &["I", "II", "III", "IV"],
            FactType::Designation => &["severe", "affected", "adjacent", "none"],
            _ => &[],
        }
    }

    fn form(&self, wanted: &Wanted) -> String {
        match wanted.of {
            FactType::Count(_) => self.f.say("整数", "a whole number").to_owned(),
            FactType::Amount => {
                self.f.put("金额（{}），如 500.00", "an amount in {}, such as 500.00", &self.look.row.currency)
            }
            FactType::Rate => self.f.say("小数，如 0.24", "a decimal such as 0.24").to_owned(),
            FactType::Date => self.f.say("日期，如 2026-06-01", "a day such as 2026-06-01").to_owned(),
            FactType::Region => self.f.say("行政区划代码，如 CN-410105", "a region code such as CN-410105").to_owned(),
            _ => String::new(),
        }
    }
}

/// The review.
#[get("/finance/reviews/{review}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let review = path.into_inner();
    let Ok(number) = id("review", &review) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    visitor
        .show(
            move |service, caller| {
                let look = service.look_at_review(caller, number)?;
                let told = service.tell_decision(caller, look.row.decision_id, language)?;
                let files = files(service, caller, look.row.request_id.as_slice())?;
                Ok((look, told, files))
            },
            |f, (look, told, files)| ReviewPage { f, review, look, told, files },
        )
        .await
}

/// Takes it to look at, so that nobody else does.
#[post("/finance/reviews/{review}/claim")]
pub async fn take(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let review = path.into_inner();
    let Ok(number) = id("review", &review) else { return Err(visitor.turn(Problem::missing())) };
    visitor
        .act(&fields, (), move |service, conn, caller, ()| {
            service.claim_review(conn, &caller.actor, number)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/finance/reviews/{review}")))
}

/// What a form says.
#[derive(Serialize, Deserialize)]
struct Said {
    verdict: String,
    shown: String,
    reason: String,
    currency: String,
    facts: Vec<(String, String)>,
    choices: Vec<(String, String)>,
}

impl Said {
    fn of(fields: &Fields) -> Self {
        let under = |start| {
            let filled = fields.under(start).filter(|(_, value)| !value.is_empty());
            filled.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        Self {
            verdict: fields.get("verdict").to_owned(),
            shown: fields.get("shown").to_owned(),
            reason: fields.get("reason").to_owned(),
            currency: fields.get("currency").to_owned(),
            facts: under("fact:"),
            choices: under("choice:"),
        }
    }

    fn verdict(&self, service: &Service) -> Served<Verdict> {
        let reason = || {
            let given = Some(self.reason.clone()).filter(|reason| !reason.is_empty());
            given.ok_or_else(|| ServiceError::invalid("/reason", "say why"))
        };
        Ok(match self.verdict.as_str() {
            "approve" => Verdict::Approve { shown: self.shown.clone() },
            "reject" => Verdict::Reject { reason: reason()? },
            "agree" => Verdict::Agree,
            "disagree" => Verdict::Disagree { reason: reason()? },
            "return" => Verdict::Return { question: reason()? },
            "decide" => Verdict::Decide {
                facts: self.facts.iter().map(|fact| self.found(service, fact)).collect::<Served<_>>()?,
                choices: self.choices.iter().map(chosen).collect::<Served<_>>()?,
                reason: reason()?,
            },
            _ => return Err(ServiceError::invalid("/verdict", "choose one of the verdicts of the page")),
        })
    }

    /// A fact as the engine reads it.
    fn found(&self, service: &Service, (name, text): &(String, String)) -> Served<(String, serde_json::Value)> {
        let of = FactRef::find(name, &service.lender.attributes).map(|(_, of)| of);
        let wrong = || ServiceError::invalid(&format!("/facts/{name}"), "the value does not fit the fact");
        Ok((name.clone(), value(of, text, &self.currency).ok_or_else(wrong)?))
    }
}

fn chosen((benefit, number): &(String, String)) -> Served<(String, u32)> {
    let wrong = |_| ServiceError::invalid(&format!("/choices/{benefit}"), "this is a whole number");
    Ok((benefit.clone(), number.parse().map_err(wrong)?))
}

/// Judges it.
#[post("/finance/reviews/{review}/judge")]
pub async fn judge(
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Turned> {
    let review = path.into_inner();
    let Ok(number) = id("review", &review) else { return Err(visitor.turn(Problem::missing())) };
    let again: Option<i64> = visitor
        .act(&fields, Said::of(&fields), move |service, conn, caller, said| {
            Ok(match service.judge_review(conn, &caller.actor, number, &said.verdict(service)?)? {
                Agreed::Done(_) => None,
                Agreed::DecidedAgain(decision) => Some(decision),
            })
        })
        .await?;
    match again {
        None => Ok(go(&format!("/finance/reviews/{review}"))),
        Some(decision) => Err(Turned::of(&request).with(decided_again(decision).into())),
    }
}
