//! Why something was not done, in Chinese, by the name of the refusal. The service says it in English, with its particulars.

use forbear_engine::text::Language;

use super::frame::Frame;

/// Each refusal that things as they stand can bring.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    ("a_sample", "这是抽查：只能表示同意或不同意。"),
    ("answered_differently", "核心系统已就此作过不同的答复。"),
    ("appeal_of_appeal", "申诉的结果不能再申诉。"),
    ("appealed_already", "已经提出过申诉。"),
    ("approved_already", "您已批准过，须由另一人再次批准。"),
    ("budget_used", "额度已用超过此数，不能调低到这里。"),
    ("cases_fail", "有用例未通过，须先改正。"),
    ("changed_meanwhile", "内容已被他人更改，请重新查看。"),
    ("claimed_already", "他人正在处理。"),
    ("closed_already", "已经结束。"),
    ("declaration_closed", "灾害认定已关闭。"),
    ("declared_differently", "同名的灾害认定内容不同。"),
    ("digest_differs", "内容与展示时不同，请重新查看后再确认。"),
    ("ended", "已经结束。"),
    ("erased", "个人信息已删除。"),
    ("expired", "已过期。"),
    ("key_differs", "个人数据的密钥与数据库不符。"),
    ("key_missing", "缺少个人数据的密钥。"),
    ("known_already", "已确认是哪个账户。"),
    ("longest", "投诉的期限最长60天。"),
    ("name_taken", "用户名已被使用。"),
    ("needs_information", "还须先补充信息：请借款人重新申请。"),
    ("no_codes", "未开通验证码登录。"),
    ("no_gateway", "没有设置短信网关。"),
    ("no_hold", "这项纾困没有暂缓，也没有持续减免。"),
    ("no_opt_out", "这项纾困由申请得来，请联系机构收回。"),
    ("no_sample", "这里等待的是决定：只有抽查才表示同意或不同意。"),
    ("nobody_to_ask", "没有提出申请的人，无法询问。"),
    ("not_a_draft", "不是草稿，不能更改。"),
    ("not_a_referral", "不是转人工的事项。"),
    ("not_ended", "还有未了结的事项。"),
    ("not_identified", "请先确认是哪个账户。"),
    ("not_over", "月份还没有结束，不能关账。"),
    ("not_previewed", "预演尚未完成。"),
    ("not_renewed", "政策不再允许续期。"),
    ("nothing_declined", "没有被拒绝的内容，无从申诉。"),
    ("nothing_offered", "没有可同意的方案。"),
    ("nothing_to_approve", "没有需要批准的内容。"),
    ("nothing_to_renew", "没有可续期的内容。"),
    ("out_of_order", "须按月份顺序关账。"),
    ("overdue", "已逾期的投诉不能再延长。"),
    ("policy_not_in_effect", "政策不在生效期内。"),
    ("posted_already", "已经入账。"),
    ("preview_under_way", "同一预演正在计算。"),
    ("quiet_hours", "现在是免打扰时段。"),
    ("released_already", "已经解除。"),
    ("renewed_already", "已经续期。"),
    ("round_changed", "批量纾困的状态已变化。"),
    ("round_under_way", "批量纾困正在进行。"),
    ("same_person", "须由另一人处理。"),
    ("second_person", "须由另一人批准。"),
    ("sent_anew", "同一文件正在重新发送。"),
    ("stood_on", "其后的纾困以此为基础，须先冲正后者。"),
    ("too_late", "已过期限。"),
    ("too_many_files", "文件太多。"),
    ("too_soon", "今天才批准，明天起可以续期。"),
    ("was_asked_for", "这是您申请的纾困：请在申请中同意。"),
    ("word_taken", "另一条开放的通道已使用这个短信关键词。"),
    ("wrong_state", "当前状态下不能这样做，请重新查看。"),
];

impl Frame {
    /// Why something was refused, in the language of the page, where that is not the service's.
    #[must_use]
    pub fn refused(&self, kind: &str) -> Option<&'static str> {
        in_chinese(kind).filter(|_| self.language == Language::Chinese)
    }
}

/// A refusal in Chinese, by its name or by the address of its kind.
fn in_chinese(kind: &str) -> Option<&'static str> {
    let code = kind.rsplit('/').next().unwrap_or(kind);
    WORDS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn codes(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            let made = source.split("conflict(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            found.extend(made.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }

    #[test]
    fn every_refusal_is_said_in_chinese() {
        let mut made = BTreeSet::new();
        codes(Path::new("src/service"), &mut made);
        let known: BTreeSet<String> = WORDS.iter().map(|(code, _)| (*code).to_owned()).collect();
        assert!(made.len() > 40, "{made:?}");
        assert_eq!(made.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "no Chinese for these");
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0), "in order, each once");
        assert_eq!(in_chinese("/problems/same_person"), Some("须由另一人处理。"));
    }
}
