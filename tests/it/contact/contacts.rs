//! Contacts: opened, answered, handed over, resolved; and agents who act for callers.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use forbear::service::access::Role;
use forbear::service::audit::Filter;
use forbear::service::care::contact::acting::Consent;
use forbear::service::care::contact::attending::To;
use forbear::service::care::contact::opening::{NewContact, Opened};
use forbear::service::care::contact::{ContactRow, script};
use forbear::service::reference::outside;
use forbear::service::relief::approve::Agreed;
use forbear::service::relief::ask::Said;
use forbear::service::{Service, ServiceError};
use serde_json::json;

use super::{HENAN, LOAN, PHONE, agent, channel, code, hidden, known, later, only_late_fees, places, report};
use crate::databases::{kept, on_both};
use crate::service::desk::{actor, staff, write};

fn call(phone: &str) -> NewContact {
    NewContact { via: "hotline".to_owned(), phone: Some(hidden(phone)), ..NewContact::default() }
}

fn open(service: &Service, who: &str, new: &NewContact) -> Opened {
    write(service, |conn| service.open_contact(conn, &agent(who), new)).unwrap()
}

fn consent(purpose: &str) -> Consent {
    let script = script::shipped().into_iter().find(|script| script.purpose == purpose).unwrap();
    Consent {
        party: "P-1".to_owned(),
        script_digest: script.digest(),
        script: script.script,
        recording: "rec/2021/07/29/0001".to_owned(),
        said_at: None,
    }
}

#[test]
fn a_call_finds_its_caller_channel_and_case_and_is_measured() {
    on_both(|database| {
        let service = known(database);
        let emergency = channel(&service, "cn-henan-2021-07-consumer-finance");
        let now = service.clock.now();
        let waited = |seconds| NewContact { arrived_at: Some(now - TimeDelta::seconds(seconds)), ..call(PHONE) };
        let first = open(&service, "sun", &waited(100)).contact;
        assert_eq!((first.state.as_str(), first.party.as_deref()), ("answered", Some("P-1")));
        let through = (first.channel_id, first.target_minutes, first.queue.as_deref());
        assert_eq!(through, (Some(emergency.id), Some(3), Some("flood-henan")));
        // The second waits longer than three minutes, in the same case; the third still waits, in time.
        let second = open(&service, "sun", &waited(200)).contact;
        assert_eq!(second.case_id, first.case_id);
        let ivr = forbear::service::access::Principal { roles: vec![Role::Service], ..agent("ivr") };
        let third = write(&service, |conn| service.open_contact(conn, &ivr, &call(PHONE))).unwrap().contact;
        assert_eq!((third.state.as_str(), third.answered_at), ("waiting", None));
        let figures = service.channel_figures(emergency.id).unwrap();
        assert_eq!((figures.contacts, figures.answered, figures.waiting), (3, 2, 1));
        assert_eq!((figures.within_target, figures.with_target), (1, 2));
        // Of 100 and 200 seconds the first is the median, the second the ninth of ten.
        assert_eq!((figures.median_seconds, figures.ninth_seconds), (Some(100), Some(200)));
        assert_eq!((figures.cases, figures.repeated, figures.day_old), (1, 2, 0));
        later(&service, 4);
        let figures = service.channel_figures(emergency.id).unwrap();
        assert_eq!((figures.within_target, figures.with_target), (1, 3), "who waits too long is too late already");
        let early = NewContact { arrived_at: Some(service.clock.now() + TimeDelta::seconds(1)), ..call(PHONE) };
        assert_eq!(places(write(&service, |conn| service.open_contact(conn, &agent("sun"), &early))), ["/arrived_at"]);
    });
}

#[test]
fn a_contact_is_noted_handed_over_and_resolved_with_its_case() {
    on_both(|database| {
        let service = known(database);
        let words = "家里老人行动不便，请优先处理";
        let new = NewContact { note: Some(hidden("房子进水了")), ..call(PHONE) };
        let row = open(&service, "sun", &new).contact;
        write(&service, |conn| service.note_contact(conn, &actor("sun"), row.id, &hidden(words))).unwrap();
        let to = To::Person("li".to_owned());
        let over = (&to, &hidden("需要跟进"));
        write(&service, |conn| service.hand_contact_over(conn, &actor("sun"), row.id, over)).unwrap();
        let said: Vec<_> = service.words_of(&actor("li"), row.case_id, None).unwrap();
        let texts: Vec<_> =
            said.iter().map(|one| (one.kind.as_str(), one.text.as_ref().unwrap().show().as_str())).collect();
        assert_eq!(texts, [("note", "房子进水了"), ("note", words), ("hand_over", "需要跟进")]);
        let reads = Filter { verb: Some("words.read".to_owned()), ..Filter::default() };
        let entries = service.audit(&reads, 0, 10).unwrap();
        let [entry] = entries.as_slice() else { panic!("one reading: {entries:?}") };
        let who = (entry.actor.as_str(), entry.object.as_str(), entry.detail.as_str());
        assert_eq!(who, ("user_li", outside("case", row.case_id).as_str(), r#"{"words":3}"#), "not what was read");
        let bytes = kept(database);
        assert!(memchr::memmem::find(&bytes, words.as_bytes()).is_none(), "what was said is sealed");
        let case = service.progress(&staff(), row.case_id).unwrap();
        assert_eq!(case.case.assigned_to.as_deref(), Some("li"));
        let kinds: Vec<_> = case.steps.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds, ["contacted", "attended", "handed_over"]);

        let resolve = |outcome, case| {
            write(&service, |conn| service.resolve_contact(conn, &actor("li"), row.id, (outcome, case)))
        };
        assert_eq!(places(resolve("well", None)), ["/outcome"]);
        assert_eq!(resolve("informed", Some("informed")).unwrap().resolved_by.as_deref(), Some("li"));
        assert_eq!(service.progress(&staff(), row.case_id).unwrap().case.state, "resolved");
        assert_eq!(code(resolve("informed", None)), "wrong_state");
        // Erased with whom it is about.
        write(&service, |conn| service.erase_person(conn, &actor("chief"), "P-1", "asked for it")).unwrap();
        assert!(service.words_of(&actor("li"), row.case_id, None).unwrap().iter().all(|one| one.text.is_none()));
    });
}

#[test]
fn who_calls_is_found_out_later_where_the_phone_does_not_tell() {
    on_both(|database| {
        let service = known(database);
        report(&service, "ZZ-2", "P-2", PHONE, "zh-CN");
        let both = open(&service, "sun", &call(PHONE));
        assert_eq!(both.accounts, [LOAN, "ZZ-2"]);
        assert_eq!((both.contact.account_id, both.contact.party.as_deref()), (None, None));
        let nobody = open(&service, "sun", &call("13900000000"));
        assert!(nobody.accounts.is_empty() && nobody.contact.case_id != both.contact.case_id);
        let identify = |row: &ContactRow, number: &str| {
            write(&service, |conn| service.identify_contact(conn, &actor("sun"), row.id, number))
        };
        assert_eq!(places(identify(&both.contact, "ZZ-9")), ["/account"]);
        let found = identify(&both.contact, "ZZ-2").unwrap();
        assert_ne!(found.case_id, both.contact.case_id);
        assert_eq!(service.progress(&staff(), both.contact.case_id).unwrap().case.outcome.as_deref(), Some("joined"));
        assert_eq!(code(identify(&found, LOAN)), "known_already");
    });
}

#[test]
fn an_agent_asks_answers_and_agrees_for_a_caller_who_said_so_on_record() {
    on_both(|database| {
        let service = known(database);
        only_late_fees(&service, true);
        let row = open(&service, "sun", &call(PHONE)).contact;
        let said = Said { answers: BTreeMap::from([("request.hardship".to_owned(), json!(true))]), ..Said::default() };
        let ask = |consent: &Consent| {
            let asked = (Some(HENAN), &said, consent);
            write(&service, |conn| service.ask_for_caller(conn, &actor("sun"), row.id, asked))
                .map(|asked| asked.request)
        };
        let good = consent("apply");
        for (wrong, place) in [
            (Consent { party: "P-2".to_owned(), ..good.clone() }, "/consent/party"),
            (Consent { script: "accept-2026-11".to_owned(), ..good.clone() }, "/consent/script"),
            (Consent { script_digest: "0".repeat(64), ..good.clone() }, "/consent/script_digest"),
            (Consent { recording: " ".to_owned(), ..good.clone() }, "/consent/recording"),
            (
                Consent { said_at: Some(service.clock.now() + TimeDelta::seconds(1)), ..good.clone() },
                "/consent/said_at",
            ),
        ] {
            assert_eq!(places(ask(&wrong)), [place]);
        }
        let request = ask(&good).unwrap();
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!((&body["via"], &body["answers"]["request.hardship"]), (&json!("hotline"), &json!(true)));
        let asked = service.request(&staff(), request.id).unwrap();
        assert_eq!(asked.case.id, row.case_id);
        let shown = asked.grants[0].shown_digest.clone();
        assert_eq!(asked.grants[0].state, "offered");

        let accept = |shown: &str, consent: &Consent| {
            let agreed = (shown, consent);
            write(&service, |conn| service.accept_for_caller(conn, &actor("sun"), (row.id, request.id), agreed))
        };
        assert!(matches!(accept("0", &consent("accept")), Err(ServiceError::Conflict { code: "digest_differs", .. })));
        assert!(matches!(accept(&shown, &good), Err(ServiceError::Invalid(_))), "other words are read before that");
        let Agreed::Done(done) = accept(&shown, &consent("accept")).unwrap() else { panic!("it was decided again") };
        assert_eq!(done.grants[0].state, "posted");
        let kept = service.consents(request.id).unwrap();
        let shown_digests: Vec<_> = kept.iter().map(|one| (one.kind.as_str(), one.shown_digest.clone())).collect();
        assert_eq!(shown_digests, [("apply", None), ("accept", Some(shown))]);
        assert!(kept.iter().all(|one| one.recorded_by == "user_sun" && one.contact_id == row.id));

        // Somebody else's request is not there in this contact.
        report(&service, "ZZ-2", "P-2", "13900000002", "zh-CN");
        let other = super::ask(&service, "ZZ-2").request.id;
        let foreign = write(&service, |conn| service.answer_for_caller(conn, &actor("sun"), (row.id, other), &said));
        assert!(matches!(foreign.map(|_| ()), Err(ServiceError::Missing("request"))));
        // And nobody acts in a contact that has ended.
        write(&service, |conn| service.resolve_contact(conn, &actor("sun"), row.id, ("agreed", None))).unwrap();
        assert_eq!(code(ask(&good)), "wrong_state");
    });
}
