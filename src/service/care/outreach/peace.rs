//! Whom to leave in peace: who wants no messages, and who must not get any.

use std::collections::BTreeSet;

use crate::service::care::flag::Flag;
use crate::service::care::guard::Purpose;
use crate::service::{Served, Service};
use crate::store::opt_out::{self, Of};
use crate::store::{Connection, flag};

/// Whom of some people to leave in peace.
#[derive(Debug, Default)]
pub(super) struct Peace {
    /// People and indexes of phones that want no messages.
    stopped: BTreeSet<String>,
    /// People of whom one has to mind something that bars messages.
    flagged: BTreeSet<String>,
}

impl Peace {
    /// Why somebody with a phone of these indexes gets no message; none where they may get one.
    pub(super) fn why(&self, party: &str, phones: &[String]) -> Option<&'static str> {
        if self.stopped.contains(party) || phones.iter().any(|phone| self.stopped.contains(phone)) {
            return Some("opt_out");
        }
        self.flagged.contains(party).then_some("flag")
    }
}

impl Service {
    /// Whom of some people, with phones of these indexes, to leave in peace now.
    pub(super) fn peace(&self, conn: &mut Connection, parties: &[String], phones: Vec<String>) -> Served<Peace> {
        let mut peace = Peace::default();
        for row in opt_out::in_force(conn, &Of { parties: parties.to_vec(), phones })? {
            if row.scope == "messages" {
                peace.stopped.extend(row.party.into_iter().chain(row.phone_index));
            }
        }
        for row in flag::in_force(conn, parties, self.clock.today())? {
            if Flag::known(&row.flag).is_some_and(|flag| flag.bars(Purpose::Service)) {
                peace.flagged.insert(row.party);
            }
        }
        Ok(peace)
    }
}
