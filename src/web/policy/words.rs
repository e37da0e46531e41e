//! What states and parts of policies are called on their pages.

use crate::web::frame::Frame;

/// Where a version stands.
pub fn state<'t>(f: &Frame, state: &'t str) -> &'t str {
    match state {
        "draft" => f.say("草稿", "draft"),
        "submitted" => f.say("待审批", "submitted"),
        "approved" => f.say("已批准", "approved"),
        "effective" => f.say("生效中", "in force"),
        "superseded" => f.say("已被取代", "superseded"),
        "withdrawn" => f.say("已撤回", "withdrawn"),
        "waiting" => f.say("排队中", "waiting"),
        "running" => f.say("计算中", "running"),
        "done" => f.say("已完成", "done"),
        "failed" => f.say("失败", "failed"),
        "cancelled" => f.say("已取消", "cancelled"),
        other => other,
    }
}

/// How a state is marked beside its word.
pub fn mark(state: &str) -> &'static str {
    match state {
        "effective" | "approved" | "done" => "good",
        "submitted" | "waiting" | "running" => "warn",
        "withdrawn" | "failed" => "bad",
        _ => "soft",
    }
}

/// A part of a policy.
pub fn part<'t>(f: &Frame, key: &'t str) -> &'t str {
    match key {
        "title" => f.say("名称", "title"),
        "summary" => f.say("摘要", "summary"),
        "sources" => f.say("依据", "sources"),
        "owner" => f.say("负责部门", "owner"),
        "review_by" => f.say("复审日", "review by"),
        "effective" => f.say("生效日期", "dates in force"),
        "from" => f.say("从", "from"),
        "until" => f.say("至", "until"),
        "disaster" => f.say("适用灾害", "disasters"),
        "severity" => f.say("级别", "severity"),
        "start" => f.say("启动方式", "how it starts"),
        "apply_by" => f.say("申请截止", "apply by"),
        "answer_within" => f.say("答复时限", "answer within"),
        "eligible" => f.say("申请条件", "who may have it"),
        "when" => f.say("适用情形", "when"),
        "all" => f.say("全部满足", "all of"),
        "any" => f.say("任一满足", "any of"),
        "not" => f.say("不得满足", "not"),
        "hit_policy" => f.say("多条规则同时成立时", "when several rules hold"),
        "rules" => f.say("规则", "rule"),
        "benefits" => f.say("措施", "benefit"),
        "waive" => f.say("减免", "waiver"),
        "defer" => f.say("延期", "deferral"),
        "suspend" => f.say("暂停还款", "suspension"),
        "hold" => f.say("暂缓", "hold"),
        "goodwill" => f.say("补偿", "goodwill"),
        "reduce_rate" => f.say("降低利率", "lower rate"),
        "pause_interest" => f.say("停息", "interest paused"),
        "extend_window" => f.say("延长期限", "longer window"),
        "charges" => f.say("费用种类", "charges"),
        "accrued" => f.say("计收期间", "accrued"),
        "share" => f.say("比例", "share"),
        "cap" => f.say("上限", "cap"),
        "if_paid" => f.say("已付部分", "if paid"),
        "borne_by" => f.say("承担方", "borne by"),
        "instalments" => f.say("期数", "instalments"),
        "choose" => f.say("可选", "choice"),
        "up_to" => f.say("最多", "up to"),
        "to" => f.say("移至", "to"),
        "interest_on_top" => f.say("延期利息", "interest on top"),
        "arrears" => f.say("逾期处理", "arrears"),
        "what" => f.say("内容", "what"),
        "limits" => f.say("限制", "limit"),
        "count" => f.say("次数", "count"),
        "amount" => f.say("金额", "amount"),
        "days" => f.say("天数", "days"),
        "months" => f.say("月数", "months"),
        "approval" => f.say("复核", "approval"),
        "automatic_up_to" => f.say("自动批准上限", "nobody up to"),
        "deferred_up_to" => f.say("延期本金上限", "deferred principal up to"),
        "two_people_above" => f.say("两人批准起点", "two people above"),
        "evidence" => f.say("材料", "evidence"),
        "message" => f.say("说明", "words"),
        other => other,
    }
}
