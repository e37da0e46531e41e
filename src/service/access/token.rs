//! Tokens of services: made once, shown once, listed, taken back.

use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::json;

use super::user::{usable, usable_person};
use super::{Principal, Role, names, roles};
use crate::secret::{Hidden, token};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::user::{self, TokenRow};
use crate::store::{Connection, id};

/// What every token begins with, so that one that is found somewhere is known for what it is.
pub const PREFIX: &str = "fbt_";

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Who answers for it: what it makes, this person never checks.
    pub person: String,
    /// What it may do.
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
    pub fn make_token(&self, conn: &mut Connection, actor: &Actor, new: &NewToken) -> Served<(Token, Hidden<String>)> {
        let (name, now) = (new.name.trim(), self.clock.now());
        if name.is_empty() || name.len() > 200 {
            return Err(ServiceError::invalid("/name", "say what the token is for, in at most 200 bytes"));
        }
        usable_person(&new.person)?;
        usable(&new.roles)?;
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
        let Some(row) = self.store.read(|conn| user::token(conn, &hash))? else { return Ok(None) };
        let own = Actor { id: id::outside("token", row.id), person: row.person.clone() };
        let why = match &row {
            row if row.revoked_at.is_some() => "revoked",
            row if row.expires_at.is_some_and(|end| end <= now) => "expired",
            _ => return Ok(Some(Principal { actor: own, roles: roles(&row.roles), party: None })),
        };
        self.store.write(|conn| log(conn, now, &own, "token.fail", &own.id, &json!({"why": why})))?;
        Ok(None)
    }
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
