//! The tables of a preview, in the language of their reader.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};
use forbear_engine::account::snapshot::Bearer;
use forbear_engine::decide::Outcome;
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::Program;
use forbear_engine::policy::facts::CATALOGUE;
use forbear_engine::reason::Reason;
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;

use super::{By, Done, Job};
use crate::service::relief::preview::Part;
use crate::service::relief::preview::place::Place;
use crate::service::relief::preview::tally::{BenefitKey, Ending, Figures, ReasonKey, RuleKey, Table, Tally};

/// The columns of a terminal that a table may take.
const WIDTH: u16 = 118;
/// Rows of a long table that are printed; `--json` and `--csv` have them all.
const ROWS: usize = 12;

/// The report.
pub fn render(job: &Job<'_>, done: &Done, language: Language, by: By) -> String {
    let page = Page { job, tally: &done.tally, language, by };
    let mut out = String::new();
    page.head(&mut out);
    page.endings(&mut out);
    for part in Part::ALL {
        page.part(part, &mut out);
    }
    out
}

/// The short report: how accounts end, benefits, approvals, reasons.
pub fn brief(job: &Job<'_>, done: &Done, language: Language) -> String {
    let page = Page { job, tally: &done.tally, language, by: By::Province };
    let mut out = String::new();
    page.head(&mut out);
    page.endings(&mut out);
    for part in Part::ALL.into_iter().filter(|part| page.tally.decided.contains_key(part)) {
        page.heading(part, &mut out);
        page.benefits(part, &mut out);
        page.approvals(part, &mut out);
        page.reasons(part, &mut out);
    }
    out
}

struct Page<'a> {
    job: &'a Job<'a>,
    tally: &'a Tally,
    language: Language,
    by: By,
}

/// A row of a table: what it is about, people and money.
type Row = (String, Figures);
/// A column of money: its name and where it comes from.
type Column = (&'static str, fn(&Figures) -> Money);

impl Page<'_> {
    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        self.language.of([zh, en])
    }

    fn head(&self, out: &mut String) {
        let today = self.job.context.today;
        let _ = writeln!(out, "{} {today}", self.say("决定日", "Decided on"));
        for one in self.job.declarations {
            let amendment = one.as_of(today, RegionTree::builtin()).map(|declared| declared.amendment).unwrap_or(0);
            let amended = match (amendment, self.language) {
                (0, _) => String::new(),
                (number, Language::Chinese) => format!("，第{number}次修订"),
                (number, Language::English) => format!(", amendment {number}"),
            };
            let future =
                if one.declared_on > today { self.say("（尚未认定）", " (not declared yet)") } else { "" };
            let _ = writeln!(out, "  {} {}{amended}{future}", one.declaration, one.title.get(self.language));
        }
        for program in self.job.policies {
            let document = &program.document;
            let effective = program.effective();
            let in_force = effective.from <= today && effective.until.is_none_or(|until| today <= until);
            let rest = if in_force { "" } else { self.say("（当日未生效）", " (not in force that day)") };
            let title = document.title.get(self.language);
            let _ = writeln!(out, "  {} v{} {title}{rest}", document.policy, document.version);
        }
        out.push('\n');
    }

    fn endings(&self, out: &mut String) {
        let total = self.tally.accounts;
        let rows = Ending::ALL.iter().filter_map(|ending| {
            let count = *self.tally.endings.get(ending)?;
            Some(vec![self.ending(*ending).to_owned(), grouped(count), share(count, total)])
        });
        let mut rows: Vec<Vec<String>> = rows.collect();
        rows.push(vec![self.say("合计", "in all").into(), grouped(total), share(total, total)]);
        let _ = writeln!(out, "{}", self.say("账户的结果（每户一种）", "How the accounts end, each in one way"));
        grid(out, &["", self.say("账户", "accounts"), "%"], rows);
    }

    fn ending(&self, ending: Ending) -> &'static str {
        match ending {
            Ending::GrantedProactively => self.say("免申即享", "relief without asking"),
            Ending::GrantedOnRequest => self.say("申请后可得", "relief if they ask"),
            Ending::NeedsInformation => self.say("需借款人补充信息", "a question is open"),
            Ending::Referred => self.say("人工审核", "a person looks"),
            Ending::Declined => self.say("没有措施", "no relief"),
            Ending::NotComputable => self.say("无法计算", "not computable"),
        }
    }

    fn part(&self, part: Part, out: &mut String) {
        if !self.tally.decided.contains_key(&part) {
            return;
        }
        self.heading(part, out);
        self.benefits(part, out);
        self.money_tables(part, out);
        self.offers(part, out);
        self.approvals(part, out);
        self.months(part, out);
        self.reasons(part, out);
    }

    fn heading(&self, part: Part, out: &mut String) {
        let decided = self.tally.decided.get(&part).copied().unwrap_or_default();
        let title = match part {
            Part::Proactive => self.say("一、主动给予（无需申请）", "1. PROACTIVE: given without being asked for"),
            Part::Request => self
                .say("二、若可申请者全部申请（在主动给予之外）", "2. IF EVERYBODY ASKS WHO MAY: on top of the above"),
        };
        let _ = writeln!(out, "{title} · {} {}\n", grouped(decided), self.say("户", "accounts decided"));
        if let (Part::Request, Some(answers)) = (part, &self.job.answers) {
            let list: Vec<String> = answers.iter().map(|(fact, value)| format!("{fact} = {value}")).collect();
            let intro = self.say("假定的回答", "Assumed answers");
            let _ = writeln!(out, "{intro}: {}\n", list.join(", "));
        }
    }

    fn benefits(&self, part: Part, out: &mut String) {
        let total = self.say("合计", "in all");
        let benefit = |key: &BenefitKey| self.benefit(key);
        self.money(part, self.say("按措施", "By benefit"), &self.tally.by_benefit, benefit, Some(total), out);
    }

    fn money_tables(&self, part: Part, out: &mut String) {
        let tally = self.tally;
        self.money(part, self.say("按规则", "By rule"), &tally.by_rule, |key| self.rule(key), None, out);
        let bearer = |one: &Bearer| {
            match one {
                Bearer::Lender => self.say("贷款机构", "lender"),
                Bearer::Guarantor => self.say("担保方", "guarantor"),
                Bearer::Funder => self.say("资金方", "funder"),
            }
            .to_owned()
        };
        self.money(part, self.say("按承担方", "By bearer"), &tally.by_bearer, bearer, None, out);
        let mut regions: Table<Place> = BTreeMap::new();
        for ((of, currency, place), figures) in &tally.by_region {
            let place = if self.by == By::County { *place } else { place.province(RegionTree::builtin()) };
            let entry = regions.entry((*of, *currency, place));
            if let std::collections::btree_map::Entry::Occupied(mut known) = entry {
                // The same sums were added without overflow for the total.
                let _ = known.get_mut().add(figures);
            } else {
                entry.or_insert_with(|| figures.clone());
            }
        }
        self.money(
            part,
            self.say("按地区（灾害开始时的住所）", "By region (home when the disaster began)"),
            &regions,
            |place| self.place(*place),
            None,
            out,
        );
    }

    fn benefit(&self, key: &BenefitKey) -> String {
        let program = self.job.policies.iter().find(|program| program.slug() == key.policy);
        let benefits = program.into_iter().flat_map(|program| program.rules.iter().flat_map(|rule| &rule.benefits));
        let title = benefits.into_iter().find(|one| one.id == key.benefit).and_then(|one| one.title.as_ref());
        let title = title.map(|title| title.get(self.language)).unwrap_or_default();
        let consent = if key.consent { self.say("（须同意）", " (needs consent)") } else { "" };
        format!("{}/{} {title}{consent}", key.policy, key.benefit)
    }

    fn rule(&self, key: &RuleKey) -> String {
        let program = self.job.policies.iter().find(|program| program.slug() == key.policy);
        let rule = program.and_then(|program| program.rules.iter().find(|rule| rule.id == key.rule));
        let title = rule.and_then(|rule| rule.title.as_ref()).map(|title| title.get(self.language)).unwrap_or_default();
        format!("{}/{} {title}", key.policy, key.rule)
    }

    fn place(&self, place: Place) -> String {
        let regions = RegionTree::builtin();
        match place {
            Place::UnknownCode => self.say("代码不存在", "unknown code").to_owned(),
            Place::NotReported => self.say("未报告", "not reported").to_owned(),
            Place::In(id) => {
                let own = (self.language == Language::Chinese).then(|| regions.name_zh(id)).flatten();
                let name = own.map_or_else(|| regions.full_name(id), str::to_owned);
                format!("{} {name}", regions.code(id))
            }
        }
    }

    /// A table of people and money for each currency; columns that are zero throughout are left out.
    fn money<K: Ord>(
        &self,
        part: Part,
        title: &str,
        table: &Table<K>,
        name: impl Fn(&K) -> String,
        total: Option<&str>,
        out: &mut String,
    ) {
        let mut currencies: Vec<Currency> =
            table.keys().filter(|(of, ..)| *of == part).map(|(_, currency, _)| *currency).collect();
        currencies.dedup();
        for currency in currencies {
            let own = table.iter().filter(|((of, in_, _), _)| (*of, *in_) == (part, currency));
            let mut rows: Vec<Row> = own.map(|((_, _, key), figures)| (name(key), figures.clone())).collect();
            rows.sort_by(|(a, x), (b, y)| y.accounts.cmp(&x.accounts).then_with(|| a.cmp(b)));
            let hidden = rows.len().saturating_sub(ROWS);
            rows.truncate(ROWS);
            if let (Some(name), Some(sum)) = (total, self.tally.total.get(&(part, currency, ()))) {
                rows.push((name.to_owned(), sum.clone()));
            }
            let _ = writeln!(out, "{title} · {currency}");
            self.figures(&rows, out);
            self.more(hidden, out);
        }
    }

    fn figures(&self, rows: &[Row], out: &mut String) {
        let columns: [Column; 8] = [
            (self.say("减免", "waived"), |row| row.amounts.waived),
            (self.say("退还", "refunded"), |row| row.amounts.refunded),
            (self.say("补偿", "goodwill"), |row| row.amounts.goodwill),
            (self.say("延期", "deferred"), |row| row.amounts.deferred),
            (self.say("加计利息", "added interest"), |row| row.amounts.added_interest),
            (self.say("少收利息", "forgone interest"), |row| row.amounts.forgone_interest),
            (self.say("资本化", "capitalised"), |row| row.amounts.capitalised),
            (self.say("现值损失", "PV loss"), |row| row.present_value_loss),
        ];
        let used: Vec<_> =
            columns.iter().filter(|(_, of)| rows.iter().any(|(_, figures)| of(figures).minor() != 0)).collect();
        let mut head = vec!["", self.say("账户", "accounts"), self.say("人数", "people")];
        head.extend(used.iter().map(|(name, _)| *name));
        let row = |(name, figures): &Row| {
            let mut cells = vec![name.clone(), grouped(figures.accounts), grouped(figures.people)];
            cells.extend(used.iter().map(|(_, of)| money(of(figures))));
            cells
        };
        grid(out, &head, rows.iter().map(row).collect());
    }

    fn more(&self, hidden: usize, out: &mut String) {
        if hidden > 0 {
            let text = match self.language {
                Language::Chinese => format!("  … 另有{hidden}行：用 --json 或 --csv 查看\n"),
                Language::English => format!("  … and {hidden} rows more: see --json or --csv\n"),
            };
            // It belongs to the table above.
            out.pop();
            let _ = writeln!(out, "{text}");
        }
    }

    fn offers(&self, part: Part, out: &mut String) {
        let rows = self.tally.offers.iter().filter(|((of, _), _)| *of == part);
        let rows: Vec<Vec<String>> = rows.map(|((_, offer), count)| vec![offer.clone(), grouped(*count)]).collect();
        if !rows.is_empty() {
            let title = self.say(
                "可选方案（费用按第一个方案计）",
                "Offers to choose from (the money counts the first of each account)",
            );
            let _ = writeln!(out, "{title}");
            grid(out, &["", self.say("账户", "accounts")], rows);
        }
    }

    fn approvals(&self, part: Part, out: &mut String) {
        let mut list = Vec::new();
        for ((_, people), count) in self.tally.approvals.iter().filter(|((of, _), _)| *of == part) {
            let what = match people {
                0 => self.say("自动", "automatic"),
                1 => self.say("一人审批", "by one person"),
                _ => self.say("两人审批", "by two people"),
            };
            list.push(format!("{what} {}", grouped(*count)));
        }
        if !list.is_empty() {
            let _ = writeln!(out, "{}: {}\n", self.say("审批量", "Approval load"), list.join(" · "));
        }
        if let Some(count) = self.tally.loss_unknown.get(&part) {
            let what = self.say(
                "户缺少计算现值损失所需的数据",
                "accounts do not report what a present-value loss is computed from",
            );
            let _ = writeln!(out, "{} {what}\n", grouped(*count));
        }
    }

    fn months(&self, part: Part, out: &mut String) {
        let own = self.tally.deferred_by_month.iter().filter(|((of, ..), money)| *of == part && money.minor() != 0);
        let rows: Vec<Vec<String>> = own
            .map(|((_, currency, month), sum)| {
                vec![month.format("%Y-%m").to_string(), money(*sum), currency.to_string()]
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        let hidden = rows.len().saturating_sub(ROWS);
        let title =
            self.say("按月少收（负数为多收）的还款", "Payments that fall due less (below zero: more) in a month");
        let _ = writeln!(out, "{title}");
        grid(out, &["", "", ""], rows.into_iter().take(ROWS).collect());
        self.more(hidden, out);
    }

    fn reasons(&self, part: Part, out: &mut String) {
        let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
        for ((_, key), (reason, count)) in self.tally.reasons.iter().filter(|((of, _), _)| *of == part) {
            let what = key.benefit.as_ref().map_or_else(|| key.policy.clone(), |one| format!("{}/{one}", key.policy));
            let cells = vec![what, self.outcome(key.outcome).to_owned(), self.why(key, reason), grouped(*count)];
            rows.push((*count, cells));
        }
        rows.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.cmp(y)));
        if !rows.is_empty() {
            let hidden = rows.len().saturating_sub(ROWS);
            let _ = writeln!(out, "{}", self.say("未给予的原因", "Why something was not given"));
            let head = ["", self.say("结果", "outcome"), self.say("原因", "reason"), self.say("账户", "accounts")];
            grid(out, &head, rows.into_iter().take(ROWS).map(|(_, cells)| cells).collect());
            self.more(hidden, out);
        }
        let questions = self.tally.questions.iter().filter(|((of, _), _)| *of == part);
        let rows: Vec<Vec<String>> =
            questions.map(|((_, fact), count)| vec![fact.clone(), self.question(fact), grouped(*count)]).collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "{}", self.say("须询问借款人的内容", "What would have to be asked"));
            grid(out, &["", "", self.say("账户", "accounts")], rows);
        }
    }

    /// The reason; for conditions that are not met, what they ask.
    fn why(&self, key: &ReasonKey, reason: &Reason) -> String {
        let own = |program: &&Program| program.slug() == key.policy;
        let tests = self.job.policies.iter().filter(own).flat_map(|program| &program.tests);
        let tests: Vec<_> = tests.filter(|test| key.tests.contains(&test.id)).collect();
        let mut demands: Vec<String> = Vec::new();
        for test in tests {
            let message = test.message.as_ref().map(|text| text.get(self.language).to_owned());
            let demand = message.unwrap_or_else(|| test.id.clone());
            if !demands.contains(&demand) {
                demands.push(demand);
            }
        }
        if demands.is_empty() {
            return reason.text(self.language);
        }
        format!("{}{}", self.say("未满足：", "not met: "), demands.join(self.say("；", "; ")))
    }

    fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            // Granted, but for what could not be told.
            Outcome::Granted => self.say("部分给予", "granted in part"),
            Outcome::Declined => self.say("不给予", "declined"),
            Outcome::Referred => self.say("人工审核", "referred"),
            Outcome::NeedsInformation => self.say("待补充信息", "needs information"),
        }
    }

    fn question(&self, fact: &str) -> String {
        let asked = CATALOGUE.iter().find(|one| one.name == fact).and_then(|one| one.ask);
        asked.map(|pair| self.language.of(pair).to_owned()).unwrap_or_default()
    }
}

/// A table: words to the left, figures to the right.
fn grid(out: &mut String, head: &[&str], rows: Vec<Vec<String>>) {
    let mut grid = Grid::new();
    grid.load_style(presets::UTF8_FULL_CONDENSED);
    // Long words wrap; figures stay whole.
    grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    if head.iter().any(|name| !name.is_empty()) {
        grid.set_header(head.iter().copied());
    }
    let numbers = |at: usize| {
        !rows.is_empty()
            && rows
                .iter()
                .all(|row| row.get(at).is_some_and(|cell| cell.ends_with(|c: char| c.is_ascii_digit() || c == '%')))
    };
    let right: Vec<usize> = (1..head.len()).filter(|at| numbers(*at)).collect();
    grid.add_rows(rows);
    for at in right {
        if let Some(column) = grid.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(out, "{grid}\n");
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    separated(&number.to_string())
}

/// An amount without its currency: 1,234.50.
fn money(amount: Money) -> String {
    let text = amount.to_decimal().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{rest}", separated(digits))
}

fn separated(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share with one decimal: 12.3 %.
fn share(count: u64, of: u64) -> String {
    let tenths = count.saturating_mul(1000).checked_div(of).unwrap_or(0);
    format!("{}.{}%", tenths / 10, tenths % 10)
}
