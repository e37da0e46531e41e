//! Alerts and drafts over HTTP.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, Caller};
use crate::care::Cap;
use crate::care::feeds::folder;
use crate::databases::on_both;
use crate::service::desk::service;

fn send(caller: &Caller, cap: &Cap) -> Value {
    caller.send("POST", "/v1/alerts", Some(&cap.text()), &[]).is(200)
}

#[test]
fn from_an_alert_to_a_declaration_and_to_its_amendment() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let (lead, feed, auditor) = (
            app.caller("lead", Role::CareLead),
            app.caller("relay", Role::Service),
            app.caller("audit", Role::Auditor),
        );
        let taken = send(&feed, &Cap::new("a-1").areas(&[("金水区", "410105"), ("某地", "")]));
        let draft = taken["taken"][0]["draft"].as_str().unwrap().to_owned();
        assert_eq!(taken["taken"][0]["outcome"], "drafted");
        assert_eq!(send(&feed, &Cap::new("a-1").areas(&[("金水区", "410105"), ("某地", "")]))["repeated"], 1);
        let refused = send(&feed, &Cap::new("a-1").severity("Red"));
        assert_eq!(
            (&refused["refused"][0]["refusal"], &refused["refused"][0]["identifier"]),
            (&json!("changed"), &json!("a-1"))
        );
        let kept = auditor.get("/v1/alerts/refused").is(200);
        assert_eq!((&kept["items"][0]["refusal"], &kept["items"][0]["via"]), (&json!("changed"), &json!("api")));

        let shown = lead.get(&format!("/v1/drafts/{draft}"));
        let (tag, shown) = (shown.etag.clone().unwrap(), shown.is(200));
        assert_eq!(
            (&shown["left"], &shown["kind"], &shown["state"]),
            (&json!(["某地"]), &json!("flood"), &json!("waiting"))
        );
        assert_eq!(
            shown["alerts"][0]["placed"]["regions"]["CN-410105"],
            json!({"by": "code", "system": "行政区划代码", "code": "410105"})
        );
        let alert = lead.get(&format!("/v1/alerts/{}", shown["alerts"][0]["alert"].as_str().unwrap())).is(200);
        assert_eq!(alert["content"]["texts"][0]["headline"], "暴雨预警");

        let body = json!({
            "event": "zhengzhou", "kind": "flood", "severity": "I", "title": {"zh-CN": "郑州暴雨", "en": "Zhengzhou"},
            "starts_on": "2026-07-20", "areas": [{"region": "CN-410105", "designation": "severe"}],
        });
        let path = format!("/v1/drafts/{draft}");
        assert_eq!(lead.send("PUT", &path, Some(&body.to_string()), &[]).status, 428);
        let edited = lead.send("PUT", &path, Some(&body.to_string()), &[("If-Match", &tag)]).is(200);
        assert_eq!((&edited["edited_by"], &edited["left"]), (&json!("lead"), &json!([])));
        assert_eq!(lead.send("PUT", &path, Some(&body.to_string()), &[("If-Match", &tag)]).status, 409);

        // Said twice under one key, it is declared once.
        let confirm = format!("{path}/confirm");
        let first = lead.post_once("k", &confirm, &json!({"declaration": "zz"})).is(201);
        assert_eq!(lead.post_once("k", &confirm, &json!({"declaration": "zz"})).is(201), first);
        assert_eq!(lead.get("/v1/declarations/zz").is(200)["document"]["areas"][0]["designation"], "severe");
        let update = Cap::new("a-2").sent("2026-07-20T09:00:00+08:00");
        let update =
            update.of("Update", "cma@example.cn", "a-1", "2026-07-20T08:00:00+08:00").areas(&[("二七区", "410103")]);
        assert_eq!(send(&feed, &update)["taken"][0]["outcome"], "proposed");
        let waiting = auditor.get("/v1/proposals?state=waiting").is(200);
        let proposal = waiting["items"][0]["proposal"].as_str().unwrap();
        assert_eq!(waiting["items"][0]["change"], json!({"add": ["CN-410103"]}));
        let done = lead.post(&format!("{path}/proposals/{proposal}/accept"), &json!({})).is(200);
        assert_eq!((&done["state"], &done["decided_by"]), (&json!("accepted"), &json!("lead")));
        assert_eq!(lead.get("/v1/declarations/zz").is(200)["amendment"], 1);
        assert_eq!(
            lead.get("/v1/drafts?state=confirmed&event=zhengzhou").is(200)["items"].as_array().unwrap().len(),
            1
        );
    });
}

#[test]
fn what_cannot_be_read_at_all_is_named_and_kept_too() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let lead = app.caller("lead", Role::CareLead);
        for (body, name) in [
            ("<!DOCTYPE a []><a/>", "doctype"),
            ("{}", "malformed"),
            ("", "malformed"),
            ("<a xmlns='x'/>", "malformed"),
        ] {
            let said = lead.send("POST", "/v1/alerts", Some(body), &[]).is(200);
            assert_eq!(said["refused"][0]["refusal"], name, "{body}");
        }
        assert_eq!(lead.get("/v1/drafts").is(200)["items"], json!([]));
        assert!(lead.get("/v1/alerts/refused").is(200)["items"].as_array().unwrap().len() >= 3);
    });
}

#[test]
fn how_feeds_are_doing_is_seen_by_people_and_by_whoever_watches() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("a.cap"), Cap::new("a-1").text()).unwrap();
        let feeds = [folder(place.path())];
        app.service.set_feeds(&feeds).unwrap();
        app.service.read_feed(&feeds[0]).unwrap();
        let list = app.caller("agent", Role::CareAgent).get("/v1/feeds").is(200);
        let shown = &list["items"][0];
        assert_eq!((&shown["feed"], &shown["taken"], &shown["failures"]), (&json!("drop"), &json!(1), &json!(0)));
        assert_eq!(
            (&shown["good_at"], &shown["next_at"]),
            (&json!("2026-07-20T02:00:00Z"), &json!("2026-07-20T02:01:00Z"))
        );
        let figures = app.caller("watch", Role::Service).get("/metrics").is(200);
        let figures = figures.as_str().unwrap();
        assert!(figures.contains("forbear_feed_alerts{feed=\"drop\",outcome=\"taken\"} 1"), "{figures}");
        assert!(figures.contains("forbear_feed_failures{feed=\"drop\"} 0"), "{figures}");
    });
}
