//! What happens in the background: the audit log is sealed, the journal settled, instructions go out, what has ended is swept away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::simulate::Simulated;
use crate::core_system::webhook::Webhook;
use crate::service::Service;

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
        let settled = service.settle_journal().unwrap_or_else(|error| {
            tracing::error!(%error, "the journal cannot be settled");
            0
        });
        let delivered = if last { 0 } else { core_system.deliver(service) };
        if sealed + settled + delivered > 0 {
            continue;
        }
        if last {
            return;
        }
        std::thread::park_timeout(EVERY);
    }
}
