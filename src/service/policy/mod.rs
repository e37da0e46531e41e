//! Versions of policies: draft → submitted → approved → effective → superseded or withdrawn. What is approved is the
//! digest; who approves is not who wrote or submitted it.

pub mod cases;
pub mod compare;
pub mod flight;
pub mod order;
pub mod shelf;

use forbear_engine::policy::Program;
use forbear_engine::policy::check::{CheckSettings, Checked, check};
use forbear_engine::policy::problem::Level;
use serde_json::json;

use self::flight::Flights;
use super::audit::{Actor, log};
use super::{Problem, Served, Service, ServiceError};
use crate::store::document::{self, DocumentRow};
use crate::store::policy;
use crate::store::{Connection, id};

pub use crate::store::policy::PolicyRow;

/// What is told of what is in flight when a version is withdrawn, at most; the rest is read page by page.
const FLIGHTS: i64 = 500;

/// What can be done with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyAct {
    /// Hand it in.
    Submit,
    /// Agree with it; it is in force from its first day on.
    Approve,
    /// Give it back to its author.
    Return,
    /// Take it out of force at once.
    Withdraw,
}

impl PolicyAct {
    /// Its name outside.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Withdraw => "withdraw",
        }
    }

    /// Where a version goes from where it stands.
    fn moves(self, from: &str) -> Option<&'static str> {
        match (self, from) {
            (Self::Submit, "draft") => Some("submitted"),
            // In force from its first day on: which it is, the days of all versions say.
            (Self::Approve, "submitted") => Some("approved"),
            (Self::Return, "submitted") => Some("draft"),
            (Self::Withdraw, "submitted" | "approved" | "effective" | "superseded") => Some("withdrawn"),
            _ => None,
        }
    }
}

impl Service {
    /// Every problem of a policy, with its place.
    #[must_use]
    pub fn check_policy(&self, text: &str) -> Checked {
        check(text, &CheckSettings { today: Some(self.clock.today()), attributes: self.lender.attributes.clone() })
    }

    /// Keeps a draft: a new version, or another text of a version that still is a draft.
    ///
    /// # Errors
    /// The policy cannot be used, or the version is past being a draft.
    pub fn draft_policy(&self, conn: &mut Connection, actor: &Actor, text: &str) -> Served<PolicyRow> {
        let program = self.compiled(text)?;
        let now = self.clock.now();
        let slug = program.slug().to_owned();
        let version = i32::try_from(program.document.version).map_err(ServiceError::unknown)?;
        let known = policy::find(conn, &slug, version)?;
        let body = DocumentRow {
            digest: program.digest.clone(),
            kind: "policy".to_owned(),
            body: text.to_owned(),
            created_at: now,
        };
        document::keep(conn, &body)?;
        let row = PolicyRow {
            id: known.as_ref().map_or_else(id::new_id, |row| row.id),
            slug: slug.clone(),
            version,
            effective_from: program.effective().from,
            effective_until: program.effective().until,
            digest: program.digest.clone(),
            state: "draft".to_owned(),
            drafted_by: actor.person.clone(),
            submitted_by: None,
            approved_by: None,
            created_at: known.as_ref().map_or(now, |row| row.created_at),
            changed_at: now,
            revision: known.as_ref().map_or(0, |row| row.revision),
        };
        match &known {
            None => policy::add(conn, &row)?,
            Some(known) if known.state != "draft" => {
                let message = format!("{slug} {version} is {}: write the next version", known.state);
                return Err(ServiceError::conflict("not_a_draft", message));
            }
            Some(_) => changed(policy::update(conn, &row)?)?,
        }
        let detail = json!({"digest": row.digest});
        log(conn, now, actor, "policy.draft", &named(&row), &detail)?;
        found(conn, &slug, version)
    }

    /// Moves a version on. `digest` is of what the caller saw.
    ///
    /// # Errors
    /// The version does not stand where it can be moved, was changed since, its cases come out differently, or the caller
    /// wrote it.
    pub fn move_policy(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        (slug, version): (&str, i32),
        act: PolicyAct,
        digest: Option<&str>,
    ) -> Served<PolicyRow> {
        let now = self.clock.now();
        let mut row = found(conn, slug, version)?;
        let Some(to) = act.moves(&row.state) else {
            let message = format!("{slug} {version} is {}: it cannot {}", row.state, act.name());
            return Err(ServiceError::conflict("wrong_state", message));
        };
        if act == PolicyAct::Approve {
            if digest != Some(row.digest.as_str()) {
                let message = format!("say what you approve: the digest of this version is {}", row.digest);
                return Err(ServiceError::conflict("digest_differs", message));
            }
            if row.drafted_by == actor.person || row.submitted_by.as_deref() == Some(&actor.person) {
                return Err(ServiceError::Forbidden("who wrote or submitted a policy does not approve it".to_owned()));
            }
            row.approved_by = Some(actor.person.clone());
        }
        let mut detail = json!({"digest": row.digest});
        if act == PolicyAct::Submit {
            let tested = self.refuse_failing(conn, &row)?;
            detail = json!({"digest": row.digest, "cases": tested.passed, "not_exercised": tested.not_exercised.len()});
            row.submitted_by = Some(actor.person.clone());
        }
        row.state = to.to_owned();
        row.changed_at = now;
        changed(policy::update(conn, &row)?)?;
        let verb = format!("policy.{}", act.name());
        log(conn, now, actor, &verb, &named(&row), &detail)?;
        if matches!(act, PolicyAct::Approve | PolicyAct::Withdraw) {
            self.order_versions(conn, actor, slug)?;
        }
        found(conn, slug, version)
    }

    /// Takes a version out of force at once; says what is in flight under it and what becomes of that.
    ///
    /// # Errors
    /// The version cannot be withdrawn from where it stands.
    pub fn withdraw_policy(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        key: (&str, i32),
    ) -> Served<(PolicyRow, Flights)> {
        let row = self.move_policy(conn, actor, key, PolicyAct::Withdraw, None)?;
        Ok((row, flight::flights(conn, key, 0, FLIGHTS)?))
    }

    /// All versions, or those of one policy.
    ///
    /// # Errors
    /// The store fails.
    pub fn policies(&self, slug: Option<&str>) -> Served<Vec<PolicyRow>> {
        self.store.read(|conn| Ok(policy::list(conn, slug)?))
    }

    /// A version with its text.
    ///
    /// # Errors
    /// There is none.
    pub fn policy(&self, slug: &str, version: i32) -> Served<(PolicyRow, String)> {
        self.store.read(|conn| {
            let row = found(conn, slug, version)?;
            let text =
                document::body(conn, &row.digest)?.ok_or_else(|| ServiceError::unknown("no text of a policy"))?;
            Ok((row, text))
        })
    }

    fn compiled(&self, text: &str) -> Served<Program> {
        let checked = self.check_policy(text);
        let errors = checked.problems.iter().filter(|found| found.problem.level == Level::Error);
        let said: Vec<Problem> = errors
            .map(|found| {
                let help = found.problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
                let message = format!("line {}, column {}: {}{help}", found.line, found.column, found.problem.message);
                Problem { pointer: found.problem.pointer.clone(), message }
            })
            .collect();
        match checked.program {
            Some(program) if said.is_empty() => Ok(program),
            _ => Err(ServiceError::Invalid(said)),
        }
    }
}

fn found(conn: &mut Connection, slug: &str, version: i32) -> Served<PolicyRow> {
    policy::find(conn, slug, version)?.ok_or(ServiceError::Missing("policy version"))
}

fn named(row: &PolicyRow) -> String {
    format!("policy:{}:{}", row.slug, row.version)
}

/// Somebody else was faster.
pub(super) fn changed(done: bool) -> Served<()> {
    if done {
        return Ok(());
    }
    Err(ServiceError::conflict("changed_meanwhile", "somebody changed it meanwhile: look again"))
}
