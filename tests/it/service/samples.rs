//! Samples: drawn by lot, held up by nobody, and counted.

use std::collections::BTreeSet;

use forbear::service::relief::approve::Agreed;
use forbear::service::relief::settings::ReliefSettings;
use forbear::service::review::sample::{Agreement, lot, sampled};
use forbear::service::review::{ReviewRow, Verdict};
use forbear::service::{Served, Service, ServiceError};
use forbear::store::{self, sample};
use serde_json::{Value, json};

use super::desk::{actor, file, put_in_force, write, zhengzhou};
use crate::databases::{Database, on_both};
use forbear::service::policy::PolicyAct;
use forbear_engine::account::Account;

/// A policy that grants by itself, and loans of so many borrowers.
fn granting(database: &Database, per_mille: u32, loans: usize) -> Service {
    let settings = ReliefSettings { sample_per_mille: per_mille, ..ReliefSettings::default() };
    let service = zhengzhou(database).with_relief(settings);
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    put_in_force(&service, &file("samples/policy-late-fees.json"));
    let sample: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    for at in 0..loans {
        let mut loan = sample.clone();
        loan["account"] = json!(format!("L-{at}"));
        loan["parties"][0]["party"] = json!(format!("B-{at}"));
        service.take_snapshot(&Account::from_json(&loan.to_string()).unwrap()).unwrap();
    }
    service
}

fn give(service: &Service, at: usize) -> i64 {
    let given = write(service, |conn| service.give_relief(conn, &actor("lead"), &format!("L-{at}"))).unwrap();
    let [grant] = given.grants.try_into().unwrap();
    assert_eq!(grant.state, "posted", "nothing waits for a second look");
    grant.id
}

fn queue(service: &Service) -> Vec<ReviewRow> {
    service.reviews((None, Some("sample")), 0, 500).unwrap()
}

fn judge(service: &Service, person: &str, review: i64, verdict: &Verdict) -> Served<ReviewRow> {
    write(service, |conn| service.judge_review(conn, &actor(person), review, verdict)).map(|judged| match judged {
        Agreed::Done(row) => row,
        Agreed::DecidedAgain(decision) => panic!("decided again: {decision}"),
    })
}

#[test]
fn what_is_drawn_follows_from_the_salt_and_can_be_drawn_again() {
    on_both(|database| {
        let service = granting(database, 500, 40);
        let grants: Vec<i64> = (0..40).map(|at| give(&service, at)).collect();
        let lottery = service.store.read(sample::lottery).unwrap().unwrap();
        let again: BTreeSet<i64> = grants.iter().copied().filter(|id| lot(&lottery.salt, *id) < 500).collect();
        let rows = queue(&service);
        let drawn: BTreeSet<i64> = service.store.read(|conn| sampled(conn, &rows)).unwrap().into_values().collect();
        assert_eq!(drawn, again);
        // All forty on one side: once in half a million million draws.
        assert!((1..40).contains(&drawn.len()), "{}", drawn.len());
        assert!(rows.iter().all(|row| row.state == "open" && row.amount == 6_500));
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn a_share_that_is_set_anew_is_drawn_by_another_salt() {
    on_both(|database| {
        let all = granting(database, 1_000, 3);
        give(&all, 0);
        let none = all.clone().with_relief(ReliefSettings::default());
        give(&none, 1);
        let before = all.store.read(sample::lottery).unwrap().unwrap();
        let most = all.clone().with_relief(ReliefSettings { sample_per_mille: 999, ..ReliefSettings::default() });
        give(&most, 2);
        let after = all.store.read(sample::lottery).unwrap().unwrap();
        assert_eq!((before.per_mille, after.per_mille), (1_000, 999));
        assert_ne!(before.salt, after.salt);
        let first = queue(&all).len();
        assert!((1..=2).contains(&first), "the first is drawn, the second not, the third nearly always: {first}");
    });
}

#[test]
fn a_lot_that_was_changed_by_hand_is_found() {
    on_both(|database| {
        let service = granting(database, 1_000, 2);
        give(&service, 0);
        let grant = give(&service, 1);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        let other = store::sample::LotteryRow {
            id: store::id::new_id(),
            salt: "another".to_owned(),
            per_mille: 1,
            since: service.clock.now(),
        };
        let rows = queue(&service);
        write(&service, |conn| Ok(store::sample::begin(conn, &other)?)).unwrap();
        let drawn = store::sample::SampleRow { grant_id: rows[0].id, lottery_id: other.id, lot: 999, review_id: 1 };
        let refused = write(&service, |conn| Ok(store::sample::add(conn, &drawn)?));
        assert!(refused.is_err(), "a sample is of a grant");
        let posted = service.grants(Some("posted"), 0, 10).unwrap();
        assert_eq!(posted.last().unwrap().id, grant);
        let none = service.clone().with_relief(ReliefSettings::default());
        let late = {
            let mut loan: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
            loan["account"] = json!("L-2");
            loan["parties"][0]["party"] = json!("B-2");
            none.take_snapshot(&Account::from_json(&loan.to_string()).unwrap()).unwrap();
            give(&none, 2)
        };
        let forged = store::sample::SampleRow { grant_id: late, ..drawn };
        write(&service, |conn| Ok(store::sample::add(conn, &forged)?)).unwrap();
        let broken = service.verify_books().unwrap().broken;
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(broken[0].contains("its lot is not what its salt draws"));
    });
}

#[test]
fn those_who_look_again_agree_or_not_and_are_counted() {
    on_both(|database| {
        let service = granting(database, 1_000, 4);
        (0..4).for_each(|at| {
            give(&service, at);
        });
        let rows = queue(&service);
        assert_eq!(rows.len(), 4);
        let no = Verdict::Disagree { reason: "the loan was never late".to_owned() };
        assert!(
            matches!(judge(&service, "lead", rows[0].id, &no), Err(ServiceError::Forbidden(_))),
            "who had it given"
        );
        for (at, verdict) in [(0, &Verdict::Agree), (1, &Verdict::Agree), (2, &no)] {
            judge(&service, "li", rows[at].id, verdict).unwrap();
        }
        let ended = judge(&service, "li", rows[2].id, &no);
        assert!(matches!(ended, Err(ServiceError::Conflict { code: "wrong_state", .. })));
        let reject = Verdict::Reject { reason: "no".to_owned() };
        let refused = judge(&service, "li", rows[3].id, &reject);
        assert!(matches!(refused, Err(ServiceError::Conflict { code: "a_sample", .. })));
        let line = Agreement { policy: "late-fees-at-once".to_owned(), waiting: 1, agreed: 2, disagreed: 1 };
        assert_eq!(service.agreement(None).unwrap(), std::slice::from_ref(&line));
        assert_eq!(service.agreement(Some("cn-henan-2021-07")).unwrap(), [line]);
        assert_eq!(service.agreement(Some("elsewhere")).unwrap(), []);
        let posted = service.grants(Some("posted"), 0, 10).unwrap();
        assert_eq!(posted.len(), 4, "what was posted stays, whatever is said of it");
    });
}
