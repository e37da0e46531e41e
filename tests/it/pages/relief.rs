//! What borrowers do on their pages beside asking: complaining, and looking up where a case stands.

use forbear::service::access::Role;
use serde_json::json;

use super::browser::Browser;
use crate::api::app::App;
use crate::contact::{LOAN, PHONE, known};
use crate::databases::on_both;

#[test]
fn a_borrower_complains_reads_the_answer_and_is_not_content() {
    on_both(|database| {
        let app = App::start(known(database));
        let own = Browser::borrower(&app, "P-1");
        let form = format!("/relief/complain/{LOAN}");
        assert!(own.get("/relief/loans").shown().html.contains(&form));
        let page = own.get(&form).shown();
        page.says("within 15 days");
        // Without words nothing is taken.
        assert_eq!(own.send(&page, &form, &[("class", "fees"), ("words", " ")]).status, 422);
        let said = [("class", "fees"), ("words", "你们多收了<b>罚息</b>")];
        let made = own.send(&page, &form, &said).to;
        let name = made.strip_prefix("/relief/complaints/").unwrap().to_owned();
        assert_eq!(own.send(&page, &form, &said).to, made, "a form that is sent twice complains once");

        let care = app.caller("sun", Role::CareAgent);
        let told = care.get(&format!("/v1/complaints/{name}")).is(200);
        assert_eq!((&told["class"], &told["via"]), (&json!("fees"), &json!("page")));
        let shown = own.get(&made).shown();
        shown.says("We are looking into your complaint");
        assert!(shown.html.contains("<bdi>你们多收了&#60;b&#62;罚息"), "{}", shown.html);
        assert!(!shown.html.contains("/rate\""), "nothing to rate yet");

        // Somebody else's is not there, and neither is their loan.
        let other = Browser::borrower(&app, "P-9");
        assert_eq!(other.get(&made).status, 404);
        assert_eq!(other.get(&form).status, 404);
        assert_eq!(other.send(&shown, &format!("{made}/withdraw"), &[]).status, 404);

        let answer = json!({"resolution": "upheld", "root": {"kind": "system"}, "answer": "已退还罚息"});
        care.post_once("a-1", &format!("/v1/complaints/{name}/resolve"), &answer).is(200);
        let shown = own.get(&made).shown();
        shown.says("Your complaint is answered");
        shown.says("<bdi>已退还罚息</bdi>");
        let rate = format!("{made}/rate");
        assert_eq!(own.send(&shown, &rate, &[("score", "9")]).status, 422);
        assert_eq!(own.send(&own.get(&made).shown(), &rate, &[("score", "2")]).to, made);
        own.get(&made).shown().says("You gave 2 of 5");
        assert_eq!(care.get(&format!("/v1/complaints/{name}")).is(200)["score"], 2);
        let page = own.get(&made).shown();
        assert_eq!(own.send(&page, &format!("{made}/reopen"), &[("reason", "还差三块")]).to, made);
        let shown = own.reading("zh-CN").get(&made).shown();
        shown.says("我们正在处理您的投诉");
        shown.says("<bdi>还差三块</bdi>");
        let own = Browser::borrower(&app, "P-1");
        assert_eq!(own.send(&shown, &format!("{made}/withdraw"), &[]).to, made);
        own.get("/relief/loans").shown().says("Withdrawn");
    });
}

#[test]
fn a_form_of_another_site_signs_nobody_in() {
    on_both(|database| {
        let app = App::start(known(database));
        let host = app.url.trim_start_matches("http://").to_owned();
        let post = |path: &str, origin: &str| {
            let form = ("Content-Type", "application/x-www-form-urlencoded");
            app.nobody().send("POST", path, Some("phone=1&name=a&password=b"), &[form, ("Origin", origin)]).status
        };
        for path in ["/sign-in", "/relief/sign-in", "/relief/progress"] {
            assert_eq!(post(path, "http://elsewhere.example"), 403, "{path}");
            assert_ne!(post(path, &format!("http://{host}")), 403, "{path}");
        }
        // What is no page has no cookie that could be set for somebody.
        assert_ne!(post("/v1/progress", "http://elsewhere.example"), 403);
    });
}

#[test]
fn a_case_is_looked_up_by_its_number_and_the_end_of_the_phone() {
    on_both(|database| {
        let app = App::start(known(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &json!({"account": LOAN})).is(201);
        let mine = app.caller("P-1", Role::Borrower).get("/v1/me/cases").is(200)["items"][0].clone();
        let (number, nobody) = (mine["case_number"].as_str().unwrap(), Browser::nobody(&app));
        nobody.get("/relief").shown().says("href=\"/relief/progress\"");
        nobody.get("/relief/progress").shown().says("The last four digits");
        let look = |case: &str, last4: &str| {
            let fields = [("case", case), ("last4", last4)].map(|(name, value)| (name.to_owned(), value.to_owned()));
            nobody.post("/relief/progress", &fields)
        };
        let end = &PHONE[PHONE.len() - 4..];
        let page = look(&number.to_lowercase(), end).shown();
        page.says(number);
        assert_eq!(page.html.matches("<li class=\"done\">").count(), mine["steps"].as_array().unwrap().len());
        assert!(!page.html.contains(LOAN), "no more than the steps: {}", page.html);
        let (wrong, none) = (look(number, "0000"), look("00000-0000-0000", end));
        assert_eq!((wrong.status, none.status), (404, 404));
        let alike = |page: &super::browser::Page| page.html.split_once("<main").unwrap().1.to_owned();
        assert_eq!(alike(&wrong), alike(&none), "nobody learns which of both was wrong");
    });
}
