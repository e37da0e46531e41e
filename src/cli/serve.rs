//! `forbear serve`: the service, until it is asked to end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;

use super::service::{ConfigArgs, open};
use crate::api::serve::{Bounds, serve};
use crate::service::Service;
use crate::service::audit::Actor;
use crate::service::policy::PolicyAct;
use crate::telemetry;

/// Run the service: API, and what has to be done in the background
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  forbear serve --database sqlite:forbear.db --listen 127.0.0.1:8080")]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// Serves.
///
/// # Errors
/// The configuration, the database or the address cannot be used.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut config = args.config.read()?;
    config.listen = args.listen.unwrap_or(config.listen);
    telemetry::begin(&config.log)?;
    let service = open(&config)?;
    put_shipped_in_force(&service)?;
    let listener = TcpListener::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let ended = Arc::new(AtomicBool::new(false));
    let sealing = std::thread::spawn({
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        move || seal(&service, &ended)
    });
    println!("Forbear answers on http://{address}/v1, what it can do is on http://{address}/docs/");
    let served = actix_web::rt::System::new().block_on(async { serve(service, listener, &Bounds::default())?.await });
    ended.store(true, Ordering::SeqCst);
    sealing.thread().unpark();
    sealing.join().map_err(|_| anyhow::anyhow!("the audit log was not sealed to its end"))?;
    served.context("the server ended")
}

/// How long entries of the audit log wait for a seal.
const SEAL_EVERY: Duration = Duration::from_secs(1);

fn seal(service: &Service, ended: &AtomicBool) {
    loop {
        let last = ended.load(Ordering::SeqCst);
        match service.seal_audit() {
            Ok(0) if last => return,
            Ok(0) => std::thread::park_timeout(SEAL_EVERY),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "the audit log cannot be sealed");
                if last {
                    return;
                }
                std::thread::park_timeout(SEAL_EVERY);
            }
        }
    }
}

/// The policies that come with the program.
#[derive(rust_embed::Embed)]
#[folder = "policies"]
#[include = "*/*.json"]
#[exclude = "*/cases/*"]
struct Shipped;

/// Puts the shipped policies in force where there are none.
fn put_shipped_in_force(service: &Service) -> anyhow::Result<()> {
    if !service.policies(None)?.is_empty() {
        return Ok(());
    }
    let (author, approver) = (shipped("author"), shipped("approver"));
    let mut files: Vec<_> = Shipped::iter().collect();
    files.sort();
    for file in files {
        let found = Shipped::get(&file).with_context(|| format!("{file} is not in the program"))?;
        let text = String::from_utf8(found.data.into_owned())?;
        service.store.write(|conn| {
            let drafted = service.draft_policy(conn, &author, &text)?;
            let key = (drafted.slug.as_str(), drafted.version);
            service.move_policy(conn, &author, key, PolicyAct::Submit, None)?;
            service.move_policy(conn, &approver, key, PolicyAct::Approve, Some(&drafted.digest))
        })?;
    }
    Ok(())
}

fn shipped(part: &str) -> Actor {
    Actor { id: "system".to_owned(), person: format!("shipped:{part}") }
}
