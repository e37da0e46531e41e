-- What one has to mind of people: said once, kept with when it began and ended. Why is one of a few words: nobody writes down an illness.
CREATE TABLE flags (
    id BIGINT NOT NULL PRIMARY KEY,
    party TEXT NOT NULL,
    flag TEXT NOT NULL CHECK (flag IN ('vulnerable', 'bereaved', 'hospitalised', 'deceased', 'represented')),
    reason TEXT NOT NULL,
    until DATE,
    set_by TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL,
    lifted_reason TEXT,
    lifted_by TEXT,
    lifted_at TIMESTAMP
);
CREATE UNIQUE INDEX flags_in_force ON flags (party, flag) WHERE lifted_at IS NULL;
CREATE INDEX flags_by_party ON flags (party, id);
