//! Finance in the browser: from the queue to the books, with the figures of grants and reports held against the API.

use forbear::service::access::Role;
use serde_json::{Value, json};

use super::browser::{Browser, DESK, Look};
use super::in_browser;
use super::program::Program;
use super::walk::enter;

/// The numbers of each table on a page, row by row, without currency and separators.
pub async fn tables(browser: &Browser) -> Vec<Vec<Vec<String>>> {
    let script = "return Array.from(document.querySelectorAll('main table')).map(t => Array.from(t.tBodies[0].rows).map(r => \
                  Array.from(r.querySelectorAll('td.n')).map(c => c.textContent)))";
    let found = browser.page.execute(script, Vec::new()).await.unwrap();
    let read = |text: &Value| plain(text.as_str().unwrap());
    let row = |row: &Value| row.as_array().unwrap().iter().map(read).collect();
    let table = |table: &Value| table.as_array().unwrap().iter().map(row).collect();
    found.as_array().unwrap().iter().map(table).collect()
}

/// Digits, point and sign of an amount.
pub fn plain(text: &str) -> String {
    text.replace('−', "-").chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect()
}

pub fn amount(value: &Value) -> String {
    value["amount"].as_str().unwrap_or_else(|| panic!("no amount: {value}")).to_owned()
}

/// What stands behind a term.
async fn described(browser: &Browser, term: &str) -> String {
    let script = "const dt = Array.from(document.querySelectorAll('main dt')).find(d => d.textContent === arguments[0]); \
                  return dt ? dt.nextElementSibling.textContent : null";
    let found = browser.page.execute(script, vec![json!(term)]).await.unwrap();
    found.as_str().unwrap_or_else(|| panic!("no {term}")).to_owned()
}

/// The first review that one person approves and whose relief is posted at once.
async fn of_one(browser: &Browser) -> Value {
    let open = browser.api("/v1/reviews?state=open&limit=500").await;
    let amount = |one: &Value| amount(&one["amount"]).parse::<rust_decimal::Decimal>().unwrap();
    // cn-natural-disaster: above 1,500.00 a second person is needed.
    let fits = |one: &&Value| one["kind"] == "threshold" && amount(one) <= rust_decimal::Decimal::from(1_500);
    open["items"].as_array().unwrap().iter().find(fits).expect("one that waits").clone()
}

#[test]
fn what_is_approved_stands_in_the_books_with_the_figures_of_the_api() {
    in_browser(|| async {
        for (language, waived) in [("en", "Waived"), ("zh-CN", "减免")] {
            let program = Program::start();
            let browser = Browser::start(Look { language, script: true, dark: false, size: DESK }).await;
            enter(&browser, &program, Role::FinanceApprover).await;
            assert_eq!(browser.at().await, "/finance");
            let review = of_one(&browser).await;
            browser.press(&format!(r#"a[href="/finance/reviews/{}"]"#, review["review"].as_str().unwrap())).await;
            browser.press(r#"button[name="verdict"][value="approve"]"#).await;

            // The grant: its figures, and entries whose sides are equal.
            let request = browser.api(&format!("/v1/requests/{}", review["request"].as_str().unwrap())).await;
            let grants = request["grants"].as_array().unwrap();
            // The simulated core system may have confirmed it by now, or turned it down.
            let is_posted = |grant: &Value| grant["instruction"].is_string();
            assert!(grants.iter().any(is_posted), "{request}");
            for grant in grants {
                let own = format!("/finance/grants/{}", grant["grant"].as_str().unwrap());
                browser.go(&program.at(&own)).await;
                assert_eq!(plain(&described(&browser, waived).await), amount(&grant["waived"]), "{own}");
                if !is_posted(grant) {
                    continue;
                }
                let sides = tables(&browser).await.remove(0);
                let sum = |side: usize| -> rust_decimal::Decimal {
                    sides
                        .iter()
                        .filter(|row| !row[side].is_empty())
                        .map(|row| row[side].parse::<rust_decimal::Decimal>().unwrap())
                        .sum()
                };
                assert_eq!(sum(0), sum(1), "{own}: debits and credits");
            }

            browser.go(&program.at("/finance/reports")).await;
            let shown = tables(&browser).await;
            for by in ["declaration", "policy", "region", "bearer", "day"] {
                let told = browser.api(&format!("/v1/reports/relief?by={by}")).await;
                let columns = [
                    "waived",
                    "refunded",
                    "goodwill",
                    "deferred",
                    "added_interest",
                    "forgone_interest",
                    "modification_loss",
                ];
                let line = |line: &Value| columns.iter().map(|name| amount(&line[name])).collect::<Vec<_>>();
                let mut wanted: Vec<Vec<String>> = told["items"].as_array().unwrap().iter().map(line).collect();
                wanted.sort();
                let is_shown = shown.iter().any(|table| {
                    let mut rows = table.clone();
                    rows.sort();
                    rows == wanted
                });
                assert!(is_shown && !wanted.is_empty(), "{language} by {by}: {wanted:?} is not among {shown:?}");
            }
            browser.go(&program.at("/finance/reconciliation")).await;
            assert!(browser.has("main .note b.good").await, "{}", browser.text("main").await);
            for row in tables(&browser).await.remove(0) {
                assert!(row[0] == row[1] && row[1] == row[2], "journal, grants, reports: {row:?}");
            }
            assert_eq!(browser.complaints().await, Vec::<String>::new());
            browser.end().await;
        }
    });
}
