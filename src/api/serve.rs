//! The server: every route, what bounds each request, and the end in good order.

use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use serde_json::Value;
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use super::desk::without_value;
use super::limits::{Limits, Rates};
use super::problem::Problem;
use super::span::RequestSpan;
use super::{
    accounts, alerts, audit, budgets, cases, cash, channels, contact, contact_guard, decisions, declarations, document,
    drafts, evidence, feeds, flags, grants, health, holds, imports, instructions, journal, me, metrics, navigator,
    notices, opt_outs, outreach, periods, persons, policies, previews, proposals, reports, requests, reviews, rounds,
    rules, session,
};
use crate::service::Service;
use crate::service::standing::Standing;

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
            // First, for they are asked most: the router tries one after another.
            .service(decisions::alone)
            .service(requests::ask)
            .service(me::me)
            .service(session::sign_in)
            .service(session::sign_out)
            .service(session::ask_code)
            .service(session::use_code)
            .service(session::hand_off)
            .service(persons::one)
            .service(persons::reveal)
            .service(persons::erase)
            .service(persons::sign_out)
            .configure(peace)
            .configure(plans)
            .configure(care)
            .service(declarations::list)
            .service(declarations::declare)
            .service(declarations::import)
            .service(declarations::one)
            .service(declarations::close)
            .service(declarations::reopen)
            .configure(given)
            .service(accounts::take)
            .service(accounts::one)
            .service(accounts::relief)
            .service(imports::list)
            .service(imports::one)
            .service(imports::lines)
            .service(decisions::batch)
            .service(decisions::one)
            .service(decisions::replay)
            .service(navigator::navigate)
            .service(requests::one)
            .service(requests::answer)
            .service(requests::accept)
            .service(requests::withdraw)
            .service(requests::appeal)
            .configure(shown)
            .service(grants::list)
            .service(grants::one)
            .service(grants::approve)
            .service(grants::refuse)
            .service(grants::reverse)
            .service(grants::accept)
            .service(grants::opt_out)
            .service(reviews::list)
            .service(reviews::approve_many)
            .service(reviews::claim)
            .service(reviews::judge)
            .configure(books)
            .configure(outbox)
            .service(audit::head)
            .service(audit::list),
    );
}

/// The routes of money: budgets, the journal, periods, reports.
fn books(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(budgets::list)
        .service(budgets::make)
        .service(budgets::one)
        .service(budgets::change)
        .service(journal::balances)
        .service(journal::export::export)
        .service(journal::list)
        .service(periods::list)
        .service(periods::close)
        .service(reports::relief)
        .service(reports::ageing)
        .service(reports::agreement)
        .service(cash::deferred_cash);
}

/// The routes of whom one leaves in peace, and of what people are told.
fn peace(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    told(config);
    config
        .service(opt_outs::list)
        .service(opt_outs::add)
        .service(opt_outs::end)
        .service(opt_outs::mine)
        .service(opt_outs::add_mine)
        .service(opt_outs::end_mine)
        .service(flags::list)
        .service(flags::add)
        .service(flags::end)
        .service(flags::mine)
        .service(flags::add_mine)
        .service(flags::end_mine)
        .service(contact_guard::one)
        .service(contact_guard::many);
}

/// The routes of what people are told.
fn told(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(outreach::show)
        .service(outreach::pause)
        .service(outreach::resume)
        .service(outreach::cancel)
        .service(outreach::messages)
        .service(outreach::mine)
        .service(outreach::resend)
        .service(outreach::receipts);
}

/// The routes of what is planned: policies, their cases, previews.
fn plans(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(policies::list)
        .service(policies::draft)
        .service(policies::check)
        .service(policies::one)
        .service(policies::submit)
        .service(policies::approve)
        .service(policies::give_back)
        .service(policies::withdraw)
        .service(policies::in_flight)
        .service(cases::list)
        .service(cases::keep)
        .service(cases::remove)
        .service(cases::test)
        .service(previews::ask)
        .service(previews::list)
        .service(previews::one)
        .service(previews::cancel);
}

/// The routes of what goes on, and of what is given without being asked for.
fn given(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(grants::renew).service(holds::release);
    config.service(rounds::begin).service(rounds::list).service(rounds::one).service(rounds::cancel);
}

/// The routes of what borrowers show.
fn shown(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(evidence::take)
        .service(evidence::list)
        .service(evidence::content)
        .service(evidence::accept)
        .service(evidence::refuse);
}

/// The routes of care: alerts, drafts, channels, and what people get in touch about.
fn care(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    in_touch(config);
    config
        .service(alerts::take)
        .service(alerts::list)
        .service(alerts::refused)
        .service(alerts::one)
        .service(feeds::list)
        .service(drafts::list)
        .service(drafts::one)
        .service(drafts::edit)
        .service(drafts::confirm)
        .service(drafts::discard)
        .service(proposals::list)
        .service(proposals::accept)
        .service(proposals::dismiss)
        .service(channels::list)
        .service(channels::prepare)
        .service(channels::one)
        .service(channels::edit)
        .service(channels::approve)
        .service(channels::open)
        .service(channels::extend)
        .service(channels::stand_down)
        .service(channels::close)
        .service(channels::levels)
        .service(notices::list)
        .service(notices::resend);
}

/// The routes of what people get in touch about.
fn in_touch(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    use contact::{acting, cases, complaints, contacts, progress, reporting, sms};
    config
        .service(progress::look_up)
        .service(progress::mine)
        .service(contacts::list)
        .service(contacts::open)
        .service(contacts::one)
        .service(contacts::answer)
        .service(contacts::identify)
        .service(contacts::note)
        .service(contacts::hand_over)
        .service(contacts::resolve)
        .service(sms::receive)
        .service(complaints::take)
        .service(complaints::list)
        .service(complaints::one)
        .service(complaints::assign)
        .service(complaints::extend)
        .service(complaints::resolve)
        .service(complaints::withdraw)
        .service(complaints::rate)
        .service(complaints::reopen)
        .service(complaints::classes)
        .service(reporting::care)
        .service(acting::ask)
        .service(acting::answer)
        .service(acting::accept)
        .service(acting::consents)
        .service(acting::scripts)
        .service(cases::list)
        .service(cases::one)
        .service(cases::assign)
        .service(cases::resolve)
        .service(cases::reopen);
}

/// The routes of what the core system is told.
fn outbox(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(instructions::list)
        .service(instructions::export)
        .service(instructions::hand_over)
        .service(instructions::answers)
        .service(instructions::confirm)
        .service(instructions::reject)
        .service(instructions::resend);
}

/// What the API is, as OpenAPI 3.1.
#[must_use]
pub fn openapi() -> Value {
    let said = App::new().into_utoipa_app().openapi(Api::openapi()).configure(routes).split_for_parts().1;
    // A document of utoipa's is JSON in any case.
    document::complete(serde_json::to_value(said).unwrap_or_default())
}

/// The same as text: made once in a process.
async fn described() -> HttpResponse {
    static TEXT: LazyLock<web::Bytes> = LazyLock::new(|| openapi().to_string().into());
    HttpResponse::Ok().content_type("application/json").body(TEXT.clone())
}

/// Where no handler is: another method than the route has (RFC 9110, 15.5.6), or nothing at all.
pub async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let methods = rules::methods(request.match_info().as_str());
    if methods.is_empty() {
        return Problem::missing().error_response();
    }
    let mut answer = Problem::wrong_method(&methods).error_response();
    if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}

/// Puts round an application what every request passes on its way to a handler and back: headers, figures, the log's span.
pub fn within<T, B>(
    app: App<T>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
>
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    B: MessageBody + 'static,
{
    // Figures are kept from here on, also where nobody shows them.
    metrics::figures();
    app.wrap(DefaultHeaders::new().add(("x-content-type-options", "nosniff")).add(("cache-control", "no-store")))
        .wrap(from_fn(metrics::measure))
        .wrap(TracingLogger::<RequestSpan>::new())
}

/// Begins to serve on a socket that listens already: the API, and pages after it.
///
/// # Errors
/// The socket cannot be used.
pub fn serve(
    service: Service,
    listener: TcpListener,
    bounds: &Bounds,
    pages: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<Server> {
    let body = bounds.body;
    let (limits, figures) = (Arc::new(Limits::new(bounds.rates)), web::Data::new(metrics::figures()));
    let (from, standing) = (Proxy(bounds.behind_proxy), web::Data::new(Standing::default()));
    let server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .map(|app| {
                app.app_data(web::Data::new(service.clone()))
                    .app_data(web::Data::new(Arc::clone(&limits)))
                    .app_data(figures.clone())
                    .app_data(standing.clone())
                    .app_data(from)
                    .app_data(web::PayloadConfig::new(body))
                    .app_data(web::QueryConfig::default().error_handler(|error, _| {
                        let reason = without_value(&error.to_string());
                        Problem::unreadable("", format!("the query: {reason}")).into()
                    }))
                    .app_data(web::PathConfig::default().error_handler(|_, _| Problem::missing().into()))
            })
            .map(within)
            .configure(routes)
            .into_app()
            .service(web::resource("/openapi.json").get(described))
            .service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")))
            .default_service(web::to(nothing_here))
            .configure(pages.clone())
    });
    Ok(server
        .workers(bounds.workers)
        .max_connections(bounds.connections)
        .client_request_timeout(bounds.head)
        .shutdown_timeout(bounds.shutdown.as_secs())
        .listen(listener)?
        .run())
}
