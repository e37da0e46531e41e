-- SQLite changes no check of a table, so that it is made anew.
CREATE TABLE reviews_anew (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('referral', 'threshold', 'sample', 'appeal')),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    decision_id BIGINT NOT NULL REFERENCES decisions (id),
    request_id BIGINT,
    declaration TEXT,
    policy TEXT,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'returned', 'approved', 'rejected')),
    claimed_by TEXT,
    closed_by TEXT,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
INSERT INTO reviews_anew SELECT id, kind, account_id, decision_id, request_id, declaration, policy, currency, amount, state,
    claimed_by, closed_by, reason, created_at, changed_at, revision FROM reviews;
DROP TABLE reviews;
ALTER TABLE reviews_anew RENAME TO reviews;
CREATE INDEX reviews_by_state ON reviews (state, id);
CREATE INDEX reviews_by_decision ON reviews (decision_id);
CREATE INDEX reviews_by_request ON reviews (request_id, id);
