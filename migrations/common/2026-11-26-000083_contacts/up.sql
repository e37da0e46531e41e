-- Contacts: somebody calls, writes or comes by. Each belongs to a case.
CREATE TABLE contacts (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    account_id BIGINT REFERENCES accounts (id),
    party TEXT,
    via TEXT NOT NULL CHECK (via IN ('hotline', 'app', 'page', 'sms', 'branch')),
    channel_id BIGINT REFERENCES channels (id),
    declaration TEXT,
    queue TEXT,
    question TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'resolved')),
    arrived_at TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    answered_by TEXT,
    target_minutes INTEGER,
    outcome TEXT,
    resolved_at TIMESTAMP,
    resolved_by TEXT,
    opened_by TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    CHECK (answered_at IS NULL OR answered_at >= arrived_at),
    CHECK ((state = 'waiting') = (answered_at IS NULL)),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE INDEX contacts_by_case ON contacts (case_id, id);
CREATE INDEX contacts_by_state ON contacts (state, id);
CREATE INDEX contacts_by_channel ON contacts (channel_id, id);
CREATE INDEX contacts_by_arrival ON contacts (arrived_at, id);

-- What a caller agreed to by word of mouth: who, when, which words were read, and where the recording is.
CREATE TABLE consents (
    id BIGINT NOT NULL PRIMARY KEY,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    request_id BIGINT NOT NULL REFERENCES requests (id),
    kind TEXT NOT NULL CHECK (kind IN ('apply', 'accept')),
    party TEXT NOT NULL,
    script TEXT NOT NULL,
    script_digest TEXT NOT NULL,
    recording TEXT NOT NULL,
    shown_digest TEXT,
    recorded_by TEXT NOT NULL,
    said_at TIMESTAMP NOT NULL,
    at TIMESTAMP NOT NULL,
    -- Agreeing is to something that was shown.
    CHECK ((kind = 'accept') = (shown_digest IS NOT NULL))
);
CREATE INDEX consents_by_request ON consents (request_id, id);
CREATE INDEX consents_by_contact ON consents (contact_id, id);

-- What people said or wrote, sealed: notes of agents, the words of a complaint, what it was answered.
CREATE TABLE words (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    about TEXT NOT NULL,
    kind TEXT NOT NULL,
    party TEXT,
    sealed BYTEA,
    key_version BIGINT,
    written_by TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP
);
CREATE INDEX words_by_case ON words (case_id, id);
CREATE INDEX words_by_party ON words (party);
CREATE INDEX words_by_key ON words (key_version, id);
