-- SQLite changes no check of a table, so that it is made anew.
CREATE TABLE instructions_anew (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    sequence BIGINT NOT NULL,
    decision_id BIGINT NOT NULL REFERENCES decisions (id),
    kind TEXT NOT NULL CHECK (kind IN ('apply', 'reverse', 'release')),
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'confirmed', 'rejected', 'dead')),
    attempts INTEGER NOT NULL,
    next_at TIMESTAMP NOT NULL,
    failure TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    UNIQUE (account_id, sequence)
);
INSERT INTO instructions_anew SELECT id, account_id, sequence, decision_id, kind, body, state, attempts, next_at, failure,
    created_at, changed_at FROM instructions;
DROP TABLE instructions;
ALTER TABLE instructions_anew RENAME TO instructions;
CREATE INDEX instructions_by_state ON instructions (state, next_at);
