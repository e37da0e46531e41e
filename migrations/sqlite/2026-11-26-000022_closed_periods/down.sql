DROP TRIGGER journal_entries_open;
DROP TRIGGER periods_last;
DROP TRIGGER periods_stay;
