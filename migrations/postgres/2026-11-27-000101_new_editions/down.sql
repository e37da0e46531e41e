DROP TRIGGER new_edition ON lotteries;
DROP TRIGGER new_edition ON budgets;
DROP TRIGGER new_edition ON declarations;
DROP TRIGGER new_edition ON policies;
DROP FUNCTION forbear_new_edition();
DELETE FROM editions;
