//! `forbear-bare ANSWER`: `POST /v1/decisions` without a decision. It reads the body as the service does, and answers the
//! bytes of a file, behind the same middleware and on the same server: what is left is what deciding costs
//! (`.ci/measure decisions`).

use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use forbear::api::decisions::QuestionBody;
use forbear::api::desk::json;
use forbear::api::problem::Problem;
use forbear::api::serve::{Bounds, within};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let path = std::env::args_os().nth(1).context("say which file has the answer")?;
    let answer = web::Bytes::from(std::fs::read(path)?);
    let log = std::env::var("FORBEAR_LOG").unwrap_or_else(|_| "info".to_owned());
    let _traces = forbear::telemetry::begin(&log, None)?;
    let bounds = Bounds::default();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("A bare handler answers on http://{}/v1/decisions", listener.local_addr()?);
    let server = HttpServer::new(move || {
        let answer = answer.clone();
        let handler = move |body: web::Bytes| {
            let answer = answer.clone();
            async move {
                json::<QuestionBody<'_>>(&body)?;
                Ok::<_, Problem>(HttpResponse::Ok().content_type("application/json").body(answer))
            }
        };
        within(App::new().app_data(web::PayloadConfig::new(bounds.body)))
            .route("/v1/decisions", web::post().to(handler))
    });
    let server = server.workers(bounds.workers).max_connections(bounds.connections);
    let server = server.client_request_timeout(bounds.head).listen(listener)?.run();
    Ok(actix_web::rt::System::new().block_on(server)?)
}
