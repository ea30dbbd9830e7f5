//! Nobody sees or changes what is not theirs: every operation of the document, by everybody.

mod assignment;
mod callers;
mod document;
mod escalation;
mod hidden;
mod leaks;
mod matrix;
mod oracles;
mod queries;
mod rows;
mod told;
mod world;
