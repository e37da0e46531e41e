//! A complaint is given to somebody, answered with what it came from, rated, withdrawn, opened again.

use serde_json::json;

use super::clock::{FIRST, due};
use super::{ComplaintRow, found, standing};
use crate::secret::Hidden;
use crate::service::access::Principal;
use crate::service::audit::Actor;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, case, channel, contact, policy};

/// How a complaint may end that was not withdrawn.
pub const RESOLUTIONS: [&str; 4] = ["upheld", "partly_upheld", "not_upheld", "settled"];

/// For so many days somebody may say that they are not content.
const AGAIN: i64 = 30;

/// What a complaint came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// A version of a policy.
    Policy(String, i32),
    /// An emergency channel.
    Channel(i64),
    /// What somebody of the lender did.
    Staff,
    /// A system that failed.
    System,
    /// Somebody else: a collector, a partner.
    ThirdParty,
    /// Nothing that the lender did.
    Unfounded,
}

impl Service {
    /// Gives a complaint to somebody, or to nobody.
    ///
    /// # Errors
    /// It is not open.
    pub fn assign_complaint(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        to: Option<&str>,
    ) -> Served<ComplaintRow> {
        let mut row = standing(conn, id, &["open"])?;
        row.assigned_to = to.map(str::to_owned);
        self.keep_complaint(conn, actor, row, "complaint.assign", &json!({"to": to}))
    }

    /// Answers a complaint, and says what it came from. Who is complained about does not.
    ///
    /// # Errors
    /// It is not open, what is said cannot be used, or it is about the caller.
    pub fn resolve_complaint(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        id: i64,
        (resolution, root, answer): (&str, &Root, &Hidden<String>),
    ) -> Served<ComplaintRow> {
        let mut row = standing(conn, id, &["open"])?;
        if !RESOLUTIONS.contains(&resolution) {
            return Err(ServiceError::invalid("/resolution", format!("one of {}", RESOLUTIONS.join(", "))));
        }
        self.impartial_to(conn, actor, &row)?;
        traced(conn, &mut row, root)?;
        self.say_of_complaint(conn, actor, &row, ("resolution", "/answer"), answer)?;
        row.state = "resolved".to_owned();
        row.resolution = Some(resolution.to_owned());
        let detail = json!({"resolution": resolution, "root": row.root_kind});
        self.end_complaint(conn, actor, row, ("complaint.resolve", "complaint_resolved"), &detail)
    }

    /// Ends a complaint whose borrower no longer makes it.
    ///
    /// # Errors
    /// It is not there for this caller, or not open.
    pub fn withdraw_complaint(&self, conn: &mut Connection, caller: &Principal, id: i64) -> Served<ComplaintRow> {
        self.complaint_for(conn, caller, id)?;
        let mut row = standing(conn, id, &["open"])?;
        row.state = "withdrawn".to_owned();
        let how = ("complaint.withdraw", "complaint_withdrawn");
        self.end_complaint(conn, &caller.actor, row, how, &json!({}))
    }

    fn end_complaint(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        mut row: ComplaintRow,
        (verb, step): (&str, &str),
        detail: &serde_json::Value,
    ) -> Served<ComplaintRow> {
        row.ended_at = Some(self.clock.now());
        row.ended_by = Some(actor.person.clone());
        self.case_step(conn, row.case_id, step)?;
        let row = self.keep_complaint(conn, actor, row, verb, detail)?;
        self.settle_case(conn, row.case_id)?;
        Ok(row)
    }

    /// Keeps how content its borrower is with how a complaint was dealt with, from 1 to 5.
    ///
    /// # Errors
    /// It is not there for this caller, was not answered, or the score is out of bounds.
    pub fn rate_complaint(
        &self,
        conn: &mut Connection,
        caller: &Principal,
        id: i64,
        score: i32,
    ) -> Served<ComplaintRow> {
        self.complaint_for(conn, caller, id)?;
        let mut row = standing(conn, id, &["resolved"])?;
        if !(1..=5).contains(&score) {
            return Err(ServiceError::invalid("/score", "from 1, not content, to 5, content"));
        }
        row.score = Some(score);
        self.keep_complaint(conn, &caller.actor, row, "complaint.rate", &json!({"score": score}))
    }

    /// Opens a complaint again whose borrower is not content with the answer. Its clock begins anew.
    ///
    /// # Errors
    /// It is not there for this caller, was not answered, or was answered too long ago.
    pub fn reopen_complaint(
        &self,
        conn: &mut Connection,
        caller: &Principal,
        id: i64,
        reason: &Hidden<String>,
    ) -> Served<ComplaintRow> {
        self.complaint_for(conn, caller, id)?;
        let mut row = standing(conn, id, &["resolved"])?;
        let (now, today) = (self.clock.now(), self.clock.today());
        if row.ended_at.is_some_and(|at| now.signed_duration_since(at).num_days() > AGAIN) {
            let message = format!("it was answered more than {AGAIN} days ago: make a new one");
            return Err(ServiceError::conflict("too_late", message));
        }
        self.say_of_complaint(conn, &caller.actor, &row, ("again", "/reason"), reason)?;
        row.state = "open".to_owned();
        (row.resolution, row.ended_at, row.ended_by, row.score) = (None, None, None, None);
        (row.extended_by, row.extended_again_by, row.warned) = (None, None, 0);
        (row.began_on, row.clock_days, row.due_on) = (today, FIRST, due(today, FIRST));
        row.reopened = row.reopened.saturating_add(1);
        let case = row.case_id;
        let row = self.keep_complaint(conn, &caller.actor, row, "complaint.reopen", &json!({}))?;
        if case::find(conn, case)?.is_some_and(|case| case.state == "resolved") {
            self.reopen_case(conn, &caller.actor, case)?;
        }
        self.case_step(conn, case, "complaint_reopened")?;
        found(conn, row.id)
    }

    /// Whoever served the borrower does not judge a complaint about how they were served.
    fn impartial_to(&self, conn: &mut Connection, actor: &Actor, row: &ComplaintRow) -> Served<()> {
        if row.class != "service" {
            return Ok(());
        }
        let served = contact::of_case(conn, row.case_id)?.into_iter();
        let before = served.filter(|one| one.arrived_at <= row.received_at);
        if before.filter_map(|one| one.answered_by).any(|person| person == actor.person) {
            let message = "you served whoever complains of how they were served: somebody else answers it";
            return Err(ServiceError::Forbidden(message.to_owned()));
        }
        Ok(())
    }
}

/// Writes down what a complaint came from, if that is there.
fn traced(conn: &mut Connection, row: &mut ComplaintRow, root: &Root) -> Served<()> {
    (row.root_policy, row.root_version, row.root_channel_id) = (None, None, None);
    let kind = match root {
        Root::Policy(slug, version) => {
            if policy::find(conn, slug, *version)?.is_none() {
                return Err(ServiceError::invalid("/root/policy", format!("there is no version {version} of {slug}")));
            }
            (row.root_policy, row.root_version) = (Some(slug.clone()), Some(*version));
            "policy"
        }
        Root::Channel(channel) => {
            if channel::find(conn, *channel)?.is_none() {
                return Err(ServiceError::invalid("/root/channel", "there is no such channel"));
            }
            row.root_channel_id = Some(*channel);
            "channel"
        }
        Root::Staff => "staff",
        Root::System => "system",
        Root::ThirdParty => "third_party",
        Root::Unfounded => "unfounded",
    };
    row.root_kind = Some(kind.to_owned());
    Ok(())
}
