//! Decisions and lines as files: JSON Lines and CSV.

use forbear_engine::account::snapshot::Bearer;
use forbear_engine::decide::Decision;
use forbear_engine::region::RegionTree;
use serde::Serialize;

use super::Part;
use super::line::Line;

/// The columns of the CSV file, in order.
pub const COLUMNS: [&str; 29] = [
    "account",
    "part",
    "event",
    "declaration",
    "amendment",
    "policy",
    "version",
    "rule",
    "benefit",
    "outcome",
    "reason",
    "consent",
    "approval",
    "opt_out_by",
    "currency",
    "bearer",
    "waived",
    "refunded",
    "goodwill",
    "deferred",
    "deferred_principal",
    "added_interest",
    "forgone_interest",
    "capitalised",
    "present_value_loss",
    "region",
    "region_name",
    "province",
    "questions",
];

/// The name of a bearer in documents.
#[must_use]
pub const fn bearer_name(bearer: Bearer) -> &'static str {
    match bearer {
        Bearer::Lender => "lender",
        Bearer::Guarantor => "guarantor",
        Bearer::Funder => "funder",
    }
}

/// Appends a decision as one line of JSON, with the part that it belongs to.
///
/// # Errors
/// A value has no JSON form.
pub fn append_decision(out: &mut Vec<u8>, part: Part, decision: &Decision) -> serde_json::Result<()> {
    #[derive(Serialize)]
    struct Whole<'d> {
        part: Part,
        #[serde(flatten)]
        decision: &'d Decision,
    }
    serde_json::to_writer(&mut *out, &Whole { part, decision })?;
    out.push(b'\n');
    Ok(())
}

/// Appends a line as one CSV record.
///
/// # Errors
/// The writer fails.
pub fn append_line<W: std::io::Write>(
    out: &mut csv::Writer<W>,
    account: &str,
    line: &Line<'_>,
    regions: &RegionTree,
) -> csv::Result<()> {
    let (claim, benefit) = (line.claim, line.benefit);
    let day = claim.opt_out_by.map(|day| day.to_string()).unwrap_or_default();
    let approval = claim.approval.as_ref().map(|approval| approval.people.to_string()).unwrap_or_default();
    let name = match line.place {
        super::place::Place::In(id) => regions.full_name(id),
        _ => String::new(),
    };
    let (amendment, version) = (claim.amendment.to_string(), claim.version.to_string());
    let reason = line.reason.map(forbear_engine::reason::Reason::code);
    let reason = reason.or(claim.awaiting.as_ref().filter(|_| benefit.is_none()).map(|_| "awaiting"));
    let currency = line.present_value_loss.currency();
    let texts = [
        account,
        line.part.name(),
        &claim.event,
        &claim.declaration,
        &amendment,
        &claim.policy,
        &version,
        benefit.map_or("", |benefit| &benefit.rule),
        benefit.map_or("", |benefit| &benefit.benefit),
        line.outcome.name(),
        reason.unwrap_or_default(),
        benefit.map_or("", |benefit| if benefit.consent { "yes" } else { "no" }),
        &approval,
        &day,
        currency.code(),
        line.bearer.map_or("", bearer_name),
    ];
    let amounts = &line.amounts;
    let money = [
        amounts.waived,
        amounts.refunded,
        amounts.goodwill,
        amounts.deferred,
        amounts.deferred_principal,
        amounts.added_interest,
        amounts.forgone_interest,
        amounts.capitalised,
        line.present_value_loss,
    ];
    texts.iter().try_for_each(|text| out.write_field(safe(text).as_ref()))?;
    for amount in money {
        out.write_field(amount.to_decimal().to_string())?;
    }
    out.write_field(line.place.code(regions))?;
    out.write_field(name)?;
    out.write_field(line.place.province(regions).code(regions))?;
    out.write_field(claim.questions.join(" "))?;
    out.write_record(None::<&[u8]>)
}

/// A text that a spreadsheet will not take for a formula.
fn safe(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{text}").into();
    }
    text.into()
}
