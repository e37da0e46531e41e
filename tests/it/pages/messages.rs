//! What borrowers were told by message, and that they want no more of it.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::browser::Browser;
use crate::api::app::App;
use crate::databases::on_both;
use crate::outreach::{Pocket, hit, opened, outreach, telling};

#[test]
fn a_borrower_reads_what_was_sent_and_wants_no_more_of_it() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        hit(&service, "B-1", "B", "+1 713 555 0123", "en");
        let app = App::start(service);
        let own = Browser::borrower(&app, "B");
        own.get("/relief/messages").shown().says("No message was sent to you yet.");
        assert_eq!(app.caller("B", Role::Borrower).get("/v1/me/messages").is(200), json!({"items": []}));

        opened(&app.service, "zhengzhou-2021-07", &json!({}));
        let pocket = Pocket::default();
        assert!(app.service.send_messages(&pocket).unwrap() >= 2);
        let told = app.caller("B", Role::Borrower).get("/v1/me/messages").is(200);
        let [message] = told["items"].as_array().unwrap().as_slice() else { panic!("one, not {told}") };
        let had = pocket.take();
        let text = had.iter().find(|had| had.phone == "17135550123").map(|had| had.text.as_str()).unwrap();
        assert_eq!((message["text"].as_str(), message["state"].as_str()), (Some(text), Some("sent")));
        // What the phone had is what the page shows; what somebody else had is not.
        let page = own.get("/relief/messages").shown();
        page.says(&format!("<li class=\"done\" lang=\"en\"><bdi>{}</bdi>", text.replace('\'', "&#39;")));
        assert_eq!(page.html.matches("<li class=\"done\"").count(), 1);
        own.get("/relief/loans").shown().says("href=\"/relief/messages\"");

        let sent = own.send(&page, "/relief/messages", &[]);
        assert_eq!((sent.status, sent.to.as_str()), (303, "/relief/messages"));
        let said =
            |caller: &crate::api::app::Caller| -> Value { caller.get("/v1/me/opt-outs").is(200)["items"][0].clone() };
        let borrower = app.caller("B", Role::Borrower);
        assert_eq!((&said(&borrower)["scope"], &said(&borrower)["via"]), (&json!("messages"), &json!("web")));
        let page = own.get("/relief/messages").shown();
        page.says("You asked for no more text messages.");
        own.send(&page, "/relief/messages", &[]);
        assert_eq!(said(&borrower)["resumed_via"], "web");
        own.get("/relief/messages").shown().says("No more messages, please");
    });
}
