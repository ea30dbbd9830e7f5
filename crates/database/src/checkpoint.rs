//! Copies what SQLite's log has gathered into the file, beside the writer.
//!
//! A commit only appends to the log, but copying waits for the disk many times as long. So a thread with a connection
//! of its own copies while the writer goes on; what was appended meanwhile the writer copies itself, between two groups.
//! That is little, and after it the log begins anew.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
};

use diesel::connection::SimpleConnection;

use crate::{Connection, Result};

/// After how many writes the log is copied: some ten megabytes.
const EVERY: usize = 400;

/// Asks for copying when it is due. The thread ends when this is dropped.
pub(crate) struct Checkpointer {
    due: SyncSender<()>,
    copied: Arc<AtomicBool>,
    writes: usize,
}

impl Checkpointer {
    /// Starts the thread.
    pub(crate) fn start(
        open: impl Fn() -> diesel::ConnectionResult<Connection> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (due, asked) = mpsc::sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let done = copied.clone();
        thread::Builder::new().name("sqlite-copier".into()).spawn(move || serve(&open, &asked, &done))?;
        Ok(Self { due, copied, writes: 0 })
    }

    /// The writer has committed so many writes, and is between two groups.
    pub(crate) fn committed(&mut self, writes: usize, writer: &mut Connection) {
        self.writes += writes;
        if self.copied.swap(false, Ordering::Acquire) {
            self.writes = 0;
            report(copy(writer));
        } else if self.writes >= EVERY {
            // Full: it was asked already.
            let _ = self.due.try_send(());
        }
    }
}

fn serve(open: &impl Fn() -> diesel::ConnectionResult<Connection>, asked: &Receiver<()>, done: &AtomicBool) {
    while asked.recv().is_ok() {
        // Opened anew each time: what broke the last one, such as a full disk, may have passed.
        let copied = open().map_err(|error| error.to_string()).and_then(|mut connection| {
            // The second time copies what was appended during the first, and leaves the writer less.
            copy(&mut connection).and_then(|()| copy(&mut connection)).map_err(|error| error.to_string())
        });
        done.store(copied.is_ok(), Ordering::Release);
        report(copied);
    }
}

/// Copies all that no reader still reads around. Waits for nobody.
fn copy(connection: &mut Connection) -> Result<()> {
    Ok(connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
}

/// Nothing is lost: it stays in the log, and the next copy takes it along.
fn report<E: std::fmt::Display>(copied: std::result::Result<(), E>) {
    if let Err(error) = copied {
        tracing::warn!(%error, "SQLite's log could not be copied into its file");
    }
}
