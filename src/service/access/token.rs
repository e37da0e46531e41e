//! Tokens of services: made once, shown once, listed, taken back.

use chrono::{Days, NaiveDateTime};
use serde::Serialize;
use serde_json::json;

use super::user::{usable, usable_person};
use super::{Principal, Role, borrower, names, roles};
use crate::secret::{Hidden, token};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::recall::Recall;
use crate::store::user::{self, TokenRow};
use crate::store::{Connection, id};

/// What every token begins with, so that one that is found somewhere is known for what it is.
pub const PREFIX: &str = "fbt_";

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Who answers for it: what it makes, this person never checks. Of a borrower's token, the number of the borrower.
    pub person: String,
    /// What it may do: as a borrower nothing else, and that borrower's alone.
    pub roles: Vec<Role>,
    /// When it ends, in UTC; none: when it is taken back.
    pub expires_at: Option<NaiveDateTime>,
}

/// A token as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// `token_…`.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Who answers for it.
    pub person: String,
    /// What it may do.
    pub roles: Vec<&'static str>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it ends.
    pub expires_at: Option<NaiveDateTime>,
    /// When it was taken back.
    pub revoked_at: Option<NaiveDateTime>,
}

impl Service {
    /// Makes a token. The text is shown this once and kept nowhere.
    ///
    /// # Errors
    /// The name, the person or a role cannot be used, or it would have ended already.
    pub fn issue_token(&self, conn: &mut Connection, actor: &Actor, new: &NewToken) -> Served<(Token, Hidden<String>)> {
        let (name, now) = (new.name.trim(), self.clock.now());
        if name.is_empty() || name.len() > 200 {
            return Err(ServiceError::invalid("/name", "say what the token is for, in at most 200 bytes"));
        }
        usable_person(&new.person)?;
        if new.roles != [Role::Borrower] {
            usable(&new.roles)?;
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(ServiceError::invalid("/expires_at", "is past"));
        }
        let text = token::new(PREFIX)?;
        let row = TokenRow {
            id: id::new_id(),
            name: name.to_owned(),
            person: new.person.trim().to_owned(),
            roles: names(&new.roles),
            token_hash: token::hash(text.show()),
            expires_at: new.expires_at,
            revoked_at: None,
            created_at: now,
        };
        user::add_token(conn, &row)?;
        let detail = json!({"name": row.name, "person": row.person, "roles": row.roles});
        log(conn, now, actor, "token.make", &id::outside("token", row.id), &detail)?;
        Ok((shown(&row), text))
    }

    /// Makes a token that is named like who answers for it; what is returned is kept nowhere.
    ///
    /// # Errors
    /// See [`Service::issue_token`].
    pub fn make_token(&self, actor: &Actor, person: &str, roles: &[Role], days: Option<u32>) -> Served<String> {
        let end = |days: u32| self.clock.now().checked_add_days(Days::new(u64::from(days)));
        let new = NewToken {
            name: person.to_owned(),
            person: person.to_owned(),
            roles: roles.to_vec(),
            expires_at: days.and_then(end),
        };
        let (_, text) = self.store.write(|conn| self.issue_token(conn, actor, &new))?;
        Ok(text.show().clone())
    }

    /// All tokens, also those that ended.
    ///
    /// # Errors
    /// The store fails.
    pub fn tokens(&self) -> Served<Vec<Token>> {
        Ok(self.store.read(user::tokens)?.iter().map(shown).collect())
    }

    /// Takes a token back. Once is enough.
    ///
    /// # Errors
    /// There is no such token.
    pub fn revoke_token(&self, conn: &mut Connection, actor: &Actor, id: i64) -> Served<()> {
        let now = self.clock.now();
        if user::revoke_token(conn, id, now)? {
            return Ok(log(conn, now, actor, "token.revoke", &id::outside("token", id), &json!({}))?);
        }
        let known = user::tokens(conn)?.iter().any(|row| row.id == id);
        if known { Ok(()) } else { Err(ServiceError::Missing("token")) }
    }

    /// Who a token is of. That one is shown which ended is in the log; what is no token at all is not, or anybody could
    /// fill it.
    pub(super) fn by_token(&self, text: &str) -> Served<Option<Principal>> {
        let (hash, now) = (token::hash(text), self.clock.now());
        let moment = self.store.moment();
        let Some(row) = self.store.read(|conn| user::token(conn, &hash))? else { return Ok(None) };
        let own = Actor { id: id::outside("token", row.id), person: row.person.clone() };
        let why = match &row {
            row if row.revoked_at.is_some() => "revoked",
            row if row.expires_at.is_some_and(|end| end <= now) => "expired",
            row => {
                let found = principal(row, own);
                self.tokens.put(moment, hash, (row.expires_at, found.clone()));
                return Ok(Some(found));
            }
        };
        self.store.write(|conn| log(conn, now, &own, "token.fail", &own.id, &json!({"why": why})))?;
        Ok(None)
    }

    /// Who a token is of that was known a moment ago.
    pub(super) fn recall_token(&self, text: &str) -> Option<Principal> {
        let (ends, found) = self.tokens.get(self.store.moment(), &token::hash(text))?;
        ends.is_none_or(|end| end > self.clock.now()).then_some(found)
    }
}

/// What is remembered of tokens, by their hash: when they end and whose they are.
pub type Tokens = Recall<String, (Option<NaiveDateTime>, Principal)>;

/// Whom a token stands for: who answers for it, or the borrower whose it is.
fn principal(row: &TokenRow, own: Actor) -> Principal {
    let roles = roles(&row.roles);
    if roles != [Role::Borrower] {
        return Principal { actor: own, roles, party: None };
    }
    let borrower = borrower::principal(&row.person);
    Principal { actor: Actor { id: own.id, ..borrower.actor }, ..borrower }
}

fn shown(row: &TokenRow) -> Token {
    Token {
        id: id::outside("token", row.id),
        name: row.name.clone(),
        person: row.person.clone(),
        roles: roles(&row.roles).into_iter().map(Role::name).collect(),
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    }
}
