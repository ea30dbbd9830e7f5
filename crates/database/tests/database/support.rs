//! What the tests share: a small table, `settings`, that is there anyway.

use std::panic::{AssertUnwindSafe, catch_unwind};

use database::{
    Database, Error, Result, StorageFault, Tx,
    schema::settings::dsl::{name, settings, value},
    testing::TestDatabase,
};
use diesel::prelude::*;
use kernel::Clock;

/// Makes of each function two tests, `sqlite` and `postgres`, in a module of its name.
macro_rules! on_both {
    ($($(#[$doc:meta])* fn $test:ident($database:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $test {
            #[allow(unused_imports)]
            use super::*;

            fn body($database: &database::testing::TestDatabase) $body

            #[test]
            fn sqlite() {
                body(&database::testing::TestDatabase::sqlite().unwrap());
            }

            #[test]
            fn postgres() {
                body(&database::testing::TestDatabase::postgres().unwrap());
            }
        }
    )+};
}

pub fn attach(test: &TestDatabase) -> Database {
    Database::attach(&test.settings, Clock::default()).unwrap()
}

pub fn get(tx: &mut Tx, key: &str) -> Result<Option<String>> {
    Ok(settings.find(key).select(value).first(tx.sql()).optional()?)
}

pub fn insert(tx: &mut Tx, key: &str, content: &str) -> Result<()> {
    diesel::insert_into(settings).values((name.eq(key), value.eq(content))).execute(tx.sql())?;
    Ok(())
}

pub fn update(tx: &mut Tx, key: &str, content: &str) -> Result<()> {
    let rows = diesel::update(settings.find(key)).set(value.eq(content)).execute(tx.sql())?;
    assert_eq!(rows, 1, "{key} is there");
    Ok(())
}

/// Adds one to a row in the way that loses updates when transactions do not keep each other out.
pub fn increment(tx: &mut Tx, key: &str) -> Result<u64> {
    let next = get(tx, key)?.unwrap().parse::<u64>().unwrap() + 1;
    update(tx, key, &next.to_string())?;
    Ok(next)
}

/// All the names in the table, in order.
pub fn names(database: &Database) -> Vec<String> {
    let mut all: Vec<String> = database.read_blocking(|tx| Ok(settings.select(name).load(tx.sql())?)).unwrap();
    all.sort();
    all
}

pub fn write_row(database: &Database, key: &str, content: &str) -> Result<()> {
    let (key, content) = (key.to_owned(), content.to_owned());
    database.write_blocking(move |tx| insert(tx, &key, &content))
}

/// Repeats a write that collided too often, as callers are told to.
pub fn insist<T: Send + 'static>(
    database: &Database,
    work: impl FnMut(&mut Tx) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    loop {
        match database.write_blocking(work.clone()) {
            Err(error) if error.storage_fault() == Some(StorageFault::Busy) => {}
            result => return result,
        }
    }
}

pub fn refusal() -> Error {
    kernel::Error::new(kernel::Code::PolicyRefuses, "The business refuses.").into()
}

pub fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Domain(error) if error.code == kernel::Code::PolicyRefuses)
}

/// Runs what panics on purpose.
pub fn panics(work: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_err()
}
