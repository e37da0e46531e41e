//! Every page there is: accessible in both themes, and holding whatever people write.

use std::collections::BTreeSet;

use fantoccini::Locator;
use serde_json::json;

use super::browser::{Browser, DESK, Look, PHONE, axe};
use super::in_browser;
use super::program::Program;
use super::walk::{Stop, too_wide, walk};
use super::week::{Words, fill};

async fn held_to_axe(dark: bool, language: &'static str, size: (u32, u32)) {
    let Some(axe) = axe() else { return };
    let program = Program::start();
    let more = fill(&program, &Words::plain());
    let browser = Browser::start(Look { language, script: true, dark, size }).await;
    let mut found = Vec::new();
    walk(&browser, &program, &more, async |stop: Stop<'_>| {
        let violations = stop.browser.violations(&axe).await;
        found.extend(violations.into_iter().map(|one| format!("{} ({}): {one}", stop.path, stop.role)));
    })
    .await;
    assert_eq!(found, Vec::<String>::new(), "dark: {dark}");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.end().await;
}

#[test]
fn every_page_is_accessible_by_day() {
    in_browser(|| held_to_axe(false, "en", DESK));
}

#[test]
fn every_page_is_accessible_by_night_on_a_phone() {
    in_browser(|| held_to_axe(true, "zh-CN", PHONE));
}

#[test]
fn whatever_people_write_stands_as_words_and_breaks_no_page() {
    in_browser(|| async {
        let program = Program::start();
        let words = Words::hostile();
        let more = fill(&program, &words);
        let browser = Browser::start(Look { language: "en", script: true, dark: false, size: PHONE }).await;
        let (mut wrong, mut shown) = (Vec::new(), BTreeSet::new());
        walk(&browser, &program, &more, async |stop: Stop<'_>| {
            let script = "return [typeof window.ran, document.querySelectorAll('base, iframe, object, embed, svg script').length, \
                          document.body.textContent]";
            let found = stop.browser.page.execute(script, Vec::new()).await.unwrap();
            if found[0] != "undefined" || found[1] != 0 {
                wrong.push(format!("{}: a script ran or an element came in", stop.path));
            }
            wrong.extend(too_wide(stop.browser).await.into_iter().map(|one| format!("{}: too wide: {one}", stop.path)));
            let text = found[2].as_str().unwrap();
            shown.extend((0..words.all().len()).filter(|at| text.contains(words.all()[*at].trim())));
        })
        .await;
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "the policy of content refused nothing");
        let missing: Vec<_> =
            (0..words.all().len()).filter(|at| !shown.contains(at)).map(|at| &words.all()[at]).collect();
        assert_eq!(missing, Vec::<&String>::new(), "each is shown as it was written");
        files(&browser, &program).await;
        browser.end().await;
    });
}

/// Evidence under names of all kinds: none is shown as anything but a file.
async fn files(browser: &Browser, program: &Program) {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "<img src=x onerror=ran=1>.pdf",
        "\u{202e}fdp.exe.pdf",
        "\"onfocus=ran=1 autofocus x=\".pdf",
        "'; DROP TABLE evidence;--.pdf",
    ];
    let mut long = "长".repeat(70);
    long.push_str(".pdf");
    super::walk::enter(browser, program, forbear::service::access::Role::Borrower).await;
    browser.go(&program.at("/relief/loans")).await;
    browser.press(r#"a[href^="/relief/cases/"]"#).await;
    let case = browser.at().await;
    for name in names.into_iter().chain([long.as_str()]) {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("%PDF-1.4\n% {name}\n%%EOF\n")).unwrap();
        browser.go(&program.at(&format!("{case}/evidence?kind=other"))).await;
        browser.write("input[type=file]", path.to_str().unwrap()).await;
        browser.press("main form button").await;
        assert_eq!(browser.at().await, case, "{name}: {}", browser.text("main").await);
        let ran = browser.page.execute("return typeof window.ran", Vec::new()).await.unwrap();
        assert_eq!(ran, json!("undefined"), "{name}");
        assert_eq!(too_wide(browser).await, Vec::<String>::new(), "{name}");
    }
    let listed = browser.page.find_all(Locator::Css("main ul li .tag")).await.unwrap();
    assert!(listed.len() >= 5, "each is listed");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}
