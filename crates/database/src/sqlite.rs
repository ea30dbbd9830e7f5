//! Transactions on SQLite: many readers, and one writer that commits together what is queued.
//!
//! A commit costs an fsync, whoever shares it. So each queued write runs in a savepoint of its own inside one
//! transaction, and all are answered after the one commit. A write that fails is undone alone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{self, Receiver, SyncSender},
    thread,
    time::{Duration, Instant},
};

use diesel::{
    SqliteConnection,
    connection::{AnsiTransactionManager, TransactionManager},
};
use kernel::Clock;
use tokio::sync::oneshot;

use crate::{
    Connection, Error, Result, StorageFault, Tx,
    checkpoint::Checkpointer,
    pool::{self, SqliteRole},
    settings::Durability,
};

/// The most writes that share a commit.
const GROUP: usize = 256;
/// How long a group may take to run before it is committed.
const GROUP_TIME: Duration = Duration::from_millis(20);
/// How many writes may wait; more block their callers.
const QUEUE: usize = 4_096;

/// Where writes are queued.
pub(crate) struct Writer {
    queue: SyncSender<Box<dyn Job>>,
}

/// A queued write.
trait Job: Send {
    /// Runs the work; whether its effect is to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Forgets the result and says why instead.
    fn fail(&mut self, fault: StorageFault);
    /// Answers the caller.
    fn answer(self: Box<Self>);
    /// The storage's fault that stopped the work, if one did.
    fn fault(&self) -> Option<StorageFault>;
}

struct Write<T, F> {
    work: F,
    result: Result<T>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Tx) -> Result<T> + Send> Job for Write<T, F> {
    fn run(&mut self, tx: &mut Tx) -> bool {
        // What the work leaves half done is in the savepoint, which is undone.
        self.result = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)))
            .unwrap_or_else(|_| Err(Error::Internal("the write panicked".into())));
        self.result.is_ok()
    }

    fn fail(&mut self, fault: StorageFault) {
        self.result = Err(Error::Storage(fault));
    }

    fn answer(self: Box<Self>) {
        // A caller that has gone away needs no answer.
        let _ = self.caller.send(self.result);
    }

    fn fault(&self) -> Option<StorageFault> {
        self.result.as_ref().err().and_then(Error::storage_fault)
    }
}

impl Writer {
    /// Opens the writing connection and starts its thread, which ends when the last [`Writer`] is dropped.
    pub(crate) fn start(path: &str, durability: Durability, clock: Clock) -> std::result::Result<Self, String> {
        let path = path.to_owned();
        let open = move || pool::sqlite(&path, SqliteRole::Writer, durability);
        let connection = open().map_err(|error| error.to_string())?;
        let checkpointer = Checkpointer::start(open.clone()).map_err(|error| error.to_string())?;
        let (queue, jobs) = mpsc::sync_channel(QUEUE);
        let mut thread = WriterThread { connection, open, clock, checkpointer };
        thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || thread.serve(&jobs))
            .map_err(|error| error.to_string())?;
        Ok(Self { queue })
    }

    /// Queues a write; the answer comes after its commit.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx) -> Result<T> + Send + 'static,
    ) -> oneshot::Receiver<Result<T>> {
        let (caller, answer) = oneshot::channel();
        let result = Err(Error::Storage(StorageFault::Unavailable));
        // If the thread is gone the job is dropped, and with it the caller's sender: the receiver hears of it.
        let _ = self.queue.send(Box::new(Write { work, result, caller }));
        answer
    }
}

struct WriterThread<O> {
    connection: Connection,
    open: O,
    clock: Clock,
    checkpointer: Checkpointer,
}

impl<O: Fn() -> diesel::ConnectionResult<Connection>> WriterThread<O> {
    fn serve(&mut self, jobs: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = jobs.recv() {
            let mut group = vec![first];
            if let Err(error) = self.commit_together(&mut group, jobs) {
                self.recover(&mut group, jobs, &error);
            }
            metrics::histogram!("entente_sqlite_group_size").record(u32::try_from(group.len()).unwrap_or(u32::MAX));
            let writes = group.len();
            group.into_iter().for_each(|job| job.answer());
            self.checkpointer.committed(writes, &mut self.connection);
        }
    }

    /// Runs the group, and what is queued meanwhile, in one transaction. An error means that nothing was kept.
    fn commit_together(&mut self, group: &mut Vec<Box<dyn Job>>, jobs: &Receiver<Box<dyn Job>>) -> Result<()> {
        let started = Instant::now();
        begin(&mut self.connection)?;
        let mut next = group.pop();
        while let Some(job) = next.take() {
            group.push(job);
            if let Some(job) = group.last_mut() {
                self.savepoint(job)?;
            }
            if group.len() < GROUP && started.elapsed() < GROUP_TIME {
                next = jobs.try_recv().ok();
            }
        }
        commit(&mut self.connection)
    }

    /// Runs one write so that its failure undoes it alone. An error means that the whole transaction is lost.
    fn savepoint(&mut self, job: &mut Box<dyn Job>) -> Result<()> {
        AnsiTransactionManager::begin_transaction(sqlite(&mut self.connection)?)?;
        let keep = job.run(&mut Tx::new(&mut self.connection, &self.clock));
        if let Some(fault) = job.fault() {
            return Err(Error::Storage(fault));
        }
        let connection = sqlite(&mut self.connection)?;
        if keep {
            AnsiTransactionManager::commit_transaction(connection)?;
        } else {
            AnsiTransactionManager::rollback_transaction(connection)?;
        }
        Ok(())
    }

    /// After a fault that broke the shared transaction, each write gets its own, so that one's fault is one's own.
    fn recover(&mut self, group: &mut Vec<Box<dyn Job>>, jobs: &Receiver<Box<dyn Job>>, error: &Error) {
        tracing::error!(%error, writes = group.len(), "a commit failed; nothing of it was kept");
        self.reopen();
        if error.storage_fault() == Some(StorageFault::Busy) {
            // Another program holds the file. All that is queued has waited with the first: one after the other, the
            // last would wait many times as long.
            group.extend(jobs.try_iter());
            return group.iter_mut().for_each(|job| job.fail(StorageFault::Busy));
        }
        // Also one that was alone: the new connection may see that the fault has passed, or what it really is.
        for job in group {
            if let Err(error) = self.commit_alone(job) {
                job.fail(error.storage_fault().unwrap_or(StorageFault::Unavailable));
                self.reopen();
            }
        }
    }

    fn commit_alone(&mut self, job: &mut Box<dyn Job>) -> Result<()> {
        begin(&mut self.connection)?;
        self.savepoint(job)?;
        commit(&mut self.connection)
    }

    /// Nobody knows what is left of the transaction: a new connection knows nothing of it.
    fn reopen(&mut self) {
        match (self.open)() {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::error!(%error, "cannot reopen the database"),
        }
    }
}

/// One snapshot for several queries.
pub(crate) fn read<T>(
    connection: &mut Connection,
    clock: &Clock,
    work: impl FnOnce(&mut Tx) -> Result<T>,
) -> Result<T> {
    AnsiTransactionManager::begin_transaction_sql(sqlite(connection)?, "BEGIN DEFERRED")?;
    let result = work(&mut Tx::new(connection, clock));
    AnsiTransactionManager::rollback_transaction(sqlite(connection)?)?;
    result
}

fn begin(connection: &mut Connection) -> Result<()> {
    Ok(AnsiTransactionManager::begin_transaction_sql(sqlite(connection)?, "BEGIN IMMEDIATE")?)
}

fn commit(connection: &mut Connection) -> Result<()> {
    Ok(AnsiTransactionManager::commit_transaction(sqlite(connection)?)?)
}

fn sqlite(connection: &mut Connection) -> Result<&mut SqliteConnection> {
    match connection {
        Connection::Sqlite(connection) => Ok(connection),
        Connection::Postgres(_) => Err(Error::Internal("a PostgreSQL connection in SQLite's place".into())),
    }
}
