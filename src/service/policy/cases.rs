//! The cases of a version: kept beside its draft, run on demand and before it is handed in. They say what `forbear test`
//! says.

use forbear_engine::cases::document::Case;
use forbear_engine::cases::{CaseFile, Coverage, run};
use forbear_engine::digest::digest;
use forbear_engine::region::RegionTree;
use serde::Serialize;
use serde_json::json;

use super::shelf::compile;
use super::{PolicyRow, changed, found, named};
use crate::service::audit::{Actor, log};
use crate::service::error::pointer;
use crate::service::{Problem, Served, Service, ServiceError};
use crate::store::policy_case;
use crate::store::{Connection, policy};

pub use crate::store::policy_case::CaseRow;

/// Cases of a version, at most: they are run in one go.
const MOST: usize = 2_000;

/// Letters of a name, at most.
const LONGEST_NAME: usize = 80;

/// How the cases of a version went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// The digest of the version.
    pub digest: String,
    /// How many passed.
    pub passed: usize,
    /// How many came out differently.
    pub failed: usize,
    /// Each case, in order.
    pub cases: Vec<TestedCase>,
    /// Rules of the version.
    pub rules: usize,
    /// Conditions of the version.
    pub conditions: usize,
    /// Rules and conditions that no case exercises, or only one way.
    pub not_exercised: Vec<String>,
}

/// How one case went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestedCase {
    /// The name of its cases.
    pub cases: String,
    /// Its own name.
    pub case: String,
    /// Whether it passed.
    pub passed: bool,
    /// What came out differently.
    pub differences: Vec<CaseDifference>,
}

/// One thing that came out differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseDifference {
    /// Where it stands in the cases, a JSON pointer.
    pub pointer: String,
    /// What was expected, and what came.
    pub message: String,
}

impl Service {
    /// Keeps cases with a draft, in place of those of the same name.
    ///
    /// # Errors
    /// There is no such version, it is past being a draft, or the cases cannot be read.
    pub fn keep_cases(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        key: (&str, i32),
        name: &str,
        text: &str,
    ) -> Served<CaseRow> {
        let row = self.touch_draft(conn, key)?;
        usable_name(name)?;
        let file = read(text)?;
        let others = policy_case::of_policy(conn, row.id)?;
        let others = others.iter().filter(|other| other.name != name).map(|other| read(&other.body));
        let others = others.collect::<Served<Vec<CaseFile>>>()?;
        let all = others.iter().map(|other| other.cases.len()).sum::<usize>().saturating_add(file.cases.len());
        if all > MOST {
            let message = format!("a version has at most {MOST} cases, and would have {all}");
            return Err(ServiceError::invalid("/cases", message));
        }
        let digest = digest(&file).ok_or_else(|| ServiceError::invalid("", "the cases have no canonical form"))?;
        let now = self.clock.now();
        let kept = CaseRow {
            policy_id: row.id,
            name: name.to_owned(),
            digest,
            body: text.to_owned(),
            kept_by: actor.person.clone(),
            changed_at: now,
        };
        policy_case::keep(conn, &kept)?;
        let detail = json!({"cases": name, "digest": kept.digest});
        log(conn, now, actor, "policy.cases", &named(&row), &detail)?;
        Ok(kept)
    }

    /// What is wrong with cases as they are written; nothing where they can be kept.
    #[must_use]
    pub fn check_cases(&self, name: &str, text: &str) -> Vec<Problem> {
        match usable_name(name).and_then(|()| read(text)) {
            Err(ServiceError::Invalid(problems)) => problems,
            _ => Vec::new(),
        }
    }

    /// Removes cases from a draft; says which are left.
    ///
    /// # Errors
    /// There are none of that name, or the version is past being a draft.
    pub fn remove_cases(
        &self,
        conn: &mut Connection,
        actor: &Actor,
        key: (&str, i32),
        name: &str,
    ) -> Served<Vec<CaseRow>> {
        let row = self.touch_draft(conn, key)?;
        if !policy_case::remove(conn, row.id, name)? {
            return Err(ServiceError::Missing("cases"));
        }
        let detail = json!({"cases": name, "removed": true});
        log(conn, self.clock.now(), actor, "policy.cases", &named(&row), &detail)?;
        Ok(policy_case::of_policy(conn, row.id)?)
    }

    /// The cases of a version, by name.
    ///
    /// # Errors
    /// There is no such version.
    pub fn cases(&self, slug: &str, version: i32) -> Served<Vec<CaseRow>> {
        self.store.read(|conn| {
            let row = found(conn, slug, version)?;
            Ok(policy_case::of_policy(conn, row.id)?)
        })
    }

    /// Runs the cases of a version, beside its other versions that decide.
    ///
    /// # Errors
    /// There is no such version, or it no longer compiles.
    pub fn test_policy(&self, slug: &str, version: i32) -> Served<Tested> {
        self.store.read(|conn| {
            let row = found(conn, slug, version)?;
            self.tested(conn, &row)
        })
    }

    /// Nothing is handed in whose cases come out differently.
    pub(super) fn refuse_failing(&self, conn: &mut Connection, row: &PolicyRow) -> Served<Tested> {
        let tested = self.tested(conn, row)?;
        let first = tested.cases.iter().find(|case| !case.passed);
        let Some(first) = first else { return Ok(tested) };
        let why = first.differences.first().map(|one| format!("{} {}", one.pointer, one.message));
        let message = format!(
            "cases have to pass before a policy is submitted: {} of {} come out differently, the first is {} · {}: {}",
            tested.failed,
            tested.cases.len(),
            first.cases,
            first.case,
            why.unwrap_or_default()
        );
        Err(ServiceError::conflict("cases_fail", message))
    }

    fn tested(&self, conn: &mut Connection, row: &PolicyRow) -> Served<Tested> {
        let mut digests = vec![row.digest.clone()];
        digests.extend(policy::deciding_of(conn, &row.slug)?.into_iter().filter(|digest| *digest != row.digest));
        let versions = compile(conn, &digests, &self.lender.attributes)?;
        let own = versions.first().ok_or_else(|| ServiceError::unknown("a version did not compile"))?;
        let mut coverage = Coverage::default();
        let mut cases = Vec::new();
        for kept in policy_case::of_policy(conn, row.id)? {
            let file: CaseFile = serde_json::from_str(&kept.body).map_err(ServiceError::unknown)?;
            let results = run(&file, &versions, &self.lender.attributes, RegionTree::builtin(), &mut coverage);
            for (at, (result, case)) in results.into_iter().zip(&file.cases).enumerate() {
                let differences: Vec<CaseDifference> =
                    result.differences.iter().map(|said| placed(at, case, said)).collect();
                let passed = differences.is_empty();
                cases.push(TestedCase { cases: kept.name.clone(), case: result.name, passed, differences });
            }
        }
        let passed = cases.iter().filter(|case| case.passed).count();
        Ok(Tested {
            digest: row.digest.clone(),
            passed,
            failed: cases.len().saturating_sub(passed),
            cases,
            rules: own.rules.len(),
            conditions: own.tests.len(),
            not_exercised: coverage.gaps(own),
        })
    }

    /// A draft, marked as changed: nobody hands it in meanwhile.
    fn touch_draft(&self, conn: &mut Connection, (slug, version): (&str, i32)) -> Served<PolicyRow> {
        let row = found(conn, slug, version)?;
        if row.state != "draft" {
            let message = format!("{slug} {version} is {}: cases are changed with a draft", row.state);
            return Err(ServiceError::conflict("not_a_draft", message));
        }
        let row = PolicyRow { changed_at: self.clock.now(), ..row };
        changed(policy::update(conn, &row)?)?;
        Ok(row)
    }
}

fn read(text: &str) -> Served<CaseFile> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let file: CaseFile = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| ServiceError::invalid(&pointer(error.path()), error.inner().to_string()))?;
    reader.end().map_err(|error| ServiceError::invalid("", error.to_string()))?;
    if file.cases.is_empty() {
        return Err(ServiceError::invalid("/cases", "there is no case in it: write one at least, or remove the cases"));
    }
    Ok(file)
}

fn usable_name(name: &str) -> Served<()> {
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    if letters && !name.is_empty() && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let message = format!("the name of cases has letters, digits, `-`, `_` and `.`, at most {LONGEST_NAME}");
    Err(ServiceError::invalid("", message))
}

/// Where in the cases what a difference is about stands. A difference names it as `outcome`, or for a benefit as
/// `fees.waived`; what is wrong with the scenario is about the case as a whole.
fn placed(at: usize, case: &Case, said: &str) -> CaseDifference {
    let whole = || CaseDifference { pointer: format!("/cases/{at}"), message: said.to_owned() };
    let Some((what, message)) = said.split_once(": ") else { return whole() };
    let pointer = match what.rsplit_once('.') {
        Some((benefit, key)) if case.expect.benefits.contains_key(benefit) => {
            format!("/cases/{at}/expect/benefits/{}/{key}", escaped(benefit))
        }
        None if EXPECTED.contains(&what) => format!("/cases/{at}/expect/{what}"),
        _ => return whole(),
    };
    CaseDifference { pointer, message: message.to_owned() }
}

/// What a case may expect of the decision as a whole.
const EXPECTED: [&str; 10] =
    ["outcome", "because", "rule", "rules", "questions", "evidence", "approval", "offers", "amendment", "awaiting"];

fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
