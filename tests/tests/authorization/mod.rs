//! Nobody sees or changes what is not theirs: every operation of the document, by everybody.

mod assignment;
mod callers;
mod document;
mod escalation;
mod hidden;
mod leaks;
mod matrix;
mod oracles;
mod page;
mod queries;
pub mod rows;
mod timing;
mod told;
pub mod world;
