//! The contact guard: every reason by its name, with its end; for one account and for any number of them alike.

use std::time::Instant;

use assert_cmd::Command;
use forbear::secret::KeyRing;
use forbear::service::account::import::{NewImport, SnapshotFormat};
use forbear::service::care::guard::{Purpose, Verdict};
use forbear::service::care::outreach::opt_out::{Scope, Whom, stop};
use forbear::service::{Service, ServiceError};
use forbear::store::{Connection, StoreError, contactable};
use serde_json::{Value, json};

use super::{Pocket, hit, opened, outreach, person, service, telling};
use crate::databases::{on_both, postgres, sqlite};
use crate::service::desk::{actor, write};
use crate::service::holds::{giving, held};

fn asked(service: &Service, purpose: Purpose, at: &str, account: &str) -> Verdict {
    service.guard(service.question(purpose, Some(at.parse().unwrap())), account, None).unwrap()
}

/// Reasons as `code of until`, and when it may next.
fn said(verdict: &Verdict) -> (Vec<String>, Option<String>) {
    assert_eq!(verdict.may, verdict.reasons.is_empty());
    let reasons = verdict.reasons.iter().map(|reason| {
        let of =
            reason.of.as_ref().map(|of| if of.starts_with("grant_") { " grant".to_owned() } else { format!(" {of}") });
        let until = reason.until.map(|until| format!(" until {until}"));
        format!("{}{}{}", reason.code, of.unwrap_or_default(), until.unwrap_or_default())
    });
    (reasons.collect(), verdict.next_at.map(|at| at.to_string()))
}

const NOON: &str = "2021-07-29T04:00:00";

#[test]
fn a_hold_of_collections_bars_them_alone_until_it_ends() {
    on_both(|database| {
        let calm = held("calm", &["collections"], &json!("2021-08-31"));
        let other = held("other", &["auto_debit"], &json!("2021-12-31"));
        let service = giving(database, "proactive", &json!([calm, other])).with_keys(KeyRing::of_memory().unwrap());
        let loan = "ZZ-20210220-01";
        let given = write(&service, |conn| service.give_relief(conn, &actor("lead"), loan)).unwrap();
        assert_eq!(given.grants.len(), 2);
        // It holds to the end of 31 August in Shanghai: then it is midnight, and quiet until eight.
        let verdict = asked(&service, Purpose::Collections, NOON, loan);
        let (hold, next) =
            (vec!["hold grant until 2021-08-31 16:00:00".to_owned()], Some("2021-09-01 00:00:00".to_owned()));
        assert_eq!(said(&verdict), (hold.clone(), next.clone()));
        assert_eq!(verdict.reasons[0].of, Some(forbear::store::id::outside("grant", given.grants[0].id)));
        for purpose in [Purpose::Marketing, Purpose::Letter, Purpose::Service] {
            assert!(asked(&service, purpose, NOON, loan).may, "{purpose:?}");
        }
        // At night two reasons; after the last day none.
        let night = asked(&service, Purpose::Collections, "2021-07-29T13:00:00", loan);
        assert_eq!(said(&night), (vec![hold[0].clone(), "quiet_hours until 2021-07-30 00:00:00".to_owned()], next));
        assert!(asked(&service, Purpose::Collections, "2021-09-01T00:00:00", loan).may);
        let released = write(&service, |conn| service.release_hold(conn, &actor("lead"), given.grants[0].id, "back"));
        released.unwrap();
        assert!(asked(&service, Purpose::Collections, NOON, loan).may);
    });
}

#[test]
fn every_reason_is_named() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        let of = |purpose, at: &str| said(&asked(&service, purpose, at, "A-1"));
        let (free, none) = (Vec::<String>::new(), None::<String>);
        for purpose in Purpose::ALL {
            assert_eq!(of(purpose, NOON), (free.clone(), none.clone()));
        }
        // In the night; a letter may go out at any time.
        let quiet = (vec!["quiet_hours until 2021-07-30 00:00:00".to_owned()], Some("2021-07-30 00:00:00".to_owned()));
        for purpose in [Purpose::Collections, Purpose::Marketing, Purpose::Service] {
            assert_eq!(of(purpose, "2021-07-29T15:00:00"), quiet);
        }
        assert_eq!(of(Purpose::Letter, "2021-07-29T15:00:00"), (free.clone(), none.clone()));
        // Three messages in a week, the first on 29 July at ten.
        let pocket = Pocket::default();
        for (at, slug) in ["a", "b", "c"].into_iter().enumerate() {
            super::declare(&service, &format!("flood-{slug}"), &format!("event-{slug}"));
            super::at(&service, &format!("2021-07-29T0{}:00:00Z", at + 2));
            opened(&service, &format!("flood-{slug}"), &json!({"sms_word": format!("word{slug}")}));
            assert_eq!(service.send_messages(&pocket).unwrap(), 1);
        }
        let week = (vec!["weekly_cap until 2021-08-05 02:00:00".to_owned()], Some("2021-08-05 02:00:00".to_owned()));
        assert_eq!(
            (of(Purpose::Marketing, "2021-07-29T05:00:00"), of(Purpose::Service, "2021-07-29T05:00:00")),
            (week.clone(), week)
        );
        assert_eq!(of(Purpose::Collections, "2021-07-29T05:00:00"), (free.clone(), none.clone()));
        let later = "2021-08-10T04:00:00";
        assert_eq!(of(Purpose::Marketing, later), (free.clone(), none.clone()));
        // Opt-outs: of marketing, of messages by the phone and by the person, of collections.
        let stop = |whom: Whom<'_>, scope| {
            write(&service, |conn| stop(&service, conn, &actor("x"), whom, (scope, "sms"))).unwrap()
        };
        stop(Whom::Person("A"), Scope::Marketing);
        assert_eq!(of(Purpose::Marketing, later), (vec!["opt_out marketing".to_owned()], none.clone()));
        assert_eq!(of(Purpose::Service, later), (free.clone(), none.clone()));
        stop(Whom::Phone(&crate::access::hidden("13800000001")), Scope::Messages);
        assert_eq!(of(Purpose::Service, later), (vec!["opt_out messages".to_owned()], none.clone()));
        assert_eq!(of(Purpose::Collections, later), (free.clone(), none.clone()));
        stop(Whom::Person("A"), Scope::Collections);
        assert_eq!(of(Purpose::Collections, later), (vec!["opt_out collections".to_owned()], none.clone()));
        assert_eq!(of(Purpose::Letter, later), (free, none));
    });
}

#[test]
fn flags_bar_what_hurts_and_shape_letters() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        let set = |flag: &str, until: Option<&str>| {
            let until = until.map(|day| day.parse().unwrap());
            write(&service, |conn| service.set_flag(conn, &actor("li"), "A", (flag, "told", until))).unwrap();
        };
        set("hospitalised", Some("2021-08-09"));
        let of = |purpose, at: &str| asked(&service, purpose, at, "A-1");
        let over =
            (vec!["flag hospitalised until 2021-08-09 16:00:00".to_owned()], Some("2021-08-10 00:00:00".to_owned()));
        assert_eq!(said(&of(Purpose::Collections, NOON)), over);
        assert_eq!(said(&of(Purpose::Marketing, NOON)), over);
        assert!(of(Purpose::Service, NOON).may);
        assert_eq!((of(Purpose::Letter, NOON).may, of(Purpose::Letter, NOON).form), (true, Some("mild")));
        assert_eq!(of(Purpose::Letter, "2021-08-10T04:00:00").form, None);
        set("deceased", None);
        assert_eq!(of(Purpose::Letter, NOON).form, Some("estate"));
        assert_eq!(said(&of(Purpose::Service, NOON)), (vec!["flag deceased".to_owned()], None));
    });
}

#[test]
fn of_several_who_owe_all_have_to_be_free_and_one_can_be_asked_about() {
    on_both(|database| {
        let service = service(database);
        let people = format!("{},{}", person("A", "13800000001", "zh-CN"), person("B", "13800000002", "zh-CN"));
        let text = format!(
            r#"{{"account":"AB-1","as_of":"2026-06-30","currency":"CNY","parties":[{{"party":"A","role":"borrower"}},
                {{"party":"B","role":"co_borrower"}},{{"party":"G","role":"guarantor"}}],"person":{{"parties":[{people}]}}}}"#
        );
        service.take_report(&forbear::core_system::person::parse_with_persons(1, &text).unwrap()).unwrap();
        for party in ["B", "G"] {
            write(&service, |conn| service.set_flag(conn, &actor("li"), party, ("bereaved", "told", None))).unwrap();
        }
        let ask = |person: Option<&str>| service.guard(service.question(Purpose::Collections, None), "AB-1", person);
        let both = ask(None).unwrap();
        assert_eq!(both.reasons.iter().map(|reason| reason.person.as_deref()).collect::<Vec<_>>(), [Some("B")]);
        assert!(ask(Some("A")).unwrap().may && !ask(Some("B")).unwrap().may);
        assert!(matches!(ask(Some("G")), Err(ServiceError::Missing("person"))), "a guarantor does not owe it");
        let none = service.guard(service.question(Purpose::Letter, None), "none", None);
        assert!(matches!(none, Err(ServiceError::Missing("account"))));
    });
}

#[test]
fn lines_are_answered_in_their_order() {
    on_both(|database| {
        let service = telling(database, outreach());
        for at in 0..5 {
            hit(&service, &format!("A-{at}"), &format!("A{at}"), &format!("1380000000{at}"), "zh-CN");
        }
        write(&service, |conn| service.set_flag(conn, &actor("li"), "A3", ("vulnerable", "told", None))).unwrap();
        let lines = format!(
            "\"A-3\"\n\n{{\"account\": \"A-1\"}}\nA-2\n\"none\"\n\"{}\"\n\"A-3\"\n[1]\n\"A-4\"",
            "x".repeat(1_000)
        );
        let mut answers = Vec::new();
        let question = service.question(Purpose::Collections, None);
        let run = service.guard_stream(question, lines.as_bytes(), &mut answers).unwrap();
        let answers: Vec<Value> = answers
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        assert_eq!((run.may, run.may_not, run.bad), (2, 3, 3));
        assert_eq!(
            answers
                .iter()
                .map(|answer| answer.get("account").or(answer.get("line")).unwrap().clone())
                .collect::<Vec<_>>(),
            [json!("A-3"), json!("A-1"), json!(4), json!("none"), json!(6), json!("A-3"), json!(8), json!("A-4")]
        );
        assert_eq!(
            answers[0],
            json!({"account": "A-3", "may": false, "reasons": [{"code": "flag", "person": "A3", "of": "vulnerable"}]})
        );
        assert_eq!(answers[1], json!({"account": "A-1", "may": true, "reasons": []}));
        assert_eq!(answers[3]["reasons"][0]["code"], "unknown_account");
        for number in ["A-0", "A-3"] {
            let alone = serde_json::to_value(service.guard(question, number, None).unwrap()).unwrap();
            let page = serde_json::to_value(&service.guard_page(question, &["A-1", number]).unwrap()[1]).unwrap();
            assert_eq!(alone, page);
        }
    });
}

#[test]
fn the_command_answers_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("forbear.db").display());
    let run = |purpose: &str, lines: &str| {
        let mut command = Command::cargo_bin("forbear").unwrap();
        command.args(["contact-guard", "--purpose", purpose, "--at", "2026-07-01T04:00:00Z", "--database", &database]);
        command.write_stdin(lines.to_owned()).assert()
    };
    let done = run("letter", "\"A-1\"\n").success();
    assert_eq!(
        String::from_utf8_lossy(&done.get_output().stdout),
        "{\"account\":\"A-1\",\"may\":false,\"reasons\":[{\"code\":\"unknown_account\"}]}\n"
    );
    assert!(
        String::from_utf8_lossy(&run("letter", "A-1\n").code(1).get_output().stderr)
            .contains("1 lines name no account")
    );
    assert!(
        String::from_utf8_lossy(&run("lunch", "").code(2).get_output().stderr)
            .contains("collections, marketing, letter, service")
    );
}

/// Accounts of the measure; the long form has a million.
fn accounts() -> usize {
    std::env::var("FORBEAR_GUARD_ACCOUNTS").ok().and_then(|count| count.parse().ok()).unwrap_or(3_000)
}

/// Everybody is answered, and how that compares with reading the same rows is printed.
#[test]
fn as_many_as_there_are_are_answered_about_as_fast_as_they_are_read() {
    for database in [Some(sqlite()), postgres()].into_iter().flatten() {
        let service = telling(&database, outreach());
        let number = |at: usize| format!("M-{at:07}");
        let lines: String = (0..accounts())
            .map(|at| {
                format!(
                    "{{\"account\":\"{}\",\"as_of\":\"2021-07-28\",\"currency\":\"CNY\",\"status\":\"active\",\"parties\":[{{\"party\":\"Q{at}\",\"role\":\"borrower\"}}]}}\n",
                    number(at)
                )
            })
            .collect();
        let new = NewImport { format: SnapshotFormat::Jsonl, content_digest: None };
        service.take_stream(&actor("core"), &new, lines.as_bytes()).unwrap();
        // One in a hundred has a flag, another one an opt-out.
        for at in (0..accounts()).step_by(100) {
            let (flagged, stopped) = (format!("Q{at}"), format!("Q{}", at + 1));
            write(&service, |conn| {
                service.set_flag(conn, &actor("li"), &flagged, ("vulnerable", "disaster_list", None))?;
                stop(&service, conn, &actor("x"), Whom::Person(&stopped), (Scope::Collections, "hotline"))
            })
            .unwrap();
        }
        let numbers: Vec<String> = (0..accounts()).map(number).collect();
        let asked: String = numbers.iter().map(|number| format!("\"{number}\"\n")).collect();
        let question = service.question(Purpose::Collections, Some(NOON.parse().unwrap()));
        let began = Instant::now();
        let run = service.guard_stream(question, asked.as_bytes(), std::io::sink()).unwrap();
        let answered = began.elapsed();
        let barred = u64::try_from(2 * accounts().div_ceil(100)).unwrap();
        let all = u64::try_from(accounts()).unwrap();
        assert_eq!((run.may, run.may_not, run.bad), (all - barred, barred, 0));
        let began = Instant::now();
        let read: usize = numbers.chunks(2_000).map(|some| read_plainly(&service, some)).sum();
        let plain = began.elapsed();
        assert_eq!(read, accounts());
        eprintln!(
            "{}: {} accounts answered in {answered:.2?}, their rows read in {plain:.2?}: {:.2} times",
            database.url.split(':').next().unwrap(),
            accounts(),
            answered.as_secs_f64() / plain.as_secs_f64()
        );
    }
}

/// The plain SELECT of the same rows through the same driver.
fn read_plainly(service: &Service, numbers: &[String]) -> usize {
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let read = |conn: &mut Connection| contactable::owed_by(conn, &numbers).map(|rows| rows.len());
    service.store.read(read).map_err(|error: StoreError| error.to_string()).unwrap()
}
