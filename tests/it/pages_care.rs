//! The pages of care over plain HTTP: who sees them, in both languages, and that they do what they say.

use forbear::secret::Hidden;
use forbear::service::access::Role;
use serde_json::{Value, json};

use crate::api::app::App;
use crate::care::Cap;
use crate::databases::on_both;
use crate::service::desk::{service, zhengzhou};

/// Somebody at a browser: with a cookie, without script, who goes where they are sent only when the test says so.
pub struct Reader {
    agent: ureq::Agent,
    url: String,
    cookie: Option<String>,
}

/// A page, or where it leads.
pub struct Page {
    pub status: u16,
    pub html: String,
    pub to: String,
}

impl Reader {
    pub fn nobody(app: &App) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let config = config.max_redirects(0).max_redirects_will_error(false).build();
        Self { agent: config.into(), url: app.url.clone(), cookie: None }
    }

    /// Signs in as everybody does.
    pub fn enter(app: &App, name: &str, role: Role) -> Self {
        let password = "a long enough password";
        app.service.ensure_user(name, name, &[role], &Hidden::new(password.to_owned())).unwrap();
        let signed_in = app.nobody().post("/v1/session", &json!({"name": name, "password": password}));
        let cookie = signed_in.cookie.unwrap().split(';').next().unwrap().to_owned();
        Self { cookie: Some(cookie), ..Self::nobody(app) }
    }

    fn ask(&self, method: &str, path: &str, language: &str, body: &str) -> Page {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        request = request.header("Accept-Language", language);
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        if method == "POST" {
            request = request.header("Content-Type", "application/x-www-form-urlencoded").header("Origin", &self.url);
        }
        let mut answer = self.agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        Page { status: answer.status().as_u16(), html: answer.body_mut().read_to_string().unwrap(), to }
    }

    pub fn get(&self, path: &str) -> Page {
        self.ask("GET", path, "en", "")
    }

    #[track_caller]
    pub fn shown(&self, path: &str) -> String {
        let page = self.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.html);
        page.html
    }

    /// Fills in a form of a page, and sends it.
    pub fn send(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let html = self.shown(from);
        let hidden = |name: &str| {
            let (_, rest) =
                html.split_once(&format!("action=\"{action}\"")).unwrap_or_else(|| panic!("no {action}: {html}"));
            let (_, rest) = rest.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        let (proof, key) = (hidden("proof"), hidden("key"));
        let all = [("proof", proof.as_str()), ("key", key.as_str())].into_iter().chain(fields.iter().copied());
        let body: Vec<String> = all.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.ask("POST", action, "en", &body.join("&"))
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// An alert with an outline of its own, of a place with a code and one without.
fn alert() -> String {
    let text = Cap::new("a-1").areas(&[("金水区", "410105"), ("某地", "")]).text();
    let outline = "</areaDesc><polygon>34.7,113.6 34.9,113.6 34.9,113.9 34.7,113.6</polygon>";
    text.replacen("</areaDesc>", outline, 1).replace("暴雨预警", "暴雨&lt;b&gt;预警")
}

pub fn id(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap().to_owned()
}

/// Every page with what it holds in Chinese and in English, and who may see it.
#[track_caller]
pub fn seen(app: &App, pages: &[(String, &str, &str, &[Role])]) {
    let nobody = Reader::nobody(app);
    let readers: Vec<_> = Role::ALL
        .into_iter()
        .filter(|role| *role != Role::Borrower)
        .map(|role| (role, Reader::enter(app, role.name(), role)))
        .collect();
    for (path, zh, en, may) in pages {
        let turned = nobody.get(path);
        assert_eq!(
            (turned.status, turned.to.as_str()),
            (303, format!("/sign-in?next={}", path.split('?').next().unwrap()).as_str())
        );
        for (role, reader) in &readers {
            for (language, words) in [("zh-CN", zh), ("en", en)] {
                let page = reader.ask("GET", path, language, "");
                if may.contains(role) {
                    assert_eq!(page.status, 200, "{path} as {role}: {}", page.html);
                    assert!(page.html.contains(words), "{path} as {role} in {language}: {}", page.html);
                    assert!(page.html.contains(&format!("<html lang=\"{language}\">")), "{path}");
                    assert!(!page.html.contains(" style=") && !page.html.contains("onclick"), "{path}");
                } else {
                    assert_eq!(page.status, 403, "{path} as {role}");
                }
            }
        }
    }
}

const WATCH: &[Role] = &[Role::CareAgent, Role::CareLead, Role::Auditor, Role::Service];
const LEAD: &[Role] = &[Role::CareLead];

#[test]
fn every_page_is_shown_to_its_roles_in_both_languages() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let lead = app.caller("lead", Role::CareLead);
        let taken = lead.send("POST", "/v1/alerts", Some(&alert()), &[]).is(200);
        let draft = id(&taken["taken"][0], "draft");
        lead.send("POST", "/v1/alerts", Some("<!DOCTYPE a []><a/>"), &[]).is(200);
        seen(
            &app,
            &[
                ("/care".to_owned(), "待确认", "waiting", WATCH),
                ("/care/refused".to_owned(), "被拒收的预警", "doctype", WATCH),
                (format!("/care/drafts/{draft}"), "未能匹配到地区", "Not matched to any region", WATCH),
                ("/care/channels".to_owned(), "没有这样的通道", "There is no such channel", WATCH),
                ("/care/channels/new".to_owned(), "目前没有有效公告", "No declaration is open", LEAD),
            ],
        );
        let reader = Reader::enter(&app, "sun", Role::CareLead);
        assert_eq!(reader.get("/care/drafts/draft_0000000000001").status, 404);
        assert_eq!(reader.get("/care/channels/channel_0000000000001").status, 404);
    });
}

#[test]
fn a_draft_is_drawn_looked_at_edited_and_confirmed() {
    on_both(|database| {
        let app = App::start(service(database, "2026-07-20"));
        let lead = app.caller("lead", Role::CareLead);
        let taken = lead.send("POST", "/v1/alerts", Some(&alert()), &[]).is(200);
        let draft = id(&taken["taken"][0], "draft");
        let (path, reader) = (format!("/care/drafts/{draft}"), Reader::enter(&app, "sun", Role::CareLead));
        let list = reader.shown("/care");
        assert!(list.contains("<path class=\"alert\"") && list.contains(&path), "{list}");
        assert!(list.contains("level II"), "{list}");
        let page = reader.shown(&path);
        assert!(page.contains("code 行政区划代码 410105") && page.contains("<bdi>某地</bdi>"), "{page}");
        // Words of others stand as words.
        assert!(page.contains("暴雨&#60;b&#62;预警") || page.contains("暴雨&lt;b&gt;预警"), "{page}");
        assert!(page.contains("1 regions without an outline"), "{page}");

        let edit = [
            ("revision", "0"),
            ("event", "zhengzhou"),
            ("kind", "flood"),
            ("severity", "I"),
            ("title_zh", "郑州暴雨"),
            ("title_en", "Zhengzhou"),
            ("starts_on", "2026-07-20"),
            ("area:CN-410105", "severe"),
            ("more", "CN-410103"),
            ("matched", "yes"),
        ];
        assert_eq!(reader.send(&path, &format!("{path}/edit"), &edit).to, path);
        assert_eq!(reader.send(&path, &format!("{path}/edit"), &edit).status, 409, "it was changed since");
        let kept = lead.get(&format!("/v1/drafts/{draft}")).is(200);
        assert_eq!((&kept["severity"], &kept["left"]), (&json!("I"), &json!([])));
        let marks: Vec<_> =
            kept["areas"].as_array().unwrap().iter().map(|area| (&area["region"], &area["designation"])).collect();
        assert_eq!(marks, [(&json!("CN-410105"), &json!("severe")), (&json!("CN-410103"), &json!("affected"))]);
        assert_eq!(reader.send(&path, &format!("{path}/confirm"), &[("declaration", "zz")]).to, path);
        assert_eq!(lead.get("/v1/declarations/zz").is(200)["document"]["areas"][0]["designation"], "severe");
        assert!(reader.shown(&path).contains("/care/channels/new?declaration=zz"));

        let other =
            lead.send("POST", "/v1/alerts", Some(&Cap::new("b-1").from("other@example.cn").text()), &[]).is(200);
        let other = format!("/care/drafts/{}", id(&other["taken"][0], "draft"));
        assert_eq!(reader.send(&other, &format!("{other}/drop"), &[("reason", "")]).status, 422);
        assert_eq!(reader.send(&other, &format!("{other}/drop"), &[("reason", "a drill")]).to, other);
        assert!(reader.shown(&other).contains("<bdi>a drill</bdi>"));
        // Without the proof of one's own page nothing is done.
        assert_eq!(reader.ask("POST", &format!("{other}/drop"), "en", "reason=again").status, 403);
    });
}

/// How the form of a channel is filled in.
const SETTINGS: [(&str, &str); 16] = [
    ("declaration", "cn-henan-2021-07"),
    ("fact:deaths_and_missing", "200"),
    ("business_days", "08:00-20:00"),
    ("other_days", "09:00-12:00, 13:00-18:00"),
    ("hotline", "400-800-1234"),
    ("queue", "flood-henan"),
    ("sms_word", "河南救助"),
    ("banner_zh", "河南受灾客户专线已开通"),
    ("banner_en", "A line for Henan is open"),
    ("target_minutes", "3"),
    ("capacity", "200"),
    ("policy", "cn-henan-2021-07-consumer-finance"),
    ("expires_on", "2021-12-31"),
    ("stand_down_days", "30"),
    ("wind_down_days", "7"),
    ("level", ""),
];

#[test]
fn a_channel_is_opened_by_two_people_and_watched() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let (first, second) = (Reader::enter(&app, "sun", Role::CareLead), Reader::enter(&app, "li", Role::CareLead));
        let api = app.caller("watch", Role::Auditor);
        let form = "/care/channels/new?declaration=cn-henan-2021-07";
        let path = first.send(form, "/care/channels", &SETTINGS).to;
        let channel = path.strip_prefix("/care/channels/").unwrap().to_owned();
        let told = || api.get(&format!("/v1/channels/{channel}")).is(200);
        let known = told();
        assert_eq!((&known["level"], &known["made_by"]), (&json!("I"), &json!("sun")));
        assert_eq!(known["settings"]["hours"]["other_days"], json!(["09:00-12:00", "13:00-18:00"]));
        let digest = id(&known, "digest");
        let page = first.shown(&path);
        assert!(page.contains("200 ≥ 200") && page.contains("somebody else approves it"), "{page}");
        assert!(page.contains("id=\"preview\" data-live=\"3\"") && !page.contains("id=\"board\""), "{page}");
        assert!(!page.contains("/approve\""), "who set it does not approve it");

        // What is set otherwise is approved anew.
        let mut otherwise = SETTINGS.to_vec();
        otherwise.extend([("revision", "0"), ("region", "CN-410100")]);
        let settings = format!("{path}/settings");
        assert_eq!(first.send(&settings, &settings, &otherwise).to, path);
        assert_eq!(
            second.send(&path, &format!("{path}/approve"), &[("digest", &digest)]).status,
            409,
            "another was seen"
        );
        let digest = id(&told(), "digest");
        assert_eq!(second.send(&path, &format!("{path}/approve"), &[("digest", &digest)]).to, path);
        assert_eq!(first.send(&path, &format!("{path}/open"), &[("digest", &digest)]).status, 409, "no preview yet");
        while app.service.run_preview(&|| false).unwrap() {}
        let known = told();
        let total = &known["previews"][0]["result"]["total"][0];
        let page = first.shown(&path);
        assert!(page.contains("id=\"preview\">") && page.contains("By area"), "{page}");
        assert!(
            page.contains(&format!(
                "<td class=\"n\">{}</td><td class=\"n\">{}</td>",
                total["people"], total["accounts"]
            )),
            "{page}"
        );
        assert_eq!(first.send(&path, &format!("{path}/open"), &[("digest", &digest)]).to, path);
        let known = told();
        assert_eq!(
            (&known["state"], &known["approved_by"], &known["opened_by"]),
            (&json!("open"), &json!("li"), &json!("sun"))
        );

        // One calls and waits: the board says so, as the API does.
        let core = app.caller("pbx", Role::Service);
        core.post("/v1/contacts", &json!({"via": "hotline", "account": "ZZ-20210220-01", "queue": "flood-henan"}))
            .is(201);
        let measured = &told()["measures"]["contacts"];
        assert_eq!((&measured["contacts"], &measured["waiting"]), (&json!(1), &json!(1)));
        let board = first.shown(&path);
        assert!(board.contains("id=\"board\" data-live=\"5\""), "{board}");
        assert!(board.contains("Waiting in the queue</dt><dd class=\"big\">1</dd>"), "{board}");
        assert!(board.contains("Contacts in the last hour</dt><dd class=\"big\">1 "), "{board}");

        let extended = [("expires_on", "2022-01-31"), ("reason", "many call")];
        assert_eq!(second.send(&path, &format!("{path}/extend"), &extended).to, path);
        assert!(second.shown(&path).contains("31 January 2022"));
        assert_eq!(second.send(&path, &format!("{path}/stand-down"), &[("reason", "few call")]).to, path);
        assert_eq!(second.send(&path, &format!("{path}/close"), &[("reason", "over")]).to, path);
        assert_eq!(told()["state"], "closed");
        seen(
            &app,
            &[(path.clone(), "已关闭", "closed", WATCH), (settings, "修改通道设置", "Set the channel otherwise", LEAD)],
        );
    });
}
