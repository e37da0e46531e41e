//! Finance's pages: who sees them, and that they say what the API says.

use forbear::api::rules::PAGES;
use forbear::service::access::Role;
use forbear::service::reference::outside;
use forbear::store::grant;
use serde_json::json;

use super::browser::Browser;
use crate::api::app::{App, hardship};
use crate::databases::on_both;
use crate::service::books::{goodwill, with_a_grant};
use crate::service::desk::{at, file, put_in_force, write, zhengzhou};

#[test]
fn each_page_is_for_its_roles_in_both_languages() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        put_in_force(&app.service, &file("tests/fixtures/two-people.json"));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let reviews = app.service.reviews((None, None), 0, 10).unwrap();
        let grants = app.service.grants(None, 0, 10).unwrap();
        let (review, grant) = (outside("review", reviews[0].id), outside("grant", grants[0].id));
        let staff = Role::ALL.into_iter().filter(|role| !matches!(role, Role::Borrower | Role::Service));
        let browsers: Vec<_> = staff.map(|role| (role, Browser::of(&app, &format!("of-{role}"), role))).collect();
        let pages: Vec<_> = PAGES.iter().filter(|rule| rule.path.starts_with("/finance")).collect();
        assert_eq!(pages.iter().filter(|rule| rule.method == "GET").count(), 9);
        for rule in pages {
            let path = rule.path.replace("{review}", &review).replace("{grant}", &grant);
            let path = path.replace("{budget}", "budget_0000000000001");
            let nobody = Browser::nobody(&app);
            if rule.method == "POST" {
                for (role, browser) in browsers.iter().filter(|(role, _)| !rule.may.contains(role)) {
                    // What cannot be read is refused before anything else is looked at.
                    let mut fields = browser.get("/").fields("/sign-out");
                    let filled = [("reason", "no"), ("period", "2021-07"), ("seen", "0")];
                    fields.extend(filled.map(|(name, value)| (name.to_owned(), value.to_owned())));
                    assert_eq!(browser.post(&path, &fields).status, 403, "{path} as {role}");
                }
                let filled = [("reason", "no"), ("period", "2021-07"), ("seen", "0")];
                let fields = filled.map(|(name, value)| (name.to_owned(), value.to_owned()));
                assert_eq!(nobody.post(&path, &fields).to, "/sign-in?next=", "{path}");
                continue;
            }
            let sent = nobody.get(&path);
            assert_eq!((sent.status, sent.to), (303, format!("/sign-in?next={path}")));
            let asked = if path == "/finance/approve" { format!("{path}?review={review}") } else { path.clone() };
            for (role, browser) in &browsers {
                let status = browser.get(&asked).status;
                assert_eq!(status, if rule.may.contains(role) { 200 } else { 403 }, "{path} as {role}");
            }
            let of_lead = Browser::of(&app, "wu", Role::FinanceApprover);
            let english = of_lead.get(&asked).shown();
            let chinese = of_lead.reading("zh-CN").get(&asked).shown();
            english.says("<html lang=\"en\">");
            english.says(">Budgets</a>");
            chinese.says("<html lang=\"zh-CN\">");
            chinese.says(">额度</a>");
        }
    });
}

/// Every amount of an answer of the API.
fn amounts(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get("amount").and_then(|amount| amount.as_str()).map(str::to_owned));
            fields.values().for_each(|field| amounts(field, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| amounts(item, found)),
        _ => {}
    }
}

#[test]
fn reports_say_what_the_api_says() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let (api, li) = (app.caller("api", Role::Auditor), Browser::of(&app, "li", Role::Auditor));
        let page = li.get("/finance/reports").shown();
        let shown = page.html.replace(',', "");
        let mut said = Vec::new();
        for by in ["day", "region", "bearer", "policy", "declaration"] {
            amounts(&api.get(&format!("/v1/reports/relief?by={by}")).is(200), &mut said);
        }
        // The sample's account: 25.00 of late fees and 6.00 of penalty interest are waived.
        assert!(said.iter().any(|amount| amount == "31.00") && said.len() >= 35, "{said:?}");
        for amount in &said {
            assert!(shown.contains(amount.trim_start_matches('-')), "{amount} is not on the page");
        }
        page.says("郑州市");
        let cash = api.get("/v1/reports/deferred-cash").is(200);
        let months: Vec<&str> =
            cash["items"].as_array().unwrap().iter().map(|m| m["month"].as_str().unwrap()).collect();
        assert!(!months.is_empty());
        months.iter().for_each(|month| page.says(&format!("<th scope=\"row\">{month}</th>")));
        page.says("<svg class=\"chart\"");
        assert!(!page.html.contains("style=\""));
        let none = li.get("/finance/reports?from=2030-01-01").shown();
        none.says("Nothing was given in this time.");
        assert_eq!(li.get("/finance/reports?from=tomorrow").status, 400);
        let grants = api.get("/v1/grants").is(200);
        for row in grants["items"].as_array().unwrap() {
            let one = li.get(&format!("/finance/grants/{}", row["grant"].as_str().unwrap())).shown();
            for figure in ["waived", "refunded", "goodwill", "deferred", "added_interest"] {
                let amount = row[figure]["amount"].as_str().unwrap();
                assert!(one.html.replace(',', "").contains(amount), "{figure} {amount}");
            }
            one.says("Test by test");
            one.says("<caption>Posting · 29 July 2021</caption>");
            one.says("What it costs");
        }
    });
}

#[test]
fn budgets_say_how_full_they_are() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let (wu, li) = (Browser::of(&app, "wu", Role::FinanceApprover), Browser::of(&app, "li", Role::Auditor));
        let empty = wu.get("/finance/budgets").shown();
        empty.says("There are none");
        let new = [("amount", "1000.00"), ("currency", "CNY"), ("bearer", "")];
        assert_eq!(wu.send(&empty, "/finance/budgets", &[("amount", "much"), ("currency", "CNY")]).status, 422);
        let form = wu.get("/finance/budgets").shown();
        for _ in 0..2 {
            assert_eq!(wu.send(&form, "/finance/budgets", &new).to, "/finance/budgets");
        }
        assert_eq!(app.service.budgets().unwrap().len(), 1, "a form that is sent twice is done once");
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let standing = &app.service.budgets().unwrap()[0];
        let page = li.get("/finance/budgets").shown();
        // 25.00 of late fees and 6.00 of penalty interest are waived, and 10.00 that was paid is credited; more is set aside
        // for what will accrue.
        assert_eq!(standing.taken, 4_100);
        let used = standing.taken + standing.reserved;
        page.says(&format!("{} % used", used * 100 / 100_000));
        for (name, minor) in [("taken", standing.taken), ("reserved", standing.reserved), ("left", standing.left())] {
            let amount = format!("{}.{:02}", minor / 100, minor % 100);
            assert!(page.html.contains(&amount), "{name} {amount}");
        }
        assert!(!page.html.contains("Change how much"), "an auditor changes nothing");
        let id = outside("budget", standing.row.id);
        let path = format!("/finance/budgets/{id}");
        // Of so much that 85 and 97 in 100 of it are used, and all.
        let of = [(used * 100 / 85, "80 % reached"), (used * 100 / 97, "95 % reached"), (used, "nothing is left")];
        for (minor, words) in of {
            let shown = wu.get("/finance/budgets").shown();
            let amount = format!("{}.{:02}", minor / 100, minor % 100);
            assert_eq!(wu.send(&shown, &path, &[("amount", &amount)]).to, "/finance/budgets");
            wu.get("/finance/budgets").shown().says(words);
        }
        let shown = wu.get("/finance/budgets").shown();
        assert_eq!(wu.send(&shown, &path, &[("amount", "1.00")]).status, 409, "no less than what is used");
    });
}

#[test]
fn the_books_agree_in_words_until_they_do_not() {
    on_both(|database| {
        let (service, like) = with_a_grant(database);
        let app = App::start(service);
        let li = Browser::of(&app, "li", Role::Auditor);
        let good = li.get("/finance/reconciliation").shown();
        good.says("They agree: journal = grants = reports");
        assert!(!good.html.contains(">differ</span>"));
        let lost = goodwill(&like, "5.00");
        write(&app.service, |conn| Ok(grant::add(conn, &lost)?)).unwrap();
        let bad = li.get("/finance/reconciliation").shown();
        bad.says("They do not agree");
        bad.says(&format!("{}: its state and its entries differ", outside("grant", lost.id)));
        bad.says(">differ</span>");
    });
}

#[test]
fn a_month_is_closed_once_it_is_over() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let wu = Browser::of(&app, "wu", Role::FinanceApprover);
        let early = wu.get("/finance/periods").shown();
        early.says("It can be closed after 31 July 2021.");
        app.service.clock.set(at("2021-08-02T02:00:00Z"));
        let wu = Browser::of(&app, "wu", Role::FinanceApprover);
        let shown = wu.get("/finance/periods").shown();
        assert_eq!(wu.send(&shown, "/finance/periods", &[]).to, "/finance/periods");
        assert_eq!(wu.send(&shown, "/finance/periods", &[]).to, "/finance/periods", "sent twice it is done once");
        let closed = wu.get("/finance/periods").shown();
        closed.says("Next: 2021-08");
        closed.says("<th scope=\"row\">2021-07</th>");
        let api = app.caller("api", Role::Auditor).get("/v1/periods").is(200);
        closed.says(api["items"][0]["digest"].as_str().unwrap());
        assert_eq!(api["open"], json!("2021-08"));
    });
}
