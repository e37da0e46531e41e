//! Any text is a policy or a list of problems with places, and an accepted policy is accepted again as printed.
#![no_main]

use forbear_engine::policy::check::{CheckSettings, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let settings = CheckSettings::default();
    let checked = check(text, &settings);
    assert_eq!(checked.program.is_none(), checked.has_errors(), "accepted or refused: {:?}", checked.problems);
    for found in &checked.problems {
        assert!(text.get(found.span.clone()).is_some(), "{:?} lies outside the text", found.span);
        assert!(found.line >= 1 && found.column >= 1 && !found.problem.message.is_empty());
    }
    let Some(program) = checked.program else { return };
    let printed = serde_json::to_string(&program.document).expect("a policy prints");
    let again = check(&printed, &settings);
    let program_again = again.program.unwrap_or_else(|| panic!("{printed}: {:?}", again.problems));
    assert_eq!(program_again.document, program.document);
    assert_eq!(program_again.tests, program.tests);
});
