//! A headless Chromium, steered through its own driver. Where it is not installed, tests say so; in CI that is a failure.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// How a page is looked at.
#[derive(Clone, Copy)]
pub struct Look {
    pub language: &'static str,
    pub script: bool,
    pub dark: bool,
    pub size: (u32, u32),
}

pub const PHONE: (u32, u32) = (390, 844);
pub const DESK: (u32, u32) = (1280, 900);

impl Look {
    pub const fn phone(language: &'static str) -> Self {
        Self { language, script: true, dark: false, size: PHONE }
    }
}

/// A browser until it is gone.
pub struct Browser {
    pub page: Client,
    driver: Child,
}

/// Whether there is a browser; says plainly when there is none.
pub fn is_there() -> bool {
    let found = ["chromedriver", "chromium"].iter().all(|program| {
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .any(|folder| folder.join(program).is_file())
    });
    if !found {
        assert!(
            std::env::var_os("FORBEAR_CI").is_none(),
            "CI needs chromium and chromedriver (Debian: chromium chromium-driver)"
        );
        eprintln!("not run: chromium and chromedriver are not installed (Debian: chromium chromium-driver)");
    }
    found
}

/// The checker of accessibility, where it is at hand.
pub fn axe() -> Option<String> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let path = std::env::var_os("FORBEAR_AXE")
        .map_or_else(|| home.join(".cache/forbear/axe/package/axe.min.js"), PathBuf::from);
    let found = std::fs::read_to_string(&path).ok();
    if found.is_none() {
        assert!(std::env::var_os("FORBEAR_CI").is_none(), "CI needs axe-core at {}", path.display());
        eprintln!("not run: no axe-core at {} (npm pack axe-core, or FORBEAR_AXE)", path.display());
    }
    found
}

impl Browser {
    pub async fn start(look: Look) -> Self {
        let mut driver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = said
            .find_map(|line| {
                let line = line.unwrap();
                line.strip_prefix("ChromeDriver was started successfully on port ")
                    .map(|port| port.trim_end_matches('.').to_owned())
            })
            .unwrap();
        std::thread::spawn(move || said.for_each(drop));
        let (width, height) = look.size;
        let mut options = json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", format!("--window-size={width},{height}"),
            format!("--lang={}", look.language),
        ]});
        let mut prefs = json!({"intl.accept_languages": look.language});
        if !look.script {
            prefs["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        options["prefs"] = prefs;
        let wanted = json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().unwrap().clone().into_iter().collect());
        let page = builder.connect(&format!("http://127.0.0.1:{port}")).await.unwrap();
        let browser = Self { page, driver };
        let theme = if look.dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        browser.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
        browser
    }

    pub async fn end(mut self) {
        self.page.clone().close().await.unwrap();
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
    }

    pub async fn go(&self, url: &str) {
        let before = self.page.find(Locator::Css("html")).await.unwrap();
        self.page.goto(url).await.unwrap();
        self.has_left(&before, url).await;
    }

    /// Waits until the page that an element is of is gone, and the next one is there to its end.
    async fn has_left(&self, before: &Element, why: &str) {
        let limit = std::time::Instant::now() + Duration::from_secs(20);
        let is_there = async || {
            let state = self.page.execute("return document.readyState", Vec::new()).await;
            state.is_ok_and(|state| state == "complete")
        };
        while before.tag_name().await.is_ok() || !is_there().await {
            assert!(std::time::Instant::now() < limit, "{why} leads nowhere");
            tokio::task::yield_now().await;
        }
    }

    /// Where it is, without the host.
    pub async fn at(&self) -> String {
        self.page.current_url().await.unwrap().path().to_owned()
    }

    /// Follows a link or sends a form, and waits for the page that comes of it.
    pub async fn press(&self, css: &str) {
        let before = self.page.find(Locator::Css("html")).await.unwrap();
        self.page.find(Locator::Css(css)).await.unwrap_or_else(|_| panic!("no {css}")).click().await.unwrap();
        // The old page's element goes stale when the new one stands.
        self.has_left(&before, css).await;
    }

    pub async fn pick(&self, css: &str) {
        self.page.find(Locator::Css(css)).await.unwrap_or_else(|_| panic!("no {css}")).click().await.unwrap();
    }

    pub async fn write(&self, css: &str, text: &str) {
        self.page.find(Locator::Css(css)).await.unwrap_or_else(|_| panic!("no {css}")).send_keys(text).await.unwrap();
    }

    /// Writes in the place of what stands there.
    pub async fn rewrite(&self, css: &str, text: &str) {
        self.page.find(Locator::Css(css)).await.unwrap_or_else(|_| panic!("no {css}")).clear().await.unwrap();
        self.write(css, text).await;
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.page.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    pub async fn text(&self, css: &str) -> String {
        self.page.find(Locator::Css(css)).await.unwrap_or_else(|_| panic!("no {css}")).text().await.unwrap()
    }

    /// What the API answers this browser's own session.
    pub async fn api(&self, path: &str) -> Value {
        let script = "const [path, done] = arguments; fetch(path).then(a => a.json()).then(done, e => done(String(e)))";
        self.page.execute_async(script, vec![json!(path)]).await.unwrap()
    }

    pub async fn devtools(&self, command: &str, with: Value) -> Value {
        self.page.issue_cmd(Devtools(json!({"cmd": command, "params": with}))).await.unwrap()
    }

    /// What the page was told not to do, and what failed in it.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.page.issue_cmd(Log).await.unwrap();
        log.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Every violation that axe finds on this page.
    pub async fn violations(&self, axe: &str) -> Vec<String> {
        self.page.execute(axe, Vec::new()).await.unwrap();
        let script = "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => \
                      v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join('; '))))";
        let found = self.page.execute_async(script, Vec::new()).await.unwrap();
        found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

/// What the browser has to say.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}
