//! A service with shipped policies, a disaster and an account, on a database of its own.

use chrono::{DateTime, Utc};
use forbear::clock::Clock;
use forbear::service::access::{Principal, Role};
use forbear::service::audit::Actor;
use forbear::service::policy::PolicyAct;
use forbear::service::{Lender, Served, Service};
use forbear::store::{Connection, Store};
use forbear_engine::account::Account;
use forbear_engine::declaration::Declaration;

use crate::databases::Database;

pub fn actor(name: &str) -> Actor {
    Actor { id: format!("user_{name}"), person: name.to_owned() }
}

/// One transaction.
pub fn write<T>(service: &Service, work: impl FnMut(&mut Connection) -> Served<T>) -> Served<T> {
    service.store.write(work)
}

/// Somebody who sees everything.
pub fn staff() -> Principal {
    Principal { actor: actor("staff"), roles: vec![Role::Auditor], party: None }
}

pub fn at(moment: &str) -> DateTime<Utc> {
    moment.parse().unwrap()
}

/// A service in Shanghai, on a day at ten in the morning.
pub fn service(database: &Database, day: &str) -> Service {
    let clock = Clock::standing(chrono_tz::Asia::Shanghai, at(&format!("{day}T02:00:00Z")));
    Service::new(Store::open(&database.url, 8).unwrap(), clock, Lender::default())
}

/// Puts a policy in force, by two people.
pub fn put_in_force(service: &Service, text: &str) {
    let drafted = write(service, |conn| service.draft_policy(conn, &actor("author"), text)).unwrap();
    let key = (drafted.slug.as_str(), drafted.version);
    write(service, |conn| service.move_policy(conn, &actor("author"), key, PolicyAct::Submit, None)).unwrap();
    let digest = Some(drafted.digest.as_str());
    write(service, |conn| service.move_policy(conn, &actor("approver"), key, PolicyAct::Approve, digest)).unwrap();
}

pub fn file(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The floods of Henan in July 2021 with the policy for them, and a loan in Zhengzhou.
pub fn zhengzhou(database: &Database) -> Service {
    let service = service(database, "2021-07-29");
    put_in_force(&service, &file("policies/cn-henan-2021-07-consumer-finance/2021-07-22.json"));
    let declaration: Declaration = serde_json::from_str(&file("declarations/cn-henan-2021-07.json")).unwrap();
    write(&service, |conn| service.declare(conn, &actor("lead"), &declaration)).unwrap();
    service.take_snapshot(&account("samples/account-zhengzhou.json")).unwrap();
    service
}

pub fn account(path: &str) -> Account {
    Account::from_json(&file(path)).unwrap()
}
