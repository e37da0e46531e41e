//! From what a caller sends to who they are.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Days;
use rand::RngExt;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Principal, Role};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};
use crate::store::{id, user};

/// What a caller sends.
#[derive(Clone, Default)]
pub struct Credentials {
    /// A bearer token.
    pub bearer: Option<String>,
    /// The value of the session's cookie.
    pub session: Option<String>,
}

/// What of a token is kept.
#[must_use]
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Service {
    /// Makes a token; what is returned is kept nowhere.
    ///
    /// # Errors
    /// The store fails.
    pub fn make_token(&self, actor: &Actor, person: &str, roles: &[Role], days: Option<u32>) -> Served<String> {
        let random: [u8; 32] = rand::rng().random();
        let token = format!("fbt_{}", URL_SAFE_NO_PAD.encode(random));
        let now = self.clock.now();
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let row = user::TokenRow {
            id: id::new_id(),
            name: person.to_owned(),
            person: person.to_owned(),
            roles: names.join(" "),
            token_hash: token_hash(&token),
            expires_at: days.and_then(|days| now.checked_add_days(Days::new(u64::from(days)))),
            revoked_at: None,
            created_at: now,
        };
        self.store.write(|conn| {
            user::add_token(conn, &row)?;
            let detail = json!({"person": person, "roles": names});
            log(conn, now, actor, "token.make", &id::outside("token", row.id), &detail)
        })?;
        Ok(token)
    }

    /// Who a caller is; none when what they send is wrong, ended, or nothing.
    ///
    /// # Errors
    /// The store fails.
    pub fn authenticate(&self, sent: &Credentials) -> Served<Option<Principal>> {
        let Some(bearer) = &sent.bearer else { return Ok(None) };
        let now = self.clock.now();
        let row = self.store.read(|conn| user::token(conn, &token_hash(bearer)))?;
        let live = row.filter(|row| row.revoked_at.is_none() && row.expires_at.is_none_or(|end| now < end));
        Ok(live.map(|row| {
            let roles: Vec<Role> = row.roles.split(' ').filter_map(Role::of).collect();
            let party = (roles == [Role::Borrower]).then(|| row.person.clone());
            let actor = Actor { id: id::outside("token", row.id), person: row.person };
            Principal { actor, roles, party }
        }))
    }
}
