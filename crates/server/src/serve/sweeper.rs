//! What happens by itself, on every server: what the clock brings, and what is to be forgotten.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use database::{Database, Result};
use identity::Identity;

use super::tls::Certificate;

/// Under which name the sandbox's clock is remembered; `api` writes it.
const CLOCK: &str = "sandbox_clock_offset_micros";

/// How many rounds lie between two looks at what is to be forgotten.
const FORGET_EVERY: u64 = 60;

/// Whether the sweeper is still there: long work on another thread asks between its steps.
struct Going(Arc<AtomicBool>);

impl Drop for Going {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Sweeps until it is dropped.
pub struct Sweeper {
    pub database: Database,
    pub identity: Arc<Identity>,
    pub certificate: Option<Arc<Certificate>>,
    pub sandbox: bool,
    pub pause: Duration,
}

impl Sweeper {
    pub async fn run(self) {
        let going = Going(Arc::new(AtomicBool::new(true)));
        tokio::join!(self.rounds(&going.0), self.imports(&going.0));
    }

    /// Beside all else: a file may take minutes, which nothing that is due should wait for.
    async fn imports(&self, going: &Arc<AtomicBool>) {
        loop {
            tokio::time::sleep(self.pause).await;
            let (database, going) = (self.database.clone(), going.clone());
            let work = move || training::import::sweep(&database, &|| going.load(Ordering::Relaxed));
            if let Err(error) = tokio::task::spawn_blocking(work).await.unwrap_or(Ok(())) {
                tracing::warn!(%error, "an import did not come further");
            }
        }
    }

    async fn rounds(&self, going: &Arc<AtomicBool>) {
        for round in 0_u64.. {
            tokio::time::sleep(self.pause).await;
            if let Some(certificate) = self.certificate.clone() {
                // The files may lie on a disk that is slow to answer.
                let _ = tokio::task::spawn_blocking(move || certificate.reload()).await;
            }
            if let Err(error) = self.round(round, going).await {
                // Any server can do it, and this one will try again.
                tracing::warn!(%error, "a sweep failed");
            }
        }
    }

    async fn round(&self, round: u64, going: &Arc<AtomicBool>) -> Result<()> {
        if self.sandbox {
            let database = self.database.clone();
            tokio::task::spawn_blocking(move || restore_clock(&database)).await.unwrap_or(Ok(()))?;
        }
        while self.database.write(deal_registration::sweep::sweep).await? > 0 {}
        while self.database.write(training::sweep::sweep).await? > 0 {}
        // Readers do it too; but where nobody reads for long, the first should not find a year's work.
        if self.database.read(events::feed::has_unplaced).await? {
            while self.database.write(events::feed::give_places).await? {}
        }
        if self.database.read(partners::likeness::has_missing).await? {
            while self.database.write(partners::likeness::index_missing).await? > 0 {}
        }
        if round.is_multiple_of(FORGET_EVERY) {
            self.database.write(events::idempotency::forget_old).await?;
            self.database.write(identity::forget_expired).await?;
            self.database.forget_counts().await?;
        }
        let identity = self.identity.clone();
        tokio::task::spawn_blocking(move || identity.reload_keys()).await.unwrap_or(Ok(()))?;
        let (database, going) = (self.database.clone(), going.clone());
        let evaluate = move || tiers::sweep(&database, &|| going.load(Ordering::Relaxed));
        tokio::task::spawn_blocking(evaluate).await.unwrap_or(Ok(()))
    }
}

/// Moves the clock to where a sandbox left it, here or on another server.
pub fn restore_clock(database: &Database) -> Result<()> {
    let remembered = database.read_blocking(|tx| tx.remembered(CLOCK))?;
    if let Some(micros) = remembered.and_then(|text| text.parse().ok()) {
        database.clock().set_offset_micros(micros);
    }
    Ok(())
}
