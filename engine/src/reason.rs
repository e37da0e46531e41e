//! Why a policy or a benefit ends as it does, as data; the words are made when somebody reads them.

use chrono::NaiveDate;
use serde::Serialize;

use crate::text::Language;

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The eligibility does not hold.
    NotEligible,
    /// It does, but no rule holds.
    NoRule,
    /// The rule is for requests only, and none was made.
    OnRequestOnly,
    /// The rule is for proactive relief only.
    ProactiveOnly,
    /// The last day for requests is over.
    TooLate {
        /// The last day.
        apply_by: NaiveDate,
    },
    /// The benefit would change nothing.
    NothingToRelieve,
    /// A limit leaves nothing.
    Limit {
        /// Where it stands in the policy.
        pointer: String,
    },
    /// What was awaited did not come in time.
    AwaitExpired {
        /// The last day.
        by: NaiveDate,
    },
    /// Another policy or benefit goes first on the same target.
    LostTo {
        /// `policy/benefit`.
        other: String,
    },
    /// It takes effect when the suspension ends.
    AfterSuspension,
    /// The borrower chooses among offers.
    Offered,
    /// The policy asks a person to decide.
    Refer {
        /// Who.
        to: String,
    },
    /// The core system did not report something.
    Absent {
        /// What.
        what: String,
    },
    /// The policy has no cap in the account's currency.
    NoCapInCurrency {
        /// The account's currency.
        currency: String,
    },
    /// A guarantor or funder would bear it without an agreement on the account.
    NoAgreement {
        /// The agreement that is missing, if one is named.
        agreement: Option<String>,
    },
    /// Facts that the borrower has to supply.
    Questions,
    /// Evidence that has to be there before anything is decided.
    Evidence {
        /// What.
        kind: String,
    },
    /// More than five policies stack on one account.
    TooManyPolicies {
        /// How many.
        policies: usize,
    },
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotEligible => "not_eligible",
            Self::NoRule => "no_rule",
            Self::OnRequestOnly => "on_request_only",
            Self::ProactiveOnly => "proactive_only",
            Self::TooLate { .. } => "too_late",
            Self::NothingToRelieve => "nothing_to_relieve",
            Self::Limit { .. } => "limit",
            Self::AwaitExpired { .. } => "await_expired",
            Self::LostTo { .. } => "lost_to",
            Self::AfterSuspension => "after_suspension",
            Self::Offered => "offered",
            Self::Refer { .. } => "refer",
            Self::Absent { .. } => "absent",
            Self::NoCapInCurrency { .. } => "no_cap_in_currency",
            Self::NoAgreement { .. } => "no_agreement",
            Self::Questions => "questions",
            Self::Evidence { .. } => "evidence",
            Self::TooManyPolicies { .. } => "too_many_policies",
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let words = |zh: String, en: String| match language {
            Language::Chinese => zh,
            Language::English => en,
        };
        let fixed = |pair: [&'static str; 2]| language.of(pair).to_owned();
        match self {
            Self::NotEligible => fixed(["不符合申请条件", "the conditions are not met"]),
            Self::NoRule => fixed(["没有适用的措施", "no rule of the policy applies"]),
            Self::OnRequestOnly => fixed(["须由借款人提出申请", "it is given on request only"]),
            Self::ProactiveOnly => fixed(["仅由机构主动给予", "it is given proactively only"]),
            Self::TooLate { apply_by } => {
                words(format!("申请截止日为{apply_by}"), format!("requests were possible until {apply_by}"))
            }
            Self::NothingToRelieve => fixed(["目前没有可减免或调整的内容", "there is nothing to relieve"]),
            Self::Limit { .. } => fixed(["已达到政策规定的上限", "a limit of the policy is reached"]),
            Self::AwaitExpired { by } => {
                words(format!("未在{by}前满足前提条件"), format!("what was required did not happen by {by}"))
            }
            Self::LostTo { other } => {
                words(format!("同一对象已由{other}处理"), format!("{other} goes first on the same target"))
            }
            Self::AfterSuspension => fixed(["将在暂停还款结束时生效", "it takes effect when the suspension ends"]),
            Self::Offered => fixed(["有多个方案，由借款人选择", "the borrower chooses among several offers"]),
            Self::Refer { to } => words(format!("须由{to}人工决定"), format!("{to} decides")),
            Self::Absent { what } => words(format!("缺少数据：{what}"), format!("data is missing: {what}")),
            Self::NoCapInCurrency { currency } => {
                words(format!("政策没有规定{currency}的上限"), format!("the policy states no cap in {currency}"))
            }
            Self::NoAgreement { agreement } => {
                let name = agreement.as_deref().unwrap_or("—");
                words(
                    format!("账户没有相应的分担协议（{name}）"),
                    format!("the account has no agreement for it ({name})"),
                )
            }
            Self::Questions => fixed(["需要借款人补充信息", "the borrower has to answer a question"]),
            Self::Evidence { kind } => {
                words(format!("须先提交材料：{kind}"), format!("evidence is needed first: {kind}"))
            }
            Self::TooManyPolicies { policies } => {
                words(format!("{policies}项政策叠加，最多五项"), format!("{policies} policies stack, at most five can"))
            }
        }
    }
}
