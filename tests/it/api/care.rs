//! Alerts and drafts over HTTP.

use forbear::service::access::Role;
use forbear::service::care::CareSettings;
use serde_json::{Value, json};

use super::app::{App, Caller};
use crate::care::Cap;
use crate::care::feeds::folder;
use crate::databases::on_both;
use crate::service::desk::{account, at, file, put_in_force, service, zhengzhou};

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
            (" ", "malformed"),
            ("<a xmlns='x'/>", "malformed"),
        ] {
            let said = lead.send("POST", "/v1/alerts", Some(body), &[]).is(200);
            assert_eq!(said["refused"][0]["refusal"], name, "{body}");
        }
        lead.send("POST", "/v1/alerts", Some(""), &[]).is(400);
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

/// How the channel of the four calls is set.
fn channel() -> Value {
    let mut settings = crate::care::channels::settings();
    settings["policies"] = json!(["late-fees-at-once"]);
    settings["expires_on"] = json!("2026-12-31");
    settings
}

#[test]
fn from_a_file_in_a_folder_to_an_open_channel_in_four_calls() {
    on_both(|database| {
        let subscribers = vec!["ivr".to_owned()];
        let service =
            service(database, "2026-07-20").with_care(CareSettings { subscribers, ..CareSettings::default() });
        put_in_force(&service, &file("samples/policy-late-fees.json"));
        service.take_snapshot(&account("samples/account-zhengzhou.json")).unwrap();
        let app = App::start(service);
        let lead = app.caller("lead", Role::CareLead);
        let place = tempfile::tempdir().unwrap();
        let feeds = [folder(place.path())];
        app.service.set_feeds(&feeds).unwrap();
        std::fs::write(place.path().join("rain.cap"), Cap::new("a-1").text()).unwrap();
        app.service.read_feed(&feeds[0]).unwrap();
        app.service.clock.set(at("2026-07-20T02:07:30Z"));

        // One: what waits.
        let waiting = lead.get("/v1/drafts?state=waiting").is(200);
        let draft = waiting["items"][0]["draft"].as_str().unwrap();
        // Two: it is a disaster, and this is the channel for it.
        let confirm = format!("/v1/drafts/{draft}/confirm");
        let confirmed = lead.post_once("two", &confirm, &json!({"declaration": "zz", "channel": channel()})).is(201);
        let name = confirmed["channel"]["channel"].as_str().unwrap();
        assert_eq!((&confirmed["declaration"], &confirmed["channel"]["state"]), (&json!("zz"), &json!("standby")));
        while app.service.run_preview(&|| false).unwrap() {}
        // Three: whom it helps, and what it costs.
        let shown = lead.get(&format!("/v1/channels/{name}")).is(200);
        let preview = &shown["previews"][0];
        assert_eq!((&preview["state"], &preview["accounts"]), (&json!("done"), &json!(1)), "{shown:#}");
        assert!(preview["result"]["total"].is_array(), "{preview:#}");
        // Four: it opens.
        let opened =
            lead.post_once("four", &format!("/v1/channels/{name}/open"), &json!({"digest": shown["digest"]})).is(200);
        assert_eq!((&opened["state"], &opened["answering_now"]), (&json!("open"), &json!(true)));
        // The alert came at 02:00:00.
        assert_eq!(opened["measures"], json!({"minutes_from_alert": 7}));

        let told = app.caller("auditor", Role::Auditor).get("/v1/notices").is(200);
        let body = &told["items"][0]["body"];
        assert_eq!((&body["kind"], &body["channel"]["hotline"]), (&json!("channel.opened"), &json!("400-800-1234")));
        let open = app.caller("app", Role::Service).get("/v1/channels?state=open&declaration=zz").is(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn channels_over_http_from_standby_to_closed() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let (lead, second) = (app.caller("lead", Role::CareLead), app.caller("second", Role::CareLead));
        let mut settings = crate::care::channels::settings();
        settings["facts"] = json!({"deaths_and_missing": 200});
        let body = json!({"declaration": "cn-henan-2021-07", "settings": settings});
        let made = lead.post("/v1/channels", &body).is(201);
        let path = format!("/v1/channels/{}", made["channel"].as_str().unwrap());
        assert_eq!((&made["level"], &made["answering_now"]), (&json!("I"), &json!(false)));
        settings["capacity"] = json!(500);
        let (tag, text) = (lead.get(&path).etag.unwrap(), settings.to_string());
        assert_eq!(lead.send("PUT", &path, Some(&text), &[]).status, 428);
        let edited = lead.send("PUT", &path, Some(&text), &[("If-Match", &tag)]).is(200);
        assert_ne!(edited["digest"], made["digest"]);
        let digest = json!({"digest": edited["digest"]});
        let hurry = json!({"digest": edited["digest"], "without_preview": "every minute counts"});
        let refused = lead.post(&format!("{path}/open"), &hurry).is(409);
        assert_eq!(refused["type"], "/problems/second_person");
        assert_eq!(lead.post(&format!("{path}/approve"), &digest).is(409)["type"], "/problems/same_person");
        assert_eq!(second.post(&format!("{path}/approve"), &digest).is(200)["approved_by"], "second");
        assert_eq!(lead.post(&format!("{path}/open"), &digest).is(409)["type"], "/problems/not_previewed");
        let opened = lead.post(&format!("{path}/open"), &hurry).is(200);
        assert_eq!((&opened["without_preview"], &opened["measures"]), (&json!("every minute counts"), &json!({})));
        let extended =
            lead.post(&format!("{path}/extend"), &json!({"expires_on": "2022-01-31", "reason": "many call"})).is(200);
        assert_eq!(extended["expires_on"], "2022-01-31");
        lead.post(&format!("{path}/stand-down"), &json!({"reason": "few call"})).is(200);
        assert_eq!(lead.post(&format!("{path}/close"), &json!({"reason": "over"})).is(200)["state"], "closed");
        assert_eq!(
            lead.post(&format!("{path}/close"), &json!({"reason": "over"})).is(409)["type"],
            "/problems/wrong_state"
        );
        assert_eq!(
            lead.get("/v1/response-levels").is(200)["levels"][0]["any"][0],
            json!({"fact": "deaths_and_missing", "at_least": 200})
        );
        let agent = app.caller("agent", Role::CareAgent);
        assert_eq!(agent.post("/v1/channels", &body).status, 403);
    });
}

#[test]
fn a_channel_that_is_set_wrongly_keeps_its_draft_from_being_confirmed() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let lead = app.caller("lead", Role::CareLead);
        let taken = send(&lead, &Cap::new("a-1"));
        let confirm = format!("/v1/drafts/{}/confirm", taken["taken"][0]["draft"].as_str().unwrap());
        let refused = lead.post(&confirm, &json!({"channel": channel()})).is(422);
        assert_eq!(refused["errors"][0]["pointer"], "/channel/policies/0");
        assert_eq!(lead.get("/v1/declarations").is(200)["items"], json!([]));
        assert_eq!(lead.get("/v1/drafts").is(200)["items"][0]["state"], "waiting");
    });
}
