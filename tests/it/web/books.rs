//! Budgets, what is in flight of a policy, and months, in the browser, with the figures of the API.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::browser::{Browser, DESK, Look};
use super::finance::{amount, plain, tables};
use super::in_browser;
use super::program::Program;
use super::walk::enter;

/// What the page says of each budget: terms and what stands behind them.
async fn shown(browser: &Browser) -> Vec<Value> {
    let script = "return Array.from(document.querySelectorAll('main section.card')).map(s => Object.fromEntries( \
                  Array.from(s.querySelectorAll('dt')).map(d => [d.textContent, d.nextElementSibling.textContent])))";
    browser.page.execute(script, Vec::new()).await.unwrap().as_array().unwrap().clone()
}

/// Holds all budgets on the page against the API; gives them as the API tells them.
async fn agree(browser: &Browser) -> Vec<Value> {
    let told = browser.api("/v1/budgets").await["items"].as_array().unwrap().clone();
    let shown = shown(browser).await;
    assert_eq!(shown.len(), told.len());
    for (shown, told) in shown.iter().zip(&told) {
        for (term, name) in [("All of it", "amount"), ("Taken", "taken"), ("Left", "left"), ("Reserved", "reserved")] {
            let figure = shown[term].as_str().unwrap().split("of that").next().unwrap();
            assert_eq!(plain(figure), amount(&told[name]), "{name}: {told}");
        }
    }
    told
}

/// The first review in which money waits for approval,.
async fn of_money(browser: &Browser) -> Value {
    let open = browser.api("/v1/reviews?state=open&limit=500").await;
    for review in open["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "threshold") {
        let request = browser.api(&format!("/v1/requests/{}", review["request"].as_str().unwrap())).await;
        let costs = |grant: &Value| ["waived", "refunded"].iter().any(|name| amount(&grant[*name]) != "0.00");
        if request["grants"].as_array().unwrap().iter().any(|one| one["state"] == "pending_approval" && costs(one)) {
            return review.clone();
        }
    }
    panic!("no money waits in {open}");
}

/// Approves a review, as somebody.
async fn approve(browser: &Browser, program: &Program, role: Role, review: &Value) {
    enter(browser, program, role).await;
    browser.go(&program.at(&format!("/finance/reviews/{}", review["review"].as_str().unwrap()))).await;
    browser.press(r#"button[name="verdict"][value="approve"]"#).await;
}

/// Asks for the last budget to hold so much.
async fn change(browser: &Browser, to: &str) {
    browser.pick("section:last-of-type summary").await;
    browser.rewrite(r#"section:last-of-type form.inline input[name="amount"]"#, to).await;
    browser.press("section:last-of-type form.inline button").await;
}

#[test]
fn a_budget_is_made_burns_and_is_changed() {
    in_browser(|| async {
        let program = Program::start();
        let browser = Browser::start(Look { language: "en", script: true, dark: false, size: DESK }).await;
        enter(&browser, &program, Role::FinanceApprover).await;
        browser.press(r#"nav a[href="/finance/budgets"]"#).await;
        for (css, text) in [
            ("#declaration", "demo-flood"),
            ("#policy", "cn-natural-disaster"),
            ("#amount", "5000000.00"),
            ("#currency", "CNY"),
        ] {
            browser.write(css, text).await;
        }
        browser.press(r#"form[action="/finance/budgets"] button"#).await;
        let before = agree(&browser).await;
        assert_eq!(before.last().unwrap()["policy"], "cn-natural-disaster");

        let review = of_money(&browser).await;
        approve(&browser, &program, Role::FinanceReviewer, &review).await;
        let open = browser.api("/v1/reviews?state=open&limit=500").await;
        if open["items"].as_array().unwrap().iter().any(|one| one["review"] == review["review"]) {
            // It needs a second person.
            approve(&browser, &program, Role::FinanceApprover, &review).await;
        }
        enter(&browser, &program, Role::FinanceApprover).await;
        browser.go(&program.at("/finance/budgets")).await;
        let after = agree(&browser).await;
        assert_ne!(before[0]["taken"], after[0]["taken"], "what was approved burns the budget that stood before");

        // What is no amount changes nothing.
        change(&browser, "no money").await;
        browser.go(&program.at("/finance/budgets")).await;
        assert_eq!(agree(&browser).await.last(), after.last());
        change(&browser, "6000000.00").await;
        assert_eq!(amount(&agree(&browser).await.last().unwrap()["amount"]), "6000000.00");

        // The month that is not over cannot be closed.
        browser.go(&program.at("/finance/periods")).await;
        let open = browser.api("/v1/periods").await["open"].as_str().unwrap().to_owned();
        assert!(
            browser.text("h2").await.contains(&open) && !browser.has(r#"main form[action="/finance/periods"]"#).await
        );

        cash_and_ages(&browser, &program).await;
        withdraw(&browser, &program).await;
        assert_eq!(browser.complaints().await.iter().filter(|line| !line.contains("422")).count(), 0);
        browser.end().await;
    });
}

/// Deferred cash by month, and how long what waits has waited.
async fn cash_and_ages(browser: &Browser, program: &Program) {
    browser.go(&program.at("/finance/reports")).await;
    let shown = tables(browser).await;
    let cash = browser.api("/v1/reports/deferred-cash?by=month").await;
    let sum = |parts: &Value| -> String {
        let of = |name: &str| amount(&parts[name]).parse::<rust_decimal::Decimal>().unwrap();
        (of("principal") + of("interest") + of("fees")).to_string()
    };
    let line = |line: &Value| vec![sum(&line["out"]), sum(&line["into"]), amount(&line["added_interest"])];
    let wanted: Vec<Vec<String>> = cash["items"].as_array().unwrap().iter().map(line).collect();
    assert!(wanted.is_empty() || shown.contains(&wanted), "{wanted:?} is not among {shown:?}");
    let ages = browser.api("/v1/reports/ageing").await;
    let line = |line: &Value| vec![line["from_days"].to_string(), line["count"].to_string(), amount(&line["amount"])];
    let wanted: Vec<Vec<String>> = ages["items"].as_array().unwrap().iter().map(line).collect();
    assert!(!wanted.is_empty() && shown.contains(&wanted), "{wanted:?} is not among {shown:?}");
}

/// A policy is withdrawn, by somebody who sees what becomes of everything in flight.
async fn withdraw(browser: &Browser, program: &Program) {
    enter(browser, program, Role::PolicyApprover).await;
    let path = "/policies/cn-natural-disaster/1";
    browser.go(&program.at(path)).await;
    browser.press(r#"a[href$="/withdraw"]"#).await;
    let told = browser.api(&format!("/v1{path}/in-flight?limit=500")).await;
    let rows = browser.page.find_all(fantoccini::Locator::Css("main tbody tr")).await.unwrap();
    assert_eq!(rows.len(), told["items"].as_array().unwrap_or_else(|| panic!("{told}")).len());
    browser.press(r#"form[action$="/withdraw"] button"#).await;
    assert_eq!(browser.api(&format!("/v1{path}")).await["state"], json!("withdrawn"));
    assert!(browser.text("main").await.contains("withdrawn"), "{}", browser.text("main").await);
}
