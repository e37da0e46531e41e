DROP TABLE deferred_cash_missing;
DROP TABLE deferred_cash;
