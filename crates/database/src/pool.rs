//! Pools of connections that are thrown away when in doubt.
//!
//! No ping at each checkout: a connection is marked broken by the error that broke it, which costs nothing.

use diesel::{Connection as _, PgConnection, SqliteConnection, connection::SimpleConnection};

use crate::{
    Connection, Error, Result, StorageFault,
    settings::{Durability, Settings, Target},
};

pub(crate) type Pool = r2d2::Pool<Manager>;

/// Opens connections for a pool.
#[derive(Debug)]
pub(crate) struct Manager {
    target: Target,
    role: SqliteRole,
    durability: Durability,
}

/// What a connection to SQLite is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SqliteRole {
    Reader,
    Writer,
}

/// A pooled connection.
pub(crate) struct Slot {
    pub connection: Connection,
    pub broken: bool,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Slot;
    type Error = diesel::ConnectionError;

    fn connect(&self) -> std::result::Result<Slot, Self::Error> {
        let connection = match &self.target {
            Target::Sqlite(path) => sqlite(path, self.role, self.durability)?,
            Target::Postgres(url) => postgres(url)?,
        };
        Ok(Slot { connection, broken: false })
    }

    fn is_valid(&self, _: &mut Slot) -> std::result::Result<(), Self::Error> {
        Ok(())
    }

    /// Work that panicked has left its transaction open.
    fn has_broken(&self, slot: &mut Slot) -> bool {
        slot.broken || std::thread::panicking()
    }
}

pub(crate) fn pool(settings: &Settings, target: &Target) -> Pool {
    r2d2::Pool::builder()
        .max_size(settings.connections)
        // With none, r2d2 would put nothing in the place of a broken connection, and who waits for it would wait in vain.
        .min_idle(Some(1))
        .connection_timeout(settings.checkout)
        .error_handler(Box::new(LogErrors))
        .test_on_check_out(false)
        .build_unchecked(Manager { target: target.clone(), role: SqliteRole::Reader, durability: settings.durability })
}

/// Takes a connection, waiting as long as the settings allow.
pub(crate) fn checkout(pool: &Pool) -> Result<r2d2::PooledConnection<Manager>> {
    pool.get().map_err(|_| Error::Storage(StorageFault::Unavailable))
}

/// Opens SQLite with the settings that everything here relies on.
pub(crate) fn sqlite(path: &str, role: SqliteRole, durability: Durability) -> diesel::ConnectionResult<Connection> {
    let mut connection = SqliteConnection::establish(path)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    // A reader must not try to change the journal mode: on a read-only disk that alone would fail. The writer, of which
    // there is one, keeps in memory what it changes again and again; it copies the log by itself only should nobody have
    // done so for it in 200 MB.
    let own = match role {
        SqliteRole::Reader => "PRAGMA query_only = ON; PRAGMA cache_size = -16384",
        SqliteRole::Writer => {
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 50000; PRAGMA cache_size = -262144"
        }
    };
    connection
        .batch_execute(&format!(
            "PRAGMA busy_timeout = 5000; {own}; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY"
        ))
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(Connection::Sqlite(connection))
}

fn postgres(url: &str) -> diesel::ConnectionResult<Connection> {
    let mut connection = PgConnection::establish(url)?;
    connection
        .batch_execute(
            "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
             SET idle_in_transaction_session_timeout = '60s'; SET default_transaction_isolation = 'read committed'",
        )
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(Connection::Postgres(connection))
}

#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<diesel::ConnectionError> for LogErrors {
    fn handle_error(&self, error: diesel::ConnectionError) {
        tracing::warn!(%error, "cannot connect to the database");
    }
}
