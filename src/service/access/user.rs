//! Users: people of the lender who sign in with a password.

use serde::Serialize;
use serde_json::json;

use super::{Principal, Role, names, roles};
use crate::secret::{Hidden, password};
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::user::{self, UserRow};
use crate::store::{Connection, StoreError, id, session};

/// Letters of a password, at least; its bytes, at most.
const SHORTEST: usize = 12;
const LONGEST: usize = 512;

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they sign in with.
    pub name: String,
    /// The person: two accounts of one person never check each other. Where an issuer vouches for people too, this is
    /// what it calls them.
    pub person: String,
    /// What they are.
    pub roles: Vec<Role>,
    /// Their password.
    pub password: Hidden<String>,
}

/// A user as a screen shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// `user_…`.
    pub id: String,
    /// What they sign in with.
    pub name: String,
    /// The person.
    pub person: String,
    /// What they are.
    pub roles: Vec<&'static str>,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether too many failures keep them out for now.
    pub locked: bool,
}

/// Whether a user was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ensured {
    /// There is such a user; nothing of them changed, the password neither.
    Known,
    /// They were made.
    Made,
}

impl Service {
    /// Makes a user, unless there is one of that name: how the first ones come in.
    ///
    /// # Errors
    /// The name, the person, a role or the password cannot be used.
    pub fn ensure_user(&self, name: &str, person: &str, roles: &[Role], password: &Hidden<String>) -> Served<Ensured> {
        let new = NewUser {
            name: normal(name),
            person: person.to_owned(),
            roles: roles.to_vec(),
            password: password.clone(),
        };
        if self.store.read(|conn| user::find(conn, &new.name))?.is_some() {
            return Ok(Ensured::Known);
        }
        let hash = checked(&new)?;
        let made = self.store.write(|conn| self.add_user(conn, &Actor::system(), &new, &hash));
        match made {
            Ok(_) => Ok(Ensured::Made),
            // Another program made them at the same time.
            Err(ServiceError::Store(StoreError::Duplicate(_))) => Ok(Ensured::Known),
            Err(error) => Err(error),
        }
    }

    /// Makes a user. The password is hashed before the transaction begins: that takes long, and nobody waits for it.
    ///
    /// # Errors
    /// There is one of that name, or the name, the person, a role or the password cannot be used.
    pub fn make_user(&self, actor: &Actor, new: &NewUser) -> Served<User> {
        let new = NewUser { name: normal(&new.name), ..new.clone() };
        let taken = || ServiceError::conflict("name_taken", "there is a user of that name");
        if self.store.read(|conn| user::find(conn, &new.name))?.is_some() {
            return Err(taken());
        }
        let hash = checked(&new)?;
        let made = self.store.write(|conn| self.add_user(conn, actor, &new, &hash));
        let row = made.map_err(|error| match error {
            // Somebody made them at the same time.
            ServiceError::Store(StoreError::Duplicate(_)) => taken(),
            other => other,
        })?;
        Ok(self.shown(&row))
    }

    fn add_user(&self, conn: &mut Connection, actor: &Actor, new: &NewUser, hash: &str) -> Served<UserRow> {
        let now = self.clock.now();
        let row = UserRow {
            id: id::new_id(),
            name: new.name.clone(),
            person: new.person.trim().to_owned(),
            roles: names(&new.roles),
            password: hash.to_owned(),
            failures: 0,
            locked_until: None,
            active: true,
            created_at: now,
        };
        user::add(conn, &row)?;
        let detail = json!({"person": row.person, "roles": row.roles});
        log(conn, now, actor, "user.make", &id::outside("user", row.id), &detail)?;
        Ok(row)
    }

    /// All users, by name.
    ///
    /// # Errors
    /// The store fails.
    pub fn users(&self) -> Served<Vec<User>> {
        let rows = self.store.read(user::all)?;
        Ok(rows.iter().map(|row| self.shown(row)).collect())
    }

    /// Gives a user another password, unlocks them, and ends their sessions. It is hashed before the transaction begins.
    ///
    /// # Errors
    /// There is no such user, or the password cannot be used.
    pub fn change_password(&self, actor: &Actor, user: i64, password: &Hidden<String>) -> Served<()> {
        let hash = hashed(password)?;
        self.store.write(|conn| {
            user::take(conn, user)?.ok_or(ServiceError::Missing("user"))?;
            user::set_password(conn, user, &hash)?;
            session::end_of_user(conn, user)?;
            Ok(log(conn, self.clock.now(), actor, "user.password", &id::outside("user", user), &json!({}))?)
        })
    }

    /// Says what a user is from now on, and whether they may sign in. Who may not is signed out.
    ///
    /// # Errors
    /// There is no such user, or a role cannot be used.
    pub fn change_user(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        user: i64,
        roles: &[Role],
        active: bool,
    ) -> Served<User> {
        usable(roles)?;
        let row = user::take(conn, user)?.ok_or(ServiceError::Missing("user"))?;
        let row = UserRow { roles: names(roles), active, ..row };
        user::set_roles(conn, user, &row.roles, active)?;
        if !active {
            session::end_of_user(conn, user)?;
        }
        let detail = json!({"roles": row.roles, "active": active});
        log(conn, self.clock.now(), actor, "user.change", &id::outside("user", user), &detail)?;
        Ok(self.shown(&row))
    }

    fn shown(&self, row: &UserRow) -> User {
        User {
            id: id::outside("user", row.id),
            name: row.name.clone(),
            person: row.person.clone(),
            roles: roles(&row.roles).into_iter().map(Role::name).collect(),
            active: row.active,
            locked: row.locked_until.is_some_and(|until| until > self.clock.now()),
        }
    }
}

/// A name in one form: people write theirs in either case.
pub(super) fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

pub(super) fn actor(row: &UserRow) -> Actor {
    Actor { id: id::outside("user", row.id), person: row.person.clone() }
}

pub(super) fn principal(row: &UserRow) -> Principal {
    Principal { actor: actor(row), roles: roles(&row.roles), party: None }
}

/// Roles that the lender's people and programs can have: some, and not a borrower's, who is one by their loan.
pub(super) fn usable(roles: &[Role]) -> Served<()> {
    if roles.is_empty() {
        return Err(ServiceError::invalid("/roles", "name at least one role"));
    }
    if roles.contains(&Role::Borrower) {
        return Err(ServiceError::invalid("/roles", "`borrower` cannot be given: borrowers sign in as such"));
    }
    Ok(())
}

/// A person as the log and the checks know them.
pub(super) fn usable_person(person: &str) -> Served<()> {
    let person = person.trim();
    // These stand for the program and for borrowers.
    if person.is_empty() || person.len() > 200 || person == "system" || person.starts_with("borrower_") {
        return Err(ServiceError::invalid("/person", "name the person, in at most 200 bytes, by the lender's number"));
    }
    Ok(())
}

/// The hash of the password of a user that can be made.
fn checked(new: &NewUser) -> Served<String> {
    if new.name.is_empty() || new.name.len() > 200 || new.name.chars().any(char::is_control) {
        return Err(ServiceError::invalid("/name", "a name has 1 to 200 bytes"));
    }
    usable_person(&new.person)?;
    usable(&new.roles)?;
    if new.password.show().to_lowercase().contains(&new.name) && new.name.len() > 3 {
        return Err(ServiceError::invalid("/password", "has the name in it"));
    }
    hashed(&new.password)
}

fn hashed(given: &Hidden<String>) -> Served<String> {
    let text = given.show();
    if text.chars().count() < SHORTEST || text.len() > LONGEST {
        let message = format!("a password has at least {SHORTEST} letters and at most {LONGEST} bytes");
        return Err(ServiceError::invalid("/password", message));
    }
    Ok(password::hash(given)?)
}
