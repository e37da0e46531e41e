//! Who may do what: one row for every route. A route without a row is refused for everybody.

use std::sync::LazyLock;

use actix_web::http::Method;
use matchit::Router;

use crate::service::access::Role::{
    self, Auditor, Borrower, CareAgent, CareLead, FinanceApprover, FinanceReviewer, PolicyApprover, PolicyAuthor,
    Service,
};

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The method.
    pub method: &'static str,
    /// The path, with its variables.
    pub path: &'static str,
    /// Who may; nobody listed: everybody, signed in or not.
    pub may: &'static [Role],
}

const ANYBODY: &[Role] = &[];
const ALL: &[Role] = &Role::ALL;
/// Everybody who works for the lender.
const STAFF: &[Role] =
    &[CareAgent, CareLead, PolicyAuthor, PolicyApprover, FinanceReviewer, FinanceApprover, Auditor, Service];
const CASES: &[Role] = &[CareAgent, CareLead, FinanceReviewer, FinanceApprover, Auditor, Service, Borrower];
const MONEY: &[Role] = &[FinanceReviewer, FinanceApprover, Auditor, Service];
/// Who sees what borrowers show: personal data.
const FILES: &[Role] = &[CareAgent, CareLead, FinanceReviewer, FinanceApprover, Borrower];
const JUDGES: &[Role] = &[CareAgent, CareLead, FinanceReviewer, FinanceApprover];
/// Who looks at what a policy would cost.
const PLANS: &[Role] = &[CareLead, PolicyAuthor, PolicyApprover, FinanceReviewer, FinanceApprover];
const CORE: &[Role] = &[Service];
/// Who sees whether the snapshots of a day came.
const INTAKE: &[Role] = &[CareLead, FinanceApprover, Auditor, Service];
/// Who talks with people.
const CARE: &[Role] = &[CareAgent, CareLead];
/// Who follows what happens outside.
const WATCH: &[Role] = &[CareAgent, CareLead, Auditor, Service];

const fn rule(method: &'static str, path: &'static str, may: &'static [Role]) -> Rule {
    Rule { method, path, may }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule("GET", "/health/live", ANYBODY),
    rule("GET", "/health/ready", ANYBODY),
    rule("GET", "/metrics", &[Service, Auditor]),
    rule("GET", "/openapi.json", ANYBODY),
    rule("GET", "/v1/me", ALL),
    rule("POST", "/v1/session", ANYBODY),
    rule("DELETE", "/v1/session", ANYBODY),
    rule("POST", "/v1/session/codes", ANYBODY),
    rule("POST", "/v1/session/code", ANYBODY),
    rule("POST", "/v1/session/hand-off", ANYBODY),
    rule("GET", "/v1/persons/{person}", &[CareAgent, CareLead]),
    rule("POST", "/v1/persons/{person}/reveal", &[CareAgent, CareLead]),
    rule("POST", "/v1/persons/{person}/erase", &[CareLead]),
    rule("DELETE", "/v1/persons/{person}/sessions", &[CareAgent, CareLead]),
    rule("GET", "/v1/persons/{person}/opt-outs", &[CareAgent, CareLead, Auditor]),
    rule("POST", "/v1/persons/{person}/opt-outs", &[CareAgent, CareLead]),
    rule("POST", "/v1/persons/{person}/opt-outs/resume", &[CareAgent, CareLead]),
    rule("GET", "/v1/me/opt-outs", &[Borrower]),
    rule("POST", "/v1/me/opt-outs", &[Borrower]),
    rule("POST", "/v1/me/opt-outs/resume", &[Borrower]),
    rule("GET", "/v1/persons/{person}/flags", &[CareAgent, CareLead, Auditor]),
    rule("POST", "/v1/persons/{person}/flags", &[CareAgent, CareLead]),
    rule("POST", "/v1/persons/{person}/flags/lift", &[CareAgent, CareLead]),
    rule("GET", "/v1/me/flags", &[Borrower]),
    rule("POST", "/v1/me/flags", &[Borrower]),
    rule("POST", "/v1/me/flags/lift", &[Borrower]),
    rule("GET", "/v1/contact-guard/{account}", WATCH),
    rule("POST", "/v1/contact-guard", &[CareLead, Service]),
    rule("GET", "/v1/policies", STAFF),
    rule("POST", "/v1/policies", &[PolicyAuthor]),
    rule("POST", "/v1/policies/check", STAFF),
    rule("GET", "/v1/policies/{slug}/{version}", STAFF),
    rule("POST", "/v1/policies/{slug}/{version}/submit", &[PolicyAuthor]),
    rule("POST", "/v1/policies/{slug}/{version}/approve", &[PolicyApprover]),
    rule("POST", "/v1/policies/{slug}/{version}/return", &[PolicyApprover]),
    rule("POST", "/v1/policies/{slug}/{version}/withdraw", &[PolicyApprover]),
    rule("GET", "/v1/policies/{slug}/{version}/in-flight", STAFF),
    rule("GET", "/v1/policies/{slug}/{version}/cases", STAFF),
    rule("PUT", "/v1/policies/{slug}/{version}/cases/{name}", &[PolicyAuthor]),
    rule("DELETE", "/v1/policies/{slug}/{version}/cases/{name}", &[PolicyAuthor]),
    rule("POST", "/v1/policies/{slug}/{version}/test", STAFF),
    rule("POST", "/v1/policies/{slug}/{version}/preview", PLANS),
    rule("GET", "/v1/previews", STAFF),
    rule("GET", "/v1/previews/{preview}", STAFF),
    rule("POST", "/v1/previews/{preview}/cancel", PLANS),
    rule("GET", "/v1/declarations", STAFF),
    rule("POST", "/v1/declarations", &[CareLead]),
    rule("POST", "/v1/declarations/openfema", &[CareLead]),
    rule("GET", "/v1/declarations/{declaration}", STAFF),
    rule("POST", "/v1/declarations/{declaration}/close", &[CareLead]),
    rule("POST", "/v1/declarations/{declaration}/reopen", &[CareLead]),
    rule("POST", "/v1/declarations/{declaration}/relief", &[CareLead]),
    rule("GET", "/v1/rounds", STAFF),
    rule("GET", "/v1/rounds/{round}", STAFF),
    rule("POST", "/v1/rounds/{round}/cancel", &[CareLead]),
    rule("POST", "/v1/alerts", &[CareLead, Service]),
    rule("GET", "/v1/alerts", WATCH),
    rule("GET", "/v1/alerts/refused", WATCH),
    rule("GET", "/v1/alerts/{alert}", WATCH),
    rule("GET", "/v1/feeds", WATCH),
    rule("GET", "/v1/drafts", WATCH),
    rule("GET", "/v1/drafts/{draft}", WATCH),
    rule("PUT", "/v1/drafts/{draft}", &[CareLead]),
    rule("POST", "/v1/drafts/{draft}/confirm", &[CareLead]),
    rule("POST", "/v1/drafts/{draft}/drop", &[CareLead]),
    rule("GET", "/v1/proposals", WATCH),
    rule("POST", "/v1/drafts/{draft}/proposals/{proposal}/accept", &[CareLead]),
    rule("POST", "/v1/drafts/{draft}/proposals/{proposal}/dismiss", &[CareLead]),
    rule("GET", "/v1/channels", WATCH),
    rule("POST", "/v1/channels", &[CareLead]),
    rule("GET", "/v1/channels/{channel}", WATCH),
    rule("PUT", "/v1/channels/{channel}", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/approve", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/open", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/extend", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/stand-down", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/close", &[CareLead]),
    rule("GET", "/v1/channels/{channel}/outreach", WATCH),
    rule("POST", "/v1/channels/{channel}/outreach/pause", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/outreach/resume", &[CareLead]),
    rule("POST", "/v1/channels/{channel}/outreach/cancel", &[CareLead]),
    rule("GET", "/v1/channels/{channel}/messages", WATCH),
    rule("POST", "/v1/messages/{message}/resend", &[CareLead]),
    // Signed by the gateway, not sent by somebody who has signed in.
    rule("POST", "/v1/messages/receipts", ANYBODY),
    rule("GET", "/v1/response-levels", WATCH),
    rule("GET", "/v1/notices", WATCH),
    rule("POST", "/v1/notices/{notice}/resend", &[CareLead]),
    rule("POST", "/v1/progress", ANYBODY),
    rule("GET", "/v1/me/cases", &[Borrower]),
    rule("GET", "/v1/me/messages", &[Borrower]),
    rule("POST", "/v1/sms", ANYBODY),
    rule("GET", "/v1/complaint-classes", ALL),
    rule("GET", "/v1/complaints", &[CareAgent, CareLead, Auditor]),
    rule("POST", "/v1/complaints", &[CareAgent, CareLead, Borrower]),
    rule("GET", "/v1/complaints/{complaint}", &[CareAgent, CareLead, Auditor, Borrower]),
    rule("POST", "/v1/complaints/{complaint}/assign", CARE),
    rule("POST", "/v1/complaints/{complaint}/extend", &[CareLead]),
    rule("POST", "/v1/complaints/{complaint}/resolve", CARE),
    rule("POST", "/v1/complaints/{complaint}/withdraw", &[CareAgent, CareLead, Borrower]),
    rule("POST", "/v1/complaints/{complaint}/rate", &[CareAgent, CareLead, Borrower]),
    rule("POST", "/v1/complaints/{complaint}/reopen", &[CareAgent, CareLead, Borrower]),
    rule("GET", "/v1/reports/care", &[CareLead, Auditor, Service]),
    rule("GET", "/v1/contacts", WATCH),
    rule("POST", "/v1/contacts", &[CareAgent, CareLead, Service, Borrower]),
    rule("GET", "/v1/contacts/{contact}", &[CareAgent, CareLead, Auditor, Service, Borrower]),
    rule("POST", "/v1/contacts/{contact}/answer", CARE),
    rule("POST", "/v1/contacts/{contact}/identify", CARE),
    rule("POST", "/v1/contacts/{contact}/note", CARE),
    rule("POST", "/v1/contacts/{contact}/hand-over", CARE),
    rule("POST", "/v1/contacts/{contact}/resolve", CARE),
    rule("POST", "/v1/contacts/{contact}/requests", CARE),
    rule("POST", "/v1/contacts/{contact}/requests/{request}/answers", CARE),
    rule("POST", "/v1/contacts/{contact}/requests/{request}/accept", CARE),
    rule("GET", "/v1/requests/{request}/consents", CASES),
    rule("GET", "/v1/scripts", WATCH),
    rule("GET", "/v1/cases", CARE),
    rule("GET", "/v1/cases/{case}", CARE),
    rule("POST", "/v1/cases/{case}/assign", CARE),
    rule("POST", "/v1/cases/{case}/resolve", CARE),
    rule("POST", "/v1/cases/{case}/reopen", CARE),
    rule("POST", "/v1/accounts", CORE),
    rule("GET", "/v1/imports", INTAKE),
    rule("GET", "/v1/imports/{import}", INTAKE),
    rule("GET", "/v1/imports/{import}/lines", INTAKE),
    rule("GET", "/v1/accounts/{account}", CASES),
    rule("POST", "/v1/accounts/{account}/relief", &[CareLead, Service]),
    rule("POST", "/v1/decisions", &[Service, CareAgent, CareLead, PolicyAuthor, PolicyApprover, FinanceReviewer]),
    rule("POST", "/v1/decisions/batch", &[Service]),
    rule("GET", "/v1/decisions/{decision}", CASES),
    rule("POST", "/v1/decisions/{decision}/replay", &[Auditor, FinanceReviewer, FinanceApprover]),
    rule("POST", "/v1/requests", &[Borrower, CareAgent, CareLead, Service]),
    rule("GET", "/v1/requests/{request}", CASES),
    rule("POST", "/v1/requests/{request}/answers", &[Borrower, CareAgent, CareLead, Service]),
    rule("POST", "/v1/requests/{request}/accept", &[Borrower]),
    rule("POST", "/v1/requests/{request}/withdraw", &[Borrower, CareAgent, CareLead, Service]),
    rule("POST", "/v1/requests/{request}/appeal", &[Borrower, CareAgent, CareLead, Service]),
    rule("POST", "/v1/requests/{request}/evidence", &[Borrower, CareAgent, CareLead, Service]),
    rule("GET", "/v1/requests/{request}/evidence", FILES),
    rule("GET", "/v1/evidence/{evidence}/content", FILES),
    rule("POST", "/v1/evidence/{evidence}/accept", JUDGES),
    rule("POST", "/v1/evidence/{evidence}/refuse", JUDGES),
    rule("POST", "/v1/navigator", &[Borrower, CareAgent, CareLead, Service]),
    rule("GET", "/v1/grants", MONEY),
    rule("GET", "/v1/grants/{grant}", CASES),
    rule("POST", "/v1/grants/{grant}/approve", &[FinanceReviewer, FinanceApprover]),
    rule("POST", "/v1/grants/{grant}/refuse", &[FinanceReviewer, FinanceApprover]),
    rule("POST", "/v1/grants/{grant}/reverse", &[FinanceApprover]),
    rule("POST", "/v1/grants/{grant}/accept", &[Borrower]),
    rule("POST", "/v1/grants/{grant}/opt-out", &[Borrower]),
    rule("POST", "/v1/grants/{grant}/release", &[CareLead, FinanceApprover]),
    rule("POST", "/v1/grants/{grant}/renew", &[CareAgent, CareLead, FinanceReviewer, FinanceApprover]),
    rule("GET", "/v1/reviews", &[CareLead, FinanceReviewer, FinanceApprover, Auditor]),
    rule("POST", "/v1/reviews/{review}/claim", &[FinanceReviewer, FinanceApprover]),
    rule("POST", "/v1/reviews/approve", &[FinanceReviewer, FinanceApprover]),
    rule("POST", "/v1/reviews/{review}/judge", &[FinanceReviewer, FinanceApprover]),
    rule("GET", "/v1/budgets", MONEY),
    rule("POST", "/v1/budgets", &[FinanceApprover]),
    rule("GET", "/v1/budgets/{budget}", MONEY),
    rule("PUT", "/v1/budgets/{budget}", &[FinanceApprover]),
    rule("GET", "/v1/journal", MONEY),
    rule("GET", "/v1/journal/balances", MONEY),
    rule("GET", "/v1/journal/export", MONEY),
    rule("GET", "/v1/periods", MONEY),
    rule("POST", "/v1/periods", &[FinanceApprover]),
    rule("GET", "/v1/reports/relief", &[CareLead, FinanceReviewer, FinanceApprover, Auditor, Service]),
    rule("GET", "/v1/reports/ageing", &[CareLead, FinanceReviewer, FinanceApprover, Auditor, Service]),
    rule("GET", "/v1/reports/agreement", &[CareLead, FinanceReviewer, FinanceApprover, Auditor, Service]),
    rule("GET", "/v1/reports/deferred-cash", &[CareLead, FinanceReviewer, FinanceApprover, Auditor, Service]),
    rule("GET", "/v1/instructions", &[Service, FinanceApprover, Auditor]),
    rule("GET", "/v1/instructions/export", &[Service, FinanceApprover, Auditor]),
    rule("POST", "/v1/instructions/hand-over", CORE),
    rule("POST", "/v1/instructions/answers", CORE),
    rule("POST", "/v1/instructions/{instruction}/confirm", CORE),
    rule("POST", "/v1/instructions/{instruction}/reject", CORE),
    rule("POST", "/v1/instructions/{instruction}/resend", &[FinanceApprover]),
    rule("GET", "/v1/audit", &[Auditor]),
    rule("GET", "/v1/audit/head", &[Auditor]),
];

const BORROWER: &[Role] = &[Borrower];
/// Who sees the queue and the reports.
const QUEUE: &[Role] = &[CareLead, FinanceReviewer, FinanceApprover, Auditor];
/// Who sees grants, budgets and books.
const BOOKS: &[Role] = &[FinanceReviewer, FinanceApprover, Auditor];
const FINANCE: &[Role] = &[FinanceReviewer, FinanceApprover];
/// Who decides in care.
const LEAD: &[Role] = &[CareLead];

/// The table of pages.
pub const PAGES: &[Rule] = &[
    rule("GET", "/", ANYBODY),
    rule("GET", "/help", ANYBODY),
    rule("GET", "/sign-in", ANYBODY),
    rule("POST", "/sign-in", ANYBODY),
    rule("POST", "/sign-out", ANYBODY),
    rule("POST", "/demo/enter", ANYBODY),
    rule("POST", "/demo/reset", ANYBODY),
    rule("GET", "/assets/{digest}/{file}", ANYBODY),
    rule("GET", "/relief", ANYBODY),
    rule("GET", "/relief/sign-in", ANYBODY),
    rule("POST", "/relief/sign-in", ANYBODY),
    rule("POST", "/relief/code", ANYBODY),
    rule("GET", "/relief/from-app", ANYBODY),
    rule("GET", "/relief/progress", ANYBODY),
    rule("POST", "/relief/progress", ANYBODY),
    rule("GET", "/relief/loans", BORROWER),
    rule("GET", "/relief/messages", BORROWER),
    rule("POST", "/relief/messages", BORROWER),
    rule("GET", "/relief/ask/{account}", BORROWER),
    rule("POST", "/relief/ask/{account}", BORROWER),
    rule("GET", "/relief/cases/{request}", BORROWER),
    rule("GET", "/relief/cases/{request}/question", BORROWER),
    rule("POST", "/relief/cases/{request}/question", BORROWER),
    rule("GET", "/relief/cases/{request}/options", BORROWER),
    rule("POST", "/relief/cases/{request}/options", BORROWER),
    rule("POST", "/relief/cases/{request}/consent", BORROWER),
    rule("GET", "/relief/cases/{request}/evidence", BORROWER),
    rule("POST", "/relief/cases/{request}/evidence", BORROWER),
    rule("POST", "/relief/cases/{request}/withdraw", BORROWER),
    rule("GET", "/relief/cases/{request}/appeal", BORROWER),
    rule("POST", "/relief/cases/{request}/appeal", BORROWER),
    rule("GET", "/relief/cases/{request}/letter", BORROWER),
    rule("GET", "/relief/complain/{account}", BORROWER),
    rule("POST", "/relief/complain/{account}", BORROWER),
    rule("GET", "/relief/complaints/{complaint}", BORROWER),
    rule("POST", "/relief/complaints/{complaint}/withdraw", BORROWER),
    rule("POST", "/relief/complaints/{complaint}/rate", BORROWER),
    rule("POST", "/relief/complaints/{complaint}/reopen", BORROWER),
    rule("GET", "/finance", QUEUE),
    rule("GET", "/finance/approve", FINANCE),
    rule("POST", "/finance/approve", FINANCE),
    rule("GET", "/finance/reviews/{review}", QUEUE),
    rule("POST", "/finance/reviews/{review}/claim", FINANCE),
    rule("POST", "/finance/reviews/{review}/judge", FINANCE),
    rule("GET", "/finance/grants", BOOKS),
    rule("GET", "/finance/grants/{grant}", BOOKS),
    rule("POST", "/finance/grants/{grant}/approve", FINANCE),
    rule("POST", "/finance/grants/{grant}/refuse", FINANCE),
    rule("POST", "/finance/grants/{grant}/reverse", &[FinanceApprover]),
    rule("GET", "/finance/budgets", BOOKS),
    rule("POST", "/finance/budgets", &[FinanceApprover]),
    rule("POST", "/finance/budgets/{budget}", &[FinanceApprover]),
    rule("GET", "/finance/reports", QUEUE),
    rule("GET", "/finance/reconciliation", BOOKS),
    rule("GET", "/finance/periods", BOOKS),
    rule("POST", "/finance/periods", &[FinanceApprover]),
    rule("POST", "/evidence/{evidence}/judge", JUDGES),
    rule("POST", "/care/requests/{request}/evidence", CARE),
    rule("GET", "/imports", INTAKE),
    rule("GET", "/imports/{import}", INTAKE),
    rule("GET", "/policies", STAFF),
    rule("GET", "/policies/edit", &[PolicyAuthor]),
    rule("POST", "/policies/edit", &[PolicyAuthor]),
    rule("GET", "/policies/{slug}/{version}", STAFF),
    rule("POST", "/policies/{slug}/{version}/submit", &[PolicyAuthor]),
    rule("POST", "/policies/{slug}/{version}/approve", &[PolicyApprover]),
    rule("POST", "/policies/{slug}/{version}/return", &[PolicyApprover]),
    rule("GET", "/policies/{slug}/{version}/cases", STAFF),
    rule("POST", "/policies/{slug}/{version}/cases", &[PolicyAuthor]),
    rule("GET", "/policies/{slug}/{version}/withdraw", &[PolicyApprover]),
    rule("POST", "/policies/{slug}/{version}/withdraw", &[PolicyApprover]),
    rule("GET", "/policies/{slug}/{version}/compare/{other}", STAFF),
    rule("POST", "/policies/{slug}/{version}/preview", PLANS),
    rule("GET", "/previews/{preview}", STAFF),
    rule("POST", "/previews/{preview}/cancel", PLANS),
    rule("GET", "/care", WATCH),
    rule("GET", "/care/refused", WATCH),
    rule("GET", "/care/drafts/{draft}", WATCH),
    rule("POST", "/care/drafts/{draft}/edit", LEAD),
    rule("POST", "/care/drafts/{draft}/confirm", LEAD),
    rule("POST", "/care/drafts/{draft}/drop", LEAD),
    rule("POST", "/care/drafts/{draft}/proposals/{proposal}", LEAD),
    rule("GET", "/care/channels", WATCH),
    rule("POST", "/care/channels", LEAD),
    rule("GET", "/care/channels/new", LEAD),
    rule("GET", "/care/channels/{channel}", WATCH),
    rule("GET", "/care/channels/{channel}/settings", LEAD),
    rule("POST", "/care/channels/{channel}/settings", LEAD),
    rule("POST", "/care/channels/{channel}/approve", LEAD),
    rule("POST", "/care/channels/{channel}/open", LEAD),
    rule("POST", "/care/channels/{channel}/extend", LEAD),
    rule("POST", "/care/channels/{channel}/stand-down", LEAD),
    rule("POST", "/care/channels/{channel}/close", LEAD),
    rule("POST", "/care/channels/{channel}/outreach", LEAD),
    rule("GET", "/care/cases", CARE),
    rule("GET", "/care/cases/{case}", CARE),
    rule("POST", "/care/cases/{case}", CARE),
    rule("POST", "/care/cases/{case}/navigator", CARE),
    rule("POST", "/care/cases/{case}/reveal", CARE),
    rule("POST", "/care/cases/{case}/flags", CARE),
    rule("POST", "/care/contacts", CARE),
    rule("POST", "/care/contacts/{contact}/answer", CARE),
    rule("POST", "/care/contacts/{contact}/identify", CARE),
    rule("POST", "/care/contacts/{contact}/note", CARE),
    rule("POST", "/care/contacts/{contact}/complaint", CARE),
    rule("POST", "/care/contacts/{contact}/hand-over", CARE),
    rule("POST", "/care/contacts/{contact}/resolve", CARE),
    rule("POST", "/care/contacts/{contact}/requests", CARE),
    rule("POST", "/care/contacts/{contact}/requests/{request}/answers", CARE),
    rule("POST", "/care/contacts/{contact}/requests/{request}/accept", CARE),
    rule("GET", "/care/complaints", &[CareAgent, CareLead, Auditor]),
    rule("GET", "/care/complaints/{complaint}", &[CareAgent, CareLead, Auditor]),
    rule("POST", "/care/complaints/{complaint}/assign", CARE),
    rule("POST", "/care/complaints/{complaint}/extend", LEAD),
    rule("POST", "/care/complaints/{complaint}/resolve", CARE),
    rule("POST", "/care/complaints/{complaint}/reopen", CARE),
];

/// Both tables.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(PAGES)
}

/// Rows by the path that they are for. Every request asks three times, so that it is not looked for row by row.
static BY_PATH: LazyLock<Router<Vec<&'static Rule>>> = LazyLock::new(|| {
    let (mut router, mut known) = (Router::new(), Vec::new());
    for Rule { path, .. } in all() {
        if known.contains(path) {
            continue;
        }
        known.push(*path);
        if let Err(error) = router.insert(*path, all().filter(|rule| rule.path == *path).collect()) {
            tracing::error!(%error, path, "a row of the tables of routes cannot be found by its path");
        }
    }
    router
});

/// The rows of a path; a path without variables comes before one that has some.
fn rows(path: &str) -> &'static [&'static Rule] {
    // The table is never changed.
    let router: &'static Router<_> = &BY_PATH;
    router.at(path).map_or(&[], |found| found.value.as_slice())
}

/// The row of a request by its path as it is routed.
#[must_use]
pub fn find(method: &Method, path: &str) -> Option<&'static Rule> {
    let own = rows(path).iter().find(|rule| rule.method == method.as_str()).copied();
    // A thing may have the name of a path that takes other methods: `GET /v1/declarations/openfema`.
    own.or_else(|| all().find(|rule| rule.method == method.as_str() && fits(rule, path)))
}

fn fits(rule: &Rule, path: &str) -> bool {
    let (parts, own) = (rule.path.split('/'), path.split('/'));
    parts.clone().count() == own.clone().count()
        && parts.zip(own).all(|(part, own)| part == own || (part.starts_with('{') && !own.is_empty()))
}

/// The path with its variables that a path is of.
#[must_use]
pub fn route(path: &str) -> Option<&'static str> {
    rows(path).first().map(|rule| rule.path)
}

/// The methods that a path takes.
#[must_use]
pub fn methods(path: &str) -> Vec<&'static str> {
    rows(path).iter().map(|rule| rule.method).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_path() {
        for rule in all() {
            let path = rule.path.replace('{', "a-").replace('}', "-b");
            let method = Method::from_bytes(rule.method.as_bytes()).unwrap();
            assert_eq!(find(&method, &path), Some(rule));
            assert_eq!(route(&path), Some(rule.path));
        }
        assert_eq!(find(&Method::GET, "/v1/nothing"), None);
    }

    #[test]
    fn a_path_without_variables_goes_before_one_with_some() {
        let post = find(&Method::POST, "/v1/instructions/answers");
        assert_eq!(post.map(|rule| rule.path), Some("/v1/instructions/answers"));
        assert_eq!(methods("/v1/session/code"), ["POST"]);
        let get = find(&Method::GET, "/v1/declarations/openfema");
        assert_eq!(get.map(|rule| rule.path), Some("/v1/declarations/{declaration}"));
    }
}
