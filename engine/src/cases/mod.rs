//! Cases: small scenarios with the decision that they should lead to, run by `forbear test`; and kept decisions, with
//! the decision that they once led to, made again by `forbear replay`.

pub mod coverage;
pub mod difference;
pub mod document;
pub mod kept;
pub mod run;

pub use coverage::Coverage;
pub use document::CaseFile;
pub use kept::Corpus;
pub use run::{CaseResult, run};
