//! `/metrics`: figures for Prometheus. They name routes and states, and nobody.

use std::sync::OnceLock;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, get, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::desk::Desk;
use super::problem::Problem;
use super::rules;
use crate::service::standing::Standing;

/// Bounds of the histogram of seconds, from what takes no time to what takes too long.
#[allow(clippy::disallowed_types, reason = "seconds for a histogram, and no money")]
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The methods that are counted by name.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The figures of this program; they are kept from the first call on.
pub(super) fn figures() -> PrometheusHandle {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    let begin = || {
        let seconds = Matcher::Suffix("_seconds".to_owned());
        let builder = PrometheusBuilder::new();
        // The bounds are there, so that no error can come of them.
        let builder = builder.set_buckets_for_metric(seconds, &SECONDS).unwrap_or_default();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if ::metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("figures are kept by somebody else");
        }
        handle
    };
    FIGURES.get_or_init(begin).clone()
}

/// Counts a request and how long it took, by its route.
pub(super) async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    // Methods and paths that are none of ours would be as many figures as somebody likes.
    let route = rules::route(request.match_info().as_str()).unwrap_or("none");
    let method = METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
    let answered = next.call(request).await?;
    let status = answered.status().as_str().to_owned();
    ::metrics::counter!("forbear_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
    ::metrics::histogram!("forbear_request_seconds", "method" => method, "route" => route).record(began.elapsed());
    Ok(answered)
}

/// Figures for Prometheus: requests by route and status, what waits, what is dead.
#[utoipa::path(tag = "health", responses((status = 200, body = str), (status = 403, body = Problem)))]
#[get("/metrics")]
pub async fn show(
    desk: Desk,
    handle: web::Data<PrometheusHandle>,
    kept: web::Data<Standing>,
) -> Result<HttpResponse, Problem> {
    let (now, waiting, ended, feeds) = desk
        .read(move |service, _| {
            let (waiting, ended) = service.standing(&kept)?;
            Ok((service.clock.now(), waiting, ended, service.feeds()?))
        })
        .await?;
    for feed in feeds.into_iter().filter(|feed| feed.configured) {
        ::metrics::gauge!("forbear_feed_failures", "feed" => feed.name.clone()).set(figure(feed.failures.into()));
        if let Some(good_at) = feed.good_at {
            let age = now.signed_duration_since(good_at).num_seconds();
            ::metrics::gauge!("forbear_feed_age_seconds", "feed" => feed.name.clone()).set(figure(age));
        }
        for (outcome, count) in [("taken", feed.taken), ("repeated", feed.repeated), ("refused", feed.refused)] {
            let labels = [("feed", feed.name.clone()), ("outcome", outcome.to_owned())];
            ::metrics::gauge!("forbear_feed_alerts", &labels).set(figure(count));
        }
    }
    for (of, made) in [("waiting", waiting), ("ended", ended)] {
        let age = now.signed_duration_since(made.at).num_seconds();
        ::metrics::gauge!("forbear_states_age_seconds", "of" => of).set(figure(age));
        for (name, state, count) in made.counts {
            ::metrics::gauge!(name, "state" => state).set(figure(count));
        }
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render()))
}

/// A figure for Prometheus. A count beyond 2^32 is no queue.
#[allow(clippy::disallowed_types, reason = "a figure for Prometheus, and no money")]
fn figure(count: i64) -> f64 {
    f64::from(u32::try_from(count.max(0)).unwrap_or(u32::MAX))
}
