//! Lists in and out: FEMA's disasters, the journal for the lender's ledger, what waits.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};
use forbear::service::access::Role;
use serde_json::{Value, json};

use super::app::{App, hardship};
use crate::databases::on_both;
use crate::service::desk::{file, put_in_force, service, zhengzhou};

#[test]
fn femas_list_declares_and_later_amends() {
    on_both(|database| {
        let app = App::start(service(database, "2024-06-15"));
        let lead = app.caller("sun", Role::CareLead);
        let take = |text: &str| lead.send("POST", "/v1/declarations/openfema", Some(text), &[]);
        let whole = file("declarations/openfema-2024-tornadoes.csv");
        let rows = whole.lines().count() - 1;
        // The list of some days before: without the last county.
        let (before, last) = whole.trim_end().rsplit_once('\n').unwrap();
        let first = take(before).is(200);
        let count = |answer: &Value, of: &str| answer[of].as_array().unwrap().len();
        assert_eq!(first["rows"], rows - 1);
        assert!(count(&first, "declared") > 1 && count(&first, "amended") == 0, "{first:#}");
        assert_eq!(first["areas"].as_u64().unwrap() + count(&first, "exceptions") as u64, rows as u64 - 1);

        let second = take(&whole).is(200);
        let disaster = last.split(',').next().unwrap().to_lowercase();
        assert_eq!((&second["amended"], count(&second, "declared")), (&json!([disaster]), 0));
        assert_eq!(second["unchanged"].as_u64().unwrap() as usize, count(&first, "declared") - 1);
        let shown = lead.get(&format!("/v1/declarations/{disaster}")).is(200);
        assert_eq!((&shown["amendment"], &shown["document"]["amendments"][0]["on"]), (&json!(1), &json!("2024-06-15")));
        assert_eq!(shown["document"]["amendments"][0]["add"].as_array().unwrap().len(), 1);

        // The same again changes nothing; what is gone from it is left to a person.
        assert_eq!(count(&take(&format!("{whole}\n")).is(200), "amended"), 0);
        let gone = take(&format!("{before}\n\n")).is(200);
        assert_eq!(gone["differing"][0]["declaration"], disaster);
        assert!(gone["differing"][0]["differs"].as_str().unwrap().ends_with("is no longer among the areas"));
        let no_list = take("a,b\n1,2\n");
        assert_eq!(no_list.status, 422, "{:#}", no_list.body);
    });
}

/// Debits less credits by currency, in cents.
fn sums(lines: impl Iterator<Item = (String, String, String)>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (currency, debit, credit) in lines {
        let cents = |text: &str| if text.is_empty() { 0 } else { text.replace('.', "").parse::<i64>().unwrap() };
        *sums.entry(currency).or_default() += cents(&debit) - cents(&credit);
    }
    sums
}

#[test]
fn the_journal_goes_to_the_ledger_in_three_forms() {
    on_both(|database| {
        let service = zhengzhou(database);
        put_in_force(&service, &file("samples/policy-late-fees.json"));
        let app = App::start(service);
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let finance = app.caller("li", Role::FinanceReviewer);
        let balances = finance.get("/v1/journal/balances").is(200);
        let lines: usize = {
            let page = finance.get("/v1/journal?limit=500").is(200);
            page["items"].as_array().unwrap().iter().map(|entry| entry["lines"].as_array().unwrap().len()).sum()
        };
        assert!(lines >= 2 && !balances["items"].as_array().unwrap().is_empty());

        let text = finance.get("/v1/journal/export").is(200);
        let mut table = csv::Reader::from_reader(text.as_str().unwrap().as_bytes());
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), lines);
        let of = |row: &csv::StringRecord| (row[7].to_owned(), row[8].to_owned(), row[9].to_owned());
        assert_eq!(sums(rows.iter().map(of)), BTreeMap::from([("CNY".to_owned(), 0)]));

        let text = finance.get("/v1/journal/export?format=jsonl");
        let entries: Vec<Value> = match &text.body {
            Value::String(text) => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            one => vec![one.clone()],
        };
        assert_eq!(entries.iter().map(|entry| entry["lines"].as_array().unwrap().len()).sum::<usize>(), lines);

        let book = finance.bytes("/v1/journal/export?format=xlsx");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range("journal").unwrap();
        let cells: Vec<&[Data]> = sheet.rows().collect();
        assert_eq!(
            (cells.len(), cells[0][8].to_string(), cells[0][9].to_string()),
            (lines + 1, "debit".into(), "credit".into())
        );
        for (row, cell) in rows.iter().zip(&cells[1..]) {
            assert_eq!(cell[6].to_string(), row[6]);
            for side in [8, 9] {
                // Amounts are numbers there, which a spreadsheet can add up.
                let wanted = row[side].trim_end_matches('0').trim_end_matches('.').to_owned();
                assert_eq!(cell[side].to_string(), wanted, "{row:?}");
                assert!(wanted.is_empty() || cell[side].is_float() || cell[side].is_int());
            }
        }
        assert_eq!(finance.get("/v1/journal/export?format=pdf").status, 400);
        let none = finance.get("/v1/journal/export?until=2021-01-01").is(200);
        assert_eq!(none.as_str().unwrap().lines().count(), 1, "its head alone");
    });
}

#[test]
fn what_waits_has_an_age() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let lead = app.caller("sun", Role::CareLead);
        let queue = lead.get("/v1/reviews?limit=500").is(200);
        let ages = lead.get("/v1/reports/ageing").is(200);
        let waiting: u64 = ages["items"].as_array().unwrap().iter().map(|age| age["count"].as_u64().unwrap()).sum();
        assert_eq!(waiting as usize, queue["items"].as_array().unwrap().len());
        assert!(ages["items"].as_array().unwrap().iter().all(|age| age["from_days"] == 0));
    });
}

#[test]
fn instructions_go_out_and_come_back_as_files() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        let core = app.caller("core", Role::Service);
        let told = core.get("/v1/instructions/export").is(200);
        assert_eq!(told["account"], "ZZ-20210220-01");
        let table = core.get("/v1/instructions/export?format=csv").is(200);
        let head = table.as_str().unwrap().lines().next().unwrap();
        assert_eq!(
            head,
            "instruction,kind,account,sequence,decision,grant,policy,version,benefit,reverses,adjustment,document"
        );
        let body = json!({"instructions": [told["instruction"]]});
        assert_eq!(core.post("/v1/instructions/hand-over", &body).is(200)["marked"], 1);
        assert_eq!(core.post("/v1/instructions/hand-over", &body).is(200)["marked"], 0);
        assert_eq!(core.get("/v1/instructions/export").is(200), "", "it no longer waits");
        let missing = json!({"instructions": ["instruction_0000000000001"]});
        assert_eq!(core.post("/v1/instructions/hand-over", &missing).status, 404);
        let answers = format!("{{\"instruction\":{},\"answer\":\"confirmed\"}}\nno\n", told["instruction"]);
        let taken = core.send("POST", "/v1/instructions/answers", Some(&answers), &[]).is(200);
        assert_eq!((&taken["confirmed"], &taken["bad"]), (&json!(1), &json!(1)));
        assert_eq!(taken["bad_lines"][0]["line"], 2);
        let again = core.send("POST", "/v1/instructions/answers", Some(&answers), &[]).is(200);
        assert_eq!((&again["confirmed"], &again["known"]), (&json!(0), &json!(1)));
    });
}
