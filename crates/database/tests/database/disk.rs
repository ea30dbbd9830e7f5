//! A full disk under SQLite: told as such, nothing lost, nothing torn, and over as soon as there is room.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use database::{Database, Result, StorageFault, testing::TestDatabase};
use diesel::{Connection as _, QueryableByName, SqliteConnection, connection::SimpleConnection, prelude::*, sql_query};

use crate::{
    apart,
    support::{attach, insert, names, write_row},
};

const THIS: &str = "disk::a_full_disk_loses_nothing_and_is_left_behind";
/// Large enough that a few dozen rows fill what is left.
const ROW: usize = 32 * 1024;
const MORE_THAN_FIT: usize = 1_000;

/// What keeps the database from growing.
#[derive(Clone)]
enum Disk {
    /// A small file system of its own.
    Small(PathBuf),
    /// Where none can be mounted: SQLite's own limit, which fails with the same code. It ends when the writer
    /// opens a new connection.
    Limited,
}

#[test]
fn a_full_disk_loses_nothing_and_is_left_behind() {
    if let Some(folder) = apart::folder() {
        assert!(mount(&[], &folder), "the parent could");
        return on(&Disk::Small(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    // In a mount namespace nobody else sees the disk, and it goes away with the child. Who may not have one may
    // have one in a user namespace.
    for under in [&["unshare", "--mount"][..], &["unshare", "--map-root-user", "--mount"]] {
        if mount(under, folder.path()) {
            return apart::run_again(THIS, under, folder.path());
        }
    }
    on(&Disk::Limited);
}

#[test]
fn a_limit_on_the_file_is_a_full_disk_too() {
    on(&Disk::Limited);
}

fn mount(under: &[&str], folder: &Path) -> bool {
    let words = [under, &["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs"]].concat();
    let output = Command::new(words[0]).args(&words[1..]).arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}

fn on(disk: &Disk) {
    let test = TestDatabase::sqlite().unwrap();
    if let Disk::Small(folder) = disk {
        assert!(Path::new(&test.settings.url).starts_with(folder), "the database is on another disk");
    }
    let database = attach(&test);
    write_row(&database, "before", "").unwrap();
    let mut kept = vec!["before".to_owned()];
    let ballast = disk.fill();

    // Alone, until it is full, and then some.
    let mut refused = 0;
    for number in 0..MORE_THAN_FIT {
        let key = format!("alone {number:04}");
        match write_large(&database, disk, &key) {
            Ok(()) => kept.push(key),
            Err(error) => {
                assert_eq!(error.storage_fault(), Some(StorageFault::Full), "{error}");
                refused += 1;
            }
        }
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5, "the disk was never full");
    check(&test, &database, &kept);

    // Many at once: each hears of its own write.
    let results: Vec<(String, Result<()>)> = thread::scope(|scope| {
        let write = |caller| {
            let key = format!("together {caller:02}");
            let result = write_large(&database, disk, &key);
            (key, result)
        };
        let callers: Vec<_> = (0..16).map(|caller| scope.spawn(move || write(caller))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert!(results.iter().any(|(_, result)| result.is_err()), "the disk was not full any more");
    for (key, result) in results {
        match result {
            Ok(()) => kept.push(key),
            Err(error) => assert_eq!(error.storage_fault(), Some(StorageFault::Full), "{error}"),
        }
    }
    check(&test, &database, &kept);

    // Room again: the same handle writes on.
    if let Some(ballast) = ballast {
        std::fs::remove_file(ballast).unwrap();
    }
    for number in 0..20 {
        let key = format!("room {number:02}");
        write_row(&database, &key, &"x".repeat(ROW)).unwrap();
        kept.push(key);
    }
    check(&test, &database, &kept);
}

impl Disk {
    /// Takes what is left but for a little, and says where it is.
    fn fill(&self) -> Option<PathBuf> {
        let Self::Small(folder) = self else { return None };
        let path = folder.join("ballast");
        let mut file = File::create(&path).unwrap();
        let full = loop {
            if let Err(error) = file.write_all(&[1; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        // Some rows fit yet: the disk fills up in the middle of a write, not between two.
        file.set_len(file.metadata().unwrap().len() - 200 * 1024).unwrap();
        Some(path)
    }
}

fn write_large(database: &Database, disk: &Disk, key: &str) -> Result<()> {
    let (disk, key) = (disk.clone(), key.to_owned());
    database.write_blocking(move |tx| {
        if matches!(disk, Disk::Limited) {
            // Less than there is means: no more than there is.
            tx.sql().batch_execute("PRAGMA max_page_count = 1")?;
        }
        insert(tx, &key, &"x".repeat(ROW))
    })
}

/// Exactly the acknowledged rows are there, for this process and for one that comes fresh to the file.
fn check(test: &TestDatabase, database: &Database, kept: &[String]) {
    let mut kept = kept.to_vec();
    kept.sort();
    assert_eq!(names(database), kept);

    #[derive(QueryableByName)]
    struct Verdict {
        #[diesel(sql_type = diesel::sql_types::Text)]
        integrity_check: String,
    }
    let mut fresh = SqliteConnection::establish(&test.settings.url).unwrap();
    let verdict: Verdict = sql_query("PRAGMA integrity_check").get_result(&mut fresh).unwrap();
    assert_eq!(verdict.integrity_check, "ok");
}
