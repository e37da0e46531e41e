-- What reports show, kept beside the journal. Whoever writes an entry adds rows of a lane of its own, named by the entry,
-- so that nobody waits for a row; settled lanes are put together in lane 0. The sum over lanes is exact at any time.
CREATE TABLE report_totals (
    day DATE NOT NULL,
    declaration TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    region TEXT NOT NULL,
    bearer TEXT NOT NULL,
    ledger TEXT NOT NULL,
    currency TEXT NOT NULL,
    lane BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (day, declaration, policy, version, rule, region, bearer, ledger, currency, lane)
);
CREATE INDEX report_totals_by_lane ON report_totals (lane) WHERE lane <> 0;

INSERT INTO report_totals (day, declaration, policy, version, rule, region, bearer, ledger, currency, lane, amount)
SELECT e.posted_on, g.declaration, g.policy, g.version, g.rule, COALESCE(g.region, ''), COALESCE(l.bearer, ''), l.ledger,
       l.currency, 0, CAST(SUM(l.amount) AS BIGINT)
FROM journal_lines l JOIN journal_entries e ON e.id = l.entry_id JOIN grants g ON g.id = e.grant_id
GROUP BY e.posted_on, g.declaration, g.policy, g.version, g.rule, COALESCE(g.region, ''), COALESCE(l.bearer, ''), l.ledger,
         l.currency;

-- The order of the journal: a place for each entry, given once it is committed, so that no entry comes up behind a reader.
CREATE TABLE journal_places (
    place BIGINT NOT NULL PRIMARY KEY,
    entry_id BIGINT NOT NULL UNIQUE REFERENCES journal_entries (id)
);
INSERT INTO journal_places (place, entry_id) SELECT ROW_NUMBER() OVER (ORDER BY id), id FROM journal_entries;

-- Entries that have no place yet.
CREATE TABLE journal_arrivals (
    entry_id BIGINT NOT NULL PRIMARY KEY REFERENCES journal_entries (id)
);

-- The last place that was given. Whoever gives places takes this row first.
CREATE TABLE journal_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    last_place BIGINT NOT NULL
);
INSERT INTO journal_head (id, last_place) SELECT 1, COALESCE(MAX(place), 0) FROM journal_places;
