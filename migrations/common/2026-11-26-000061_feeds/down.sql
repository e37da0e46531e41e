DROP TABLE feed_files;
DROP TABLE feeds;
