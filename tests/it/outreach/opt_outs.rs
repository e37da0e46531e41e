//! Who wants no messages: said by a phone or of a person, kept as history, found under later keys, gone with the person.

use forbear::secret::KeyRing;
use forbear::secret::ring::Opened;
use forbear::service::access::Role;
use forbear::service::care::outreach::opt_out::{Scope, Whom, resume, stop};
use forbear::service::{Service, ServiceError};
use forbear::store::opt_out::{self, Of};
use serde_json::json;

use super::{person, service};
use crate::access::{hidden, reported, verbs};
use crate::api::app::App;
use crate::databases::{on_both, sqlite};
use crate::service::desk::{self, actor, write};

const PHONE: &str = "13812345678";

fn said(service: &Service, whom: Whom<'_>, scope: Scope) -> (bool, usize) {
    let came = write(service, |conn| stop(service, conn, &actor("gateway"), whom, (scope, "sms"))).unwrap();
    (came.changed, came.persons)
}

fn unsaid(service: &Service, whom: Whom<'_>, scope: Scope) -> (bool, usize) {
    let came = write(service, |conn| resume(service, conn, &actor("gateway"), whom, (scope, "sms"))).unwrap();
    (came.changed, came.persons)
}

/// What is in force of somebody: `person` or `phone`, and the scope.
fn in_force(service: &Service, party: &str) -> Vec<(&'static str, String)> {
    let rows = service.opt_outs(party).unwrap().into_iter().filter(|row| row.resumed_at.is_none());
    rows.map(|row| (if row.party.is_some() { "person" } else { "phone" }, row.scope)).collect()
}

#[test]
fn a_phone_speaks_for_itself_and_for_everybody_whose_it_is() {
    on_both(|database| {
        let service = service(database);
        for (account, party) in [("A-1", "P-1"), ("A-2", "P-2")] {
            let of = person(party, PHONE, "zh-CN");
            service.take_report(&reported(account, "2026-06-30", party, &of)).unwrap();
        }
        let (phone, same) = (hidden(PHONE), hidden("+86 138-1234-5678"));
        assert_eq!(said(&service, Whom::Phone(&phone), Scope::Messages), (true, 2));
        assert_eq!(said(&service, Whom::Phone(&same), Scope::Messages), (false, 2), "said again it changes nothing");
        let both = vec![("person", "messages".to_owned()), ("phone", "messages".to_owned())];
        assert_eq!((in_force(&service, "P-1"), in_force(&service, "P-2")), (both.clone(), both));

        // One of them changes their phone: what they said goes with them; the phone has spoken for itself.
        let moved = person("P-2", "13900001111", "zh-CN");
        service.take_report(&reported("A-2", "2026-07-01", "P-2", &moved)).unwrap();
        assert_eq!(in_force(&service, "P-2"), [("person", "messages".to_owned())]);
        // Somebody of whom nobody knew has the phone now.
        service.take_report(&reported("A-3", "2026-07-01", "P-3", &person("P-3", PHONE, "en"))).unwrap();
        assert_eq!(in_force(&service, "P-3"), [("phone", "messages".to_owned())]);

        // START ends it for the phone and whoever has it, and for nobody else.
        assert_eq!(unsaid(&service, Whom::Phone(&phone), Scope::Messages), (true, 2));
        assert_eq!((in_force(&service, "P-1").len(), in_force(&service, "P-3").len()), (0, 0));
        assert_eq!(in_force(&service, "P-2"), [("person", "messages".to_owned())]);
        assert_eq!(unsaid(&service, Whom::Phone(&phone), Scope::Messages), (false, 2));
        // All of it is kept: of P-1 what they said, and what their phone did.
        let history = service.opt_outs("P-1").unwrap();
        assert_eq!(history.len(), 2);
        assert!(
            history.iter().all(|row| row.resumed_via.as_deref() == Some("sms") && row.stopped_by == "user_gateway")
        );
        assert_eq!(said(&service, Whom::Phone(&phone), Scope::Messages), (true, 2), "and can be said anew");
        assert_eq!(service.opt_outs("P-1").unwrap().len(), 4);
        let told = verbs(&service).into_iter().filter(|verb| verb.starts_with("opt_out."));
        // Three rows, three ended, three again.
        assert_eq!(told.filter(|verb| verb == "opt_out.stop").count(), 6);
    });
}

#[test]
fn scopes_stand_beside_each_other() {
    on_both(|database| {
        let service = service(database);
        service.take_report(&reported("A-1", "2026-06-30", "P-1", &person("P-1", PHONE, "zh-CN"))).unwrap();
        assert_eq!(said(&service, Whom::Person("P-1"), Scope::Marketing), (true, 1));
        assert_eq!(said(&service, Whom::Person("P-1"), Scope::Collections), (true, 1));
        assert_eq!(unsaid(&service, Whom::Person("P-1"), Scope::Marketing), (true, 1));
        assert_eq!(in_force(&service, "P-1"), [("person", "collections".to_owned())]);
        let wrong = |whom: Whom<'_>, via: &str| {
            write(&service, |conn| stop(&service, conn, &actor("li"), whom, (Scope::Messages, via))).unwrap_err()
        };
        assert!(matches!(wrong(Whom::Person("P-9"), "sms"), ServiceError::Missing("person")));
        let place = |error: ServiceError| match error {
            ServiceError::Invalid(problems) => problems[0].pointer.clone(),
            error => panic!("{error}"),
        };
        assert_eq!(place(wrong(Whom::Person("P-1"), "pigeon")), "/via");
        assert_eq!(place(wrong(Whom::Phone(&hidden("none")), "sms")), "/phone");
    });
}

#[test]
fn a_phone_that_nobody_is_known_by_is_found_under_later_keys() {
    on_both(|database| {
        let file = database.folder.path().join("own.keys");
        let (ring, opened) = KeyRing::open(&file).unwrap();
        assert_eq!(opened, Opened::Made);
        let first = desk::service(database, "2026-07-01").with_keys(ring);
        let phone = hidden(PHONE);
        assert_eq!(said(&first, Whom::Phone(&phone), Scope::Messages), (true, 0));
        KeyRing::renew(&file).unwrap();
        let second = desk::service(database, "2026-07-01").with_keys(KeyRing::open(&file).unwrap().0);
        let needs = |service: &Service| {
            let uses = service.key_uses().unwrap();
            uses.iter().map(|of| (of.version, of.rows)).collect::<Vec<_>>()
        };
        assert_eq!(needs(&second), [(1, 1), (2, 0)]);
        assert_eq!(said(&second, Whom::Phone(&phone), Scope::Messages), (false, 0), "it is there, under the first key");
        assert_eq!(second.reseal(100).unwrap(), 1);
        assert_eq!(second.reseal(100).unwrap(), 0);
        assert_eq!(needs(&second), [(1, 0), (2, 1)]);
        second.take_report(&reported("A-1", "2026-06-30", "P-1", &person("P-1", PHONE, "zh-CN"))).unwrap();
        assert_eq!(in_force(&second, "P-1"), [("phone", "messages".to_owned())]);
    });
}

#[test]
fn with_a_person_goes_what_their_phone_said_unless_another_has_it() {
    on_both(|database| {
        let service = service(database);
        let phones = || {
            let own = service.store.read(opt_out::by_key).unwrap();
            own.iter().map(|(_, rows)| rows).sum::<i64>()
        };
        for (account, party) in [("A-1", "P-1"), ("A-2", "P-2")] {
            let of = person(party, PHONE, "zh-CN");
            service.take_report(&reported(account, "2026-06-30", party, &of)).unwrap();
        }
        said(&service, Whom::Phone(&hidden(PHONE)), Scope::Messages);
        write(&service, |conn| service.erase_person(conn, &actor("lead"), "P-1", "asked to")).unwrap();
        assert_eq!(phones(), 1);
        write(&service, |conn| service.erase_person(conn, &actor("lead"), "P-2", "asked to")).unwrap();
        assert_eq!(phones(), 0);
        let of = Of { parties: vec!["P-1".to_owned(), "P-2".to_owned()], phones: Vec::new() };
        assert_eq!(service.store.read(|conn| opt_out::in_force(conn, &of)).unwrap().len(), 2, "they name nobody");
    });
}

#[test]
fn borrowers_and_agents_say_it_over_http() {
    let service = service(&sqlite());
    service.take_report(&reported("A-1", "2026-06-30", "P-1", &person("P-1", PHONE, "zh-CN"))).unwrap();
    let app = App::start(service);
    let (own, agent) = (app.caller("P-1", Role::Borrower), app.caller("li", Role::CareAgent));
    let body = json!({"scope": "marketing", "via": "app"});
    assert_eq!(own.post("/v1/me/opt-outs", &body).is(200), json!({"changed": true}));
    assert_eq!(own.post("/v1/me/opt-outs", &body).is(200), json!({"changed": false}));
    let list = agent.get("/v1/persons/P-1/opt-outs").is(200);
    assert_eq!((&list["items"][0]["scope"], &list["items"][0]["of"]), (&json!("marketing"), &json!("person")));
    assert_eq!(list, own.get("/v1/me/opt-outs").is(200));
    let again = json!({"scope": "marketing", "via": "hotline"});
    assert_eq!(agent.post("/v1/persons/P-1/opt-outs/resume", &again).is(200), json!({"changed": true}));
    assert_eq!(own.get("/v1/me/opt-outs").is(200)["items"][0]["resumed_via"], "hotline");
    assert_eq!(
        agent.post("/v1/persons/P-1/opt-outs", &json!({"scope": "all", "via": "app"})).is(422)["errors"][0]["pointer"],
        "/scope"
    );
}
