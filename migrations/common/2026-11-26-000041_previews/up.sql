-- What a version of a policy would do to the accounts that are kept: asked for by somebody, worked out in the background.
CREATE TABLE previews (
    id BIGINT NOT NULL PRIMARY KEY,
    caller TEXT NOT NULL,
    made_by TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    asked TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    accounts BIGINT NOT NULL,
    decided BIGINT NOT NULL,
    failure TEXT,
    result TEXT,
    run_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX previews_by_state ON previews (state, id);
-- Nobody has two under way.
CREATE UNIQUE INDEX previews_one_each ON previews (caller) WHERE state IN ('waiting', 'running');
