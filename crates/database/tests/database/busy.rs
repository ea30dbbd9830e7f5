//! Another program holds the SQLite file for longer than a write waits, as a careless backup does.

use database::{StorageFault, testing::TestDatabase};
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection};

use crate::support::{attach, insert, names, write_row};

#[test]
fn a_file_that_is_held_by_others_is_busy() {
    let test = TestDatabase::sqlite().unwrap();
    let database = attach(&test);
    let mut other = SqliteConnection::establish(&test.settings.url).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let error = write_row(&database, "too early", "").unwrap_err();
    assert_eq!(error.storage_fault(), Some(StorageFault::Busy), "{error}");
    assert!(names(&database).is_empty(), "who reads does not wait");
    other.batch_execute("COMMIT").unwrap();
    database.write_blocking(|tx| insert(tx, "in time", "")).unwrap();
    assert_eq!(names(&database), ["in time"]);
}
