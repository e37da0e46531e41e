DROP TABLE words;
DROP TABLE consents;
DROP TABLE contacts;
