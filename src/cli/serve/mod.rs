//! `forbear serve`: the service, until it is asked to end.

mod access;
mod background;
mod care;
mod demo;
mod feeds;
mod outreach;
mod shipped;
mod simulate;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, ensure};

use self::background::{CoreSystem, Long, read_feed, send, tell, work, work_off};
use self::simulate::Simulated;
use super::service::{ConfigArgs, open};
use crate::api::serve::{Bounds, serve};
use crate::config::Config;
use crate::core_system::webhook::Webhook;
use crate::sender::file::CodeFile;
use crate::service::Service;
use crate::service::access::settings::AccessSettings;
use crate::telemetry;

/// Run the service: API, and what has to be done in the background
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  forbear serve --demo\n  forbear serve --database sqlite:forbear.db --listen 127.0.0.1:8080"
)]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// To try it out: sample loans, a disaster, one user for each role, a simulated core system
    #[arg(long)]
    pub demo: bool,
}

/// Serves.
///
/// # Errors
/// The configuration, the database or the address cannot be used.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut config = args.config.read()?;
    config.listen = args.listen.unwrap_or(config.listen);
    // To its end: what waits then is sent.
    let _traces = telemetry::begin(&config.log, config.traces.as_deref())?;
    if args.demo {
        demo::check(config.listen)?;
    }
    let subscribers = care::subscribers(&config)?;
    if args.demo {
        demo::tell_into_a_file(&mut config);
    }
    let (outreach, sender) = outreach::outreach(&config)?.unzip();
    let care = care::settings(&config, &subscribers, outreach)?;
    let mut service = open(&config)?.with_access(access::settings(&config)?).with_care(care);
    shipped::put_in_force(&service)?;
    let listener = TcpListener::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let mut core_system = webhook(&config)?;
    if args.demo {
        (service, core_system) = demonstrate(service, &config)?;
    }
    let feeds = feeds::feeds(&config)?;
    service.set_feeds(&feeds)?;
    let bounds = Bounds { rates: access::rates(&config)?, behind_proxy: config.behind_proxy, ..Bounds::default() };
    let ended = Arc::new(AtomicBool::new(false));
    let background = std::thread::spawn({
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        move || work(&service, core_system, &ended)
    });
    let [previews, rounds, campaigns] = [Long::Previews, Long::Rounds, Long::Campaigns].map(|long| {
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        std::thread::spawn(move || work_off(long, &service, &ended))
    });
    let mut workers = vec![previews, rounds, campaigns, background];
    if let Some(sender) = sender {
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        workers.push(std::thread::spawn(move || send(&service, sender.as_ref(), &ended)));
    }
    for (name, webhook) in subscribers {
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        workers.push(std::thread::spawn(move || tell(&service, (&name, &webhook), &ended)));
    }
    for feed in feeds {
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        workers.push(std::thread::spawn(move || read_feed(&service, &feed, &ended)));
    }
    println!("Forbear answers on http://{address}/v1, what it can do is on http://{address}/docs/");
    let served = actix_web::rt::System::new().block_on(async { serve(service, listener, &bounds)?.await });
    ended.store(true, Ordering::SeqCst);
    for worker in workers {
        worker.thread().unpark();
        worker.join().map_err(|_| anyhow::anyhow!("work in the background did not end well"))?;
    }
    served.context("the server ended")
}

/// The same service with sample data and a simulated core system.
fn demonstrate(service: Service, config: &Config) -> anyhow::Result<(Service, CoreSystem)> {
    ensure!(config.core_system.is_none(), "--demo has a core system of its own: leave core_system out");
    let codes = demo::codes(config);
    let sender = Arc::new(CodeFile::new(codes.clone()));
    let service = service.with_access(AccessSettings { sender: Some(sender), ..AccessSettings::default() });
    println!("{}", demo::prepare(&service, &codes)?);
    Ok((service, CoreSystem::Simulated(Box::new(Simulated::new()))))
}

/// The core system's webhook, if there is one.
fn webhook(config: &Config) -> anyhow::Result<CoreSystem> {
    let Some(url) = &config.core_system else { return Ok(CoreSystem::Asks) };
    let secret = access::secret(config.core_system_secret.as_deref(), "core_system")?;
    Webhook::new(url, secret).map(CoreSystem::Webhook).map_err(|reason| anyhow::anyhow!("{reason}"))
}
