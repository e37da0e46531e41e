-- Files of snapshots as they are taken in: how far each is, and what was wrong with it.
CREATE TABLE imports (
    id BIGINT NOT NULL PRIMARY KEY,
    caller TEXT NOT NULL,
    made_by TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('jsonl', 'csv')),
    content_digest TEXT,
    state TEXT NOT NULL CHECK (state IN ('running', 'broken', 'done', 'differs')),
    bytes BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    late BIGINT NOT NULL,
    repeated BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    digest TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX imports_by_content ON imports (content_digest, id);

CREATE TABLE import_lines (
    import_id BIGINT NOT NULL REFERENCES imports (id),
    line BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('bad', 'late', 'repeated')),
    account TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (import_id, line, kind)
);

-- The import that put the snapshot in force: what comes twice in one file is told by it.
ALTER TABLE accounts ADD COLUMN taken_by BIGINT;
