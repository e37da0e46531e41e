//! The desks of those who work for the lender, as each role finds them.

use rust_decimal::Decimal;

use super::browser::{Browser, DESK, Look};
use super::in_browser;
use super::program::Program;

#[test]
fn a_warning_waits_as_a_draft_and_many_are_approved_at_once() {
    in_browser(|| async {
        let program = Program::start();
        let browser = Browser::start(Look { language: "en", script: true, dark: false, size: DESK }).await;
        browser.go(&program.at("/")).await;
        browser.press(r#"input[value="care_lead"] + button"#).await;
        browser.go(&program.at("/care")).await;
        let waiting = browser.api("/v1/drafts?state=waiting").await;
        assert_eq!(waiting["items"].as_array().unwrap().len(), 1, "{waiting}");
        browser.press(r#"main a[href^="/care/drafts/"]"#).await;
        assert!(browser.text("main").await.contains("岳阳"), "the warning's own words");

        browser.go(&program.at("/")).await;
        browser.press(r#"input[value="finance_approver"] + button"#).await;
        browser.go(&program.at("/finance")).await;
        // What more than one person has to approve stays, and waits for the second (cn-natural-disaster: above 1,500.00).
        let waiting = async |above: u32| {
            let open = browser.api("/v1/reviews?state=open").await;
            let amount =
                |one: &serde_json::Value| one["amount"]["amount"].as_str().unwrap().parse::<Decimal>().unwrap();
            let all = open["items"].as_array().unwrap().iter();
            all.filter(|one| one["kind"] == "threshold" && amount(one) > Decimal::from(above)).count()
        };
        let (thresholds, of_two) = (waiting(0).await, waiting(1_500).await);
        assert!(of_two > 0 && of_two < thresholds, "{of_two} of {thresholds}");
        let boxes = browser.page.find_all(fantoccini::Locator::Css("input[name=review]")).await.unwrap();
        assert_eq!(boxes.len(), thresholds, "what can be approved has a box");
        for one in boxes {
            one.click().await.unwrap();
        }
        browser.press("[data-approve] button").await;
        assert_eq!(browser.at().await, "/finance/approve");
        browser.press(r#"form[method="post"][action="/finance/approve"] button"#).await;
        assert_eq!((waiting(0).await, waiting(1_500).await), (of_two, of_two));
        browser.end().await;
    });
}
