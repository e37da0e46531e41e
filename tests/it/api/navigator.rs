//! The navigator over HTTP: questions, people, one's own case, and nobody else's.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, Caller, hardship};
use crate::databases::on_both;
use crate::service::desk::{service, zhengzhou};

fn ask(caller: &Caller, text: &str) -> Value {
    caller.post("/v1/navigator", &json!({"text": text})).is(200)
}

#[test]
fn an_answer_cites_the_case_and_the_policy_that_are_live() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let borrower = app.caller("P-1", Role::Borrower);
        // Before there is a case the answer is in general words.
        let before = ask(&borrower, "我的申请到哪一步了");
        assert_eq!(before["question"], "progress.status");
        assert_eq!((&before["action"], &before["case_number"]), (&"read_progress".into(), &Value::Null));
        assert!(!before["answer"].as_str().unwrap().contains(['{', '}']), "{before}");
        let case = borrower.post("/v1/requests", &hardship()).is(201)["case_number"].as_str().unwrap().to_owned();
        let after = ask(&borrower, "我的申请到哪一步了");
        assert_eq!(after["case_number"], case.as_str());
        assert!(after["answer"].as_str().unwrap().contains(&case), "{after}");
        let english = ask(&borrower, "What's the status of my application?");
        assert_eq!((&english["question"], &english["language"]), (&"progress.status".into(), &"en".into()));
        assert!(
            english["answer"].as_str().unwrap().starts_with(&format!("Your request {case} stands at: ")),
            "{english}"
        );
        // The policy takes requests until 30 July; today is the 29th.
        let deadline = ask(&borrower, "申请截止到什么时候");
        assert_eq!(deadline["question"], "relief.deadline");
        assert!(deadline["answer"].as_str().unwrap().contains("2021-07-30"), "{deadline}");
        let offered = ask(&borrower, "你们有哪些纾困措施");
        assert!(offered["answer"].as_str().unwrap().contains("河南暴雨消费金融纾困（2021年7月）"), "{offered}");
        assert_eq!(offered["model"].as_str().unwrap().len(), 64);
    });
}

#[test]
fn a_person_takes_over_when_asked_for_or_when_nothing_fits() {
    on_both(|database| {
        let app = App::start(service(database, "2021-07-29"));
        let agent = app.caller("sun", Role::CareAgent);
        for (text, why) in [
            ("转人工", "asked_for_person"),
            ("I want to talk to a human", "asked_for_person"),
            ("", "unreadable"),
            ("🔥🔥", "unreadable"),
        ] {
            let heard = ask(&agent, text);
            assert_eq!((&heard["why"], &heard["action"]), (&why.into(), &"hand_to_person".into()), "{text}");
            assert_eq!(heard["question"], Value::Null);
        }
        // With nothing in force and no case, what would cite them is said in general words.
        let general = ask(&agent, "你们有哪些纾困措施");
        assert_eq!(general["question"], "relief.offered");
        assert!(!general["answer"].as_str().unwrap().contains(['{', '}']), "{general}");
        let english = agent
            .post("/v1/navigator", &json!({"text": "你们有哪些纾困措施", "language": "en", "via": "hotline"}))
            .is(200);
        assert!(english["answer"].as_str().unwrap().is_ascii(), "{english}");
        for wrong in
            [json!({}), json!({"text": 1}), json!({"text": "x", "language": "fr"}), json!({"text": "x", "via": "fax"})]
        {
            assert!([400, 422].contains(&agent.post("/v1/navigator", &wrong).status), "{wrong}");
        }
    });
}

#[test]
fn nobody_hears_of_another_persons_case() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let own = app.caller("P-1", Role::Borrower);
        let case = own.post("/v1/requests", &hardship()).is(201)["case_number"].as_str().unwrap().to_owned();
        let other = app.caller("P-2", Role::Borrower);
        let body = json!({"text": "我的申请到哪一步了", "account": "ZZ-20210220-01"});
        assert_eq!(other.post("/v1/navigator", &body).status, 404);
        assert!(!ask(&other, "我的申请到哪一步了").to_string().contains(&case));
        let agent = app.caller("sun", Role::CareAgent);
        assert_eq!(agent.post("/v1/navigator", &body).is(200)["case_number"], case.as_str());
        assert_eq!(ask(&agent, "我的申请到哪一步了")["case_number"], Value::Null);
    });
}
