//! Any text is a list of disasters or a reason; every row is an area or a named exception.
#![no_main]

use chrono::NaiveDate;
use forbear::feed::openfema;
use forbear_engine::declaration::Declaration;
use forbear_engine::region::RegionTree;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let tree = RegionTree::builtin();
    let import = match openfema::read(text, tree) {
        Ok(import) => import,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert_eq!(import.rows, import.areas + import.exceptions.len());
    let areas: usize = import.declarations.iter().map(|declaration| declaration.areas.len()).sum();
    assert_eq!(import.areas, areas);
    for exception in &import.exceptions {
        assert!(exception.line >= 1 && !exception.to_string().is_empty());
    }
    let day = NaiveDate::from_ymd_opt(2024, 7, 1).expect("a day");
    for declaration in &import.declarations {
        assert_eq!(declaration.validate(tree), [], "{declaration:?}");
        let printed = serde_json::to_string(declaration).expect("a declaration prints");
        let again: Declaration = serde_json::from_str(&printed).expect("as printed");
        assert_eq!(&again, declaration);
        assert!(declaration.as_of(day, tree).is_ok());
    }
});
