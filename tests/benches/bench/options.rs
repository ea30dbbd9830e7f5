//! What can be asked for by environment.

use std::{env, time::Duration};

use tests::Kind;

/// How much is measured.
pub struct Options {
    /// How long each measurement takes, after it has warmed up.
    pub time: Duration,
    /// How many registrations are stored.
    pub rows: u64,
    /// How many partners a run of tiers evaluates.
    pub partners: u64,
    /// How many callers there are at a time.
    pub connections: usize,
    /// The one database that is measured; without it both are.
    pub only: Option<Kind>,
    /// The one part that is measured; without it all are.
    part: Option<String>,
}

/// What can be measured alone.
const PARTS: [&str; 3] = ["deals", "tiers", "training"];

impl Options {
    /// `BENCH_SECONDS`, `BENCH_ROWS`, `BENCH_PARTNERS`, `BENCH_CONNECTIONS`, `BENCH_ONLY` (`sqlite`, `postgres`) and `BENCH_PART`
    /// (`deals`, `tiers`, `training`), or what the goals speak of.
    pub fn from_environment() -> Self {
        let connections = number("BENCH_CONNECTIONS", 16);
        Self {
            time: Duration::from_secs(number("BENCH_SECONDS", 8).max(1)),
            rows: number("BENCH_ROWS", 200_000).max(1_000),
            partners: number("BENCH_PARTNERS", 100_000).max(1),
            connections: usize::try_from(connections).expect("BENCH_CONNECTIONS").clamp(1, 150),
            only: env::var("BENCH_ONLY").ok().map(|text| match text.as_str() {
                "sqlite" => Kind::Sqlite,
                "postgres" => Kind::Postgres,
                _ => panic!("BENCH_ONLY={text} is neither sqlite nor postgres"),
            }),
            part: env::var("BENCH_PART").ok().inspect(|part| {
                assert!(PARTS.contains(&part.as_str()), "BENCH_PART={part} is none of {}", PARTS.join(", "));
            }),
        }
    }

    /// Whether this database is measured.
    pub fn measures(&self, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    /// Whether this part is measured.
    pub fn includes(&self, part: &str) -> bool {
        self.part.as_deref().is_none_or(|only| only == part)
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
