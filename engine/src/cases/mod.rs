//! Cases: small scenarios with the decision that they should lead to, run by `forbear test`.

pub mod coverage;
pub mod document;
pub mod run;

pub use coverage::Coverage;
pub use document::CaseFile;
pub use run::{CaseResult, run};
