//! Light pages: what the first load weighs, and how soon something is seen on a bad network.

use serde_json::json;

use super::browser::{Browser, Look};
use super::in_browser;
use super::program::Program;

/// 14 KB, which a server may send before it hears from the browser (RFC 6928: ten segments).
const MOST: u64 = 14 * 1024;

#[test]
fn the_borrowers_first_page_comes_in_one_request_of_fourteen_kilobytes() {
    in_browser(|| async {
        let program = Program::start();
        for language in ["zh-CN", "en"] {
            let browser = Browser::start(Look::phone(language)).await;
            // The names are answered before, so that only the page is measured.
            browser.go(&program.at("/health/live")).await;
            browser.devtools("Network.enable", json!({})).await;
            let slow =
                json!({"offline": false, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000});
            browser.devtools("Network.emulateNetworkConditions", slow).await;
            browser.go(&program.at("/relief")).await;
            let script = "const done = arguments[0]; const [page] = performance.getEntriesByType('navigation'); \
                          const others = performance.getEntriesByType('resource').map(r => r.name); \
                          new PerformanceObserver(list => { \
                              const paint = list.getEntriesByName('first-contentful-paint')[0]; \
                              if (paint) done({bytes: page.transferSize, others, paint: Math.round(paint.startTime)}); \
                          }).observe({type: 'paint', buffered: true});";
            let measured = browser.page.execute_async(script, Vec::new()).await.unwrap();
            assert!(measured["bytes"].as_u64().unwrap() <= MOST, "{language}: {measured}");
            assert_eq!(measured["others"], json!([]), "{language}: one request");
            eprintln!("the first page in {language}: {measured}");
            browser.end().await;
        }
    });
}
