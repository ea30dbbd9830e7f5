//! What is counted for all servers together: how often somebody may do something.
//!
//! One row for each key holds the moment from which on it owes nothing (the generic cell rate algorithm). A request is
//! one statement and its own transaction, READ COMMITTED: it waits for another of the same key and sees its result, and
//! is never in the way of a serializable one. With SQLite there is one server, which counts in memory.

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool, Text},
};

use crate::{Connection, Database, Error, Result, pool, pool::Slot, transaction::leaves_doubt};

/// How much is allowed: a request each so many microseconds, after a burst.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Microseconds after which one more is allowed.
    pub pause: i64,
    /// How many are allowed at once.
    pub burst: u32,
}

/// What became of a request that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Whether it is within the allowance. If not, it has not been counted.
    pub admitted: bool,
    /// After how many microseconds the key owes nothing.
    pub owes: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Bool)]
    admitted: bool,
    #[diesel(sql_type = BigInt)]
    owes_until: i64,
}

/// $1 the key, $2 now, $3 the pause, $4 how much may be owed. The last line sees the row as it was before.
const COUNT: &str = "
    WITH counted AS (
        INSERT INTO rate_limits AS r (key, owes_until) VALUES ($1, $2 + $3)
        ON CONFLICT (key) DO UPDATE SET owes_until = greatest(r.owes_until, $2) + $3
            WHERE greatest(r.owes_until, $2) + $3 <= $2 + $4
        RETURNING owes_until
    )
    SELECT true AS admitted, owes_until FROM counted
    UNION ALL
    SELECT false, owes_until FROM rate_limits WHERE key = $1 AND NOT EXISTS (SELECT FROM counted)";

impl Database {
    /// Whether several servers may share the database, so that what is counted must be shared too.
    pub fn is_shared(&self) -> bool {
        !self.is_only_writer()
    }

    /// Counts a request for a key, for all servers together. Only where the database [is shared](Self::is_shared).
    ///
    /// # Errors
    /// The storage's.
    pub async fn count(&self, key: String, allowance: Allowance) -> Result<Count> {
        self.on_postgres(move |connection, now| {
            let longest = allowance.pause.saturating_mul(allowance.burst.into());
            let rows: Vec<Row> = sql_query(COUNT)
                .bind::<Text, _>(&key)
                .bind::<BigInt, _>(now)
                .bind::<BigInt, _>(allowance.pause)
                .bind::<BigInt, _>(longest)
                .load(connection)?;
            // No row: another server has just made it, and has used it up.
            let row = rows.first().map_or((false, now + longest), |row| (row.admitted, row.owes_until));
            Ok(Count { admitted: row.0, owes: row.1 - now })
        })
        .await
    }

    /// Forgets the keys that owe nothing any more; how many.
    ///
    /// # Errors
    /// The storage's.
    pub async fn forget_counts(&self) -> Result<usize> {
        if !self.is_shared() {
            return Ok(0);
        }
        self.on_postgres(|connection, now| {
            Ok(sql_query("DELETE FROM rate_limits WHERE owes_until < $1").bind::<BigInt, _>(now).execute(connection)?)
        })
        .await
    }

    /// Runs one statement as a transaction of its own.
    async fn on_postgres<T: Send + 'static>(
        &self,
        work: impl Fn(&mut PgConnection, i64) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let database = self.clone();
        let run = move || {
            let mut slot = pool::checkout(database.readers())?;
            let Slot { connection, broken } = &mut *slot;
            let Connection::Postgres(connection) = connection else {
                return Err(Error::Internal("nothing is counted in SQLite".into()));
            };
            let result = work(connection, database.clock().wall().as_micros());
            *broken = result.as_ref().is_err_and(leaves_doubt);
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| Error::Internal("the count did not come back".into()))?
    }
}
