//! Threads that do one thing again and again, and how long each time took.

use std::{
    sync::{Barrier, Mutex},
    thread,
    time::{Duration, Instant},
};

/// By how much the median of slices is better than one mean: a checkpoint or a neighbour spoils one slice, not it.
const SLICE: Duration = Duration::from_millis(250);

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// How many a second.
    pub per_second: f64,
    /// The median of that over slices of a quarter of a second.
    pub median_per_second: f64,
    /// The median time of one, in milliseconds.
    pub p50: f64,
    /// What 99 of 100 take at most, in milliseconds.
    pub p99: f64,
    /// How many were done.
    pub done: usize,
    /// How many of them came out otherwise than they should.
    pub otherwise: usize,
    /// How many were refused because there was too much at once; they count nowhere else.
    pub refused: usize,
}

/// What came of one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what is measured.
    Done,
    /// It did something else.
    Otherwise,
    /// It was refused, to be tried again later.
    Refused,
}

/// One turn: when it ended, since the measurement began, and how long it took.
#[derive(Clone, Copy)]
pub struct Turn {
    /// When it ended.
    pub ended: Duration,
    /// How long it took.
    pub took: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

/// Lets `threads` work for `time`, after as long to warm up: a server that has just begun has yet to read the pages that
/// it needs again and again, the more of them the more is stored. `worker` makes what a thread does in one turn.
pub fn drive<W: FnMut() -> Outcome>(threads: usize, time: Duration, worker: impl Fn(usize) -> W + Sync) -> Figures {
    let (ready, all) = (Barrier::new(threads), Mutex::new(Vec::new()));
    let warm_up = time;
    thread::scope(|scope| {
        for number in 0..threads {
            let (ready, all, worker) = (&ready, &all, &worker);
            scope.spawn(move || {
                let mut work = worker(number);
                ready.wait();
                let turns = turns(&mut work, warm_up, time);
                all.lock().expect("the lock").extend(turns);
            });
        }
    });
    Figures::of(all.into_inner().expect("the lock"), time)
}

fn turns(work: &mut impl FnMut() -> Outcome, warm_up: Duration, time: Duration) -> Vec<Turn> {
    let (began, mut turns) = (Instant::now(), Vec::with_capacity(1 << 16));
    loop {
        let start = began.elapsed();
        let outcome = work();
        let end = began.elapsed();
        if end >= warm_up + time {
            return turns;
        }
        if end >= warm_up {
            turns.push(Turn { ended: end - warm_up, took: end - start, outcome });
        }
    }
}

impl Figures {
    /// Sums up.
    pub fn of(mut turns: Vec<Turn>, time: Duration) -> Self {
        let all = turns.len();
        turns.retain(|turn| turn.outcome != Outcome::Refused);
        let mut slices = vec![0_u32; (time.as_millis() / SLICE.as_millis()).max(1) as usize];
        for turn in &turns {
            if let Some(slice) = slices.get_mut((turn.ended.as_micros() / SLICE.as_micros()) as usize) {
                *slice += 1;
            }
        }
        slices.sort_unstable();
        let mut took: Vec<f64> = turns.iter().map(|turn| turn.took.as_secs_f64() * 1e3).collect();
        took.sort_unstable_by(f64::total_cmp);
        let rank = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
        Self {
            per_second: turns.len() as f64 / time.as_secs_f64(),
            median_per_second: f64::from(slices[slices.len() / 2]) / SLICE.as_secs_f64(),
            p50: rank(0.5),
            p99: rank(0.99),
            done: turns.len(),
            otherwise: turns.iter().filter(|turn| turn.outcome == Outcome::Otherwise).count(),
            refused: all - turns.len(),
        }
    }
}
