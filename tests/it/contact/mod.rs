//! What people get in touch about: cases, contacts, progress; on both databases.

mod cases;
mod complaints;
mod contacts;
pub mod hostile;
mod messages;

use forbear::core_system::person::parse_with_persons;
use forbear::secret::{Hidden, KeyRing};
use forbear::service::access::{Principal, Role};
use forbear::service::care::channel::ChannelRow;
use forbear::service::policy::PolicyAct;
use forbear::service::relief::ask::{Asked, NewRequest};
use forbear::service::{Service, ServiceError};
use forbear::store;
use serde_json::{Value, json};

use crate::databases::Database;
use crate::service::desk::{actor, file, put_in_force, write, zhengzhou};

pub const PHONE: &str = "13812345678";
pub const LOAN: &str = "ZZ-20210220-01";
pub const HENAN: &str = "cn-henan-2021-07";

pub fn hidden(text: &str) -> Hidden<String> {
    Hidden::text(text)
}

/// The loan in Zhengzhou, and whose it is: P-1 has the phone 138 1234 5678. It is 29 July 2021, ten in the morning.
pub fn known(database: &Database) -> Service {
    let service = zhengzhou(database).with_keys(KeyRing::of_memory().unwrap());
    report(&service, LOAN, "P-1", PHONE, "zh-CN");
    service
}

/// Reports a loan like that in Zhengzhou, with who owes it.
pub fn report(service: &Service, account: &str, party: &str, phone: &str, language: &str) {
    let mut line: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    line["account"] = json!(account);
    line["parties"][0]["party"] = json!(party);
    line["person"] = json!({"parties": [{"party": party, "name": "张三", "phone": phone, "language": language}]});
    service.take_report(&parse_with_persons(1, &line.to_string()).unwrap()).unwrap();
}

/// Puts the late fees' policy in force alone: it grants at once and asks nothing. With `consent`, a deferral of three rows with interest on top,
/// to which the borrower has to agree.
pub fn only_late_fees(service: &Service, consent: bool) {
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    let mut policy: Value = serde_json::from_str(&file("samples/policy-late-fees.json")).unwrap();
    if consent {
        policy["start"] = json!({"by": ["request"]});
        policy["rules"][0]["benefits"] = json!([{
            "id": "later", "title": {"zh-CN": "延期", "en": "Later"}, "consent": true,
            "defer": {"which": "due_in", "due": {"from": "incident_start"}, "instalments": {"up_to": 3},
                      "to": "end_of_term", "interest_on_top": "accrue", "arrears": "cure"}
        }]);
    }
    put_in_force(service, &policy.to_string());
}

pub fn ask(service: &Service, account: &str) -> Asked {
    let new = NewRequest { account: account.to_owned(), declaration: Some(HENAN.to_owned()), ..NewRequest::default() };
    write(service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap()
}

/// The core system says that everything is done.
pub fn confirm_all(service: &Service) {
    for (row, _) in service.store.read(|conn| store::instruction::page(conn, Some("pending"), 0, 100)).unwrap() {
        write(service, |conn| service.answer_instruction(conn, &actor("core"), row.id, None)).unwrap();
    }
}

pub fn agent(name: &str) -> Principal {
    Principal { actor: actor(name), roles: vec![Role::CareAgent], party: None }
}

pub fn later(service: &Service, minutes: i64) {
    service.clock.set(service.clock.now().and_utc() + chrono::TimeDelta::minutes(minutes));
}

#[track_caller]
pub fn code<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> &'static str {
    match result.unwrap_err() {
        ServiceError::Conflict { code, .. } => code,
        error => panic!("{error}"),
    }
}

/// Where what was sent cannot be used.
#[track_caller]
pub fn places<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Vec<String> {
    match result.unwrap_err() {
        ServiceError::Invalid(problems) => problems.into_iter().map(|problem| problem.pointer).collect(),
        error => panic!("{error}"),
    }
}

/// An emergency channel that is open for the flood: its queue is flood-henan, its word 救助, its target 3 minutes.
pub fn channel(service: &Service, policy: &str) -> ChannelRow {
    let settings = json!({
        "level": "III", "level_reason": "as the province does", "regions": ["CN-410100"],
        "hours": {"business_days": ["00:00-24:00"], "other_days": ["00:00-24:00"]},
        "hotline": "400-800-1234", "queue": "flood-henan", "sms_word": "救助",
        "banner": {"zh-CN": "受灾客户专线已开通", "en": "A line for those who are hit is open"},
        "target_minutes": 3, "capacity": 200, "policies": [policy], "expires_on": "2021-12-31"
    });
    let settings = serde_json::from_value(settings).unwrap();
    let row = write(service, |conn| service.prepare_channel(conn, &actor("lead"), HENAN, &settings)).unwrap();
    let why = (row.digest.as_str(), Some("the water rises"));
    write(service, |conn| service.open_channel(conn, &actor("lead"), row.id, why)).unwrap()
}
