-- Complaints, each with a clock: 15 days, 30 where it is complex, 60 at most.
CREATE TABLE complaints (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    contact_id BIGINT REFERENCES contacts (id),
    account_id BIGINT REFERENCES accounts (id),
    party TEXT,
    via TEXT NOT NULL,
    channel_id BIGINT REFERENCES channels (id),
    declaration TEXT,
    class TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn')),
    assigned_to TEXT,
    received_at TIMESTAMP NOT NULL,
    began_on DATE NOT NULL,
    clock_days INTEGER NOT NULL CHECK (clock_days IN (15, 30, 60)),
    due_on DATE NOT NULL,
    extended_by TEXT,
    extended_again_by TEXT,
    warned INTEGER NOT NULL CHECK (warned BETWEEN 0 AND 3),
    root_kind TEXT,
    root_policy TEXT,
    root_version INTEGER,
    root_channel_id BIGINT REFERENCES channels (id),
    resolution TEXT,
    ended_at TIMESTAMP,
    ended_by TEXT,
    score INTEGER CHECK (score BETWEEN 1 AND 5),
    reopened INTEGER NOT NULL CHECK (reopened >= 0),
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    -- The last days need a second person.
    CHECK (extended_again_by IS NULL OR extended_again_by <> extended_by),
    CHECK (clock_days < 60 OR extended_again_by IS NOT NULL),
    CHECK ((state = 'resolved') = (resolution IS NOT NULL)),
    CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX complaints_by_state ON complaints (state, due_on, id);
CREATE INDEX complaints_by_case ON complaints (case_id, id);
CREATE INDEX complaints_by_account ON complaints (account_id, state);
CREATE INDEX complaints_by_age ON complaints (received_at, id);
