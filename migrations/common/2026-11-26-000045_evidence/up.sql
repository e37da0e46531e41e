-- What was shown to prove something. A content is kept once, by its SHA-256, sealed, for it may be the photograph of an identity
-- card. Erasure empties it and leaves the row.
CREATE TABLE evidence_contents (
    hash TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes > 0),
    sealed BYTEA,
    key_version BIGINT,
    created_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP
);
CREATE INDEX evidence_contents_by_key ON evidence_contents (key_version);

-- Files of requests: of whom, as what, and whether somebody accepted them. Names can be anybody's, and are sealed too.
CREATE TABLE evidence (
    id BIGINT NOT NULL PRIMARY KEY,
    request_id BIGINT NOT NULL REFERENCES requests (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    party TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES evidence_contents (hash),
    name BYTEA,
    key_version BIGINT,
    state TEXT NOT NULL CHECK (state IN ('received', 'accepted', 'refused')),
    made_by TEXT NOT NULL,
    judged_by TEXT,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP,
    revision BIGINT NOT NULL,
    UNIQUE (request_id, kind, hash)
);
CREATE INDEX evidence_by_party ON evidence (party);
CREATE INDEX evidence_by_hash ON evidence (hash);
CREATE INDEX evidence_by_key ON evidence (key_version);
