DROP TRIGGER open ON journal_entries;
DROP FUNCTION forbear_refuse_closed();
DROP TRIGGER stay ON periods;
