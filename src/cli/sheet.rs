//! A decision as text: outcome, what each policy grants and why, questions, offers, receipt.

use forbear_engine::decide::{Decision, Outcome};
use forbear_engine::explain::Voice;
use forbear_engine::explain::spoken::{Spoken, SpokenBenefit, SpokenClaim};

/// The decision without its tables.
#[must_use]
pub fn decision(decision: &Decision, spoken: &Spoken, voice: &Voice<'_>) -> String {
    let mut text = head(decision, spoken, voice);
    for claim in &spoken.claims {
        text.push_str(&claim_head(claim, voice));
        text.push_str(&claim_body(claim, voice));
    }
    text.push_str(&offers(spoken, voice));
    text
}

/// The first lines.
#[must_use]
pub fn head(decision: &Decision, spoken: &Spoken, voice: &Voice<'_>) -> String {
    let Decision { account, decided_on, .. } = decision;
    let outcome = &spoken.outcome;
    let [zh, en] = [
        format!("账户 {account}，{decided_on} 决定：{outcome}\n"),
        format!("Account {account}, decided on {decided_on}: {outcome}\n"),
    ];
    let mut text = pick(voice, zh, en);
    if spoken.claims.is_empty() {
        text.push_str(voice.language.of([
            "没有适用于这些灾害认定的有效政策。\n",
            "No policy in force is for a disaster of these declarations.\n",
        ]));
    }
    text
}

/// Which policy, for what, and how it ends.
#[must_use]
pub fn claim_head(claim: &SpokenClaim, voice: &Voice<'_>) -> String {
    let SpokenClaim { policy, version, declaration, outcome, .. } = claim;
    let [zh, en] = [
        format!("\n{policy}：{outcome}\n  {version}；{declaration}\n"),
        format!("\n{policy}: {outcome}\n  {version}; {declaration}\n"),
    ];
    pick(voice, zh, en)
}

/// Rules, reasons, benefits, questions, notes.
#[must_use]
pub fn claim_body(claim: &SpokenClaim, voice: &Voice<'_>) -> String {
    let mut text = String::new();
    if !claim.rules.is_empty() {
        let rules = claim.rules.join(voice.language.of(["；", "; "]));
        text.push_str(&format!("  {}{rules}\n", voice.language.of(["适用规则：", "rules that apply: "])));
    }
    for reason in &claim.reasons {
        text.push_str(&format!("  {}{reason}\n", voice.language.of(["原因：", "because: "])));
    }
    text.push_str(&changes(claim, voice));
    for benefit in &claim.benefits {
        text.push_str(&self::benefit(benefit, voice));
    }
    if !claim.questions.is_empty() {
        text.push_str(voice.language.of(["  须向借款人询问：\n", "  questions for the borrower:\n"]));
    }
    for question in &claim.questions {
        let fact = &question.fact;
        text.push_str(&format!("    ? {}\n      --answer {fact}=<{}>\n", question.text, question.form));
    }
    for note in &claim.notes {
        text.push_str(&format!("  · {note}\n"));
    }
    text
}

/// For a decline: what would have to change.
fn changes(claim: &SpokenClaim, voice: &Voice<'_>) -> String {
    let mut text = String::new();
    if claim.changes.is_empty() {
        return text;
    }
    text.push_str(match claim.changes.len() {
        1 => voice.language.of(["  须改变的条件：\n", "  what would have to change:\n"]),
        _ => {
            voice.language.of(["  须改变的条件（任一即可）：\n", "  what would have to change (any one is enough):\n"])
        }
    });
    for set in &claim.changes {
        text.push_str(&format!("    - {}\n", set.join(voice.language.of(["；并且", "; and "]))));
    }
    text
}

fn benefit(benefit: &SpokenBenefit, voice: &Voice<'_>) -> String {
    let symbol = match benefit.outcome {
        Outcome::Granted => "✓",
        Outcome::Declined => "✗",
        Outcome::NeedsInformation => "?",
        Outcome::Referred => "→",
    };
    let mut text = format!("  {symbol} {}  [{}]\n", benefit.title, benefit.result);
    for effect in &benefit.effects {
        text.push_str(&format!("      {effect}\n"));
    }
    for reason in &benefit.reasons {
        text.push_str(&format!("      {}{reason}\n", voice.language.of(["说明：", "note: "])));
    }
    if benefit.consent && benefit.outcome == Outcome::Granted {
        text.push_str(
            voice.language.of(["      须经借款人同意后生效\n", "      takes effect when the borrower agrees\n"]),
        );
    }
    text
}

/// Offers in words.
#[must_use]
pub fn offers(spoken: &Spoken, voice: &Voice<'_>) -> String {
    if spoken.offers.is_empty() {
        return String::new();
    }
    let mut text = voice
        .language
        .of(["\n可选方案（任选其一，同意后生效）\n", "\nOffers: the borrower takes one of them\n"])
        .to_owned();
    for (at, offer) in spoken.offers.iter().enumerate() {
        text.push_str(&format!("  {}. {}\n", at.saturating_add(1), offer.title));
        for effect in &offer.effects {
            text.push_str(&format!("      {effect}\n"));
        }
        text.push_str(&format!("      --accepts {}\n", offer.offer));
    }
    text
}

/// What the decision was made from.
#[must_use]
pub fn receipt(decision: &Decision, voice: &Voice<'_>) -> String {
    let Some(receipt) = &decision.receipt else { return String::new() };
    let mut text = format!(
        "\n{}forbear {} · {} {}\n",
        voice.language.of(["凭据：", "Receipt: "]),
        receipt.engine,
        voice.language.of(["输入", "inputs"]),
        receipt.inputs
    );
    for claim in &decision.policies {
        text.push_str(&format!("  {} v{} {}\n", claim.policy, claim.version, claim.digest));
    }
    text
}

fn pick(voice: &Voice<'_>, zh: String, en: String) -> String {
    match voice.language {
        forbear_engine::text::Language::Chinese => zh,
        forbear_engine::text::Language::English => en,
    }
}
