-- What people are told of a channel: a campaign for each occasion, and a message for each person, once. No text names anybody,
-- and no phone is here: it is looked up when a message goes out.
CREATE TABLE campaigns (
    id BIGINT NOT NULL PRIMARY KEY,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    event TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('opening', 'reminder')),
    state TEXT NOT NULL CHECK (state IN ('preview', 'running', 'paused', 'cancelled')),
    texts TEXT NOT NULL,
    after_party TEXT NOT NULL,
    tally TEXT NOT NULL,
    built_at TIMESTAMP,
    run_until TIMESTAMP,
    reason TEXT,
    made_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (channel_id, kind)
);
CREATE INDEX campaigns_unbuilt ON campaigns (id) WHERE built_at IS NULL;

CREATE TABLE messages (
    id BIGINT NOT NULL PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    channel_id BIGINT NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    language TEXT NOT NULL,
    variant TEXT NOT NULL CHECK (variant IN ('ask', 'given')),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'failed', 'suppressed')),
    reason TEXT,
    attempts INTEGER NOT NULL,
    next_at TIMESTAMP NOT NULL,
    sending BOOLEAN NOT NULL,
    failure TEXT,
    sent_at TIMESTAMP,
    delivered_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    -- Nobody is told twice, however many accounts they have and however often it is tried.
    UNIQUE (channel_id, kind, party),
    CHECK (state <> 'suppressed' OR reason IS NOT NULL)
);
CREATE INDEX messages_due ON messages (state, next_at, id);
CREATE INDEX messages_by_party ON messages (party, sent_at);
CREATE INDEX messages_by_campaign ON messages (campaign_id, state, reason);
