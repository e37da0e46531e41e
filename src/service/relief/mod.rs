//! Relief: from a request, or from nothing, to a grant that the core system confirmed.
//!
//! ```text
//! ask ─► decide ─► propose ─► (approve) ─► (accept) ─► post ─► confirm | reject
//!                    │  money: budget          │  ledger          └─► reverse
//! ```

pub mod appeal;
pub mod approve;
pub mod ask;
pub mod budget;
pub mod cash;
pub mod confirm;
pub mod decide;
pub mod deliver;
mod draw;
mod expected;
pub mod found;
pub mod give;
pub mod hand_over;
pub mod history;
pub mod journal;
pub mod ledger;
pub mod offer;
pub mod period;
pub mod post;
pub mod preview;
pub mod propose;
pub mod release;
pub mod renew;
pub mod replay;
pub mod report;
pub mod reverse;
pub mod round;
pub mod settings;
pub mod stateless;
pub mod told;
pub mod told_decision;
pub mod verify;

use super::{Served, ServiceError};

/// A grant was moved by somebody else.
fn advanced(done: bool) -> Served<()> {
    if done {
        return Ok(());
    }
    Err(ServiceError::conflict("changed_meanwhile", "somebody moved it meanwhile: look again"))
}
