//! A borrower's journey: from the landing page to relief, on a phone.

use forbear::service::access::Role;

use super::browser::{Browser, Look, PHONE, axe};
use super::in_browser;
use super::people::{enter_by_phone, whose};
use super::program::Program;

/// Asks, answers what is asked, chooses and agrees; ends at the case.
async fn ask(browser: &Browser) {
    browser.press(r#"a[href^="/relief/ask/"]"#).await;
    browser.press("main form button").await;
    for _ in 0..12 {
        let at = browser.at().await;
        if at.ends_with("/question") {
            answer(browser).await;
        } else if browser.has(r#"main a.button[href$="/question"]"#).await {
            browser.press(r#"main a.button[href$="/question"]"#).await;
        } else if browser.has(r#"main a.button[href$="/options"]"#).await {
            browser.press(r#"main a.button[href$="/options"]"#).await;
        } else if at.ends_with("/options") {
            if browser.has(r#"input[name="agree"]"#).await {
                browser.pick(r#"input[name="agree"]"#).await;
                browser.press(r#"form[action$="/consent"] button"#).await;
            } else {
                browser.press(r#"input[name="offer"] ~ p button"#).await;
            }
        } else if browser.has(r#"main a.button[href*="/evidence?kind=self_statement"]"#).await {
            browser.press(r#"main a.button[href*="/evidence?kind=self_statement"]"#).await;
            browser.pick(r#"input[name="said"]"#).await;
            browser.press("main form button").await;
        } else {
            return;
        }
    }
    panic!("it does not end: {}", browser.at().await);
}

async fn answer(browser: &Browser) {
    if browser.has(r#"input[value="yes"]"#).await {
        browser.pick(r#"input[value="yes"]"#).await;
    } else if browser.has(r#"input[type="radio"]"#).await {
        browser.pick(r#"input[value="none"], input[type="radio"]"#).await;
    } else {
        browser.write("#answer", "1").await;
    }
    browser.press("main form button").await;
}

/// Asks, and goes no further; says where the case is.
pub async fn only_ask(browser: &Browser, program: &Program) -> String {
    browser.go(&program.at("/relief/loans")).await;
    browser.press(r#"a[href^="/relief/ask/"]"#).await;
    browser.press("main form button").await;
    browser.at().await.trim_end_matches("/question").to_owned()
}

async fn enter(browser: &Browser, program: &Program) {
    browser.go(&program.at("/")).await;
    browser.press(r#"input[value="borrower"] + button"#).await;
    assert_eq!(browser.at().await, "/relief/loans");
}

#[test]
fn a_borrower_gets_relief_in_both_languages_with_and_without_script() {
    in_browser(|| async {
        for (language, script) in [("zh-CN", false), ("en", true)] {
            let program = Program::start();
            let browser = Browser::start(Look { language, script, dark: false, size: PHONE }).await;
            enter(&browser, &program).await;
            ask(&browser).await;
            let headline = browser.text("h1").await;
            let said = if language == "en" {
                "granted by policy, waiting for approval|relief is in force"
            } else {
                "符合政策，等待复核|纾困已生效"
            };
            assert!(said.split('|').any(|text| headline.to_lowercase() == text), "{language}: {headline}");
            if script {
                // What the page says is what the API says.
                let request = browser.at().await.trim_start_matches("/relief/cases/").to_owned();
                let told = browser.api(&format!("/v1/requests/{request}")).await;
                let page = browser.text("main").await;
                assert!(page.contains(told["case_number"].as_str().unwrap()), "{page}");
                assert_eq!(told["outcome"], "granted");
                assert_eq!(
                    browser.page.find_all(fantoccini::Locator::Css(".steps li")).await.unwrap().len(),
                    told["steps"].as_array().unwrap().len()
                );
            }
            browser.press(r#"a[href$="/letter"]"#).await;
            assert!(browser.has("article h2").await);
            assert_eq!(browser.complaints().await, Vec::<String>::new());
            browser.end().await;
        }
    });
}

#[test]
fn who_is_declined_reads_why_and_what_would_change_it_and_appeals() {
    in_browser(|| async {
        let program = Program::start();
        let declined = whose(&program, |told| told["outcome"] == "declined");
        let browser = Browser::start(Look::phone("en")).await;
        enter_by_phone(&browser, &program, &declined.phone).await;
        assert!(browser.text("main").await.contains(&declined.account));
        browser.press(r#"main a[href^="/relief/cases/"]"#).await;
        let case = browser.at().await;
        let told = browser.api(&case.replace("/relief/cases/", "/v1/requests/")).await;
        assert_eq!(told["outcome"], "declined");
        assert_eq!(browser.text("h1").await, "It could not be granted");
        let page = browser.text("main").await;
        assert!(page.contains(told["case_number"].as_str().unwrap()), "{page}");
        assert!(page.contains("It would be otherwise if one of these were so:"), "{page}");
        browser.press(r#"a[href$="/appeal"]"#).await;
        browser.write("#reason", "My shop lies in the flooded street").await;
        browser.press("main form button").await;
        let appealed = browser.at().await;
        assert_ne!(appealed, case);
        let told = browser.api(&appealed.replace("/relief/cases/", "/v1/requests/")).await;
        assert!(told["appeal_of"].is_object(), "{told}");
        browser.go(&program.at(&case)).await;
        assert!(browser.text("main").await.contains("Your appeal:"));
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.end().await;
    });
}

#[test]
fn who_agrees_once_has_relief_though_the_core_system_reported_meanwhile() {
    in_browser(|| async {
        let program = Program::start();
        let browser = Browser::start(Look::phone("en")).await;
        // The phone that the program prints is that of the one whom the first page enters as.
        enter_by_phone(&browser, &program, &program.phone).await;
        ask(&browser).await;
        let case = browser.at().await;
        let request = case.replace("/relief/cases/", "/v1/requests/");
        assert_eq!(browser.api(&request).await["outcome"], "granted");
        for person in [Role::FinanceReviewer, Role::FinanceApprover] {
            let told = approve_all(&browser, &program, person, &request).await;
            if told["grants"].as_array().unwrap().iter().all(|grant| grant["state"] != "pending_approval") {
                break;
            }
        }
        // What was given at once beside the offer is done by the core system, which reports the loan anew.
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let told = browser.api(&request).await;
            let states: Vec<&str> =
                told["grants"].as_array().unwrap().iter().map(|grant| grant["state"].as_str().unwrap()).collect();
            assert!(states.contains(&"offered"), "the borrower has to agree: {told}");
            if !states.contains(&"posted") {
                break;
            }
            assert!(std::time::Instant::now() < limit, "{told}");
            tokio::task::yield_now().await;
        }
        enter(&browser, &program).await;
        browser.go(&program.at(&format!("{case}/options"))).await;
        browser.pick(r#"input[name="agree"]"#).await;
        browser.press(r#"form[action$="/consent"] button"#).await;
        assert_eq!((browser.at().await, browser.text("h1").await), (case, "Relief is in force".to_owned()));
        browser.end().await;
    });
}

/// Approves what waits of a request, as somebody; the request afterwards.
async fn approve_all(browser: &Browser, program: &Program, role: Role, request: &str) -> serde_json::Value {
    super::walk::enter(browser, program, role).await;
    let open = browser.api("/v1/reviews?state=open&limit=500").await;
    let own = request.trim_start_matches("/v1/requests/");
    for review in open["items"].as_array().unwrap().iter().filter(|one| one["request"] == own) {
        browser.go(&program.at(&format!("/finance/reviews/{}", review["review"].as_str().unwrap()))).await;
        browser.press(r#"button[name="verdict"][value="approve"]"#).await;
    }
    browser.api(request).await
}

#[test]
fn a_session_that_ended_leads_to_the_door_and_back() {
    in_browser(|| async {
        let program = Program::start();
        let browser = Browser::start(Look::phone("en")).await;
        enter(&browser, &program).await;
        browser.page.delete_all_cookies().await.unwrap();
        browser.go(&program.at("/relief/loans")).await;
        assert_eq!(browser.at().await, "/relief/sign-in");
        browser.write("#phone", "100 0000 9999").await;
        browser.press("main form button").await;
        browser.write("#code", "000000").await;
        browser.press("main form button").await;
        // Nobody learns whether that phone is known.
        assert!(browser.text(r#"[role="alert"]"#).await.contains("does not fit"));
        browser.end().await;
    });
}

#[test]
fn pages_are_accessible_in_both_themes() {
    let Some(axe) = axe() else { return };
    in_browser(|| async {
        let program = Program::start();
        for dark in [false, true] {
            let browser = Browser::start(Look { dark, ..Look::phone("en") }).await;
            let mut found = Vec::new();
            for path in ["/", "/help", "/sign-in", "/relief", "/relief/sign-in", "/nothing"] {
                browser.go(&program.at(path)).await;
                found.extend(browser.violations(&axe).await.into_iter().map(|one| format!("{path}: {one}")));
            }
            enter(&browser, &program).await;
            ask(&browser).await;
            let case = browser.at().await;
            for path in [
                "/relief/loans",
                &case,
                &format!("{case}/options"),
                &format!("{case}/letter"),
                &format!("{case}/evidence?kind=other"),
            ] {
                browser.go(&program.at(path)).await;
                found.extend(browser.violations(&axe).await.into_iter().map(|one| format!("{path}: {one}")));
            }
            assert_eq!(found, Vec::<String>::new(), "dark: {dark}");
            browser.end().await;
        }
    });
}
