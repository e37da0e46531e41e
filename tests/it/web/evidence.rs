//! What a borrower shows, at the desks of those who judge it: refused with a reason, brought over a counter, accepted by somebody else.

use forbear::service::access::Role;
use serde_json::Value;

use super::borrower::only_ask;
use super::browser::{Browser, DESK, Look, axe};
use super::in_browser;
use super::program::Program;
use super::walk::enter;

/// The files of a request as the API tells them: what each is for, and where it stands.
async fn told(browser: &Browser, request: &str) -> Vec<(String, String)> {
    let found = browser.api(&format!("/v1/requests/{request}/evidence")).await;
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    found["items"].as_array().unwrap().iter().map(|one| (text(one, "kind"), text(one, "state"))).collect()
}

#[test]
fn evidence_is_refused_brought_again_and_accepted_by_somebody_else() {
    in_browser(|| async {
        let program = Program::start();
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("%PDF-1.4\n% {name}\n%%EOF\n")).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let browser = Browser::start(Look { language: "en", script: true, dark: false, size: DESK }).await;
        enter(&browser, &program, Role::Borrower).await;
        let own = only_ask(&browser, &program).await;
        let request = own.strip_prefix("/relief/cases/").unwrap();
        browser.go(&program.at(&format!("{own}/evidence?kind=other"))).await;
        browser.write("input[type=file]", &file("blurred.pdf")).await;
        browser.press("main form button").await;

        enter(&browser, &program, Role::CareAgent).await;
        let case = browser.api(&format!("/v1/requests/{request}")).await["case"].as_str().unwrap().to_owned();
        let desk = format!("/care/cases/{case}");
        browser.go(&program.at(&desk)).await;
        assert!(browser.text("main").await.contains("blurred.pdf"), "under the name it came with");
        let open = browser.api(&format!("/v1/requests/{request}/evidence")).await["items"][0]["evidence"].clone();
        assert!(browser.has(&format!(r#"a[href="/v1/evidence/{}/content"]"#, open.as_str().unwrap())).await);
        if let Some(axe) = axe() {
            assert_eq!(browser.violations(&axe).await, Vec::<String>::new());
        }
        browser.write(r#"form[action$="/judge"] input[name="reason"]"#, "It cannot be read").await;
        browser.press(r#"button[value="refuse"]"#).await;
        assert_eq!(browser.at().await, desk);
        assert_eq!(told(&browser, request).await, [("other".to_owned(), "refused".to_owned())]);

        // The borrower comes by with a better one; whoever took it does not judge it.
        browser
            .page
            .execute("document.querySelectorAll('details').forEach(d => d.open = true)", Vec::new())
            .await
            .unwrap();
        browser.write(r#"form[action$="/evidence"] input[type="file"]"#, &file("readable.pdf")).await;
        browser.press(r#"form[action$="/evidence"] button"#).await;
        assert_eq!(browser.at().await, desk, "{}", browser.text("main").await);
        browser.press(r#"button[value="accept"]"#).await;
        assert!(browser.text("main").await.contains("who sent a file does not judge it"));
        enter(&browser, &program, Role::CareLead).await;
        browser.go(&program.at(&desk)).await;
        browser.press(r#"button[value="accept"]"#).await;
        let states: Vec<String> = told(&browser, request).await.into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, ["refused", "accepted"]);

        enter(&browser, &program, Role::Borrower).await;
        browser.go(&program.at(&own)).await;
        let page = browser.text("main").await;
        assert!(page.contains("It cannot be read") && page.contains("not accepted"), "{page}");
        let complaints = browser.complaints().await;
        assert!(complaints.iter().all(|line| line.contains("403")), "{complaints:?}");
        browser.end().await;
    });
}
