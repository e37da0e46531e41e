//! The span of a request: its method, its route and how it ended. Paths, queries, addresses and programs of callers can name
//! somebody, so that none of them is in it.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing::field::{Empty, display};
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::rules;

/// Makes them.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        use actix_web::HttpMessage;
        let route = rules::route(request.match_info().as_str()).unwrap_or("none");
        let method = request.method().as_str();
        let span = tracing::info_span!(
            "request",
            "otel.name" = format!("{method} {route}"),
            "otel.kind" = "server",
            "otel.status_code" = Empty,
            "http.request.method" = method,
            "http.route" = route,
            "http.response.status_code" = Empty,
            request_id = Empty,
        );
        if let Some(id) = request.extensions().get::<RequestId>() {
            span.record("request_id", display(id));
        }
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(answered) => answered.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.response.status_code", status.as_u16());
        let inside = span.clone();
        let _inside = inside.enter();
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
            tracing::warn!("a request failed");
        } else {
            tracing::debug!("a request was answered");
        }
    }
}
