//! A whole decision in words: what a person reads instead of the data.

use serde::Serialize;

use super::effect::Told;
use super::{Voice, facts_of, program_of};
use crate::account::Position;
use crate::adjustment::Adjustment;
use crate::benefit::EngineError;
use crate::decide::decision::{BenefitDecision, Offer, TraceResult};
use crate::decide::{Claim, Decision, Inputs, Outcome};
use crate::facts::Facts;
use crate::policy::Program;
use crate::policy::facts::{FactRef, FactType};
use crate::policy::program::BenefitProgram;
use crate::reason::Reason;

/// A decision in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spoken {
    /// How it ends.
    pub outcome: String,
    /// What each policy says.
    pub claims: Vec<SpokenClaim>,
    /// The offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<SpokenOffer>,
}

/// A claim in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpokenClaim {
    /// The policy's title.
    pub policy: String,
    /// Its name and version.
    pub version: String,
    /// The declaration's title and amendment.
    pub declaration: String,
    /// How it ends.
    pub outcome: String,
    /// The rules that hold.
    pub rules: Vec<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// For a decline: what would have to change; each list is enough by itself.
    pub changes: Vec<Vec<String>>,
    /// What is asked.
    pub questions: Vec<SpokenQuestion>,
    /// What is granted, and what is not.
    pub benefits: Vec<SpokenBenefit>,
    /// What comes with it: evidence, what is awaited, opt-out, answer, approval.
    pub notes: Vec<String>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpokenQuestion {
    /// The fact that the answer fills in.
    pub fact: String,
    /// The question.
    pub text: String,
    /// What an answer looks like.
    pub form: String,
}

/// A benefit in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpokenBenefit {
    /// Its id.
    pub benefit: String,
    /// What people call it.
    pub title: String,
    /// How it ends.
    pub outcome: Outcome,
    /// The same in a word.
    pub result: String,
    /// What it does, a sentence each.
    pub effects: Vec<String>,
    /// Why, or what else is to be known.
    pub reasons: Vec<String>,
    /// Whether the borrower has to agree first.
    pub consent: bool,
}

/// An offer in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpokenOffer {
    /// `policy/benefit`: what a request accepts.
    pub offer: String,
    /// What people call it.
    pub title: String,
    /// What it would do.
    pub effects: Vec<String>,
}

/// Puts a decision into words, from the inputs that it was made from.
///
/// # Errors
/// Amounts or dates leave their range.
pub fn speak(inputs: &Inputs<'_>, decision: &Decision, voice: &Voice<'_>) -> Result<Spoken, EngineError> {
    let reported = Position::of(inputs.account, inputs.context.today);
    let before = reported.overlay(inputs.account, inputs.history.own(inputs.account.number()))?;
    let before = &before;
    let speaker = |claim| Speaker { inputs, voice, before, claim, program: program_of(inputs, claim) };
    let claims = decision.policies.iter().map(|claim| speaker(claim).claim()).collect::<Result<_, _>>()?;
    let mut offers = Vec::new();
    for offer in &decision.offers {
        let Some(claim) = decision.policies.iter().find(|claim| claim.policy == offer.policy) else { continue };
        offers.push(speaker(claim).offer(offer)?);
    }
    Ok(Spoken { outcome: voice.outcome(decision.outcome), claims, offers })
}

/// What one claim is spoken from.
struct Speaker<'a> {
    inputs: &'a Inputs<'a>,
    voice: &'a Voice<'a>,
    before: &'a Position,
    claim: &'a Claim,
    program: Option<&'a Program>,
}

impl<'a> Speaker<'a> {
    fn facts(&self) -> Option<Facts<'a>> {
        facts_of(self.inputs, self.claim, self.before)
    }

    fn claim(&self) -> Result<SpokenClaim, EngineError> {
        let (voice, claim) = (self.voice, self.claim);
        let facts = self.facts();
        let title = self.program.map(|program| program.document.title.get(voice.language).to_owned());
        let mut benefits = Vec::new();
        for benefit in &claim.benefits {
            benefits.push(self.benefit(benefit, facts.as_ref())?);
        }
        let rule = |id: &String| self.program.map_or_else(|| id.clone(), |program| voice.rule_title(program, id));
        Ok(SpokenClaim {
            policy: title.unwrap_or_else(|| claim.policy.clone()),
            version: voice.say(
                format!("{} 第 {} 版", claim.policy, claim.version),
                format!("{} version {}", claim.policy, claim.version),
            ),
            declaration: self.declaration(),
            outcome: voice.outcome(claim.outcome),
            rules: claim.rules.iter().map(rule).collect(),
            reasons: claim
                .reasons
                .iter()
                .map(|reason| voice.reason(reason, self.program, self.inputs.policies))
                .collect(),
            changes: claim
                .would_have_to_change
                .iter()
                .map(|set| set.iter().filter_map(|id| self.change(id, facts.as_ref())).collect())
                .collect(),
            questions: claim.questions.iter().map(|fact| voice.question(fact)).collect(),
            benefits,
            notes: self.notes(facts.as_ref()),
        })
    }

    fn declaration(&self) -> String {
        let (voice, claim) = (self.voice, self.claim);
        let declared = self.inputs.declarations.iter().find(|declared| declared.declaration == claim.declaration);
        let title = declared.map_or(claim.declaration.as_str(), |declared| declared.title.get(voice.language));
        match claim.amendment {
            0 => title.to_owned(),
            number => voice.say(format!("{title}（第 {number} 次修订）"), format!("{title} (amendment {number})")),
        }
    }

    fn benefit(&self, benefit: &BenefitDecision, facts: Option<&Facts<'_>>) -> Result<SpokenBenefit, EngineError> {
        let voice = self.voice;
        let offered = benefit.reasons.contains(&Reason::Offered);
        let reasons = benefit.reasons.iter().filter(|reason| **reason != Reason::Offered);
        Ok(SpokenBenefit {
            result: if offered {
                voice.say("可选方案", "offered, see below")
            } else {
                voice.outcome(benefit.outcome)
            },
            benefit: benefit.benefit.clone(),
            title: self.title(&benefit.benefit),
            outcome: benefit.outcome,
            effects: self.effects(&benefit.benefit, &benefit.adjustments, facts)?,
            reasons: reasons.map(|reason| voice.reason(reason, self.program, self.inputs.policies)).collect(),
            consent: benefit.consent,
        })
    }

    fn offer(&self, offer: &Offer) -> Result<SpokenOffer, EngineError> {
        let facts = self.facts();
        Ok(SpokenOffer {
            offer: offer.offer.clone(),
            title: self.title(&offer.benefit),
            effects: self.effects(&offer.benefit, &offer.adjustments, facts.as_ref())?,
        })
    }

    fn title(&self, benefit: &str) -> String {
        self.program.map_or_else(|| benefit.to_owned(), |program| self.voice.benefit_title(program, benefit))
    }

    fn effects(
        &self,
        benefit: &str,
        adjustments: &[Adjustment],
        facts: Option<&Facts<'_>>,
    ) -> Result<Vec<String>, EngineError> {
        let find = |program: &Program| -> Option<BenefitProgram> {
            program.rules.iter().flat_map(|rule| &rule.benefits).find(|one| one.id == benefit).cloned()
        };
        let found = self.program.and_then(find);
        let told = Told { before: self.before, program: self.program, benefit: found.as_ref(), facts };
        Ok(self.voice.effects(adjustments, told)?)
    }

    /// A test that would have to come out differently, with what it saw.
    fn change(&self, id: &str, facts: Option<&Facts<'_>>) -> Option<String> {
        let (voice, program) = (self.voice, self.program?);
        let at = program.tests.iter().position(|test| test.id == id)?;
        let test = program.tests.get(at)?;
        let sentence = voice.sentence(program, test, facts);
        let entry = self.claim.trace.get(at)?;
        let slot = program.slots.get(test.slot)?;
        let saw = match (entry.result, facts) {
            (TraceResult::NotEvaluated, Some(facts)) => voice.shows(slot, facts),
            _ => voice.saw(entry, slot.of),
        };
        // Under `not`, it is what holds that is in the way.
        let sentence = if entry.result == TraceResult::True {
            voice.say(format!("不再是：{sentence}"), format!("no longer: {sentence}"))
        } else {
            sentence
        };
        Some(voice.say(format!("{sentence}（现为：{saw}）"), format!("{sentence} (now: {saw})")))
    }

    fn notes(&self, facts: Option<&Facts<'_>>) -> Vec<String> {
        let (voice, claim) = (self.voice, self.claim);
        let mut notes = Vec::new();
        if let Some(awaiting) = &claim.awaiting {
            let sentence = |id: &String| {
                let test = self.program.and_then(|program| program.tests.iter().find(|test| test.id == *id));
                match (self.program, test) {
                    (Some(program), Some(test)) => voice.sentence(program, test, facts),
                    _ => id.clone(),
                }
            };
            let tests = voice.and(&awaiting.tests.iter().map(sentence).collect::<Vec<_>>());
            let by = awaiting.by;
            notes.push(voice.say(
                format!("须先在 {by} 前满足：{tests}；此前不入账"),
                format!("nothing takes effect before this comes true, by {by}: {tests}"),
            ));
        }
        for evidence in &claim.evidence {
            let (kind, due) = (voice.name(&evidence.kind), voice.evidence_due(evidence.due));
            let due = if evidence.supplied { voice.say("已提交", "supplied") } else { due };
            notes.push(voice.say(format!("材料：{kind}（{due}）"), format!("evidence: {kind} ({due})")));
        }
        if let Some(by) = claim.opt_out_by {
            notes.push(voice.say(
                format!("主动给予，无须申请；借款人可在 {by} 前退出"),
                format!("given without a request; the borrower can undo it until {by}"),
            ));
        }
        if let Some(by) = claim.answer_by {
            notes.push(voice.say(format!("机构应在 {by} 前答复"), format!("the lender answers by {by}")));
        }
        notes.extend(self.approval());
        notes
    }

    fn approval(&self) -> Option<String> {
        let (voice, approval) = (self.voice, self.claim.approval.as_ref()?);
        let people = match approval.people {
            0 => voice.say("自动办理，无须人工审批", "no approval is needed"),
            1 => voice.say("须一人审批", "one person has to approve"),
            count => voice.say(format!("须 {count} 人审批"), format!("{count} people have to approve")),
        };
        let (measured, deferred) = (voice.money(&approval.measured), voice.money(&approval.deferred));
        Some(voice.say(
            format!("{people}（减免及现值损失{measured}，延期本金{deferred}）"),
            format!("{people} (given and lost in present value: {measured}; principal deferred: {deferred})"),
        ))
    }
}

impl Voice<'_> {
    /// The question for a fact, with the role's word filled in.
    #[must_use]
    pub fn question(&self, name: &str) -> SpokenQuestion {
        let Some((fact, of)) = FactRef::find(name, self.attributes) else {
            return SpokenQuestion { fact: name.to_owned(), text: name.to_owned(), form: String::new() };
        };
        let own = fact.of.as_ref().filter(|_| fact.entry().is_none_or(|entry| entry.name.starts_with("attributes.")));
        let ask = match own.and_then(|own| self.attributes.get(own)) {
            Some(attribute) => attribute.ask.as_ref().map(|ask| ask.get(self.language).to_owned()),
            None => fact.entry().and_then(|entry| entry.ask).map(|ask| self.language.of(ask).to_owned()),
        };
        let role = fact.of.as_deref().map(|role| self.role(role)).unwrap_or_default();
        let text = ask.unwrap_or_else(|| self.title(&fact)).replace("{role}", &role);
        let form = match of {
            FactType::Bool => self.say("是或否", "yes or no"),
            FactType::Region => self.say("县级区划代码；没有则填 none", "a county's code; none if there is none"),
            other => other.describe(),
        };
        SpokenQuestion { fact: name.to_owned(), text, form }
    }
}
