//! What all operations have in common, derived from the document: a new operation is swept from its first day.

mod existing;
mod operation;
mod sweep;
