//! Of several declarations of one event, the claim that stands.
//!
//! They are looked at like rules under `first`: one that gives comes before one that asks, that before one that a person
//! looks at, and among equals the first by name. An answer can move a claim up; where that would take the place of the
//! one that stands, its questions are asked too.

use super::claim::OpenClaim;
use super::decision::Outcome;

/// Elects one of the claims of a policy for an event, which come by the names of their declarations.
pub fn elect(claims: Vec<OpenClaim<'_>>) -> Option<OpenClaim<'_>> {
    let most = claims.iter().map(standing).max()?;
    let mut elected: Option<OpenClaim<'_>> = None;
    let mut asked: Vec<OpenClaim<'_>> = Vec::new();
    for claim in claims {
        match &elected {
            None if standing(&claim) == most => elected = Some(claim),
            // One that gives gives way to an earlier name alone.
            Some(_) if most == Outcome::Granted => {}
            _ => asked.push(claim),
        }
    }
    let mut elected = elected?;
    for other in asked.into_iter().filter(|other| !other.claim.questions.is_empty()) {
        let own = &mut elected.claim;
        for fact in other.claim.questions {
            if !own.questions.contains(&fact) {
                own.questions.push(fact);
            }
        }
        let exact = own.questions_exact.unwrap_or(true) && other.claim.questions_exact.unwrap_or(true);
        own.questions_exact = Some(exact);
    }
    Some(elected)
}

/// How a claim will end as far as its rules tell: a rule that refers does not give.
fn standing(open: &OpenClaim<'_>) -> Outcome {
    let mut rules = open.rules.iter().filter_map(|at| open.program.rules.get(*at)).peekable();
    let refers = rules.peek().is_some() && rules.all(|rule| rule.refer.is_some());
    if refers { Outcome::Referred } else { open.claim.outcome }
}
