//! A decision in words and figures, as whoever approves it reads it: why, test by test, what every payment is before and
//! after, and what a reviewer has to find.

use forbear_engine::account::Position;
use forbear_engine::adjustment::Adjustment;
use forbear_engine::decide::decision::TraceResult;
use forbear_engine::decide::{Claim, Decision, Inputs, Outcome};
use forbear_engine::explain::compare::{Comparison, compare};
use forbear_engine::explain::spoken::{Spoken, speak};
use forbear_engine::explain::trace::TraceLine;
use forbear_engine::explain::{Voice, facts_of, program_of};
use forbear_engine::policy::document::Chooser;
use forbear_engine::policy::facts::{FactGroup, FactType};
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;

use super::decide::Kept;
use super::reverse::still_held;
use super::told::{Choice, choices};
use crate::service::access::Principal;
use crate::service::{Served, Service, ServiceError};
use crate::store::decision::{self, DecisionRow};
use crate::store::grant::{self, ApprovalRow, GrantRow};
use crate::store::journal::{self, EntryRow, LineRow};
use crate::store::review::{self, ReviewRow};
use crate::store::{Connection, account, request};

/// A decision in words and figures.
pub struct ToldDecision {
    /// The decision.
    pub row: DecisionRow,
    /// The account's number.
    pub account: String,
    /// What its borrower calls the request by.
    pub case_number: Option<String>,
    /// In words.
    pub spoken: Spoken,
    /// Every test of each claim, in the order of the claims.
    pub traces: Vec<Vec<TraceLine>>,
    /// Every payment before and after, with all its grants that stand; none where it gives nothing.
    pub compared: Option<Comparison>,
    /// What the core system does not report and a reviewer can find.
    pub wanted: Vec<Wanted>,
    /// Numbers that are left to the reviewer.
    pub choices: Vec<Choice>,
    /// What it gave.
    pub grants: Vec<GrantRow>,
    /// What waits or waited for a person because of it.
    pub reviews: Vec<ReviewRow>,
}

/// A fact that the core system does not report.
pub struct Wanted {
    /// Its name.
    pub fact: String,
    /// What a policy demands of it.
    pub demand: String,
    /// Its type.
    pub of: FactType,
}

/// A grant with everything that somebody has to see who approves it or takes it back.
pub struct ToldGrant {
    /// It.
    pub row: GrantRow,
    /// Its decision.
    pub decision: ToldDecision,
    /// Who approved it.
    pub approvals: Vec<ApprovalRow>,
    /// Its entries in the journal.
    pub entries: Vec<(EntryRow, Vec<LineRow>)>,
    /// Why the core system refused to take it back, where it did.
    pub still_held: Option<String>,
}

impl Service {
    /// A decision in words and figures.
    ///
    /// # Errors
    /// There is none for this caller, or amounts leave their range.
    pub fn tell_decision(&self, caller: &Principal, id: i64, language: Language) -> Served<ToldDecision> {
        self.store.read(|conn| {
            let row = decision::find(conn, id)?.ok_or(ServiceError::Missing("decision"))?;
            caller.may_see(conn, row.account_id)?;
            self.told_decision(conn, row, language)
        })
    }

    /// A grant with its decision, approvals and entries.
    ///
    /// # Errors
    /// There is none for this caller, or amounts leave their range.
    pub fn tell_grant(&self, caller: &Principal, id: i64, language: Language) -> Served<ToldGrant> {
        self.store.read(|conn| {
            let row = grant::find(conn, id)?.ok_or(ServiceError::Missing("grant"))?;
            caller.may_see(conn, row.account_id)?;
            let made = decision::find(conn, row.decision_id)?.ok_or(ServiceError::Missing("decision"))?;
            Ok(ToldGrant {
                decision: self.told_decision(conn, made, language)?,
                approvals: grant::approvals(conn, id)?,
                entries: journal::of_grant(conn, id)?,
                still_held: still_held(conn, &row)?,
                row,
            })
        })
    }

    fn told_decision(&self, conn: &mut Connection, row: DecisionRow, language: Language) -> Served<ToldDecision> {
        let voice = Voice { language, regions: RegionTree::builtin(), attributes: &self.lender.attributes };
        let own = account::get(conn, row.account_id)?.ok_or(ServiceError::Missing("account"))?;
        let of_request = match row.request_id {
            Some(id) => request::find(conn, id)?,
            None => None,
        };
        let grants = grant::of_decision(conn, row.id)?;
        let kept = Kept::load(conn, &row)?;
        let (spoken, traces, wanted, left, compared) = kept.tell(|inputs, decision| {
            let spoken = speak(inputs, decision, &voice).map_err(ServiceError::unknown)?;
            let (traces, wanted) = traced(inputs, decision, &voice)?;
            let left = choices(inputs, decision, &voice, Chooser::Reviewer);
            let given = given(&grants)?;
            let compared = if given.is_empty() {
                None
            } else {
                Some(
                    compare(&kept.report, inputs.history, &given, decision.decided_on)
                        .map_err(ServiceError::unknown)?,
                )
            };
            Ok((spoken, traces, wanted, left, compared))
        })?;
        let reviews = review::of_decision(conn, row.id)?;
        let case_number = of_request.map(|own| own.case_number);
        Ok(ToldDecision {
            row,
            account: own.number,
            case_number,
            spoken,
            traces,
            compared,
            wanted,
            choices: left,
            grants,
            reviews,
        })
    }
}

/// What grants do together that are not turned down.
fn given(grants: &[GrantRow]) -> Served<Vec<Adjustment>> {
    let mut all = Vec::new();
    for grant in grants.iter().filter(|grant| grant.state != "rejected") {
        let own: Vec<Adjustment> = serde_json::from_str(&grant.adjustments).map_err(ServiceError::unknown)?;
        all.extend(own);
    }
    Ok(all)
}

type Traced = (Vec<Vec<TraceLine>>, Vec<Wanted>);

/// The tests of each claim, and the facts among them that nobody reported.
fn traced(inputs: &Inputs<'_>, decision: &Decision, voice: &Voice<'_>) -> Served<Traced> {
    let position = Position::of(inputs.account, inputs.context.today);
    let before =
        position.overlay(inputs.account, inputs.history.own(&decision.account)).map_err(ServiceError::unknown)?;
    let (mut traces, mut wanted) = (Vec::new(), Vec::new());
    for claim in &decision.policies {
        let facts = facts_of(inputs, claim, &before);
        let Some(program) = program_of(inputs, claim) else {
            traces.push(Vec::new());
            continue;
        };
        traces.push(voice.trace(program, claim, facts.as_ref()));
        for (test, slot) in unreported(claim, program) {
            let fact = slot.fact.name();
            if wanted.iter().all(|known: &Wanted| known.fact != fact) {
                let demand = voice.sentence(program, test, facts.as_ref());
                wanted.push(Wanted { fact, demand, of: slot.of });
            }
        }
    }
    Ok((traces, wanted))
}

type Asked<'p> = (&'p forbear_engine::policy::program::Test, &'p forbear_engine::policy::program::Slot);

/// The tests of a claim that nobody could answer, of facts that a reviewer can find.
fn unreported<'p>(claim: &Claim, program: &'p forbear_engine::policy::Program) -> Vec<Asked<'p>> {
    if claim.outcome == Outcome::Declined {
        return Vec::new();
    }
    let unknown = claim.trace.iter().zip(&program.tests).filter(|(entry, _)| entry.result == TraceResult::Unknown);
    let found = unknown.filter_map(|(_, test)| Some((test, program.slots.get(test.slot)?)));
    let by_reviewer = |(_, slot): &Asked<'_>| {
        let group = slot.fact.id.group();
        matches!(group, FactGroup::Account | FactGroup::Area | FactGroup::Borrower | FactGroup::Attribute)
    };
    found.filter(by_reviewer).collect()
}
