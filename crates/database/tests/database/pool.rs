//! Connections that cannot be trusted any more are thrown away, and nobody else pays for it.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use database::{Database, Error, testing::TestDatabase};
use diesel::{prelude::*, sql_query};
use kernel::Clock;

use crate::support::{attach, names, panics, refusal, write_row};

/// A database with one connection for everybody.
fn narrow(test: &TestDatabase) -> Database {
    let mut settings = test.settings.clone();
    settings.connections = 1;
    Database::attach(&settings, Clock::default()).unwrap()
}

on_both! {
    fn the_next_caller_does_not_get_the_open_transaction_of_one_that_panicked(test) {
        let database = narrow(test);
        write_row(&database, "before", "").unwrap();
        for _ in 0..3 {
            assert!(panics(|| drop(database.read_blocking(|_| -> database::Result<()> { panic!("on purpose") }))));
            assert_eq!(names(&database), ["before"]);
        }
        let writes = panics(|| drop(database.write_blocking(|_| -> database::Result<()> { panic!("on purpose") })));
        assert_eq!(writes, test.settings.url.starts_with("postgres"));
        write_row(&database, "after", "").unwrap();
        assert_eq!(names(&database), ["after", "before"]);
    }

    /// The pool makes a new connection for those who wait when it throws one away.
    fn who_waits_gets_a_new_connection_in_place_of_a_broken_one(test) {
        let database = narrow(test);
        let (holding, held) = mpsc::channel();
        thread::scope(|scope| {
            let holder = scope.spawn(|| database.read_blocking(|tx| {
                holding.send(()).unwrap();
                // Until the other one waits.
                thread::sleep(Duration::from_millis(200));
                Ok(sql_query("SELECT nonsense FROM nowhere").execute(tx.sql())?)
            }));
            held.recv().unwrap();
            let started = Instant::now();
            assert!(names(&database).is_empty());
            assert!(started.elapsed() < Duration::from_secs(2), "waited {:?}", started.elapsed());
            assert!(matches!(holder.join().unwrap(), Err(Error::Sql(_))));
        });
    }

    fn a_refusal_costs_no_connection(test) {
        let database = narrow(test);
        names(&database);
        let (before, _) = database.connections();
        for _ in 0..20 {
            assert!(database.write_blocking(|_| Err::<(), _>(refusal())).is_err());
            assert!(database.read_blocking(|_| Err::<(), _>(refusal())).is_err());
        }
        assert_eq!((before, database.connections()), (1, (1, 1)));
    }

    fn many_callers_share_few_connections(test) {
        let mut settings = test.settings.clone();
        settings.connections = 2;
        let database = Database::attach(&settings, Clock::default()).unwrap();
        thread::scope(|scope| {
            for caller in 0..16 {
                let database = &database;
                scope.spawn(move || write_row(database, &format!("{caller:02}"), "").map(|()| names(database)).unwrap());
            }
        });
        assert_eq!(names(&database).len(), 16);
        assert!(database.connections().0 <= 2);
    }
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    // Nothing listens on the port that is for discarding.
    let mut settings = database::Settings::new("postgres://nobody@127.0.0.1:9/none");
    settings.checkout = Duration::from_millis(300);
    let database = Database::attach(&settings, Clock::default()).unwrap();
    let error = database.read_blocking(|_| Ok(())).unwrap_err();
    assert_eq!(error.storage_fault(), Some(database::StorageFault::Unavailable));
    let opened = Database::open(&settings, Clock::default());
    assert!(opened.is_err_and(|text| text.contains("127.0.0.1")));
}

#[test]
fn nobody_is_left_without_a_connection_to_sqlite() {
    let test = TestDatabase::sqlite().unwrap();
    let missing = database::Settings::new(format!("{}/no/such/folder.db", test.settings.url));
    assert!(Database::attach(&missing, Clock::default()).is_err());
    names(&attach(&test));
}
