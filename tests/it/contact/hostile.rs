//! Hostile messages: forged, replayed, broken, oversized, misleading. Each is refused with a clear reason, in little time, and nothing
//! comes of it.

use std::time::Instant;

use forbear::core_system::webhook::signature;
use forbear::secret::Hidden;
use forbear::service::care::CareSettings;
use serde_json::{Value, json};

use super::known;
use crate::access::verbs;
use crate::api::app::App;
use crate::databases::on_both;

const SECRET: &[u8] = b"a secret of the gateway and of us";
/// 29 July 2021, ten in Shanghai.
const NOW: i64 = 1_627_524_000;

/// What is sent: the header with the signature, and the body.
struct Sent {
    header: Option<String>,
    body: String,
}

/// The type of problem, and what its words say.
type Refused = (&'static str, &'static str);

fn signed(body: &str) -> Sent {
    at(NOW, body)
}

fn at(seconds: i64, body: &str) -> Sent {
    Sent { header: Some(format!("t={seconds},v1={}", signature(SECRET, seconds, body))), body: body.to_owned() }
}

fn good() -> Value {
    json!({"message": "m-1", "from": "13812345678", "text": "申请"})
}

fn with(key: &str, value: Value) -> Sent {
    let mut body = good();
    body[key] = value;
    signed(&body.to_string())
}

/// Messages that the gateway did not sign, or not so.
fn forged() -> Vec<(Sent, Refused)> {
    let body = good().to_string();
    let right = signature(SECRET, NOW, &body);
    let malformed = ("unsigned", "t=<seconds>,v1=<64");
    let wrong = ("unsigned", "another secret or another body");
    let old = ("unsigned", "of another time");
    let mut cases = vec![(Sent { header: None, body: body.clone() }, ("unreadable", "sign the message"))];
    let headers = [
        String::new(),
        right.clone(),
        format!("t={NOW}"),
        format!("v1={right}"),
        format!("v1={right},t={NOW}"),
        format!("t={NOW};v1={right}"),
        format!("t={NOW}, v1={right}"),
        format!("t= {NOW},v1={right}"),
        format!("t=+{NOW},v1={right}"),
        format!("t=-{NOW},v1={right}"),
        format!("t={NOW}.0,v1={right}"),
        format!("t=0x61020f60,v1={right}"),
        format!("t=,v1={right}"),
        format!("t=now,v1={right}"),
        format!("t={NOW}000000000,v1={right}"),
        format!("t={NOW},v1="),
        format!("t={NOW},v1={}", &right[..63]),
        format!("t={NOW},v1={right}0"),
        format!("t={NOW},v1={}", right.to_uppercase()),
        format!("t={NOW},v1={}", "g".repeat(64)),
        format!("t={NOW},v1={right},v1={right}"),
        format!("t={NOW},v0={right}"),
        format!("sha256={right}"),
        "Bearer token".to_owned(),
        "a".repeat(4_000),
    ];
    cases.extend(headers.into_iter().map(|header| (Sent { header: Some(header), body: body.clone() }, malformed)));
    let other = |secret: &[u8], body: &str| format!("t={NOW},v1={}", signature(secret, NOW, body));
    let headers = [
        other(b"another secret of thirty-two bytes", &body),
        other(b"", &body),
        other(&SECRET[1..], &body),
        other(SECRET, ""),
        other(SECRET, "{}"),
        other(SECRET, &format!("{body} ")),
        other(SECRET, &body.replace("申请", "退订")),
        other(SECRET, &body.replace("5678", "5679")),
        format!("t={NOW},v1={}", "0".repeat(64)),
        // Signed for another second within the window.
        format!("t={},v1={right}", NOW - 1),
        format!("t={},v1={right}", NOW + 1),
        // The time with a zero before it is another text.
        format!("t=0{NOW},v1={right}"),
    ];
    cases.extend(headers.into_iter().map(|header| (Sent { header: Some(header), body: body.clone() }, wrong)));
    let times = [0, 1, NOW - 301, NOW + 301, NOW - 3_600, NOW + 3_600, NOW - 86_400 * 365, 999_999_999_999];
    cases.extend(times.into_iter().map(|seconds| (at(seconds, &body), old)));
    cases
}

/// Bodies that are none.
fn broken() -> Vec<(Sent, Refused)> {
    let texts = [
        "",
        " ",
        "null",
        "true",
        "0",
        "\"申请\"",
        "[]",
        "{",
        "}",
        "{}",
        "{\"message\"",
        "{\"message\":}",
        "not json",
        "<sms/>",
        "message=m-1&from=13812345678&text=hi",
        "{'message': 'm-1'}",
        "[{\"message\": \"m-1\"}]",
        "\u{feff}{}",
        "{} {}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\"}",
        "{\"message\": \"m-1\", \"text\": \"申请\"}",
        "{\"from\": \"13812345678\", \"text\": \"申请\"}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\", \"text\": \"\\ud800\"}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\", \"text\": \"a\nb\"}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\", \"text\": \"\\x41\"}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\", \"text\": \"a\", \"text\": \"b\"}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\", \"text\": \"a\",}",
        "{\"message\": \"m-1\", \"from\": 13812345678, \"text\": \"a\"}",
        "{\"message\": \"m-1\", \"from\": \"13812345678\", \"text\": NaN}",
    ];
    let mut cases: Vec<_> = texts.into_iter().map(|text| (signed(text), ("unreadable", ""))).collect();
    let deep = format!("{}{}", "[".repeat(4_000), "]".repeat(4_000));
    cases.push((signed(&deep), ("unreadable", "")));
    cases.push((with("text", json!("长".repeat(20_000))), ("too_large", "16384")));
    cases.push((signed(&" ".repeat(16_385)), ("too_large", "16384")));
    cases.push((signed(&"[".repeat(100_000)), ("too_large", "16384")));
    for (key, value) in [
        ("message", json!(null)),
        ("message", json!(1)),
        ("message", json!(["m-1"])),
        ("message", json!({})),
        ("from", json!(null)),
        ("from", json!({"phone": "13812345678"})),
        ("from", json!(true)),
        ("text", json!(null)),
        ("text", json!(5)),
        ("text", json!(["申请"])),
        ("text", json!({"a": "b"})),
        ("received_at", json!("yesterday")),
        ("received_at", json!(1_627_524_000)),
        ("received_at", json!("2021-07-29")),
        ("received_at", json!("2021-02-30T00:00:00Z")),
        ("received_at", json!("2021-07-29T02:00:00")),
        // What it does not know it does not pass over.
        ("account", json!("ZZ-20210220-01")),
        ("party", json!("P-1")),
        ("reply_to", json!("13900000000")),
        ("role", json!("care_lead")),
        ("__proto__", json!({})),
    ] {
        cases.push((with(key, value), ("unreadable", "")));
    }
    cases
}

/// Messages whose parts cannot be.
fn misleading() -> Vec<(Sent, Refused)> {
    let mut cases = Vec::new();
    let long = "m".repeat(201);
    let ids = ["", " ", "m 1", "m\n1", "m\u{0}1", "消息", "m\u{202e}1", "\u{7f}", "m\t1", long.as_str()];
    cases.extend(ids.map(|id| (with("message", json!(id)), ("invalid", "visible ASCII"))));
    let phones = [
        "",
        "0",
        "10086",
        "123456",
        "1234567890123456",
        "phone",
        "138x2345678",
        "+",
        "00",
        "+86",
        "138-1234-5678 ext 9",
        "13812345678;13900000000",
        "13812345678,13900000000",
        "tel:13812345678",
        "' OR '1'='1",
        "../../etc/passwd",
        "一三八一二三四五六七八",
        "\u{202e}87654321831",
        "13812345678\u{0}",
        "${jndi:ldap://x}",
    ];
    cases.extend(phones.map(|phone| (with("from", json!(phone)), ("invalid", "is no phone number"))));
    for (text, reason) in [
        (String::new(), "is empty"),
        (" ".to_owned(), "is empty"),
        ("\n\r\t".to_owned(), "is empty"),
        ("\u{3000}".to_owned(), "is empty"),
        ("申".repeat(671), "670 characters"),
        ("a".repeat(5_000), "670 characters"),
        ("申请\u{0}".to_owned(), "control characters"),
        ("\u{1b}[31m申请".to_owned(), "control characters"),
        ("\u{8}\u{8}".to_owned(), "control characters"),
        ("申请\u{7f}".to_owned(), "control characters"),
        ("\u{85}申请".to_owned(), "control characters"),
        ("\u{9b}申请".to_owned(), "control characters"),
        ("\u{202e}请申".to_owned(), "direction"),
        ("申\u{202a}请".to_owned(), "direction"),
        ("\u{2066}是\u{2069}".to_owned(), "direction"),
        ("是\u{200f}".to_owned(), "direction"),
        ("\u{61c}1".to_owned(), "direction"),
        ("\u{e000}".to_owned(), "stand for nothing"),
        ("申请\u{f8ff}".to_owned(), "stand for nothing"),
        ("\u{f0000}".to_owned(), "stand for nothing"),
        ("\u{10fffd}".to_owned(), "stand for nothing"),
        ("\u{ffff}".to_owned(), "stand for nothing"),
    ] {
        cases.push((with("text", json!(text)), ("invalid", reason)));
    }
    for moment in ["2021-07-28T01:59:59Z", "2021-07-29T02:05:01Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        cases.push((with("received_at", json!(moment)), ("invalid", "a moment of the last day")));
    }
    cases
}

#[test]
fn hostile_messages_are_refused_with_a_reason_and_change_nothing() {
    let cases: Vec<_> = forged().into_iter().chain(broken()).chain(misleading()).collect();
    // Together with the hostile feeds: what is said of them is counted, not claimed.
    let feeds = crate::alerts::hostile::cases().len() + crate::care::hostile::cases().len();
    assert!(cases.len() >= 60 && cases.len() + feeds >= 200, "{} messages, {feeds} feeds", cases.len());
    on_both(|database| {
        let gateway = Some(Hidden::new(SECRET.to_vec()));
        let service = known(database).with_care(CareSettings { gateway, ..CareSettings::default() });
        assert_eq!(service.clock.now().and_utc().timestamp(), NOW);
        let before = verbs(&service).len();
        let app = App::start(service);
        let nobody = app.nobody();
        for (sent, (kind, reason)) in &cases {
            let header: Vec<_> = sent.header.iter().map(|value| ("Forbear-Signature", value.as_str())).collect();
            let began = Instant::now();
            let answer = nobody.send("POST", "/v1/sms", Some(&sent.body), &header);
            assert!(began.elapsed().as_secs() < 5, "{kind}: it takes too long");
            let shown: String = sent.body.chars().take(120).collect();
            let told = answer.body.to_string();
            assert_eq!(answer.body["type"], format!("/problems/{kind}"), "{shown:?} {:?}: {told}", sent.header);
            assert!(told.contains(reason), "{shown:?}: {told}");
            // Nobody is told what they sent, or flooded by it.
            assert!(told.len() < 600 && !told.contains("13812345678"), "{told}");
        }
        assert_eq!(verbs(&app.service).len(), before, "nothing came of any of them");
        // The same way with the right signature leads in.
        let sent = signed(&good().to_string());
        let header = sent.header.unwrap();
        let taken = nobody.send("POST", "/v1/sms", Some(&sent.body), &[("Forbear-Signature", &header)]).is(200);
        assert_eq!(taken["understood"], "question");
    });
}
