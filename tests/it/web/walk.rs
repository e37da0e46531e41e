//! A walk through every page that there is, as each role finds them by following links.

use std::collections::BTreeSet;

use forbear::api::rules::{PAGES, Rule, find};
use forbear::service::access::Role;
use serde_json::json;

use super::borrower::only_ask;
use super::browser::Browser;
use super::people::{enter_by_phone, whose};
use super::program::Program;

/// Pages that are nobody's to look at: files, and the way in from the lender's app.
pub const NO_PAGES: [&str; 2] = ["/assets/{digest}/{file}", "/relief/from-app"];

/// Who goes through them. Borrowers first: they leave something to look at. The second is one who still has to answer something.
const ROLES: [Role; 9] = [
    Role::Borrower,
    Role::Borrower,
    Role::CareAgent,
    Role::CareLead,
    Role::PolicyAuthor,
    Role::PolicyApprover,
    Role::FinanceReviewer,
    Role::FinanceApprover,
    Role::Auditor,
];

/// Where somebody is.
pub struct Stop<'a> {
    pub browser: &'a Browser,
    pub role: Role,
    pub path: &'a str,
}

pub fn page(path: &str) -> Option<&'static Rule> {
    let bare = path.split(['?', '#']).next().unwrap();
    let rule = find(&actix_web::http::Method::GET, bare)?;
    (PAGES.contains(rule) && !NO_PAGES.contains(&rule.path)).then_some(rule)
}

async fn links(browser: &Browser) -> Vec<String> {
    let script = "return Array.from(document.links).filter(a => a.origin === location.origin && !a.hasAttribute('download')) \
                  .map(a => a.pathname + a.search)";
    let found = browser.page.execute(script, Vec::new()).await.unwrap();
    found.as_array().unwrap().iter().map(|link| link.as_str().unwrap().to_owned()).collect()
}

/// Whom a browser is signed in as, from the landing page on.
pub async fn enter(browser: &Browser, program: &Program, role: Role) {
    browser.go(&program.at("/")).await;
    browser.press(&format!(r#"input[value="{role}"] + button"#)).await;
}

/// Goes through all pages; `look` is shown each once, by whoever finds it first. Fails when a page is found by nobody.
pub async fn walk(browser: &Browser, program: &Program, more: &[(Role, String)], mut look: impl AsyncFnMut(Stop<'_>)) {
    let mut seen: BTreeSet<&'static str> = BTreeSet::new();
    for (turn, role) in ROLES.into_iter().enumerate() {
        match turn {
            1 => {
                let asked = whose(program, |told| told["questions"].as_array().is_some_and(|all| !all.is_empty()));
                enter_by_phone(browser, program, &asked.phone).await;
            }
            _ => enter(browser, program, role).await,
        }
        let mut waiting: Vec<String> =
            ["/", "/sign-in", "/relief/sign-in", "/relief/progress"].map(str::to_owned).into();
        waiting.extend(links(browser).await);
        waiting.push(browser.at().await);
        if turn == 0 {
            let case = only_ask(browser, program).await;
            waiting.extend(["/options", "/appeal", "/evidence?kind=other"].map(|end| format!("{case}{end}")));
            waiting.push(complain(browser, program).await);
        }
        // The last is looked at first.
        waiting.extend(more.iter().filter(|(own, _)| *own == role).map(|(_, path)| path.clone()));
        let mut gone: BTreeSet<&'static str> = BTreeSet::new();
        while let Some(path) = waiting.pop() {
            let Some(rule) = page(&path).filter(|rule| !gone.contains(rule.path)) else { continue };
            // The page for everybody leads to what is for borrowers alone.
            if rule.path.starts_with("/relief") && !rule.may.is_empty() && role != Role::Borrower {
                continue;
            }
            assert!(rule.may.is_empty() || rule.may.contains(&role), "{role} is led to {path}, which they may not see");
            gone.insert(rule.path);
            browser.go(&program.at(&path)).await;
            let there = links(browser).await;
            waiting.splice(0..0, there);
            if browser.at().await == path.split('?').next().unwrap() && seen.insert(rule.path) {
                look(Stop { browser, role, path: &path }).await;
            }
        }
    }
    let all: BTreeSet<&'static str> = PAGES
        .iter()
        .filter(|rule| rule.method == "GET" && !NO_PAGES.contains(&rule.path))
        .map(|rule| rule.path)
        .collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new(), "no link leads there");
}

/// Complains of a loan; says where the complaint stands.
async fn complain(browser: &Browser, program: &Program) -> String {
    browser.go(&program.at("/relief/loans")).await;
    browser.press(r#"a[href^="/relief/complain/"]"#).await;
    browser.write("#words", "Nobody answered").await;
    browser.press("main form button").await;
    browser.at().await
}

/// What is wider than the window, and would have to be scrolled to: nothing.
pub async fn too_wide(browser: &Browser) -> Vec<String> {
    let script = "const most = document.documentElement.clientWidth; if (document.documentElement.scrollWidth <= most) return []; \
                  return Array.from(document.body.querySelectorAll('*')).filter(e => e.getBoundingClientRect().right > most + 1 \
                  && !e.parentElement.closest('.wide, pre')).slice(0, 3).map(e => e.outerHTML.slice(0, 200))";
    let found = browser.page.execute(script, vec![json!(null)]).await.unwrap();
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}
