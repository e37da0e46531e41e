//! What happens in the background: the audit log is sealed, the journal settled, instructions go out, channels stand down, rows are
//! sealed under the newest key, what has ended is swept away; previews are worked out, and rounds of relief given.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::simulate::Simulated;
use crate::core_system::webhook::Webhook;
use crate::sender::MessageSender;
use crate::service::Service;
use crate::service::care::feeding::Feed;

/// Where instructions go.
pub(super) enum CoreSystem {
    /// Nowhere: the core system asks for them.
    Asks,
    /// To its webhook.
    Webhook(Webhook),
    /// To the simulator.
    Simulated(Box<Simulated>),
}

impl CoreSystem {
    /// Hands over what is due; says how much of it was taken.
    fn deliver(&mut self, service: &Service) -> usize {
        let delivered = match self {
            Self::Asks => Ok(0),
            Self::Webhook(to) => service.deliver(to),
            Self::Simulated(to) => to.turn(service),
        };
        delivered.unwrap_or_else(|error| {
            tracing::error!(%error, "instructions cannot be delivered");
            0
        })
    }
}

/// How long what happens in the background waits for the next time.
const EVERY: Duration = Duration::from_secs(1);

/// How often what has ended is swept away.
const SWEEP: Duration = Duration::from_secs(3600);

/// Seals the audit log, settles the journal and delivers instructions, until the program ends; the last seal is then up to date. Sweeps away what
/// has ended now and then.
pub(super) fn work(service: &Service, mut core_system: CoreSystem, ended: &AtomicBool) {
    let (mut swept, mut resealing): (Option<Instant>, bool) = (None, true);
    let (mut kept, mut behind): (Option<Instant>, bool) = (None, false);
    loop {
        if swept.is_none_or(|last| last.elapsed() >= SWEEP) {
            let forgotten = service.forget_answers().and_then(|_| service.sweep_access());
            if let Err(error) = forgotten.and_then(|_| service.forget_tries()).and_then(|_| service.forget_messages()) {
                tracing::error!(%error, "what has ended cannot be swept away");
            }
            if let Err(error) = service.order_policies() {
                tracing::error!(%error, "versions of policies cannot be put in order");
            }
            if let Err(error) = service.warn_of_complaints() {
                tracing::error!(%error, "complaints cannot be looked at");
            }
            swept = Some(Instant::now());
            resealing = true;
        }
        let last = ended.load(Ordering::SeqCst);
        let mut closed = 0;
        // Once in a while and much at a time: under load a seal for every few entries would cost more than the entries.
        if last || behind || kept.is_none_or(|at| at.elapsed() >= EVERY) {
            closed = close(service);
            kept = Some(Instant::now());
            behind = closed >= MANY;
        }
        let delivered = if last { 0 } else { core_system.deliver(service) };
        let turned = service.turn_channels().unwrap_or_else(|error| {
            tracing::error!(%error, "emergency channels cannot be looked at");
            0
        });
        let resealed = if resealing && !last { reseal(service) } else { 0 };
        resealing = resealed > 0;
        if behind || delivered + turned + resealed > 0 || (last && closed > 0) {
            continue;
        }
        if last {
            return;
        }
        std::thread::park_timeout(EVERY);
    }
}

/// As much at once as a seal covers at most: there may be more.
const MANY: usize = 5_000;

/// Seals the audit log and settles the journal; says how much of both there was.
fn close(service: &Service) -> usize {
    let sealed = service.seal_audit().unwrap_or_else(|error| {
        tracing::error!(%error, "the audit log cannot be sealed");
        0
    });
    let settled = service.settle_journal().unwrap_or_else(|error| {
        tracing::error!(%error, "the journal cannot be settled");
        0
    });
    sealed.saturating_add(settled)
}

/// Rows that are sealed anew at once.
const RESEALED: i64 = 100;

/// Seals some rows anew that are sealed under an earlier key; says how many. What cannot be is tried again with the next sweep.
fn reseal(service: &Service) -> usize {
    service.reseal(RESEALED).unwrap_or_else(|error| {
        tracing::error!(%error, "rows cannot be sealed under the newest key");
        0
    })
}

/// What takes long, and is asked for one after another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Long {
    /// A preview: one that is under way when the program ends is begun again by the next.
    Previews,
    /// A round of relief: the next program goes on with it.
    Rounds,
    /// The audience of what a channel tells people: likewise.
    Campaigns,
}

/// Works off what was asked for, until the program ends.
pub(super) fn work_off(long: Long, service: &Service, ended: &AtomicBool) {
    let stop = || ended.load(Ordering::SeqCst);
    while !stop() {
        let done = match long {
            Long::Previews => service.run_preview(&stop),
            Long::Rounds => service.run_round(&stop),
            Long::Campaigns => service.run_campaign(&stop),
        };
        let any = done.unwrap_or_else(|error| {
            tracing::error!(?long, %error, "long work cannot be done");
            false
        });
        if !any {
            std::thread::park_timeout(EVERY);
        }
    }
}

/// Reads a feed whenever it is due, until the program ends. Each has a thread of its own: one that does not answer keeps none
/// from being read.
pub(super) fn read_feed(service: &Service, feed: &Feed, ended: &AtomicBool) {
    while !ended.load(Ordering::SeqCst) {
        let more = service.read_feed(feed).unwrap_or_else(|error| {
            tracing::error!(feed = feed.name, %error, "a feed cannot be read");
            false
        });
        if !more {
            std::thread::park_timeout(EVERY);
        }
    }
}

/// Tells a subscriber what happens to channels, until the program ends.
pub(super) fn tell(service: &Service, (name, to): (&str, &Webhook), ended: &AtomicBool) {
    while !ended.load(Ordering::SeqCst) {
        let told = service.deliver_notices(name, to).unwrap_or_else(|error| {
            tracing::error!(subscriber = name, %error, "notices cannot be delivered");
            0
        });
        if told == 0 {
            std::thread::park_timeout(EVERY);
        }
    }
}

/// Sends people their messages, until the program ends.
pub(super) fn send(service: &Service, sender: &dyn MessageSender, ended: &AtomicBool) {
    while !ended.load(Ordering::SeqCst) {
        let sent = service.send_messages(sender).unwrap_or_else(|error| {
            tracing::error!(%error, "messages cannot be sent");
            0
        });
        if sent == 0 {
            std::thread::park_timeout(EVERY);
        }
    }
}
