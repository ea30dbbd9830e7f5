//! Transactions that want the same: nothing is lost, and no two of them both get what only one may have.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use database::{
    Database, Result, Tx,
    schema::settings::dsl::{name, settings, value},
    testing::TestDatabase,
};
use diesel::prelude::*;

use crate::support::{attach, get, increment, insert, insist, is_refusal, names, refusal, update, write_row};

const THREADS: usize = 16;
const INCREMENTS: usize = 50;
const ROUNDS: usize = 100;

on_both! {
    fn increments_of_one_row_lose_nothing(test) {
        increments(&[attach(test)]);
    }

    fn increments_lose_nothing_between_two_servers(test) {
        increments(&[attach(test), attach(test)]);
    }

    fn only_one_inserts_what_both_found_missing(test) {
        both_insert(&[attach(test)]);
    }

    fn only_one_inserts_what_two_servers_found_missing(test) {
        both_insert(&[attach(test), attach(test)]);
    }

    fn only_one_leaves_when_one_must_stay(test) {
        both_leave(&[attach(test)]);
    }

    fn only_one_leaves_when_two_servers_ask(test) {
        both_leave(&[attach(test), attach(test)]);
    }

    /// A lock by name is for one transaction at a time, and ends with it.
    fn a_named_lock_is_held_once(test) {
        let (one, other) = (attach(test), attach(test));
        let asked = other.clone();
        let in_the_meantime = one.write_blocking(move |tx| {
            assert!(tx.try_lock("feed")?);
            // SQLite's one writer is the lock: nobody else would get as far as asking.
            if tx.is_only_writer() { Ok(false) } else { asked.write_blocking(|tx| tx.try_lock("feed")) }
        });
        assert!(!in_the_meantime.unwrap());
        assert!(other.write_blocking(|tx| tx.try_lock("feed")).unwrap());
    }
}

/// One looks and finds nothing; another, who did not look, is faster. Only PostgreSQL lets them overlap.
#[test]
fn who_loses_a_race_for_a_unique_value_looks_again() {
    let test = TestDatabase::postgres().unwrap();
    let (one, other) = (attach(&test), attach(&test));
    let mut looked = 0;
    let result = one.write_blocking(move |tx| {
        looked += 1;
        match get(tx, "unique")? {
            Some(winner) => Ok((looked, winner)),
            None => {
                write_row(&other, "unique", "other")?;
                insert(tx, "unique", "one").map(|()| (looked, "one".to_owned()))
            }
        }
    });
    assert_eq!(result.unwrap(), (2, "other".to_owned()));
}

fn increments(servers: &[Database]) {
    servers[0].write_blocking(|tx| insert(tx, "counter", "0")).unwrap();
    thread::scope(|scope| {
        for server in servers.iter().cycle().take(THREADS) {
            scope.spawn(move || {
                for _ in 0..INCREMENTS {
                    insist(server, |tx| increment(tx, "counter")).unwrap();
                }
            });
        }
    });
    let next = servers[0].write_blocking(|tx| increment(tx, "counter")).unwrap();
    assert_eq!(next, (THREADS * INCREMENTS + 1) as u64);
}

/// Each looks for either row, finds none, and adds its own: a different row, so neither overwrites the other.
fn both_insert(servers: &[Database]) {
    for round in 0..ROUNDS {
        let rows = [format!("{round:03}-a"), format!("{round:03}-b")];
        let mine = rows.clone();
        compete(servers, move |tx, who, meet| {
            let taken: i64 = settings.filter(name.eq_any(&rows)).count().get_result(tx.sql())?;
            meet(tx);
            if taken > 0 {
                return Err(refusal());
            }
            insert(tx, &mine[who], "taken")
        });
    }
    assert_eq!(names(&servers[0]).len(), ROUNDS);
}

/// Two are on duty. Each sees that the other is, and leaves.
fn both_leave(servers: &[Database]) {
    for round in 0..ROUNDS {
        let rows = [format!("{round:03}-a"), format!("{round:03}-b")];
        let both = rows.clone();
        servers[0].write_blocking(move |tx| both.iter().try_for_each(|row| insert(tx, row, "on duty"))).unwrap();
        compete(servers, move |tx, who, meet| {
            let on_duty = settings.filter(name.eq_any(&rows)).filter(value.eq("on duty"));
            let others: i64 = on_duty.filter(name.ne(&rows[who])).count().get_result(tx.sql())?;
            meet(tx);
            if others == 0 {
                return Err(refusal());
            }
            update(tx, &rows[who], "gone")
        });
    }
}

/// Two transactions at once; exactly one may succeed, and the other must have been refused by the rule: it was run
/// again, and then saw what the first had done.
fn compete(
    servers: &[Database],
    work: impl Fn(&mut Tx, usize, &mut dyn FnMut(&mut Tx)) -> Result<()> + Clone + Send + 'static,
) {
    let barrier = Arc::new(Barrier::new(2));
    let results: Vec<Result<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|who| {
                let (barrier, work) = (barrier.clone(), work.clone());
                scope.spawn(move || {
                    barrier.wait();
                    let mut met = false;
                    servers[who % servers.len()].write_blocking(move |tx| {
                        // Where transactions can overlap, the first attempts do: both have looked before either
                        // writes. With one writer, waiting for the other would be waiting for ever.
                        work(tx, who, &mut |tx| {
                            if !tx.is_only_writer() && !std::mem::replace(&mut met, true) {
                                barrier.wait();
                            }
                        })
                    })
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(results.iter().any(Result::is_ok), "nobody succeeded: {results:?}");
    assert!(results.iter().any(|result| result.as_ref().is_err_and(is_refusal)), "both succeeded: {results:?}");
}
