//! `forbear serve`: the service, until it is asked to end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::service::{ConfigArgs, open};
use crate::api::serve::{Bounds, serve};
use crate::config::Config;
use crate::core_system::webhook::Webhook;
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
    let core_system = webhook(&config)?;
    let background = std::thread::spawn({
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        move || work(&service, core_system.as_ref(), &ended)
    });
    println!("Forbear answers on http://{address}/v1, what it can do is on http://{address}/docs/");
    let served = actix_web::rt::System::new().block_on(async { serve(service, listener, &Bounds::default())?.await });
    ended.store(true, Ordering::SeqCst);
    background.thread().unpark();
    background.join().map_err(|_| anyhow::anyhow!("work in the background did not end well"))?;
    served.context("the server ended")
}

/// The core system's webhook, if there is one.
fn webhook(config: &Config) -> anyhow::Result<Option<Webhook>> {
    let Some(url) = &config.core_system else { return Ok(None) };
    let file =
        config.core_system_secret.as_ref().context("core_system needs core_system_secret: a file of 32 bytes")?;
    let secret = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Webhook::new(url, secret).map(Some).map_err(|reason| anyhow::anyhow!("{reason}"))
}

/// How long what happens in the background waits for the next time.
const EVERY: Duration = Duration::from_secs(1);

/// How often what has ended is swept away.
const SWEEP: Duration = Duration::from_secs(3600);

/// Seals the audit log and delivers instructions, until the program ends; the last seal is then up to date. Sweeps away what
/// has ended now and then.
fn work(service: &Service, core_system: Option<&Webhook>, ended: &AtomicBool) {
    let mut swept: Option<Instant> = None;
    loop {
        if swept.is_none_or(|last| last.elapsed() >= SWEEP) {
            if let Err(error) = service.forget_answers().and_then(|_| service.sweep_access()) {
                tracing::error!(%error, "what has ended cannot be swept away");
            }
            swept = Some(Instant::now());
        }
        let last = ended.load(Ordering::SeqCst);
        let sealed = service.seal_audit().unwrap_or_else(|error| {
            tracing::error!(%error, "the audit log cannot be sealed");
            0
        });
        let delivered = core_system.filter(|_| !last).map_or(Ok(0), |to| service.deliver(to)).unwrap_or_else(|error| {
            tracing::error!(%error, "instructions cannot be delivered");
            0
        });
        if sealed + delivered > 0 {
            continue;
        }
        if last {
            return;
        }
        std::thread::park_timeout(EVERY);
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
