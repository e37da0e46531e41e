-- Relief given without being asked to everybody whom a declaration concerns, account by account in the background.
CREATE TABLE rounds (
    id BIGINT NOT NULL PRIMARY KEY,
    declaration TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('proactive', 'amended')),
    caller TEXT NOT NULL,
    made_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    after_account BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    passed BIGINT NOT NULL,
    given BIGINT NOT NULL,
    referred BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    run_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX rounds_by_state ON rounds (state, id);
-- A declaration has one of each kind under way.
CREATE UNIQUE INDEX rounds_one_each ON rounds (declaration, kind) WHERE state IN ('waiting', 'running');
CREATE INDEX grants_under_declaration ON grants (declaration, account_id);
