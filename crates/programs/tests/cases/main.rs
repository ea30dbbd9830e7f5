//! Case files: every published case with its outcome, the translation of readings by example, files that are no case files,
//! and the documents that the binary brings along.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may stop; clippy does not know their helpers for tests"
)]

mod documents;
mod malformed;
mod published;
mod readings;
mod support;
