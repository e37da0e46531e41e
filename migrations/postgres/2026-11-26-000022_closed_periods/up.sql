CREATE TRIGGER stay BEFORE UPDATE OR DELETE ON periods FOR EACH ROW EXECUTE FUNCTION forbear_refuse();
CREATE FUNCTION forbear_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF EXISTS (SELECT 1 FROM periods WHERE last_day >= NEW.posted_on) THEN
            RAISE EXCEPTION 'the period of % is closed', NEW.posted_on;
        END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER open BEFORE INSERT ON journal_entries FOR EACH ROW EXECUTE FUNCTION forbear_refuse_closed();
