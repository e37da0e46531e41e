CREATE FUNCTION forbear_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER stay BEFORE UPDATE OR DELETE ON journal_entries FOR EACH ROW EXECUTE FUNCTION forbear_refuse();
CREATE TRIGGER stay BEFORE UPDATE OR DELETE ON journal_lines FOR EACH ROW EXECUTE FUNCTION forbear_refuse();
CREATE TRIGGER stay BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION forbear_refuse();
CREATE TRIGGER last BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION forbear_refuse();
CREATE TRIGGER stay BEFORE UPDATE OF id, at, actor, verb, object, detail ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION forbear_refuse();
CREATE TRIGGER seal BEFORE UPDATE OF seal ON audit_entries FOR EACH ROW WHEN (OLD.seal IS NOT NULL)
    EXECUTE FUNCTION forbear_refuse();
