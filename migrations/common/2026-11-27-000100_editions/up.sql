-- One row: another mark whenever what everybody is decided by changes.
CREATE TABLE editions (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    mark TEXT NOT NULL
);
