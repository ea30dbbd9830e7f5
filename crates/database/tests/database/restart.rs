//! The PostgreSQL server goes away under load and comes back: no handle has to be opened again, and nothing that
//! was acknowledged is missing.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use database::{Database, Error, Settings, StorageFault};
use kernel::Clock;

use crate::{
    cluster::Cluster,
    support::{names, write_row},
};

const WRITERS: usize = 8;
const READERS: usize = 2;
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// What the load threads and the test tell each other.
#[derive(Default)]
struct Progress {
    over: AtomicBool,
    /// How many restarts are complete.
    restarts: AtomicUsize,
    /// Threads that succeeded since then, by restart.
    back: [AtomicUsize; 3],
    failures: AtomicUsize,
}

#[test]
fn a_restart_under_load() {
    let cluster = Cluster::start();
    let database = Database::open(&Settings::new(cluster.url()), Clock::default()).unwrap();
    let progress = Progress::default();
    let acknowledged: BTreeSet<String> = thread::scope(|scope| {
        // Whatever fails here must end the others, or the test would hang instead of failing.
        let _end = End(&progress.over);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (database, progress) = (&database, &progress);
                scope.spawn(move || {
                    let mut acknowledged = Vec::new();
                    let mut number = 0;
                    progress.load(|| {
                        number += 1;
                        let key = format!("{writer}-{number}");
                        write_row(database, &key, "").map(|()| acknowledged.push(key))
                    });
                    acknowledged
                })
            })
            .collect();
        for _ in 0..READERS {
            scope.spawn(|| progress.load(|| database.read_blocking(|_| Ok(()))));
        }
        progress.wait_for_all(0);
        for (restart, mode) in [(1, "fast"), (2, "immediate")] {
            thread::sleep(Duration::from_millis(300));
            cluster.restart(mode);
            progress.restarts.store(restart, SeqCst);
            progress.wait_for_all(restart);
        }
        progress.over.store(true, SeqCst);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert!(progress.failures.load(SeqCst) > 0, "nobody noticed the restarts: they tested nothing");
    // More may be there: the answer to a commit can be lost on the way.
    let stored: BTreeSet<String> = names(&database).into_iter().collect();
    let missing: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(
        missing.is_empty(),
        "{} of {} acknowledged writes are gone: {missing:?}",
        missing.len(),
        acknowledged.len()
    );
}

impl Progress {
    fn load(&self, mut work: impl FnMut() -> Result<(), Error>) {
        let mut succeeded_since = None;
        while !self.over.load(SeqCst) {
            let restarts = self.restarts.load(SeqCst);
            match work() {
                Ok(()) if succeeded_since != Some(restarts) => {
                    succeeded_since = Some(restarts);
                    self.back[restarts].fetch_add(1, SeqCst);
                }
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(error.storage_fault(), Some(StorageFault::Unavailable), "{error:?}");
                    self.failures.fetch_add(1, SeqCst);
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    fn wait_for_all(&self, restart: usize) {
        let started = Instant::now();
        while self.back[restart].load(SeqCst) < WRITERS + READERS {
            let back = self.back[restart].load(SeqCst);
            assert!(started.elapsed() < BACK_WITHIN, "after {BACK_WITHIN:?} only {back} threads succeed again");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}
