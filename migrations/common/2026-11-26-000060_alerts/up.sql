-- Alerts as they were taken in, the drafts of declarations that they became, and the catastrophes that they gather under.
CREATE TABLE drafts (
    id BIGINT NOT NULL PRIMARY KEY,
    sender TEXT NOT NULL,
    incident TEXT NOT NULL,
    event TEXT NOT NULL,
    kind TEXT,
    severity TEXT,
    title TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    areas TEXT NOT NULL,
    left_over TEXT NOT NULL,
    -- What its alerts said in sum; the columns before are what stands, which a person may have changed.
    said TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'withdrawn', 'confirmed', 'dropped')),
    declaration TEXT,
    edited_by TEXT,
    decided_by TEXT,
    reason TEXT,
    alerted_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (sender, incident)
);
CREATE INDEX drafts_by_state ON drafts (state, id);
CREATE INDEX drafts_by_event ON drafts (event, id);
CREATE INDEX drafts_by_incident ON drafts (incident);
CREATE INDEX drafts_by_declaration ON drafts (declaration);

CREATE TABLE alerts (
    id BIGINT NOT NULL PRIMARY KEY,
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    digest TEXT NOT NULL,
    format TEXT NOT NULL,
    message TEXT NOT NULL,
    sent TIMESTAMP NOT NULL,
    draft_id BIGINT REFERENCES drafts (id),
    outcome TEXT NOT NULL,
    via TEXT NOT NULL,
    body TEXT NOT NULL,
    placed TEXT NOT NULL,
    received_by TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    -- A sender's name for a message is used once.
    UNIQUE (sender, identifier)
);
CREATE INDEX alerts_by_draft ON alerts (draft_id, id);
CREATE INDEX alerts_by_identifier ON alerts (identifier);

-- What was refused, once for each sender, message and reason however often it comes.
CREATE TABLE alert_refusals (
    id BIGINT NOT NULL PRIMARY KEY,
    message_key TEXT NOT NULL UNIQUE,
    via TEXT NOT NULL,
    sender TEXT,
    identifier TEXT,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    times BIGINT NOT NULL,
    received_by TEXT NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL
);

-- What a sender changed after its draft was confirmed: a person amends the declaration, or does not.
CREATE TABLE proposals (
    id BIGINT NOT NULL PRIMARY KEY,
    draft_id BIGINT NOT NULL REFERENCES drafts (id),
    alert_id BIGINT NOT NULL REFERENCES alerts (id),
    kind TEXT NOT NULL CHECK (kind IN ('amend', 'withdraw')),
    change TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'dismissed')),
    reason TEXT,
    decided_by TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX proposals_by_draft ON proposals (draft_id, id);
CREATE INDEX proposals_by_state ON proposals (state, id);

-- Catastrophes: what alerts and declarations of one kind gather under.
CREATE TABLE events (
    slug TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The first and the last beginning of what it gathers, and the last end.
    first_start TIMESTAMP NOT NULL,
    last_start TIMESTAMP NOT NULL,
    last_end TIMESTAMP NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE INDEX events_by_kind ON events (kind, last_end);

-- Its regions; and with `whole` false those that hold one of them.
CREATE TABLE event_regions (
    event TEXT NOT NULL REFERENCES events (slug),
    region TEXT NOT NULL,
    whole BOOLEAN NOT NULL,
    PRIMARY KEY (event, region, whole)
);
CREATE INDEX event_regions_by_region ON event_regions (region, whole);
