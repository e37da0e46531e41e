DROP TABLE evidence;
DROP TABLE evidence_contents;
