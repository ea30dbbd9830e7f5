//! Another program holds the SQLite file for longer than a write waits, as a careless backup does.

use std::{
    thread,
    time::{Duration, Instant},
};

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

#[test]
fn all_who_wait_for_a_file_that_is_held_wait_together() {
    let test = TestDatabase::sqlite().unwrap();
    let database = attach(&test);
    let mut other = SqliteConnection::establish(&test.settings.url).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    thread::scope(|scope| {
        for caller in 0..8 {
            let database = &database;
            scope.spawn(move || {
                let began = Instant::now();
                let error = write_row(database, &format!("too early {caller}"), "").unwrap_err();
                assert_eq!(error.storage_fault(), Some(StorageFault::Busy), "{error}");
                // One wait for the first, and at most one more for who came when that had ended.
                assert!(began.elapsed() < Duration::from_secs(14), "{:?}", began.elapsed());
            });
        }
    });
    other.batch_execute("COMMIT").unwrap();
    write_row(&database, "in time", "").unwrap();
    assert_eq!(names(&database), ["in time"]);
}
