-- What deferrals and suspensions move out of calendar months and into which, of each entry of the journal; a reversal has
-- the same with the other sign.
CREATE TABLE deferred_cash (
    entry_id BIGINT NOT NULL REFERENCES journal_entries (id),
    month TEXT NOT NULL,
    posted_on DATE NOT NULL,
    declaration TEXT NOT NULL,
    policy TEXT NOT NULL,
    currency TEXT NOT NULL,
    principal_out BIGINT NOT NULL,
    interest_out BIGINT NOT NULL,
    fees_out BIGINT NOT NULL,
    principal_in BIGINT NOT NULL,
    interest_in BIGINT NOT NULL,
    fees_in BIGINT NOT NULL,
    added_interest BIGINT NOT NULL,
    PRIMARY KEY (entry_id, month)
);
CREATE INDEX deferred_cash_by_day ON deferred_cash (posted_on);

-- Entries from before this table, until what they move is kept too.
CREATE TABLE deferred_cash_missing (
    entry_id BIGINT NOT NULL PRIMARY KEY REFERENCES journal_entries (id)
);
INSERT INTO deferred_cash_missing (entry_id)
SELECT e.id FROM journal_entries e JOIN grants g ON g.id = e.grant_id
WHERE g.deferred <> 0 OR g.added_interest <> 0 OR g.forgone_interest <> 0;
