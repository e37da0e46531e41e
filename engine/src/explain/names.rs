//! What the words of policies, accounts and decisions are called.

use super::Voice;
use crate::account::snapshot::{Bearer, ChargeKind};
use crate::decide::Outcome;
use crate::decide::decision::TraceResult;
use crate::declaration::Kind;
use crate::policy::document::{Arrears, DeferTo, EvidenceDue, HoldKind, ReportAs, WindowKind};

/// Names that facts take: as documents write them, in Chinese, in English. What is not here is the lender's own.
const NAMES: &[(&str, [&str; 2])] = &[
    // account.status
    ("active", ["正常履行", "being repaid"]),
    ("defaulted", ["违约（已宣布提前到期）", "in default"]),
    ("settled", ["已结清", "settled"]),
    ("written_off", ["已核销", "written off"]),
    ("transferred", ["已转让", "transferred"]),
    ("pending", ["待放款", "not yet paid out"]),
    ("cancelled", ["已取消", "cancelled"]),
    // account.method
    ("equal_instalment", ["等额本息", "equal instalments"]),
    ("equal_principal", ["等额本金", "equal principal"]),
    ("interest_only", ["先息后本", "interest only"]),
    ("flat", ["固定费率", "flat"]),
    // request.via
    ("app", ["手机应用", "app"]),
    ("page", ["网页", "web page"]),
    ("hotline", ["热线电话", "hotline"]),
    ("sms", ["短信", "text message"]),
    ("branch", ["营业网点", "branch"]),
    // evidence
    ("self_statement", ["本人声明", "the borrower's own statement"]),
    ("photo", ["照片", "photos"]),
    ("insurance_claim", ["保险理赔材料", "the insurance claim"]),
    ("income_proof", ["收入证明", "proof of income"]),
    ("residence_proof", ["居住证明", "proof of residence"]),
    ("employment_proof", ["工作证明", "proof of employment"]),
    ("adverse_impact_statement", ["受灾影响声明", "a statement of the adverse impact"]),
    ("written_agreement", ["书面协议", "a written agreement"]),
    ("government_notice", ["政府通知", "a notice of the government"]),
    ("medical_proof", ["医疗证明", "medical records"]),
    // borrower.flags
    ("vulnerable", ["弱势客户", "vulnerable"]),
    ("bereaved", ["丧亲", "bereaved"]),
    ("hospitalised", ["住院", "in hospital"]),
    ("injured", ["受伤", "injured"]),
    ("missing", ["失踪", "missing"]),
    ("quarantined", ["隔离", "in quarantine"]),
    ("epidemic_worker", ["疫情防控工作人员", "works against the epidemic"]),
    // account.arrangements
    ("repayment_plan", ["还款计划", "repayment plan"]),
    ("trial_plan", ["试行还款计划", "trial plan"]),
    ("workout_offer", ["重组方案", "workout offer"]),
    ("liquidation_workout", ["清算方案", "liquidation workout"]),
    ("recourse", ["追索安排", "recourse"]),
    // area.designations
    ("designated", ["认定灾区", "designated"]),
    ("IA", ["个人援助（IA）", "individual assistance (IA)"]),
    ("PA", ["公共援助（PA）", "public assistance (PA)"]),
    ("severe", ["严重受灾地区", "severely affected area"]),
    ("affected", ["受灾地区", "affected area"]),
    ("adjacent", ["毗邻灾区", "adjacent area"]),
    // refer.to
    ("reviewer", ["审核人员", "a reviewer"]),
    ("funder", ["资金方", "the funder"]),
    ("guarantor", ["担保方", "the guarantor"]),
];

/// Roles of addresses.
const ROLES: &[(&str, [&str; 2])] = &[
    ("home", ["住所", "home"]),
    ("work", ["工作地", "workplace"]),
    ("business", ["经营场所", "place of business"]),
    ("property", ["抵押房产", "property"]),
    ("id_card", ["身份证住址", "address on the identity card"]),
];

impl Voice<'_> {
    fn pair(&self, pair: [&'static str; 2]) -> String {
        self.language.of(pair).to_owned()
    }

    fn listed(&self, list: &'static [(&str, [&'static str; 2])], name: &str) -> Option<String> {
        list.iter().find(|(known, _)| *known == name).map(|(_, pair)| self.pair(*pair))
    }

    /// A name that a fact takes; the lender's own stay as they are.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        let kind = Kind::ALL.iter().find(|kind| kind.name() == name).map(|kind| kind.title(self.language).to_owned());
        kind.or_else(|| self.listed(NAMES, name)).unwrap_or_else(|| name.to_owned())
    }

    /// An address's role.
    #[must_use]
    pub fn role(&self, role: &str) -> String {
        self.listed(ROLES, role).unwrap_or_else(|| role.to_owned())
    }

    /// A region with its code; the code alone where the name is not known.
    #[must_use]
    pub fn region(&self, code: &str) -> String {
        let Ok(id) = self.regions.find(code) else { return code.to_owned() };
        let name = self.regions.full_name(id);
        self.say(format!("{name}（{code}）"), format!("{name} ({code})"))
    }

    /// A kind of charge.
    #[must_use]
    pub fn charge(&self, kind: ChargeKind) -> String {
        self.pair(match kind {
            ChargeKind::LateFee => ["违约金", "late fee"],
            ChargeKind::PenaltyInterest => ["罚息", "penalty interest"],
            ChargeKind::CompoundInterest => ["复利", "compound interest"],
            ChargeKind::GuaranteeFee => ["担保费", "guarantee fee"],
            ChargeKind::ServiceFee => ["服务费", "service fee"],
            ChargeKind::ReturnedPaymentFee => ["退票费", "returned payment fee"],
            ChargeKind::EarlyRepaymentFee => ["提前还款费", "early repayment fee"],
            ChargeKind::CollectionCost => ["催收费用", "collection costs"],
            ChargeKind::OtherFee => ["其他费用", "other fee"],
        })
    }

    /// Who bears something.
    #[must_use]
    pub fn bearer(&self, bearer: Bearer) -> String {
        self.pair(match bearer {
            Bearer::Lender => ["贷款机构", "the lender"],
            Bearer::Guarantor => ["担保方", "the guarantor"],
            Bearer::Funder => ["资金方", "the funder"],
        })
    }

    /// What a hold stops.
    #[must_use]
    pub fn held(&self, kind: HoldKind) -> String {
        self.pair(match kind {
            HoldKind::Collections => ["催收", "collections"],
            HoldKind::CreditReporting => ["不良征信报送", "adverse credit reporting"],
            HoldKind::Enforcement => ["诉讼和强制执行", "lawsuits and repossession"],
            HoldKind::AutoDebit => ["自动扣款", "automatic debits"],
        })
    }

    /// How an account is reported.
    #[must_use]
    pub fn report_as(&self, how: ReportAs) -> String {
        self.pair(match how {
            ReportAs::NotReported => ["期间不报送征信", "the account is not reported to the credit bureau meanwhile"],
            ReportAs::NotOverdue => ["期间征信按未逾期报送", "the account is reported as not overdue meanwhile"],
            ReportAs::AsAtStart => {
                ["期间征信按灾害开始时的状态报送", "the account is reported as it stood when the disaster began"]
            }
            ReportAs::BySchedule => {
                ["期间征信按调整后的还款计划报送", "the account is reported by its new schedule meanwhile"]
            }
        })
    }

    /// A window that can be extended.
    #[must_use]
    pub fn extended(&self, kind: WindowKind) -> String {
        self.pair(match kind {
            WindowKind::CoolingOff => ["犹豫期", "cooling-off period"],
            WindowKind::Grace => ["还款宽限期", "grace period for payments"],
        })
    }

    /// Where deferred payments go.
    #[must_use]
    pub fn deferred_to(&self, to: DeferTo) -> String {
        self.pair(match to {
            DeferTo::EndOfTerm => {
                ["这些分期及其后各期依次顺延", "moved on with all later ones, by as many instalments"]
            }
            DeferTo::Maturity => ["移至到期日一次还清", "due in one sum at maturity"],
            DeferTo::Spread => ["分摊到后续各期", "spread over the instalments to come"],
            DeferTo::NextDue => ["并入下一期", "added to the next instalment"],
            DeferTo::LaterDate => ["改到下列日期", "due on later days"],
        })
    }

    /// What happens to days past due.
    #[must_use]
    pub fn arrears(&self, arrears: Arrears) -> String {
        self.pair(match arrears {
            Arrears::Cure => ["逾期天数按新的还款计划重新计算", "days past due are counted by the new schedule"],
            Arrears::Freeze => {
                ["逾期天数和逾期费用在此期间停止增加", "days past due and late charges stand still meanwhile"]
            }
            Arrears::Run => ["逾期天数和逾期费用继续累计", "days past due and late charges go on"],
        })
    }

    /// When evidence is due.
    #[must_use]
    pub fn evidence_due(&self, due: EvidenceDue) -> String {
        self.pair(match due {
            EvidenceDue::BeforeDecision => ["须在决定前提交", "needed before anything is decided"],
            EvidenceDue::BeforePosting => ["须在入账前提交", "needed before it takes effect"],
            EvidenceDue::OnDemand => ["要求时提交", "to be shown when asked"],
        })
    }

    /// How something ends.
    #[must_use]
    pub fn outcome(&self, outcome: Outcome) -> String {
        self.pair(match outcome {
            Outcome::Granted => ["准予", "granted"],
            Outcome::Declined => ["不予", "declined"],
            Outcome::NeedsInformation => ["需要补充信息", "needs information"],
            Outcome::Referred => ["转人工", "referred to a person"],
        })
    }

    /// What a test came to.
    #[must_use]
    pub fn result(&self, result: TraceResult) -> String {
        self.pair(match result {
            TraceResult::True => ["成立", "holds"],
            TraceResult::False => ["不成立", "does not hold"],
            TraceResult::Unknown => ["无法判断", "unknown"],
            TraceResult::NotEvaluated => ["未涉及", "not evaluated"],
        })
    }
}
