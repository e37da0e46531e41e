//! People and money, by every question that finance asks. Currencies are never added together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forbear_engine::account::Snapshot;
use forbear_engine::account::snapshot::Bearer;
use forbear_engine::adjustment::Amounts;
use forbear_engine::decide::{Claim, Decision, Outcome};
use forbear_engine::money::{Currency, Money, MoneyError};
use forbear_engine::reason::Reason;
use serde::Serialize;

use super::Part;
use super::examine::{Examined, Preview};
use super::line::{Line, lines};
use super::place::Place;

/// How an account ends in a preview; every account ends in exactly one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Something is given without being asked for.
    GrantedProactively,
    /// Something is given if the borrower asks.
    GrantedOnRequest,
    /// The borrower has to answer more than is assumed.
    NeedsInformation,
    /// A person looks.
    Referred,
    /// Nothing is given.
    Declined,
    /// Amounts or dates of the account leave their range.
    NotComputable,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::GrantedProactively,
        Self::GrantedOnRequest,
        Self::NeedsInformation,
        Self::Referred,
        Self::Declined,
        Self::NotComputable,
    ];

    /// The ending of an account's two decisions. A question is settled by the second; a referral stays one.
    fn of(examined: &Examined) -> Self {
        let (first, second) = (examined.proactive.outcome, examined.request.as_ref().map(|decision| decision.outcome));
        match (first, second) {
            (Outcome::Granted, _) => Self::GrantedProactively,
            (_, Some(Outcome::Granted)) => Self::GrantedOnRequest,
            (Outcome::NeedsInformation, None) | (_, Some(Outcome::NeedsInformation)) => Self::NeedsInformation,
            (Outcome::Referred, _) | (_, Some(Outcome::Referred)) => Self::Referred,
            (Outcome::Declined | Outcome::NeedsInformation, _) => Self::Declined,
        }
    }
}

/// People and money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Accounts, each once.
    pub accounts: u64,
    /// The people who owe them; who owes two accounts counts twice.
    pub people: u64,
    /// Money, by kind.
    #[serde(flatten)]
    pub amounts: Amounts,
    /// Loss in present value at the original effective rate; below zero, a gain.
    pub present_value_loss: Money,
    /// The account that was counted last, so that none counts twice.
    #[serde(skip)]
    last: u64,
}

impl Figures {
    fn zero(currency: Currency) -> Self {
        Self {
            accounts: 0,
            people: 0,
            amounts: Amounts::zero(currency),
            present_value_loss: Money::zero(currency),
            last: 0,
        }
    }

    fn count(&mut self, line: &Line<'_>, account: u64, people: u64) -> Result<(), MoneyError> {
        if self.last != account {
            self.last = account;
            self.accounts = self.accounts.saturating_add(1);
            self.people = self.people.saturating_add(people);
        }
        self.amounts = self.amounts.add(&line.amounts)?;
        self.present_value_loss = self.present_value_loss.add(&line.present_value_loss)?;
        Ok(())
    }

    /// Adds the figures of other accounts.
    pub fn add(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.accounts = self.accounts.saturating_add(other.accounts);
        self.people = self.people.saturating_add(other.people);
        self.amounts = self.amounts.add(&other.amounts)?;
        self.present_value_loss = self.present_value_loss.add(&other.present_value_loss)?;
        self.last = 0;
        Ok(())
    }
}

/// Which benefit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BenefitKey {
    /// The policy.
    pub policy: String,
    /// The rule.
    pub rule: String,
    /// The benefit.
    pub benefit: String,
    /// Whether the borrower has to agree first.
    pub consent: bool,
}

/// Which rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleKey {
    /// The policy.
    pub policy: String,
    /// The rule.
    pub rule: String,
}

/// Why something was not given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReasonKey {
    /// The policy.
    pub policy: String,
    /// The benefit; none when it is about the policy as a whole.
    pub benefit: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The reason's code.
    pub code: &'static str,
    /// What it is about: a missing fact, a day, another policy.
    pub about: String,
    /// For a decline: the tests that would have to come out differently.
    pub tests: Vec<String>,
}

/// A table by some key, for one part and one currency.
pub type Table<K> = BTreeMap<(Part, Currency, K), Figures>;

/// What a preview comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Accounts.
    pub accounts: u64,
    /// The people who owe them.
    pub people: u64,
    /// How the accounts end: each in one way.
    pub endings: BTreeMap<Ending, u64>,
    /// Accounts decided in each part.
    pub decided: BTreeMap<Part, u64>,
    /// Everything that is given.
    pub total: Table<()>,
    /// By benefit.
    pub by_benefit: Table<BenefitKey>,
    /// By rule.
    pub by_rule: Table<RuleKey>,
    /// By who carries it.
    pub by_bearer: Table<Bearer>,
    /// By the region as recorded.
    pub by_region: Table<Place>,
    /// Why something was not given: accounts.
    pub reasons: BTreeMap<(Part, ReasonKey), (Reason, u64)>,
    /// What has to be asked: accounts, by fact.
    pub questions: BTreeMap<(Part, String), u64>,
    /// Where the borrower may choose: accounts, by offer. The first is counted in the money.
    pub offers: BTreeMap<(Part, String), u64>,
    /// How many people have to approve: decisions.
    pub approvals: BTreeMap<(Part, u8), u64>,
    /// Payments that fall due less (positive) or more in a month, by its first day.
    pub deferred_by_month: BTreeMap<(Part, Currency, NaiveDate), Money>,
    /// Decisions that move payments and whose loss in present value cannot be computed from what is reported.
    pub loss_unknown: BTreeMap<Part, u64>,
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, more: u64) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(more);
}

impl Tally {
    /// Counts one account; the lines of both decisions are handed to `write` on the way.
    ///
    /// # Errors
    /// The sums leave their range.
    pub fn count<'e>(
        &mut self,
        preview: &Preview<'_>,
        account: Snapshot<'_>,
        examined: &'e Examined,
        mut write: impl FnMut(&Line<'e>),
    ) -> Result<(), MoneyError> {
        let people = people(account);
        self.account(people, Ending::of(examined));
        let decisions = std::iter::once((Part::Proactive, &examined.proactive));
        for (part, decision) in decisions.chain(examined.request.iter().map(|decision| (Part::Request, decision))) {
            add(&mut self.decided, part, 1);
            for line in lines(preview, account, part, decision)? {
                self.line(&line, people)?;
                write(&line);
            }
            self.decision(part, decision)?;
        }
        Ok(())
    }

    /// Counts an account that cannot be computed.
    pub fn not_computable(&mut self, account: Snapshot<'_>) {
        self.account(people(account), Ending::NotComputable);
    }

    fn account(&mut self, people: u64, ending: Ending) {
        self.accounts = self.accounts.saturating_add(1);
        self.people = self.people.saturating_add(people);
        add(&mut self.endings, ending, 1);
    }

    fn line(&mut self, line: &Line<'_>, people: u64) -> Result<(), MoneyError> {
        let (part, currency) = (line.part, line.present_value_loss.currency());
        let (Some(benefit), Outcome::Granted) = (line.benefit, line.outcome) else { return Ok(()) };
        let policy = || line.claim.policy.clone();
        let rule = || benefit.rule.clone();
        let at = self.accounts;
        let zero = || Figures::zero(currency);
        let key =
            BenefitKey { policy: policy(), rule: rule(), benefit: benefit.benefit.clone(), consent: benefit.consent };
        self.total.entry((part, currency, ())).or_insert_with(zero).count(line, at, people)?;
        self.by_benefit.entry((part, currency, key)).or_insert_with(zero).count(line, at, people)?;
        let key = RuleKey { policy: policy(), rule: rule() };
        self.by_rule.entry((part, currency, key)).or_insert_with(zero).count(line, at, people)?;
        self.by_region.entry((part, currency, line.place)).or_insert_with(zero).count(line, at, people)?;
        if let Some(bearer) = line.bearer {
            self.by_bearer.entry((part, currency, bearer)).or_insert_with(zero).count(line, at, people)?;
        }
        Ok(())
    }

    fn decision(&mut self, part: Part, decision: &Decision) -> Result<(), MoneyError> {
        // An account counts once for each reason, however many declarations it was looked at for.
        let mut found: BTreeMap<ReasonKey, Reason> = BTreeMap::new();
        let questions: BTreeSet<&String> = decision.policies.iter().flat_map(|claim| &claim.questions).collect();
        for question in questions {
            add(&mut self.questions, (part, question.clone()), 1);
        }
        for claim in &decision.policies {
            for reason in &claim.reasons {
                let (reason, mut key) = keyed(claim, None, claim.outcome, reason);
                if matches!(reason, Reason::NotEligible | Reason::NoRule) {
                    // Of several changes that would help, the list names the first.
                    key.tests.extend(claim.would_have_to_change.first().into_iter().flatten().cloned());
                }
                found.insert(key, reason);
            }
            let whole = claim.outcome != Outcome::Granted;
            for benefit in claim.benefits.iter().filter(|one| !whole && one.outcome != Outcome::Granted) {
                for reason in &benefit.reasons {
                    let (reason, key) = keyed(claim, Some(&benefit.benefit), benefit.outcome, reason);
                    found.insert(key, reason);
                }
            }
        }
        for (key, reason) in found {
            let (_, count) = self.reasons.entry((part, key)).or_insert((reason, 0));
            *count = count.saturating_add(1);
        }
        for offer in &decision.offers {
            add(&mut self.offers, (part, offer.offer.clone()), 1);
        }
        let approvals = decision.policies.iter().filter_map(|claim| claim.approval.as_ref());
        if let Some(people) = approvals.map(|approval| approval.people).max() {
            add(&mut self.approvals, (part, people), 1);
        }
        for (month, money) in &decision.totals.deferred_by_month {
            let sum = self.deferred_by_month.entry((part, money.currency(), *month));
            let sum = sum.or_insert(Money::zero(money.currency()));
            *sum = sum.add(money)?;
        }
        if decision.totals.present_value_loss.is_none() {
            add(&mut self.loss_unknown, part, 1);
        }
        Ok(())
    }

    /// Adds the tally of other accounts.
    ///
    /// # Errors
    /// The sums leave their range.
    pub fn merge(&mut self, other: Self) -> Result<(), MoneyError> {
        self.accounts = self.accounts.saturating_add(other.accounts);
        self.people = self.people.saturating_add(other.people);
        other.endings.into_iter().for_each(|(key, more)| add(&mut self.endings, key, more));
        other.decided.into_iter().for_each(|(key, more)| add(&mut self.decided, key, more));
        other.questions.into_iter().for_each(|(key, more)| add(&mut self.questions, key, more));
        other.offers.into_iter().for_each(|(key, more)| add(&mut self.offers, key, more));
        other.approvals.into_iter().for_each(|(key, more)| add(&mut self.approvals, key, more));
        other.loss_unknown.into_iter().for_each(|(key, more)| add(&mut self.loss_unknown, key, more));
        merge(&mut self.total, other.total)?;
        merge(&mut self.by_benefit, other.by_benefit)?;
        merge(&mut self.by_rule, other.by_rule)?;
        merge(&mut self.by_bearer, other.by_bearer)?;
        merge(&mut self.by_region, other.by_region)?;
        for (key, (reason, more)) in other.reasons {
            let (_, count) = self.reasons.entry(key).or_insert((reason, 0));
            *count = count.saturating_add(more);
        }
        for (key, money) in other.deferred_by_month {
            let sum = self.deferred_by_month.entry(key).or_insert(Money::zero(money.currency()));
            *sum = sum.add(&money)?;
        }
        Ok(())
    }
}

fn merge<K: Ord>(into: &mut Table<K>, other: Table<K>) -> Result<(), MoneyError> {
    for (key, figures) in other {
        let currency = key.1;
        into.entry(key).or_insert_with(|| Figures::zero(currency)).add(&figures)?;
    }
    Ok(())
}

/// Who owes the account; one when the parties are not reported.
fn people(account: Snapshot<'_>) -> u64 {
    account.borrowers().map_or(1, |owing| u64::try_from(owing).unwrap_or(u64::MAX).max(1))
}

fn keyed(claim: &Claim, benefit: Option<&String>, outcome: Outcome, reason: &Reason) -> (Reason, ReasonKey) {
    let reason = generalised(reason);
    let key = ReasonKey {
        policy: claim.policy.clone(),
        benefit: benefit.cloned(),
        outcome,
        code: reason.code(),
        about: about(&reason),
        tests: Vec::new(),
    };
    (reason, key)
}

/// A reason without what only one account has, so that equal ones are counted together.
fn generalised(reason: &Reason) -> Reason {
    let Reason::Absent { what } = reason else { return reason.clone() };
    let general = [
        ("no region has the code", "no region has the code of an address"),
        ("the code ", "the code of an address has more than one successor, and they are not designated alike"),
    ];
    if let Some((_, text)) = general.iter().find(|(start, _)| what.starts_with(start)) {
        return Reason::Absent { what: (*text).to_owned() };
    }
    // "of charge P9" is "of a charge".
    let mut words: Vec<&str> = Vec::new();
    let mut rest = what.split(' ').peekable();
    while let Some(word) = rest.next() {
        let kind = ["charge", "instalment"].contains(&word);
        if kind && words.last() == Some(&"of") && rest.peek().is_some_and(|next| *next != "is") {
            words.push(if word == "charge" { "a" } else { "an" });
            rest.next();
        }
        words.push(word);
    }
    Reason::Absent { what: words.join(" ") }
}

fn about(reason: &Reason) -> String {
    match reason.clone() {
        Reason::Absent { what } => what,
        Reason::TooLate { apply_by } => apply_by.to_string(),
        Reason::Limit { pointer } => pointer,
        Reason::AwaitExpired { by } => by.to_string(),
        Reason::LostTo { other } => other,
        Reason::Refer { to } => to,
        Reason::NoCapInCurrency { currency } => currency,
        Reason::NoAgreement { agreement } => agreement.unwrap_or_default(),
        Reason::Evidence { kind } => kind,
        Reason::TooManyPolicies { policies } => policies.to_string(),
        _ => String::new(),
    }
}
