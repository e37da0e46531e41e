//! Files over HTTP: raw in, safe out.

use forbear::service::access::Role;
use serde_json::json;

use super::app::App;
use crate::databases::{on_both, sqlite};
use crate::service::evidence::showing;
use forbear::service::relief::settings::ReliefSettings;

const PDF: &str = "%PDF-1.7 a letter of the village";

#[test]
fn a_file_goes_in_is_accepted_and_comes_out_to_be_saved() {
    on_both(|database| {
        let app = App::start(showing(database));
        let (own, agent) = (app.caller("P-1", Role::Borrower), app.caller("chen", Role::CareAgent));
        let ask = json!({"account": "ZZ-20210220-01", "evidence": ["self_statement"]});
        let asked = own.post("/v1/requests", &ask).is(201);
        assert_eq!(asked["evidence"], json!(["photo"]));
        let request = format!("/v1/requests/{}", asked["request"].as_str().unwrap());
        let headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", "attachment; filename*=UTF-8''..%2F%E5%BC%A0%E4%B8%89%0D%0A.exe"),
            ("Idempotency-Key", "once"),
        ];
        let path = format!("{request}/evidence?kind=photo");
        let sent = own.send("POST", &path, Some(PDF), &headers).is(201);
        assert_eq!(own.send("POST", &path, Some(PDF), &headers).is(201), sent);
        let other = own.send("POST", &path, Some("%PDF-1.7 another"), &headers);
        assert_eq!(other.status, 422, "the key came with another file");
        assert_eq!(
            (&sent["media_type"], &sent["bytes"], &sent["state"]),
            (&json!("application/pdf"), &json!(32), &json!("received"))
        );
        assert!(!sent.to_string().contains('张'), "answers to keys are kept, names are not");

        let list = agent.get(&format!("{request}/evidence")).is(200);
        assert_eq!(list["items"][0]["name"], "../张三.exe");
        let file = format!("/v1/evidence/{}", sent["evidence"].as_str().unwrap());
        assert_eq!(app.caller("P-9", Role::Borrower).get(&format!("{file}/content")).status, 404);
        let (head, body) = agent.head_and_bytes(&format!("{file}/content"));
        assert_eq!(body, PDF.as_bytes());
        let header = |name: &str| head.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-type"), "application/pdf");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(
            header("content-disposition"),
            "attachment; filename=\"evidence.pdf\"; filename*=UTF-8''_%E5%BC%A0%E4%B8%89.exe.pdf"
        );

        assert_eq!(own.post(&format!("{file}/accept"), &json!({})).status, 403);
        assert_eq!(agent.post(&format!("{file}/accept"), &json!({})).is(200)["state"], "accepted");
        assert_eq!(own.get(&request).is(200)["grants"][0]["state"], "posted");
    });
}

#[test]
fn a_file_that_is_too_large_or_of_another_kind_is_refused_by_name() {
    let settings = ReliefSettings { evidence_bytes: 40, ..ReliefSettings::default() };
    let app = App::start(showing(&sqlite()).with_relief(settings));
    let own = app.caller("P-1", Role::Borrower);
    let asked = own.post("/v1/requests", &json!({"account": "ZZ-20210220-01"})).is(201);
    let path = format!("/v1/requests/{}/evidence", asked["request"].as_str().unwrap());
    let send = |query: &str, body: &str, headers: &[(&str, &str)]| {
        let answer = own.send("POST", &format!("{path}{query}"), Some(body), headers);
        (answer.status, answer.body.to_string())
    };
    let (status, said) = send("?kind=photo", &format!("{PDF} and more"), &[]);
    assert!(status == 413 && said.contains("at most 40 bytes"), "{said}");
    let (status, said) = send("?kind=photo", "<html><script>alert(1)</script>", &[("Content-Type", "image/png")]);
    assert!(status == 422 && said.contains("text/html by its content"), "{said}");
    let (status, said) = send("?kind=photo", PDF, &[("Content-Type", "image/png")]);
    assert!(status == 422 && said.contains("said to be image/png"), "{said}");
    let (status, said) = send("", PDF, &[]);
    assert!(status == 422 && said.contains("/kind"), "{said}");
    assert_eq!(send("?kind=photo", PDF, &[("Content-Disposition", "attachment; filename*=latin''x%FF")]).0, 400);
}
