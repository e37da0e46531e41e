-- Who does not want to be written to or called, and when that began and ended: of a person, or of a phone whoever has it.
CREATE TABLE opt_outs (
    id BIGINT NOT NULL PRIMARY KEY,
    party TEXT,
    phone_index TEXT,
    phone BYTEA,
    key_version BIGINT,
    scope TEXT NOT NULL CHECK (scope IN ('messages', 'marketing', 'collections')),
    via TEXT NOT NULL,
    stopped_by TEXT NOT NULL,
    stopped_at TIMESTAMP NOT NULL,
    resumed_via TEXT,
    resumed_by TEXT,
    resumed_at TIMESTAMP,
    CHECK ((party IS NULL) <> (phone_index IS NULL)),
    CHECK ((phone IS NULL) = (key_version IS NULL))
);
-- One in force of each scope.
CREATE UNIQUE INDEX opt_outs_of_party ON opt_outs (party, scope) WHERE resumed_at IS NULL AND party IS NOT NULL;
CREATE UNIQUE INDEX opt_outs_of_phone ON opt_outs (phone_index, scope) WHERE resumed_at IS NULL AND phone_index IS NOT NULL;
CREATE INDEX opt_outs_by_party ON opt_outs (party, id);
CREATE INDEX opt_outs_by_key ON opt_outs (key_version);
