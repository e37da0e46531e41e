//! FEMA's list of disasters: a row is an area or a named exception, whatever stands in it.

use forbear::feed::openfema;
use forbear_engine::region::RegionTree;

use super::{Case, OK, compare};

const HEADER: &str = "disasterNumber,state,declarationType,declarationDate,incidentType,incidentBeginDate,incidentEndDate,fipsStateCode,fipsCountyCode,designatedArea,placeCode,tribalRequest,ihProgramDeclared";
const ROW: &str = "4706,OK,DR,2023-04-24,Tornado,2023-04-19,2023-04-20,40,027,Cleveland (County),99027,0,1";

fn read(text: &str) -> Result<(), String> {
    let import = openfema::read(text, RegionTree::builtin()).map_err(|error| error.to_string())?;
    assert_eq!(import.rows, import.areas + import.exceptions.len(), "{text}");
    for declaration in &import.declarations {
        assert_eq!(declaration.validate(RegionTree::builtin()), [], "{text}");
    }
    let said: Vec<String> = import.exceptions.iter().map(ToString::to_string).collect();
    if said.is_empty() { Ok(()) } else { Err(said.join("; ")) }
}

const TEXTS: [Case<'_>; 18] = [
    ("", "no column disasterNumber"),
    (" \r\n", "no column disasterNumber"),
    ("\u{feff}", "no column disasterNumber"),
    ("\u{0}", "no column disasterNumber"),
    ("null", "no column disasterNumber"),
    ("<html><body>502 Bad Gateway</body></html>", "no column disasterNumber"),
    ("[", "EOF while parsing a list at line 1"),
    ("{}", "no array \"DisasterDeclarationsSummaries\""),
    ("{\"DisasterDeclarationsSummaries\":null}", "no array"),
    ("{\"DisasterDeclarationsSummaries\":[],}", "trailing comma"),
    ("[]", OK),
    ("[] []", "trailing characters"),
    ("[null]", "null is not a row"),
    ("[[[]]]", "[[]] is not a row"),
    ("[{\"disasterNumber\":1e400}]", "number out of range"),
    ("[{\"disasterNumber\":\"\\ud800\"}]", "line 1 column"),
    ("[{\"disasterNumber\":-0}]", "disasterNumber is \"-0"),
    ("[{\"disasterNumber\":[4706]}]", "disasterNumber is \"[4706]\""),
];

/// A cell of a row that is right, what is put in its place, and what is said.
const CELLS: [(&str, &str, &str); 30] = [
    ("", "", OK),
    ("4706", "", "disasterNumber is \"\""),
    ("4706", "-4706", "disasterNumber is \"-4706\""),
    ("4706", "４７０６", "disasterNumber is"),
    ("4706", "4706; DROP TABLE", "disasterNumber is"),
    ("OK", "", "state is \"\""),
    ("OK", "../OK", "state is \"../OK\""),
    ("DR", "", "declarationType is \"\""),
    ("DR", "D R", "declarationType is \"D R\""),
    ("2023-04-24", "2023-02-30", "declarationDate is \"2023-02-30\""),
    ("2023-04-24", "0000-00-00T00:00:00.000Z", "declarationDate is"),
    ("2023-04-24", "99999-01-01", "declarationDate is"),
    ("2023-04-24", "二〇二三年四月", "declarationDate is"),
    ("2023-04-24", "04/24/2023", "declarationDate is"),
    ("2023-04-24", "2023-04-24T00:00:00.000Z", OK),
    ("Tornado", "Meteor", "no kind of disaster is known for \"Meteor\""),
    ("Tornado", "", "no kind of disaster is known for \"\""),
    ("Tornado", "TORNADO", OK),
    ("2023-04-19", "", "incidentBeginDate is \"\""),
    ("2023-04-20", "", OK),
    ("2023-04-20", "2023-04-18", "incidentEndDate is \"2023-04-18\""),
    ("2023-04-20", "soon", "incidentEndDate is \"soon\""),
    (",40,027", ",40,999", "no county has the code US-40999"),
    (",40,027", ",99,027", "no county has the code US-99027"),
    (",40,027", ",,", "neither a county nor the whole state"),
    (",40,027", ",40,00000000000000000027", "no county has the code"),
    (",40,027", ",-1,-1", "no county has the code"),
    (",40,027,Cleveland (County),99027", ",40,000,Cherokee Nation,0", "a tribal area without a county"),
    (",40,027,Cleveland (County),99027", ",40,000,Norman,12345", "neither a county nor the whole state"),
    (",0,1", ",0", OK),
];

#[test]
fn what_is_no_list_is_named() {
    compare(TEXTS.map(|(text, want)| (text.to_owned(), want, read(text))));
}

#[test]
fn a_hostile_cell_is_an_exception_by_name() {
    compare(CELLS.map(|(old, new, want)| {
        assert!(ROW.contains(old), "{old}");
        (new.to_owned(), want, read(&format!("{HEADER}\n{}\n", ROW.replacen(old, new, 1))))
    }));
}

#[test]
fn hostile_lines_do_not_take_the_others_with_them() {
    let unclosed = format!("{HEADER}\n{ROW}\n\"{ROW}\n");
    let import = openfema::read(&unclosed, RegionTree::builtin()).unwrap();
    assert_eq!((import.areas, import.exceptions.len()), (1, 1));
    let twice = format!("{HEADER}\r\n{ROW}\r\n{ROW}\r\n\r\n");
    let import = openfema::read(&twice, RegionTree::builtin()).unwrap();
    assert_eq!(
        import.exceptions[0].to_string(),
        "line 3: DR-4706-OK, Cleveland (County): the same area as line 2: its programmes were added there"
    );
}
