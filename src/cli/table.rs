//! Payments before and after as tables; Chinese characters take two columns.

use chrono::NaiveDate;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use forbear_engine::explain::Voice;
use forbear_engine::explain::amount::{percent_column, plain};
use forbear_engine::explain::compare::{Compared, Comparison, Due, PaymentDay, Side};
use forbear_engine::money::Money;

/// A column of a payment: its name, and what it takes of a payment.
type Column = ([&'static str; 2], fn(&Due) -> Money);

const COLUMNS: [Column; 6] = [
    (["本金", "principal"], |due| due.principal),
    (["利息", "interest"], |due| due.interest),
    (["分期费用", "fees"], |due| due.fees),
    (["违约金等费用", "charges"], |due| due.charges),
    (["担保费", "guarantee fee"], |due| due.guarantee_fee),
    (["合计", "total"], |due| due.total),
];

/// Before and after what is granted: each payment, then the sums. Nothing when the account has no payments to come.
#[must_use]
pub fn granted(compared: &Compared, voice: &Voice<'_>) -> String {
    let comparison = &compared.granted;
    if comparison.days.is_empty() {
        return String::new();
    }
    let currency = comparison.before.to_pay.total.currency();
    let mut text = if same(comparison) {
        format!("\n{} ({currency})\n", voice.language.of(["各期还款（不变）", "Payments, which stay as they are"]))
    } else {
        format!(
            "\n{} ({currency})\n",
            voice.language.of(["每次还款，纾困前后", "Each payment before and after relief"])
        )
    };
    text.push_str(&format!("{}\n", payments(comparison, voice)));
    text.push_str(&format!(
        "{}\n",
        sums(&[(side_name(voice, 0), &comparison.before), (side_name(voice, 1), &comparison.after)], voice)
    ));
    if comparison.incomplete {
        text.push_str(voice.language.of([
            "部分已还金额未报送，实际应还可能更少。\n",
            "What is paid of some of it is not reported: less may be owed than is shown.\n",
        ]));
    }
    text
}

/// The offers side by side: the total of each payment, then the sums.
#[must_use]
pub fn offers(compared: &Compared, voice: &Voice<'_>) -> String {
    if compared.offers.is_empty() {
        return String::new();
    }
    let currency = compared.granted.before.to_pay.total.currency();
    let names: Vec<String> =
        (1..=compared.offers.len()).map(|at| format!("{} {at}", voice.language.of(["方案", "offer"]))).collect();
    let mut days: Vec<NaiveDate> =
        compared.offers.iter().flat_map(|offer| &offer.comparison.days).map(|day| day.on).collect();
    days.sort_unstable();
    days.dedup();
    let mut table = table();
    let right = |name: &String| Cell::new(name).set_alignment(CellAlignment::Right);
    let mut header = vec![Cell::new(voice.language.of(["还款日", "due"])), right(&side_name(voice, 0))];
    header.extend(names.iter().map(right));
    table.set_header(header);
    for on in days {
        let find = |comparison: &Comparison| comparison.days.iter().find(|day| day.on == on).copied();
        let day = compared.offers.iter().find_map(|offer| find(&offer.comparison));
        let mut cells = vec![Cell::new(due_on(on, day.is_some_and(|day| day.overdue), voice))];
        cells.push(amount(day.map(|day| day.before.total)));
        cells.extend(compared.offers.iter().map(|offer| amount(find(&offer.comparison).map(|day| day.after.total))));
        table.add_row(cells);
    }
    let title = voice.language.of(["各方案每次还款合计", "What is paid under each offer"]);
    let mut sides = vec![(side_name(voice, 0), &compared.granted.before)];
    sides.extend(names.into_iter().zip(compared.offers.iter().map(|offer| &offer.comparison.after)));
    format!("\n{title} ({currency})\n{table}\n{}\n", sums(&sides, voice))
}

fn same(comparison: &Comparison) -> bool {
    comparison.days.iter().all(|day| day.before == day.after) && comparison.after.paid_back.minor() == 0
}

fn side_name(voice: &Voice<'_>, side: usize) -> String {
    voice.language.of(if side == 0 { ["纾困前", "before"] } else { ["纾困后", "after"] }).to_owned()
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// One line for a day that stays as it is, two for one that changes; columns without anything are left out.
fn payments(comparison: &Comparison, voice: &Voice<'_>) -> Table {
    let used: Vec<&Column> = COLUMNS
        .iter()
        .filter(|(_, of)| comparison.days.iter().any(|day| of(&day.before).minor() != 0 || of(&day.after).minor() != 0))
        .collect();
    let mut table = table();
    let mut header = vec![Cell::new(voice.language.of(["还款日", "due"])), Cell::new("")];
    header.extend(used.iter().map(|(name, _)| Cell::new(voice.language.of(*name)).set_alignment(CellAlignment::Right)));
    table.set_header(header);
    for day in &comparison.days {
        let name = due_on(day.on, day.overdue, voice);
        for (name, side, due) in lines(day, &name, voice) {
            let mut cells = vec![Cell::new(name), Cell::new(side)];
            cells.extend(used.iter().map(|(_, of)| amount(Some(of(due)))));
            table.add_row(cells);
        }
    }
    table
}

fn due_on(on: NaiveDate, overdue: bool, voice: &Voice<'_>) -> String {
    format!("{on}{}", if overdue { voice.language.of(["（已逾期）", " overdue"]) } else { "" })
}

fn lines<'a>(day: &'a PaymentDay, name: &str, voice: &Voice<'_>) -> Vec<(String, String, &'a Due)> {
    if day.before == day.after {
        return vec![(name.to_owned(), voice.language.of(["不变", "same"]).to_owned(), &day.before)];
    }
    vec![(name.to_owned(), side_name(voice, 0), &day.before), (String::new(), side_name(voice, 1), &day.after)]
}

/// What all of it comes to, a column for each side.
fn sums(sides: &[(String, &Side)], voice: &Voice<'_>) -> Table {
    let mut table = table();
    let mut header = vec![Cell::new(voice.language.of(["今后合计", "in all from now on"]))];
    header.extend(sides.iter().map(|(name, _)| Cell::new(name).set_alignment(CellAlignment::Right)));
    table.set_header(header);
    let mut row = |name: [&'static str; 2], of: &dyn Fn(&Side) -> Option<String>| {
        let values: Vec<Option<String>> = sides.iter().map(|(_, side)| of(side)).collect();
        if values.iter().any(Option::is_some) {
            let mut cells = vec![Cell::new(voice.language.of(name))];
            let cell = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
            cells.extend(values.into_iter().map(|value| Cell::new(cell(value)).set_alignment(CellAlignment::Right)));
            table.add_row(cells);
        }
    };
    let used = |of: fn(&Due) -> Money| sides.iter().any(|(_, side)| of(&side.to_pay).minor() != 0);
    for (name, of) in COLUMNS {
        if used(of) {
            row(name, &|side| Some(plain(&of(&side.to_pay))));
        }
    }
    if sides.iter().any(|(_, side)| side.paid_back.minor() != 0) {
        row(["退还和补偿", "paid back to the borrower"], &|side| Some(plain(&side.paid_back)));
    }
    row(["综合年化成本（IRR，单利口径）", "all-in annual cost (IRR, nominal)"], &|side| {
        side.annual_cost.map(|cost| percent_column(cost.nominal, 2))
    });
    row(["综合年化成本（复利口径）", "all-in annual cost (compounded)"], &|side| {
        side.annual_cost.map(|cost| percent_column(cost.effective, 2))
    });
    row(["APR（美国 Z 条例）", "APR (Regulation Z)"], &|side| side.apr.map(|apr| percent_column(apr, 2)));
    row(["逾期天数", "days past due"], &|side| side.days_past_due.map(|days| days.to_string()));
    row(["下一还款日", "next payment"], &|side| side.next_due_on.map(|day| day.to_string()));
    row(["最后还款日", "last payment"], &|side| side.maturity_on.map(|day| day.to_string()));
    table
}

fn amount(money: Option<Money>) -> Cell {
    let text = money.filter(|money| money.minor() != 0).map_or_else(|| "–".to_owned(), |money| plain(&money));
    Cell::new(text).set_alignment(CellAlignment::Right)
}
