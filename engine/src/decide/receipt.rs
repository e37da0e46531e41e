//! The receipt: what a decision was made from, so that it can be made again.

use serde::Serialize;

use super::Inputs;
use super::decision::Receipt;
use crate::account::Account;
use crate::context::Context;
use crate::digest::digest;
use crate::history::History;
use crate::request::Request;

/// What is digested: policies and declarations by their own digests, everything else whole.
#[derive(Serialize)]
struct Sealed<'a> {
    policies: Vec<(&'a str, u32, &'a str)>,
    declarations: Vec<(&'a str, u32, &'a str)>,
    account: Account,
    request: Option<&'a Request>,
    history: &'a History,
    context: &'a Context,
}

/// Engine version and digest of the inputs.
#[must_use]
pub fn receipt(inputs: &Inputs<'_>) -> Receipt {
    let mut policies: Vec<_> = inputs
        .policies
        .iter()
        .map(|program| (program.slug(), program.document.version, program.digest.as_str()))
        .collect();
    policies.sort_unstable();
    let mut declarations: Vec<_> = inputs
        .declarations
        .iter()
        .map(|declared| (declared.declaration.as_str(), declared.amendment, declared.digest.as_str()))
        .collect();
    declarations.sort_unstable();
    let sealed = Sealed {
        policies,
        declarations,
        account: inputs.account.to_account(),
        request: inputs.request,
        history: inputs.history,
        context: inputs.context,
    };
    // Nothing in the inputs is without a canonical form: keys are text.
    Receipt { engine: env!("CARGO_PKG_VERSION").to_owned(), inputs: digest(&sealed).unwrap_or_default() }
}
