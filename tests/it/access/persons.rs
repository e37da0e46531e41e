//! Who people are: sealed, masked, shown with a reason, erased, and nowhere else.

use forbear::core_system::jsonl;
use forbear::core_system::person::parse_with_persons;
use forbear::secret::KeyRing;
use forbear::service::ServiceError;
use forbear::service::account::Taken;
use forbear::service::account::import::{NewImport, SnapshotFormat};
use forbear::store::person;

use super::{hidden, logged, reported, service};
use crate::databases::{on_both, sqlite};
use crate::service::desk::{self, actor, write};

const ZHANG: &str =
    r#"{"party":"P-1","name":"张三","phone":"138 1234 5678","id_number":"41010519900101123x","language":"zh-CN"}"#;

#[test]
fn people_come_with_the_snapshot_and_are_masked() {
    on_both(|database| {
        let service = service(database);
        let report = reported("A-1", "2026-06-30", "P-1", ZHANG);
        assert_eq!(service.take_report(&report).unwrap(), Taken::New);
        assert_eq!(service.take_report(&report).unwrap(), Taken::Unchanged);
        let shown = service.person("P-1").unwrap();
        let said = |text: &Option<String>| text.clone().unwrap();
        assert_eq!(said(&shown.name), "张**");
        assert_eq!(said(&shown.phone), "138****5678");
        assert_eq!(said(&shown.id_number), "4101**********123x");
        assert_eq!(said(&shown.language), "zh-CN");
        let only = std::slice::from_ref(&shown);
        assert_eq!(service.persons_on("A-1").unwrap(), only);
        assert_eq!(service.persons_by_phone(&hidden("+8613812345678")).unwrap(), only);
        assert_eq!(service.persons_by_number(&hidden("41010519900101123X")).unwrap(), only);
        assert!(service.persons_by_phone(&hidden("13812345679")).unwrap().is_empty());
        assert!(matches!(service.person("P-2"), Err(ServiceError::Missing("person"))));
        // The facts know nothing of them.
        let facts = service.account(&desk::staff(), "A-1").unwrap().report;
        assert_eq!(serde_json::to_string(&facts).unwrap(), serde_json::to_string(&report.account).unwrap());

        // Another phone with the same facts is taken; an older snapshot is not, also one of another account.
        let moved = ZHANG.replace("138 1234 5678", "139 0000 1111");
        assert_eq!(service.take_report(&reported("A-1", "2026-06-30", "P-1", &moved)).unwrap(), Taken::Unchanged);
        assert_eq!(said(&service.person("P-1").unwrap().phone), "139****1111");
        assert!(service.persons_by_phone(&hidden("13812345678")).unwrap().is_empty());
        service.take_report(&reported("A-1", "2026-06-29", "P-1", ZHANG)).unwrap();
        service.take_report(&reported("A-0", "2026-06-29", "P-1", ZHANG)).unwrap();
        assert_eq!(said(&service.person("P-1").unwrap().phone), "139****1111");
        // What is not said of people leaves what is known.
        service.take_snapshot(&report.account).unwrap();
        assert_eq!(said(&service.person("P-1").unwrap().phone), "139****1111");
    });
}

#[test]
fn showing_somebody_takes_a_reason_that_is_logged() {
    on_both(|database| {
        let service = service(database);
        service.take_report(&reported("A-1", "2026-06-30", "P-1", ZHANG)).unwrap();
        let reveal = |reason: &str| write(&service, |conn| service.reveal_person(conn, &actor("li"), "P-1", reason));
        for reason in ["", "  ", "call 13812345678", "张三 asked", "is it 410105 19900101 123X?", "tel. 8613812345678"]
        {
            assert!(matches!(reveal(reason), Err(ServiceError::Invalid(_))), "{reason}");
        }
        assert!(logged(&service).is_empty());
        let shown = reveal("a call back was promised").unwrap();
        assert_eq!(shown.phone.as_ref().unwrap().show(), "138 1234 5678");
        assert_eq!(shown.name.as_ref().unwrap().show(), "张三");
        assert!(!format!("{shown:?}").contains('张') && !format!("{shown:?}").contains("1234"));
        let [entry] = logged(&service).try_into().unwrap();
        assert_eq!((entry.verb.as_str(), entry.actor.as_str()), ("person.reveal", "user_li"));
        assert!(entry.object.starts_with("person_"), "{}", entry.object);
        assert_eq!(entry.detail, r#"{"party":"P-1","reason":"a call back was promised"}"#);
    });
}

#[test]
fn who_is_erased_stays_erased_and_the_facts_stay() {
    on_both(|database| {
        let service = service(database);
        let report = reported("A-1", "2026-06-30", "P-1", ZHANG);
        service.take_report(&report).unwrap();
        let erase = || write(&service, |conn| service.erase_person(conn, &actor("chief"), "P-1", "asked for it"));
        erase().unwrap();
        erase().unwrap();
        let shown = service.person("P-1").unwrap();
        assert!(shown.erased_at.is_some() && shown.name.is_none() && shown.phone.is_none());
        assert!(service.persons_by_phone(&hidden("13812345678")).unwrap().is_empty());
        let revealed = write(&service, |conn| service.reveal_person(conn, &actor("li"), "P-1", "curious"));
        assert!(matches!(revealed, Err(ServiceError::Missing("person"))));
        service.take_report(&reported("A-1", "2026-07-01", "P-1", ZHANG)).unwrap();
        assert!(service.person("P-1").unwrap().name.is_none(), "also when the core system says it again");
        assert_eq!(service.account(&desk::staff(), "A-1").unwrap().report.parties, report.account.parties);
        let row = service.store.read(|conn| person::find(conn, "P-1")).unwrap().unwrap();
        assert!(row.sealed.is_none() && row.phone_index.is_none() && row.number_index.is_none());
        assert_eq!(logged(&service).iter().filter(|entry| entry.verb == "person.erase").count(), 1);
    });
}

#[test]
fn keys_are_renewed_and_wrong_ones_are_found_out() {
    on_both(|database| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("forbear.keys");
        let (keys, _) = KeyRing::open(&path).unwrap();
        let bare = desk::service(database, "2026-07-01");
        bare.check_keys().unwrap();
        let report = |at: i32| {
            let person = ZHANG.replace("P-1", &format!("P-{at}"));
            reported(&format!("A-{at}"), "2026-06-30", &format!("P-{at}"), &person)
        };
        assert!(matches!(bare.take_report(&report(1)), Err(ServiceError::Unknown(_))), "without keys nobody is taken");
        let service = bare.clone().with_keys(keys);
        for at in 0..5 {
            service.take_report(&report(at)).unwrap();
        }
        let service = bare.clone().with_keys(KeyRing::renew(&path).unwrap());
        service.take_report(&report(5)).unwrap();
        service.check_keys().unwrap();
        assert_eq!(service.persons_by_phone(&hidden("13812345678")).unwrap().len(), 6, "old and new indexes");
        let before = service.person("P-0").unwrap();
        assert_eq!(
            [3, 3, 3].map(|most| service.reseal_persons(most).unwrap()),
            [3, 2, 0],
            "those under the first key alone"
        );
        assert_eq!(service.person("P-0").unwrap(), before);
        assert_eq!(service.store.read(person::key_versions).unwrap(), [2]);
        assert_eq!(service.persons_by_phone(&hidden("13812345678")).unwrap().len(), 6);

        let other = bare.clone().with_keys(KeyRing::of_memory().unwrap());
        assert!(matches!(other.check_keys(), Err(ServiceError::Conflict { code: "key_missing", .. })));
        KeyRing::open(&folder.path().join("other.keys")).unwrap();
        let other = bare.clone().with_keys(KeyRing::renew(&folder.path().join("other.keys")).unwrap());
        assert!(matches!(other.check_keys(), Err(ServiceError::Conflict { code: "key_differs", .. })));
        assert!(bare.check_keys().is_err());
        // Rows that were swapped do not open.
        service
            .store
            .write(|conn| {
                let one = person::find(conn, "P-0")?.unwrap();
                let two = person::find(conn, "P-1")?.unwrap();
                person::keep(conn, &person::PersonRow { sealed: two.sealed, ..one })
            })
            .unwrap();
        assert!(matches!(service.person("P-0"), Err(ServiceError::Unknown(_))));
    });
}

#[test]
fn what_is_wrong_with_people_is_said_without_repeating_it() {
    let head = r#""account":"A","as_of":"2026-06-30","currency":"CNY","parties":[{"party":"P-1","role":"borrower"}]"#;
    let wrong = [
        (r#"{"name":"13812345678"}"#, "/person: not read at byte"),
        (r#"{"parties":"13812345678"}"#, "/person: not read at byte"),
        (r#"{"parties":[{"party":"P-1","phone":13812345678}]}"#, "/person: not read at byte"),
        (r#"{"parties":[{"party":"P-1","13812345678":"x"}]}"#, "/person: not read at byte"),
        (r#"{"parties":[{"party":"P-1","phone":"13812345678","phone":"1"}]}"#, "/person: not read at byte"),
        (r#"{"parties":[{"phone":"13812345678"}]}"#, "/person: not read at byte"),
        (r#"{"parties":[{"party":"13812345678"}]}"#, "/person/parties/0: its `party` is not among"),
        (
            r#"{"parties":[{"party":"P-1"},{"party":"P-1","phone":"13812345678"}]}"#,
            "/person/parties/1: its `party` is given twice",
        ),
    ];
    for (person, want) in wrong {
        let error = parse_with_persons(3, &format!(r#"{{{head},"person":{person}}}"#)).unwrap_err();
        assert!(error.reason.starts_with(want) && error.line == 3, "{person}: {error}");
        assert!(!error.to_string().contains("1381234"), "{error}");
    }
    let long = format!(r#"{{{head},"person":{{"parties":[{{"party":"P-1","name":"{}"}}]}}}}"#, "x".repeat(401));
    assert!(parse_with_persons(1, &long).unwrap_err().reason.contains("longer than 400"));
    let file = format!("{{{head}}}\n{{{head},\"person\":{{\"parties\":[{ZHANG}]}}}}\n");
    let read: Vec<usize> =
        jsonl::Reader::new(file.as_bytes()).with_persons().map(|line| line.unwrap().persons.len()).collect();
    assert_eq!(read, [0, 1]);
}

#[test]
fn a_file_of_snapshots_brings_people_where_keys_are_open() {
    on_both(|database| {
        let head =
            r#""account":"A-1","as_of":"2026-06-30","currency":"CNY","parties":[{"party":"P-1","role":"borrower"}]"#;
        let line = |person: &str| format!("{{{head},\"person\":{{\"parties\":[{person}]}}}}\n");
        let file = format!("{}{}", line(ZHANG), line(&ZHANG.replace("P-1", "P-2")));
        let bare = desk::service(database, "2026-07-01");
        let new = NewImport { format: SnapshotFormat::Jsonl, content_digest: None };
        let done = bare.take_stream(&desk::actor("core"), &new, file.as_bytes()).unwrap();
        assert_eq!((done.added, done.unchanged, done.bad), (1, 1, 0), "people are dropped");
        assert!(matches!(bare.person("P-1"), Err(ServiceError::Missing("person"))));
        let service = bare.with_keys(KeyRing::of_memory().unwrap());
        let done = service.take_stream(&desk::actor("core"), &new, file.as_bytes()).unwrap();
        assert_eq!((done.unchanged, done.bad), (1, 1), "{done:?}");
        assert_eq!(service.person("P-1").unwrap().phone.as_deref(), Some("138****5678"));
    });
}

/// 200 phones and numbers that would be known anywhere.
fn canaries() -> Vec<(String, String)> {
    (0..200_u64)
        .map(|at| (format!("139{:08}", 27_182_818 + at * 31_337), format!("410105{:011}X", 19_314_159_265 + at * 271)))
        .collect()
}

#[test]
fn no_canary_is_found_where_it_should_not_be() {
    let database = sqlite();
    let service = service(&database);
    let canaries = canaries();
    let mut printed = Vec::new();
    for (at, (phone, number)) in canaries.iter().enumerate() {
        let party = format!("P{at}");
        let person = format!(
            r#"{{"party":"{party}","name":"金丝雀{at}","phone":"+86{phone}","id_number":"{number}","language":"en"}}"#
        );
        let report = reported(&format!("A{at}"), "2026-06-30", &party, &person);
        printed.push(format!("{report:?}"));
        service.take_report(&report).unwrap();
        printed.push(format!("{:?}", service.person(&party).unwrap()));
        printed.push(format!("{:?}", service.persons_by_phone(&hidden(phone)).unwrap()));
        let shown = write(&service, |conn| service.reveal_person(conn, &actor("li"), &party, "a call back")).unwrap();
        assert_eq!(shown.id_number.as_ref().unwrap().show(), number);
        printed.push(format!("{shown:?} {:?}", shown.phone.as_ref().unwrap().to_string()));
        let reason = format!("{phone} {number}");
        let refused = write(&service, |conn| service.reveal_person(conn, &actor("li"), &party, &reason));
        printed.push(format!("{} {:?}", refused.as_ref().unwrap_err(), refused));
        printed
            .push(format!("{:?}", service.use_code(&hidden(phone), &hidden("123456"), Some(&hidden(number))).unwrap()));
        let bad = person.replace("\"en\"", "7").replace("name", phone);
        let line = format!(r#"{{"account":"A","as_of":"2026-06-30","currency":"CNY","person":{{"parties":[{bad}]}}}}"#);
        printed.push(format!("{:?}", parse_with_persons(1, &line).unwrap_err()));
    }
    service
        .store
        .read(|conn| {
            printed.push(format!("{:?}", person::by_phone(conn, &[])?));
            printed.push(format!("{:?}", person::find(conn, "P7")?));
            Ok::<_, forbear::store::StoreError>(())
        })
        .unwrap();
    printed.extend(logged(&service).iter().map(|entry| format!("{entry:?}")));
    let other = service.clone().with_keys(KeyRing::of_memory().unwrap());
    printed.push(format!("{:?}", other.person("P7").unwrap_err()));
    drop((service, other));

    let base = database.url.trim_start_matches("sqlite:");
    let files: Vec<u8> =
        ["", "-wal", "-shm"].iter().flat_map(|end| std::fs::read(format!("{base}{end}")).unwrap_or_default()).collect();
    assert!(memchr::memmem::find(&files, b"borrower").is_some(), "the files are those of the database");
    let printed = printed.join("\n");
    for (phone, number) in &canaries {
        for value in [phone, number] {
            assert!(!printed.contains(value.as_str()), "{value} was printed");
            assert!(memchr::memmem::find(&files, value.as_bytes()).is_none(), "{value} is in the database's files");
        }
    }
    assert!(memchr::memmem::find(&files, "金丝雀".as_bytes()).is_none() && !printed.contains("金丝雀"));
}
