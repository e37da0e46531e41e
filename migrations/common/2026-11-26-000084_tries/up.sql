-- Wrong attempts at a case number, by its keyed index: numbers that there are not are counted like those that there are.
CREATE TABLE progress_tries (
    number_index TEXT NOT NULL PRIMARY KEY,
    wrong INTEGER NOT NULL,
    first_at TIMESTAMP NOT NULL,
    locked_until TIMESTAMP
);
CREATE INDEX progress_tries_by_age ON progress_tries (first_at);
