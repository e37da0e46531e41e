DROP TRIGGER deferred_cash_last;
DROP TRIGGER deferred_cash_stay;
