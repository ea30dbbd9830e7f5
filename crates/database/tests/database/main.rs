//! The database as the crates above it use it. One binary: it is linked once, and its tests run side by side.
//!
//! Needs a PostgreSQL server: `make test`, or `tests/with-postgres cargo test -p database`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[macro_use]
mod support;

mod answers;
mod apart;
mod atomicity;
mod busy;
mod cluster;
mod collisions;
mod disk;
mod migrations;
mod pool;
mod read_only;
mod restart;
mod snapshots;
mod specimen;
mod types;
