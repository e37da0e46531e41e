DROP TABLE progress_tries;
