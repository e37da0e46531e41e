//! What the core system did not report, in words. The engine names it in English; what is not in the table stays.

use super::Voice;
use crate::text::Language;

/// In English as the engine says it, with `*` for a name, and in Chinese.
const MISSING: &[(&str, &str)] = &[
    ("the schedule is not reported", "未报送还款计划"),
    ("the charges are not reported", "未报送费用"),
    ("the payments are not reported", "未报送还款记录"),
    ("the parties are not reported", "未报送借款人信息"),
    ("the product is not reported", "未报送产品"),
    ("the repayment method is not reported", "未报送还款方式"),
    ("the contract rate is not reported", "未报送合同利率"),
    ("the day count is not reported", "未报送计息规则"),
    ("the amount lent is not reported", "未报送借款本金"),
    ("the disbursement date is not reported", "未报送放款日"),
    ("the end of the cooling-off period is not reported", "未报送犹豫期截止日"),
    ("whether it is the first loan is not reported", "未报送是否首次借款"),
    ("the funders are not reported", "未报送资金方"),
    ("the agreements are not reported", "未报送合作协议"),
    ("other arrangements are not reported", "未报送其他安排"),
    ("the account's status on that day is not reported", "未报送当日账户状态"),
    ("the credit reports are not reported", "未报送征信报送记录"),
    ("what is paid of a charge is not reported", "未报送费用的已付金额"),
    ("what is paid of an instalment is not reported", "未报送分期的已还金额"),
    ("when an instalment was paid is not reported", "未报送分期的还款日"),
    ("the care flags of a borrower are not reported", "未报送客户标识"),
    ("the declaration states no severity", "灾害认定未载明级别"),
    ("the date of the deferral", "延期到期日"),
    ("the date of the deferral is not known yet", "延期到期日尚未确定"),
    ("a date lies beyond the calendar", "日期超出日历范围"),
    ("what is paid of charge * is not reported", "未报送费用 * 的已付金额"),
    ("what is paid of instalment * is not reported", "未报送分期 * 的已还金额"),
    ("when charge * was assessed is not reported", "未报送费用 * 的计收日"),
    (
        "basis, rate and day count of charge * are not reported, so it cannot be cut",
        "未报送费用 * 的计算基数、利率和计息规则，无法按日分割",
    ),
    ("no home address is reported for *", "未报送 * 的住所"),
    ("no id_card address is reported for *", "未报送 * 的身份证住址"),
    ("which home address held on * is not reported", "未报送 * 有效的住所"),
    ("which work address held on * is not reported", "未报送 * 有效的工作地"),
    (
        "the code * has more than one successor, and they are not designated alike",
        "区划代码 * 有多个后继，灾区认定不一致",
    ),
];

impl Voice<'_> {
    /// What was not reported.
    #[must_use]
    pub fn missing(&self, what: &str) -> String {
        if self.language == Language::English {
            return what.to_owned();
        }
        let fits = |(english, chinese): &(&str, &str)| match english.split_once('*') {
            None => (*english == what).then(|| (*chinese).to_owned()),
            Some((head, tail)) => {
                let name = what.strip_prefix(head)?.strip_suffix(tail)?;
                Some(chinese.replace('*', name))
            }
        };
        let fact = |name: &str| {
            let (fact, _) = crate::policy::facts::FactRef::find(name, self.attributes)?;
            Some(format!("未报送{}", self.title(&fact)))
        };
        let found = MISSING.iter().find_map(fits);
        found.or_else(|| fact(what.strip_suffix(" is not reported").unwrap_or(what))).unwrap_or_else(|| what.to_owned())
    }
}
