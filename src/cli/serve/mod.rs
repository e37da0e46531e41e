//! `forbear serve`: the service, until it is asked to end.

mod access;
mod anew;
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
use std::thread::JoinHandle;

use anyhow::{Context, ensure};

use self::anew::Anew;
use self::background::{CoreSystem, Long, read_feed, send, tell, work, work_off};
use self::simulate::Simulated;
use super::service::{ConfigArgs, open};
use crate::api::serve::{Bounds, serve};
use crate::config::Config;
use crate::core_system::webhook::Webhook;
use crate::sender::file::CodeFile;
use crate::service::Service;
use crate::service::access::settings::AccessSettings;
use crate::service::care::feeding::Feed;
use crate::telemetry;
use crate::web::pages;
use crate::web::visitor::Demo;

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

/// Serves, until it is asked to end.
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
        demo::tell_into_a_file(&mut config);
    }
    let listener = TcpListener::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
    // A demonstration begins anew while whoever asked for it waits at the same door.
    while once(args, &config, listener.try_clone()?)? == After::Anew {
        demo::wipe(&config)?;
    }
    Ok(())
}

/// What comes after the server has ended.
#[derive(PartialEq, Eq)]
enum After {
    End,
    Anew,
}

fn once(args: &Args, config: &Config, listener: TcpListener) -> anyhow::Result<After> {
    let subscribers = care::subscribers(config)?;
    let (outreach, sender) = outreach::outreach(config)?.unzip();
    let care = care::settings(config, &subscribers, outreach)?;
    let mut service = open(config)?.with_access(access::settings(config)?).with_care(care);
    shipped::put_in_force(&service, args.demo)?;
    let address = listener.local_addr()?;
    let mut core_system = webhook(config)?;
    let anew = Anew::default();
    let mut shown = None;
    if args.demo {
        (service, core_system, shown) = demonstrate(service, config, &anew)?;
    }
    let feeds = feeds::feeds(config)?;
    service.set_feeds(&feeds)?;
    let bounds = Bounds { rates: access::rates(config)?, behind_proxy: config.behind_proxy, ..Bounds::default() };
    let ended = Arc::new(AtomicBool::new(false));
    let mut workers = workers(&service, core_system, subscribers, feeds, &ended);
    if let Some(sender) = sender {
        let (service, ended) = (service.clone(), Arc::clone(&ended));
        workers.push(std::thread::spawn(move || send(&service, sender.as_ref(), &ended)));
    }
    println!(
        "Forbear is on http://{address}/, its API on http://{address}/v1, what that can do on http://{address}/docs/"
    );
    let served = actix_web::rt::System::new().block_on(async {
        let server = serve(service, listener, &bounds, pages(shown))?;
        anew.ends(server.handle());
        server.await
    });
    ended.store(true, Ordering::SeqCst);
    for worker in workers {
        worker.thread().unpark();
        worker.join().map_err(|_| anyhow::anyhow!("work in the background did not end well"))?;
    }
    served.context("the server ended")?;
    Ok(if anew.is_asked_for() { After::Anew } else { After::End })
}

/// Work until the program ends.
type Work = Box<dyn FnOnce(&Service, &AtomicBool) + Send>;

/// What has to be done besides, each on a thread of its own.
fn workers(
    service: &Service,
    core_system: CoreSystem,
    subscribers: Vec<(String, Webhook)>,
    feeds: Vec<Feed>,
    ended: &Arc<AtomicBool>,
) -> Vec<JoinHandle<()>> {
    let spawn = |work: Work| {
        let (service, ended) = (service.clone(), Arc::clone(ended));
        std::thread::spawn(move || work(&service, &ended))
    };
    let mut workers = vec![spawn(Box::new(move |service, ended| work(service, core_system, ended)))];
    for long in [Long::Previews, Long::Rounds, Long::Campaigns] {
        workers.push(spawn(Box::new(move |service, ended| work_off(long, service, ended))));
    }
    for (name, webhook) in subscribers {
        workers.push(spawn(Box::new(move |service, ended| tell(service, (&name, &webhook), ended))));
    }
    for feed in feeds {
        workers.push(spawn(Box::new(move |service, ended| read_feed(service, &feed, ended))));
    }
    workers
}

/// The same service with sample data and a simulated core system.
fn demonstrate(service: Service, config: &Config, anew: &Anew) -> anyhow::Result<(Service, CoreSystem, Option<Demo>)> {
    ensure!(config.core_system.is_none(), "--demo has a core system of its own: leave core_system out");
    let codes = demo::codes(config);
    let (app, sender) = (demo::App::new()?, Arc::new(CodeFile::new(codes.clone())));
    let access = AccessSettings { sender: Some(sender), hand_off: Some(app.key()?), ..AccessSettings::default() };
    let service = service.with_access(access);
    println!("{}", demo::prepare(&service, &codes)?);
    let anew = anew.clone();
    let shown = Demo {
        enter: Arc::new(move |service, name| app.enter(service, name)),
        may_reset: Arc::new(demo::may_wipe),
        reset: Arc::new(move || anew.ask()),
    };
    Ok((service, CoreSystem::Simulated(Box::new(Simulated::new())), Some(shown)))
}

/// The core system's webhook, if there is one.
fn webhook(config: &Config) -> anyhow::Result<CoreSystem> {
    let Some(url) = &config.core_system else { return Ok(CoreSystem::Asks) };
    let secret = access::secret(config.core_system_secret.as_deref(), "core_system")?;
    Webhook::new(url, secret).map(CoreSystem::Webhook).map_err(|reason| anyhow::anyhow!("{reason}"))
}
