//! Judging over finance's pages: many at once, one with what was found, and taking back.

use std::collections::BTreeMap;

use forbear::service::access::Role;
use forbear::service::policy::PolicyAct;
use forbear::service::reference::outside;
use forbear_engine::account::Account;
use serde_json::{Value, json};

use super::browser::Browser;
use crate::api::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{actor, file, put_in_force, write, zhengzhou};
use crate::service::referrals::referring;

/// Two loans whose relief waits for two people each.
pub fn two_waiting(app: &App) {
    put_in_force(&app.service, &file("tests/fixtures/two-people.json"));
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&app.service, |conn| app.service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None))
        .unwrap();
    let second = file("samples/account-zhengzhou.json").replace("ZZ-20210220-01", "ZZ-20210220-02");
    app.service.take_snapshot(&Account::from_json(&second).unwrap()).unwrap();
    let own = app.caller("P-1", Role::Borrower);
    for account in ["ZZ-20210220-01", "ZZ-20210220-02"] {
        let mut asked = hardship();
        asked["account"] = json!(account);
        own.post("/v1/requests", &asked).is(201);
    }
}

/// How often each grant stands so.
fn states(app: &App) -> BTreeMap<(String, i16), usize> {
    let mut states = BTreeMap::new();
    for row in app.service.grants(None, 0, 100).unwrap() {
        *states.entry((row.state, row.approvals)).or_default() += 1;
    }
    states
}

fn so(state: &str, approvals: i16) -> BTreeMap<(String, i16), usize> {
    [((state.to_owned(), approvals), 2)].into()
}

#[test]
fn many_are_approved_at_once_and_each_once() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        two_waiting(&app);
        let (li, wang) =
            (Browser::of(&app, "li", Role::FinanceReviewer), Browser::of(&app, "wang", Role::FinanceApprover));
        let queue = li.get("/finance").shown();
        let marked = queue.values("review");
        assert_eq!(marked.len(), 2);
        let ask = format!("/finance/approve?review={}&review={}", marked[0], marked[1]);
        let about = li.get(&ask).shown();
        about.says("Reviews: 2");
        about.says("two-people 1");
        // Late fees of 15.00 owed and 10.00 paid stand in each loan: the policy's bounds and both sums are named.
        let api = app.caller("api", Role::Auditor).get("/v1/grants").is(200);
        let cents = |figure: &str| -> i64 {
            let amounts = api["items"].as_array().unwrap().iter().map(|row| row[figure]["amount"].as_str().unwrap());
            amounts.map(|amount| amount.replace('.', "").parse::<i64>().unwrap()).sum()
        };
        for figure in ["waived", "refunded"] {
            let sum = cents(figure);
            assert!(sum > 0, "{figure}");
            about.says(&format!("{}.{:02}", sum / 100, sum % 100));
        }
        about.says("10.00");
        about.says("30.00");
        about.says("Grants that wait for one more person: 2");
        assert_eq!(states(&app), so("pending_approval", 0), "nothing is done before it is said");

        let forged: Vec<_> = about.fields("/finance/approve").into_iter().filter(|(name, _)| name != "proof").collect();
        assert_eq!(li.post("/finance/approve", &forged).status, 403);
        assert_eq!(states(&app), so("pending_approval", 0));
        let done = li.send(&about, "/finance/approve", &[]).shown();
        done.says("2 approved");
        done.says("one more person has to approve it");
        assert_eq!(states(&app), so("pending_approval", 1));
        let twice = li.send(&about, "/finance/approve", &[]).shown();
        twice.says("0 approved");
        twice.says("you approved this grant already");
        assert_eq!(states(&app), so("pending_approval", 1));
        li.get(&ask).shown().says("you approved it already");

        let last = wang.get(&ask).shown();
        last.says("Grants that go on at once: 2");
        wang.send(&last, "/finance/approve", &[]).shown().says("2 approved");
        assert_eq!(states(&app), so("posted", 2));
        wang.send(&last, "/finance/approve", &[]).shown().says("0 approved");
        assert_eq!(states(&app), so("posted", 2));
        assert_eq!(app.service.journal((None, None), 0, 100).unwrap().len(), 2);
        assert_eq!(app.service.verify_books().unwrap().broken, Vec::<String>::new());
        li.get("/finance").shown().says("Nothing waits here.");
    });
}

#[test]
fn a_grant_is_approved_and_taken_back_for_a_reason() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        two_waiting(&app);
        let grants = app.service.grants(None, 0, 10).unwrap();
        let path = |row: usize| format!("/finance/grants/{}", outside("grant", grants[row].id));
        let (li, wang) =
            (Browser::of(&app, "li", Role::FinanceReviewer), Browser::of(&app, "wang", Role::FinanceApprover));
        let first = path(0);
        for browser in [&li, &wang] {
            let page = browser.get(&first).shown();
            assert_eq!(browser.send(&page, &format!("{first}/approve"), &[]).to, first);
        }
        let posted = li.get(&first).shown();
        posted.says("2 / 2");
        assert!(!posted.html.contains("/reverse\""), "a reviewer takes nothing back");
        let page = wang.get(&first).shown();
        let reverse = format!("{first}/reverse");
        assert_eq!(wang.send(&page, &reverse, &[("reason", "")]).status, 400);
        for _ in 0..2 {
            assert_eq!(wang.send(&page, &reverse, &[("reason", "by mistake")]).to, first);
        }
        let back = wang.get(&first).shown();
        back.says("taken back");
        assert_eq!(back.html.matches("<caption>Reversal").count(), 1);
        let second = path(1);
        let page = li.get(&second).shown();
        assert_eq!(li.send(&page, &format!("{second}/refuse"), &[("reason", "not there any longer")]).to, second);
        li.get(&second).shown().says("turned down");
        assert_eq!(app.service.verify_books().unwrap().broken, Vec::<String>::new());
    });
}

#[test]
fn a_referral_says_what_has_to_be_found() {
    on_both(|database| {
        let app = App::start(referring(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &json!({"account": "ZZ-20210220-01"})).is(201);
        let review = outside("review", app.service.reviews((Some("open"), None), 0, 10).unwrap()[0].id);
        let (li, path) = (Browser::of(&app, "li", Role::FinanceReviewer), format!("/finance/reviews/{review}"));
        let page = li.get(&path).shown();
        page.says("What has to be found");
        page.says("<code>account.product</code>");
        page.says("name=\"choice:later\"");
        assert!(!page.html.contains("value=\"approve\""), "nothing waits for approval in it");
        let judge = format!("{path}/judge");
        let found = [("verdict", "decide"), ("fact:account.product", "cash_loan"), ("choice:later", "2")];
        assert_eq!(li.send(&page, &judge, &found).status, 422, "without a reason");
        let page = li.get(&path).shown();
        let with_reason: Vec<_> = found.into_iter().chain([("reason", "by letter")]).collect();
        assert_eq!(li.send(&page, &judge, &with_reason).to, path);
        li.get(&path).shown().says("<bdi>by letter</bdi>");
        let granted: Value = app.caller("api", Role::Auditor).get("/v1/grants?state=pending_approval").is(200);
        assert!(!granted["items"].as_array().unwrap().is_empty());
        // Who found it does not approve it.
        let next = outside("review", app.service.reviews((Some("open"), None), 0, 10).unwrap()[0].id);
        let own = li.get(&format!("/finance/reviews/{next}")).shown();
        own.says("value=\"reject\"");
        let refused = li.send(
            &own,
            &format!("/finance/reviews/{next}/judge"),
            &[
                ("verdict", "approve"),
                ("shown", app.service.grants(Some("pending_approval"), 0, 1).unwrap()[0].shown_digest.as_str()),
            ],
        );
        assert_eq!(refused.status, 403);
    });
}
