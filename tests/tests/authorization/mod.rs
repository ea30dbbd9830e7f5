//! Nobody sees or changes what is not theirs: every operation of the document, by everybody.

mod callers;
mod document;
mod matrix;
mod rows;
mod world;
