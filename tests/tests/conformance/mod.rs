//! What all operations have in common, derived from the document: a new operation is swept from its first day.

mod operation;
mod sweep;
mod versions;
