//! The catalogue of facts: everything that a condition may test, with its type, unit and meaning, and the
//! question that a borrower can be asked when it is not known.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::fact_group::FactGroup;
use crate::text::Text;

/// The type of a fact's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// Yes or no.
    Bool,
    /// A whole number, zero or more; the word is its unit.
    Count(&'static str),
    /// Money in the account's currency.
    Amount,
    /// A decimal such as `"0.24"`.
    Rate,
    /// A civil day.
    Date,
    /// One of the listed names; an empty list is open.
    Name(&'static [&'static str]),
    /// Several names; an empty list is open.
    Names(&'static [&'static str]),
    /// I to IV; I is the gravest.
    Severity,
    /// `severe`, `affected`, `adjacent`, or `none` outside the disaster area.
    Designation,
    /// A region code.
    Region,
}

impl FactType {
    /// What an author reads.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Count(unit) => format!("a whole number of {unit}"),
            Self::Amount => "an amount such as {\"amount\": \"500.00\", \"currency\": \"CNY\"}".to_owned(),
            Self::Rate => "a rate as a decimal string such as \"0.24\"".to_owned(),
            Self::Date => {
                "a date such as \"2026-06-01\", a date's name such as \"incident_start\", or {\"after\": …}".to_owned()
            }
            Self::Name([]) => "a name".to_owned(),
            Self::Name(names) => format!("one of {}", names.join(", ")),
            Self::Names([]) => "a list of names (test it with `has`)".to_owned(),
            Self::Names(names) => format!("a list of {} (test it with `has`)", names.join(", ")),
            Self::Severity => "a severity, I (gravest) to IV".to_owned(),
            Self::Designation => "a designation: severe, affected, adjacent or none".to_owned(),
            Self::Region => "a region code such as \"CN-410100\" (test it with `within`)".to_owned(),
        }
    }

    /// Whether values can be put in order.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Amount | Self::Rate | Self::Date | Self::Severity | Self::Designation)
    }
}

/// Which fact. Area facts carry their role in the test, not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each is documented in the catalogue below
pub enum FactId {
    AccountStatus,
    AccountProduct,
    AccountCurrency,
    AccountMethod,
    AccountRate,
    AccountPrincipal,
    AccountPrincipalOutstanding,
    AccountArrears,
    AccountNextPayment,
    AccountDaysPastDue,
    AccountMonthsPastDue,
    AccountOldestUnpaidDueOn,
    AccountDisbursedOn,
    AccountFirstDueOn,
    AccountNextDueOn,
    AccountMaturityOn,
    AccountCoolingOffEndsOn,
    AccountInstalmentsTotal,
    AccountInstalmentsLeft,
    AccountInstalmentsOverdue,
    AccountLastPaidOn,
    AccountLastFullPaymentOn,
    AccountUnpaidCharges,
    AccountFirstLoan,
    AccountReportedOverdue,
    AccountFunders,
    AccountAgreements,
    AccountArrangements,
    AccountAddressChangedOn,
    BorrowerWithoutIncome,
    BorrowerFlags,
    AreaRegion,
    AreaDesignation,
    AreaDesignations,
    AreaCountsFrom,
    DeclarationKind,
    DeclarationSeverity,
    DeclarationIncidentStart,
    DeclarationIncidentEnd,
    DeclarationDeclaredOn,
    RequestMade,
    RequestVia,
    RequestRequestedOn,
    RequestHardship,
    RequestIncomeLost,
    RequestInsuredLoss,
    RequestPropertyDamaged,
    RequestAdverseImpact,
    RequestEvacuated,
    RequestHardshipResolved,
    RequestCanResume,
    RequestCanCatchUp,
    RequestEvidence,
    HistoryGrants,
    HistoryGrantsForEvent,
    HistoryDeferralsForEvent,
    HistoryDeferredInstalments,
    HistoryLastDeferralOn,
    HistoryLastReliefEndsOn,
    DecidedOn,
    ProcessingMonthStart,
    ProcessingMonthEnd,
    ReliefEnd,
    RowDue,
    Attribute,
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Fact {
    /// Which.
    pub id: FactId,
    /// Its name in a policy. Area facts stand here with `<role>`.
    pub name: &'static str,
    /// A shorter name that means the same; dates only.
    pub short: Option<&'static str>,
    /// Its type.
    pub of: FactType,
    /// Whether it can be taken on a day (`on`).
    pub dated: bool,
    /// Whether it is about a person, so that `who` applies.
    pub person: bool,
    /// What a borrower calls it: Chinese, English.
    pub title: [&'static str; 2],
    /// What it means and where it comes from.
    pub doc: &'static str,
    /// The question for a borrower who can supply it: Chinese, English.
    pub ask: Option<[&'static str; 2]>,
}

const STATUSES: &[&str] = &["active", "defaulted", "settled", "written_off", "transferred", "pending", "cancelled"];
const METHODS: &[&str] = &["equal_instalment", "equal_principal", "interest_only", "flat"];
/// How a request may come in.
pub const VIAS: &[&str] = &["app", "page", "hotline", "sms", "branch"];

const fn fact(id: FactId, name: &'static str, of: FactType, title: [&'static str; 2], doc: &'static str) -> Fact {
    Fact { id, name, short: None, of, dated: false, person: false, title, doc, ask: None }
}

impl Fact {
    const fn dated(mut self) -> Self {
        self.dated = true;
        self
    }
    const fn person(mut self) -> Self {
        self.person = true;
        self
    }
    const fn short(mut self, name: &'static str) -> Self {
        self.short = Some(name);
        self
    }
    const fn ask(mut self, zh: &'static str, en: &'static str) -> Self {
        self.ask = Some([zh, en]);
        self
    }

    /// Its title in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        Text::both(self.title[0], self.title[1])
    }
}

use FactId as F;
use FactType as T;

/// Every fact, in the order in which they are documented.
pub const CATALOGUE: &[Fact] = &[
    fact(F::AccountStatus, "account.status", T::Name(STATUSES), ["账户状态", "account status"],
        "Where the loan stands on the day, by its status history.").dated(),
    fact(F::AccountProduct, "account.product", T::Name(&[]), ["产品", "product"], "The lender's product code."),
    fact(F::AccountCurrency, "account.currency", T::Name(&[]), ["币种", "currency"], "The ISO 4217 code of the account's currency."),
    fact(F::AccountMethod, "account.method", T::Name(METHODS), ["还款方式", "repayment method"], "How the loan is repaid."),
    fact(F::AccountRate, "account.rate", T::Rate, ["年利率", "annual rate"], "The annual contract rate."),
    fact(F::AccountPrincipal, "account.principal", T::Amount, ["借款本金", "amount borrowed"], "What was lent."),
    fact(F::AccountPrincipalOutstanding, "account.principal_outstanding", T::Amount, ["剩余本金", "outstanding principal"],
        "Principal of all unpaid rows on the decision day."),
    fact(F::AccountArrears, "account.arrears", T::Amount, ["逾期金额", "amount overdue"],
        "Principal, interest and fees of unpaid rows due before the decision day."),
    fact(F::AccountNextPayment, "account.next_payment", T::Amount, ["下一期应还", "next payment"],
        "Unpaid principal, interest and fees of the first row due on or after the decision day."),
    fact(F::AccountDaysPastDue, "account.days_past_due", T::Count("days"), ["逾期天数", "days past due"],
        "Days from the due date of the oldest unpaid instalment to the day, by the schedule in force on that day; 0 when nothing is overdue.").dated(),
    fact(F::AccountMonthsPastDue, "account.months_past_due", T::Count("months"), ["逾期月数", "months past due"],
        "Whole calendar months from the due date of the oldest unpaid instalment to the day; as reported when the core system counted them for that very day.").dated(),
    fact(F::AccountOldestUnpaidDueOn, "account.oldest_unpaid_due_on", T::Date, ["最早未还到期日", "oldest unpaid due date"],
        "Due date of the oldest instalment that was unpaid on the day.").dated(),
    fact(F::AccountDisbursedOn, "account.disbursed_on", T::Date, ["放款日", "disbursement date"], "When the money was paid out."),
    fact(F::AccountFirstDueOn, "account.first_due_on", T::Date, ["首期还款日", "first due date"], "Due date of the first row."),
    fact(F::AccountNextDueOn, "account.next_due_on", T::Date, ["下一还款日", "next due date"],
        "Due date of the first unpaid row due on or after the decision day."),
    fact(F::AccountMaturityOn, "account.maturity_on", T::Date, ["到期日", "maturity date"], "Due date of the last row."),
    fact(F::AccountCoolingOffEndsOn, "account.cooling_off_ends_on", T::Date, ["犹豫期截止日", "end of the cooling-off period"],
        "The last day on which the borrower may withdraw."),
    fact(F::AccountInstalmentsTotal, "account.instalments_total", T::Count("instalments"), ["总期数", "number of instalments"],
        "Rows of the schedule in force."),
    fact(F::AccountInstalmentsLeft, "account.instalments_left", T::Count("instalments"), ["剩余期数", "instalments left"],
        "Rows that are not fully paid on the decision day."),
    fact(F::AccountInstalmentsOverdue, "account.instalments_overdue", T::Count("instalments"), ["逾期期数", "instalments overdue"],
        "Rows due before the day that were not fully paid on it.").dated(),
    fact(F::AccountLastPaidOn, "account.last_paid_on", T::Date, ["最近还款日", "date of the last payment"], "The day of the latest payment."),
    fact(F::AccountLastFullPaymentOn, "account.last_full_payment_on", T::Date, ["最近足额还款日", "date of the last full payment"],
        "The latest day on which payments came to at least the amount of one contractual instalment."),
    fact(F::AccountUnpaidCharges, "account.unpaid_charges", T::Amount, ["未付费用", "unpaid charges"], "Charges assessed, less what is paid and waived."),
    fact(F::AccountFirstLoan, "account.first_loan", T::Bool, ["首次借款", "first loan"], "Whether it is the borrower's first loan with the lender."),
    fact(F::AccountReportedOverdue, "account.reported_overdue", T::Bool, ["征信报送逾期", "reported as overdue"],
        "Whether the latest credit report sent by the day called the account overdue.").dated(),
    fact(F::AccountFunders, "account.funders", T::Names(&[]), ["资金方", "funders"], "Who funds the loan."),
    fact(F::AccountAgreements, "account.agreements", T::Names(&[]), ["合作协议", "agreements"],
        "Agreements by which a guarantor or funder bears waivers on this account."),
    fact(F::AccountArrangements, "account.arrangements", T::Names(&[]), ["已有安排", "arrangements in force"],
        "Other arrangements that bind the account: repayment_plan, trial_plan, workout_offer, liquidation_workout, recourse, …"),
    fact(F::AccountAddressChangedOn, "account.address_changed_on", T::Date, ["最近地址变更日", "date of the last address change"],
        "The latest day from which an address of a borrower holds."),
    fact(F::BorrowerWithoutIncome, "borrower.without_income", T::Bool, ["失去收入来源", "without income"],
        "Whether the person has lost their income.").person()
        .ask("您目前是否因灾情失去了收入来源？", "Have you lost your income because of the disaster?"),
    fact(F::BorrowerFlags, "borrower.flags", T::Names(&[]), ["客户标识", "care flags"],
        "Marks set by care: vulnerable, bereaved, hospitalised, injured, missing, quarantined, …").person(),
    fact(F::AreaRegion, "area.<role>.region", T::Region, ["地址所在地", "region of the address"],
        "The region of the address in force on the day. Roles: home, work, business, property, id_card and the lender's own.").dated().person()
        .ask("您当时的{role}在哪个县（市、区）？", "In which county was your {role}?"),
    fact(F::AreaDesignation, "area.<role>.designation", T::Designation, ["地址的灾区等级", "designation of the address"],
        "Designation of the most specific designated area that holds the address in force on the day; `none` outside. `area.designation` is the best over `roles`.").dated().person()
        .ask("您当时的{role}在哪个县（市、区）？", "In which county was your {role}?"),
    fact(F::AreaDesignations, "area.<role>.designations", T::Names(&[]), ["地址的灾区标识", "designations of the address"],
        "Designation and programme flags (such as IA) of the most specific designated area that holds the address. `area.designations` is over `roles`.").dated().person()
        .ask("您当时的{role}在哪个县（市、区）？", "In which county was your {role}?"),
    fact(F::AreaCountsFrom, "area.<role>.counts_from", T::Date, ["灾区认定起始日", "day from which the area counts"],
        "The day from which the designated area that holds the address counts.").dated().person()
        .ask("您当时的{role}在哪个县（市、区）？", "In which county was your {role}?"),
    fact(F::DeclarationKind, "declaration.kind", T::Name(crate::declaration::Kind::NAMES), ["灾害种类", "kind of disaster"], "What happened."),
    fact(F::DeclarationSeverity, "declaration.severity", T::Severity, ["灾害级别", "severity"], "By the amendment in force on the decision day."),
    fact(F::DeclarationIncidentStart, "declaration.incident_start", T::Date, ["灾害开始日", "start of the disaster"],
        "The first day of the incident period.").short("incident_start"),
    fact(F::DeclarationIncidentEnd, "declaration.incident_end", T::Date, ["灾害结束日", "end of the disaster"],
        "The last day of the incident period; not yet known while it is open.").short("incident_end"),
    fact(F::DeclarationDeclaredOn, "declaration.declared_on", T::Date, ["灾害认定日", "date of the declaration"], "When it was declared.").short("declared_on"),
    fact(F::RequestMade, "request.made", T::Bool, ["已提出申请", "a request was made"], "Whether a borrower asks; false for proactive relief."),
    fact(F::RequestVia, "request.via", T::Name(VIAS), ["申请渠道", "how it was asked for"], "How the request came in."),
    fact(F::RequestRequestedOn, "request.requested_on", T::Date, ["申请日", "date of the request"],
        "When the request was received; the decision day for proactive relief.").short("requested_on"),
    fact(F::RequestHardship, "request.hardship", T::Bool, ["还款困难", "hardship"], "Whether the disaster makes it hard to pay.")
        .ask("灾情是否使您难以按时还款？", "Has the disaster made it hard for you to pay?"),
    fact(F::RequestIncomeLost, "request.income_lost", T::Bool, ["收入减少", "loss of income"], "Whether income fell because of the disaster.")
        .ask("您的收入是否因灾情减少或中断？", "Has your income fallen or stopped because of the disaster?"),
    fact(F::RequestInsuredLoss, "request.insured_loss", T::Bool, ["保险损失", "insured loss"], "Whether the property suffered a loss that is insured.")
        .ask("您的房屋是否遭受了已投保的损失？", "Did your property suffer an insured loss?"),
    fact(F::RequestPropertyDamaged, "request.property_damaged", T::Bool, ["财产受损", "damaged property"], "Whether home or business was damaged.")
        .ask("您的住所或经营场所是否因灾受损？", "Was your home or business damaged?"),
    fact(F::RequestAdverseImpact, "request.adverse_impact", T::Bool, ["受到不利影响", "adverse impact"],
        "Whether the disaster hurt the borrower's finances.")
        .ask("灾情是否对您的经济状况造成了不利影响？", "Has the disaster hurt your finances?"),
    fact(F::RequestEvacuated, "request.evacuated", T::Bool, ["转移安置", "evacuated"], "Whether the borrower was evacuated or resettled.")
        .ask("您是否因灾转移安置？", "Were you evacuated or resettled?"),
    fact(F::RequestHardshipResolved, "request.hardship_resolved", T::Bool, ["困难已经解除", "hardship is over"],
        "Whether what made it hard to pay has been resolved.")
        .ask("造成您还款困难的情况是否已经解除？", "Is what made it hard for you to pay over now?"),
    fact(F::RequestCanResume, "request.can_resume", T::Bool, ["能够恢复还款", "can resume payments"],
        "Whether the borrower can pay the regular instalment again.")
        .ask("您现在能否恢复按月正常还款？", "Can you make your regular payments again?"),
    fact(F::RequestCanCatchUp, "request.can_catch_up", T::Bool, ["能够补齐欠款", "can catch up"],
        "Whether the borrower can pay all that is overdue, at once or by a repayment plan on top of the regular instalment.")
        .ask("您能否一次或分期补齐全部逾期款项？", "Can you pay everything that is overdue, at once or little by little on top of your regular payments?"),
    fact(F::RequestEvidence, "request.evidence", T::Names(&[]), ["已提交材料", "evidence supplied"], "Kinds of evidence supplied with the request."),
    fact(F::HistoryGrants, "history.grants", T::Count("grants"), ["历史纾困次数", "earlier grants"], "Decisions granted to the account, for any event."),
    fact(F::HistoryGrantsForEvent, "history.grants_for_event", T::Count("grants"), ["本次灾害已获纾困次数", "earlier grants for this event"],
        "Decisions granted to the account for the same event, by any policy."),
    fact(F::HistoryDeferralsForEvent, "history.deferrals_for_event", T::Count("grants"), ["本次灾害已获延期次数", "earlier deferrals for this event"],
        "Deferrals and suspensions granted to the account for the same event."),
    fact(F::HistoryDeferredInstalments, "history.deferred_instalments", T::Count("instalments"), ["历史延期期数", "instalments deferred so far"],
        "Instalments deferred over the life of the loan."),
    fact(F::HistoryLastDeferralOn, "history.last_deferral_on", T::Date, ["上次延期日", "date of the last deferral"],
        "When the last deferral or suspension was decided, for any event."),
    fact(F::HistoryLastReliefEndsOn, "history.last_relief_ends_on", T::Date, ["上次纾困截止日", "end of the last relief"],
        "The last day of the latest deferral, suspension or hold granted."),
    fact(F::DecidedOn, "context.decided_on", T::Date, ["决定日", "decision day"], "Today, in the lender's zone.").short("decided_on"),
    fact(F::ProcessingMonthStart, "context.month_start", T::Date, ["办理月首日", "first day of the processing month"],
        "The first day of the month in which the decision was first made.").short("month_start"),
    fact(F::ProcessingMonthEnd, "context.month_end", T::Date, ["办理月末日", "last day of the processing month"],
        "The last day of the month in which the decision was first made.").short("month_end"),
    fact(F::ReliefEnd, "context.relief_end", T::Date, ["纾困截止日", "end of relief"],
        "The day before the first new due date of this decision's deferral, or its suspension's end; for windows, goodwill and holds also of one that stands for the event. For benefits only.").short("relief_end"),
    fact(F::RowDue, "context.due", T::Date, ["原还款日", "original due date"],
        "The row's own due date. For `date` of a deferral to `later_date` only.").short("due"),
];

/// A fact that the lender adds, under `attributes.`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeType {
    /// Its type.
    #[serde(rename = "type")]
    pub of: AttributeKind,
    /// What a borrower calls it.
    pub title: Text,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// The question, when a borrower can supply it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Text>,
}

/// The types a lender's own fact can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// Yes or no.
    Bool,
    /// A whole number.
    Count,
    /// Money in the account's currency, a decimal string.
    Amount,
    /// A decimal string.
    Rate,
    /// A day.
    Date,
    /// A name.
    Name,
    /// A list of names.
    Names,
    /// A region code.
    Region,
}

impl AttributeKind {
    /// The fact type it stands for.
    #[must_use]
    pub fn fact_type(self) -> FactType {
        match self {
            Self::Bool => FactType::Bool,
            Self::Count => FactType::Count("units"),
            Self::Amount => FactType::Amount,
            Self::Rate => FactType::Rate,
            Self::Date => FactType::Date,
            Self::Name => FactType::Name(&[]),
            Self::Names => FactType::Names(&[]),
            Self::Region => FactType::Region,
        }
    }
}

/// The lender's own facts, by name without `attributes.`.
pub type Attributes = BTreeMap<String, AttributeType>;

/// A fact as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactRef {
    /// Which.
    pub id: FactId,
    /// The role of an area fact (none: over the test's `roles`), or the name of an attribute.
    pub of: Option<String>,
}

impl FactRef {
    /// Finds a fact by the name that a policy uses.
    #[must_use]
    pub fn find(name: &str, attributes: &Attributes) -> Option<(Self, FactType)> {
        if let Some(own) = name.strip_prefix("attributes.") {
            let found = attributes.get(own)?;
            return Some((Self { id: FactId::Attribute, of: Some(own.to_owned()) }, found.of.fact_type()));
        }
        if let Some(rest) = name.strip_prefix("area.") {
            let (role, leaf) = match rest.split_once('.') {
                Some((role, leaf)) if !role.is_empty() => (Some(role.to_owned()), leaf),
                Some(_) => return None,
                None => (None, rest),
            };
            let wanted = format!("area.<role>.{leaf}");
            let fact = CATALOGUE.iter().find(|fact| fact.name == wanted)?;
            let over_roles = matches!(fact.id, FactId::AreaDesignation | FactId::AreaDesignations);
            return (role.is_some() || over_roles).then_some((Self { id: fact.id, of: role }, fact.of));
        }
        let fact = CATALOGUE.iter().find(|fact| fact.name == name || fact.short == Some(name))?;
        Some((Self { id: fact.id, of: None }, fact.of))
    }

    /// The catalogue's entry; none for a lender's attribute.
    #[must_use]
    pub fn entry(&self) -> Option<&'static Fact> {
        CATALOGUE.iter().find(|fact| fact.id == self.id)
    }

    /// The name that a policy uses.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.entry(), &self.of) {
            (None, of) => format!("attributes.{}", of.as_deref().unwrap_or_default()),
            (Some(fact), Some(role)) => fact.name.replace("<role>", role),
            (Some(fact), None) => fact.name.replace("<role>.", ""),
        }
    }
}

/// Every name that a policy can use, for suggestions.
#[must_use]
pub fn names(attributes: &Attributes) -> Vec<String> {
    let roles = ["home", "work", "business", "property", "id_card"];
    let mut names: Vec<String> = Vec::new();
    for fact in CATALOGUE {
        if fact.name.contains("<role>") {
            names.extend(roles.iter().map(|role| fact.name.replace("<role>", role)));
        } else {
            names.push(fact.name.to_owned());
        }
        names.extend(fact.short.map(str::to_owned));
    }
    names.extend(["area.designation".to_owned(), "area.designations".to_owned()]);
    names.extend(attributes.keys().map(|own| format!("attributes.{own}")));
    names
}
