//! Policies in the browser: written, checked at the line, tried on the book, approved by somebody else.

use std::time::Duration;

use fantoccini::Locator;
use forbear::service::access::Role;
use serde_json::json;

use super::browser::{Browser, DESK, Look};
use super::in_browser;
use super::program::Program;
use super::walk::enter;

/// Puts something in the place of something else in the editor.
async fn replace(browser: &Browser, what: &str, with: &str) {
    let script = "const text = document.querySelector('#text'); const before = text.value; \
                  text.value = before.replace(arguments[0], arguments[1]); return text.value !== before";
    let done = browser.page.execute(script, vec![json!(what), json!(with)]).await.unwrap();
    assert_eq!(done, json!(true), "{what} is not in the editor");
}

/// The text of a line of the editor.
async fn line(browser: &Browser, number: usize) -> String {
    let script = "return document.querySelector('#text').value.split('\\n')[arguments[0] - 1]";
    browser.page.execute(script, vec![json!(number)]).await.unwrap().as_str().unwrap().to_owned()
}

/// Writes cases, first such that cannot be read, then those that are shipped; they pass, and are taken out and put back.
async fn cases(browser: &Browser, program: &Program, path: &str) {
    let shipped = std::fs::read_dir("policies/cn-natural-disaster/cases").unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(shipped).unwrap();
    let fill = async |text: &str| {
        let script = "document.querySelector('#text').value = arguments[0]";
        browser.page.execute(script, vec![json!(text)]).await.unwrap();
        browser.press(r#"button[name="do"][value="keep"]"#).await;
    };
    browser.go(&program.at(path)).await;
    browser.press(r#"a[href$="/cases"]"#).await;
    browser.write("#name", "shipped").await;
    fill("{\"cases\": []}").await;
    assert!(browser.has(r#"[role="alert"] li"#).await, "{}", browser.text("main").await);
    let kept = async || browser.api(&format!("/v1{path}/cases")).await["items"].as_array().unwrap().len();
    assert_eq!(kept().await, 0, "nothing is kept of what cannot be read");
    fill(&text).await;
    assert_eq!((browser.at().await.as_str(), kept().await), (path, 1));
    let told = browser.api(&format!("/v1{path}/cases")).await;
    let rows = browser.page.find_all(Locator::Css("main table tbody tr .good")).await.unwrap();
    assert!(!rows.is_empty() && !browser.has("main table tbody tr .bad").await, "they pass: {told}");
    browser.press(r#"a[href$="/cases?name=shipped"]"#).await;
    browser.press(r#"button[name="do"][value="remove"]"#).await;
    assert_eq!(kept().await, 0);
}

#[test]
fn a_version_is_written_checked_tried_and_approved_by_somebody_else() {
    in_browser(|| async {
        for language in ["en", "zh-CN"] {
            let program = Program::start();
            let browser = Browser::start(Look { language, script: true, dark: false, size: DESK }).await;
            enter(&browser, &program, Role::PolicyAuthor).await;
            assert_eq!(browser.at().await, "/policies");
            browser.press(r#"a[href="/policies/cn-natural-disaster/1"]"#).await;
            browser.press(r#"main a[href^="/policies/edit?policy="]"#).await;
            replace(&browser, "\"hit_policy\"", "\"hit_polity\"").await;
            browser.press(r#"button[name="do"][value="check"]"#).await;
            // Where it is wrong, line by line.
            let rows = browser.page.find_all(Locator::Css("main table tbody tr th")).await.unwrap();
            let mut wrong = Vec::new();
            for row in rows {
                wrong.push(line(&browser, row.text().await.unwrap().parse().unwrap()).await);
            }
            assert!(wrong.iter().any(|line| line.contains("hit_polity")), "{wrong:?}");
            assert_eq!(browser.api("/v1/policies/cn-natural-disaster/2").await["status"], 404, "nothing is kept of it");
            replace(&browser, "\"hit_polity\"", "\"hit_policy\"").await;
            let script = "return document.querySelector('#text').value.includes('\"version\": 2')";
            assert_eq!(browser.page.execute(script, Vec::new()).await.unwrap(), json!(true), "the next number");
            replace(&browser, "\"owner\": \"", "\"owner\": \"our-").await;
            browser.press(r#"button[name="do"][value="keep"]"#).await;
            let path = "/policies/cn-natural-disaster/2";
            assert_eq!(browser.at().await, path, "{}", browser.text("main").await);
            let told = browser.api(&format!("/v1{path}")).await;
            assert_eq!(told["state"], "draft");
            assert!(browser.text("dl").await.contains(told["digest"].as_str().unwrap()));
            browser.press(r#"a[href$="/compare/1"]"#).await;
            assert!(browser.text("main").await.contains("our-"), "{}", browser.text("main").await);

            cases(&browser, &program, path).await;
            browser.go(&program.at(path)).await;
            browser.pick(r#"input[name="declaration"][value="demo-flood"]"#).await;
            browser.press(r#"form[action$="/preview"] button"#).await;
            let preview = browser.at().await;
            let done = browser.page.wait().at_most(Duration::from_secs(30));
            done.for_element(Locator::Css("main:not(:has(progress)) h2 + dl")).await.unwrap();
            let told = browser.api(&format!("/v1{preview}")).await;
            assert_eq!(told["state"], "done");
            let shown = browser.text("h2 + dl").await;
            for figure in ["accounts", "people"] {
                let figure = told["result"][figure].as_u64().unwrap_or_else(|| panic!("no {figure}: {told}"));
                assert!(shown.lines().any(|line| line == figure.to_string()), "{figure} in {shown}");
            }

            browser.go(&program.at(path)).await;
            browser.press(r#"form[action$="/submit"] button"#).await;
            assert!(!browser.has(r#"form[action$="/approve"]"#).await, "its author does not approve it");
            enter(&browser, &program, Role::PolicyApprover).await;
            browser.go(&program.at(path)).await;
            browser.press(r#"form[action$="/approve"] button"#).await;
            let told = browser.api(&format!("/v1{path}")).await;
            assert_eq!(
                (&told["approved_by"], &told["submitted_by"]),
                (&json!("policy_approver"), &json!("policy_author"))
            );
            assert_eq!(
                browser.complaints().await.iter().filter(|line| !line.contains("404") && !line.contains("422")).count(),
                0
            );
            browser.end().await;
        }
    });
}
