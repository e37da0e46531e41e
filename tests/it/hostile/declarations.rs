//! Declarations of disasters.

use forbear_engine::declaration::Declaration;
use forbear_engine::region::RegionTree;

use super::{Case, OK, compare};

const RIGHT: &str = r#"{"declaration":"d-1","event":"e-1","kind":"flood","severity":"II","title":{"en":"Flood"},"declared_on":"2021-07-21","incident":{"start":"2021-07-17","end":"2021-07-30"},"areas":[{"region":"CN-410100","designation":"severe"}],"amendments":[{"number":1,"on":"2021-07-25","add":[{"region":"CN-410700"}]}]}"#;

fn read(text: &str) -> Result<(), String> {
    let document: Declaration = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let tree = RegionTree::builtin();
    let problems: Vec<String> = document.validate(tree).iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    for day in ["1900-01-01", "2021-07-25", "2200-12-31"] {
        document.as_of(day.parse().unwrap(), tree).map_err(|unknown| unknown.to_string())?;
    }
    Ok(())
}

const CHANGES: [(&str, &str, &str); 36] = [
    ("", "", OK),
    ("\"d-1\"", "\"\"", "/declaration: \"\" is not a slug"),
    ("\"d-1\"", "\"D 1\"", "/declaration: \"D 1\" is not a slug"),
    ("\"d-1\"", "\"../d\"", "/declaration: "),
    ("\"d-1\"", "null", "invalid type: null"),
    ("\"d-1\"", "1", "invalid type: integer"),
    ("\"e-1\"", "\"e\\u0000\"", "/event: "),
    ("\"flood\"", "\"floods\"", "unknown variant `floods`"),
    ("\"II\"", "\"V\"", "unknown variant `V`"),
    ("\"II\"", "2", "expected"),
    ("{\"en\":\"Flood\"}", "\"Flood\"", "invalid type: string"),
    ("{\"en\":\"Flood\"}", "{\"de\":\"Flut\"}", "unknown field `de`"),
    ("\"2021-07-21\"", "\"2021-02-30\"", "out of range"),
    ("\"2021-07-21\"", "\"\"", "premature end"),
    ("\"2021-07-21\"", "\"21.07.2021\"", "line 1 column"),
    ("\"2021-07-21\"", "20210721", "invalid type: integer"),
    ("\"2021-07-21\"", "1e400", "number out of range"),
    ("\"2021-07-30\"", "\"2021-07-16\"", "/incident/end: the incident period ends on 2021-07-16"),
    ("\"2021-07-30\"", "null", OK),
    ("\"areas\":[{\"region\":\"CN-410100\",\"designation\":\"severe\"}]", "\"areas\":null", "invalid type: null"),
    ("\"areas\":[{\"region\":\"CN-410100\",\"designation\":\"severe\"}]", "\"areas\":{}", "invalid type: map"),
    ("\"areas\":[{\"region\":\"CN-410100\",\"designation\":\"severe\"}]", "\"areas\":[null]", "invalid type: null"),
    ("\"areas\":[{\"region\":\"CN-410100\",\"designation\":\"severe\"}]", "\"aeras\":[]", "unknown field `aeras`"),
    ("\"CN-410100\"", "\"410100\"", "/areas/0/region: no region has the code \"410100\"; the nearest is \"CN-410100\""),
    ("\"CN-410100\"", "410100", "invalid type: integer"),
    ("\"CN-410100\"", "\"\"", "/areas/0/region: no region has the code \"\""),
    ("\"CN-410100\"", "\"CN-41010５\"", "/areas/0/region: no region has the code"),
    ("\"CN-410100\"", "\"CN-410700\"", "/amendments/0/add/0/region: CN-410700 is designated already, at /areas/0"),
    ("\"severe\"", "\"grave\"", "unknown variant `grave`"),
    ("\"number\":1", "\"number\":0", "/amendments/0/number: amendment 0 stands where 1 is due"),
    ("\"number\":1", "\"number\":-1", "invalid value: integer `-1`"),
    ("\"number\":1", "\"number\":9223372036854775808", "invalid value"),
    ("\"on\":\"2021-07-25\"", "\"on\":\"2021-07-20\"", "/amendments/0/on: 2021-07-20 is before 2021-07-21"),
    ("\"add\":", "\"remove\":[\"CN-410700\"],\"add\":", "/amendments/0/remove/0: CN-410700 is not designated"),
    ("\"number\":1", "\"number\":1,\"number\":1", "duplicate field `number`"),
    ("\"number\":1", "\"number\":1,\"incident_end\":\"soon\"", "neither a day"),
];

const TEXTS: [Case<'_>; 10] = [
    ("", "EOF while parsing"),
    (" \r\n", "EOF while parsing"),
    ("\u{feff}{}", "expected value at line 1"),
    ("\u{0}", "expected value"),
    ("null", "invalid type: null"),
    ("[]", "invalid length"),
    ("{}", "missing field `declaration`"),
    ("{\"declaration\":\"\\ud800\"}", "line 1 column"),
    ("{\"declaration\":\"d", "EOF while parsing a string"),
    ("{\"declaration\":NaN}", "expected value at line 1 column 16"),
];

#[test]
fn a_wrong_declaration_is_named_with_its_place() {
    compare(TEXTS.map(|(text, want)| (text.to_owned(), want, read(text))));
    compare(CHANGES.map(|(old, new, want)| {
        assert!(RIGHT.contains(old), "{old}");
        (new.to_owned(), want, read(&RIGHT.replacen(old, new, 1)))
    }));
}
