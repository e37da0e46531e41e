//! The OpenAPI document: what the handlers say of themselves, and what is the same for all of them.

use serde_json::{Map, Value, json};

use super::rules::{self, Rule};

/// What any route may answer.
const ANY: [(&str, &str); 7] = [
    ("400", "What was sent cannot be read: the path, the query, a header or the body"),
    ("401", "Nobody is signed in"),
    ("403", "The caller may not, or the request comes from another site"),
    ("404", "There is no such thing, or not for this caller"),
    ("429", "The caller calls too often: wait as long as Retry-After says"),
    ("500", "Something failed; it is logged"),
    ("503", "Many do the same at once: try again"),
];

/// What a route may answer besides that changes something.
const CHANGES: [(&str, &str); 3] = [
    ("409", "It does not fit where things stand"),
    ("413", "The body is larger than what is taken"),
    ("422", "What was sent cannot be used, or the Idempotency-Key came with another body before"),
];

/// The document with what is the same for all routes.
#[must_use]
pub(super) fn complete(mut document: Value) -> Value {
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, methods) in paths {
            for (method, operation) in methods.as_object_mut().into_iter().flatten() {
                let rule =
                    rules::RULES.iter().find(|rule| rule.path == path && rule.method.eq_ignore_ascii_case(method));
                if let (Some(rule), Some(operation)) = (rule, operation.as_object_mut()) {
                    describe(operation, rule);
                }
            }
        }
    }
    let schemes = json!({
        "token": {"type": "http", "scheme": "bearer", "description": "A token of Forbear, or of the lender's issuer"},
        "session": {"type": "apiKey", "in": "cookie", "name": super::desk::COOKIE},
    });
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("securitySchemes".to_owned(), schemes);
    }
    document
}

fn describe(operation: &mut Map<String, Value>, rule: &Rule) {
    if !rule.may.is_empty() {
        operation.insert("security".to_owned(), json!([{"token": []}, {"session": []}]));
        let roles: Vec<&str> = rule.may.iter().map(|role| role.name()).collect();
        operation.insert("x-roles".to_owned(), json!(roles));
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else { return };
    let changes = CHANGES.iter().filter(|_| rule.method != "GET");
    for (status, description) in ANY.iter().chain(changes) {
        if !responses.contains_key(*status) {
            responses.insert((*status).to_owned(), json!({"description": description, "content": problem()}));
        }
    }
    for (status, response) in responses.iter_mut() {
        let is_problem = status.starts_with(['4', '5']);
        if let Some(response) = response.as_object_mut().filter(|_| is_problem) {
            response.insert("content".to_owned(), problem());
        }
    }
}

/// The content of a problem.
fn problem() -> Value {
    json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}})
}
