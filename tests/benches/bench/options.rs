//! What can be asked for by environment.

use std::{env, time::Duration};

/// How much is measured.
pub struct Options {
    /// How long each measurement takes, after it has warmed up.
    pub time: Duration,
    /// How many registrations are stored.
    pub rows: u64,
    /// How many callers there are at a time.
    pub connections: usize,
}

impl Options {
    /// `BENCH_SECONDS`, `BENCH_ROWS` and `BENCH_CONNECTIONS`, or what the goals speak of.
    pub fn from_environment() -> Self {
        let connections = number("BENCH_CONNECTIONS", 16);
        Self {
            time: Duration::from_secs(number("BENCH_SECONDS", 8).max(1)),
            rows: number("BENCH_ROWS", 200_000).max(1_000),
            connections: usize::try_from(connections).expect("BENCH_CONNECTIONS").clamp(1, 150),
        }
    }

    /// How many registrations are few: a tenth.
    pub fn few(&self) -> u64 {
        self.rows / 10
    }
}

fn number(name: &str, default: u64) -> u64 {
    let Ok(text) = env::var(name) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a whole number"))
}
