//! The shelf: policies compiled and declarations resolved, kept while what the store says of them stays the same.

use std::sync::{Arc, RwLock};

use chrono::NaiveDate;
use forbear_engine::declaration::{Declaration, Declared};
use forbear_engine::policy::Program;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;

use crate::service::{Served, ServiceError};
use crate::store::budget::{self, BudgetRow};
use crate::store::sample::{self, LotteryRow};
use crate::store::{Connection, declaration, document, edition, policy};

/// What everybody is decided by, as the store has it.
#[derive(Default)]
pub struct Terms {
    /// The policies that decide, by digest.
    pub policies: Vec<String>,
    /// The open declarations, by digest.
    pub declarations: Vec<String>,
    /// All budgets. What they hold stands in their slices.
    pub budgets: Vec<BudgetRow>,
    /// What is drawn by.
    pub lottery: Option<LotteryRow>,
}

/// Policies and declarations, ready to decide.
#[derive(Default)]
pub struct Shelf {
    terms: Kept<String, Terms>,
    policies: Kept<Vec<String>, Vec<Program>>,
    declarations: Kept<(NaiveDate, Vec<String>), Vec<Declared<'static>>>,
    named_policies: Kept<Vec<String>, Vec<Program>>,
    named_declarations: Kept<(NaiveDate, Vec<String>), Vec<Declared<'static>>>,
}

/// The last of something, with what it was made from.
type Kept<K, T> = RwLock<Option<(K, Arc<T>)>>;

impl Shelf {
    /// What everybody is decided by. It is read again when the store has another edition of it.
    ///
    /// # Errors
    /// The store fails.
    pub fn terms(&self, conn: &mut Connection) -> Served<Arc<Terms>> {
        // Before what it is the mark of: what changes in between is read again with the next mark.
        let mark = edition::mark(conn)?;
        kept(&self.terms, &mark, || {
            let (policies, declarations) = (policy::deciding(conn)?, declaration::open(conn)?);
            Ok(Terms { policies, declarations, budgets: budget::list(conn)?, lottery: sample::lottery(conn)? })
        })
    }

    /// The policies that decide, compiled.
    ///
    /// # Errors
    /// The store fails, or a version that is in force cannot be compiled.
    pub fn policies(&self, conn: &mut Connection, terms: &Terms, attributes: &Attributes) -> Served<Arc<Vec<Program>>> {
        kept(&self.policies, &terms.policies, || compile(conn, &terms.policies, attributes))
    }

    /// The open declarations as they stand on a day.
    ///
    /// # Errors
    /// The store fails, or a declaration names a region that is gone.
    pub fn declarations(
        &self,
        conn: &mut Connection,
        terms: &Terms,
        day: NaiveDate,
    ) -> Served<Arc<Vec<Declared<'static>>>> {
        let key = (day, terms.declarations.clone());
        kept(&self.declarations, &key, || resolve(conn, &key.1, day))
    }

    /// Policies that somebody names by digest; the last ones stay compiled.
    ///
    /// # Errors
    /// One is missing, or cannot be compiled.
    pub fn named_policies(
        &self,
        conn: &mut Connection,
        digests: &Vec<String>,
        attributes: &Attributes,
    ) -> Served<Arc<Vec<Program>>> {
        kept(&self.named_policies, digests, || compile(conn, digests, attributes))
    }

    /// Declarations that somebody names by digest, as they stand on a day; the last ones stay resolved.
    ///
    /// # Errors
    /// One is missing, or cannot be read.
    pub fn named_declarations(
        &self,
        conn: &mut Connection,
        digests: Vec<String>,
        day: NaiveDate,
    ) -> Served<Arc<Vec<Declared<'static>>>> {
        let key = (day, digests);
        kept(&self.named_declarations, &key, || resolve(conn, &key.1, day))
    }
}

fn kept<K: PartialEq + Clone, T>(shelf: &Kept<K, T>, key: &K, make: impl FnOnce() -> Served<T>) -> Served<Arc<T>> {
    let poisoned = |_| ServiceError::unknown("a thread died at the shelf");
    if let Some((known, made)) = &*shelf.read().map_err(|_| poisoned(()))?
        && known == key
    {
        return Ok(Arc::clone(made));
    }
    let made = Arc::new(make()?);
    *shelf.write().map_err(|_| poisoned(()))? = Some((key.clone(), Arc::clone(&made)));
    Ok(made)
}

/// Compiles versions by digest.
///
/// # Errors
/// One is missing, or cannot be compiled.
pub fn compile(conn: &mut Connection, digests: &[String], attributes: &Attributes) -> Served<Vec<Program>> {
    let settings = CheckSettings { today: None, attributes: attributes.clone() };
    let one = |digest: &String| {
        let text =
            document::body(conn, digest)?.ok_or_else(|| ServiceError::unknown(format!("no document {digest}")))?;
        let checked = check(&text, &settings);
        checked.program.ok_or_else(|| ServiceError::unknown(format!("the policy {digest} no longer compiles")))
    };
    digests.iter().map(one).collect()
}

/// Resolves declarations by digest, as they stand on a day.
///
/// # Errors
/// One is missing, or cannot be read.
pub fn resolve(conn: &mut Connection, digests: &[String], day: NaiveDate) -> Served<Vec<Declared<'static>>> {
    let one = |digest: &String| {
        let text =
            document::body(conn, digest)?.ok_or_else(|| ServiceError::unknown(format!("no document {digest}")))?;
        let read: Declaration = serde_json::from_str(&text).map_err(ServiceError::unknown)?;
        read.as_of(day, RegionTree::builtin()).map_err(ServiceError::unknown)
    };
    digests.iter().map(one).collect()
}
