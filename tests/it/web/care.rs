//! Care in the browser: a channel that two people open, whose board follows by itself, and the call that is taken through it.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use forbear::service::access::Role;
use serde_json::{Value, json};

use super::browser::{Browser, DESK, Look};
use super::in_browser;
use super::program::Program;
use super::walk::enter;
use crate::api::app::Caller;

/// Fills in a day.
async fn day(browser: &Browser, css: &str, value: &str) {
    let script = "document.querySelector(arguments[0]).value = arguments[1]";
    browser.page.execute(script, vec![json!(css), json!(value)]).await.unwrap();
}

/// Waits until a text stands in an element that the page renews by itself.
async fn until(browser: &Browser, css: &str, wanted: &str) {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        // The element may just be put in the other's place.
        if let Ok(found) = browser.page.find(Locator::Css(css)).await
            && found.text().await.is_ok_and(|text| text.contains(wanted))
        {
            return;
        }
        assert!(Instant::now() < limit, "{wanted} never stands in {css}: {}", browser.text("main").await);
        tokio::task::yield_now().await;
    }
}

async fn prepare(browser: &Browser) -> String {
    browser.press(r#"a[href="/care/channels/new?declaration=demo-flood"]"#).await;
    // From 200 dead and missing on it is level I (国办函〔2024〕11号, 5.1.1): two people.
    browser.write(r#"input[name="fact:deaths_and_missing"]"#, "200").await;
    browser.pick(r#"input[name="policy"][value="cn-natural-disaster"]"#).await;
    let fields = [
        ("#hotline", "400-800-1234"),
        ("#queue", "flood-hunan"),
        ("#sms_word", "湖南救助"),
        ("#business_days", "08:00-20:00"),
        ("#other_days", "09:00-18:00"),
        ("#banner_zh", "湖南受灾客户专线已开通"),
        ("#banner_en", "A line for customers hit in Hunan is open"),
    ];
    for (css, text) in fields {
        browser.rewrite(css, text).await;
    }
    let last = (chrono::Utc::now() + chrono::TimeDelta::days(60)).date_naive().to_string();
    day(browser, "#expires_on", &last).await;
    browser.press("main form button").await;
    browser.at().await
}

#[test]
fn a_channel_is_opened_by_two_people_and_its_board_follows_by_itself() {
    in_browser(|| async {
        let program = Program::start();
        let look = Look { language: "en", script: true, dark: false, size: DESK };
        let (first, second) = (Browser::start(look).await, Browser::start(look).await);
        enter(&first, &program, Role::CareLead).await;
        assert_eq!(first.at().await, "/care");
        let path = prepare(&first).await;
        let api = format!("/v1{}", path.trim_start_matches("/care"));
        let page = first.text("main").await;
        assert!(page.contains("somebody else approves it"), "level I needs a second person: {page}");
        assert!(!first.has(r#"form[action$="/approve"]"#).await && !first.has(r#"form[action$="/open"]"#).await);

        second.go(&program.at("/")).await;
        second.press(r#"input[value="second_care_lead"] + button"#).await;
        second.go(&program.at(&path)).await;
        second.press(r#"form[action$="/approve"] button"#).await;
        assert_eq!(second.api(&api).await["approved_by"], "second_care_lead");

        // The preview is worked out meanwhile, and the page says so by itself.
        first.go(&program.at(&path)).await;
        first
            .page
            .wait()
            .at_most(Duration::from_secs(30))
            .for_element(Locator::Css("#preview:not([data-live])"))
            .await
            .unwrap();
        let told = first.api(&api).await;
        let total = &told["previews"][0]["result"]["total"][0];
        let cells =
            first.page.find_all(Locator::Css("#preview table:first-of-type tbody tr:first-child td.n")).await.unwrap();
        let mut shown = Vec::new();
        for cell in &cells[..2] {
            shown.push(cell.text().await.unwrap().parse::<u64>().unwrap());
        }
        let figures = ["people", "accounts"].map(|name| total[name].as_u64().unwrap());
        assert!(figures[1] > 0, "{told}");
        assert_eq!(shown, figures, "the page has the figures of the API");
        first.press(r#"form[action$="/open"] button"#).await;
        let told = first.api(&api).await;
        assert_eq!((&told["state"], &told["opened_by"]), (&json!("open"), &json!("care_lead")));

        // Somebody calls: nobody reloads anything.
        let calls = |told: &Value| told["measures"]["contacts"]["contacts"].as_i64().unwrap();
        assert_eq!(calls(&told), 0);
        until(&first, "#board", "Waiting in the queue\n0").await;
        let pbx = Caller::of(&program.url, &program.token("pbx", Role::Service));
        let call = json!({"via": "hotline", "phone": "13800000000", "queue": "flood-hunan"});
        pbx.post_once("call-1", "/v1/contacts", &call).is(201);
        until(&first, "#board", "Waiting in the queue\n1").await;
        assert_eq!(calls(&first.api(&api).await), 1);

        take_call(&second, &program).await;
        until(&first, "#board", "Waiting in the queue\n0").await;
        first.write("#stand-reason", "few call").await;
        first.press(r#"form[action$="/stand-down"] button"#).await;
        assert_eq!(first.api(&api).await["state"], "standing_down");
        for browser in [first, second] {
            assert_eq!(browser.complaints().await, Vec::<String>::new());
            browser.end().await;
        }
    });
}

/// The second lead answers who waits, asks the navigator, looks at whom they may contact, writes down and resolves.
async fn take_call(browser: &Browser, program: &Program) {
    browser.go(&program.at("/care/cases")).await;
    browser.press(r#"form[action$="/answer"] button"#).await;
    assert!(browser.at().await.starts_with("/care/cases/"));
    browser.write("#said", "我想申请延期还款").await;
    browser.press(r#"form[action$="/navigator"] button"#).await;
    assert!(browser.text("main").await.contains("ask for relief for the caller"), "{}", browser.text("main").await);
    browser.page.execute("document.querySelectorAll('details').forEach(d => d.open = true)", Vec::new()).await.unwrap();
    browser.write("#note-1", "客户稍后再来电").await;
    browser.press(r#"form[action$="/note"] button"#).await;
    assert!(browser.text("main").await.contains("客户稍后再来电"));
    browser.page.execute("document.querySelectorAll('details').forEach(d => d.open = true)", Vec::new()).await.unwrap();
    browser.write("#complaint-1", "等了太久").await;
    browser.press(r#"form[action$="/complaint"] button"#).await;
    let made = browser.at().await;
    let told = browser.api(&made.replace("/care/complaints/", "/v1/complaints/")).await;
    assert_eq!((&told["state"], &told["via"]), (&json!("open"), &json!("hotline")), "{made}: {told}");
}

#[test]
fn a_session_that_ended_leads_back_to_the_desk_it_was_at() {
    in_browser(|| async {
        let program = Program::start();
        let browser = Browser::start(Look { language: "en", script: true, dark: false, size: DESK }).await;
        for (role, path) in [
            (Role::CareLead, "/care/channels"),
            (Role::FinanceApprover, "/finance/budgets"),
            (Role::PolicyAuthor, "/policies/edit"),
        ] {
            enter(&browser, &program, role).await;
            browser.go(&program.at(path)).await;
            browser.page.delete_all_cookies().await.unwrap();
            browser.go(&program.at(path)).await;
            assert_eq!(browser.at().await, "/sign-in", "{role}");
            browser.write("#name", role.name()).await;
            browser.write("#password", "not the password").await;
            browser.press("main form button").await;
            assert!(browser.text(r#"[role="alert"]"#).await.contains("do not fit"));
            browser.write("#name", role.name()).await;
            browser.write("#password", "forbear-demo-only").await;
            browser.press("main form button").await;
            assert_eq!(browser.at().await, path);
            // What was filled in and is sent after the end is not done, and says why.
            browser.page.delete_all_cookies().await.unwrap();
            if browser.has(r#"main form[method="post"]"#).await {
                let script = "document.querySelector('main form[method=post]').noValidate = true; \
                              document.querySelectorAll('details').forEach(d => d.open = true)";
                browser.page.execute(script, Vec::new()).await.unwrap();
                browser.press(r#"main form[method="post"] button"#).await;
                let said = browser.text("main").await;
                assert!(said.contains("Sign in") || said.contains("sign in"), "{role}: {said}");
            }
        }
        browser.end().await;
    });
}
