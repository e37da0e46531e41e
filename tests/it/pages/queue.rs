//! Finance's queue where very many wait: a page at a time, in order.

use std::time::Instant;

use forbear::service::access::Role;
use serde_json::Value;

use super::browser::Browser;
use super::judging::two_waiting;
use crate::api::app::App;
use crate::databases::on_both;
use crate::service::desk::zhengzhou;
use crate::service::many::run;

/// How many wait: `FORBEAR_PENDING=100000` measures.
fn wanted() -> usize {
    std::env::var("FORBEAR_PENDING").map_or(1_200, |count| count.parse().unwrap())
}

#[test]
fn a_page_of_the_queue_is_read_however_many_wait() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        two_waiting(&app);
        let like = app.service.reviews((Some("open"), None), 0, 1).unwrap()[0].id;
        let (count, columns) = (
            wanted(),
            "kind, account_id, decision_id, request_id, declaration, policy, currency, amount, state, claimed_by, closed_by, \
             reason, created_at, changed_at, revision",
        );
        run(
            &app.service.store,
            &format!(
                "INSERT INTO reviews (id, {columns})
                 WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
                 SELECT n, {columns} FROM numbers, reviews WHERE reviews.id = {like};
                 ANALYZE;"
            ),
        );
        let (li, api) = (Browser::of(&app, "li", Role::FinanceReviewer), app.caller("li", Role::FinanceReviewer));
        let told = |query: &str| api.get(&format!("/v1/reviews?state=open&limit=50{query}")).is(200);
        let last =
            |page: &Value| page["items"].as_array().unwrap().last().unwrap()["review"].as_str().unwrap().to_owned();
        // The first page, one in the middle, and one of a kind.
        let middle = forbear::service::reference::outside("review", i64::try_from(count / 2).unwrap());
        for (path, query) in [
            ("/finance?state=open&kind=".to_owned(), String::new()),
            (format!("/finance?state=open&kind=&after={middle}"), format!("&after={middle}")),
            ("/finance?state=open&kind=threshold".to_owned(), String::new()),
        ] {
            let begun = Instant::now();
            let page = li.get(&path).shown();
            let took = begun.elapsed();
            eprintln!("{:?} {count} wait: {path} {took:.1?}", app.service.store.backend());
            let wanted = told(&query);
            let rows = page.html.matches("<tr data-row>").count();
            assert_eq!(rows, wanted["items"].as_array().unwrap().len(), "{path}");
            assert!(page.html.contains(&last(&wanted)), "{path}: the same as the API's");
        }
    });
}
