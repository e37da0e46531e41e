//! What went wrong, as RFC 9457 problems: a stable `type`, a status, a sentence, and where.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::ServiceError;

/// A problem (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Stable; what a program looks at.
    #[serde(rename = "type")]
    #[schema(example = "/problems/wrong_state")]
    pub kind: String,
    /// What it is in short.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where in the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Place>,
    /// Seconds after which to try again, in the head of the answer.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// One thing that is wrong with a body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Place {
    /// A JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl Problem {
    /// A problem of a kind.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &str, detail: Option<String>) -> Self {
        Self {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A body, path or header that cannot be read.
    #[must_use]
    pub fn unreadable(pointer: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "unreadable", "What was sent cannot be read", None);
        problem.errors.push(Place { pointer: pointer.to_owned(), detail: detail.into() });
        problem
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn unknown_caller() -> Self {
        let detail = "sign in, or send a valid token as `Authorization: Bearer …`".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "unknown_caller", "Nobody is signed in", Some(detail))
    }

    /// The caller's roles do not do.
    #[must_use]
    pub fn forbidden(detail: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The caller may not", Some(detail))
    }

    /// There is no such thing, or not for this caller: both look the same.
    #[must_use]
    pub fn missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "missing", "There is no such thing", None)
    }

    /// The path is there, and takes other methods.
    #[must_use]
    pub fn wrong_method(methods: &[&str]) -> Self {
        let detail = Some(format!("this takes {}", methods.join(", ")));
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "It does not take this method", detail)
    }

    /// Too many calls; `seconds` until the next may come.
    #[must_use]
    pub fn too_many(seconds: u64) -> Self {
        let detail = Some(format!("wait {seconds} s, then go on more slowly"));
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "Too many requests", detail);
        Self { retry_after: Some(seconds), ..problem }
    }

    /// The body is longer than what is taken.
    #[must_use]
    pub fn too_large(most: usize) -> Self {
        let detail = Some(format!("at most {most} bytes are taken"));
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "What was sent is too large", detail)
    }

    /// Something failed; the log says what.
    #[must_use]
    pub fn failed() -> Self {
        let detail = "it has been logged; try again later".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "Something failed here", Some(detail))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.kind)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((CONTENT_TYPE, "application/problem+json"));
        if self.status == 401 {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        answer.body(serde_json::to_string(self).unwrap_or_default())
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        use crate::service::StoreError;
        match error {
            ServiceError::Missing(_) => Self::missing(),
            ServiceError::Forbidden(detail) => Self::forbidden(detail),
            ServiceError::Conflict { code, message } => {
                Self::new(StatusCode::CONFLICT, code, "It does not fit where things stand", Some(message))
            }
            ServiceError::Invalid(problems) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let mut problem = Self::new(status, "invalid", "What was sent cannot be used", None);
                problem.errors =
                    problems.into_iter().map(|one| Place { pointer: one.pointer, detail: one.message }).collect();
                problem
            }
            ServiceError::Store(StoreError::Busy) => {
                let detail = Some("many do the same at once; try again".to_owned());
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The database is busy", detail);
                Self { retry_after: Some(1), ..problem }
            }
            ServiceError::Store(error) => {
                tracing::error!(%error, "the store failed");
                Self::failed()
            }
            ServiceError::Unknown(reason) => {
                tracing::error!(%reason, "something failed that cannot be");
                Self::failed()
            }
        }
    }
}
