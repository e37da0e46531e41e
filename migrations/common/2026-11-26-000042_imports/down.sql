ALTER TABLE accounts DROP COLUMN taken_by;
DROP TABLE import_lines;
DROP TABLE imports;
