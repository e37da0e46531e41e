//! Beginning anew: a demonstration that is asked to ends, and begins with fresh sample data.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use actix_web::dev::ServerHandle;

/// Whether it is to begin anew, and what has to end before.
#[derive(Clone, Default)]
pub(super) struct Anew {
    asked: Arc<AtomicBool>,
    server: Arc<OnceLock<ServerHandle>>,
}

impl Anew {
    /// Says which server ends when it is asked for.
    pub(super) fn ends(&self, server: ServerHandle) {
        // There is one server, which is told once.
        let _ = self.server.set(server);
    }

    /// Asks for it; the server answers what it has begun to answer.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        if let Some(server) = self.server.get() {
            actix_web::rt::spawn(server.stop(true));
        }
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}
