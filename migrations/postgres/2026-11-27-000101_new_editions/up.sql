INSERT INTO editions (id, mark) VALUES (1, gen_random_uuid()::text);
-- A mark that was undone with its transaction never comes again: it is drawn, not counted.
CREATE FUNCTION forbear_new_edition() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN UPDATE editions SET mark = gen_random_uuid()::text; RETURN NULL; END $$;
CREATE TRIGGER new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION forbear_new_edition();
CREATE TRIGGER new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON declarations
    FOR EACH STATEMENT EXECUTE FUNCTION forbear_new_edition();
CREATE TRIGGER new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON budgets
    FOR EACH STATEMENT EXECUTE FUNCTION forbear_new_edition();
CREATE TRIGGER new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lotteries
    FOR EACH STATEMENT EXECUTE FUNCTION forbear_new_edition();
