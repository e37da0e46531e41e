//! Finance closes a month and reads its report.

use forbear::service::access::Role;
use serde_json::json;

use super::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{at, zhengzhou};

#[test]
fn a_month_is_closed_once_it_is_over_and_its_report_stays() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let (approver, reviewer) = (app.caller("wu", Role::FinanceApprover), app.caller("li", Role::FinanceReviewer));
        let july = json!({"period": "2021-07"});
        let early = approver.post("/v1/periods", &july);
        assert_eq!((early.status, &early.body["type"]), (409, &json!("/problems/not_over")), "{:#}", early.body);
        app.service.clock.set(at("2021-08-02T02:00:00Z"));
        assert_eq!(approver.post("/v1/periods", &json!({"period": "2021-7"})).status, 400);
        assert_eq!(reviewer.post("/v1/periods", &july).status, 403);
        let closed = approver.post_once("k1", "/v1/periods", &july).is(201);
        assert_eq!(approver.post_once("k1", "/v1/periods", &july).is(201), closed, "the same is answered again");
        assert_eq!(approver.post("/v1/periods", &july).status, 409);
        assert_eq!((&closed["from"], &closed["until"]), (&json!("2021-07-01"), &json!("2021-07-31")));
        let listed = reviewer.get("/v1/periods").is(200);
        assert_eq!(listed, json!({"items": [closed], "open": "2021-08"}));

        let report = || reviewer.get("/v1/reports/relief?by=rule&period=2021-07").is(200);
        let before = report();
        // The sample's account: 25.00 of late fees and 6.00 of penalty interest are waived.
        assert_eq!(before["items"][0]["waived"]["amount"], "31.00");
        let grants = reviewer.get("/v1/grants?limit=500").is(200);
        for grant in grants["items"].as_array().unwrap().iter().rev() {
            let path = format!("/v1/grants/{}/reverse", grant["grant"].as_str().unwrap());
            approver.post(&path, &json!({"reason": "by mistake"})).is(200);
        }
        assert_eq!(report(), before);
        let august = reviewer.get("/v1/reports/relief?by=rule&period=2021-08").is(200);
        assert_eq!(august["items"][0]["waived"]["amount"], "-31.00");
        assert_eq!(reviewer.get("/v1/reports/relief?period=2021-07&from=2021-07-01").status, 400);
        assert_eq!(reviewer.get("/v1/reports/relief?period=july").status, 400);
    });
}
