//! The two ways into the database: a read of one snapshot, and a write that is all or nothing.

use std::{cell::Cell, sync::Arc};

use chrono::TimeDelta;
use diesel::connection::TransactionManager;
use kernel::{Clock, Id, Kind, Timestamp};

use crate::{
    Connection, Error, Migrations, Result, Settings,
    pool::{self, Pool, Slot},
    postgres,
    settings::Target,
    sqlite,
};

/// The database: clones share its connections.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

/// Who keeps account of savepoints.
type Manager = <Connection as diesel::Connection>::TransactionManager;

struct Inner {
    readers: Pool,
    writer: Writer,
    clock: Clock,
}

enum Writer {
    /// One thread that commits together what is queued.
    Sqlite(sqlite::Writer),
    /// Any number of serializable transactions.
    Postgres,
}

/// A running transaction: a connection, and the time at which it began.
pub struct Tx<'c> {
    connection: &'c mut Connection,
    now: Timestamp,
    wall: Timestamp,
    ids: Cell<i64>,
    repeated: bool,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(connection: &'c mut Connection, clock: &Clock) -> Self {
        Self { connection, now: clock.now(), wall: clock.wall(), ids: Cell::new(0), repeated: false }
    }

    /// The same work once more, after a collision.
    pub(crate) fn repeated(self, repeated: bool) -> Self {
        Self { repeated, ..self }
    }

    /// The connection, for Diesel.
    pub fn sql(&mut self) -> &mut Connection {
        self.connection
    }

    /// Business time: the same for everything that the transaction writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The machine's time, by which sessions and request limits are measured.
    pub fn wall(&self) -> Timestamp {
        self.wall
    }

    /// A new id. The ids of one transaction sort in the order in which they were made: each is a microsecond later
    /// than the one before, because the counter within an id begins anew after some thousands.
    pub fn id<K: Kind>(&self) -> Id<K> {
        let earlier = self.ids.replace(self.ids.get() + 1);
        Id::new(self.now + TimeDelta::microseconds(earlier))
    }

    /// Whether places in the event feed can be given at once: only where there is one writer.
    pub fn is_only_writer(&self) -> bool {
        matches!(self.connection, Connection::Sqlite(_))
    }

    /// Whether to look for what may be there before inserting it.
    ///
    /// On PostgreSQL a look at what is not there locks a whole page of the index against the others' inserts, so that
    /// transactions that have nothing to do with each other collide. The first attempt therefore goes by what was
    /// seen before the transaction and leaves it to a unique index to object; the repetition looks.
    pub fn looks_first(&self) -> bool {
        self.repeated || self.is_only_writer()
    }

    /// Takes a lock by name until the transaction ends, waiting for it, and then reads business time by the one clock that
    /// all servers share. Many can hold it shared, one alone exclusively; so who holds it exclusively knows that what was
    /// written by its time under the shared lock is committed, and all else will have a later time. SQLite's one writer
    /// needs no lock: its transactions follow each other.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn time_under(&mut self, name: &str, exclusive: bool) -> Result<Timestamp> {
        match self.connection {
            Connection::Sqlite(_) => Ok(self.now),
            Connection::Postgres(connection) => {
                let wall = postgres::time_under(connection, name, exclusive)?;
                Ok(wall + (self.now - self.wall))
            }
        }
    }

    /// Takes a lock by name until the transaction ends, without waiting. SQLite's one writer needs none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn try_lock(&mut self, name: &str) -> Result<bool> {
        match self.connection {
            Connection::Sqlite(_) => Ok(true),
            Connection::Postgres(connection) => postgres::try_lock(connection, name),
        }
    }

    /// Runs `work` so that what fails is undone alone. Only a refusal of the business leaves a transaction with which to
    /// go on: any other failure is the whole transaction's, and must not be swallowed.
    ///
    /// # Errors
    /// Those of `work`, or the storage's.
    pub fn savepoint<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        Manager::begin_transaction(self.connection)?;
        let result = work(self);
        match result {
            Ok(_) => Manager::commit_transaction(self.connection)?,
            Err(_) => Manager::rollback_transaction(self.connection)?,
        }
        result
    }

    /// Runs `work` and undoes it, to see what would come of it.
    ///
    /// # Errors
    /// Those of `work`, or the storage's.
    pub fn rehearse<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        Manager::begin_transaction(self.connection)?;
        let result = work(self);
        Manager::rollback_transaction(self.connection)?;
        result
    }
}

impl Database {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be opened or migrated; the text is for the operator.
    pub fn open(settings: &Settings, clock: Clock) -> std::result::Result<Self, String> {
        Migrations::of(settings)?.run()?;
        Self::attach(settings, clock)
    }

    /// Opens a database whose tables are up to date.
    ///
    /// # Errors
    /// When it cannot be opened; the text is for the operator.
    pub fn attach(settings: &Settings, clock: Clock) -> std::result::Result<Self, String> {
        let target = settings.target()?;
        let writer = match &target {
            Target::Sqlite(path) => Writer::Sqlite(sqlite::Writer::start(path, settings.durability, clock.clone())?),
            Target::Postgres(_) => Writer::Postgres,
        };
        Ok(Self { inner: Arc::new(Inner { readers: pool::pool(settings, &target), writer, clock }) })
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Whether this is the one program that writes: then nobody comes in between a look and a write.
    pub fn is_only_writer(&self) -> bool {
        matches!(self.inner.writer, Writer::Sqlite(_))
    }

    /// Where connections are taken from.
    pub(crate) fn readers(&self) -> &Pool {
        &self.inner.readers
    }

    /// Connections that exist and how many of them are idle.
    pub fn connections(&self) -> (u32, u32) {
        let state = self.inner.readers.state();
        (state.connections, state.idle_connections)
    }

    /// Runs `work` on one snapshot, on this thread.
    ///
    /// # Errors
    /// Those of `work`, or the storage's.
    pub fn read_blocking<T>(&self, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let mut slot = pool::checkout(&self.inner.readers)?;
        let Slot { connection, broken } = &mut *slot;
        let result = match connection {
            Connection::Sqlite(_) => sqlite::read(connection, &self.inner.clock, work),
            Connection::Postgres(_) => postgres::read(connection, &self.inner.clock, work),
        };
        *broken = result.as_ref().is_err_and(leaves_doubt);
        result
    }

    /// Runs `work` as one serializable transaction, on this thread. It may run several times, so it has no effect
    /// outside the database.
    ///
    /// # Errors
    /// Those of `work`, then nothing is changed; or the storage's.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.inner.writer {
            Writer::Sqlite(writer) => writer.submit(work).blocking_recv().map_err(|_| gone())?,
            Writer::Postgres => postgres::write(&self.inner.readers, &self.inner.clock, work),
        }
    }

    /// [`Self::read_blocking`] on the blocking pool.
    ///
    /// # Errors
    /// Those of `work`, or the storage's.
    pub async fn read<T: Send + 'static>(&self, work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static) -> Result<T> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.read_blocking(work)).await.map_err(|_| gone())?
    }

    /// [`Self::write_blocking`] without blocking the caller's thread.
    ///
    /// # Errors
    /// Those of `work`, then nothing is changed; or the storage's.
    pub async fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Result<T> + Send + 'static) -> Result<T> {
        if let Writer::Sqlite(writer) = &self.inner.writer {
            return writer.submit(work).await.map_err(|_| gone())?;
        }
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.write_blocking(work)).await.map_err(|_| gone())?
    }
}

/// After an error that is neither the business's nor a plain collision, nobody knows the connection's state.
pub(crate) fn leaves_doubt(error: &Error) -> bool {
    match error {
        Error::Domain(_) | Error::Internal(_) => false,
        Error::Sql(diesel::result::Error::NotFound) => false,
        other => !other.is_collision(),
    }
}

/// The work panicked: its thread said so in the log.
fn gone() -> Error {
    Error::Internal("the work on the database did not come back".into())
}
