//! Reports: what was given over time, by area, bearer, policy; deferred cash by month. Each as a chart, a table and a file.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use askama::Template;
use chrono::NaiveDate;
use forbear_engine::region::RegionTree;

use super::chart::Chart;
use super::words;
use crate::api::problem::Problem;
use crate::service::access::Role;
use crate::service::relief::cash::{CashCut, CashSum};
use crate::service::relief::report::{Cut, Line, Of};
use crate::service::review::ageing::Age;
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::Visitor;

/// A report cut by something.
struct Part {
    /// Its name in addresses.
    by: &'static str,
    title: String,
    lines: Vec<Line>,
    charts: Vec<Chart>,
}

/// What a report is of, as the address says it.
#[derive(Default)]
struct Asked {
    from: String,
    until: String,
    declaration: String,
}

#[derive(Template)]
#[template(path = "finance/reports.html")]
struct Reports {
    f: Frame,
    asked: Asked,
    parts: Vec<Part>,
    cash: Vec<CashSum>,
    cash_charts: Vec<Chart>,
    ages: Vec<Age>,
}

impl Reports {
    /// The days in the address of a file of the same.
    fn same(&self) -> String {
        let mut rest = String::new();
        for (name, value) in [("from", &self.asked.from), ("until", &self.asked.until)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
        {
            rest.push_str(&format!("&{name}={value}"));
        }
        rest
    }

    fn sees_journal(&self) -> bool {
        self.f.is_any(&[Role::FinanceReviewer, Role::FinanceApprover, Role::Auditor])
    }

    /// What a line is called.
    fn named(&self, part: &Part, key: &str) -> String {
        named(&self.f, part.by, key)
    }

    fn sum(&self, three: &[i64; 3], currency: &str) -> String {
        self.f.minor(&three.iter().fold(0, |sum: i64, one| sum.saturating_add(*one)), currency)
    }
}

fn named(f: &Frame, by: &str, key: &str) -> String {
    let tree = RegionTree::builtin();
    match by {
        _ if key.is_empty() => f.say("未报送", "not reported").to_owned(),
        "bearer" => words::bearer(f, key).to_owned(),
        "region" => tree.find(key).map_or_else(|_| key.to_owned(), |region| tree.full_name(region)),
        _ => key.to_owned(),
    }
}

/// What is drawn of a report: its name in both languages, and where it stands in a line.
type Measure = ([&'static str; 2], fn(&Line) -> i64);

/// What lines come to in each currency, by their key; days are put together by month.
fn charts(f: &Frame, by: &str, lines: &[Line]) -> Vec<Chart> {
    let measures: [Measure; 3] = [
        (["减免、退还与补偿", "Waived, refunded and goodwill"], |line| {
            line.waived.saturating_add(line.refunded).saturating_add(line.goodwill)
        }),
        (["延期", "Deferred"], |line| line.deferred),
        (["合同修改损失", "Modification loss"], |line| line.modification_loss),
    ];
    let mut drawn = Vec::new();
    for (title, measure) in measures {
        let mut sums: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
        for line in lines {
            let key = if by == "day" { line.key.get(..7).unwrap_or(&line.key) } else { &line.key };
            let sum = sums.entry(&line.currency).or_default().entry(key).or_default();
            *sum = sum.saturating_add(measure(line));
        }
        for (currency, by_key) in sums {
            let rows: Vec<(String, i64)> = by_key.into_iter().map(|(key, sum)| (named(f, by, key), sum)).collect();
            drawn.extend(Chart::of(f, f.language.of(title), currency, &rows));
        }
    }
    drawn
}

/// What moves out of months and into them, in each currency.
fn cash_charts(f: &Frame, cash: &[CashSum]) -> Vec<Chart> {
    let mut sums: BTreeMap<&str, Vec<(String, i64)>> = BTreeMap::new();
    for sum in cash {
        let all = |three: &[i64; 3]| three.iter().fold(0, |sum: i64, one| sum.saturating_add(*one));
        let net = all(&sum.into).saturating_add(sum.added_interest).saturating_sub(all(&sum.out));
        sums.entry(&sum.currency).or_default().push((sum.month.clone(), net));
    }
    let title = f.say("各月现金流变化", "Change of cash by month");
    sums.into_iter().filter_map(|(currency, rows)| Chart::of(f, title, currency, &rows)).collect()
}

fn day(text: &str) -> Result<Option<NaiveDate>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Problem::unreadable("", format!("{text} is no day such as 2021-07-29"));
    text.parse().map(Some).map_err(wrong)
}

/// The reports.
#[get("/finance/reports")]
pub async fn show(visitor: Visitor, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse, Turned> {
    let fields = Fields::from(query);
    let asked = Asked {
        from: fields.get("from").to_owned(),
        until: fields.get("until").to_owned(),
        declaration: fields.get("declaration").to_owned(),
    };
    let (from, until) = match (day(&asked.from), day(&asked.until)) {
        (Ok(from), Ok(until)) => (from, until),
        (Err(problem), _) | (_, Err(problem)) => return Err(visitor.turn(problem)),
    };
    let of = Of { from, until, declaration: Some(asked.declaration.clone()).filter(|slug| !slug.is_empty()) };
    visitor
        .show(
            move |service, _| {
                let cuts = [Cut::Day, Cut::Region, Cut::Bearer, Cut::Policy, Cut::Declaration];
                let lines = cuts.into_iter().map(|cut| service.report(cut, &of)).collect::<Result<Vec<_>, _>>()?;
                Ok((lines, service.deferred_cash(CashCut::Month, &of)?, service.ageing()?))
            },
            |f, (lines, cash, ages)| {
                let titles = [
                    ("day", f.say("按时间", "Over time")),
                    ("region", f.say("按地区", "By area")),
                    ("bearer", f.say("按承担方", "By bearer")),
                    ("policy", f.say("按政策", "By policy")),
                    ("declaration", f.say("按灾害认定", "By declaration")),
                ];
                let part = |((by, title), lines): ((&'static str, &str), Vec<Line>)| Part {
                    by,
                    title: title.to_owned(),
                    charts: charts(&f, by, &lines),
                    lines,
                };
                let parts = titles.into_iter().zip(lines).map(part).collect();
                Reports { cash_charts: cash_charts(&f, &cash), parts, asked, cash, ages, f }
            },
        )
        .await
}
