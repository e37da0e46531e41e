-- Where alerts are read from, how that goes, and which files of a folder were read.
CREATE TABLE feeds (
    name TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    configured BOOLEAN NOT NULL,
    etag TEXT,
    modified TEXT,
    digest TEXT,
    read_at TIMESTAMP,
    good_at TIMESTAMP,
    failure TEXT,
    failures INTEGER NOT NULL,
    next_at TIMESTAMP NOT NULL,
    taken BIGINT NOT NULL,
    repeated BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    slight BIGINT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE feed_files (
    feed TEXT NOT NULL REFERENCES feeds (name),
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    modified TEXT NOT NULL,
    digest TEXT NOT NULL,
    read_at TIMESTAMP NOT NULL,
    PRIMARY KEY (feed, name)
);
CREATE INDEX feed_files_by_digest ON feed_files (feed, digest);
