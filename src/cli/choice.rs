//! What a borrower chose and accepted, held against the policies: a slip of the pen must not pass in silence.

use anyhow::{bail, ensure};
use forbear_engine::policy::Program;
use forbear_engine::request::Request;
use serde_json::Value;

/// Checks the choices and the accepted offer of a request.
///
/// # Errors
/// A benefit that no policy has or that leaves nothing to the borrower, a number out of its bounds; what there is.
pub fn check(request: &Request, policies: &[Program]) -> anyhow::Result<()> {
    let benefits: Vec<(String, Value)> = policies.iter().flat_map(benefits).collect();
    let choice = |(_, one): &'_ (String, Value)| {
        let (from, up_to) = bounds(one)?;
        Some((id(one)?.to_owned(), from, up_to))
    };
    let free: Vec<(String, i64, i64)> = benefits.iter().filter_map(choice).collect();
    for (benefit, number) in &request.choices {
        let own: Vec<_> = free.iter().filter(|(id, _, _)| id == benefit).collect();
        let number = i64::from(*number);
        if own.is_empty() {
            let there: Vec<String> = free.iter().map(|(id, from, up_to)| format!("{id} ({from} to {up_to})")).collect();
            let there =
                if there.is_empty() { "none does".to_owned() } else { format!("there is {}", there.join(", ")) };
            bail!("--choose: no benefit {benefit} leaves a number to the borrower; {there}");
        }
        let bounds =
            || own.iter().map(|(_, from, up_to)| format!("{from} to {up_to}")).collect::<Vec<_>>().join(" or ");
        let fits = own.iter().any(|(_, from, up_to)| (*from..=*up_to).contains(&number));
        ensure!(fits, "--choose: {benefit} is a number from {}, not {number}", bounds());
    }
    if let Some(wanted) = &request.accepts {
        let names: Vec<String> =
            benefits.iter().filter_map(|(slug, one)| Some(format!("{slug}/{}", id(one)?))).collect();
        ensure!(names.contains(wanted), "--accepts: there is no {wanted}; there is {}", names.join(", "));
    }
    Ok(())
}

/// The benefits of a policy as they are written, each with the policy's name.
fn benefits(program: &Program) -> Vec<(String, Value)> {
    let document = serde_json::to_value(&program.document).unwrap_or_default();
    let rules = document.pointer("/rules").and_then(Value::as_array).cloned().unwrap_or_default();
    let benefits = rules.iter().filter_map(|rule| rule.pointer("/benefits")?.as_array()).flatten();
    benefits.map(|benefit| (program.slug().to_owned(), benefit.clone())).collect()
}

fn id(benefit: &Value) -> Option<&str> {
    benefit.pointer("/id")?.as_str()
}

/// The bounds of a number that is left to the borrower, anywhere in a benefit.
fn bounds(value: &Value) -> Option<(i64, i64)> {
    if let Some(choose) = value.get("choose").filter(|choose| choose.get("by").is_some_and(|by| by == "borrower")) {
        return Some((choose.get("from")?.as_i64()?, choose.get("up_to")?.as_i64()?));
    }
    match value {
        Value::Object(members) => members.values().find_map(bounds),
        Value::Array(items) => items.iter().find_map(bounds),
        _ => None,
    }
}
