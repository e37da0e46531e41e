-- Months that finance closed: their entries are as they are for ever. The digest is of their totals.
CREATE TABLE periods (
    month TEXT NOT NULL PRIMARY KEY,
    first_day DATE NOT NULL UNIQUE,
    last_day DATE NOT NULL UNIQUE,
    entries BIGINT NOT NULL,
    digest TEXT NOT NULL,
    closed_by TEXT NOT NULL,
    closed_at TIMESTAMP NOT NULL
);
