DROP INDEX grants_under_declaration;
DROP TABLE rounds;
