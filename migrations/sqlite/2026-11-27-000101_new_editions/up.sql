INSERT INTO editions (id, mark) VALUES (1, lower(hex(randomblob(16))));
-- A mark that was undone with its transaction never comes again: it is drawn, not counted.
CREATE TRIGGER policies_new_edition_insert AFTER INSERT ON policies BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER policies_new_edition_update AFTER UPDATE ON policies BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER policies_new_edition_delete AFTER DELETE ON policies BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER declarations_new_edition_insert AFTER INSERT ON declarations BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER declarations_new_edition_update AFTER UPDATE ON declarations BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER declarations_new_edition_delete AFTER DELETE ON declarations BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER budgets_new_edition_insert AFTER INSERT ON budgets BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER budgets_new_edition_update AFTER UPDATE ON budgets BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER budgets_new_edition_delete AFTER DELETE ON budgets BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER lotteries_new_edition_insert AFTER INSERT ON lotteries BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER lotteries_new_edition_update AFTER UPDATE ON lotteries BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
CREATE TRIGGER lotteries_new_edition_delete AFTER DELETE ON lotteries BEGIN UPDATE editions SET mark = lower(hex(randomblob(16))); END;
