//! Nobody sees or changes what is not theirs: every operation of the document, by everybody.

mod callers;
mod document;
mod hidden;
mod matrix;
mod queries;
mod rows;
mod told;
mod world;
