//! SQLite's one writer: queued writes share a commit, each has its own fate, and no answer comes before the commit.

use std::{sync::mpsc, thread};

use database::{
    Database, Error, Result,
    schema::settings::dsl::{name, settings},
    testing::TestDatabase,
};
use diesel::{Connection as _, SqliteConnection, prelude::*};

use crate::support::{attach, insert, is_refusal, names, refusal, write_row};

const QUEUED: usize = 20;
/// A group is closed after some milliseconds: a busy machine may need several tries to get one of the wanted size.
const TRIES: usize = 50;

/// What becomes of a queued write after its INSERT.
enum Fate {
    Kept,
    Refused,
    Panics,
}

/// Every third fails, in one way or the other.
fn fate(number: usize) -> Fate {
    match number % 6 {
        2 => Fate::Refused,
        5 => Fate::Panics,
        _ => Fate::Kept,
    }
}

fn row(number: usize) -> String {
    format!("row {number:02}")
}

#[test]
fn a_write_that_fails_in_a_group_fails_alone() {
    for _ in 0..TRIES {
        let test = TestDatabase::sqlite().unwrap();
        let database = attach(&test);
        let (results, shared_one_commit) = queue_behind_a_slow_write(&database);
        let mut kept = vec!["first".to_owned()];
        for (number, result) in results.iter().enumerate() {
            match fate(number) {
                Fate::Kept => {
                    assert_eq!(result.as_ref().unwrap(), &row(number), "its own answer");
                    kept.push(row(number));
                }
                Fate::Refused => assert!(result.as_ref().is_err_and(is_refusal), "{result:?}"),
                Fate::Panics => assert!(matches!(result, Err(Error::Internal(_))), "{result:?}"),
            }
        }
        assert_eq!(names(&database), kept);
        write_row(&database, "the writer lives", "").unwrap();
        if shared_one_commit {
            return;
        }
    }
    panic!("{QUEUED} writes never shared a commit");
}

/// Holds the writer with a slow write, queues the others behind it and lets go. The answers, and whether none of
/// the others had been committed when the last of them ran.
fn queue_behind_a_slow_write(database: &Database) -> (Vec<Result<String>>, bool) {
    let (started, has_started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (look, looked) = mpsc::channel();
    // On one thread, tasks reach the queue in the order in which they are spawned.
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let slow = database.clone();
        let slow = tokio::spawn(async move {
            slow.write(move |tx| {
                started.send(()).unwrap();
                released.recv().unwrap();
                insert(tx, "first", "")
            })
            .await
        });
        tokio::task::yield_now().await;
        has_started.recv().unwrap();

        let mut queued = Vec::new();
        for number in 0..QUEUED {
            let (database, outside, look) = (database.clone(), database.clone(), look.clone());
            queued.push(tokio::spawn(async move {
                let work = move |tx: &mut database::Tx| {
                    insert(tx, &row(number), "")?;
                    if number == QUEUED - 1 {
                        let others = settings.filter(name.like("row%")).count();
                        look.send(outside.read_blocking(|tx| Ok(others.get_result::<i64>(tx.sql())?))?).unwrap();
                    }
                    match fate(number) {
                        Fate::Kept => Ok(row(number)),
                        Fate::Refused => Err(refusal()),
                        Fate::Panics => panic!("on purpose"),
                    }
                };
                database.write(work).await
            }));
        }
        tokio::task::yield_now().await;
        release.send(()).unwrap();

        slow.await.unwrap().unwrap();
        let mut results = Vec::new();
        for write in queued {
            results.push(write.await.unwrap());
        }
        (results, looked.recv().unwrap() == 0)
    })
}

/// Another connection finds the row as soon as the caller has its answer, however many share the commit.
#[test]
fn an_answer_comes_after_the_commit() {
    let test = TestDatabase::sqlite().unwrap();
    let database = attach(&test);
    thread::scope(|scope| {
        for caller in 0..16 {
            let (database, url) = (&database, &test.settings.url);
            scope.spawn(move || {
                let mut outside = SqliteConnection::establish(url).unwrap();
                for round in 0..50 {
                    let key = format!("{caller}-{round}");
                    write_row(database, &key, "").unwrap();
                    let found: i64 = settings.filter(name.eq(&key)).count().get_result(&mut outside).unwrap();
                    assert_eq!(found, 1, "{key} was acknowledged");
                }
            });
        }
    });
}

/// Whoever does not wait for the answer cancels nothing and disturbs nobody.
#[test]
fn a_caller_that_goes_away_disturbs_nobody() {
    let test = TestDatabase::sqlite().unwrap();
    let database = attach(&test);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let gone = database.clone();
        let gone = tokio::spawn(async move { gone.write(|tx| insert(tx, "gone", "")).await });
        tokio::task::yield_now().await;
        gone.abort();
        database.write(|tx| insert(tx, "stays", "")).await.unwrap();
    });
    assert_eq!(names(&database), ["gone", "stays"]);
}
