use forbear::feed::alert::Message;
use forbear_engine::declaration::{Kind, Severity};

use super::{one, placed, read};

/// A CAP 1.2 alert with its own head and info.
pub fn alert(head: &str, info: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\
         <identifier>a-1</identifier><sender>warn@example.org</sender><sent>2026-07-20T08:00:00+08:00</sent>\
         <status>Actual</status>{head}<scope>Public</scope>{info}</alert>"
    )
}

pub fn info(inside: &str) -> String {
    format!(
        "<info><category>Met</category><event>Flash Flood Warning</event><urgency>Immediate</urgency>\
         <severity>Severe</severity><certainty>Observed</certainty>{inside}</info>"
    )
}

const NEW: &str = "<msgType>Alert</msgType>";

#[test]
fn codes_come_before_outlines() {
    // The polygon lies in Texas; the code says Oklahoma, and codes are believed.
    let area = "<expires>2026-07-21T08:00:00+08:00</expires><area><areaDesc>Somewhere</areaDesc>\
                <polygon>29.6,-95.75 29.6,-95.45 29.75,-95.45 29.6,-95.75</polygon>\
                <geocode><valueName>SAME</valueName><value>040109</value></geocode></area>";
    let alert = one(&alert(NEW, &info(area)));
    assert_eq!((alert.message, alert.kind, alert.severity), (Message::New, Some(Kind::Flood), Some(Severity::II)));
    assert_eq!(alert.sent.to_rfc3339(), "2026-07-20T00:00:00+00:00");
    assert_eq!(alert.expires.unwrap().to_rfc3339(), "2026-07-21T00:00:00+00:00");
    assert_eq!(placed(&alert), (vec![("US-40109".to_owned(), "code")], vec![]));
}

#[test]
fn outlines_and_circles_find_counties_and_the_rest_is_for_a_person() {
    let area = "<area><areaDesc>South-west of Houston</areaDesc>\
                <polygon>29.6,-95.75 29.6,-95.45 29.75,-95.45 29.75,-95.75 29.6,-95.75</polygon></area>\
                <area><areaDesc>Miami</areaDesc><circle>25.79,-80.21 3</circle></area>\
                <area><areaDesc>Chiapas</areaDesc><geocode><valueName>INEGI</valueName><value>07</value></geocode></area>";
    let (regions, left) = placed(&one(&alert(NEW, &info(area))));
    let codes: Vec<&str> = regions.iter().map(|(code, _)| code.as_str()).collect();
    // Miami-Dade, Fort Bend, Harris.
    assert_eq!(codes, ["US-12086", "US-48157", "US-48201"]);
    assert!(regions.iter().all(|(_, how)| *how == "outline"));
    assert_eq!(left, ["Chiapas"]);
}

#[test]
fn a_whole_state_and_a_code_that_names_nothing() {
    let code = |value: &str| format!("<geocode><valueName>SAME</valueName><value>{value}</value></geocode>");
    let area = format!("<area><areaDesc>Texas and more</areaDesc>{}{}</area>", code("048000"), code("048998"));
    assert_eq!(
        placed(&one(&alert(NEW, &info(&area)))),
        (vec![("US-48".to_owned(), "code")], vec!["SAME 048998".to_owned()])
    );
}

#[test]
fn a_chinese_warning_by_division_codes_and_colour() {
    let info = "<info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>\
                <severity>Red</severity><certainty>Likely</certainty><headline>郑州市气象台发布暴雨红色预警</headline>\
                <area><areaDesc>郑州市</areaDesc><geocode><valueName>行政区划代码</valueName><value>410100000000</value></geocode></area></info>";
    let alert = one(&alert(NEW, info));
    assert_eq!((alert.kind, alert.severity), (Some(Kind::Flood), Some(Severity::I)));
    assert_eq!(alert.title("zh"), "郑州市气象台发布暴雨红色预警");
    assert_eq!(placed(&alert).0, [("CN-410100".to_owned(), "code")]);
}

#[test]
fn two_languages_are_one_alert_and_the_graver_word_counts() {
    let area =
        "<area><areaDesc>Harris</areaDesc><geocode><valueName>FIPS6</valueName><value>048201</value></geocode></area>";
    let spanish = info(area).replace("<info>", "<info><language>es-US</language>").replace("Severe", "Extreme");
    let alert = one(&alert(NEW, &(info(area) + &spanish)));
    assert_eq!(alert.severity, Some(Severity::I));
    assert_eq!(alert.areas.len(), 1);
    assert_eq!(alert.texts.iter().map(|text| text.language.as_str()).collect::<Vec<_>>(), ["en-US", "es-US"]);
}

#[test]
fn updates_and_cancels_name_what_they_change() {
    let references = "<references>warn@example.org,a-0,2026-07-19T08:00:00+08:00 warn@example.org,a-00,2026-07-18T08:00:00+08:00</references>";
    let update = one(&alert(&format!("<msgType>Update</msgType>{references}"), &info("")));
    assert_eq!(update.message, Message::Update);
    assert_eq!(update.references.iter().map(|one| one.identifier.as_str()).collect::<Vec<_>>(), ["a-0", "a-00"]);
    // A cancel needs no info.
    let cancel = one(&alert(&format!("<msgType>Cancel</msgType>{references}"), ""));
    assert_eq!((cancel.message, cancel.areas.len()), (Message::Cancel, 0));
}

#[test]
fn an_older_version_prefixes_and_an_index_are_read() {
    let older = alert(NEW, &info("")).replace("cap:1.2", "cap:1.1");
    assert_eq!(one(&older).identifier, "a-1");
    let prefixed = alert(NEW, &info("")).replace("</", "\u{1}").replace('<', "<c:").replace('\u{1}', "</c:");
    let prefixed = prefixed.replace("<c:?xml", "<?xml").replace("xmlns=", "xmlns:c=");
    assert_eq!(one(&prefixed).identifier, "a-1");
    let inner = alert(NEW, &info("")).split_once('\n').unwrap().1.to_owned();
    let index = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><content>{inner}</content></entry>\
         <entry><id>https://example.org/2</id></entry></feed>"
    );
    assert_eq!(read(&index).len(), 1);
}

#[test]
fn an_earthquake_without_severity_is_graded_by_its_magnitude() {
    let quake = "<info><category>Geo</category><event>Earthquake</event><urgency>Past</urgency><severity>Unknown</severity>\
                 <certainty>Likely</certainty><parameter><valueName>Magnitude</valueName><value>6.3</value></parameter></info>";
    assert_eq!(one(&alert(NEW, quake)).severity, Some(Severity::II));
}

#[test]
fn who_sent_it_and_when_is_looked_at() {
    let sample = one(&alert(NEW, &info("<expires>2026-07-21T08:00:00+08:00</expires>")));
    let at = |time: &str| time.parse().unwrap();
    let known = ["warn@example.org".to_owned()];
    assert_eq!(sample.check(at("2026-07-20T01:00:00Z"), &known), Ok(()));
    let name = |now: &str, senders: &[String]| sample.check(at(now), senders).unwrap_err().name();
    assert_eq!(name("2026-07-20T01:00:00Z", &["other@example.org".to_owned()]), "unknown_sender");
    assert_eq!(name("2026-07-21T00:00:01Z", &known), "expired");
    assert_eq!(name("2026-07-19T23:00:00Z", &known), "from_the_future");
    // Ten minutes of a clock that runs ahead are borne.
    assert_eq!(sample.check(at("2026-07-19T23:50:00Z"), &known), Ok(()));
}
