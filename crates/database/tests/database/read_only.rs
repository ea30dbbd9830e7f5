//! Storage that cannot be written: told as such, still readable, and over as soon as it can be written again.

use std::{
    fs::{File, Permissions, read_dir, set_permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
};

use database::{Database, StorageFault, testing::TestDatabase};
use diesel::{Connection as _, PgConnection, connection::SimpleConnection};
use kernel::Clock;

use crate::{
    apart,
    support::{attach, names, write_row},
};

/// Each of several callers is told why, nothing of theirs is there, and reading goes on.
fn refuses_writes(database: &Database, before: &[String]) {
    thread::scope(|scope| {
        for caller in 0..8 {
            scope.spawn(move || {
                let error = write_row(database, &format!("refused {caller}"), "").unwrap_err();
                assert_eq!(error.storage_fault(), Some(StorageFault::ReadOnly), "{error}");
            });
        }
    });
    assert_eq!(names(database), before);
}

#[test]
fn a_file_that_cannot_be_written() {
    let test = TestDatabase::sqlite().unwrap();
    let folder = Path::new(&test.settings.url).parent().unwrap();
    if !is_stopped_by_permissions(folder) {
        return run_again_restricted("read_only::a_file_that_cannot_be_written");
    }

    // The owner keeps the file's write-ahead log in use, as another server of an installation would.
    let owner = attach(&test);
    write_row(&owner, "before", "").unwrap();
    protect(folder, true);
    let guest = attach(&test);
    refuses_writes(&guest, &["before".to_owned()]);
    assert_eq!(names(&owner), ["before"]);

    // Nobody has to open anything by hand, and not even the first caller notices: the failure makes a new connection.
    protect(folder, false);
    write_row(&guest, "after", "").unwrap();
    assert!(names(&owner).contains(&"after".to_owned()));
}

/// A server that could not write is told so at its start, not at the first request.
#[test]
fn a_server_does_not_start_on_a_file_that_it_cannot_write() {
    let test = TestDatabase::sqlite().unwrap();
    let folder = Path::new(&test.settings.url).parent().unwrap();
    if !is_stopped_by_permissions(folder) {
        return run_again_restricted("read_only::a_server_does_not_start_on_a_file_that_it_cannot_write");
    }
    protect(folder, true);
    let refused = Database::open(&test.settings, Clock::default()).err().unwrap();
    protect(folder, false);
    assert!(refused.contains(&test.settings.url) && refused.contains("readonly"), "{refused}");
    Database::open(&test.settings, Clock::default()).unwrap();
}

fn is_stopped_by_permissions(folder: &Path) -> bool {
    protect(folder, true);
    let stopped = File::create(folder.join("probe")).is_err();
    protect(folder, false);
    stopped
}

/// Permissions do not stop root, unless it lays down the right to pass over them.
fn run_again_restricted(test: &str) {
    assert_eq!(apart::folder(), None, "the child can still write");
    apart::run_again(test, &["setpriv", "--bounding-set", "-dac_override", "--"], &std::env::temp_dir());
}

/// Takes the right to write from a folder and its files, or gives it back.
fn protect(folder: &Path, protect: bool) {
    let (file, directory) = if protect { (0o444, 0o555) } else { (0o644, 0o755) };
    for entry in read_dir(folder).unwrap() {
        set_permissions(entry.unwrap().path(), Permissions::from_mode(file)).unwrap();
    }
    set_permissions(folder, Permissions::from_mode(directory)).unwrap();
}

/// As on a standby, or while an operator has frozen the database.
#[test]
fn a_server_that_takes_no_writes() {
    let test = TestDatabase::postgres().unwrap();
    let database = attach(&test);
    write_row(&database, "before", "").unwrap();
    let server_name = test.settings.url.rsplit('/').next().unwrap().to_owned();
    let frozen = |frozen: bool| {
        let mut operator = PgConnection::establish(&test.settings.url).unwrap();
        let set = format!("ALTER DATABASE {server_name} SET default_transaction_read_only = {frozen}");
        operator.batch_execute(&format!("BEGIN READ WRITE; {set}; COMMIT")).unwrap();
    };
    // The setting is for connections that are made later.
    frozen(true);
    let later = attach(&test);
    refuses_writes(&later, &["before".to_owned()]);
    frozen(false);
    // Idle connections have kept the old setting, until a write finds out: each failure uses one up.
    let attempts = 0..=test.settings.connections;
    let failures = attempts.map_while(|_| write_row(&later, "after", "").err());
    failures.for_each(|error| assert_eq!(error.storage_fault(), Some(StorageFault::ReadOnly), "{error}"));
    assert_eq!(names(&database), ["after", "before"]);
}
