//! Pictures of every page, on a phone and on a desk, in both languages: docs/tour.md shows them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use forbear::api::rules::PAGES;
use serde_json::json;

use super::browser::{Browser, DESK, Look, PHONE};
use super::in_browser;
use super::program::Program;
use super::walk::{NO_PAGES, Stop, page, walk};
use super::week::{Words, fill};

const FOLDER: &str = "docs/tour";

const LOOKS: [(&str, &str, (u32, u32)); 4] =
    [("en-desk", "en", DESK), ("zh-desk", "zh-CN", DESK), ("en-phone", "en", PHONE), ("zh-phone", "zh-CN", PHONE)];

/// What a page's pictures are called.
fn name(path: &str) -> String {
    let plain = path.trim_matches('/').replace(['{', '}'], "").replace('/', "-");
    if plain.is_empty() { "landing".to_owned() } else { plain }
}

fn pages() -> impl Iterator<Item = &'static str> {
    PAGES.iter().filter(|rule| rule.method == "GET" && !NO_PAGES.contains(&rule.path)).map(|rule| rule.path)
}

/// With `FORBEAR_TOUR=make` the pictures are taken; without, each page has to have its own.
#[test]
fn every_page_has_its_pictures() {
    if std::env::var("FORBEAR_TOUR").is_ok_and(|wanted| wanted == "make") {
        in_browser(take);
    }
    let shown = std::fs::read_to_string(format!("{FOLDER}/README.md")).unwrap();
    for path in pages() {
        for (look, ..) in LOOKS {
            let picture = format!("{look}/{}.webp", name(path));
            let there = shown.contains(&picture) && Path::new(FOLDER).join(&picture).is_file();
            assert!(there, "no {picture}: FORBEAR_TOUR=make cargo test --test it -- web::tour takes the pictures anew");
        }
    }
}

async fn take() {
    let mut titles: BTreeMap<&'static str, String> = BTreeMap::new();
    for (look, language, size) in LOOKS {
        let folder = Path::new(FOLDER).join(look);
        std::fs::create_dir_all(&folder).unwrap();
        let program = Program::start();
        let more = fill(&program, &Words::plain());
        let browser = Browser::start(Look { language, script: true, dark: false, size }).await;
        walk(&browser, &program, &more, async |stop: Stop<'_>| {
            let path = page(stop.path).unwrap().path;
            if language == "en" {
                titles.insert(path, stop.browser.text("h1").await);
            }
            std::fs::write(folder.join(name(path)).with_extension("webp"), picture(stop.browser, size).await).unwrap();
        })
        .await;
        browser.end().await;
    }
    std::fs::write(format!("{FOLDER}/README.md"), gallery(&titles)).unwrap();
}

/// What the window shows, six tenths as large.
async fn picture(browser: &Browser, (width, height): (u32, u32)) -> Vec<u8> {
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 0.6});
    let with = json!({"format": "webp", "quality": 60, "clip": clip});
    let taken = browser.devtools("Page.captureScreenshot", with).await;
    BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
}

fn gallery(titles: &BTreeMap<&'static str, String>) -> String {
    let mut text = "# Every page\n\nAs `serve --demo` shows them with something on every desk, taken by\n\
                    `FORBEAR_TOUR=make cargo test --test it -- web::tour`. The [tour](../tour.md) goes through them in order.\n"
        .to_owned();
    for path in pages() {
        writeln!(text, "\n## {}\n\n`{path}`\n", titles[path]).unwrap();
        for (look, language, size) in LOOKS {
            let width = if size == DESK { 400 } else { 150 };
            let alt = format!("{} ({language}, {})", titles[path], if size == DESK { "desktop" } else { "phone" });
            writeln!(
                text,
                "<img src=\"{look}/{}.webp\" width=\"{width}\" alt=\"{}\">",
                name(path),
                alt.replace('"', "'")
            )
            .unwrap();
        }
    }
    text
}
