//! The shelf: policies compiled and declarations resolved, kept while what the store says of them stays the same.

use std::sync::{Arc, RwLock};

use chrono::NaiveDate;
use forbear_engine::declaration::{Declaration, Declared};
use forbear_engine::policy::Program;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;

use crate::service::{Served, ServiceError};
use crate::store::{Connection, declaration, document, policy};

/// Policies and declarations, ready to decide.
#[derive(Default)]
pub struct Shelf {
    policies: Kept<Vec<String>, Vec<Program>>,
    declarations: Kept<(NaiveDate, Vec<String>), Vec<Declared<'static>>>,
    named_policies: Kept<Vec<String>, Vec<Program>>,
    named_declarations: Kept<(NaiveDate, Vec<String>), Vec<Declared<'static>>>,
}

/// The last of something, with what it was made from.
type Kept<K, T> = RwLock<Option<(K, Arc<T>)>>;

impl Shelf {
    /// The policies that decide.
    ///
    /// # Errors
    /// The store fails, or a version that is in force cannot be compiled.
    pub fn policies(&self, conn: &mut Connection, attributes: &Attributes) -> Served<(Vec<String>, Arc<Vec<Program>>)> {
        let digests = policy::deciding(conn)?;
        let made = kept(&self.policies, &digests, || compile(conn, &digests, attributes))?;
        Ok((digests, made))
    }

    /// The open declarations as they stand on a day.
    ///
    /// # Errors
    /// The store fails, or a declaration names a region that is gone.
    pub fn declarations(
        &self,
        conn: &mut Connection,
        day: NaiveDate,
    ) -> Served<(Vec<String>, Arc<Vec<Declared<'static>>>)> {
        let digests = declaration::open(conn)?;
        let key = (day, digests);
        let made = kept(&self.declarations, &key, || resolve(conn, &key.1, day))?;
        Ok((key.1, made))
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
