//! A disaster, played through from a warning that was really sent: draft, preview, second person, open channel, everybody told,
//! relief asked for by text message, progress, a complaint, the end, and the report of it all; on both databases.

use std::sync::Arc;
use std::sync::Mutex;

use forbear::secret::{Hidden, KeyRing};
use forbear::sender::{Letter, MessageSender, NotTaken};
use forbear::service::Service;
use forbear::service::access::Role;
use forbear::service::care::CareSettings;
use forbear::service::care::reading::Trust;
use forbear::service::care::sms::Inbound;
use forbear::service::care::taking::Origin;
use forbear::service::chronicle::About;
use serde_json::{Value, json};

use crate::api::app::App;
use crate::contact::confirm_all;
use crate::databases::{Database, on_both};
use crate::outreach::{built, outreach};
use crate::service::desk::{actor, at, file, put_in_force, service, write};

const PHONE: &str = "13812345678";

/// A gateway that keeps what it is given.
#[derive(Default)]
struct Gateway(Mutex<Vec<(String, String)>>);

impl MessageSender for Gateway {
    fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        self.0.lock().unwrap().push((letter.phone.show().clone(), letter.text.to_owned()));
        Ok(())
    }
}

/// A lender whose borrower lives in Nassau County, New York, on the evening of 9 January 2024 (there).
fn lender(database: &Database) -> Service {
    let care = CareSettings { outreach: Some(Arc::new(outreach())), ..CareSettings::default() };
    let service = service(database, "2024-01-10").with_keys(KeyRing::of_memory().unwrap()).with_care(care);
    service.clock.set(at("2024-01-10T03:57:00Z"));
    put_in_force(&service, &file("samples/policy-late-fees.json"));
    let mut line: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
    line["parties"][0]["addresses"][0]["region"] = json!("US-36059");
    line["person"] = json!({"parties": [{"party": "P-1", "name": "Zhang San", "phone": PHONE, "language": "en"}]});
    let reported = forbear::core_system::person::parse_with_persons(1, &line.to_string()).unwrap();
    service.take_report(&reported).unwrap();
    service
}

/// The flash flood warning that New York's office sent first that night.
fn warning() -> String {
    file("tests/fixtures/alerts/nws_warnings.ndjson").lines().next().unwrap().to_owned()
}

fn says(service: &Service, number: usize, text: &str) -> String {
    let new = Inbound {
        message: format!("m-{number}"),
        from: Hidden::text(PHONE),
        text: Hidden::text(text),
        received_at: None,
    };
    write(service, |conn| service.receive_message(conn, &new)).unwrap().reply.unwrap_or_default()
}

fn minutes_later(service: &Service, minutes: i64) {
    service.clock.set(service.clock.now().and_utc() + chrono::TimeDelta::minutes(minutes));
}

#[test]
fn a_disaster_from_the_warning_to_the_report() {
    on_both(|database| {
        let app = App::start(lender(database));
        let service = &app.service;
        let (lead, second) = (app.caller("lead", Role::CareLead), app.caller("second", Role::CareLead));

        // The warning comes in, and waits as a draft.
        let taken = service
            .take_file(&Origin { actor: &actor("relay"), via: "feed" }, warning().as_bytes(), &Trust::default())
            .unwrap();
        assert_eq!((taken.taken.len(), taken.refused.len()), (1, 0));
        let waiting = lead.get("/v1/drafts?state=waiting").is(200);
        let draft = waiting["items"][0]["draft"].as_str().unwrap().to_owned();
        assert_eq!(lead.get("/v1/declarations").is(200)["items"], json!([]), "nothing declares itself");

        // A care lead confirms it, with a channel of the gravest level.
        minutes_later(service, 4);
        let channel = json!({
            "facts": {"deaths_and_missing": 200}, "hours": {"business_days": ["00:00-24:00"], "other_days": ["00:00-24:00"]},
            "hotline": "800-555-0100", "queue": "flood-ny", "sms_word": "NYFLOOD", "target_minutes": 3, "capacity": 200,
            "banner": {"zh-CN": "受灾客户专线已开通", "en": "A line for customers hit by the flood is open"},
            "policies": ["late-fees-at-once"], "expires_on": "2024-06-30",
        });
        let confirm = json!({"declaration": "ny-flood", "channel": channel});
        let confirmed = lead.post_once("confirm", &format!("/v1/drafts/{draft}/confirm"), &confirm).is(201);
        let path = format!("/v1/channels/{}", confirmed["channel"]["channel"].as_str().unwrap());
        assert_eq!((&confirmed["channel"]["level"], &confirmed["channel"]["state"]), (&json!("I"), &json!("standby")));

        // Whom it helps, and whom it tells.
        while service.run_preview(&|| false).unwrap() {}
        built(service);
        let shown = lead.get(&path).is(200);
        assert_eq!(shown["previews"][0]["accounts"], 1, "{shown:#}");
        let digest = json!({"digest": shown["digest"]});

        // Alone nobody opens it.
        assert_eq!(lead.post(&format!("{path}/open"), &digest).is(409)["type"], "/problems/second_person");
        assert_eq!(lead.post(&format!("{path}/approve"), &digest).is(409)["type"], "/problems/same_person");
        minutes_later(service, 5);
        second.post(&format!("{path}/approve"), &digest).is(200);
        let opened = lead.post_once("open", &format!("{path}/open"), &digest).is(200);
        assert_eq!((&opened["state"], &opened["measures"]["minutes_from_alert"]), (&json!("open"), &json!(9)));

        // Everybody in the area is told once, in their language.
        let gateway = Gateway::default();
        built(service);
        for _ in 0..2 {
            service.send_messages(&gateway).unwrap();
        }
        let told = gateway.0.lock().unwrap().clone();
        let [(phone, text)] = &told[..] else { panic!("{told:?}") };
        assert!(phone.ends_with(PHONE) && text.contains("NYFLOOD") && text.contains("800-555-0100"), "{text}");

        // The borrower answers by text message, without an app or a page.
        let granted = says(service, 1, "NYFLOOD");
        let case = lead.get("/v1/cases").is(200)["items"][0].clone();
        let number = case["case_number"].as_str().unwrap().to_owned();
        assert!(granted.contains(&number), "{granted}");
        let grants = service.store.read(|conn| forbear::store::grant::page(conn, None, 0, 10)).unwrap();
        // Late fees of 30.00 and of 35.00, of which 10.00 are paid: 55.00 are waived and 10.00 given back.
        assert_eq!(grants.iter().map(|grant| grant.waived + grant.refunded).sum::<i64>(), 65_00);
        confirm_all(service);
        minutes_later(service, 60);
        let progress = says(service, 2, "PROGRESS");
        assert!(progress.contains(&number), "{progress}");

        // A complaint, and its answer.
        let complaint = says(service, 3, "COMPLAINT: nobody answered the hotline");
        assert!(complaint.contains("2024-01-25"), "within fifteen days of the 10th: {complaint}");
        let kept = lead.get("/v1/complaints").is(200)["items"][0].clone();
        let of = format!("/v1/complaints/{}", kept["complaint"].as_str().unwrap());
        let agent = app.caller("agent", Role::CareAgent);
        let resolve =
            json!({"resolution": "upheld", "answer": "The line had failed for an hour.", "root": {"kind": "system"}});
        agent.post(&format!("{of}/resolve"), &resolve).is(200);

        // It ends.
        lead.post(&format!("{path}/stand-down"), &json!({"reason": "the water is gone"})).is(200);
        assert_eq!(lead.post(&format!("{path}/close"), &json!({"reason": "over"})).is(200)["state"], "closed");
        service.settle_journal().unwrap();
        let about = About { declaration: Some("ny-flood".to_owned()), ..About::default() };
        let chronicle = service.chronicle(about).unwrap();
        assert_eq!(chronicle.declarations.len(), 1);
        assert_eq!((chronicle.asked.received, chronicle.asked.via["sms"]), (1, 1));
        assert_eq!(chronicle.asked.outcomes["granted"], 1);
        let given = &chronicle.given[0].1[0];
        assert_eq!((given.waived, given.refunded, given.deferred), (55_00, 10_00, 0));
        let (_, outreach) = &chronicle.channels[0];
        assert_eq!(outreach.iter().map(|one| one.states.get("sent").copied().unwrap_or(0)).sum::<i64>(), 1);
        let care = &chronicle.care[0].1[0];
        assert_eq!((care.complaints.received, care.complaints.resolved, care.complaints.in_time), (1, 1, 1));
        assert!(service.verify_books().unwrap().broken.is_empty());
    });
}
