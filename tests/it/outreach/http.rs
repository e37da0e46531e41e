//! Outreach over HTTP: progress and steering of a channel's messages, receipts of the gateway, the guard.

use forbear::core_system::webhook::signature;
use forbear::service::access::Role;
use serde_json::{Value, json};

use super::{Pocket, SECRET, built, hit, outreach, telling};
use crate::api::app::App;
use crate::care::channels::settings;
use crate::databases::on_both;

#[test]
fn from_a_channel_on_standby_to_receipts() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        hit(&service, "B-1", "B", "13800000002", "en");
        let app = App::start(service);
        let (service, lead, gateway) = (&app.service, app.caller("sun", Role::CareLead), app.nobody());
        let body = json!({"declaration": "zhengzhou-2021-07", "settings": settings()});
        let channel = lead.post("/v1/channels", &body).is(201);
        let path = format!("/v1/channels/{}", channel["channel"].as_str().unwrap());
        while service.run_preview(&|| false).unwrap() {}
        built(service);
        let preview = lead.get(&path).is(200)["outreach"][0].clone();
        assert_eq!(preview, lead.get(&format!("{path}/outreach")).is(200)["campaigns"][0]);
        assert_eq!(
            (&preview["state"], &preview["complete"], &preview["audience"], &preview["languages"]),
            (&json!("preview"), &json!(true), &json!(3), &json!({"zh-CN": 2, "en": 1}))
        );
        assert_eq!((&preview["suppressed"], &preview["queued"]), (&json!({"no_phone": 1}), &json!(0)));
        lead.post(&format!("{path}/open"), &json!({"digest": channel["digest"]})).is(200);
        built(service);
        let why = json!({"reason": "the hotline is down"});
        assert_eq!(lead.post(&format!("{path}/outreach/pause"), &why).is(200)["campaigns"][0]["state"], "paused");
        let pocket = Pocket::default();
        assert_eq!(service.send_messages(&pocket).unwrap(), 0);
        lead.post(&format!("{path}/outreach/resume"), &why).is(200);
        service.send_messages(&pocket).unwrap();
        let names: Vec<String> = pocket.take().into_iter().map(|had| had.name).collect();
        let receipts = json!({"receipts": [
            {"message": names[0], "status": "delivered"}, {"message": names[1], "status": "failed", "code": "absent"},
        ]})
        .to_string();
        let now = service.clock.now().and_utc().timestamp();
        let post = |signed: Option<String>, body: &str| {
            let headers: Vec<(&str, &str)> =
                signed.iter().map(|signed| ("Forbear-Signature", signed.as_str())).collect();
            gateway.send("POST", "/v1/messages/receipts", Some(body), &headers)
        };
        let sign = |at: i64, body: &str| Some(format!("t={at},v1={}", signature(SECRET, at, body)));
        assert_eq!(post(None, &receipts).is(401)["type"], "/problems/not_signed");
        assert_eq!(post(sign(now - 301, &receipts), &receipts).status, 401);
        assert_eq!(post(sign(now, "{}"), &receipts).status, 401);
        assert_eq!(post(sign(now, "{}"), "{}").status, 400);
        assert_eq!(post(sign(now, &receipts), &receipts).is(200), json!({"taken": 2, "known": 0, "unknown": []}));
        assert_eq!(post(sign(now, &receipts), &receipts).is(200), json!({"taken": 0, "known": 2, "unknown": []}));
        let told = lead.get(&format!("{path}/outreach")).is(200)["campaigns"][0].clone();
        let count = |name: &str| told[name].as_i64().unwrap();
        assert_eq!((count("queued"), count("sent"), count("delivered"), count("failed")), (0, 0, 1, 1));
        let failed = lead.get(&format!("{path}/messages?state=failed")).is(200)["items"][0].clone();
        assert_eq!((&failed["person"], &failed["reason"]), (&json!("B"), &json!("undelivered")));
        let again = format!("/v1/messages/{}/resend", failed["message"].as_str().unwrap());
        assert_eq!(lead.post(&again, &json!({})).is(200)["state"], "queued");
        assert_eq!(lead.post(&again, &json!({})).status, 409);
        lead.post(&format!("{path}/outreach/cancel"), &why).is(200);
        assert_eq!(service.send_messages(&pocket).unwrap(), 0);
        assert_eq!(
            lead.get(&format!("{path}/outreach")).is(200)["campaigns"][0]["suppressed"],
            json!({"cancelled": 1, "no_phone": 1})
        );
    });
}

#[test]
fn the_guard_answers_one_and_many() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        hit(&service, "B-1", "B", "13800000002", "zh-CN");
        let app = App::start(service);
        let (agent, dialler) = (app.caller("li", Role::CareAgent), app.caller("dialler", Role::Service));
        agent
            .post(
                "/v1/persons/A/flags",
                &json!({"flag": "bereaved", "reason": "told_by_relative", "until": "2021-08-31"}),
            )
            .is(200);
        let one = agent.get("/v1/contact-guard/A-1?purpose=collections").is(200);
        let expected = json!({"account": "A-1", "may": false, "reasons": [
            {"code": "flag", "person": "A", "of": "bereaved", "until": "2021-08-31T16:00:00Z"},
        ], "next_at": "2021-09-01T00:00:00Z"});
        assert_eq!(one, expected);
        assert_eq!(agent.get("/v1/contact-guard/A-1?purpose=collections&at=2021-09-01T04:00:00Z").is(200)["may"], true);
        assert_eq!(agent.get("/v1/contact-guard/A-1?purpose=lunch").is(422)["errors"][0]["pointer"], "/purpose");
        assert_eq!(agent.get("/v1/contact-guard/none?purpose=letter").status, 404);
        let many =
            dialler.send("POST", "/v1/contact-guard?purpose=collections", Some("\"B-1\"\n\"A-1\"\n\"none\"\n"), &[]);
        assert_eq!((many.status, many.kind.as_str()), (200, "application/x-ndjson"));
        let lines: Vec<Value> =
            many.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["may"], &lines[1]), (3, &json!(true), &expected));
    });
}
