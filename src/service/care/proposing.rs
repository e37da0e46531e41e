//! What a sender changes after its draft was confirmed: proposed to a care lead, who amends the declaration, or does not.

use forbear_engine::declaration::{Amendment, Declaration, IncidentEnd};
use forbear_engine::region::RegionTree;
use serde_json::json;

use super::drafting::{Change, Said, area, found, keep, kept, named, why};
use super::reading::Read;
use crate::feed::alert::Message;
use crate::service::audit::{Actor, log};
use crate::service::policy::changed;
use crate::service::{Served, Service, ServiceError};
use crate::store::draft::{self, DraftRow};
use crate::store::proposal::{self, ProposalRow};
use crate::store::{Connection, alert, id};

impl Service {
    /// Keeps what an alert would change in what was confirmed.
    pub(super) fn propose_change(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        draft: i64,
        (alert, read): (i64, &Read),
    ) -> Served<()> {
        let mut row = found(conn, draft)?;
        let withdraws = read.alert.message == Message::Cancel;
        let mut said: Said = kept(&row.said)?;
        let change = if withdraws { Change::default() } else { said.more(&Said::of(self, read)) };
        let now = self.clock.now();
        let proposal = ProposalRow {
            id: id::new_id(),
            draft_id: draft,
            alert_id: alert,
            kind: if withdraws { "withdraw" } else { "amend" }.to_owned(),
            change: keep(&change)?,
            state: "waiting".to_owned(),
            reason: None,
            decided_by: None,
            created_at: now,
            changed_at: now,
        };
        proposal::add(conn, &proposal)?;
        said.take(&change);
        row.said = keep(&said)?;
        row.changed_at = now;
        changed(draft::update(conn, &row)?)?;
        let detail = json!({"draft": named(draft), "kind": proposal.kind, "change": change});
        Ok(log(conn, now, actor, "proposal.make", &id::outside("proposal", proposal.id), &detail)?)
    }

    /// Proposals in the order in which they were made, after one, of one draft or of all.
    ///
    /// # Errors
    /// The store fails.
    pub fn proposals(
        &self,
        draft: Option<i64>,
        state: Option<&str>,
        after: i64,
        most: i64,
    ) -> Served<Vec<ProposalRow>> {
        Ok(self.store.read(|conn| proposal::page(conn, draft, state, after, most))?)
    }

    /// Does what is proposed: amends the declaration, or closes it where the sender withdrew everything.
    ///
    /// # Errors
    /// It was decided already, or the declaration does not take it.
    pub fn accept_proposal(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (draft, id): (i64, i64),
    ) -> Served<ProposalRow> {
        let (row, proposal) = undecided(conn, draft, id)?;
        let slug =
            row.declaration.clone().ok_or_else(|| ServiceError::unknown("a confirmed draft declares nothing"))?;
        if proposal.kind == "withdraw" {
            self.close_declaration(conn, actor, &slug, false)?;
        } else {
            let (_, known) = self.declaration_in(conn, &slug)?;
            let alert = alert::by_id(conn, proposal.alert_id)?;
            let note = alert.map(|alert| format!("{} {}", alert.sender, alert.identifier));
            if let Some(amended) = self.amended(&known, &kept(&proposal.change)?, note)? {
                self.declare(conn, actor, &amended)?;
            }
        }
        self.decide_proposal(conn, actor, proposal, ("accepted", None))
    }

    /// Leaves the declaration as it is.
    ///
    /// # Errors
    /// It was decided already, or no reason is given.
    pub fn dismiss_proposal(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (draft, id): (i64, i64),
        reason: &str,
    ) -> Served<ProposalRow> {
        let (_, proposal) = undecided(conn, draft, id)?;
        self.decide_proposal(conn, actor, proposal, ("dismissed", Some(why(reason)?)))
    }

    fn decide_proposal(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut proposal: ProposalRow,
        (state, reason): (&str, Option<String>),
    ) -> Served<ProposalRow> {
        proposal.state = state.to_owned();
        proposal.reason = reason;
        proposal.decided_by = Some(actor.person.clone());
        proposal.changed_at = self.clock.now();
        changed(proposal::decide(conn, &proposal)?)?;
        let object = id::outside("proposal", proposal.id);
        log(conn, proposal.changed_at, actor, &format!("proposal.{state}"), &object, &json!({}))?;
        Ok(proposal)
    }

    /// A declaration with what a change has more than it; none when that is nothing.
    fn amended(&self, known: &Declaration, change: &Change, note: Option<String>) -> Served<Option<Declaration>> {
        let tree = RegionTree::builtin();
        let last = known.amendments.last();
        let on = last.map_or(known.declared_on, |last| last.on).max(self.clock.today());
        let standing = known.as_of(on, tree).map_err(ServiceError::unknown)?;
        let stands = |code: &String| standing.areas.iter().any(|area| tree.known(code) == Some(area.region));
        let severity = change.severity.filter(|new| standing.severity.is_none_or(|known| *new < known));
        let end = change.ends_on.filter(|new| standing.incident.until.is_some_and(|known| *new > known));
        let amendment = Amendment {
            number: last.map_or(1, |last| last.number.saturating_add(1)),
            on,
            add: change.add.iter().filter(|code| !stands(code)).map(|code| area(code)).collect(),
            remove: Vec::new(),
            severity,
            incident_end: end.map(IncidentEnd::On),
            note,
        };
        let nothing = amendment.add.is_empty() && severity.is_none() && end.is_none();
        let mut amended = known.clone();
        amended.amendments.push(amendment);
        Ok((!nothing).then_some(amended))
    }
}

fn undecided(conn: &mut Connection, draft: i64, id: i64) -> Served<(DraftRow, ProposalRow)> {
    let row = found(conn, draft)?;
    let proposal = proposal::find(conn, draft, id)?.ok_or(ServiceError::Missing("proposal"))?;
    if proposal.state == "waiting" {
        return Ok((row, proposal));
    }
    let message = format!("the proposal is {} already", proposal.state);
    Err(ServiceError::conflict("wrong_state", message))
}
