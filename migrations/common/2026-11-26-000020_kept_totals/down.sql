DROP TABLE journal_head;
DROP TABLE journal_arrivals;
DROP TABLE journal_places;
DROP TABLE report_totals;
