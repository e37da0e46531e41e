//! Holds that end before their time, and suspensions that are prolonged.

use forbear::service::policy::PolicyAct;
use forbear::service::relief::ask::{Asked, NewRequest};
use forbear::service::relief::release::{Held, Released, names};
use forbear::service::{Served, Service, ServiceError};
use forbear::store::grant::GrantRow;
use forbear_engine::adjustment::Adjustment;
use serde_json::{Value, json};

use super::desk::{actor, at, file, put_in_force, staff, write, zhengzhou};
use crate::databases::{Database, on_both};

const LOAN: &str = "ZZ-20210220-01";

/// The only policy in force, with these benefits.
pub fn giving(database: &Database, by: &str, benefits: &Value) -> Service {
    let service = zhengzhou(database);
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    let mut policy: Value = serde_json::from_str(&file("samples/policy-late-fees.json")).unwrap();
    policy["start"]["by"] = json!([by]);
    policy["rules"][0]["benefits"] = benefits.clone();
    put_in_force(&service, &policy.to_string());
    service
}

pub fn held(id: &str, what: &[&str], until: &Value) -> Value {
    json!({"id": id, "title": {"zh-CN": id, "en": id}, "hold": {"what": what, "from": "decided_on", "until": until}})
}

fn ask(service: &Service) -> Asked {
    let new = NewRequest { account: LOAN.to_owned(), ..NewRequest::default() };
    write(service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap()
}

fn give(service: &Service) -> Vec<GrantRow> {
    write(service, |conn| service.give_relief(conn, &actor("lead"), LOAN)).unwrap().grants
}

fn release(service: &Service, grant: i64, reason: &str) -> Served<Released> {
    write(service, |conn| service.release_hold(conn, &actor("lead"), grant, reason))
}

fn renew(service: &Service, grant: i64) -> Served<GrantRow> {
    write(service, |conn| service.renew_grant(conn, &actor("agent"), grant, "the road is still closed"))
}

fn standing(service: &Service) -> Vec<Held> {
    service.account(&staff(), LOAN).unwrap().holds
}

#[track_caller]
fn code<T>(done: Served<T>) -> &'static str {
    match done {
        Err(ServiceError::Conflict { code, .. }) => code,
        Err(ServiceError::Invalid(_)) => "invalid",
        Err(other) => panic!("{other}"),
        Ok(_) => "done",
    }
}

#[test]
fn a_hold_ends_on_the_day_it_is_released_and_what_others_hold_stays() {
    on_both(|database| {
        let calm = held("calm", &["collections", "credit_reporting"], &json!({"after": "decided_on", "days": 30}));
        let quiet = held("quiet", &["collections"], &json!("2021-09-30"));
        let service = giving(database, "request", &json!([calm, quiet]));
        let asked = ask(&service);
        let [calm, quiet] = asked.grants.try_into().unwrap();
        assert_eq!(code(release(&service, calm.id, " ")), "invalid");
        let released = release(&service, calm.id, "back at work").unwrap();
        assert_eq!(
            (released.released_on.to_string().as_str(), released.still_held.as_slice()),
            ("2021-07-29", ["collections".to_owned()].as_slice())
        );
        let [first, second] = standing(&service).try_into().unwrap();
        let today = service.clock.today();
        assert_eq!((first.grant, first.on(today), first.on(today.pred_opt().unwrap())), (calm.id, false, false));
        assert_eq!(first.reason.as_deref(), Some("back at work"));
        // From 29 July until 30 September, both included.
        assert_eq!(
            (second.grant, second.on(today), names(&second.change)),
            (quiet.id, true, vec!["collections".to_owned()])
        );
        assert!(second.on("2021-09-30".parse().unwrap()) && !second.on("2021-10-01".parse().unwrap()));

        let told = service.instructions(None, 0, 10).unwrap().pop().unwrap();
        let body: Value = serde_json::from_str(&told.body).unwrap();
        assert_eq!(
            (told.id, told.kind.as_str(), &body["released_on"]),
            (released.instruction, "release", &json!("2021-07-29"))
        );
        assert_eq!(body["still_held"], json!(["collections"]));
        assert_eq!(body["grants"].as_array().unwrap().len(), 1);
        let steps = service.request(&staff(), asked.request.id).unwrap().steps;
        assert_eq!(steps.last().unwrap().kind, "hold_released");

        assert_eq!(code(release(&service, calm.id, "again")), "released_already");
        service.clock.set(at("2021-10-01T02:00:00Z"));
        assert_eq!(code(release(&service, quiet.id, "late")), "ended");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn what_holds_nothing_or_was_taken_back_is_not_released() {
    on_both(|database| {
        let fees = json!({"id": "fees", "waive": {"charges": ["late_fee"], "share": "1", "if_paid": "refund"}});
        let calm = held("calm", &["collections"], &json!("2021-09-30"));
        let service = giving(database, "request", &json!([fees, calm]));
        let grants = ask(&service).grants;
        let of = |benefit: &str| grants.iter().find(|grant| grant.benefit == benefit).unwrap().id;
        assert_eq!(code(release(&service, of("fees"), "why not")), "no_hold");
        write(&service, |conn| service.reverse_grant(conn, &actor("li"), of("calm"), "by mistake")).unwrap();
        assert_eq!(code(release(&service, of("calm"), "too late")), "wrong_state");
        assert!(standing(&service).is_empty());
    });
}

#[test]
fn a_core_system_that_does_not_release_holds_on() {
    on_both(|database| {
        let service = giving(database, "request", &json!([held("calm", &["collections"], &json!("2021-09-30"))]));
        let grant = ask(&service).grants[0].id;
        let first = service.instructions(None, 0, 1).unwrap().remove(0).id;
        write(&service, |conn| service.answer_instruction(conn, &actor("core"), first, None)).unwrap();
        let told = release(&service, grant, "back at work").unwrap().instruction;
        let refused = Some("a court ordered it");
        write(&service, |conn| service.answer_instruction(conn, &actor("core"), told, refused)).unwrap();
        assert!(standing(&service)[0].on(service.clock.today()));
        assert_eq!(service.grant(&staff(), grant).unwrap().state, "confirmed");
        // It can be told again.
        release(&service, grant, "the court agreed").unwrap();
        assert!(!standing(&service)[0].on(service.clock.today()));
    });
}

/// On each further day the policy holds for one day more, so that what was released would be back on the next.
#[test]
fn proactive_relief_does_not_hold_again_what_was_released() {
    for (released, holds) in [(false, 2), (true, 1)] {
        on_both(|database| {
            let thirty = json!({"after": "decided_on", "days": 30});
            let service = giving(database, "proactive", &json!([held("calm", &["collections"], &thirty)]));
            let [grant] = give(&service).try_into().unwrap();
            if released {
                release(&service, grant.id, "back at work").unwrap();
            }
            service.clock.set(at("2021-07-30T02:00:00Z"));
            assert_eq!(give(&service).len() + 1, holds);
            assert_eq!(standing(&service).len(), holds);
        });
    }
}

/// Payments are suspended for 60 days from 17 July: until 14 September. Thirty more would be until 14 October; the total of 75 days
/// ends on 29 September.
fn pausing(database: &Database) -> (Service, GrantRow) {
    let renew = json!({"step": {"days": 30}, "total": {"days": 75}});
    let suspend = json!({"from": "incident_start", "for": {"days": 60}, "interest_on_top": "none", "arrears": "freeze",
        "then": "due_at_end", "renew": renew});
    let fees = json!({"id": "fees", "waive": {"charges": ["late_fee"], "share": "1", "if_paid": "refund"}});
    let service = giving(database, "request", &json!([{"id": "pause", "suspend": suspend}, fees]));
    let asked = ask(&service);
    let pause = asked.grants.into_iter().find(|grant| grant.benefit == "pause").unwrap();
    assert_eq!((pause.state.as_str(), last_day(&pause).as_str()), ("posted", "2021-09-14"));
    (service, pause)
}

fn last_day(grant: &GrantRow) -> String {
    let adjustments: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).unwrap();
    let until = adjustments.iter().find_map(|one| match one {
        Adjustment::Suspension(suspension) => Some(suspension.until),
        _ => None,
    });
    until.unwrap().to_string()
}

#[test]
fn a_suspension_is_prolonged_by_its_step_until_its_total() {
    on_both(|database| {
        let (service, pause) = pausing(database);
        assert_eq!(code(renew(&service, pause.id)), "too_soon");
        service.clock.set(at("2021-09-10T02:00:00Z"));
        let further = renew(&service, pause.id).unwrap();
        assert_eq!((further.state.as_str(), last_day(&further).as_str()), ("posted", "2021-09-29"));
        assert!(service.replay_decision(further.decision_id).unwrap().same);
        let all = service.grants(None, 0, 20).unwrap();
        assert_eq!(all.len(), 3, "nothing else of the policy is granted anew");
        assert_eq!(code(renew(&service, pause.id)), "renewed_already");
        service.clock.set(at("2021-09-20T02:00:00Z"));
        assert_eq!(code(renew(&service, further.id)), "not_renewed", "the total is used up");
        service.clock.set(at("2021-09-30T02:00:00Z"));
        assert_eq!(code(renew(&service, further.id)), "ended");
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn what_has_ended_or_has_no_end_is_not_prolonged() {
    on_both(|database| {
        let (service, pause) = pausing(database);
        let fees = service.grants(None, 0, 20).unwrap().into_iter().find(|grant| grant.benefit == "fees").unwrap();
        assert_eq!(code(renew(&service, fees.id)), "nothing_to_renew");
        service.clock.set(at("2021-09-15T02:00:00Z"));
        assert_eq!(code(renew(&service, pause.id)), "ended");
        service.clock.set(at("2021-09-10T02:00:00Z"));
        write(&service, |conn| service.reverse_grant(conn, &actor("li"), pause.id, "by mistake")).unwrap();
        assert_eq!(code(renew(&service, pause.id)), "wrong_state");
    });
}

#[test]
fn whoever_is_no_longer_eligible_gets_no_further_step() {
    on_both(|database| {
        let (service, pause) = pausing(database);
        let mut loan: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        loan["as_of"] = json!("2021-09-09");
        loan["status"] = json!("defaulted");
        service.take_snapshot(&forbear_engine::account::Account::from_json(&loan.to_string()).unwrap()).unwrap();
        service.clock.set(at("2021-09-10T02:00:00Z"));
        assert_eq!(code(renew(&service, pause.id)), "not_renewed");
    });
}
