//! Deciding for lenders that want the engine alone: everything comes with the question, or is taken from what is in
//! force; nothing is kept.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::NaiveDate;
use forbear_engine::account::snapshots::Beside;
use forbear_engine::account::{Account, OneSnapshot, Snapshot, Snapshots};
use forbear_engine::context::Context;
use forbear_engine::decide::{Decision, Detail, Inputs, decide};
use forbear_engine::declaration::Declared;
use forbear_engine::history::History;
use forbear_engine::policy::Program;
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;

use crate::service::{Problem, Served, Service, ServiceError};
use crate::store::{Connection, declaration, policy};

/// A question to the engine.
pub struct Question<'a> {
    /// The account, as its JSON text.
    pub account: &'a str,
    /// What it is decided by.
    pub by: Grounds,
    /// The request; proactive relief when there is none.
    pub request: Option<Request>,
    /// Earlier relief.
    pub history: History,
    /// How much is explained.
    pub detail: Detail,
}

/// What a question is decided by, as it is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grounds {
    /// Versions of policies by name; all that are in force when none is named.
    pub policies: Option<Vec<(String, i32)>>,
    /// Declarations by name; all that are open when none is named.
    pub declarations: Option<Vec<String>>,
    /// The decision day.
    pub today: NaiveDate,
}

/// The same, ready to decide by.
pub struct Ready {
    policies: Arc<Vec<Program>>,
    declarations: Arc<Vec<Declared<'static>>>,
    context: Context,
}

impl Ready {
    /// Decides.
    ///
    /// # Errors
    /// The account is not valid, or amounts leave their range.
    pub fn decide(&self, question: &Question<'_>) -> Served<Decision> {
        with_snapshot(question.account, |account| {
            decide(&Inputs {
                policies: &self.policies,
                declarations: &self.declarations,
                account,
                request: question.request.as_ref(),
                history: &question.history,
                context: &self.context,
                regions: RegionTree::builtin(),
                detail: question.detail,
            })
            .map_err(|error| ServiceError::invalid("/account", format!("it cannot be decided: {error}")))
        })
    }
}

impl Service {
    /// Decides, and keeps nothing.
    ///
    /// # Errors
    /// The account is not valid, a name is unknown, or amounts leave their range.
    pub fn decide_alone(&self, question: &Question<'_>) -> Served<Decision> {
        self.ready(&question.by)?.decide(question)
    }

    /// What is decided by, if it was asked for a moment ago: without a look at the store.
    #[must_use]
    pub fn at_hand(&self, by: &Grounds) -> Option<Arc<Ready>> {
        self.grounds.get(self.store.moment(), by)
    }

    fn ready(&self, by: &Grounds) -> Served<Arc<Ready>> {
        if let Some(ready) = self.at_hand(by) {
            return Ok(ready);
        }
        let moment = self.store.moment();
        let (policies, declarations) = self.store.read(|conn| {
            let terms = self.shelf.terms(conn)?;
            let policies = match &by.policies {
                None => self.shelf.policies(conn, &terms, &self.lender.attributes)?,
                Some(names) => self.named_policies(conn, names)?,
            };
            let declarations = match &by.declarations {
                None => self.shelf.declarations(conn, &terms, by.today)?,
                Some(names) => self.named_declarations(conn, names, by.today)?,
            };
            Ok::<_, ServiceError>((policies, declarations))
        })?;
        let context = Context {
            zone: Some(self.clock.zone().name().to_owned()),
            calendar: self.lender.calendar.clone(),
            attributes: self.lender.attributes.clone(),
            ..Context::on(by.today)
        };
        let ready = Arc::new(Ready { policies, declarations, context });
        self.grounds.put(moment, by.clone(), Arc::clone(&ready));
        Ok(ready)
    }

    fn named_policies(&self, conn: &mut Connection, names: &[(String, i32)]) -> Served<Arc<Vec<Program>>> {
        let mut digests = Vec::new();
        for (at, (slug, version)) in names.iter().enumerate() {
            let row = policy::find(conn, slug, *version)?;
            let missing = || ServiceError::invalid(&format!("/policies/{at}"), format!("no policy {slug} {version}"));
            digests.push(row.ok_or_else(missing)?.digest);
        }
        self.shelf.named_policies(conn, &digests, &self.lender.attributes)
    }

    fn named_declarations(
        &self,
        conn: &mut Connection,
        names: &[String],
        today: NaiveDate,
    ) -> Served<Arc<Vec<Declared<'static>>>> {
        let mut digests = Vec::new();
        for (at, slug) in names.iter().enumerate() {
            let row = declaration::find(conn, slug)?;
            let missing = || ServiceError::invalid(&format!("/declarations/{at}"), format!("no declaration {slug}"));
            digests.push(row.ok_or_else(missing)?.digest);
        }
        self.shelf.named_declarations(conn, digests, today)
    }
}

thread_local! {
    /// Where a thread reads the accounts of its questions, one after another, so that not each of them asks for memory.
    static READ: RefCell<Snapshots> = RefCell::default();
}

/// The longest account whose memory a thread keeps for the next.
const KEPT: usize = 64 << 10;

/// Reads an account at once where it is written plainly, else with the place of what is wrong.
fn with_snapshot<T>(text: &str, work: impl FnOnce(Snapshot<'_>) -> Served<T>) -> Served<T> {
    READ.with_borrow_mut(|kept| {
        let mut own;
        let plain = if text.len() <= KEPT {
            kept
        } else {
            own = Snapshots::default();
            &mut own
        };
        plain.clear();
        if plain.read_plain(text, Beside::Nothing)
            && let Some(snapshot) = plain.get(0)
        {
            return work(snapshot);
        }
        let account = Account::from_json(text).map_err(|error| {
            let problems = error.problems.into_iter();
            ServiceError::Invalid(
                problems
                    .map(|one| Problem { pointer: format!("/account{}", one.pointer), message: one.message })
                    .collect(),
            )
        })?;
        let one = OneSnapshot::of(&account).map_err(|error| ServiceError::invalid("/account", error.to_string()))?;
        work(one.snapshot())
    })
}
