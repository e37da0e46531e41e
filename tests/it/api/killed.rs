//! The program is killed at any moment: what it acknowledged is there, nothing is doubled, and the books agree.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};

use forbear::service::Service;
use forbear::service::access::Role;
use forbear::service::audit::Actor;
use serde_json::{Value, json};

use super::app::{Caller, hardship};
use super::program::Program;
use crate::databases::{Database, on_both};
use crate::service::desk::{account, file, put_in_force, zhengzhou};

/// Moments at which it is killed; the long form has a hundred.
fn moments() -> u32 {
    std::env::var("FORBEAR_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(6)
}

const ACCOUNTS: usize = 8;
const CALLERS: usize = 4;

/// Accounts like the sample's under the shipped policies, and a token.
fn prepared(database: &Database) -> (Service, String) {
    let service = zhengzhou(database);
    put_in_force(&service, &file("samples/policy-late-fees.json"));
    for at in 0..ACCOUNTS {
        let mut copy = account("samples/account-zhengzhou.json");
        copy.account = format!("K-{at}");
        copy.parties.iter_mut().flatten().for_each(|party| party.party = format!("P-{at}"));
        service.take_snapshot(&copy).unwrap();
    }
    let token = service.make_token(&Actor::system(), "agent", &[Role::CareAgent], None).unwrap();
    (service, token)
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_doubled() {
    on_both(|database| {
        let (service, token) = prepared(database);
        let acknowledged: Mutex<Vec<(String, Value)>> = Mutex::default();
        for moment in 0..moments() {
            let (program, url) = Program::start(database, &[]);
            let ended = AtomicBool::new(false);
            let (answers, answered) = mpsc::channel();
            std::thread::scope(|scope| {
                for thread in 0..CALLERS {
                    let (acknowledged, ended, url, token) = (&acknowledged, &ended, &url, &token);
                    let answers = answers.clone();
                    scope.spawn(move || {
                        let agent = Caller::of(url, token);
                        for count in 0.. {
                            let mut body = hardship();
                            body["account"] = json!(format!("K-{}", (thread + count) % ACCOUNTS));
                            let key = format!("{moment}-{thread}-{count}");
                            let Ok(answer) = agent.try_post_once(&key, "/v1/requests", &body) else { return };
                            assert_eq!(answer.status, 201, "{:#}", answer.body);
                            acknowledged.lock().unwrap().push((key, answer.body));
                            answers.send(()).unwrap();
                            if ended.load(Ordering::SeqCst) {
                                return;
                            }
                        }
                    });
                }
                // After another number of answers each time; what the other callers asked is anywhere by then.
                for _ in 0..=moment % 11 {
                    answered.recv().unwrap();
                }
                program.kill();
                ended.store(true, Ordering::SeqCst);
            });
            let books = service.verify_books().unwrap();
            assert_eq!(books.broken, Vec::<String>::new(), "after kill {moment}");
        }
        let acknowledged = acknowledged.into_inner().unwrap();
        assert!(acknowledged.len() > CALLERS, "some were acknowledged: {}", acknowledged.len());
        let (program, url) = Program::start(database, &[]);
        let agent = Caller::of(&url, &token);
        for (key, body) in &acknowledged {
            let path = format!("/v1/requests/{}", body["request"].as_str().unwrap());
            assert_eq!(agent.get(&path).is(200)["case_number"], body["case_number"], "{key} is there");
        }
        program.kill();
        // Each account was given its 65.00 once, however often it asked.
        let grants = service.grants(None, 0, 500).unwrap();
        for at in 0..ACCOUNTS {
            let row = service.account(&crate::service::desk::staff(), &format!("K-{at}")).unwrap();
            let given: i64 = row.grants.iter().map(|grant| grant.waived + grant.refunded).sum();
            assert!(given == 6_500 || given == 0, "K-{at} was given {given}");
        }
        assert!(!grants.is_empty(), "some were given");
    });
}
