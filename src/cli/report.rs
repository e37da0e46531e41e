//! `forbear report`: what became of a disaster, or of a year, for whoever has to account for it: relief, and how people were
//! treated. As Markdown, or as a page that prints well.

use std::path::PathBuf;

use anyhow::Context;
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};
use forbear_engine::declaration::{Declaration, Designation};
use forbear_engine::explain::Voice;
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;

use super::service::{ConfigArgs, open};
use crate::service::care::reporting::CareLine;
use crate::service::chronicle::{About, Asked, Chronicle};
use crate::service::relief::report::{Cut, Line};

/// Write the report of a declaration or of a year: relief, channels, people reached, answers, complaints
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  forbear report --declaration cn-hunan-2024-06 --language zh-CN > report.md\n  forbear report --year 2026 --format html --out report.html"
)]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Of this declaration
    #[arg(long, value_name = "NAME", conflicts_with = "year", required_unless_present = "year")]
    pub declaration: Option<String>,
    /// Of all disasters of this year
    #[arg(long, value_name = "YEAR")]
    pub year: Option<i32>,
    /// As Markdown, or as a page to print
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    pub format: Format,
    /// zh-CN or en
    #[arg(long, default_value_t = Language::English)]
    pub language: Language,
    /// Into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// HTML, with a style for paper.
    Html,
}

/// A report, as it is laid out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    language: &'static str,
    title: String,
    sections: Vec<Section>,
}

/// A part of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    title: String,
    lines: Vec<String>,
    tables: Vec<Table>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
}

/// Writes it.
///
/// # Errors
/// There is no such declaration, or the database or the file does not do.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let service = open(&args.config.read()?)?;
    let day =
        |month, day| args.year.map(|year| NaiveDate::from_ymd_opt(year, month, day).context("there is no such year"));
    let about =
        About { declaration: args.declaration.clone(), from: day(1, 1).transpose()?, until: day(12, 31).transpose()? };
    let teller = Teller { language: args.language, today: service.clock.today(), zone: service.clock.zone() };
    let report = teller.report(&service.chronicle(about)?, args.year);
    let text = match args.format {
        Format::Markdown => markdown(&report),
        Format::Html => Page { report: &report }.render()?,
    };
    match &args.out {
        Some(path) => std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(super::print(&text)?),
    }
}

/// Puts it into words.
struct Teller {
    language: Language,
    today: NaiveDate,
    zone: chrono_tz::Tz,
}

impl Teller {
    fn say(&self, zh: &str, en: &str) -> String {
        if self.language == Language::Chinese { zh.to_owned() } else { en.to_owned() }
    }

    fn head<const N: usize>(&self, names: [(&str, &str); N]) -> Vec<String> {
        names.iter().map(|(zh, en)| self.say(zh, en)).collect()
    }

    fn money(&self, minor: i64, currency: &str) -> String {
        let none = Attributes::default();
        let voice = Voice { language: self.language, regions: RegionTree::builtin(), attributes: &none };
        Currency::new(currency).map(|known| voice.money(&Money::new(minor, known))).unwrap_or_default()
    }

    fn moment(&self, at: Option<NaiveDateTime>) -> String {
        let local = |at: NaiveDateTime| at.and_utc().with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string();
        at.map_or_else(|| "—".to_owned(), local)
    }

    fn report(&self, told: &Chronicle, year: Option<i32>) -> Report {
        let of = match (year, told.declarations.first()) {
            (Some(year), _) => year.to_string(),
            (None, Some((_, document))) => document.title.get(self.language).to_owned(),
            (None, None) => String::new(),
        };
        let sections =
            vec![self.happened(told), self.channels(told), self.asked(&told.asked), self.given(told), self.care(told)];
        let title = self.say("纾困与消费者保护报告", "Relief and consumer protection");
        Report { language: self.language.tag(), title: format!("{title}: {of} ({})", self.today), sections }
    }

    fn happened(&self, told: &Chronicle) -> Section {
        let head = self.head([
            ("灾害", "Disaster"),
            ("类型", "Kind"),
            ("等级", "Severity"),
            ("期间", "Days"),
            ("认定地区", "Areas"),
            ("修订", "Amendments"),
        ]);
        let rows = told.declarations.iter().map(|(row, document)| {
            let ended = document.incident.end.map_or_else(|| self.say("仍在持续", "going on"), |day| day.to_string());
            vec![
                format!("{} ({})", document.title.get(self.language), row.slug),
                document.kind.name().to_owned(),
                document.severity.map_or_else(|| "—".to_owned(), |severity| severity.name().to_owned()),
                format!("{} – {ended}", document.incident.start),
                self.areas(document),
                row.amendment.to_string(),
            ]
        });
        let table = Table { head, rows: rows.collect() };
        Section { title: self.say("发生了什么", "What happened"), tables: vec![table], ..Section::default() }
    }

    fn areas(&self, document: &Declaration) -> String {
        let of = |wanted: Option<Designation>| document.areas.iter().filter(|area| area.designation == wanted).count();
        let mut parts = Vec::new();
        for designation in Designation::ALL.into_iter().rev() {
            let name = match designation {
                Designation::Severe => self.say("重灾区", "severe"),
                Designation::Affected => self.say("受灾区", "affected"),
                Designation::Adjacent => self.say("毗邻区", "adjacent"),
            };
            parts.push((of(Some(designation)), name));
        }
        parts.push((of(None), self.say("其他", "other")));
        let some = parts.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, name)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    }

    fn channels(&self, told: &Chronicle) -> Section {
        let head = self.head([
            ("通道", "Channel"),
            ("响应级别", "Level"),
            ("开通", "Opened"),
            ("关闭", "Closed"),
            ("预警到开通（分钟）", "Minutes from alert"),
            ("告知对象", "To be told"),
            ("已送达或已发出", "Told"),
            ("未发送", "Not told"),
        ]);
        let rows = told.channels.iter().map(|(row, outreach)| {
            let took = row.opened_at.zip(row.alerted_at).map(|(opened, alerted)| opened.signed_duration_since(alerted));
            let count = |states: &[&str]| -> i64 {
                outreach
                    .iter()
                    .flat_map(|one| &one.states)
                    .filter(|(state, _)| states.contains(&state.as_str()))
                    .map(|(_, n)| *n)
                    .sum()
            };
            let persons: u64 = outreach.iter().map(|one| one.tally.persons).max().unwrap_or_default();
            let mut silent: Vec<String> = Vec::new();
            for (reason, count) in outreach.iter().flat_map(|one| &one.suppressed) {
                silent.push(format!("{reason} {count}"));
            }
            vec![
                row.declaration.clone(),
                row.level.clone(),
                self.moment(row.opened_at),
                self.moment(row.closed_at),
                took.map_or_else(|| "—".to_owned(), |took| took.num_minutes().to_string()),
                persons.to_string(),
                count(&["sent", "delivered"]).to_string(),
                if silent.is_empty() { "0".to_owned() } else { silent.join(", ") },
            ]
        });
        let table = Table { head, rows: rows.collect() };
        let lines = if told.channels.is_empty() {
            vec![self.say("没有开设应急专属通道。", "No emergency channel was opened.")]
        } else {
            Vec::new()
        };
        let tables = if table.rows.is_empty() { Vec::new() } else { vec![table] };
        Section {
            title: self.say("应急专属通道与触达", "Emergency channels and people reached"), lines, tables
        }
    }

    fn asked(&self, asked: &Asked) -> Section {
        let mut lines = vec![format!("{}: {}", self.say("收到申请", "Requests"), asked.received)];
        let (soon, all) = asked.within_a_day();
        let seconds =
            |percent| asked.answered_within(percent).map_or_else(|| "—".to_owned(), |seconds| seconds.to_string());
        lines.push(format!(
            "{}: {}; {}: {}; {}: {soon} / {all}",
            self.say("一半申请的首次答复用时（秒）", "Half had their first answer within (seconds)"),
            seconds(50),
            self.say("九成", "nine of ten within"),
            seconds(90),
            self.say("24 小时内答复", "answered within 24 hours"),
        ));
        let counted = |head: [(&str, &str); 2], counts: &std::collections::BTreeMap<String, i64>| Table {
            head: self.head(head),
            rows: counts.iter().map(|(key, count)| vec![key.clone(), count.to_string()]).collect(),
        };
        let refused = Table {
            head: self.head([
                ("政策", "Policy"),
                ("若以下成立则会批准", "Would have been granted if"),
                ("件数", "Requests"),
            ]),
            rows: asked
                .refused_for
                .iter()
                .map(|((policy, tests), count)| vec![policy.clone(), tests.clone(), count.to_string()])
                .collect(),
        };
        let tables = [
            counted([("结果", "Outcome"), ("件数", "Requests")], &asked.outcomes),
            counted([("渠道", "Came by"), ("件数", "Requests")], &asked.via),
            refused,
        ];
        let tables = tables.into_iter().filter(|table| !table.rows.is_empty()).collect();
        Section {
            title: self.say("申请、答复与未批准原因", "Requests, answers, and why some were refused"),
            lines,
            tables,
        }
    }

    fn given(&self, told: &Chronicle) -> Section {
        let tables =
            told.given.iter().filter(|(_, lines)| !lines.is_empty()).map(|(cut, lines)| self.money_table(*cut, lines));
        let tables: Vec<Table> = tables.collect();
        let none = || vec![self.say("尚无已入账的纾困。", "No relief was posted.")];
        let lines = if tables.is_empty() { none() } else { Vec::new() };
        Section { title: self.say("纾困金额", "Relief given"), lines, tables }
    }

    fn money_table(&self, cut: Cut, lines: &[Line]) -> Table {
        let by = match cut {
            Cut::Declaration => ("灾害", "Disaster"),
            Cut::Policy => ("政策", "Policy"),
            Cut::Region => ("地区", "Area"),
            Cut::Bearer => ("承担方", "Borne by"),
            Cut::Rule => ("规则", "Rule"),
            Cut::Day => ("日期", "Day"),
        };
        let head = self.head([
            by,
            ("减免", "Waived"),
            ("退还", "Refunded"),
            ("补偿", "Goodwill"),
            ("延期", "Deferred"),
            ("新增利息", "Added interest"),
            ("免收利息", "Forgone interest"),
            ("合同修改损失", "Modification loss"),
        ]);
        let tree = RegionTree::builtin();
        let rows = lines.iter().map(|line| {
            let area = (cut == Cut::Region).then(|| tree.known(&line.key)).flatten();
            let key = area.map_or_else(|| line.key.clone(), |area| tree.full_name(area));
            let money = |minor| self.money(minor, &line.currency);
            vec![
                key,
                money(line.waived),
                money(line.refunded),
                money(line.goodwill),
                money(line.deferred),
                money(line.added_interest),
                money(line.forgone_interest),
                money(line.modification_loss),
            ]
        });
        Table { head, rows: rows.collect() }
    }

    fn care(&self, told: &Chronicle) -> Section {
        let contacts = self.head([
            ("", ""),
            ("来访", "Contacts"),
            ("达标答复", "Within target"),
            ("一半在（秒）内答复", "Half answered within (s)"),
            ("案件", "Cases"),
            ("24 小时内解决", "Resolved in 24 h"),
            ("一次解决", "Resolved at once"),
            ("重复来访", "Repeated"),
        ]);
        let complaints = self.head([
            ("", ""),
            ("投诉", "Complaints"),
            ("未结", "Open"),
            ("超期", "Overdue"),
            ("已答复", "Resolved"),
            ("按期", "In time"),
            ("妥善解决", "For good"),
            ("再次提出", "Opened again"),
            ("满意", "Content"),
        ]);
        let share = |part: i64, whole: i64| format!("{part} / {whole}");
        let some = |lines: &[CareLine], head: &[String], row: &dyn Fn(&CareLine) -> Vec<String>| Table {
            head: head.to_vec(),
            rows: lines.iter().map(row).collect(),
        };
        let key = |line: &CareLine| if line.key == "all" { self.say("合计", "all") } else { line.key.clone() };
        let mut tables = Vec::new();
        for (_, lines) in &told.care {
            tables.push(some(lines, &contacts, &|line| {
                let of = &line.contacts;
                vec![
                    key(line),
                    of.contacts.to_string(),
                    share(of.within_target, of.with_target),
                    of.median_seconds.map_or_else(|| "—".to_owned(), |seconds| seconds.to_string()),
                    of.cases.to_string(),
                    share(of.resolved_within_day, of.day_old),
                    share(of.resolved_at_once, of.cases),
                    of.repeated.to_string(),
                ]
            }));
            tables.push(some(lines, &complaints, &|line| {
                let of = &line.complaints;
                let counts = [of.received, of.open, of.overdue, of.resolved, of.in_time, of.properly, of.reopened];
                let counts = counts.iter().map(ToString::to_string);
                [key(line)].into_iter().chain(counts).chain([share(of.content, of.rated)]).collect()
            }));
        }
        tables.retain(|table| !table.rows.is_empty());
        let none = || vec![self.say("没有来访或投诉记录。", "Nobody got in touch or complained.")];
        let lines = if tables.is_empty() { none() } else { Vec::new() };
        Section { title: self.say("来访与投诉", "Contacts and complaints"), lines, tables }
    }
}

/// As Markdown (CommonMark, with the tables of GFM).
fn markdown(report: &Report) -> String {
    let cell = |text: &String| text.replace('\\', "\\\\").replace('|', "\\|").replace(['\r', '\n'], " ");
    let row = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    let mut text = format!("# {}\n", report.title);
    for section in &report.sections {
        text.push_str(&format!("\n## {}\n\n", section.title));
        for line in &section.lines {
            text.push_str(&format!("{line}\n\n"));
        }
        for table in &section.tables {
            text.push_str(&row(&table.head));
            text.push_str(&row(&vec!["---".to_owned(); table.head.len()]));
            table.rows.iter().for_each(|cells| text.push_str(&row(cells)));
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_shape_whatever_its_cells_say() {
        let table = Table {
            head: vec!["a".to_owned(), "b".to_owned()],
            rows: vec![vec!["x|y\nz".to_owned(), "\\".to_owned()]],
        };
        let section = Section { title: "S".to_owned(), tables: vec![table], ..Section::default() };
        let report = Report { language: "en", title: "T".to_owned(), sections: vec![section] };
        assert_eq!(markdown(&report), "# T\n\n## S\n\n| a | b |\n| --- | --- |\n| x\\|y z | \\\\ |\n\n");
    }
}
