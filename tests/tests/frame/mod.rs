//! What all operations have in common, and the resources that have little besides.

mod accounts;
mod bodies;
mod docs;
mod document;
mod headers;
mod lists;
mod operation;
mod parameters;
mod partners;
mod programs;
mod repeated;
mod routes;
pub mod support;
mod tags;
mod traces;
mod transport;
