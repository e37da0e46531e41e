//! `forbear schema`: the JSON Schema of policies, for editors.

use std::io::Write;

use forbear_engine::policy::check::policy_schema;

/// Print the JSON Schema of policies.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// The schema as it is printed and kept in `policies/policy.schema.json`.
///
/// # Errors
/// It cannot be written as JSON; that would be a fault of this program.
pub fn text() -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(&policy_schema())?))
}

/// Prints the schema.
///
/// # Errors
/// The output is closed.
pub fn run(_args: &Args) -> anyhow::Result<()> {
    std::io::stdout().write_all(text()?.as_bytes())?;
    Ok(())
}
