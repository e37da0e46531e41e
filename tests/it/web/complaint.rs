//! A complaint in the browser: made on a phone, answered at a desk, rated, made again.

use forbear::service::access::Role;
use serde_json::json;

use super::browser::{Browser, Look, axe};
use super::in_browser;
use super::program::Program;
use super::walk::enter;

#[test]
fn a_complaint_is_made_answered_rated_and_made_again() {
    in_browser(|| async {
        let program = Program::start();
        let browser = Browser::start(Look::phone("en")).await;
        enter(&browser, &program, Role::Borrower).await;
        browser.press(r#"a[href^="/relief/complain/"]"#).await;
        browser.write("#words", "You charged me twice").await;
        browser.press("main form button").await;
        let own = browser.at().await;
        let name = own.strip_prefix("/relief/complaints/").unwrap().to_owned();
        let told = browser.api(&format!("/v1/complaints/{name}")).await;
        assert_eq!(told["state"], "open");
        assert!(browser.text("main").await.contains("You have our answer by"));

        // The desk: the clock that is shown is that of the API, and the answer needs what it came from.
        enter(&browser, &program, Role::CareAgent).await;
        browser.go(&program.at("/care/complaints")).await;
        let open = browser.api("/v1/complaints?state=open").await;
        let rows = browser.page.find_all(fantoccini::Locator::Css("main tbody tr")).await.unwrap();
        assert_eq!(rows.len(), open["items"].as_array().unwrap().len());
        browser.press(&format!(r#"a[href="/care/complaints/{name}"]"#)).await;
        let page = browser.text("main").await;
        assert!(page.contains("You charged me twice"), "{page}");
        let due: chrono::NaiveDate = told["due_on"].as_str().unwrap().parse().unwrap();
        assert!(page.contains(&due.format("%-d %B %Y").to_string()), "{due}: {page}");
        browser.pick(r#"#resolution option[value="upheld"]"#).await;
        browser.pick(r#"#root option[value="system"]"#).await;
        browser.write("#answer", "You are right: it is refunded").await;
        browser.press(r#"form[action$="/resolve"] button"#).await;
        let told = browser.api(&format!("/v1/complaints/{name}")).await;
        assert_eq!((&told["state"], &told["resolution"]), (&json!("resolved"), &json!("upheld")));

        enter(&browser, &program, Role::Borrower).await;
        browser.go(&program.at(&own)).await;
        assert!(browser.text("main").await.contains("You are right: it is refunded"));
        browser.pick(r#"input[name="score"][value="2"]"#).await;
        browser.press(r#"form[action$="/rate"] button"#).await;
        assert_eq!(browser.api(&format!("/v1/complaints/{name}")).await["score"], 2);
        assert!(browser.text("main").await.contains("You gave 2 of 5"));
        browser.pick("summary").await;
        browser.write("#reason", "It is still there").await;
        if let Some(axe) = axe() {
            assert_eq!(browser.violations(&axe).await, Vec::<String>::new());
        }
        browser.press(r#"form[action$="/reopen"] button"#).await;
        let told = browser.api(&format!("/v1/complaints/{name}")).await;
        assert_eq!((&told["state"], &told["reopened"]), (&json!("open"), &json!(1)));
        assert_eq!(browser.complaints().await, Vec::<String>::new());

        // In a demonstration whoever has seen enough begins anew: nothing of it is left.
        browser.go(&program.at("/")).await;
        browser.press(r#"form[action="/demo/reset"] button"#).await;
        enter(&browser, &program, Role::CareLead).await;
        assert_eq!(browser.api("/v1/complaints").await["items"], json!([]));
        browser.end().await;
    });
}
