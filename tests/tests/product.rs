//! The product, tested from outside: one binary, so that it is linked once.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod authorization;
mod conformance;
mod deals;
mod durability;
mod facts;
mod frame;
mod identity;
mod partners;
mod programs;
mod protection;
mod tiers;
mod tour;
mod training;
