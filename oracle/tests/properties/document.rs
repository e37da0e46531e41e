//! Documents: what is printed reads as it was.

use forbear_engine::declaration::Declaration;
use forbear_engine::policy::Policy;
use forbear_engine::policy::check::{CheckSettings, check};
use forbear_oracle::generate::CASES_PER_WORLD;

use super::ground::{Ground, Verdict};

/// Compiling costs more than deciding, so it is tried on a few cases of each world.
const EVERY: u64 = CASES_PER_WORLD / 4;

/// Policies, compiled again from their text, and declarations.
pub fn round_trip(ground: &Ground<'_>) -> Verdict {
    if !ground.case.seed.is_multiple_of(EVERY) {
        return Verdict::NotConcerned;
    }
    let settings = CheckSettings { today: None, attributes: ground.world.attributes.clone() };
    for (policy, program) in ground.world.policies.iter().zip(&ground.world.programs) {
        let text = serde_json::to_string_pretty(policy).unwrap();
        let read = serde_json::from_str::<Policy>(&text).unwrap();
        let again = check(&text, &settings).program.map(|program| program.digest);
        if read != *policy || again.as_ref() != Some(&program.digest) {
            return Verdict::Broken(text);
        }
    }
    for declaration in &ground.world.declarations {
        let text = serde_json::to_string(declaration).unwrap();
        if serde_json::from_str::<Declaration>(&text).unwrap() != *declaration {
            return Verdict::Broken(text);
        }
    }
    Verdict::Held
}
