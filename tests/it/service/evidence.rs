//! What borrowers show: told by its content, kept once, sealed, accepted by somebody else, erased with its person.

use forbear::secret::{Hidden, KeyRing};
use forbear::service::access::{Principal, Role};
use forbear::service::evidence::{EvidenceRow, NewEvidence, sha256};
use forbear::service::policy::PolicyAct;
use forbear::service::relief::ask::{Asked, NewRequest, Said};
use forbear::service::relief::settings::ReliefSettings;
use forbear::service::{Served, Service, ServiceError};
use forbear::store::evidence;
use forbear_engine::account::Account;
use serde_json::{Value, json};

use super::desk::{actor, file, put_in_force, service, staff, write, zhengzhou};
use crate::databases::{Database, on_both};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR a house under water";
const PDF: &[u8] = b"%PDF-1.7 a letter of the village";

/// The only policy waives late fees of 65.00 for whoever shows a photo and says what happened.
pub fn showing(database: &Database) -> Service {
    let service = zhengzhou(database).with_keys(KeyRing::of_memory().unwrap());
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    let asks = r#""evidence": [{"kind": "photo", "due": "before_posting"}, {"kind": "self_statement", "due": "before_posting"}],
        "approval":"#;
    let policy = file("samples/policy-late-fees.json")
        .replace(r#"["proactive", "request"]"#, r#"["request"]"#)
        .replace(r#""approval":"#, asks);
    put_in_force(&service, &policy);
    service
}

fn ask(service: &Service, account: &str, stated: &[&str]) -> Asked {
    let evidence = stated.iter().map(|kind| (*kind).to_owned()).collect();
    let said = Said { evidence, ..Said::default() };
    let new = NewRequest { account: account.to_owned(), said, ..NewRequest::default() };
    write(service, |conn| service.ask(conn, &actor("borrower"), &new)).unwrap()
}

pub fn borrower(party: &str) -> Principal {
    Principal { actor: actor(party), roles: vec![Role::Borrower], party: Some(party.to_owned()) }
}

fn agent(name: &str) -> Principal {
    Principal { actor: actor(name), roles: vec![Role::CareAgent], party: None }
}

fn photo(content: &[u8]) -> NewEvidence<'_> {
    let name = Some(Hidden::text("张三的房子.png"));
    NewEvidence { kind: "photo".to_owned(), party: None, name, declared: None, content }
}

fn take(service: &Service, caller: &Principal, request: i64, new: &NewEvidence<'_>) -> Served<EvidenceRow> {
    write(service, |conn| service.take_evidence(conn, caller, request, new)).map(|(row, _)| row)
}

fn judge(service: &Service, person: &str, id: i64, refused: Option<&str>) -> Served<EvidenceRow> {
    write(service, |conn| service.judge_evidence(conn, &actor(person), id, refused))
}

fn kept(service: &Service, content: &[u8]) -> Option<evidence::ContentRow> {
    service.store.read(|conn| evidence::content(conn, &sha256(content))).unwrap()
}

#[track_caller]
fn refused<T>(done: Served<T>) -> String {
    match done {
        Err(ServiceError::Invalid(problems)) => problems[0].message.clone(),
        Err(ServiceError::Conflict { code, .. }) => code.to_owned(),
        Err(ServiceError::Forbidden(_)) => "forbidden".to_owned(),
        Err(ServiceError::Missing(noun)) => format!("no {noun}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

#[test]
fn a_file_counts_once_somebody_else_accepted_it() {
    on_both(|database| {
        let service = showing(database);
        let asked = ask(&service, "ZZ-20210220-01", &["photo", "self_statement"]);
        assert_eq!(asked.request.state, "needs_information", "a photo that is only spoken of is none");
        assert!(asked.grants.is_empty());
        let sent = take(&service, &agent("chen"), asked.request.id, &photo(PNG)).unwrap();
        assert_eq!((sent.state.as_str(), sent.party.as_str()), ("received", "P-1"));
        let waits = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(waits.request.state, "needs_information");
        assert_eq!(refused(judge(&service, "chen", sent.id, None)), "forbidden", "its sender judges it");

        assert_eq!(judge(&service, "liu", sent.id, None).unwrap().state, "accepted");
        let given = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(given.request.state, "decided");
        assert!(given.grants.iter().all(|grant| grant.state == "posted"), "{:#?}", given.grants);
        // Late fees of 30.00 and 25.00 are owed, 10.00 was paid.
        assert_eq!(given.grants.iter().map(|grant| grant.waived + grant.refunded).sum::<i64>(), 6_500);
        let kinds: Vec<_> = given.steps.iter().map(|step| step.kind.as_str()).collect();
        let expected = ["received", "information_needed", "evidence_received", "evidence_accepted", "granted"];
        assert_eq!(kinds, expected);
        assert!(service.replay_decision(given.request.decision_id.unwrap()).unwrap().same);
        assert_eq!(refused(judge(&service, "liu", sent.id, None)), "wrong_state");
    });
}

#[test]
fn a_word_is_enough_for_the_kinds_that_the_lender_says() {
    on_both(|database| {
        let statements = vec!["photo".to_owned(), "self_statement".to_owned()];
        let service = showing(database).with_relief(ReliefSettings { statements, ..ReliefSettings::default() });
        let asked = ask(&service, "ZZ-20210220-01", &["photo", "self_statement"]);
        assert!(asked.request.state == "decided" && asked.grants.iter().all(|grant| grant.state == "posted"));
    });
}

#[test]
fn a_refused_file_says_why_and_another_can_be_sent() {
    on_both(|database| {
        let service = showing(database);
        let asked = ask(&service, "ZZ-20210220-01", &["self_statement"]);
        let own = borrower("P-1");
        let dark = take(&service, &own, asked.request.id, &photo(PNG)).unwrap();
        assert!(refused(judge(&service, "liu", dark.id, Some(" "))).contains("say why"));
        judge(&service, "liu", dark.id, Some("nothing is to be seen on it")).unwrap();
        let asked = service.request(&staff(), asked.request.id).unwrap();
        assert_eq!(asked.request.state, "needs_information");
        assert_eq!(asked.steps.last().unwrap().note.as_deref(), Some("nothing is to be seen on it"));
        let bright = take(&service, &own, asked.request.id, &photo(PDF)).unwrap();
        judge(&service, "liu", bright.id, None).unwrap();
        assert_eq!(service.request(&staff(), asked.request.id).unwrap().request.state, "decided");
    });
}

#[test]
fn what_is_not_asked_for_or_no_such_file_is_refused() {
    on_both(|database| {
        let settings = ReliefSettings { evidence_bytes: 100, ..ReliefSettings::default() };
        let service = showing(database).with_relief(settings);
        let asked = ask(&service, "ZZ-20210220-01", &[]).request.id;
        let own = borrower("P-1");
        let with = |kind: &str, declared: Option<&str>, content: &'static [u8]| {
            let (kind, declared) = (kind.to_owned(), declared.map(str::to_owned));
            take(&service, &own, asked, &NewEvidence { kind, party: None, name: None, declared, content })
        };
        assert!(refused(with("passport", None, PNG)).ends_with("one of other, photo, self_statement"));
        assert!(refused(with("photo", None, b"MZ\x90\0\x03 a program")).contains("portable-executable"));
        assert!(refused(with("photo", Some("image/jpeg"), PNG)).contains("said to be image/jpeg"));
        static LONG: [u8; 101] = [b'%'; 101];
        assert!(refused(with("photo", None, &LONG)).contains("101 bytes"));
        assert_eq!(with("other", Some("image/png"), PNG).unwrap().kind, "other");
        assert_eq!(refused(take(&service, &borrower("P-9"), asked, &photo(PNG))), "no account");
        let of_nobody = NewEvidence { party: Some("P-9".to_owned()), ..photo(PNG) };
        assert!(refused(take(&service, &agent("chen"), asked, &of_nobody)).contains("nobody of that number"));
        write(&service, |conn| service.withdraw_request(conn, &actor("borrower"), asked)).unwrap();
        assert_eq!(refused(with("photo", None, PNG)), "wrong_state");
    });
}

/// The same loan, owed by others.
fn loan_of(account: &str, parties: &[&str]) -> Account {
    let mut loan: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    loan["account"] = json!(account);
    let own = loan["parties"][0].clone();
    let of = |party: &&str| {
        let mut other = own.clone();
        other["party"] = json!(party);
        other
    };
    loan["parties"] = parties.iter().map(of).collect();
    for party in loan["parties"].as_array_mut().unwrap().iter_mut().skip(1) {
        party["role"] = json!("co_borrower");
    }
    Account::from_json(&loan.to_string()).unwrap()
}

#[test]
fn a_content_is_kept_once_sealed_and_shown_to_who_may() {
    on_both(|database| {
        let service = showing(database);
        service.take_snapshot(&loan_of("ZZ-2", &["P-2"])).unwrap();
        let (first, second) = (ask(&service, "ZZ-20210220-01", &[]).request.id, ask(&service, "ZZ-2", &[]).request.id);
        let one = take(&service, &borrower("P-1"), first, &photo(PNG)).unwrap();
        let sealed = kept(&service, PNG).unwrap().sealed.unwrap();
        assert_eq!(take(&service, &borrower("P-1"), first, &photo(PNG)).unwrap().id, one.id, "sent twice");
        let two = take(&service, &borrower("P-2"), second, &photo(PNG)).unwrap();
        assert_ne!(one.id, two.id);
        assert_eq!(kept(&service, PNG).unwrap().sealed.unwrap(), sealed, "it is not kept a second time");
        let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!holds(&sealed, b"a house") && !holds(&two.name.unwrap(), "张三".as_bytes()));

        let show = |caller: &Principal| write(&service, |conn| service.show_evidence(conn, caller, one.id));
        let shown = show(&borrower("P-1")).unwrap();
        assert_eq!((shown.content.as_slice(), shown.media.media_type.as_str()), (PNG, "image/png"));
        assert_eq!(shown.name.unwrap().show(), "张三的房子.png");
        assert_eq!(refused(show(&borrower("P-2")).map(|_| ())), "no account");
        show(&agent("chen")).unwrap();
        let files = service.evidence(&agent("chen"), second).unwrap();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].2.as_ref().unwrap().show(), "张三的房子.png");
    });
}

#[test]
fn erasing_a_person_erases_what_they_showed_and_nobody_elses() {
    on_both(|database| {
        let service = showing(database);
        service.take_snapshot(&loan_of("ZZ-2", &["P-2", "P-3"])).unwrap();
        let (first, second) =
            (ask(&service, "ZZ-20210220-01", &["self_statement"]).request.id, ask(&service, "ZZ-2", &[]).request.id);
        let own = take(&service, &borrower("P-1"), first, &photo(PNG)).unwrap();
        take(&service, &borrower("P-1"), first, &photo(PDF)).unwrap();
        assert!(refused(take(&service, &agent("chen"), second, &photo(PNG))).contains("P-2, P-3"));
        let of = NewEvidence { party: Some("P-3".to_owned()), ..photo(PNG) };
        let others = take(&service, &agent("chen"), second, &of).unwrap();

        // Nobody ever reported who P-1 is; what they showed is erased all the same.
        let erase = |party: &str| {
            write(&service, |conn| service.erase_person(conn, &actor("lead"), party, "they asked for it"))
        };
        erase("P-1").unwrap();
        let show = |id: i64| write(&service, |conn| service.show_evidence(conn, &agent("chen"), id));
        assert_eq!(refused(show(own.id).map(|_| ())), "no evidence");
        assert_eq!(show(others.id).unwrap().content.as_slice(), PNG);
        assert!(kept(&service, PDF).unwrap().sealed.is_none(), "nobody else showed it");
        let files = service.evidence(&agent("chen"), first).unwrap();
        assert!(files.iter().all(|(row, _, name)| row.erased_at.is_some() && name.is_none()));
        assert_eq!(refused(judge(&service, "liu", own.id, None)), "no evidence");
        assert_eq!(refused(take(&service, &agent("chen"), first, &photo(PNG))), "erased");

        erase("P-3").unwrap();
        let gone = kept(&service, PNG).unwrap();
        assert!(gone.sealed.is_none() && gone.erased_at.is_some() && gone.key_version.is_none());
        assert_eq!(refused(erase("P-9")), "no person");
        // Shown by somebody else later, it is there again.
        let again = take(&service, &borrower("P-2"), second, &NewEvidence { kind: "other".to_owned(), ..photo(PNG) });
        assert_eq!(show(again.unwrap().id).unwrap().content.as_slice(), PNG);
    });
}

#[test]
fn what_was_shown_is_sealed_anew_with_the_people() {
    on_both(|database| {
        let ring = database.folder.path().join("ring.keys");
        let (first, _) = KeyRing::open(&ring).unwrap();
        let service = showing(database).with_keys(first);
        let asked = ask(&service, "ZZ-20210220-01", &[]).request.id;
        let row = take(&service, &borrower("P-1"), asked, &photo(PNG)).unwrap();
        take(&service, &borrower("P-1"), asked, &photo(PDF)).unwrap();
        let used = |service: &Service| {
            service.key_uses().unwrap().iter().map(|one| (one.version, one.rows)).collect::<Vec<_>>()
        };
        // Two contents and two names.
        assert_eq!(used(&service), [(1, 4)]);
        KeyRing::renew(&ring).unwrap();
        let service = service.with_keys(KeyRing::read(&ring).unwrap());
        service.check_keys().unwrap();
        assert_eq!(service.reseal(100).unwrap(), 4);
        assert_eq!(service.reseal(100).unwrap(), 0);
        assert_eq!(used(&service), [(1, 0), (2, 4)]);
        let shown = write(&service, |conn| service.show_evidence(conn, &agent("chen"), row.id)).unwrap();
        assert_eq!((shown.content.as_slice(), shown.name.unwrap().show().as_str()), (PNG, "张三的房子.png"));
        let other = self::service(database, "2021-07-29").with_keys(KeyRing::of_memory().unwrap());
        assert!(matches!(other.check_keys(), Err(ServiceError::Conflict { code: "key_missing", .. })));
    });
}
