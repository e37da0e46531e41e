-- Emergency channels, and what subscribers are told of them.
CREATE TABLE channels (
    id BIGINT NOT NULL PRIMARY KEY,
    declaration TEXT NOT NULL,
    event TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('I', 'II', 'III', 'IV')),
    sms_word TEXT NOT NULL,
    settings TEXT NOT NULL,
    digest TEXT NOT NULL,
    previews TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('standby', 'open', 'standing_down', 'closed')),
    made_by TEXT NOT NULL,
    approved_by TEXT,
    opened_by TEXT,
    unseen TEXT,
    reason TEXT,
    alerted_at TIMESTAMP,
    opened_at TIMESTAMP,
    standing_down_at TIMESTAMP,
    closed_at TIMESTAMP,
    expires_on DATE NOT NULL,
    kept_open_until DATE,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    -- Who made it is not who approved it.
    CHECK (approved_by IS NULL OR approved_by <> made_by),
    -- The gravest levels open with a second person alone.
    CHECK (opened_at IS NULL OR level IN ('III', 'IV') OR approved_by IS NOT NULL)
);
CREATE INDEX channels_by_state ON channels (state, id);
CREATE INDEX channels_by_declaration ON channels (declaration, id);
-- A key word leads to one channel.
CREATE UNIQUE INDEX channels_by_word ON channels (sms_word) WHERE state IN ('open', 'standing_down');

CREATE TABLE notices (
    id BIGINT NOT NULL PRIMARY KEY,
    subscriber TEXT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'dead')),
    attempts INTEGER NOT NULL,
    next_at TIMESTAMP NOT NULL,
    failure TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX notices_by_state ON notices (state, subscriber, next_at);
CREATE INDEX notices_by_channel ON notices (channel_id, subscriber, id);
