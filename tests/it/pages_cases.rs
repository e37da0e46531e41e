//! The pages of care for cases and complaints over plain HTTP.

use forbear::service::access::Role;
use serde_json::{Value, json};

use crate::api::app::App;
use crate::contact::{LOAN, PHONE, known, only_late_fees};
use crate::databases::on_both;
use crate::pages_care::{Reader, id, seen};

const CARE: &[Role] = &[Role::CareAgent, Role::CareLead];
const CLERKS: &[Role] = &[Role::CareAgent, Role::CareLead, Role::Auditor];

/// The words that are read before something, as a form says which they were.
fn script(api: &crate::api::app::Caller, purpose: &str) -> String {
    let scripts = api.get("/v1/scripts").is(200);
    let found = scripts["items"].as_array().unwrap().iter().find(|one| one["for"] == purpose).unwrap().clone();
    format!("{} {}", id(&found, "script"), id(&found, "digest"))
}

#[test]
fn a_call_is_taken_and_relief_is_asked_and_agreed_for_the_caller() {
    on_both(|database| {
        let service = known(database);
        only_late_fees(&service, true);
        let app = App::start(service);
        let (reader, api) = (Reader::enter(&app, "sun", Role::CareAgent), app.caller("sun", Role::CareAgent));
        let call = [("via", "hotline"), ("phone", PHONE), ("note", "房子淹了")];
        let case = reader.send("/care/cases", "/care/contacts", &call).to;
        let name = case.strip_prefix("/care/cases/").unwrap().to_owned();
        let page = reader.shown(&case);
        for said in [
            "<bdi>房子淹了</bdi>",
            LOAN,
            "<bdi>张**</bdi>",
            "138****5678",
            "being attended to",
            "Whether they may be contacted now",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains(PHONE), "masked");

        // In full for a reason, which is logged and not kept.
        let reveal = format!("{case}/reveal");
        assert_eq!(reader.send(&case, &reveal, &[("party", "P-1"), ("reason", "")]).status, 422);
        let shown = reader.send(&case, &reveal, &[("party", "P-1"), ("reason", "they ask to be called back")]);
        assert_eq!(shown.status, 200);
        assert!(shown.html.contains(PHONE) && shown.html.contains("张三"), "{}", shown.html);
        let log = app.caller("audit", Role::Auditor).get("/v1/audit").is(200).to_string();
        assert!(log.contains("person.reveal") && !log.contains(PHONE), "{log}");

        let suggested =
            reader.send(&case, &format!("{case}/navigator"), &[("text", "房子被淹了，还不上贷款，能不能延期")]);
        let heard =
            api.post("/v1/navigator", &json!({"text": "房子被淹了，还不上贷款，能不能延期", "account": LOAN})).is(200);
        let percent = heard["confidence"].as_u64().unwrap() / 10;
        assert!(suggested.html.contains(&format!("about {percent} % sure")), "{} {}", heard, suggested.html);

        let flag = [("do", "set"), ("party", "P-1"), ("flag", "vulnerable"), ("reason", "told")];
        assert_eq!(reader.send(&case, &format!("{case}/flags"), &flag).to, case);
        let page = reader.shown(&case);
        let verdict = api.get(&format!("/v1/contact-guard/{LOAN}?purpose=collections")).is(200);
        assert_eq!(verdict["may"], false);
        assert!(page.contains("something to mind (vulnerable)"), "{page}");

        let contact = id(&api.get(&format!("/v1/contacts?case={name}")).is(200)["items"][0], "contact");
        let ask = format!("/care/contacts/{contact}/requests");
        let (apply, accept) = (script(&api, "apply"), script(&api, "accept"));
        let consent = |script: &str| {
            [("party", "P-1".to_owned()), ("script", script.to_owned()), ("recording", "rec-1".to_owned())]
        };
        let said = consent(&apply);
        let said: Vec<_> = said.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            reader.send(&case, &ask, &[("party", "P-1"), ("recording", "rec-1")]).status,
            422,
            "nothing was read"
        );
        assert_eq!(reader.send(&case, &ask, &said).to, case);
        let file = api.get(&format!("/v1/cases/{name}")).is(200);
        let request = file["requests"][0].as_str().unwrap().to_owned();
        let agree = format!("{ask}/{request}/accept");
        let page = reader.shown(&case);
        let shown = page.split_once("name=\"shown\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let said = consent(&accept);
        let mut said: Vec<_> = said.iter().map(|(name, value)| (*name, value.as_str())).collect();
        said.extend([("case", name.as_str()), ("shown", shown.as_str())]);
        assert_eq!(reader.send(&case, &agree, &said).to, case);
        let consents = api.get(&format!("/v1/requests/{request}/consents")).is(200);
        let kinds: Vec<&Value> = consents["items"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
        assert_eq!(kinds, [&json!("apply"), &json!("accept")]);
        assert_eq!(consents["items"][1]["shown"], json!(shown));
        seen(
            &app,
            &[
                ("/care/cases".to_owned(), "全部案件", "All cases", CARE),
                (case, "客户怎么说", "What the caller says", CARE),
            ],
        );
    });
}

#[test]
fn a_complaint_is_given_time_answered_and_opened_again() {
    on_both(|database| {
        let app = App::start(known(database));
        let (own, api) = (app.caller("P-1", Role::Borrower), app.caller("watch", Role::Auditor));
        let made = own.post("/v1/complaints", &json!({"class": "fees", "words": "罚息算错了"})).is(201);
        let name = id(&made, "complaint");
        let path = format!("/care/complaints/{name}");
        let (lead, second) = (Reader::enter(&app, "sun", Role::CareLead), Reader::enter(&app, "li", Role::CareLead));
        // It came on 29 July: 15 days are over on 13 August.
        assert!(lead.shown("/care/complaints").contains("15 days left"), "{}", lead.shown("/care/complaints"));
        assert!(lead.shown(&path).contains("<bdi>罚息算错了</bdi>"));
        let auditor = Reader::enter(&app, "wang", Role::Auditor).shown(&path);
        assert!(!auditor.contains("罚息算错了") && !auditor.contains("/resolve\""), "who looks on reads no words");
        assert_eq!(lead.send(&path, &format!("{path}/extend"), &[("reason", "the books are long")]).to, path);
        assert!(second.shown(&path).contains("30 days left"));
        assert_eq!(second.send(&path, &format!("{path}/assign"), &[("to", "li")]).to, path);
        let answer = [("resolution", "upheld"), ("root", "system"), ("answer", "已更正")];
        assert_eq!(second.send(&path, &format!("{path}/resolve"), &answer).to, path);
        let told = api.get(&format!("/v1/complaints/{name}")).is(200);
        assert_eq!(
            (&told["resolution"], &told["root"]["kind"], &told["assigned_to"]),
            (&json!("upheld"), &json!("system"), &json!("li"))
        );
        assert!(second.shown(&path).contains("<dd>upheld</dd>"));
        assert_eq!(second.send(&path, &format!("{path}/reopen"), &[("reason", "still wrong")]).to, path);
        assert_eq!(api.get(&format!("/v1/complaints/{name}")).is(200)["reopened"], 1);
        seen(
            &app,
            &[
                ("/care/complaints".to_owned(), "息费争议", "interest and fees", CLERKS),
                (path, "重新受理", "Opened again", CLERKS),
            ],
        );
    });
}
