//! What is wrong with a policy, in Chinese, by the name of the kind of problem. The engine says it in English, with the names that
//! stand in the policy; here it is said what that means and what to do.

/// Each kind of problem.
#[rustfmt::skip]
const KINDS: &[(&str, &str)] = &[
    ("agreement-missing", "由担保方或资金方承担时，须写明协议编号。"),
    ("amount-without-currency", "金额没有币种：请写明币种，或在政策中给出默认币种。"),
    ("apply-by-before-effective", "申请截止日早于政策生效日。"),
    ("approval-order", "“两人批准起点”不能低于“自动批准上限”。"),
    ("area-date-out-of-place", "“计入日期”来自借款人的地址，只能用于条件，不能作为计算日期的起点。"),
    ("bad-amount", "这不是金额：请写成带引号的数字，例如 \"500.00\"。"),
    ("bad-currency", "这不是币种代码：请写三个大写字母，例如 CNY。"),
    ("bad-date", "这不是日期：请写成 \"2026-06-01\" 的形式。"),
    ("bad-escape", "字符串中的转义写法不对。"),
    ("bad-id", "标识只能由小写字母、数字、连字符与下划线组成。"),
    ("bad-number", "这不是JSON的数字。"),
    ("bad-rate", "这不是利率或比例：请写成带引号的小数，例如 \"0.5\"。"),
    ("bad-slug", "名称须为以连字符相连的小写单词。"),
    ("bad-url", "这不是网址：请写以 https:// 开头的完整地址。"),
    ("bad-version", "版本须为大于零的整数。"),
    ("benefit-form", "一项措施只能是一种：减免、延期、暂缓等选其一。"),
    ("byte-order-mark", "文件开头有字节顺序标记（BOM），请去掉。"),
    ("cap-form", "上限须写金额与币种，或写取决于情况的数量，二者选一。"),
    ("choose-bounds", "可选范围不对：下限不能高于上限，默认值须在其间。"),
    ("comment", "JSON不能写注释，请去掉；要给人看的话写在摘要或说明里。"),
    ("condition-form", "一个条件只能测试一件事；多个条件请放进“全部满足”或“任一满足”。"),
    ("control-character", "文字中有控制字符，请去掉或转义。"),
    ("curly-quotes", "这里用了弯引号，请改用英文直双引号。"),
    ("currency-without-amount", "给了币种却没有金额。"),
    ("date-form", "日期须且只能从一处起算：after、later_of、earlier_of 选其一。"),
    ("date-missing", "移至某日的延期须写明日期。"),
    ("date-not-moved", "没有天数或月数，得到的就是当天本身。"),
    ("date-out-of-place", "只有移至某日的延期才写日期。"),
    ("date-too-far", "移动超过一百年。"),
    ("day-count", "计息天数的写法与此处不符。"),
    ("does-not-fit", "此处的写法不符合政策的格式。"),
    ("due-missing", "选择“到期日在期间内”的期次时，须写明期间。"),
    ("due-out-of-place", "某期的到期日只能用于移至某日的延期。"),
    ("due-out-of-window", "只有选择“到期日在期间内”的期次才写期间。"),
    ("duplicate-currency", "同一币种给了两次。"),
    ("duplicate-id", "标识重复：每个标识只能用一次。"),
    ("duplicate-key", "同一名称出现了两次。"),
    ("empty-all", "空的“全部满足”总是成立。"),
    ("empty-any", "空的“任一满足”永远不成立。"),
    ("empty-cite", "依据没有写明出处。"),
    ("empty-file", "文件是空的。"),
    ("empty-id", "标识是空的。"),
    ("empty-list", "列表是空的。"),
    ("empty-name", "名称是空的。"),
    ("empty-window", "期间两端都没有写，等于没有限制。"),
    ("ends-before-it-begins", "结束早于开始。"),
    ("extra-comma", "这里多了一个逗号。"),
    ("extra-terms-out-of-place", "只有顺延期次的延期才写增加的期数。"),
    ("fact-out-of-place", "这个事实不能用在这里。"),
    ("fractional-number", "须为整数。"),
    ("high-rate", "年利率超过100%，请确认。"),
    ("key-out-of-place", "这个名称不属于此处。"),
    ("limit-form", "一条限制须且只能限制一样：次数、金额、天数或月数。"),
    ("minus-of-two", "相减须有两项。"),
    ("missing-colon", "名称后缺少冒号。"),
    ("missing-comma", "前面缺少逗号。"),
    ("missing-key", "缺少必填的一项。"),
    ("missing-translation", "缺少中文或英文。"),
    ("missing-value", "名称后没有值。"),
    ("more-than-one-value", "政策结束后还有内容：一个文件只写一项政策。"),
    ("negative-amount", "金额不能小于零。"),
    ("negative-count", "数量不能小于零。"),
    ("never-eligible", "没有人能符合申请条件。"),
    ("never-holds", "这条规则永远不成立。"),
    ("never-reached", "前面的规则已涵盖所有情形，这条规则轮不到。"),
    ("no-owner", "没有写负责部门。"),
    ("not-a-date", "此处须为日期。"),
    ("not-a-person", "这个事实与人无关，不能指定是谁。"),
    ("not-an-object", "政策须为JSON对象，以花括号开头。"),
    ("not-dated", "这个事实没有时间，不能指定日期。"),
    ("not-json", "这不是JSON：请检查前面的逗号、引号或括号。"),
    ("nothing-given", "这样写什么也给不了。"),
    ("nul-byte", "文字中有空字符（NUL）。"),
    ("number-too-large", "数字太大。"),
    ("number-too-small", "数字太小。"),
    ("open-hold", "暂缓没有截止日，也没有复查日：请写明其一。"),
    ("operator-count", "一个条件须且只能有一个比较。"),
    ("operator-type", "这种比较不适用于这个事实。"),
    ("proactive-without-opt-out", "不经申请就改变借款人的负担：须给出拒绝期限，或要求借款人同意。"),
    ("quantity-form", "数量须且只能有一种写法。"),
    ("quantity-type", "数量的种类不符：金额、期数与天数不能混用。"),
    ("rate-too-high", "利率过高。"),
    ("relief-end-out-of-place", "纾困结束日由同一决定中的延期或暂停还款得出，此处还不知道。"),
    ("renew-open-hold", "没有截止的暂缓无须续期。"),
    ("renew-total", "续期的总长不能短于首期或一次续期。"),
    ("repeated-entry", "列表中有重复的一项。"),
    ("report-without-hold", "此处没有暂缓征信报送，无须写报送方式。"),
    ("review-before-effective", "复审日早于生效日。"),
    ("review-overdue", "复审日已过，请复审。"),
    ("roles-missing", "这个事实须写明是哪种地址。"),
    ("roles-out-of-place", "这个事实与地址无关。"),
    ("rules-overlap", "两条规则可以同时成立，而政策要求只有一条成立。"),
    ("share-of", "比例与“是什么的比例”须同时给出。"),
    ("share-out-of-range", "比例须大于零，且不超过一。"),
    ("single-quotes", "JSON的字符串须用双引号。"),
    ("span-form", "时长须大于零，且写法只能有一种。"),
    ("test-always-holds", "任何值都满足这个条件，等于没有测试。"),
    ("test-never-holds", "没有值能满足这个条件。"),
    ("too-deep", "嵌套太深。"),
    ("too-large", "政策太大。"),
    ("trailing-comma", "列表或对象结尾前多了一个逗号。"),
    ("unclosed", "此处开始的引号或括号没有闭合。"),
    ("undecided", "无法在合理时间内判断条件之间的关系，请人工核对。"),
    ("unique-undecided", "无法判断两条规则是否会同时成立，而政策要求只有一条成立。"),
    ("unknown-date", "没有这个日期。"),
    ("unknown-deferral", "没有找到所指的延期措施。"),
    ("unknown-fact", "没有这个事实。"),
    ("unknown-key", "此处没有这个名称。"),
    ("unknown-name", "没有这个名称。"),
    ("unknown-region", "没有这个地区代码。"),
    ("unknown-value", "此处不能用这个值。"),
    ("unquoted-word", "文字没有加引号。"),
    ("unused-apply-by", "不受理申请的政策，申请截止日没有作用。"),
    ("unused-opt-out", "需申请的政策，拒绝期限没有作用。"),
    ("unusual-role", "这不是常见的地址种类，请确认。"),
    ("waive-form", "减免须写明是费用还是利息，二者选一。"),
    ("wide-sign", "这里用了全角符号，请改用半角。"),
    ("window-ends-early", "期间结束早于开始。"),
    ("wrong-type", "值的类型不对。"),
];

/// A kind of problem in Chinese.
#[must_use]
pub fn in_chinese(code: &str) -> Option<&'static str> {
    KINDS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Names of problems in a source: what is quoted behind where a problem is made.
    fn codes(source: &str) -> Vec<String> {
        let is_code = |text: &str| {
            text.trim_matches('-').contains('-') && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        };
        let source = source.split("#[cfg(test)]").next().unwrap();
        let quoted = source.split('"').skip(1).step_by(2);
        quoted.filter(|text| is_code(text)).map(str::to_owned).collect()
    }

    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_kind_of_problem_is_said_in_chinese() {
        let mut found = Vec::new();
        sources(Path::new("engine/src/policy"), &mut found);
        let made: Vec<String> = found
            .iter()
            .filter(|source| source.contains("Problem::") || source.contains("-out-of-place"))
            .flat_map(|source| codes(source))
            .filter(|code| in_chinese(code).is_none())
            .collect();
        assert_eq!(made, Vec::<String>::new(), "no Chinese for these");
        assert!(KINDS.is_sorted_by(|a, b| a.0 < b.0), "in order, each once");
        let all = found.concat();
        let gone: Vec<&str> =
            KINDS.iter().map(|(code, _)| *code).filter(|code| !all.contains(&format!("\"{code}\""))).collect();
        assert_eq!(gone, Vec::<&str>::new(), "the engine makes none of these");
    }
}
