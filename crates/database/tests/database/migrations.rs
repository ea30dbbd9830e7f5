//! Both folders of migrations make the same tables, there and back, and `schema.rs` describes them.

use std::{collections::BTreeSet, path::Path, sync::Barrier, thread};

use database::{Database, Migrations, testing::TestDatabase};
use diesel::{Connection as _, PgConnection, connection::SimpleConnection};
use kernel::Clock;

use crate::support::{names, write_row};

fn shape(test: &TestDatabase) -> Vec<String> {
    Migrations::of(&test.settings).unwrap().shape().unwrap()
}

/// The files in a folder of migrations, by migration and name.
fn files(database: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(database);
    let entries =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let files = entries(&folder).into_iter().flat_map(|migration| entries(&migration));
    files.map(|file| file.strip_prefix(&folder).unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn both_folders_hold_the_same_names() {
    let sqlite = files("sqlite");
    assert_eq!(sqlite, files("postgres"));
    assert!(!sqlite.is_empty());
}

#[test]
fn both_databases_have_the_same_shape() {
    let [sqlite, postgres] = TestDatabase::both().unwrap().map(|test| shape(&test));
    assert_eq!(sqlite, postgres);
    assert!(sqlite.iter().any(|line| line == "column settings.name TEXT NOT NULL KEY 1"), "{sqlite:#?}");
}

/// Columns, types, what may be NULL, and keys. Not in `schema.rs`: indexes and references.
#[test]
fn the_schema_in_the_code_is_the_one_in_the_database() {
    let code: BTreeSet<String> = columns_of(include_str!("../../src/schema.rs"));
    let is_column = |line: &String| line.starts_with("column ");
    let stored: BTreeSet<String> = shape(&TestDatabase::sqlite().unwrap()).into_iter().filter(is_column).collect();
    assert!(code.len() > 100, "the schema was not read: {code:?}");
    assert_eq!(code, stored);
}

/// Reads `diesel::table!` declarations, and says of each column what `Migrations::shape` says.
fn columns_of(schema: &str) -> BTreeSet<String> {
    let (mut table, mut keys, mut renamed) = (String::new(), Vec::new(), None);
    let mut columns = BTreeSet::new();
    for line in schema.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[sql_name = \"") {
            renamed = attribute.strip_suffix("\"]").map(str::to_owned);
        } else if let Some((name, key)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name.to_owned();
            keys = key.split(", ").map(str::to_owned).collect();
        } else if let Some((name, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let sql = match inner.unwrap_or(kind) {
                "Bool" => "BOOLEAN".to_owned(),
                "Binary" => "BLOB".to_owned(),
                other => other.to_uppercase(),
            };
            let not_null = if inner.is_none() { " NOT NULL" } else { "" };
            let key = keys.iter().position(|key| key == name).map(|at| format!(" KEY {}", at + 1)).unwrap_or_default();
            let name = renamed.take().unwrap_or_else(|| name.to_owned());
            columns.insert(format!("column {table}.{name} {sql}{not_null}{key}"));
        }
    }
    columns
}

on_both! {
    fn there_and_back_and_there_again(test) {
        let migrations = Migrations::of(&test.settings).unwrap();
        let before = migrations.shape().unwrap();
        migrations.run().unwrap();
        assert_eq!(migrations.shape().unwrap(), before, "nothing was left to do");
        migrations.revert().unwrap();
        assert_eq!(migrations.shape().unwrap(), Vec::<String>::new());
        migrations.run().unwrap();
        assert_eq!(migrations.shape().unwrap(), before);
    }

    fn servers_that_start_together_wait_for_each_other(test) {
        let expected = shape(test);
        clear(test);
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for server in 0..8 {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let database = Database::open(&test.settings, Clock::default()).unwrap();
                    write_row(&database, &format!("server {server}"), "started").unwrap();
                });
            }
        });
        assert_eq!(shape(test), expected);
        assert_eq!(names(&Database::open(&test.settings, Clock::default()).unwrap()).len(), 8);
    }
}

/// Leaves nothing, not even the record of migrations.
fn clear(test: &TestDatabase) {
    if test.settings.url.starts_with("postgres") {
        let mut connection = PgConnection::establish(&test.settings.url).unwrap();
        connection.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    } else {
        std::fs::remove_file(&test.settings.url).unwrap();
    }
}
