//! Within a transaction neither the time nor the data move.

use std::{thread, time::Duration};

use chrono::TimeDelta;
use database::{
    Database, Result, Tx,
    schema::settings::dsl::{name, settings, value},
};
use diesel::prelude::*;
use kernel::{Clock, Timestamp};

use crate::support::{attach, get, insert, names, update, write_row};

kernel::ids! {
    /// Anything.
    Thing = "thing" => ThingId;
}

/// Two looks at the clock, with time passing and the business clock being moved in between.
fn look_twice(tx: &mut Tx, clock: &Clock) -> [Timestamp; 2] {
    let (now, wall) = (tx.now(), tx.wall());
    clock.set_offset_micros(clock.offset_micros() + 86_400_000_000);
    thread::sleep(Duration::from_millis(2));
    assert_eq!((tx.now(), tx.wall()), (now, wall));
    [now, wall]
}

on_both! {
    fn time_stands_still_in_a_transaction(test) {
        let clock = Clock::default();
        let database = Database::attach(&test.settings, clock.clone()).unwrap();
        let writes_clock = clock.clone();
        let [first, first_wall] = database.write_blocking(move |tx| Ok(look_twice(tx, &writes_clock))).unwrap();
        let [second, second_wall] = database.read_blocking(|tx| Ok(look_twice(tx, &clock))).unwrap();
        assert!(second - first > TimeDelta::days(1) && second - first < TimeDelta::days(2), "business time was moved");
        assert!(second_wall > first_wall && second_wall - first_wall < TimeDelta::hours(1), "the machine's was not");
    }

    fn a_read_sees_one_snapshot(test) {
        let database = attach(test);
        write_row(&database, "old", "1").unwrap();
        let count = |tx: &mut Tx| -> Result<i64> { Ok(settings.count().get_result(tx.sql())?) };
        database.read_blocking(|tx| {
            assert_eq!(count(tx)?, 1);
            let others = database.clone();
            let write = move || others.write_blocking(|tx| {
                insert(tx, "new", "")?;
                update(tx, "old", "2")
            });
            thread::spawn(write).join().unwrap().unwrap();
            assert_eq!(count(tx)?, 1);
            assert_eq!(get(tx, "old")?.as_deref(), Some("1"));
            Ok(())
        }).unwrap();
        assert_eq!(names(&database), ["new", "old"]);
    }

    /// Readers never see one half of a write.
    fn a_sum_holds_in_every_snapshot(test) {
        let database = attach(test);
        write_row(&database, "from", "1000").unwrap();
        write_row(&database, "to", "0").unwrap();
        let balance = |tx: &mut Tx, key: &str| -> Result<i64> {
            Ok(settings.find(key).select(value).first::<String>(tx.sql())?.parse().unwrap())
        };
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for _ in 0..200 {
                    database.write_blocking(move |tx| {
                        let (from, to) = (balance(tx, "from")? - 1, balance(tx, "to")? + 1);
                        update(tx, "from", &from.to_string())?;
                        update(tx, "to", &to.to_string())
                    }).unwrap();
                }
            });
            while !writer.is_finished() {
                let sum = database.read_blocking(|tx| Ok(balance(tx, "from")? + balance(tx, "to")?)).unwrap();
                assert_eq!(sum, 1000);
            }
        });
    }

    /// More of them than the counter within an id can tell apart.
    fn the_ids_of_a_transaction_sort_in_the_order_in_which_they_were_made(test) {
        let made = attach(test).write_blocking(|tx| Ok((0..50_000).map(|_| tx.id::<Thing>()).collect::<Vec<_>>()));
        assert!(made.unwrap().is_sorted_by(|a, b| a < b));
    }

    fn a_read_cannot_write(test) {
        let database = attach(test);
        let error = database.read_blocking(|tx| insert(tx, "smuggled", "")).unwrap_err();
        assert_eq!(error.storage_fault(), Some(database::StorageFault::ReadOnly), "{error}");
        assert!(names(&database).is_empty());
        let missing = database.read_blocking(|tx| {
            Ok(settings.filter(name.eq("smuggled")).select(name).first::<String>(tx.sql()).optional()?)
        });
        assert_eq!(missing.unwrap(), None);
    }
}
