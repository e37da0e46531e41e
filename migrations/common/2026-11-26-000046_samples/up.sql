-- By which salt and share relief that nobody approved is drawn for a second look. Another share is another row.
CREATE TABLE lotteries (
    id BIGINT NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL,
    per_mille INTEGER NOT NULL CHECK (per_mille BETWEEN 0 AND 1000),
    since TIMESTAMP NOT NULL
);

-- What was drawn: the lot follows from the salt and the grant.
CREATE TABLE samples (
    grant_id BIGINT NOT NULL PRIMARY KEY REFERENCES grants (id),
    lottery_id BIGINT NOT NULL REFERENCES lotteries (id),
    lot INTEGER NOT NULL,
    review_id BIGINT NOT NULL UNIQUE
);
