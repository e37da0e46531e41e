//! The migrations of both databases make the tables that diesel knows.

use std::collections::BTreeMap;

use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use forbear::store::{Connection, Store, StoreError};

use crate::databases::{Database, on_both_empty};

/// Its type, whether it may be null, and whether it is of the primary key.
type Column = (String, bool, bool);
type Tables = BTreeMap<String, BTreeMap<String, Column>>;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Bool)]
    of_key: bool,
}

/// diesel's types, as SQLite keeps what a migration wrote and as PostgreSQL calls it.
const TYPES: [(&str, &str, &str); 8] = [
    ("Text", "TEXT", "text"),
    ("BigInt", "BIGINT", "int8"),
    ("Integer", "INTEGER", "int4"),
    ("SmallInt", "SMALLINT", "int2"),
    ("Bool", "BOOLEAN", "bool"),
    ("Date", "DATE", "date"),
    ("Timestamp", "TIMESTAMP", "timestamp"),
    ("Binary", "BYTEA", "bytea"),
];

/// What schema.rs and the files beside it say.
fn known() -> Tables {
    let mut text = std::fs::read_to_string("src/store/schema.rs").unwrap();
    for entry in std::fs::read_dir("src/store/schema").unwrap() {
        text.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let mut tables = Tables::new();
    for block in text.split("diesel::table! {").skip(1) {
        let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
        let head = lines.next().unwrap();
        let (name, keys) = head.trim_end_matches(") {").split_once(" (").unwrap();
        let keys: Vec<&str> = keys.split(", ").collect();
        let columns = lines.take_while(|line| *line != "}").map(|line| {
            let (column, kind) = line.trim_end_matches(',').split_once(" -> ").unwrap();
            let inner = kind.strip_prefix("Nullable<").map(|kind| kind.trim_end_matches('>'));
            let column_of = (inner.unwrap_or(kind).to_owned(), inner.is_some(), keys.contains(&column));
            (column.to_owned(), column_of)
        });
        tables.insert(name.to_owned(), columns.collect());
    }
    tables
}

const OF_SQLITE: &str = "SELECT m.name AS table_name, p.name AS column_name, p.type AS kind, \
     p.\"notnull\" = 0 AS nullable, p.pk > 0 AS of_key \
     FROM sqlite_master m JOIN pragma_table_info(m.name) p \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";

const OF_POSTGRES: &str = "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, \
     c.udt_name::text AS kind, c.is_nullable = 'YES' AS nullable, EXISTS ( \
        SELECT 1 FROM information_schema.table_constraints t \
        JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name, table_name) \
        WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema \
        AND k.table_name = c.table_name AND k.column_name = c.column_name) AS of_key \
     FROM information_schema.columns c WHERE c.table_schema = 'public'";

/// What is there.
fn found(database: &Database) -> Tables {
    let store = Store::open(&database.url, 1).unwrap();
    let rows: Vec<Found> = store
        .read(|conn| {
            Ok::<_, StoreError>(match conn {
                Connection::Sqlite(own) => sql_query(OF_SQLITE).load(own)?,
                Connection::Postgres(own) => sql_query(OF_POSTGRES).load(own)?,
            })
        })
        .unwrap();
    let mut tables = Tables::new();
    // The table in which diesel counts migrations is its own.
    for row in rows.into_iter().filter(|row| !row.table_name.starts_with("__diesel")) {
        let kind = TYPES.iter().find(|(_, sqlite, postgres)| row.kind == *sqlite || row.kind == *postgres);
        let kind = kind.map_or(row.kind.as_str(), |(kind, ..)| kind).to_owned();
        tables.entry(row.table_name).or_default().insert(row.column_name, (kind, row.nullable, row.of_key));
    }
    tables
}

#[test]
fn migrations_make_the_tables_that_diesel_knows() {
    let known = known();
    assert!(known.len() > 20 && known["grants"].len() > 25, "schema.rs was read");
    on_both_empty(|database| {
        let found = found(database);
        let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&known), "{}", database.url);
        for (name, columns) in &known {
            assert_eq!(&found[name], columns, "{name} of {}", database.url);
        }
    });
}
