//! Requests in flight under a version, and what becomes of each when the version is withdrawn. Nothing is posted under a
//! withdrawn version any more: what waits is decided again, without it, by the next step that somebody takes.

use serde::Serialize;
use serde_json::Value;

use super::found;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, account, case, decision, grant, id, request, review};

/// A request, or relief that nobody asked for, that a version still has to do with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flight {
    /// The decision that it waits on.
    pub decision: String,
    /// The request; none for proactive relief.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What its borrower calls it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// The account.
    pub account: String,
    /// What it waits for.
    pub waits_for: Waits,
    /// The grants of the version that are not posted.
    pub grants: Vec<String>,
    /// What happens when the version is withdrawn.
    pub when_withdrawn: &'static str,
}

/// What something waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// People who approve.
    Approval,
    /// The borrower, who is offered something.
    Consent,
    /// Money of a budget.
    Money,
    /// The borrower, who was asked something.
    Answer,
    /// A person, to whom it was referred.
    Referral,
    /// Other grants of the same decision.
    Others,
}

impl Waits {
    const fn when_withdrawn(self) -> &'static str {
        match self {
            Self::Approval => {
                "nothing is given under this version: whoever approves it has it decided again without it"
            }
            Self::Consent => "the offer ends: when the borrower accepts it is decided again without this version",
            Self::Money => "nothing is given under this version: when there is money it is decided again without it",
            Self::Answer => "the question stays: the answer is decided on without this version",
            Self::Referral => "the person who looks sees that the version is withdrawn: nothing can be given under it",
            Self::Others => "nothing is given under this version: it is decided again with what it waits for",
        }
    }
}

/// A page of what is in flight, and after which decision the next begins.
pub struct Flights {
    /// They, by the decision's id.
    pub items: Vec<Flight>,
    /// The last decision that was looked at, where there may be more.
    pub next: Option<i64>,
}

impl Service {
    /// What is in flight under a version, after a decision; pages may hold fewer than `most` before the last.
    ///
    /// # Errors
    /// There is no such version.
    pub fn in_flight(&self, slug: &str, version: i32, after: i64, most: i64) -> Served<Flights> {
        self.store.read(|conn| {
            found(conn, slug, version)?;
            flights(conn, (slug, version), after, most)
        })
    }
}

/// What is in flight, as [`Service::in_flight`].
pub(super) fn flights(conn: &mut Connection, key: (&str, i32), after: i64, most: i64) -> Served<Flights> {
    let waiting = decision::waiting_under(conn, key.0, after, most)?;
    let full = i64::try_from(waiting.len()).is_ok_and(|count| count >= most);
    let next = waiting.last().copied().filter(|_| full);
    let mut items = Vec::new();
    for id in waiting {
        items.extend(flight(conn, key, id)?);
    }
    Ok(Flights { items, next })
}

fn flight(conn: &mut Connection, (slug, version): (&str, i32), made: i64) -> Served<Option<Flight>> {
    let row = decision::find(conn, made)?.ok_or(ServiceError::Missing("decision"))?;
    let body: Value = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
    let claims = body.get("policies").and_then(Value::as_array).into_iter().flatten();
    let mut own = claims.filter(|claim| claim["policy"] == slug && claim["version"] == version).peekable();
    if own.peek().is_none() {
        return Ok(None);
    }
    let asked = own.any(|claim| claim["outcome"] != "declined");
    let grants: Vec<_> = grant::of_decision(conn, made)?
        .into_iter()
        .filter(|grant| (grant.policy.as_str(), grant.version) == (slug, version))
        .collect();
    let of_request = match row.request_id {
        Some(id) => request::find(conn, id)?,
        None => None,
    };
    let asks = of_request.as_ref().is_some_and(|own| own.decision_id == Some(made) && own.state == "needs_information");
    let has = |state: &str| grants.iter().any(|grant| grant.state == state);
    let referred = review::of_decision(conn, made)?.into_iter().any(|review| {
        let own = review.kind == "referral" && review.policy.as_deref() == Some(slug);
        review.is_pending() && (own || (review.kind == "appeal" && asked))
    });
    let waits_for = match () {
        () if has("proposed") => Waits::Money,
        () if has("pending_approval") => Waits::Approval,
        () if has("offered") => Waits::Consent,
        () if has("approved") || has("accepted") => Waits::Others,
        () if referred => Waits::Referral,
        () if asks && asked => Waits::Answer,
        () => return Ok(None),
    };
    let case_number = match row.request_id {
        Some(id) => case::of_request(conn, id)?.map(|own| own.number),
        None => None,
    };
    let of = account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?;
    let unposted = grants.iter().filter(|grant| {
        matches!(grant.state.as_str(), "proposed" | "pending_approval" | "approved" | "offered" | "accepted")
    });
    Ok(Some(Flight {
        decision: id::outside("decision", made),
        request: row.request_id.map(|request| id::outside("request", request)),
        case_number,
        account: of.number,
        waits_for,
        grants: unposted.map(|grant| id::outside("grant", grant.id)).collect(),
        when_withdrawn: waits_for.when_withdrawn(),
    }))
}
