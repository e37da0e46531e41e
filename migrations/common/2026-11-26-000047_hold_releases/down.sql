DROP TABLE hold_releases;
