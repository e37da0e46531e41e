ALTER TABLE instructions DROP CONSTRAINT instructions_kind_check;
ALTER TABLE instructions ADD CONSTRAINT instructions_kind_check CHECK (kind IN ('apply', 'reverse', 'release'));
