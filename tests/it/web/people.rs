//! Borrowers of the demonstration, found by where their request stands, and how they get in.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::browser::Browser;
use super::program::Program;
use crate::api::app::Caller;

/// Somebody who borrowed.
pub struct Borrower {
    pub account: String,
    pub phone: String,
}

/// The first whose request is as wanted.
pub fn whose(program: &Program, wanted: impl Fn(&Value) -> bool) -> Borrower {
    let agent = Caller::of(&program.url, &program.token("agent", Role::CareAgent));
    let mut after = String::new();
    loop {
        let page = agent.get(&format!("/v1/cases?limit=100{after}")).is(200);
        for case in page["items"].as_array().unwrap() {
            let file = agent.get(&format!("/v1/cases/{}", case["case"].as_str().unwrap())).is(200);
            let Some(request) = file["requests"][0].as_str() else { continue };
            if !wanted(&agent.get(&format!("/v1/requests/{request}")).is(200)) {
                continue;
            }
            let account = file["account"].as_str().unwrap().to_owned();
            let own = agent.get(&format!("/v1/accounts/{account}")).is(200);
            let party = own["snapshot"]["parties"][0]["party"].as_str().unwrap_or_else(|| panic!("{own}")).to_owned();
            let reason = json!({"reason": "a call back"});
            let person = agent.post(&format!("/v1/persons/{party}/reveal"), &reason).is(200);
            return Borrower { account, phone: person["phone"].as_str().unwrap().to_owned() };
        }
        after = format!("&after={}", page["next"].as_str().expect("somebody is like that"));
    }
}

/// Signs in with the phone, and the code that was sent to it.
pub async fn enter_by_phone(browser: &Browser, program: &Program, phone: &str) {
    browser.page.delete_all_cookies().await.unwrap();
    browser.go(&program.at("/relief")).await;
    browser.press(r#"main a.button[href="/relief/loans"]"#).await;
    assert_eq!(browser.at().await, "/relief/sign-in");
    browser.write("#phone", phone).await;
    browser.press("main form button").await;
    browser.write("#code", &program.code()).await;
    browser.press("main form button").await;
    assert_eq!(browser.at().await, "/relief/loans");
}
