-- A case: everything about a loan and a disaster under one number, which is what its borrower knows it by.
CREATE TABLE cases (
    id BIGINT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BIGINT REFERENCES accounts (id),
    event TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
    assigned_to TEXT,
    outcome TEXT,
    opened_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP,
    resolved_by TEXT,
    reopened INTEGER NOT NULL CHECK (reopened >= 0),
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE INDEX cases_by_account ON cases (account_id, id);
CREATE INDEX cases_by_state ON cases (state, id);
CREATE INDEX cases_by_agent ON cases (assigned_to, id);

-- A request belongs to one case. The number that a request had before there were cases, or has of its own, leads to its case too.
CREATE TABLE case_requests (
    request_id BIGINT NOT NULL PRIMARY KEY REFERENCES requests (id),
    case_id BIGINT NOT NULL REFERENCES cases (id)
);
CREATE INDEX case_requests_by_case ON case_requests (case_id, request_id);

-- What happened in a case beside what happened to its requests alone.
CREATE TABLE case_steps (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX case_steps_by_case ON case_steps (case_id, id);

-- Each request that was made before begins a case; an appeal belongs to that of the request it is against.
INSERT INTO cases (id, number, account_id, event, state, opened_at, resolved_at, resolved_by, outcome, reopened, changed_at, revision)
SELECT r.id, r.case_number, r.account_id, (SELECT d.event FROM declarations d WHERE d.slug = r.declaration),
    CASE WHEN r.state = 'closed' THEN 'resolved' ELSE 'open' END, r.created_at,
    CASE WHEN r.state = 'closed' THEN r.changed_at END, CASE WHEN r.state = 'closed' THEN 'system' END,
    CASE WHEN r.state = 'closed' THEN 'closed' END, 0, r.changed_at, 0
FROM requests r WHERE r.appeal_of IS NULL;
INSERT INTO case_requests (request_id, case_id) SELECT r.id, COALESCE(r.appeal_of, r.id) FROM requests r;
