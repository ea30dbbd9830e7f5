//! The frame that every operation stands in, tried on the operations that belong to no domain.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod bodies;
mod document;
mod faults;
mod lists;
mod service;
mod support;
mod tokens;
mod wire;
mod writes;
