use super::cap::{alert, info};
use super::refusal;

const NEW: &str = "<msgType>Alert</msgType>";

fn area(inside: &str) -> String {
    alert(NEW, &info(&format!("<area><areaDesc>x</areaDesc>{inside}</area>")))
}

fn ring(corners: usize) -> String {
    let corner = |at: usize| format!("30.{:03},-90.{at:06}", at % 1_000);
    let mut ring: Vec<String> = (0..corners).map(corner).collect();
    ring.push(ring[0].clone());
    ring.join(" ")
}

/// Hostile feeds, each with the name that it is refused by.
pub fn cases() -> Vec<(&'static str, String)> {
    let good = alert(NEW, &info(""));
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>";
    let body = good.split_once('\n').unwrap().1;
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let wide = format!("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">{}</alert>", "<a/>".repeat(70_000));
    let without = |field: &str| {
        let (open, close) = (format!("<{field}>"), format!("</{field}>"));
        let (before, rest) = good.split_once(&open).unwrap();
        format!("{before}{}", rest.split_once(&close).unwrap().1)
    };
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    let geojson = |properties: &str| format!("{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":null}}");
    let vtec = |code: &str| {
        geojson(&format!(
            "{{\"CAP_ID\":\"x\",\"VTEC\":\"{code}\",\"WFO\":\"K\",\"PROD_TYPE\":\"x\",\"ISSUANCE\":\"2026-05-01T10:00:00Z\"}}"
        ))
    };
    vec![
        ("malformed", String::new()),
        ("malformed", "   ".to_owned()),
        ("malformed", "not xml".to_owned()),
        ("malformed", "<alert".to_owned()),
        ("malformed", "<alert>".to_owned()),
        ("malformed", "<a></b>".to_owned()),
        ("malformed", "<x:alert/>".to_owned()),
        ("malformed", format!("{good}{body}")),
        ("malformed", format!("{good} and more")),
        ("malformed", "<rss><channel/></rss>".to_owned()),
        ("malformed", good.replace("Flash Flood", "&#0;")),
        ("malformed", good.replace("Flash Flood", "&#xD800;")),
        ("doctype", format!("{bomb}{body}")),
        ("doctype", good.replace("Flash Flood", "&lol;")),
        ("doctype", format!("<!DOCTYPE alert SYSTEM \"file:///etc/passwd\">{body}")),
        ("too_deep", deep),
        ("too_many", wide),
        ("too_large", format!("{good}{}", " ".repeat(5 << 20))),
        ("namespace", with("cap:1.2", "cap:1.3")),
        ("namespace", with(" xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"", "")),
        ("missing", without("identifier")),
        ("missing", without("sender")),
        ("missing", without("sent")),
        ("missing", without("status")),
        ("missing", without("msgType")),
        ("missing", without("scope")),
        ("missing", without("event")),
        ("missing", without("severity")),
        ("missing", alert(NEW, "")),
        ("missing", alert("<msgType>Update</msgType>", &info(""))),
        ("missing", alert("<msgType>Cancel</msgType>", "")),
        ("missing", alert(NEW, &info("<area></area>"))),
        ("not_actual", with("Actual", "Exercise")),
        ("not_actual", with("Actual", "Test")),
        ("not_actual", with("Actual", "System")),
        ("not_actual", with("Actual", "Draft")),
        ("value", with("<msgType>Alert", "<msgType>Ack")),
        ("value", with("2026-07-20T08:00:00+08:00", "yesterday")),
        ("value", with("2026-07-20T08:00:00+08:00", "2026-02-30T08:00:00Z")),
        ("value", alert(NEW, &info("<expires>99999999999</expires>"))),
        ("value", alert(NEW, &info("<onset>1e400</onset>"))),
        ("value", alert("<msgType>Update</msgType><references>only-one</references>", &info(""))),
        ("value", alert("<msgType>Update</msgType><references>a,b,soon</references>", &info(""))),
        ("value", area("<polygon>1,1 2,2</polygon>")),
        ("value", area("<polygon>1,1 2,2 3,3 4,4</polygon>")),
        ("value", area("<polygon>91,1 2,2 3,3 91,1</polygon>")),
        ("value", area("<polygon>1,181 2,2 3,3 1,181</polygon>")),
        ("value", area("<polygon>NaN,1 2,2 3,3 NaN,1</polygon>")),
        ("value", area("<polygon>inf,1 2,2 3,3 inf,1</polygon>")),
        ("value", area("<polygon>1;1 2;2 3;3 1;1</polygon>")),
        ("value", area("<circle>1,1</circle>")),
        ("value", area("<circle>1,1 -5</circle>")),
        ("value", area("<circle>1,1 1e9</circle>")),
        ("value", area("<circle>here 5</circle>")),
        ("too_many", area(&format!("<polygon>{}</polygon>", ring(60_000)))),
        ("malformed", "{".to_owned()),
        ("malformed", "{}".to_owned()),
        ("malformed", "{\"features\": 5}".to_owned()),
        ("malformed", geojson("{}")),
        ("malformed", geojson("null")),
        ("malformed", "{\"type\":\"Feature\"}\n{\"type\":".to_owned()),
        ("malformed", format!("{}{}", "[".repeat(5), "{\"a\":".repeat(200_000))),
        ("value", vtec("")),
        ("value", vtec("/O.NEW/")),
        ("value", vtec("/O.ZAP.KHGX.FF.W.0007.260501T1500Z-260501T1900Z/")),
        ("value", vtec("/O.NEW.KHGX.FF.W.0007.269901T1500Z-260501T1900Z/")),
        ("not_actual", vtec("/T.NEW.KHGX.FF.W.0007.260501T1500Z-260501T1900Z/")),
    ]
}

#[test]
fn hostile_feeds_are_refused_by_name() {
    for (name, text) in &cases() {
        let shown: String = text.chars().take(200).collect();
        let found = refusal(text.as_bytes()).unwrap_or_else(|| panic!("{name}: taken: {shown}"));
        assert_eq!(found.name(), *name, "{found}: {shown}");
        // Nobody is flooded by what they sent.
        assert!(found.to_string().len() < 400, "{found}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let gbk = b"<?xml version=\"1.0\" encoding=\"GBK\"?><alert>\xb1\xa9\xd3\xea</alert>";
    assert_eq!(refusal(gbk).unwrap().name(), "not_utf8");
    let utf16: Vec<u8> = "<alert/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refusal(&utf16).is_some());
    assert_eq!(refusal(b"{\"features\": [\xff]}").unwrap().name(), "not_utf8");
}

#[test]
fn an_outline_with_too_many_bends_is_left_for_a_person() {
    // Within what is read, yet more corners than are laid over the counties.
    let corner = |at: usize| format!("30.{},-{}.{:03}", at % 2, 90 + at / 1_000, at % 1_000);
    let mut ring: Vec<String> = (0..9_000).map(corner).collect();
    ring.push(ring[0].clone());
    let zigzag = area(&format!("<polygon>{}</polygon>", ring.join(" ")));
    let alert = super::one(&zigzag);
    assert_eq!(forbear::feed::place::place(&alert).unwrap_err().name(), "too_many");
}
