//! Transactions on PostgreSQL: serializable, repeated when they collide.

use std::{thread, time::Duration};

use chrono::NaiveDateTime;
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    sql_query,
    sql_types::{self, Bool, Text},
};
use kernel::{Clock, Timestamp};

use crate::{
    Connection, Error, Result, StorageFault, Tx,
    pool::{self, Pool, Slot},
    transaction::leaves_doubt,
};

/// How often a colliding transaction is run before the caller is told to come back.
const ATTEMPTS: u32 = 12;
/// The longest pause between two attempts, in microseconds.
const LONGEST_PAUSE: u64 = 50_000;

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

pub(crate) fn read<T>(
    connection: &mut Connection,
    clock: &Clock,
    work: impl FnOnce(&mut Tx) -> Result<T>,
) -> Result<T> {
    transaction(connection, READ, |connection| work(&mut Tx::new(connection, clock)))
}

pub(crate) fn write<T>(pool: &Pool, clock: &Clock, mut work: impl FnMut(&mut Tx) -> Result<T>) -> Result<T> {
    let mut attempt = 1;
    loop {
        let mut slot = pool::checkout(pool)?;
        let Slot { connection, broken } = &mut *slot;
        let repeated = attempt > 1;
        match transaction(connection, WRITE, |connection| work(&mut Tx::new(connection, clock).repeated(repeated))) {
            Err(error) if attempt < ATTEMPTS && error.is_collision() => {
                metrics::counter!("entente_transaction_retries_total").increment(1);
                tracing::debug!(attempt, %error, "transaction collided");
            }
            result => {
                *broken = result.as_ref().is_err_and(leaves_doubt);
                return result;
            }
        }
        // Give the connection back before sleeping: others need it.
        drop(slot);
        thread::sleep(pause(attempt));
        attempt += 1;
    }
}

/// Commits when `work` succeeds, rolls back when it does not.
fn transaction<T>(
    connection: &mut Connection,
    begin: &str,
    work: impl FnOnce(&mut Connection) -> Result<T>,
) -> Result<T> {
    AnsiTransactionManager::begin_transaction_sql(postgres(connection)?, begin)?;
    match work(connection) {
        Ok(value) => commit(postgres(connection)?).map(|()| value),
        Err(error) => {
            let undone = AnsiTransactionManager::rollback_transaction(postgres(connection)?);
            // A connection that cannot even roll back is the worse news of the two.
            undone.map_err(|_| Error::Storage(StorageFault::Unavailable))?;
            Err(error)
        }
    }
}

/// After a failed statement PostgreSQL answers COMMIT by a rollback that looks like success. When `work` has
/// overlooked the failure, the SELECT does not: it costs no trip of its own.
fn commit(connection: &mut PgConnection) -> Result<()> {
    connection.batch_execute("SELECT 1; COMMIT").map_err(|error| {
        // Often there is nothing left to roll back.
        let _ = AnsiTransactionManager::rollback_transaction(connection);
        error.into()
    })
}

fn postgres(connection: &mut Connection) -> Result<&mut PgConnection> {
    match connection {
        Connection::Postgres(connection) => Ok(connection),
        Connection::Sqlite(_) => Err(Error::Internal("a SQLite connection in PostgreSQL's pool".into())),
    }
}

/// Grows with the attempts; random, so that those who collided do not meet again.
fn pause(attempt: u32) -> Duration {
    let longest = (500_u64 << attempt.min(10)).min(LONGEST_PAUSE);
    let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
    Duration::from_micros(random % longest)
}

pub(crate) fn try_lock(connection: &mut PgConnection, name: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Bool)]
        taken: bool,
    }
    let query = sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken").bind::<Text, _>(name);
    Ok(query.get_result::<Taken>(connection)?.taken)
}

pub(crate) fn time_under(connection: &mut PgConnection, name: &str, exclusive: bool) -> Result<Timestamp> {
    #[derive(QueryableByName)]
    struct Read {
        #[diesel(sql_type = sql_types::Timestamp)]
        time: NaiveDateTime,
    }
    // The clock is read when the lock is there: OFFSET 0 keeps the two apart.
    let lock = if exclusive { "pg_advisory_xact_lock" } else { "pg_advisory_xact_lock_shared" };
    let query = format!(
        "SELECT clock_timestamp() AT TIME ZONE 'UTC' AS time \
         FROM (SELECT {lock}(hashtextextended($1, 0)) AS taken OFFSET 0) held WHERE held.taken IS NOT NULL"
    );
    Ok(sql_query(query).bind::<Text, _>(name).get_result::<Read>(connection)?.time.into())
}
