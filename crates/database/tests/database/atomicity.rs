//! A write is all or nothing, and who is told that it is done finds it done.

use database::{
    Error,
    schema::{events, feed},
};
use diesel::{prelude::*, result::DatabaseErrorKind, sql_query};

use crate::support::{attach, insert, is_refusal, names, panics, refusal, write_row};

on_both! {
    fn a_refusal_undoes_what_was_written(test) {
        let database = attach(test);
        write_row(&database, "before", "").unwrap();
        let result = database.write_blocking(|tx| {
            insert(tx, "half", "")?;
            diesel::update(feed::table).set(feed::last_position.eq(7)).execute(tx.sql())?;
            Err::<(), _>(refusal())
        });
        assert!(result.is_err_and(|error| is_refusal(&error)));
        assert_eq!(names(&database), ["before"]);
        let position = database.read_blocking(|tx| Ok(feed::table.select(feed::last_position).first::<i64>(tx.sql())?));
        assert_eq!(position.unwrap(), 0);
    }

    fn a_fault_of_sql_undoes_what_was_written(test) {
        let database = attach(test);
        let result = database.write_blocking(|tx| {
            insert(tx, "half", "")?;
            sql_query("INSERT INTO settings (name, value) VALUES ('no value', NULL)").execute(tx.sql())?;
            Ok(())
        });
        let error = result.unwrap_err();
        let Error::Sql(diesel::result::Error::DatabaseError(kind, _)) = &error else { panic!("{error:?}") };
        assert!(matches!(kind, DatabaseErrorKind::NotNullViolation));
        assert_eq!(error.storage_fault(), None, "a fault of ours, not of the storage");
        assert!(names(&database).is_empty());
        write_row(&database, "after", "").unwrap();
    }

    fn a_panic_undoes_what_was_written(test) {
        let database = attach(test);
        let told = panics(|| {
            let result = database.write_blocking(|tx| {
                insert(tx, "half", "")?;
                panic!("on purpose");
                #[allow(unreachable_code)]
                Ok(())
            });
            // The writer's thread lives on, so that its caller gets an answer and no panic.
            assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
        });
        assert_eq!(told, test.settings.url.starts_with("postgres"));
        write_row(&database, "after", "").unwrap();
        assert_eq!(names(&database), ["after"]);
    }

    /// PostgreSQL answers the COMMIT of a transaction with a failed statement by a ROLLBACK, without an error.
    /// Whatever the work makes of the failure, an `Ok` must mean that the rest is kept.
    fn what_is_acknowledged_is_kept_even_if_the_work_overlooks_an_error(test) {
        let database = attach(test);
        write_row(&database, "taken", "").unwrap();
        let result = database.write_blocking(|tx| {
            insert(tx, "mine", "")?;
            let _ = insert(tx, "taken", "");
            Ok(())
        });
        assert_eq!(result.is_ok(), names(&database).contains(&"mine".to_owned()), "{result:?}");
        write_row(&database, "after", "").unwrap();
    }

    /// It may be a collision, so the work is run again; when that does not help, it says the same on both.
    fn a_unique_violation_is_told_as_one(test) {
        let database = attach(test);
        write_row(&database, "taken", "first").unwrap();
        let error = write_row(&database, "taken", "second").unwrap_err();
        let Error::Sql(diesel::result::Error::DatabaseError(kind, _)) = &error else { panic!("{error:?}") };
        assert!(matches!(kind, DatabaseErrorKind::UniqueViolation));
        assert_eq!(error.storage_fault(), None);
        assert_eq!(names(&database), ["taken"]);
    }

    fn not_found_is_no_fault_of_the_storage(test) {
        let database = attach(test);
        let missing = database.read_blocking(|tx| {
            Ok(events::table.find("event_00").select(events::kind).first::<String>(tx.sql())?)
        });
        let error = missing.unwrap_err();
        assert!(matches!(error, Error::Sql(diesel::result::Error::NotFound)));
        assert_eq!(error.storage_fault(), None);
    }
}
