//! Everything that may stand in a column comes back as it was, from both databases, and compares the same.

use chrono::NaiveDate;
use database::{Json, Result, testing::TestDatabase};
use diesel::{connection::SimpleConnection, prelude::*};
use kernel::{Country, Timestamp};

use crate::specimen::{Document, Mood, Row, SpecimenId, at, bare, day, full, specimens, with};

/// The ids that a condition selects, counted.
macro_rules! count {
    ($database:expr, $condition:expr) => {
        $database
            .read_blocking(|tx| {
                Ok($crate::specimen::specimens::table.filter($condition).count().get_result::<i64>(tx.sql())?)
            })
            .unwrap()
    };
}

on_both! {
    fn what_was_stored_comes_back(test) {
        let database = with(test, vec![full(), bare()]);
        let rows = database.read_blocking(|tx| {
            Ok(specimens::table.order(specimens::id).select(Row::as_select()).load(tx.sql())?)
        });
        assert_eq!(rows.unwrap(), [bare(), full()]);
    }

    fn an_update_stores_the_same_and_null_takes_away(test) {
        let database = with(test, vec![bare()]);
        let row = database.write_blocking(|tx| {
            use crate::specimen::specimens::dsl::*;
            let Row { seen_at: seen, origin: from, remarks: said, former_mood: was, debt: owed, .. } = full();
            diesel::update(specimens.find(bare().id))
                .set((seen_at.eq(seen), origin.eq(from), remarks.eq(said), former_mood.eq(was), debt.eq(owed)))
                .execute(tx.sql())?;
            diesel::update(specimens)
                .set((origin.eq(None::<Country>), mood.eq(Mood::VeryAngry), gone_on.eq(Some(day("2026-02-28")))))
                .execute(tx.sql())?;
            Ok(specimens.find(bare().id).select(Row::as_select()).first(tx.sql())?)
        });
        let Row { seen_at, remarks, former_mood, debt, mood, .. } = full();
        let gone_on = Some(day("2026-02-28"));
        assert_eq!(row.unwrap(), Row { seen_at, remarks, former_mood, debt, mood, gone_on, ..bare() });
    }

    fn a_value_finds_its_row(test) {
        use crate::specimen::specimens::dsl::*;
        let database = with(test, vec![full(), bare()]);
        assert_eq!(count!(database, id.eq(full().id)), 1);
        assert_eq!(count!(database, made_at.eq(full().made_at)), 1);
        assert_eq!(count!(database, seen_at.eq(full().seen_at)), 1);
        assert_eq!(count!(database, country.eq(full().country)), 1);
        assert_eq!(count!(database, origin.eq(full().origin)), 1);
        assert_eq!(count!(database, currency.eq(full().currency)), 1);
        assert_eq!(count!(database, document.eq(full().document)), 1);
        assert_eq!(count!(database, due_on.eq(full().due_on)), 1);
        assert_eq!(count!(database, mood.eq(Mood::VeryAngry)), 1);
        assert_eq!(count!(database, former_mood.eq(Mood::Calm)), 1);
        assert_eq!(count!(database, rare.eq(true)), 1);
        assert_eq!(count!(database, worth.eq(i64::MAX)), 1);
        assert_eq!(count!(database, debt.is_null()), 1);
        assert_eq!(count!(database, made_at.gt(bare().made_at).and(due_on.gt(bare().due_on))), 1);
        assert_eq!(count!(database, made_at.between(bare().made_at, full().made_at)), 2);
    }

    fn values_find_their_rows(test) {
        use crate::specimen::specimens::dsl::*;
        let database = with(test, vec![full(), bare()]);
        let none: [SpecimenId; 0] = [];
        assert_eq!(count!(database, id.eq_any([full().id, bare().id, SpecimenId::from_bytes([7; 16])])), 2);
        assert_eq!(count!(database, id.eq_any(none)), 0);
        assert_eq!(count!(database, id.ne_all([full().id])), 1);
        assert_eq!(count!(database, made_at.eq_any([full().made_at, bare().made_at])), 2);
        assert_eq!(count!(database, country.eq_any([full().country])), 1);
        assert_eq!(count!(database, currency.eq_any([full().currency, bare().currency])), 2);
        assert_eq!(count!(database, due_on.eq_any([bare().due_on])), 1);
        assert_eq!(count!(database, mood.eq_any([Mood::Calm, Mood::VeryAngry])), 2);
        assert_eq!(count!(database, legs.eq_any([0, 1, 2])), 1);
    }

    /// Lists put their conditions together as they read the request.
    fn conditions_are_put_together_at_run_time(test) {
        let database = with(test, vec![full(), bare()]);
        let list = |only: Option<Mood>, after: Option<SpecimenId>| {
            database.read_blocking(|tx| {
                let mut query = specimens::table.select(Row::as_select()).into_boxed();
                if let Some(only) = only {
                    query = query.filter(specimens::mood.eq(only));
                }
                if let Some(after) = after {
                    query = query.filter(specimens::id.gt(after));
                }
                Ok(query.order(specimens::id.asc()).limit(10).load::<Row>(tx.sql())?)
            }).unwrap()
        };
        assert_eq!(list(None, None), [bare(), full()]);
        assert_eq!(list(None, Some(bare().id)), [full()]);
        assert_eq!(list(Some(Mood::Calm), None), [bare()]);
        assert_eq!(list(Some(Mood::Calm), Some(bare().id)), []);
    }

    fn a_write_returns_named_columns(test) {
        use crate::specimen::specimens::dsl::*;
        let database = with(test, vec![bare()]);
        type Columns = (SpecimenId, Timestamp, Option<Timestamp>, Country, Mood, Json<Document>, NaiveDate, i64);
        let columns = (id, made_at, seen_at, country, mood, document, due_on, worth);
        let inserted: Columns = database.write_blocking(move |tx| {
            Ok(diesel::insert_into(specimens).values(full()).returning(columns).get_result(tx.sql())?)
        }).unwrap();
        let Row { document: text, .. } = full();
        let expected = (full().id, full().made_at, full().seen_at, full().country, full().mood, text, full().due_on, i64::MAX);
        assert_eq!(inserted, expected);
        let updated: Vec<(SpecimenId, i32)> = database.write_blocking(|tx| {
            Ok(diesel::update(specimens.filter(rare.eq(true))).set(legs.eq(8)).returning((id, legs)).get_results(tx.sql())?)
        }).unwrap();
        assert_eq!(updated, [(full().id, 8)]);
        let deleted: SpecimenId = database.write_blocking(|tx| {
            Ok(diesel::delete(specimens.find(bare().id)).returning(id).get_result(tx.sql())?)
        }).unwrap();
        assert_eq!(deleted, bare().id);
    }

    /// On SQLite times are text: its order must be the order in time, decimals or none.
    fn rows_are_ordered_in_time(test) {
        let times = [
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2026-01-31T11:59:59.999999Z",
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00.000001Z",
            "2026-01-31T12:00:00.100000Z",
            "2026-01-31T12:00:01Z",
            "2026-10-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
        ]
        .map(at);
        // Stored in another order than that of time or id.
        let rows = (0..times.len()).map(|n| (n * 7 + 3) % times.len()).map(|n| Row {
            id: SpecimenId::from_bytes([u8::try_from(n * 11 % 16).unwrap(); 16]),
            made_at: times[n],
            ..bare()
        });
        let database = with(test, rows.collect());
        let stored = database.read_blocking(|tx| {
            Ok(specimens::table.order(specimens::made_at).select(specimens::made_at).load::<Timestamp>(tx.sql())?)
        });
        assert_eq!(stored.unwrap(), times);
        for (earlier, time) in times.iter().enumerate() {
            assert_eq!(count!(database, specimens::made_at.lt(*time)), i64::try_from(earlier).unwrap());
        }
        let (first, last) = database.read_blocking(|tx| {
            use diesel::dsl::{max, min};
            let ends = specimens::table.select((min(specimens::made_at), max(specimens::made_at)));
            Ok(ends.first::<(Option<Timestamp>, Option<Timestamp>)>(tx.sql())?)
        }).unwrap();
        assert_eq!((first, last), (Some(times[0]), Some(times[9])));
    }

    /// The database never hands out a finer or a coarser time than it was given.
    fn the_clock_s_times_are_kept_to_the_microsecond(test) {
        let database = with(test, vec![]);
        let (now, stored) = database.write_blocking(|tx| {
            let row = Row { made_at: tx.now(), seen_at: Some(tx.wall()), id: tx.id(), ..bare() };
            diesel::insert_into(specimens::table).values(&row).execute(tx.sql())?;
            Ok((row, specimens::table.select(Row::as_select()).first::<Row>(tx.sql())?))
        }).unwrap();
        assert_eq!(now, stored);
    }

    fn what_does_not_belong_in_a_column_is_an_error(test) {
        let database = with(test, vec![bare()]);
        let spoil = |sql: &'static str| -> Result<Row> {
            database.write_blocking(move |tx| {
                tx.sql().batch_execute(sql)?;
                // Read by the same transaction, and undone by its failure.
                Ok(specimens::table.select(Row::as_select()).first(tx.sql())?)
            })
        };
        for sql in [
            "UPDATE specimens SET mood = 'sad'",
            "UPDATE specimens SET country = 'XX'",
            "UPDATE specimens SET currency = 'eur'",
            "UPDATE specimens SET id = 'deal_01h455vb4pex5vsknk084sn02q'",
            "UPDATE specimens SET document = '{'",
        ] {
            let error = spoil(sql).unwrap_err();
            assert!(matches!(error, database::Error::Sql(diesel::result::Error::DeserializationError(_))), "{sql}: {error}");
            assert_eq!(error.storage_fault(), None);
        }
        assert_eq!(spoil("UPDATE specimens SET legs = 6").unwrap(), Row { legs: 6, ..bare() });
    }
}

/// The text itself, because other programs read the file too.
#[test]
fn times_are_written_with_six_decimals_in_sqlite() {
    let test = TestDatabase::sqlite().unwrap();
    let database = with(&test, vec![bare()]);
    let made_at = diesel::dsl::sql::<diesel::sql_types::Text>("CAST(made_at AS TEXT)");
    let text = database.read_blocking(|tx| Ok(specimens::table.select(made_at).first::<String>(tx.sql())?));
    assert_eq!(text.unwrap(), "2026-01-31 12:00:00.000000");
}
