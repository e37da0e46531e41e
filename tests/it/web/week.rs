//! What a lender has on its pages after some days: one of everything, in the words that a test wants.

use std::cell::Cell;

use forbear::service::access::Role;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::program::Program;
use crate::api::app::Caller;

/// Words, one after another.
pub struct Words {
    texts: Vec<String>,
    at: Cell<usize>,
}

impl Words {
    pub fn plain() -> Self {
        Self { texts: vec!["As people write".to_owned(), "人们所写".to_owned()], at: Cell::new(0) }
    }

    pub fn hostile() -> Self {
        let texts = serde_json::from_str(&std::fs::read_to_string("tests/fixtures/web/hostile.json").unwrap()).unwrap();
        Self { texts, at: Cell::new(0) }
    }

    pub fn all(&self) -> &[String] {
        &self.texts
    }

    /// The next ones, so long at most.
    fn next(&self, most: usize) -> String {
        let at = self.at.get();
        self.at.set(at + 1);
        self.texts[at % self.texts.len()].chars().take(most).collect()
    }

    /// In both languages.
    fn text(&self, most: usize) -> Value {
        json!({"zh-CN": self.next(most), "en": self.next(most)})
    }
}

/// Whom the program knows, and how often they did something.
struct Desk<'a> {
    program: &'a Program,
    keys: Cell<u32>,
}

impl Desk<'_> {
    fn of(&self, role: Role) -> Caller {
        Caller::of(&self.program.url, &self.program.token(&format!("somebody-{role}"), role))
    }

    fn once(&self, caller: &Caller, path: &str, body: &Value) -> Value {
        self.keys.set(self.keys.get() + 1);
        let answer = caller.post_once(&format!("week-{}", self.keys.get()), path, body);
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.body
    }
}

fn name(answer: &Value, of: &str) -> String {
    answer[of].as_str().unwrap_or_else(|| panic!("no {of} in {answer}")).to_owned()
}

/// Fills the desks; says where the words stand, and whom to show them.
pub fn fill(program: &Program, words: &Words) -> Vec<(Role, String)> {
    let desk = Desk { program, keys: Cell::new(0) };
    let mut pages = care(&desk, words);
    pages.push((Role::PolicyAuthor, policies(&desk, words)));
    pages.extend(finance(&desk, words).into_iter().map(|path| (Role::FinanceApprover, path)));
    pages
}

fn care(desk: &Desk<'_>, words: &Words) -> Vec<(Role, String)> {
    let (lead, agent) = (desk.of(Role::CareLead), desk.of(Role::CareAgent));
    let until = (chrono::Utc::now() + chrono::TimeDelta::days(60)).date_naive();
    let settings = json!({
        "facts": {"deaths_and_missing": 20}, "hours": {"business_days": ["08:00-20:00"], "other_days": ["09:00-18:00"]},
        "hotline": "400-800-1234", "queue": "flood", "sms_word": "救助", "banner": words.text(200),
        "target_minutes": 3, "capacity": 200, "policies": ["cn-natural-disaster"], "expires_on": until,
    });
    let channel = desk.once(&lead, "/v1/channels", &json!({"declaration": "demo-flood", "settings": settings}));
    let mut part = settings.clone();
    part["regions"] = json!(["CN-430623"]);
    let waiting = desk.once(&lead, "/v1/channels", &json!({"declaration": "demo-flood", "settings": part}));
    let opened = json!({"digest": name(&channel, "digest"), "without_preview": words.next(300)});
    desk.once(&lead, &format!("/v1/channels/{}/open", name(&channel, "channel")), &opened);

    // A file of snapshots of which a line cannot be read.
    desk.of(Role::Service).send("POST", "/v1/accounts", Some("{\"account\": 1}\n"), &[]).is(200);

    // One that waits, of two that nobody understood.
    lead.send("POST", "/v1/alerts", Some("<!DOCTYPE a []><a/>"), &[]).is(200);
    let (now, later) = (chrono::Utc::now(), chrono::Utc::now() + chrono::TimeDelta::hours(9));
    let said = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let escaped = |text: String| {
        let plain = text.chars().filter(|c| !c.is_control() && *c != '\u{feff}').collect::<String>();
        plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let alert = std::fs::read_to_string("samples/alert-zhengzhou.cap").unwrap();
    let alert = alert.replace("SENT", &said(now)).replace("EXPIRES", &said(later)).replace("20260720080000", "w-1");
    let alert = alert.replace("410100000000", "430700000000").replace("qxt@example.cn", "other@example.cn");
    let alert = ["郑州市气象台发布暴雨红色预警", "预计未来三小时郑州市区降雨量将达一百毫米以上。", "郑州市</areaDesc>"]
        .into_iter()
        .fold(alert, |alert, text| {
            let end = if text.ends_with("</areaDesc>") { "</areaDesc>" } else { "" };
            alert.replace(text, &(escaped(words.next(150)) + end))
        });
    let taken = lead.send("POST", "/v1/alerts", Some(&alert), &[]).is(200);

    let reviews = desk.of(Role::FinanceReviewer).get("/v1/reviews?limit=1").is(200);
    let decision = desk.of(Role::Auditor).get(&format!("/v1/decisions/{}", name(&reviews["items"][0], "decision")));
    let account = name(&decision.is(200)["document"], "account");
    let call = desk.once(&agent, "/v1/contacts", &json!({"via": "hotline", "account": account}));
    let contact = name(&call, "contact");
    for _ in words.all() {
        desk.once(&agent, &format!("/v1/contacts/{contact}/note"), &json!({"note": words.next(4_000)}));
    }
    let complaint = json!({"contact": contact, "class": "service", "words": words.next(4_000)});
    let complaint = desk.once(&agent, "/v1/complaints", &complaint);
    let over = json!({"queue": "flood", "reason": words.next(400)});
    desk.once(&agent, &format!("/v1/contacts/{contact}/hand-over"), &over);
    vec![
        (Role::CareAgent, format!("/care/complaints/{}", name(&complaint, "complaint"))),
        (Role::CareAgent, format!("/care/cases/{}", name(&call, "case"))),
        (Role::CareLead, format!("/care/channels/{}/settings", name(&waiting, "channel"))),
        (Role::CareAgent, format!("/care/channels/{}", name(&channel, "channel"))),
        (Role::CareLead, format!("/care/drafts/{}", name(&taken["taken"][0], "draft"))),
    ]
}

/// A second version, with a preview.
fn policies(desk: &Desk<'_>, words: &Words) -> String {
    let author = desk.of(Role::PolicyAuthor);
    let known = author.get("/v1/policies/cn-natural-disaster/1").is(200);
    let mut next = known["document"].clone();
    next["version"] = json!(2);
    next["title"] = words.text(80);
    next["rules"][0]["benefits"][0]["title"] = words.text(80);
    author.send("POST", "/v1/policies", Some(&next.to_string()), &[("Idempotency-Key", "week-policy")]).is(201);
    let preview = json!({"declarations": ["demo-flood"]});
    desk.once(&author, "/v1/policies/cn-natural-disaster/2/preview", &preview);
    "/policies/cn-natural-disaster/2".to_owned()
}

fn finance(desk: &Desk<'_>, words: &Words) -> Vec<String> {
    let approver = desk.of(Role::FinanceApprover);
    let reviews = approver.get("/v1/reviews?state=open&limit=500").is(200);
    let all = reviews["items"].as_array().unwrap();
    let of_kind = |kind: &str| all.iter().filter(|one| one["kind"] == kind).cloned().collect::<Vec<_>>();
    let returned = name(&of_kind("referral")[0], "review");
    let back = json!({"verdict": "return", "reason": words.next(300)});
    desk.once(&approver, &format!("/v1/reviews/{returned}/judge"), &back);
    // One that a single person approves is posted, and taken back.
    let most = Decimal::from(1_500);
    let of_one = |review: &Value| review["amount"]["amount"].as_str().unwrap().parse::<Decimal>().unwrap() <= most;
    let (few, many): (Vec<Value>, Vec<Value>) = of_kind("threshold").into_iter().partition(of_one);
    let decision = approver.get(&format!("/v1/decisions/{}", name(&few[0], "decision"))).is(200);
    let approve = json!({"verdict": "approve", "shown": decision["shown"]});
    desk.once(&approver, &format!("/v1/reviews/{}/judge", name(&few[0], "review")), &approve);
    let request = approver.get(&format!("/v1/requests/{}", name(&few[0], "request"))).is(200);
    let reversed = name(&request["grants"][0], "grant");
    desk.once(&approver, &format!("/v1/grants/{reversed}/reverse"), &json!({"reason": words.next(300)}));
    let waits = &many[0];
    vec![
        format!("/finance/approve?review={}", name(waits, "review")),
        format!("/finance/reviews/{returned}"),
        format!("/finance/grants/{reversed}"),
    ]
}
