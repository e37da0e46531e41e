CREATE TRIGGER periods_stay BEFORE UPDATE ON periods BEGIN SELECT RAISE(ABORT, 'a closed period stays closed'); END;
CREATE TRIGGER periods_last BEFORE DELETE ON periods BEGIN SELECT RAISE(ABORT, 'a closed period stays closed'); END;
CREATE TRIGGER journal_entries_open BEFORE INSERT ON journal_entries
    WHEN EXISTS (SELECT 1 FROM periods WHERE last_day >= NEW.posted_on)
    BEGIN SELECT RAISE(ABORT, 'the period is closed'); END;
