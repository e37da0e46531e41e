CREATE TRIGGER deferred_cash_stay BEFORE UPDATE ON deferred_cash BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER deferred_cash_last BEFORE DELETE ON deferred_cash BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
