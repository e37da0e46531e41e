-- Holds that were ended before their time: dated, with a reason.
CREATE TABLE hold_releases (
    grant_id BIGINT NOT NULL PRIMARY KEY REFERENCES grants (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    released_on DATE NOT NULL,
    reason TEXT NOT NULL,
    released_by TEXT NOT NULL,
    instruction_id BIGINT NOT NULL UNIQUE,
    at TIMESTAMP NOT NULL
);
CREATE INDEX hold_releases_by_account ON hold_releases (account_id);
