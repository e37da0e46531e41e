//! Canaries: names, phones and numbers of two hundred people go through everything, and come out nowhere but where they
//! are asked for by somebody who may.

use forbear::service::Service;
use forbear::service::access::Role;
use forbear::service::audit::Actor;
use serde_json::{Value, json};

use super::app::{Answer, Caller};
use super::program::Program;
use crate::databases::{kept, on_both};
use crate::service::desk::{file, put_in_force, zhengzhou};

const PEOPLE: usize = 200;

/// Somebody who is nowhere else: what must not be found.
struct Canary {
    party: String,
    account: String,
    name: String,
    phone: String,
    number: String,
}

fn canary(at: usize) -> Canary {
    Canary {
        party: format!("CP-{at}"),
        account: format!("CA-{at}"),
        name: format!("金丝雀{}", char::from_u32(0x4E00 + u32::try_from(at).unwrap() * 37).unwrap()),
        phone: format!("139{:08}", 71_000_003 + at * 7_919),
        number: format!("41010519{:02}{:02}{:02}{:04}", 60 + at % 40, at % 12 + 1, at % 28 + 1, 3_001 + at * 13),
    }
}

impl Canary {
    fn texts(&self) -> [&str; 3] {
        [&self.name, &self.phone, &self.number]
    }

    /// Its loan as the core system reports it, with the person beside the facts.
    fn line(&self) -> Value {
        let mut account: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        account["account"] = json!(self.account);
        account["parties"][0]["party"] = json!(self.party);
        account["person"] = json!({"parties": [
            {"party": self.party, "name": self.name, "phone": self.phone, "id_number": self.number, "language": "zh-CN"},
        ]});
        account
    }
}

/// Everything that was said, with where.
#[derive(Default)]
struct Said(Vec<(String, Vec<u8>)>);

impl Said {
    fn hear(&mut self, what: &str, answer: &Answer) {
        self.0.push((what.to_owned(), format!("{answer:?}").into_bytes()));
    }

    /// Where a canary sings.
    fn found(&self, canaries: &[Canary]) -> Vec<String> {
        let needles: Vec<(&str, memchr::memmem::Finder<'_>)> = canaries
            .iter()
            .flat_map(Canary::texts)
            .map(|text| (text, memchr::memmem::Finder::new(text.as_bytes())))
            .collect();
        let mut found = Vec::new();
        for (what, bytes) in &self.0 {
            for (text, needle) in &needles {
                if let Some(at) = needle.find(bytes) {
                    let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
                    found.push(format!("{text} in {what}: …{}…", String::from_utf8_lossy(around)));
                }
            }
        }
        found
    }
}

/// A caller for a role, of the program that runs.
fn caller(service: &Service, url: &str, person: &str, role: Role) -> Caller {
    Caller::of(url, &service.make_token(&Actor::system(), person, &[role], None).unwrap())
}

/// Bodies that cannot be used, with somebody in them.
fn bad_bodies(own: &Canary) -> Vec<(&'static str, String)> {
    let (phone, name, number) = (&own.phone, &own.name, &own.number);
    let mut wrong_type = own.line();
    wrong_type["person"]["parties"][0]["name"] = json!([name]);
    let mut unknown_key = own.line();
    unknown_key["person"]["parties"][0]["telephone"] = json!(phone);
    let mut not_a_party = own.line();
    not_a_party["person"]["parties"][0]["party"] = json!("CP-nobody");
    let mut too_long = own.line();
    too_long["person"]["parties"][0]["name"] = json!(name.repeat(100));
    let whole = own.line().to_string();
    let broken_off = whole[..whole.find(phone.as_str()).unwrap() + phone.len()].to_owned();
    vec![
        ("/v1/accounts", wrong_type.to_string()),
        ("/v1/accounts", unknown_key.to_string()),
        ("/v1/accounts", not_a_party.to_string()),
        ("/v1/accounts", too_long.to_string()),
        ("/v1/accounts", own.line().to_string().replace("]}}", "]}")),
        ("/v1/accounts", broken_off),
        ("/v1/contacts", json!({"via": "hotline", "phone": [phone]}).to_string()),
        ("/v1/contacts", json!({"via": name, "phone": phone, "note": number}).to_string()),
        ("/v1/progress", json!({"case": phone, "last4": [number]}).to_string()),
        ("/v1/sms", json!({"message": "m", "from": phone, "text": name}).to_string()),
        ("/v1/requests", json!({"account": [phone]}).to_string()),
        ("/v1/requests", json!({"account": own.account, "via": {"phone": phone}}).to_string()),
        ("/v1/requests", format!("{phone} {name} {number}")),
        ("/v1/persons/CP-1/reveal", json!({"reason": [number]}).to_string()),
        ("/v1/session", json!({"name": name, "password": [phone]}).to_string()),
        ("/v1/session", json!({"name": phone, "password": "not the password"}).to_string()),
        ("/v1/session/codes", json!({"phone": [phone]}).to_string()),
        ("/v1/session/codes", json!({"phone": phone, "name": name}).to_string()),
        ("/v1/session/code", json!({"phone": phone, "code": "123456"}).to_string()),
        ("/v1/session/hand-off", json!({"token": number}).to_string()),
    ]
}

/// What is read of everything.
const READ: [&str; 20] = [
    "/v1/contacts?limit=500",
    "/v1/complaints?limit=500",
    "/v1/reports/care?by=via",
    "/v1/journal?limit=500",
    "/v1/journal/balances",
    "/v1/journal/export?format=csv",
    "/v1/journal/export?format=jsonl",
    "/v1/reports/relief?by=region",
    "/v1/reports/relief?by=region&format=csv",
    "/v1/reports/ageing",
    "/v1/grants?limit=500",
    "/v1/instructions?limit=500",
    "/v1/reviews?limit=500",
    "/v1/audit?limit=500",
    "/v1/audit/head",
    "/v1/policies",
    "/v1/declarations",
    "/v1/me",
    "/metrics",
    "/openapi.json",
];

#[test]
fn who_people_are_is_nowhere_but_where_somebody_may_see_it() {
    let canaries: Vec<Canary> = (0..PEOPLE).map(canary).collect();
    on_both(|database| {
        let service = zhengzhou(database);
        put_in_force(&service, &file("samples/policy-late-fees.json"));
        let log = database.folder.path().join("log");
        let (program, url) = Program::start_logging(database, "debug", &log);
        let mut said = Said::default();
        let shown = live(&service, &url, &canaries, &mut said);
        assert_eq!(shown, 60, "three texts of twenty people are shown to who may see them");
        said.0.push(("the database".to_owned(), kept(database)));
        program.kill();
        said.0.push(("the database, closed".to_owned(), kept(database)));
        said.0.push(("the log".to_owned(), std::fs::read(&log).unwrap()));
        assert!(said.0.iter().all(|(_, bytes)| !bytes.is_empty()));
        let log = String::from_utf8_lossy(&said.0.last().unwrap().1).into_owned();
        let of_debug = log.lines().filter(|line| line.contains("\"DEBUG\"")).count();
        assert!(of_debug > 100, "debug was logged: {of_debug} of {} lines\n{:.2000}", log.lines().count(), log);
        assert_eq!(said.found(&canaries), Vec::<String>::new());
    });
}

/// People live with it: their loans come in, they ask, are looked up, shown, forgotten. Says how many of their texts were
/// shown where they may be.
fn live(service: &Service, url: &str, canaries: &[Canary], said: &mut Said) -> usize {
    let caller = |person: &str, role| caller(service, url, person, role);
    let (core, agent, lead) =
        (caller("core", Role::Service), caller("agent", Role::CareAgent), caller("lead", Role::CareLead));
    let (auditor, finance) = (caller("auditor", Role::Auditor), caller("finance", Role::FinanceApprover));
    let book: Vec<String> = canaries.iter().map(|own| own.line().to_string()).collect();
    let taken = core.send("POST", "/v1/accounts", Some(&book.join("\n")), &[("Idempotency-Key", "book")]);
    said.hear("the book", &taken);
    assert_eq!(taken.is(200)["new"], PEOPLE);

    let mut shown = 0;
    for (at, own) in canaries.iter().enumerate() {
        let borrower = caller(&own.party, Role::Borrower);
        if at % 4 == 0 {
            let body = json!({"account": own.account, "via": "app"});
            let asked = borrower.post_once(&format!("ask-{at}"), "/v1/requests", &body);
            said.hear("a request", &asked);
            let asked = asked.is(201);
            for path in ["request", "decision"] {
                let path = format!("/v1/{path}s/{}", asked[path].as_str().unwrap());
                said.hear(&path, &borrower.get(&path));
            }
        }
        if at % 8 == 0 {
            // An agent writes down what somebody says of themselves.
            let words = own.texts().join(" ");
            let body = json!({"via": "hotline", "phone": own.phone, "note": words});
            let contact = agent.post_once(&format!("call-{at}"), "/v1/contacts", &body);
            said.hear("a contact", &contact);
            let body = json!({"contact": contact.is(201)["contact"], "class": "other", "words": words});
            let complaint = agent.post_once(&format!("complain-{at}"), "/v1/complaints", &body);
            said.hear("a complaint", &complaint);
            assert_eq!(complaint.is(201)["state"], "open");
        }
        said.hear("an account", &borrower.get(&format!("/v1/accounts/{}", own.account)));
        let person = format!("/v1/persons/{}", own.party);
        said.hear("a person, masked", &agent.get(&person));
        said.hear("a person, to an auditor", &auditor.get(&person));
        let reason = json!({"reason": "called back"});
        if at % 10 == 0 {
            let answer = agent.post_once(&format!("reveal-{at}"), &format!("{person}/reveal"), &reason).is(200);
            let texts = [&answer["name"], &answer["phone"], &answer["id_number"]];
            shown += own.texts().iter().zip(texts).filter(|(text, seen)| seen == text).count();
            said.hear("shown to who may not", &finance.post(&format!("{person}/reveal"), &reason));
        }
        if at % 10 == 1 {
            said.hear("forgotten", &lead.post(&format!("{person}/erase"), &reason));
        }
    }
    for own in canaries.iter().step_by(20) {
        for (path, body) in bad_bodies(own) {
            let answer = core.send("POST", path, Some(&body), &[]);
            said.hear(&format!("the answer of {path} to {body:.60}"), &answer);
        }
        // Somebody types what they have into the address.
        said.hear("a phone in an address", &agent.get(&format!("/v1/persons/{}", own.phone)));
        said.hear("a number in an address", &agent.get(&format!("/v1/accounts/{}", own.number)));
        said.hear("a phone in a query", &auditor.get(&format!("/v1/audit?object={}", own.phone)));
    }
    for path in READ {
        for (who, reader) in [("auditor", &auditor), ("finance", &finance), ("core", &core)] {
            said.hear(&format!("{path} to {who}"), &reader.get(path));
        }
    }
    shown
}
