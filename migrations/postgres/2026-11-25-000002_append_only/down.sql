DROP FUNCTION forbear_refuse CASCADE;
