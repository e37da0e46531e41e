-- Portable SQL: SQLite and PostgreSQL run it as it stands. Money is minor units, times are UTC, documents are text.

CREATE TABLE documents (
    digest TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('policy', 'declaration', 'snapshot')),
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE policies (
    id BIGINT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL,
    version INTEGER NOT NULL,
    effective_from DATE NOT NULL,
    effective_until DATE,
    digest TEXT NOT NULL REFERENCES documents (digest),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'effective', 'superseded', 'withdrawn')),
    drafted_by TEXT NOT NULL,
    submitted_by TEXT,
    approved_by TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (slug, version)
);
CREATE INDEX policies_by_state ON policies (state, slug);

CREATE TABLE declarations (
    id BIGINT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES documents (digest),
    amendment INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    made_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX declarations_by_event ON declarations (event);

-- Who somebody is: sealed, found by keyed indexes alone. Erasure empties a row and leaves it.
CREATE TABLE persons (
    id BIGINT NOT NULL PRIMARY KEY,
    party TEXT NOT NULL UNIQUE,
    sealed BYTEA,
    key_version BIGINT,
    phone_index TEXT,
    number_index TEXT,
    as_of DATE NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP
);
CREATE INDEX persons_by_phone ON persons (phone_index);
CREATE INDEX persons_by_number ON persons (number_index);
CREATE INDEX persons_by_key ON persons (key_version);

CREATE TABLE accounts (
    id BIGINT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    as_of DATE NOT NULL,
    currency TEXT NOT NULL,
    product TEXT,
    status TEXT,
    region TEXT,
    snapshot TEXT NOT NULL REFERENCES documents (digest),
    received_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);

-- Every snapshot that was ever in force.
CREATE TABLE snapshots (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    digest TEXT NOT NULL REFERENCES documents (digest),
    as_of DATE NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX snapshots_by_account ON snapshots (account_id, id);

CREATE TABLE account_parties (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    party TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, party)
);
CREATE INDEX account_parties_by_party ON account_parties (party);

-- One row for every account and every borrower: whoever decides takes theirs first, so that no two decisions see the
-- same history.
CREATE TABLE guards (
    name TEXT NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL
);

CREATE TABLE requests (
    id BIGINT NOT NULL PRIMARY KEY,
    case_number TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    declaration TEXT,
    requested_on DATE NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'needs_information', 'decided', 'closed')),
    decision_id BIGINT,
    appeal_of BIGINT,
    answer_by DATE,
    made_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX requests_by_account ON requests (account_id, id);
CREATE INDEX requests_by_state ON requests (state, id);

-- Progress as its borrower sees it.
CREATE TABLE steps (
    id BIGINT NOT NULL PRIMARY KEY,
    request_id BIGINT NOT NULL REFERENCES requests (id),
    kind TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    note TEXT
);
CREATE INDEX steps_by_request ON steps (request_id, id);

CREATE TABLE decisions (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    request_id BIGINT REFERENCES requests (id),
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    outcome TEXT NOT NULL,
    inputs TEXT NOT NULL,
    inputs_digest TEXT NOT NULL,
    body TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    made_by TEXT NOT NULL
);
CREATE INDEX decisions_by_account ON decisions (account_id, id);
CREATE INDEX decisions_by_request ON decisions (request_id);

-- Rules that wait for something to come true; eligibility keeps the values of the first day.
CREATE TABLE awaitings (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    event TEXT NOT NULL,
    rule TEXT NOT NULL,
    decided_on DATE NOT NULL,
    PRIMARY KEY (account_id, policy, event, rule)
);

CREATE TABLE grants (
    id BIGINT NOT NULL PRIMARY KEY,
    decision_id BIGINT NOT NULL REFERENCES decisions (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    event TEXT NOT NULL,
    declaration TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    benefit TEXT NOT NULL,
    decided_on DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'pending_approval', 'approved', 'offered', 'accepted', 'posted',
                                         'confirmed', 'rejected', 'reversed')),
    people SMALLINT NOT NULL,
    approvals SMALLINT NOT NULL CHECK (approvals <= people),
    consent BOOLEAN NOT NULL,
    shown_digest TEXT NOT NULL,
    currency TEXT NOT NULL,
    waived BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    goodwill BIGINT NOT NULL,
    deferred BIGINT NOT NULL,
    deferred_principal BIGINT NOT NULL,
    added_interest BIGINT NOT NULL,
    forgone_interest BIGINT NOT NULL,
    capitalised BIGINT NOT NULL,
    present_value_loss BIGINT,
    adjustments TEXT NOT NULL,
    region TEXT,
    opt_out_by DATE,
    instruction_id BIGINT,
    waits_for BIGINT,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX grants_by_account ON grants (account_id, id);
CREATE INDEX grants_by_decision ON grants (decision_id);
CREATE INDEX grants_by_state ON grants (state, id);
CREATE INDEX grants_by_budget ON grants (waits_for, id);
CREATE INDEX grants_by_instruction ON grants (instruction_id);
CREATE INDEX grants_by_declaration ON grants (declaration, policy, id);

-- What a grant is of. The key is what makes relief happen once, whatever is retried, doubled or raced.
CREATE TABLE grant_targets (
    event TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    policy TEXT NOT NULL,
    benefit TEXT NOT NULL,
    target TEXT NOT NULL,
    step INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    grant_id BIGINT NOT NULL REFERENCES grants (id),
    PRIMARY KEY (event, account_id, policy, benefit, target, step, attempt)
);
CREATE INDEX grant_targets_by_grant ON grant_targets (grant_id);

CREATE TABLE approvals (
    grant_id BIGINT NOT NULL REFERENCES grants (id),
    person TEXT NOT NULL,
    shown_digest TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (grant_id, person)
);

CREATE TABLE reviews (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('referral', 'threshold', 'sample')),
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
CREATE INDEX reviews_by_state ON reviews (state, id);
CREATE INDEX reviews_by_decision ON reviews (decision_id);

-- Money that a declaration or a policy may give. It is held in slices, so that not everybody waits for one row; they
-- are exact in sum.
CREATE TABLE budgets (
    id BIGINT NOT NULL PRIMARY KEY,
    declaration TEXT,
    policy TEXT,
    bearer TEXT,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    slices INTEGER NOT NULL CHECK (slices > 0),
    made_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE budget_slices (
    budget_id BIGINT NOT NULL REFERENCES budgets (id),
    slice INTEGER NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    taken BIGINT NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (budget_id, slice),
    CHECK (reserved + taken <= amount)
);

CREATE TABLE budget_uses (
    budget_id BIGINT NOT NULL REFERENCES budgets (id),
    grant_id BIGINT NOT NULL REFERENCES grants (id),
    slice INTEGER NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('reserved', 'taken', 'given_back')),
    PRIMARY KEY (budget_id, grant_id, slice)
);
CREATE INDEX budget_uses_by_grant ON budget_uses (grant_id);

CREATE TABLE journal_entries (
    id BIGINT NOT NULL PRIMARY KEY,
    grant_id BIGINT NOT NULL REFERENCES grants (id),
    kind TEXT NOT NULL CHECK (kind IN ('posting', 'reversal')),
    posted_on DATE NOT NULL,
    at TIMESTAMP NOT NULL,
    UNIQUE (grant_id, kind)
);
CREATE INDEX journal_entries_by_day ON journal_entries (posted_on, id);

CREATE TABLE journal_lines (
    entry_id BIGINT NOT NULL REFERENCES journal_entries (id),
    line INTEGER NOT NULL,
    ledger TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    bearer TEXT,
    charge TEXT,
    PRIMARY KEY (entry_id, line)
);

-- What the core system is told: in order for each account, at least once.
CREATE TABLE instructions (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    sequence BIGINT NOT NULL,
    decision_id BIGINT NOT NULL REFERENCES decisions (id),
    kind TEXT NOT NULL CHECK (kind IN ('apply', 'reverse')),
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'confirmed', 'rejected', 'dead')),
    attempts INTEGER NOT NULL,
    next_at TIMESTAMP NOT NULL,
    failure TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    UNIQUE (account_id, sequence)
);
CREATE INDEX instructions_by_state ON instructions (state, next_at);

CREATE TABLE idempotency (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (scope, key)
);

-- What happened, sealed in batches: each seal is the root of a Merkle tree over its entries and names the seal before.
CREATE TABLE audit_seals (
    number BIGINT NOT NULL PRIMARY KEY,
    entries BIGINT NOT NULL,
    root TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);

CREATE TABLE audit_entries (
    id BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    seal BIGINT REFERENCES audit_seals (number)
);
CREATE INDEX audit_entries_by_object ON audit_entries (object, id);
CREATE INDEX audit_entries_by_seal ON audit_entries (seal, id);

CREATE TABLE users (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    roles TEXT NOT NULL,
    password TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_until TIMESTAMP,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Of a user, or of a borrower.
CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT REFERENCES users (id),
    party TEXT,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CHECK ((user_id IS NULL) <> (party IS NULL))
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_party ON sessions (party);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- One-time codes to phones, both as keyed indexes. A phone that nobody has gets a row too, and no code.
CREATE TABLE codes (
    id BIGINT NOT NULL PRIMARY KEY,
    phone_index TEXT NOT NULL,
    code_index TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX codes_by_phone ON codes (phone_index, id);
CREATE INDEX codes_by_day ON codes (created_at);

-- Tokens of the lender's app that were shown once.
CREATE TABLE hand_offs (
    token_hash TEXT NOT NULL PRIMARY KEY,
    used_at TIMESTAMP NOT NULL
);
CREATE INDEX hand_offs_by_day ON hand_offs (used_at);

CREATE TABLE tokens (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    person TEXT NOT NULL,
    roles TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
