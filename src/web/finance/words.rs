//! What states and kinds are called on finance's pages, and how a state is marked.

use forbear_engine::decide::decision::TraceResult;
use forbear_engine::explain::spoken::SpokenClaim;
use forbear_engine::explain::trace::TraceLine;

use crate::service::access::Role;
use crate::service::relief::told_decision::ToldDecision;
use crate::service::review::bulk::Hinders;
use crate::web::frame::Frame;

/// A kind of review.
pub fn kind<'t>(f: &Frame, kind: &'t str) -> &'t str {
    match kind {
        "referral" => f.say("转人工", "Referral"),
        "threshold" => f.say("超过限额", "Threshold"),
        "sample" => f.say("抽查", "Sample"),
        "appeal" => f.say("申诉", "Appeal"),
        other => other,
    }
}

/// How a state is marked beside its word.
pub fn mark(state: &str) -> &'static str {
    match state {
        "posted" | "confirmed" | "approved" | "accepted" => "good",
        "open" | "claimed" | "returned" | "proposed" | "pending_approval" | "offered" => "warn",
        "rejected" => "bad",
        _ => "soft",
    }
}

/// Where a review or a grant stands.
pub fn state<'t>(f: &Frame, state: &'t str) -> &'t str {
    match state {
        "open" => f.say("待处理", "open"),
        "claimed" => f.say("处理中", "being looked at"),
        "returned" => f.say("已问借款人", "borrower was asked"),
        "approved" => f.say("已批准", "approved"),
        "rejected" => f.say("未批准", "turned down"),
        "proposed" => f.say("待额度", "waits for money"),
        "pending_approval" => f.say("待批准", "waits for approval"),
        "offered" => f.say("待借款人同意", "waits for the borrower"),
        "accepted" => f.say("借款人已同意", "accepted"),
        "posted" => f.say("已入账", "posted"),
        "confirmed" => f.say("核心系统已确认", "confirmed"),
        "reversed" => f.say("已冲正", "taken back"),
        other => other,
    }
}

/// Why somebody cannot approve.
pub fn hinders(f: &Frame, why: &Hinders) -> &'static str {
    match why {
        Hinders::Ended => f.say("已结束", "it has ended"),
        Hinders::NothingWaits => f.say("没有待批准的决定，需单独处理", "nothing waits for approval in it: open it"),
        Hinders::Claimed => f.say("他人正在处理", "somebody else looks at it"),
        Hinders::Own => f.say("由您经办，须由他人批准", "you let it be decided: somebody else approves it"),
        Hinders::Approved => {
            f.say("您已批准过，须由他人再次批准", "you approved it already: one more person is needed")
        }
    }
}

/// Who bears something.
pub fn bearer<'t>(f: &Frame, bearer: &'t str) -> &'t str {
    match bearer {
        "lender" => f.say("本机构", "lender"),
        "guarantor" => f.say("担保方", "guarantor"),
        "funder" => f.say("资金方", "funder"),
        other => other,
    }
}

/// A ledger account.
pub fn ledger<'t>(f: &Frame, ledger: &'t str) -> &'t str {
    match ledger {
        "relief.waived" => f.say("减免", "waived"),
        "relief.refunded" => f.say("退还", "refunded"),
        "relief.goodwill" => f.say("补偿", "goodwill"),
        "relief.forgone" => f.say("不再计收的利息", "interest forgone"),
        "receivable.deferred" => f.say("延期应收", "deferred receivable"),
        "income.added_interest" => f.say("延期利息收入", "interest added"),
        "loss.modification" => f.say("合同修改损失", "modification loss"),
        "allowance.modification" => f.say("合同修改准备", "allowance for modification"),
        "payable.borrower" => f.say("应付借款人", "owed to borrowers"),
        "receivable.charges" => f.say("应收费用", "charges to be received"),
        "receivable.interest" => f.say("应收利息", "interest to be received"),
        "receivable.principal" => f.say("应收本金", "principal to be received"),
        "receivable.rows" => f.say("各期应收", "instalments to be received"),
        "receivable.unaccrued" => f.say("未计提利息", "interest not accrued yet"),
        other => other,
    }
}

/// The pages of finance that whoever is signed in may see: where, what it is called, whether one is on it.
pub fn rooms(f: &Frame) -> Vec<(&'static str, &'static str, bool)> {
    let books = f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover, Role::Auditor]);
    let all = [
        ("/finance", f.say("待办", "Queue"), true),
        ("/finance/grants", f.say("纾困决定", "Grants"), books),
        ("/finance/budgets", f.say("额度", "Budgets"), books),
        ("/finance/reports", f.say("报表", "Reports"), true),
        ("/finance/reconciliation", f.say("对账", "Reconciliation"), books),
        ("/finance/periods", f.say("关账", "Periods"), books),
    ];
    let shown = all.into_iter().filter(|(.., may)| *may);
    shown.map(|(path, title, _)| (path, title, f.path == path)).collect()
}

/// Each claim of a decision in words, with its tests.
pub fn claims(told: &ToldDecision) -> impl Iterator<Item = (&SpokenClaim, &Vec<TraceLine>)> {
    told.spoken.claims.iter().zip(&told.traces)
}

/// What a test came to: how it is marked, and the word.
pub fn result(f: &Frame, result: &TraceResult) -> (&'static str, &'static str) {
    match result {
        TraceResult::True => ("good", f.say("成立", "holds")),
        TraceResult::False => ("bad", f.say("不成立", "does not hold")),
        TraceResult::Unknown => ("warn", f.say("无法判断", "unknown")),
        TraceResult::NotEvaluated => ("soft", f.say("未涉及", "not evaluated")),
    }
}
