//! The server: every route, what bounds each request, and the end in good order.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, HttpResponse, HttpServer, ResponseError, web};
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use super::limits::{Limits, Rates};
use super::problem::Problem;
use super::{
    accounts, audit, budgets, cash, decisions, declarations, grants, health, instructions, journal, me, metrics,
    persons, policies, reports, requests, reviews, session,
};
use crate::service::Service;

/// What bounds the server.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Threads that receive requests.
    pub workers: usize,
    /// Open connections of each.
    pub connections: usize,
    /// Bytes of a body.
    pub body: usize,
    /// How often somebody may call.
    pub rates: Rates,
    /// Whether a proxy of the lender's stands before it and says where requests come from.
    pub behind_proxy: bool,
    /// For the head of a request to come.
    pub head: Duration,
    /// For what is under way to end, when the program is asked to.
    pub shutdown: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            connections: 4_096,
            body: 16 << 20,
            rates: Rates::default(),
            behind_proxy: false,
            head: Duration::from_secs(5),
            shutdown: Duration::from_secs(30),
        }
    }
}

/// Whether the address of a request is what a proxy says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proxy(pub bool);

#[derive(OpenApi)]
#[openapi(info(
    title = "Forbear",
    description = "Relief for borrowers after a disaster: decided by policies, explained, made real once.",
    license(name = "Apache-2.0")
))]
struct Api;

/// The routes, told to an application.
fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(health::live).service(health::ready).service(metrics::show).service(
        utoipa_actix_web::scope("/v1")
            .service(me::me)
            .service(session::sign_in)
            .service(session::sign_out)
            .service(session::ask_code)
            .service(session::use_code)
            .service(session::hand_off)
            .service(persons::one)
            .service(persons::reveal)
            .service(persons::erase)
            .service(policies::list)
            .service(policies::draft)
            .service(policies::check)
            .service(policies::one)
            .service(policies::submit)
            .service(policies::approve)
            .service(policies::give_back)
            .service(policies::withdraw)
            .service(declarations::list)
            .service(declarations::declare)
            .service(declarations::import)
            .service(declarations::one)
            .service(declarations::close)
            .service(declarations::reopen)
            .service(accounts::take)
            .service(accounts::one)
            .service(accounts::relief)
            .service(decisions::alone)
            .service(decisions::batch)
            .service(decisions::one)
            .service(decisions::replay)
            .service(requests::ask)
            .service(requests::one)
            .service(requests::answer)
            .service(requests::accept)
            .service(requests::withdraw)
            .service(grants::list)
            .service(grants::one)
            .service(grants::approve)
            .service(grants::refuse)
            .service(grants::reverse)
            .service(grants::opt_out)
            .service(reviews::list)
            .service(reviews::approve_many)
            .service(reviews::claim)
            .service(reviews::judge)
            .service(budgets::list)
            .service(budgets::make)
            .service(budgets::one)
            .service(budgets::change)
            .service(journal::balances)
            .service(journal::export::export)
            .service(journal::list)
            .service(reports::relief)
            .service(reports::ageing)
            .service(cash::deferred_cash)
            .service(instructions::list)
            .service(instructions::confirm)
            .service(instructions::reject)
            .service(instructions::resend)
            .service(audit::head)
            .service(audit::list),
    );
}

/// What the API is, as OpenAPI 3.1.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    App::new().into_utoipa_app().openapi(Api::openapi()).configure(routes).split_for_parts().1
}

/// Begins to serve on a socket that listens already.
///
/// # Errors
/// The socket cannot be used.
pub fn serve(service: Service, listener: TcpListener, bounds: &Bounds) -> std::io::Result<Server> {
    let (body, document) = (bounds.body, openapi());
    let text = document.to_json().map_err(std::io::Error::other)?;
    let (limits, figures) = (web::Data::new(Limits::new(bounds.rates)), web::Data::new(metrics::figures()));
    let from = Proxy(bounds.behind_proxy);
    let server = HttpServer::new(move || {
        let text = text.clone();
        App::new()
            .into_utoipa_app()
            .map(|app| {
                app.app_data(web::Data::new(service.clone()))
                    .app_data(limits.clone())
                    .app_data(figures.clone())
                    .app_data(from)
                    .app_data(web::PayloadConfig::new(body))
                    .app_data(
                        web::QueryConfig::default()
                            .error_handler(|error, _| Problem::unreadable("", format!("the query: {error}")).into()),
                    )
                    .app_data(web::PathConfig::default().error_handler(|_, _| Problem::missing().into()))
                    .wrap(
                        DefaultHeaders::new()
                            .add(("x-content-type-options", "nosniff"))
                            .add(("cache-control", "no-store")),
                    )
                    .wrap(from_fn(metrics::measure))
                    .wrap(TracingLogger::default())
            })
            .configure(routes)
            .into_app()
            .service(web::resource("/openapi.json").get({
                move || {
                    let text = text.clone();
                    async move { HttpResponse::Ok().content_type("application/json").body(text) }
                }
            }))
            .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", document.clone()))
            .default_service(web::to(|| async { Problem::missing().error_response() }))
    });
    Ok(server
        .workers(bounds.workers)
        .max_connections(bounds.connections)
        .client_request_timeout(bounds.head)
        .shutdown_timeout(bounds.shutdown.as_secs())
        .listen(listener)?
        .run())
}
