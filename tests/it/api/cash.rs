//! Deferred cash over HTTP.

use std::io::Cursor;

use calamine::{DataType, Reader, Xlsx};
use forbear::service::access::Role;
use rust_decimal::Decimal;

use super::app::{App, Caller, hardship};
use crate::databases::on_both;
use crate::service::desk::zhengzhou;

#[test]
fn what_moves_is_shown_by_month_and_as_a_table() {
    on_both(|database| {
        let app = App::start(zhengzhou(database));
        let finance = app.caller("li", Role::FinanceApprover);
        assert_eq!(finance.get("/v1/reports/deferred-cash").is(200)["items"].as_array().unwrap().len(), 0);
        app.caller("P-1", Role::Borrower).post("/v1/requests", &hardship()).is(201);
        // Nine rows of 1,000, due from 20 June 2021 with 90 interest to 20 February 2022 with 10, come two months later.
        // The late fee of 10 that was paid is credited to the interest of August before: of its 70, 60 are left to move.
        let report = finance.get("/v1/reports/deferred-cash?by=declaration").is(200);
        let items = report["items"].as_array().unwrap();
        assert_eq!(items.len(), 11, "{report:#}");
        let first = &items[0];
        assert_eq!((&first["month"], &first["key"]), (&"2021-06".into(), &"cn-henan-2021-07".into()));
        assert_eq!(first["out"]["principal"]["amount"], "1000.00");
        let table = String::from_utf8(finance.bytes("/v1/reports/deferred-cash?format=csv")).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[0],
            "month,key,currency,principal_out,interest_out,fees_out,principal_in,interest_in,fees_in,added_interest"
        );
        assert_eq!(lines[1], "2021-06,,CNY,1000.00,90.00,0.00,0.00,0.00,0.00,0.00");
        assert_eq!(lines[3], "2021-08,,CNY,1000.00,60.00,0.00,1000.00,90.00,0.00,0.00");
        assert_eq!(lines[11], "2022-04,,CNY,0.00,0.00,0.00,1000.00,10.00,0.00,0.00");
        same_as_a_workbook(&finance, "/v1/reports/deferred-cash", "deferred-cash");
        same_as_a_workbook(&finance, "/v1/reports/relief?by=rule", "relief");
        for wrong in ["by=rule", "format=pdf", "month=2021-06"] {
            assert_eq!(finance.get(&format!("/v1/reports/deferred-cash?{wrong}")).status, 400, "{wrong}");
        }
    });
}

/// A report's workbook holds what its table holds, amounts as numbers.
fn same_as_a_workbook(finance: &Caller, report: &str, sheet: &str) {
    let with = |form: &str| format!("{report}{}format={form}", if report.contains('?') { '&' } else { '?' });
    let table = finance.bytes(&with("csv"));
    let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_slice());
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert!(rows.len() > 1, "{report}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(finance.bytes(&with("xlsx")))).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    assert_eq!(range.height(), rows.len(), "{report}");
    for (row, cells) in rows.iter().zip(range.rows()) {
        for (text, cell) in row.iter().zip(cells) {
            match text.parse::<Decimal>().ok().filter(|_| text.contains('.')) {
                Some(amount) => {
                    assert!(cell.is_float() || cell.is_int(), "{report}: {row:?}");
                    assert_eq!(cell.to_string().parse::<Decimal>().unwrap(), amount, "{report}: {row:?}");
                }
                None => assert_eq!(cell.to_string(), text, "{report}: {row:?}"),
            }
        }
    }
}
