//! The pages of policies: who sees them, writing one to being in force, what differs, withdrawal, previews.

use forbear::api::rules::PAGES;
use forbear::service::access::Role;
use forbear::service::reference::outside;
use forbear::service::relief::preview::kept::NewPreview;

use super::browser::Browser;
use crate::api::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{actor, file, write, zhengzhou};

const HENAN: &str = "/policies/cn-henan-2021-07-consumer-finance/1";

#[test]
fn each_page_is_for_its_roles_in_both_languages() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let next = file("policies/cn-henan-2021-07-consumer-finance/2021-07-22.json");
        let next = next.replace("\"version\": 1", "\"version\": 2");
        write(&app.service, |conn| app.service.draft_policy(conn, &actor("author"), &next)).unwrap();
        let new = NewPreview { declarations: vec!["cn-henan-2021-07".to_owned()], ..NewPreview::default() };
        let key = ("cn-henan-2021-07-consumer-finance", 1);
        let preview = write(&app.service, |conn| app.service.ask_preview(conn, &actor("planner"), key, &new)).unwrap();
        let preview = outside("preview", preview.id);
        let staff = Role::ALL.into_iter().filter(|role| !matches!(role, Role::Borrower | Role::Service));
        let browsers: Vec<_> = staff.map(|role| (role, Browser::of(&app, &format!("of-{role}"), role))).collect();
        let own = |path: &str| path.starts_with("/policies") || path.starts_with("/previews");
        let pages: Vec<_> = PAGES.iter().filter(|rule| own(rule.path)).collect();
        assert_eq!(pages.iter().filter(|rule| rule.method == "GET").count(), 7);
        for rule in pages {
            // Cases are those of a draft.
            let version = if rule.path.ends_with("/cases") { "2" } else { "1" };
            let path = rule.path.replace("{slug}", key.0).replace("{version}", version).replace("{other}", "2");
            let path = path.replace("{preview}", &preview);
            let nobody = Browser::nobody(&app);
            if rule.method == "POST" {
                for (role, browser) in browsers.iter().filter(|(role, _)| !rule.may.contains(role)) {
                    let proof = browser.get("/").fields("/sign-out");
                    assert_eq!(browser.post(&path, &proof).status, 403, "{path} as {role}");
                }
                assert_eq!(nobody.post(&path, &[]).to, "/sign-in?next=", "{path}");
                continue;
            }
            assert_eq!(nobody.get(&path).to, format!("/sign-in?next={path}"));
            for (role, browser) in &browsers {
                let may = rule.may.contains(role);
                let page = browser.get(&path);
                assert_eq!(page.status, if may { 200 } else { 403 }, "{path} as {role}");
                if may {
                    page.says("<html lang=\"en\">");
                    page.says("aria-label=\"Policies\"");
                    let chinese = browser.get(&format!("{path}?lang=zh-CN")).shown();
                    chinese.says("<html lang=\"zh-CN\">");
                    chinese.says("aria-label=\"政策\"");
                }
            }
        }
    });
}

#[test]
fn a_policy_is_written_handed_in_and_approved_by_somebody_else() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let (zhao, qian) =
            (Browser::of(&app, "zhao", Role::PolicyAuthor), Browser::of(&app, "qian", Role::PolicyApprover));
        let editor = zhao.get("/policies/edit").shown();
        let text = file("samples/policy-late-fees.json");
        let wrong = text.replace("\"account.status\"", "\"account.statos\"");
        let line = wrong.lines().position(|line| line.contains("account.statos")).unwrap() + 1;
        let refused = zhao.send(&editor, "/policies/edit", &[("text", wrong.as_str()), ("do", "keep")]).shown();
        refused.says("it is not kept");
        refused.says(&format!("<th scope=\"row\" class=\"n\">{line}</th>"));
        refused.says("account.statos");
        assert!(app.service.policies(Some("late-fees-at-once")).unwrap().is_empty());
        let checked = zhao.send(&editor, "/policies/edit", &[("text", text.as_str()), ("do", "check")]).shown();
        assert!(!checked.html.contains("it is not kept"));
        assert!(app.service.policies(Some("late-fees-at-once")).unwrap().is_empty(), "a check keeps nothing");
        let path = "/policies/late-fees-at-once/1";
        assert_eq!(zhao.send(&checked, "/policies/edit", &[("text", text.as_str()), ("do", "keep")]).to, path);
        let digest = app.service.policy("late-fees-at-once", 1).unwrap().0.digest;
        let draft = zhao.get(path).shown();
        draft.says(&digest);
        draft.says("id=\"L1\"");
        assert_eq!(zhao.send(&draft, &format!("{path}/submit"), &[]).to, path);
        let submitted = qian.get(path).shown();
        submitted.says("<bdi>zhao</bdi>");
        let approve = format!("{path}/approve");
        assert_eq!(qian.send(&submitted, &format!("{path}/return"), &[]).to, path);
        let draft = zhao.get(path).shown();
        assert_eq!(zhao.send(&draft, &format!("{path}/submit"), &[]).to, path);
        let other = [("digest".to_owned(), "0".to_owned())];
        let proof = qian.get(path).shown().fields(&approve).into_iter().filter(|(name, _)| name == "proof");
        let forged: Vec<_> = proof.chain(other).collect();
        assert_eq!(qian.post(&approve, &forged).status, 409, "another digest is not what was looked at");
        let submitted = qian.get(path).shown();
        assert_eq!(qian.send(&submitted, &approve, &[]).to, path);
        qian.get(path).shown().says("in force");
        qian.get("/policies").shown().says(">late-fees-at-once 1</a>");
    });
}

#[test]
fn what_differs_is_said_in_words() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let text = file("policies/cn-henan-2021-07-consumer-finance/2021-07-22.json");
        let next = text.replace("\"version\": 1", "\"version\": 2").replace("\"share\": \"0.5\"", "\"share\": \"0.6\"");
        write(&app.service, |conn| app.service.draft_policy(conn, &actor("author"), &next)).unwrap();
        let li = Browser::of(&app, "li", Role::Auditor);
        let page = li.get(&format!("{HENAN}/compare/2")).shown();
        page.says("Differences: 1");
        page.says("rule › grade-2 › benefit › waive-half › waiver › share");
        page.says("<td>0.5</td><td>0.6</td>");
        let chinese = li.get(&format!("{HENAN}/compare/2?lang=zh-CN")).shown();
        chinese.says("规则 › grade-2 › 措施 › waive-half › 减免 › 比例");
        assert_eq!(li.get(&format!("{HENAN}/compare/7")).status, 404);
    });
}

#[test]
fn withdrawal_says_what_becomes_of_what_is_in_flight() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let mut ask = hardship();
        ask["evidence"] = serde_json::json!([]);
        let asked = app.caller("P-1", Role::Borrower).post("/v1/requests", &ask).is(201);
        let flights = app.service.in_flight("cn-henan-2021-07-consumer-finance", 1, 0, 10).unwrap().items;
        let qian = Browser::of(&app, "qian", Role::PolicyApprover);
        let path = format!("{HENAN}/withdraw");
        let page = qian.get(&path).shown();
        assert!(!flights.is_empty(), "{asked:#}");
        for flight in &flights {
            page.says(flight.case_number.as_deref().unwrap());
            page.says(flight.when_withdrawn);
        }
        assert_eq!(qian.send(&page, &path, &[]).to, HENAN);
        qian.get(HENAN).shown().says("withdrawn");
        let again = qian.get(&path).shown();
        assert!(!again.html.contains("Withdraw it"), "it is withdrawn");
    });
}

#[test]
fn a_preview_is_begun_followed_and_read() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let zhao = Browser::of(&app, "zhao", Role::PolicyAuthor);
        let page = zhao.get(HENAN).shown();
        let begin = format!("{HENAN}/preview");
        let declared = ("declaration", "cn-henan-2021-07");
        assert_eq!(zhao.send(&page, &begin, &[declared, ("today", "soon")]).status, 422);
        let begun = zhao.send(&zhao.get(HENAN), &begin, &[declared]).to;
        assert!(begun.starts_with("/previews/preview_"), "{begun}");
        let waits = zhao.get(&begun).shown();
        waits.says("data-refresh");
        waits.says("0 / 0");
        while app.service.run_preview(&|| false).unwrap() {}
        let done = zhao.get(&begun).shown();
        assert!(!done.html.contains("data-refresh"));
        done.says("1 / 1");
        let id = forbear::service::reference::inside("preview", begun.trim_start_matches("/previews/")).unwrap();
        let kept = app.service.preview(id).unwrap().result.unwrap();
        let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
        let rows = kept["by_region"].as_array().unwrap();
        assert!(!rows.is_empty(), "{kept:#}");
        done.says("郑州市");
        for row in rows {
            let waived = row["waived"]["amount"].as_str().unwrap();
            assert!(done.html.replace(',', "").contains(waived), "{waived}");
        }
        zhao.get(HENAN).shown().says(&begun);
    });
}
