//! The language by example: every construct with its boundaries, the faults of books, and real programs.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may stop; clippy does not know their helpers for tests"
)]

mod check;
mod dates;
mod documented;
mod explain;
mod expressions;
mod money;
mod numbers;
mod programs;
mod properties;
mod rows;
mod rules;
mod schema;
mod scores;
mod support;
mod texts;
