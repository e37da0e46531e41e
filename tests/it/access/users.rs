//! Names, passwords, sessions.

use forbear::service::access::Role;
use forbear::service::access::user::{Ensured, NewUser};
use forbear::service::{Service, ServiceError};
use forbear::store::id;

use super::{bearer, cookie, hidden, later, logged, service, verbs};
use crate::databases::on_both;
use crate::service::desk::{actor, write};

const PASSWORD: &str = "rain over the river";

fn li(service: &Service) -> Ensured {
    service.ensure_user("Li.Wei", "E-1001", &[Role::CareAgent], &hidden(PASSWORD)).unwrap()
}

fn is_in(service: &Service, token: &str) -> bool {
    service.authenticate(&cookie(token)).unwrap().is_some()
}

#[test]
fn a_user_signs_in_works_and_signs_out() {
    on_both(|database| {
        let service = service(database);
        assert_eq!((li(&service), li(&service)), (Ensured::Made, Ensured::Known));
        let other = hidden("another password!");
        assert_eq!(service.ensure_user("li.wei", "E-1", &[Role::Auditor], &other).unwrap(), Ensured::Known);
        assert!(service.sign_in("li.wei", &other).unwrap().is_none(), "making sure changes no password");

        let signed_in = service.sign_in(" LI.wei ", &hidden(PASSWORD)).unwrap().unwrap();
        let token = signed_in.token.show();
        let own = service.authenticate(&cookie(token)).unwrap().unwrap();
        assert_eq!(own, signed_in.principal);
        assert_eq!(
            (own.actor.person.as_str(), own.roles.as_slice(), own.party),
            ("E-1001", &[Role::CareAgent][..], None)
        );
        assert!(own.actor.id.starts_with("user_"));
        assert!(service.authenticate(&bearer(token)).unwrap().is_none(), "a cookie is no bearer token");
        assert!(!is_in(&service, "") && !is_in(&service, &token[1..]));

        let again = service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().unwrap();
        service.sign_out(token).unwrap();
        service.sign_out(token).unwrap();
        assert!(!is_in(&service, token) && is_in(&service, again.token.show()));
        assert_eq!(verbs(&service), ["user.make", "user.fail", "user.sign_in", "user.sign_in", "session.end"]);
    });
}

#[test]
fn a_session_ends_by_itself() {
    on_both(|database| {
        let service = service(database);
        li(&service);
        let unused = service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().unwrap();
        later(&service, 30 * 60 - 1);
        assert!(is_in(&service, unused.token.show()));
        later(&service, 30 * 60);
        assert!(!is_in(&service, unused.token.show()), "nobody used it for half an hour");

        let used = service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().unwrap();
        for _ in 0..(12 * 60 / 20 - 1) {
            later(&service, 20 * 60);
            assert!(is_in(&service, used.token.show()));
        }
        later(&service, 20 * 60);
        assert!(!is_in(&service, used.token.show()), "twelve hours are over");
        assert_eq!(service.sweep_access().unwrap(), 2);
    });
}

#[test]
fn five_failures_lock_for_a_quarter_of_an_hour() {
    on_both(|database| {
        let service = service(database);
        li(&service);
        let wrong = hidden("wrong password");
        for _ in 0..4 {
            assert!(service.sign_in("li.wei", &wrong).unwrap().is_none());
        }
        assert!(service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().is_some(), "four are forgiven");
        for _ in 0..5 {
            assert!(service.sign_in("li.wei", &wrong).unwrap().is_none());
        }
        assert!(service.users().unwrap()[0].locked);
        later(&service, 15 * 60 - 1);
        assert!(service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().is_none(), "the right one neither");
        later(&service, 1);
        assert!(service.sign_in("li.wei", &wrong).unwrap().is_none());
        assert!(
            service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().is_some(),
            "one more failure does not lock again"
        );
        let verbs = verbs(&service);
        let count = |name: &str| verbs.iter().filter(|verb| *verb == name).count();
        assert_eq!((count("user.fail"), count("user.lock"), count("user.sign_in")), (11, 1, 2));
    });
}

#[test]
fn failures_at_once_are_all_counted() {
    on_both(|database| {
        let service = service(database);
        li(&service);
        std::thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| service.sign_in("li.wei", &hidden("wrong password")).unwrap().is_none());
            }
        });
        assert!(service.sign_in("li.wei", &hidden(PASSWORD)).unwrap().is_none());
        assert_eq!(verbs(&service).iter().filter(|verb| *verb == "user.lock").count(), 1);
    });
}

#[test]
fn users_are_made_changed_and_put_out() {
    on_both(|database| {
        let service = service(database);
        let chief = actor("chief");
        let new = NewUser {
            name: "wang.fang".to_owned(),
            person: "E-1002".to_owned(),
            roles: vec![Role::FinanceApprover, Role::FinanceReviewer],
            password: hidden(PASSWORD),
        };
        let made = service.make_user(&chief, &new).unwrap();
        let number = id::inside("user", &made.id).unwrap();
        let twice = service.make_user(&chief, &new).unwrap_err();
        assert!(matches!(twice, ServiceError::Conflict { code: "name_taken", .. }));
        let refused = [
            NewUser { name: String::new(), ..new.clone() },
            NewUser { name: "a".to_owned(), person: " ".to_owned(), ..new.clone() },
            NewUser { name: "a".to_owned(), person: "borrower_P-1".to_owned(), ..new.clone() },
            NewUser { name: "a".to_owned(), roles: Vec::new(), ..new.clone() },
            NewUser { name: "a".to_owned(), roles: vec![Role::Borrower], ..new.clone() },
            NewUser { name: "a".to_owned(), password: hidden("too short"), ..new.clone() },
            NewUser { name: "rain".to_owned(), ..new.clone() },
        ];
        for (at, new) in refused.iter().enumerate() {
            let refused = service.make_user(&chief, new).unwrap_err();
            assert!(matches!(refused, ServiceError::Invalid(_)), "{at}: {refused}");
        }

        let signed_in = service.sign_in("wang.fang", &hidden(PASSWORD)).unwrap().unwrap();
        let roles = [Role::Auditor];
        write(&service, |conn| service.change_user(conn, &chief, number, &roles, true)).unwrap();
        let own = service.authenticate(&cookie(signed_in.token.show())).unwrap().unwrap();
        assert_eq!(own.roles, roles, "at once, without signing in again");

        service.change_password(&chief, number, &hidden("sun over the river")).unwrap();
        assert!(!is_in(&service, signed_in.token.show()), "another password ends all sessions");
        assert!(service.sign_in("wang.fang", &hidden(PASSWORD)).unwrap().is_none());
        let signed_in = service.sign_in("wang.fang", &hidden("sun over the river")).unwrap().unwrap();
        assert_eq!(write(&service, |conn| service.end_sessions(conn, &chief, number)).unwrap(), 1);
        assert!(!is_in(&service, signed_in.token.show()));

        write(&service, |conn| service.change_user(conn, &chief, number, &roles, false)).unwrap();
        assert!(service.sign_in("wang.fang", &hidden("sun over the river")).unwrap().is_none());
        for entry in logged(&service) {
            let said = format!("{entry:?}");
            assert!(!said.contains("river") && !said.contains("argon2"), "{said}");
        }
    });
}
